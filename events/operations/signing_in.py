"""Sign in without a password: a mailed code or link, used once, at the door of members or at that of attendees.

What is asked for costs the same whether anybody has the address: only the worker looks who that is (SAFETY 4.2).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError
from events.models import Attendee, Delivery, Group, Person, Registration, SignIn, email_key
from events.models.tokens import derive, derive_digits, opens, row_of
from events.operations import guessing
from events.operations.committing import all_or_nothing
from events.operations.subscribing import attendee_of

CODE_LIVES = timedelta(minutes=15)
LINK_LIVES = timedelta(days=1)
MOST_GUESSES = 5
MOST_MAILS = 5  # to one address, while a code lives
BROWSER = "attendee"  # where the session of a browser keeps as whom it is signed in, or was about to be
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SignInRefused(DomainError):
    """The code or link is wrong, used or too old. Says no more, on purpose."""

    code = "sign_in_refused"
    status = 403


def signed_in(*, kept: Mapping[str, Any], now: datetime) -> Attendee | None:
    """As whom a browser is signed in that keeps this under BROWSER, as long as its session lives; None for nobody.

    None also for somebody who was erased.
    """
    lives = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if "id" not in kept or now - datetime.fromisoformat(kept["since"]) >= lives:
        return None
    return Attendee.objects.filter(pk=kept["id"]).first()


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a mailed chance goes, and in which language."""

    email: str
    language: str


@all_or_nothing
def ask(*, door: str, email: str, now: datetime) -> None:
    """A chance for that address exists, and its mail is ordered; older codes are void. Whose it is, nobody asks here.

    Nothing where the text cannot be an address, or had `MOST_MAILS` in this quarter of an hour already.
    """
    try:
        key = email_key(email)
    except ValueError:
        return
    if not guessing.allowed(what="sign-in-mail", who=key, most=MOST_MAILS, every=CODE_LIVES, now=now):
        return
    row = chance(door=door, key=key, now=now, lives=CODE_LIVES)
    outbox.order([Delivery(channel="mail", lane="urgent", kind="sign_in", sign_in=row, created_at=now)])


@all_or_nothing
def chance(*, door: str, key: str, now: datetime, lives: timedelta = LINK_LIVES) -> SignIn:
    """One chance for the address with this `email_key` exists. Codes that were mailed before are void."""
    mailed = SignIn.objects.filter(expires_at__gt=now, expires_at__lte=now + CODE_LIVES)
    mailed.filter(door=door, email_key=key, used_at__isnull=True).update(expires_at=now)
    return SignIn.objects.create(door=door, email_key=key, created_at=now, expires_at=now + lives)


def code_of(row: SignIn) -> str:
    """The eight digits to type."""
    return derive_digits(kind=f"sign-in-code-{row.door}", row_id=row.pk, generation=_generation(row), digits=8)


def link_of(row: SignIn) -> str:
    """The secret part of the link."""
    return derive(kind=f"sign-in-{row.door}", row_id=row.pk, generation=_generation(row))


def member_by_code(*, email: str, code: str, now: datetime) -> Person:
    """The member whose newest code this is; the chance is used up. Every guess is counted first, in the database."""
    return _member(_by_code(door="organize", email=email, code=code, now=now))


def member_by_link(*, link: str, now: datetime) -> Person:
    """The member whose link this is; the chance is used up."""
    return _member(_by_link(door="organize", link=link, now=now))


def attendee_by_code(*, email: str, code: str, now: datetime) -> Attendee:
    """The attendee whose newest code this is; the chance is used up. Every guess is counted first, in the database."""
    return _attendee(_by_code(door="my", email=email, code=code, now=now))


def attendee_by_link(*, link: str, now: datetime) -> Attendee:
    """The attendee whose link this is; the chance is used up."""
    return _attendee(_by_link(door="my", link=link, now=now))


def recipients(*, sign_ins: Collection[SignIn]) -> dict[int, Recipient]:
    """Who is to be mailed, by the id of the chance; nobody for an address that nobody has. Three statements at most."""
    known = {
        "organize": _members({row.email_key for row in sign_ins if row.door == "organize"}),
        "my": _attendees({row.email_key for row in sign_ins if row.door == "my"}),
    }
    return {row.pk: known[row.door][row.email_key] for row in sign_ins if row.email_key in known[row.door]}


def forget_old(*, now: datetime) -> int:
    """Chances that ended more than a day ago are gone, and what is known of their mails; how many chances."""
    old = SignIn.objects.filter(expires_at__lt=now - LINK_LIVES)
    return old.delete()[1].get("events.SignIn", 0)


def _by_code(*, door: str, email: str, code: str, now: datetime) -> SignIn:
    try:
        key = email_key(email)
    except ValueError:
        key = ""
    rows = SignIn.objects.filter(door=door, email_key=key, used_at__isnull=True, expires_at__gt=now)
    latest = rows.order_by("-created_at", "-pk").values_list("pk", flat=True).first() if key else None
    row = _guessed(latest) if latest is not None else None
    if row is None or not constant_time_compare(code_of(row), code.strip()):
        raise _wrong_code()
    _use(row, now)
    return row


def _by_link(*, door: str, link: str, now: datetime) -> SignIn:
    pk = row_of(link)
    rows = SignIn.objects.filter(door=door, used_at__isnull=True, expires_at__gt=now)
    row = rows.filter(pk=pk).first() if pk is not None else None
    if row is None or not opens(link, kind=f"sign-in-{door}", row_id=row.pk, generation=_generation(row)):
        raise _wrong_link()
    _use(row, now)
    return row


def _guessed(pk: int) -> SignIn | None:
    """The chance, one guess counted; None when it has no guess left. Counted first, so parallel guesses all count."""
    if not SignIn.objects.filter(pk=pk, guesses__lt=MOST_GUESSES).update(guesses=F("guesses") + 1):
        return None
    return SignIn.objects.get(pk=pk)


def _use(row: SignIn, now: datetime) -> None:
    if not SignIn.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=now):
        raise _wrong_link()


def _member(row: SignIn) -> Person:
    person = Person.objects.filter(email_key=row.email_key, is_active=True).first()
    if person is None:
        raise _wrong_link()
    return person


def _attendee(row: SignIn) -> Attendee:
    if not _attendees({row.email_key}):
        raise _wrong_link()
    return attendee_of(key=row.email_key)


def _members(keys: Collection[str]) -> dict[str, Recipient]:
    rows = Person.objects.filter(email_key__in=keys, is_active=True) if keys else []
    return {row.email_key: Recipient(row.email, row.language) for row in rows}


def _attendees(keys: Collection[str]) -> dict[str, Recipient]:
    """Everybody who registered or booked for others; as they wrote their address last, in the language of then."""
    if not keys:
        return {}
    booked = Group.objects.filter(email_key__in=keys).order_by("pk").only("email", "email_key", "language")
    came = Registration.objects.filter(email_key__in=keys).order_by("pk").only("email", "email_key", "language")
    return {row.email_key: Recipient(row.email, row.language) for row in [*booked, *came]}


def _generation(row: SignIn) -> int:
    """When the row was made, in microseconds: a number that a restored database gives out again has other secrets."""
    return (row.created_at - EPOCH) // timedelta(microseconds=1)


def _wrong_code() -> SignInRefused:
    return SignInRefused(_("That code is wrong or too old. Ask for a new one."), field="code")


def _wrong_link() -> SignInRefused:
    return SignInRefused(_("This link was used already or is too old. Ask for a new one."))
