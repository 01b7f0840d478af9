"""Places in use: venues and rooms are opened, renamed and closed, and every calendar that shows them follows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from events import calendars, outbox
from events.models import Actor, Organization, Session
from events.operations import naming, publishing
from venues import availability, places
from venues.models import Closure, Room, Venue


def open_venue(*, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Venue:
    """A venue of the organization exists. `fields` are columns of Venue, slug optional."""
    values = dict(fields)
    with transaction.atomic():
        slug = _slug(Venue, "venue", values)
        return places.open_venue(slug=slug, owner=organization.uid, now=now, **values)


def open_room(*, venue: Venue, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Room:
    """A room of the venue exists. `fields` are columns of Room, slug optional."""
    values = dict(fields)
    with transaction.atomic():
        slug = _slug(Room, "room", values)
        return places.open_room(slug=slug, venue=venue, now=now, **values)


def amend_venue(
    *, venue: Venue, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime,
    expected_revision: int | None = None,
) -> Venue:  # fmt: skip
    """The venue has these values; its sessions are rendered anew. Locks the venue. Raises StaleRevision, SlugTaken."""
    with transaction.atomic():
        locked = Venue.objects.select_for_update().get(pk=venue.pk)
        publishing.check_revision(expected=expected_revision, actual=locked.revision)
        before = {name: _plain(getattr(locked, name)) for name in fields}
        if fields.get("slug", locked.slug) != locked.slug:
            naming.check_slug(model=Venue, slug=fields["slug"], kind="venue", but=locked.uid)
            naming.keep_alias(kind="venue", slug=locked.slug, target=locked.uid)
        places.amend(place=locked, fields=fields, now=now)
        _follow(Session.objects.filter(room__venue=locked), "venue", organization, before, fields, actor, now)
    return locked


def amend_room(
    *, room: Room, organization: Organization, fields: Mapping[str, Any], actor: Actor, now: datetime,
    expected_revision: int | None = None,
) -> Room:  # fmt: skip
    """The room has these values; sessions in it are rendered anew. Locks the room. Raises StaleRevision."""
    with transaction.atomic():
        locked = Room.objects.select_for_update(of=("self",)).select_related("venue").get(pk=room.pk)
        publishing.check_revision(expected=expected_revision, actual=locked.revision)
        before = {name: _plain(getattr(locked, name)) for name in fields}
        if fields.get("slug", locked.slug) != locked.slug:
            naming.check_slug(model=Room, slug=fields["slug"], kind="room", but=locked.uid)
        places.amend(place=locked, fields=fields, now=now)
        _follow(Session.objects.filter(room=locked), "room", organization, before, fields, actor, now)
    return locked


def close(
    *, venue: Venue, room: Room | None, starts_at: datetime, ends_at: datetime, reason_ko: str = "",
    reason_en: str = "", source_id: str = "",
) -> Closure:  # fmt: skip
    """The venue, or one room, takes no bookings during [starts_at, ends_at); what is booked stays."""
    with transaction.atomic():
        return availability.close(
            venue=venue, room=room, starts_at=starts_at, ends_at=ends_at,
            reason_ko=reason_ko, reason_en=reason_en, source_id=source_id,
        )  # fmt: skip


def _follow(
    sessions: Any, kind: str, organization: Organization, before: Mapping[str, Any], fields: Mapping[str, Any],
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    refreshed = calendars.refresh(session_ids=list(sessions.values_list("pk", flat=True)), now=now)
    version = outbox.raise_version()
    events = {session.event_id: session.event for session in refreshed.changed}
    outbox.stamp_version(version=version, events=events.values(), sessions=refreshed.changed)
    outbox.record_change(
        kind=f"{kind}.amended", actor=actor, now=now, organization_id=organization.pk,
        before=dict(before), after={name: _plain(value) for name, value in fields.items()}, version=version,
    )  # fmt: skip


def _slug(model: type[Venue] | type[Room], kind: str, values: dict[str, Any]) -> str:
    slug = values.pop("slug", "")
    if slug:
        return naming.check_slug(model=model, slug=slug, kind=kind)
    return naming.free_slug(model=model, title_en=values.get("title_en", ""), kind=kind)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else str(value)
