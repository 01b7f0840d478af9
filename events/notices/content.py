"""What each claimed message is: its words, its calendar parts, its bytes; or that it is no longer so.

Everything is loaded for the whole batch first: a constant number of statements, and one for each waitlist position.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from events import calendars
from events.agendas import steps
from events.models import LIVE, Change, Delivery, Registration, Session, worded
from events.models.registration import is_erased
from events.notices import chances, invitations, letters, news, stops, switches, wording
from events.notices.invitations import Invitation
from events.notices.letters import Unmailable
from events.notices.moves import is_go, moves
from events.notices.news import Story
from events.operations import reminding, signing_in, waitlisting
from events.operations.signing_in import Recipient
from events.operations.switching import SWITCHED
from events.operations.waitlisting import MOVED_ON
from venues.models import Room

log = logging.getLogger(__name__)

Parts = tuple[wording.Words, Sequence[Invitation], str]  # words, calendar parts, ticket


@dataclass(slots=True)
class Written:
    """What came of writing a batch: bytes by delivery id, what is no longer so, what can or could not be mailed."""

    messages: dict[int, bytes] = field(default_factory=dict)
    superseded: list[Delivery] = field(default_factory=list)
    unmailable: list[Delivery] = field(default_factory=list)
    failed: list[tuple[Delivery, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Material:
    """All that the words of a batch need."""

    sessions: Mapping[int, list[Session]]  # of each event, in order of start
    stories: Mapping[int, list[tuple[Registration, Change]]]  # of each delivery about the schedule
    rooms: Mapping[str, Room]
    taken: Mapping[int, steps.Taken]  # what each registration adds to SEQUENCE, and where its person is by now
    recipients: Mapping[int, Recipient]  # of each chance to sign in whose address somebody has


def written(deliveries: Sequence[Delivery], *, now: datetime) -> Written:
    """Each message in bytes, unless it is out of date at `now`. What may be there already is not written anew.

    What cannot be loaded or written for one row is put off alone.
    """
    found = Written()
    try:
        material = _material(deliveries)
    except Exception as error:
        if len(deliveries) == 1:
            return _failed(deliveries[0], error, found)
        for delivery in deliveries:
            _add(found, written([delivery], now=now))
        return found
    for delivery in deliveries:
        try:
            _write(delivery, material, found, now)
        except Unmailable:
            found.unmailable.append(delivery)
        except Exception as error:
            _failed(delivery, error, found)
    return found


def _failed(delivery: Delivery, error: Exception, found: Written) -> Written:
    log.error("Message %s (%s) cannot be written.", delivery.uid, delivery.kind, exc_info=error)
    found.failed.append((delivery, type(error).__name__))
    return found


def _add(found: Written, more: Written) -> None:
    found.messages |= more.messages
    found.superseded += more.superseded
    found.unmailable += more.unmailable
    found.failed += more.failed


def message_id(delivery: Delivery) -> str:
    """The same for each attempt to send the same row, and no other: mail programs show it once."""
    host = settings.CALLBOARD_URL.partition("://")[2].partition(":")[0]
    return f"<{delivery.uid.hex}@{host}>"


def _write(delivery: Delivery, material: Material, found: Written, now: datetime) -> None:
    if not _is_so(delivery, material, now):
        found.superseded.append(delivery)
        return
    if delivery.message is not None:
        found.messages[delivery.pk] = bytes(delivery.message)
        return
    to, language = _recipient(delivery, material)
    with translation.override(language):
        words, parts, ticket = _parts(delivery, material)
    found.messages[delivery.pk] = letters.written(
        words, sender=_sender(delivery, language), to=to, language=language, message_id=message_id(delivery),
        at=delivery.created_at, invitations=parts, ticket=ticket,
    )  # fmt: skip


def _is_so(delivery: Delivery, material: Material, now: datetime) -> bool:
    """Whether what the message tells is still true, or a later one says what is."""
    registration = delivery.registration
    if registration is None:
        if delivery.webhook is not None:
            return stops.is_so(delivery.webhook)
        sign_in = delivery.sign_in
        if sign_in is None:
            return delivery.group is not None and not is_erased(delivery.group.email_key)
        return sign_in.used_at is None and sign_in.expires_at > now and sign_in.pk in material.recipients
    if registration.is_erased:
        return False
    if delivery.kind == "schedule.changed":
        return bool(material.stories.get(delivery.pk))  # in whichever of the events they still are
    if delivery.kind == "link":
        return registration.status in LIVE
    if delivery.kind == SWITCHED:
        return switches.is_so(delivery, status="confirmed")
    if delivery.kind == MOVED_ON:
        return switches.is_so(delivery, status="waitlisted")
    if delivery.kind == "reminder":
        return registration.status == "confirmed" and reminding.is_time(registration.event, now)
    if registration.status == "offered" and registration.offer_expires_at is not None:
        return delivery.kind == "registration.offered" and registration.offer_expires_at > now
    return delivery.kind == f"registration.{registration.status}"


def _recipient(delivery: Delivery, material: Material) -> tuple[str, str]:
    """Address and language."""
    if delivery.registration is not None:
        return delivery.registration.email, delivery.registration.language
    if delivery.sign_in is not None:
        found = material.recipients[delivery.sign_in.pk]
        return found.email, found.language
    if delivery.person is not None:
        return delivery.person.email, delivery.person.language
    assert delivery.group is not None, "a constraint holds that it goes to somebody"
    return delivery.group.email, delivery.group.language


def _sender(delivery: Delivery, language: str) -> str:
    """Whose event it is."""
    return worded(delivery.organization, "title", language) if delivery.organization is not None else ""


def _parts(delivery: Delivery, material: Material) -> Parts:
    if delivery.group is not None:
        return wording.group(delivery.group, people=delivery.group.registrations.count()), [], ""
    if delivery.sign_in is not None:
        return chances.words(delivery.sign_in), [], ""
    if delivery.webhook is not None:
        return stops.words(delivery.webhook), [], ""
    registration = delivery.registration
    assert registration is not None
    sessions = material.sessions.get(registration.event_id, [])
    taken = material.taken[registration.pk]
    if delivery.kind == "schedule.changed":
        return _changed(delivery, material)
    if delivery.kind == SWITCHED:
        parts = [
            *invitations.of(registration, sessions, sequence=taken.sequence),
            *switches.withdrawn(delivery, taken),
        ]
        return switches.words(registration), parts, registration.ticket
    if delivery.kind == "reminder":
        parts = invitations.of(registration, sessions, sequence=taken.sequence)
        return wording.reminder(registration), parts, registration.ticket
    if delivery.kind == "link":
        return wording.link(registration), [], ""
    was = str(delivery.change.before.get("status", "")) if delivery.change is not None else ""
    position = waitlisting.position(registration)
    is_moved = delivery.kind == MOVED_ON
    words = switches.waiting(registration, position) if is_moved else wording.news(registration, position=position)
    ticket = registration.ticket if registration.status == "confirmed" else ""
    parts = [*_told(registration, sessions, taken, was), *switches.withdrawn(delivery, taken)]
    return words, parts, ticket


def _told(
    registration: Registration, sessions: Sequence[Session], taken: steps.Taken, was: str
) -> Sequence[Invitation]:  # fmt: skip
    """Their entries; none of a registration that ended where they are back by another: it would take that one out."""
    if registration.status not in LIVE and registration.event_id in taken.live:
        return []
    return invitations.of(registration, sessions, sequence=taken.sequence, was=was)


def _changed(delivery: Delivery, material: Material) -> Parts:
    stories = [
        Story.of(registration, change, material.sessions.get(registration.event_id, []))
        for registration, change in material.stories[delivery.pk]
    ]
    parts = [
        part
        for story in stories
        for part in invitations.of(
            story.registration, story.touched, sequence=material.taken[story.registration.pk].sequence
        )
    ]
    return news.changed(stories, material.rooms), parts, ""


def _material(deliveries: Sequence[Delivery]) -> Material:
    stories = _stories([row for row in deliveries if row.kind == "schedule.changed" and row.change is not None])
    registrations = [row.registration for row in deliveries if row.registration is not None]
    registrations += [registration for told in stories.values() for registration, _change in told]
    events = {registration.event_id: registration.event for registration in registrations}
    groups = {row.group.event_id: row.group.event for row in deliveries if row.group is not None}
    sessions: dict[int, list[Session]] = {pk: [] for pk in {**events, **groups}}
    ids = Session.objects.filter(event__in=sessions).values_list("pk", flat=True)
    for session in calendars.for_rendering(ids) if sessions else []:
        sessions[session.event_id].append(session)
    for registration in registrations:
        _give(registration.event, sessions[registration.event_id])
    for row in deliveries:
        if row.group is not None:
            _give(row.group.event, sessions[row.group.event_id])
    rooms = {session.room.slug: session.room for shown in sessions.values() for session in shown if session.room}
    rooms |= _rooms(change for told in stories.values() for _row, change in told)
    sign_ins = [row.sign_in for row in deliveries if row.sign_in is not None]
    taken = steps.of(registrations) if registrations else {}
    return Material(sessions, stories, rooms, taken, signing_in.recipients(sign_ins=sign_ins))


def _give(event: object, sessions: list[Session]) -> None:
    """The event's sessions count as loaded with it."""
    event._prefetched_objects_cache = {"sessions": sessions}  # type: ignore[attr-defined]


