"""Plan: campaigns, programmes with their partners, series, topics, speakers and events come to be and change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count
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
    Registration,
    Series,
    Session,
    Speaker,
    Topic,
)
from events.operations import naming, noting, publishing, seating, waitlisting
from events.operations.committing import all_or_nothing

# What of an event decides how many seats there are.
CAPACITY = {"capacity", "capacity_override", "capacity_from_room"}
# What of a thing is in how events and sessions name it, and in which order, without being in any calendar text.
NAMING = {"slug", "position"}

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
    if isinstance(thing, Series):
        seating.lock(event_ids=list(_runs_of(thing)))  # nobody comes in while what bars whom changes
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
    if "allows_repeats" in fields:
        _follow_repeats(locked)
    if isinstance(locked, Programme) and locked.is_public:
        locked.events.filter(status="published", was_public=False).update(was_public=True)
    publishing.release_showing(
        sessions=_sessions_showing(locked), locked=events, kind=f"{locked._meta.model_name}.amended", actor=actor,
        organization_id=_organization_of(locked), now=now, before=before,
        after={name: _plain(value) for name, value in fields.items()},
        is_news=getattr(locked, "is_public", True), also=_entering_or_leaving(locked, before),
        events=_events_showing(locked), is_named_anew=bool(NAMING & fields.keys()),
    )  # fmt: skip
    return locked  # type: ignore[no-any-return]


@all_or_nothing
def create_event(
    *, programme: Programme, fields: Mapping[str, Any], topics: Sequence[Topic] = (),
    audiences: Sequence[Audience] = (), actor: Actor, now: datetime,
) -> Event:  # fmt: skip
    """A draft event of the programme exists, with its seat pool. `fields` are columns of Event."""
    noting.check(fields)
    values = dict(fields)
    slug = naming.take_slug(model=Event, values=values, prefix=values.get("kind", "workshop"))
    event = Event(programme=programme, slug=slug, created_at=now, updated_at=now, **values)
    _check(event)
    _check_day(event, values, now)
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
    """The event has these values; a published one takes effect at once, calendars and waitlist included.

    Locks the event, then the pools of its series. Raises StaleRevision, CapacityBelowTaken, CapacityBelowReserved,
    CapacityExceedsRoom, SlugTaken, HasRegistrations (another series), Invalid.
    """
    locked = publishing.lock(event=event, expected_revision=expected_revision)
    seating.lock(event_ids={*waitlisting.runs_of(locked), *_runs_of(fields.get("series"))})
    was_undecided = locked.is_undecided
    if "series" in fields:
        _refuse_if_live(locked, fields["series"])
    noting.check(fields)
    before = {name: _plain(getattr(locked, name)) for name in fields}
    naming.rename(thing=locked, slug=fields.get("slug", locked.slug), was_public=locked.was_public)
    for name, value in fields.items():
        setattr(locked, name, value)
    _check(locked)
    _check_day(locked, fields, now)
    if topics is not None:
        locked.topics.set(topics)
    if audiences is not None:
        locked.audiences.set(audiences)
    if CAPACITY & fields.keys():
        _follow_rooms(locked, over_commit=over_commit, now=now)
        seating.resize(event=locked, over_commit=over_commit, now=now)
    _follow_minimum(locked, was_undecided=was_undecided)
    publishing.touch(event=locked, now=now, fields=[*fields, "capacity"])
    waitlisting.refill(event_ids=[locked.pk], pools=seating.lock(event_ids=[locked.pk]), now=now)
    ids = list(locked.sessions.order_by("id").values_list("pk", flat=True))
    publishing.release(
        event=locked, session_ids=ids, kind="event.amended", actor=actor, now=now,
        before=before, after={name: _plain(value) for name, value in fields.items()},
        is_news=publishing.is_seen(locked),
    )  # fmt: skip
    return locked


def fit_to_rooms(*, event: Event, over_commit: bool = False, now: datetime) -> None:
    """The event's rooms hold it: its capacity is that of the smallest one, where it says so, and never more.

    CapacityExceedsRoom when the event seats more than its smallest room, unless that is overridden on purpose, with who
    would be over. A capacity that follows the rooms serves the waitlist; CapacityBelowTaken as in `seating.resize`. The
    event and the pools of its series are locked.
    """
    if _follow_rooms(event, over_commit=over_commit, now=now):
        pools = seating.lock(event_ids=[event.pk])
        waitlisting.refill(event_ids=[event.pk], pools=pools, now=now)


def _follow_rooms(event: Event, *, over_commit: bool, now: datetime) -> bool:
    """As `fit_to_rooms`, but nobody is served yet; whether the capacity is another one."""
    smallest, before = capacity.smallest_room(_seats_of_rooms(event)), event.capacity
    if event.capacity_from_room and smallest is not None and event.capacity != smallest:
        event.capacity = smallest
        event.save(update_fields=["capacity"])
        seating.resize(event=event, over_commit=over_commit, now=now)
    _refuse_more_than(event, smallest)
    return event.capacity != before


def _refuse_more_than(event: Event, smallest: int | None) -> None:
    if event.capacity_override:
        return
    if capacity.exceeds_room(capacity=event.capacity, room_seats=smallest):
        raise CapacityExceedsRoom(
            _("The smallest room holds %(room)d people, the capacity is %(capacity)d.")
            % {"room": smallest, "capacity": event.capacity},
            field="capacity", room_seats=smallest, capacity=event.capacity,
            over=seating.over(event=event, capacity=smallest or 0),
        )  # fmt: skip


def _seats_of_rooms(event: Event) -> Iterable[int | None]:
    sessions = event.sessions.exclude(status="cancelled").filter(room__isnull=False)
    return sessions.values_list("room__seats", flat=True)


def _follow_minimum(event: Event, *, was_undecided: bool) -> None:
    """Public sessions become tentative when an event has to be decided from now on, and confirmed when no longer."""
    if event.status == "published" and event.is_undecided != was_undecided:
        was, becomes = ("confirmed", "tentative") if event.is_undecided else ("tentative", "confirmed")
        event.sessions.filter(status=was).update(status=becomes)


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
    if isinstance(thing, Event) and thing.minimum is not None and thing.decides_at is None:
        raise Invalid(_("Say when it is decided whether enough people come."), field="decides_at")


def _check_day(event: Event, fields: Mapping[str, Any], now: datetime) -> None:
    """An event is decided in time to tell people, and not at the very moment when somebody sets the wrong year.

    Only where one of both is written: a session that moved to an earlier day does not stand in the way of a new title.
    """
    if not event.is_undecided or event.decides_at is None or not fields.keys() & {"minimum", "decides_at"}:
        return
    if event.decides_at <= now:
        raise Invalid(_("Choose a time that is still to come."), field="decides_at")
    if event.first_starts_at is not None and event.decides_at > event.first_starts_at:
        raise Invalid(_("Decide before the first session begins."), field="decides_at")


def _entering_or_leaving(thing: Any, before: Mapping[str, Any]) -> list[Event]:
    """The events that the public gets or loses with their programme; those without sessions too."""
    if not isinstance(thing, Programme) or before.get("is_public", thing.is_public) == thing.is_public:
        return []
    return list(thing.events.filter(was_public=True).exclude(status="draft").order_by("pk"))


def _runs_of(series: Series | None) -> Iterable[int]:
    return series.events.values_list("pk", flat=True) if series is not None else ()


def _refuse_if_live(event: Event, series: Series | None) -> None:
    """Who is registered was promised one seat in the series, and a place on its waitlist."""
    live = Registration.objects.live().filter(event=event).count() if event.series != series else 0
    if live:
        raise publishing.HasRegistrations(
            _("%(count)d people are registered: the event stays in its series.") % {"count": live}, field="series",
            count=live,
        )  # fmt: skip


def _follow_repeats(series: Series) -> None:
    """Live registrations bar others in the series, or no longer; Invalid while somebody is in several runs."""
    live = Registration.objects.live().filter(event__series=series)
    several = live.order_by().values("email_key").annotate(number=Count("pk")).filter(number__gt=1).count()
    if several and not series.allows_repeats:
        raise Invalid(
            _("%(count)d people are registered in several runs already.") % {"count": several}, field="allows_repeats"
        )
    live.update(series_once=None if series.allows_repeats else series)


def _events_showing(thing: Any) -> Any:
    match thing:
        case Programme():
            return Event.objects.filter(programme=thing)
        case Series():
            return Event.objects.filter(series=thing)
        case Topic():  # not joined: only events are to be locked
            return Event.objects.filter(pk__in=Event.topics.through.objects.filter(topic=thing).values("event"))
        case _:
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
