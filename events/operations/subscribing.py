"""Subscribing: the calendar links of one person, one for each device, and what each of them was last sent."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from events.agendas.following import KIND, Following
from events.errors import DomainError, Invalid, NotFound
from events.models import LANGUAGES, Attendee, CalendarLink, Member
from events.models.subscription import LONGEST_ALARM
from events.models.tokens import derive
from events.operations.committing import all_or_nothing
from events.operations.publishing import check_revision

MOST_LINKS = 20
LONGEST_NAME = 60
NOTED_EVERY = timedelta(minutes=1)
PATIENCE_MS = 100  # how long a reader waits so that its fetch can be noted
UNSENT = {"sent_version": 0, "sent_revision": 0, "sent_etag": ""}
logger = logging.getLogger(__name__)


class TooManyLinks(DomainError):
    """One person has as many links as devices can need."""

    code = "too_many_links"


def attendee_of(*, key: str) -> Attendee:
    """The person with this `email_key`, known from now on."""
    return Attendee.objects.get_or_create(email_key=key)[0]


def address_of(link: CalendarLink) -> str:
    """The path that this one device follows. Derived, so it can be shown again at any time (RULES 13)."""
    token = derive(kind=KIND, row_id=link.pk, generation=link.generation)
    return f"/calendars/personal/{token}.ics"


@all_or_nothing
def add_link(
    *, attendee: Attendee, name: str, now: datetime, scope: str = "all", alarm_minutes: int | None = None,
    language: str = "ko",
) -> CalendarLink:  # fmt: skip
    """The person has one link more. Locks the person. Raises Invalid, TooManyLinks, NotFound for who was erased."""
    fields = _checked({"name": name, "scope": scope, "alarm_minutes": alarm_minutes, "language": language})
    owner = Attendee.objects.select_for_update(no_key=True).filter(pk=attendee.pk).first()
    if owner is None:
        raise NotFound(_("There is no such person any more."))
    if owner.calendar_links.live().count() >= MOST_LINKS:
        raise TooManyLinks(_("You have %(most)d calendar links. Revoke one first.") % {"most": MOST_LINKS})
    return CalendarLink.objects.create(attendee=owner, created_at=now, updated_at=now, **fields)


@all_or_nothing
def amend_link(
    *, attendee: Attendee, uid: UUID, fields: Mapping[str, Any], now: datetime, expected_revision: int | None = None
) -> CalendarLink:
    """The link has another name, scope, alarm or language; its address stays. Locks the link.

    Raises NotFound for anybody else's link and for a revoked one, Invalid, StaleRevision.
    """
    link = _lock(attendee, uid)
    check_revision(expected=expected_revision, actual=link.revision)
    changed = {name: value for name, value in _checked(fields).items() if getattr(link, name) != value}
    if not changed:
        return link
    # What was sent last showed something else: nobody has the new one yet.
    is_shown = link.last_fetched_at is not None and changed.keys() != {"name"}
    return _write(link, now, changed | (UNSENT if is_shown else {}))


@all_or_nothing
def rotate(*, attendee: Attendee, uid: UUID, now: datetime) -> CalendarLink:
    """The link has a new address, and the old one opens nothing. Locks the link. Raises NotFound."""
    link = _lock(attendee, uid)
    fresh = {"last_fetched_at": None, "last_fetched_by": "", "sent_version": None, "sent_revision": None}
    return _write(link, now, {"generation": link.generation + 1, "sent_etag": "", **fresh})


@all_or_nothing
def revoke(*, attendee: Attendee, uid: UUID, now: datetime) -> None:
    """The link opens nothing any more; the person's others stay. Locks the link. Raises NotFound."""
    link = _lock(attendee, uid)
    _write(link, now, {"generation": link.generation + 1, "revoked_at": now})


def forget(*, attendee: Attendee) -> int:
    """None of the person's links exists any more, revoked ones included: part of an erasure. How many there were."""
    return CalendarLink.objects.filter(attendee=attendee).delete()[0]


def renew_room_calendars(*, member: Member) -> Member:
    """Every room's calendar has a new address for this member, and the old ones open nothing (events/agendas/rooms)."""
    Member.objects.filter(pk=member.pk).update(calendar_generation=F("calendar_generation") + 1)
    member.refresh_from_db(fields=["calendar_generation"])
    return member


def note_fetch(*, link: Following, etag: str, by: str, now: datetime) -> None:
    """The link knows that it was asked for, and what it was sent; at most once a minute while that is the same.

    The calendar is on its way already: a database that takes no writes, or is slow to, costs it nothing but this note.
    What a slower reader was sent before never replaces what a faster one has seen.
    """
    if link.is_unchanged and link.last_fetched_at is not None and now - link.last_fetched_at < NOTED_EVERY:
        return
    same = CalendarLink.objects.live().filter(pk=link.pk, generation=link.generation, revision=link.revision)
    not_newer = Q(sent_version__isnull=True) | Q(sent_version__lte=link.version, sent_revision__lte=link.own)
    try:
        with _impatiently():
            same.filter(not_newer).update(
                last_fetched_at=now, last_fetched_by=by, sent_version=link.version, sent_revision=link.own,
                sent_etag=etag,
            )  # fmt: skip
    except DatabaseError as error:
        logger.warning("A fetch of calendar link %s was not noted: %s", link.pk, type(error).__name__)


@contextmanager
def _impatiently() -> Iterator[None]:
    """A transaction that rather fails than waits for somebody else's."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
                yield
        finally:
            if connection.vendor == "sqlite":
                usual = connection.settings_dict["OPTIONS"]["timeout"]
                cursor.execute(f"PRAGMA busy_timeout = {int(usual * 1000)}")


def _lock(attendee: Attendee, uid: UUID) -> CalendarLink:
    found = attendee.calendar_links.live().select_for_update(no_key=True).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such calendar link."))
    return found


def _write(link: CalendarLink, now: datetime, changed: Mapping[str, Any]) -> CalendarLink:
    for name, value in changed.items():
        setattr(link, name, value)
    link.revision += 1
    link.updated_at = now
    link.save(update_fields=[*changed, "revision", "updated_at"])
    return link


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises Invalid, naming the field."""
    values = dict(fields)
    if "name" in values:
        values["name"] = " ".join(str(values["name"]).split())
        if not values["name"] or not values["name"].isprintable() or len(values["name"]) > LONGEST_NAME:
            raise Invalid(_("Name the device in 1 to %(most)d characters.") % {"most": LONGEST_NAME}, field="name")
    if values.get("scope", "all") not in CalendarLink.Scope.values:
        raise Invalid(_("Write confirmed or all."), field="scope")
    if values.get("language", "ko") not in LANGUAGES:
        raise Invalid(_("Write ko or en."), field="language")
    minutes = values.get("alarm_minutes")
    if minutes is not None and not (type(minutes) is int and 0 <= minutes <= LONGEST_ALARM):
        raise Invalid(_("Write a number of minutes, at most four weeks of them."), field="alarm_minutes")
    return values