def _stories(deliveries: Sequence[Delivery]) -> dict[int, list[tuple[Registration, Change]]]:
    """For each of them what its step changed for that person: one registration for each event."""
    if not deliveries:
        return {}
    versions = {row.change.version for row in deliveries if row.change is not None}
    alone = {row.change_id for row in deliveries}
    changes = list(
        Change.objects.filter(Q(version__in=versions - {None}) | Q(pk__in=alone))
        .filter(event__isnull=False, registration__isnull=True)
        .order_by("pk")
    )
    keys = {row.registration.email_key for row in deliveries if row.registration is not None}
    people: dict[tuple[str, int], Registration] = {
        (row.email_key, row.event_id): row
        for row in Registration.objects.live()
        .filter(email_key__in=keys, event__in={change.event_id for change in changes})
        .select_related("event__programme__organization")
        .order_by("-pk")
    }
    found = {}
    for row in deliveries:
        assert row.change is not None
        assert row.registration is not None
        step = [
            change
            for change in changes
            if change.pk == row.change_id or (change.version is not None and change.version == row.change.version)
        ]
        theirs = [(people.get((row.registration.email_key, change.event_id or 0)), change) for change in step]
        told = [(person, change) for person, change in theirs if person is not None]
        found[row.pk] = [pair for pair in told if moves(pair[1]) or is_go(pair[1])]
    return found


def _rooms(changes: Iterable[Change]) -> dict[str, Room]:
    slugs = {
        told.get("room")
        for change in changes
        for move in moves(change)
        for told in (move.before, move.after)
    } - {None}  # fmt: skip
    return {room.slug: room for room in Room.objects.filter(slug__in=slugs).select_related("venue")} if slugs else {}
