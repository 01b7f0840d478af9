"""Plan: campaigns, programmes with their partners, series, topics, speakers and events come to be and change."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from events import capacity, outbox
from events.errors import DomainError, Invalid
from events.models import (
    Actor,
    Audience,
    Campaign,
    Event,
    Organization,
    Partner,
    Programme,
    Series,
    Session,
    Speaker,
    Topic,
)
from events.operations import naming, publishing, seating
from events.operations.committing import all_or_nothing

Planned = Campaign | Programme | Series | Topic | Speaker
Made = TypeVar("Made", Campaign, Programme, Series, Topic, Speaker)


class CapacityExceedsRoom(DomainError):
    """More seats than the smallest room of the event holds, and nobody said that this is on purpose."""

    code = "capacity_exceeds_room"


def create_campaign(*, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Campaign:
    """A campaign of the organization exists. `fields`: slug (optional), titles, summaries, dates, url."""
    return _create(Campaign, fields, actor, now, organization=organization)


@all_or_nothing
def create_programme(
    *, organization: Organization, fields: Mapping[str, Any], partners: Sequence[tuple[Organization, str]] = (),
    actor: Actor, now: datetime,
) -> Programme:  # fmt: skip
    """A programme of the organization exists, with its partners as (organization, role)."""
    programme = _create(Programme, fields, actor, now, organization=organization)
    _set_partners(programme, partners)
    return programme


def create_series(*, programme: Programme, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Series:
    return _create(Series, fields, actor, now, programme=programme)


def create_topic(*, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Topic:
    return _create(Topic, fields, actor, now)


@all_or_nothing
def create_audience(*, fields: Mapping[str, Any]) -> Audience:
    """An audience exists, which all organizations share."""
    values = dict(fields)
    slug = naming.take_slug(model=Audience, values=values)
    audience = Audience(slug=slug, **values)
    _check(audience)
    audience.save(force_insert=True)
    return audience


def create_speaker(*, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Speaker:
    return _create(Speaker, fields, actor, now, title="name", organization=organization)


@all_or_nothing
def amend(
    *, thing: Planned, fields: Mapping[str, Any], actor: Actor, now: datetime,
    partners: Sequence[tuple[Organization, str]] | None = None, expected_revision: int | None = None,
) -> Planned:  # fmt: skip
    """The thing has these values, and every calendar entry that shows them is rendered anew.

    Locks the events that show the thing, then the thing. Raises StaleRevision, SlugTaken, Invalid.
    """
    events = publishing.lock_all(events=_events_showing(thing))
    locked: Any = type(thing)._default_manager.select_for_update(no_key=True).get(pk=thing.pk)
    publishing.check_revision(expected=expected_revision, actual=locked.revision)
    before = {name: _plain(getattr(locked, name)) for name in fields}
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug))
    for name, value in fields.items():
        setattr(locked, name, value)
    _check(locked)
    locked.revision += 1
    locked.updated_at = now
    locked.save(update_fields=[*fields, "revision", "updated_at"])
    if partners is not None:
        _set_partners(locked, partners)
    if isinstance(locked, Programme) and locked.is_public:
        locked.events.filter(status="published", was_public=False).update(was_public=True)
    publishing.release_showing(
        sessions=_sessions_showing(locked), locked=events, kind=f"{locked._meta.model_name}.amended", actor=actor,
        organization_id=_organization_of(locked), now=now, before=before,
        after={name: _plain(value) for name, value in fields.items()},
        is_news=getattr(locked, "is_public", True), also=_entering_or_leaving(locked, before),
    )  # fmt: skip
    return locked  # type: ignore[no-any-return]


@all_or_nothing
def create_event(
    *, programme: Programme, fields: Mapping[str, Any], topics: Sequence[Topic] = (),
    audiences: Sequence[Audience] = (), actor: Actor, now: datetime,
) -> Event:  # fmt: skip
    """A draft event of the programme exists, with its seat pool. `fields` are columns of Event."""
    values = dict(fields)
    slug = naming.take_slug(model=Event, values=values, prefix=values.get("kind", "workshop"))
    event = Event(programme=programme, slug=slug, created_at=now, updated_at=now, **values)
    _check(event)
    event.save(force_insert=True)
    event.topics.set(topics)
    event.audiences.set(audiences)
    seating.open_pool(event=event, now=now)
    outbox.record_change(
        kind="event.created", actor=actor, now=now, organization_id=programme.organization_id, event=event,
        after={name: _plain(value) for name, value in values.items()},
    )  # fmt: skip
    return event


@all_or_nothing
def amend_event(
    *, event: Event, fields: Mapping[str, Any], topics: Sequence[Topic] | None = None,
    audiences: Sequence[Audience] | None = None, actor: Actor, now: datetime,
    over_commit: bool = False, expected_revision: int | None = None,
) -> Event:  # fmt: skip
    """The event has these values; a published one takes effect at once, calendars included.

    Locks the event, then its pool. Raises StaleRevision, CapacityBelowTaken, CapacityExceedsRoom, SlugTaken, Invalid.
    """
    locked = publishing.lock(event=event, expected_revision=expected_revision)
    before = {name: _plain(getattr(locked, name)) for name in fields}
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug), was_public=locked.was_public)
    for name, value in fields.items():
        setattr(locked, name, value)
    _check(locked)
    if topics is not None:
        locked.topics.set(topics)
    if audiences is not None:
        locked.audiences.set(audiences)
    if "capacity" in fields or "capacity_override" in fields:
        check_room_holds(event=locked)
        seating.resize(event=locked, over_commit=over_commit, now=now)
    publishing.touch(event=locked, now=now, fields=list(fields))
    ids = list(locked.sessions.order_by("id").values_list("pk", flat=True))
    publishing.release(
        event=locked, session_ids=ids, kind="event.amended", actor=actor, now=now,
        before=before, after={name: _plain(value) for name, value in fields.items()},
        is_news=publishing.is_seen(locked),
    )  # fmt: skip
    return locked


def check_room_holds(*, event: Event) -> None:
    """CapacityExceedsRoom when the event seats more than its smallest room, unless that is overridden on purpose."""
    if event.capacity_override:
        return
    seats = event.sessions.exclude(status="cancelled").filter(room__isnull=False).values_list("room__seats", flat=True)
    smallest = capacity.smallest_room(seats)
    if capacity.exceeds_room(capacity=event.capacity, room_seats=smallest):
        raise CapacityExceedsRoom(
            _("The smallest room holds %(room)d people, the capacity is %(capacity)d.")
            % {"room": smallest, "capacity": event.capacity},
            field="capacity", room_seats=smallest, capacity=event.capacity,
        )  # fmt: skip


@all_or_nothing
def _create(
    model: type[Made], fields: Mapping[str, Any], actor: Actor, now: datetime, *, title: str = "title", **owners: Any
) -> Made:
    values = dict(fields)
    slug = naming.take_slug(model=model, values=values, title=title)
    thing = model(slug=slug, updated_at=now, **owners, **values)
    _check(thing)
    thing.save(force_insert=True)
    return thing


def _set_partners(programme: Programme, partners: Sequence[tuple[Organization, str]]) -> None:
    programme.partners.all().delete()
    Partner.objects.bulk_create(
        Partner(programme=programme, organization=organization, role=role, position=position)
        for position, (organization, role) in enumerate(dict.fromkeys(partners))
    )


def _check(thing: Any) -> None:
    """Invalid in words for what the constraints would refuse in numbers."""
    title = "name" if isinstance(thing, Speaker) else "title"
    if not (getattr(thing, f"{title}_ko") or getattr(thing, f"{title}_en")):
        raise Invalid(_("It needs a name in Korean or in English."), field=f"{title}_ko")
    for first, last in (("starts_on", "ends_on"), ("registration_opens_at", "registration_closes_at")):
        begins, ends = getattr(thing, first, None), getattr(thing, last, None)
        if begins is not None and ends is not None and (begins > ends or (begins == ends and last.endswith("_at"))):
            raise Invalid(_("It ends after it begins."), field=last)


def _entering_or_leaving(thing: Any, before: Mapping[str, Any]) -> list[Event]:
    """The events that the public gets or loses with their programme; those without sessions too."""
    if not isinstance(thing, Programme) or before.get("is_public", thing.is_public) == thing.is_public:
        return []
    return list(thing.events.filter(was_public=True).exclude(status="draft").order_by("pk"))


def _events_showing(thing: Any) -> Any:
    if isinstance(thing, Programme):
        return Event.objects.filter(programme=thing)
    return Event.objects.filter(pk__in=_sessions_showing(thing).values("event"))


def _sessions_showing(thing: Any) -> Any:
    match thing:
        case Programme():
            return Session.objects.filter(event__programme=thing)
        case Topic():
            return Session.objects.filter(event__topics=thing)
        case Speaker():
            return Session.objects.filter(billing__speaker=thing)
        case _:
            return Session.objects.none()


def _organization_of(thing: Any) -> int | None:
    if isinstance(thing, Series):
        return thing.programme.organization_id
    return getattr(thing, "organization_id", None)


def _plain(value: Any) -> Any:
    """JSON-ready: dates and times as ISO 8601, things by their slug."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return getattr(value, "slug", value)
