"""Inviting: codes that let people in, given out, found again, counted like seats, and revoked."""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from events import outbox
from events.errors import DomainError, Invalid
from events.models import Actor, Audience, Event, Invitation, SeatPool
from events.operations.committing import all_or_nothing

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0, O, 1, I and L, which are read for one another
GENERATED_LENGTH = 12  # of 31 letters: 59 bits
SHORTEST, LONGEST = 4, 40
LONGEST_LABEL = 100
MOST_CODES = 500
GREATEST = 2**31 - 1  # what the columns hold


class CodeTaken(DomainError):
    """The event has an invitation with this code, perhaps a revoked one."""

    code = "code_taken"


class CodeRequired(DomainError):
    """The event is by invitation, and there was no code that opens it. Says no more, on purpose."""

    code = "code_required"


@all_or_nothing
def invite(
    *, event: Event, actor: Actor, now: datetime, code: str = "", label: str = "", uses: int | None = 1,
    pool: SeatPool | None = None, audience: Audience | None = None, priority: int = 0,
    expires_at: datetime | None = None, number: int = 1,
) -> list[Invitation]:  # fmt: skip
    """`number` invitations exist: with this code, else each with a random one. `uses` None: as often as wanted.

    Locks nothing. Raises Invalid, CodeTaken. The Change says how many, never which codes.
    """
    _check_codes(code, number)
    chosen = normalise(code)
    terms = {"label": label, "uses": uses, "pool": pool, "audience": audience, "priority": priority}
    invitations = [
        Invitation(event=event, code=chosen or _random(), expires_at=expires_at, created_at=now, **terms)
        for _number in range(number)
    ]
    _check_terms(invitations[0], now)
    if chosen and event.invitations.filter(code=chosen).exists():
        raise CodeTaken(_("This event has that code already. Choose another one."), field="code")
    Invitation.objects.bulk_create(invitations)
    outbox.record_change(
        kind="invitations.created", actor=actor, now=now, organization_id=event.programme.organization_id, event=event,
        after={"number": number, "label": label},
    )  # fmt: skip
    return invitations


def find(*, event: Event, code: str, now: datetime) -> Invitation:
    """The invitation that this code opens the event with now, for at least one more person. CodeRequired otherwise.

    An unknown code is told from an expired, a revoked or a used one by nothing: guesses learn nothing.
    """
    wanted = normalise(code)
    if not wanted:
        raise CodeRequired(_("This event is by invitation: write your code."), field="code")
    found = _usable(times=1, now=now).filter(event=event, code=wanted).select_related("pool").first()
    if found is None:
        raise _refusal()
    return found


def use(*, invitation: Invitation, times: int = 1, now: datetime) -> None:
    """The invitation was used so many times more; CodeRequired when it has not as many uses left, or is over.

    Locks it until the commit: the conditional update decides, whatever was read before.
    """
    assert times > 0
    if not _usable(times=times, now=now).filter(pk=invitation.pk).update(used=F("used") + times):
        raise _refusal()


def give_back(*, ids: Mapping[int, int]) -> None:
    """Each of these invitations was used that many times less. Locks them in the order of their ids (RULES 9)."""
    for pk, times in sorted(ids.items()):
        Invitation.objects.filter(pk=pk).update(used=F("used") - times)


@all_or_nothing
def revoke(*, invitation: Invitation, actor: Actor, now: datetime) -> None:
    """The code opens nothing any more; registrations that it made stay. Repeating it changes nothing."""
    if not Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=now):
        return
    event = invitation.event
    outbox.record_change(
        kind="invitations.revoked", actor=actor, now=now, organization_id=event.programme.organization_id, event=event,
        after={"label": invitation.label, "invitation": str(invitation.uid)},
    )  # fmt: skip


def normalise(code: str) -> str:
    """What codes are compared by: NFKC, upper case, without spaces, hyphens and anything else that nobody sees."""
    upper = unicodedata.normalize("NFKC", code).upper()
    visible = (letter for letter in upper if not _is_passed_over(unicodedata.category(letter)))
    return unicodedata.normalize("NFKC", "".join(visible))


def spoken(code: str) -> str:
    """The stored code as it is shown and read aloud: K7QX-29FM-TRWP, and one that somebody chose as it is."""
    if len(code) != GENERATED_LENGTH or not set(code) <= set(ALPHABET):
        return code
    return "-".join(code[start : start + 4] for start in range(0, GENERATED_LENGTH, 4))


def _is_passed_over(category: str) -> bool:
    """Spaces (Z), controls and halves of characters (C), which databases refuse, and hyphens and dashes (Pd)."""
    return category[0] in "CZ" or category == "Pd"


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _letter in range(GENERATED_LENGTH))


def _usable(*, times: int, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        Q(uses__isnull=True) | Q(used__lte=F("uses") - times),
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        revoked_at__isnull=True,
    )


def _refusal() -> CodeRequired:
    return CodeRequired(_("This code does not open this event, or was used already."), field="code")


def _check_codes(code: str, number: int) -> None:
    if not 1 <= number <= MOST_CODES:
        raise Invalid(_("Make 1 to %(most)d codes at once.") % {"most": MOST_CODES}, field="number")
    if not code:
        return
    if number != 1:
        raise Invalid(_("A code of your own is one code."), field="number")
    is_plain = code.isprintable() and code == code.strip() and len(code) <= LONGEST
    if not is_plain or not SHORTEST <= len(normalise(code)) <= LONGEST:
        message = _("A code has %(least)d to %(most)d characters besides spaces and hyphens.")
        raise Invalid(message % {"least": SHORTEST, "most": LONGEST}, field="code")


def _check_terms(asked: Invitation, now: datetime) -> None:
    if len(asked.label) > LONGEST_LABEL or not asked.label.isprintable():
        raise Invalid(_("A label is one line of at most %(most)d characters.") % {"most": LONGEST_LABEL}, field="label")
    if asked.uses is not None and not 1 <= asked.uses <= GREATEST:
        raise Invalid(_("Write how many people may use it, from 1 up, or nothing for any number."), field="uses")
    if asked.pool and (asked.pool.event_id != asked.event_id or asked.pool.kind != SeatPool.Kind.ALLOTMENT):
        raise Invalid(_("Choose one of the allotments of this event."), field="pool")
    if not -GREATEST <= asked.priority <= GREATEST:
        raise Invalid(_("This priority is out of range."), field="priority")
    if asked.expires_at is not None and asked.expires_at <= now:
        raise Invalid(_("Choose a time that is still to come."), field="expires_at")
