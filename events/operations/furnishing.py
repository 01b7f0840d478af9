"""Furnish an import: the venues, rooms, speakers and topics that a draft names exist, found again or made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.models import Actor, Programme, Speaker, Topic
from events.operations import placing, planning
from events.operations.comparing import RoomKey, default_venue_source, find_rooms, find_venue, room_key
from events.operations.drafting import Draft, DraftRoom, DraftSpeaker, DraftTopic, column_language
from venues.models import Room, Venue


@dataclass(frozen=True, slots=True)
class Furniture:
    """What the steps of an import refer to: rooms by (venue, room), speakers by source id, topics by slug."""

    rooms: dict[RoomKey, Room]
    speakers: dict[str, Speaker]
    topics: dict[str, Topic]


def furnish(*, draft: Draft, programme: Programme, actor: Actor, now: datetime) -> Furniture:
    """Everything that the draft names exists. Each is a step of its own: what exists already is found next time."""
    when: dict[str, Any] = {"actor": actor, "now": now}
    return Furniture(
        _rooms(draft, programme, when), _speakers(draft, programme, when), _topics(_drafted_topics(draft), when)
    )


def _rooms(draft: Draft, programme: Programme, when: dict[str, Any]) -> dict[RoomKey, Room]:
    found = find_rooms(draft, programme)
    drafted = {(room.venue, room.name): room for room in draft.rooms}
    zones: dict[RoomKey, str] = {}
    for session in (session for entry in draft.entries for session in entry.sessions):
        if (key := room_key(session)) is not None:
            zones.setdefault(key, session.timezone)
    venues: dict[str, Venue] = {}
    for key, zone in zones.items():
        room = found.get(key)
        wanted = drafted.get(key, DraftRoom(key[1], key[0]))
        if room is None:
            if key[0] not in venues:
                venues[key[0]] = find_venue(key[0], programme) or _open_venue(key[0], zone, draft, programme, when)
            fields = {**_named("title", key[1]), "seats": wanted.seats, "source_id": wanted.source_id}
            found[key] = placing.open_room(venue=venues[key[0]], fields=fields, **when)
        elif wanted.source_id and room.source_id == wanted.source_id and key[1] not in (room.title_ko, room.title_en):
            fields = _named("title", key[1])
            found[key] = placing.amend_room(room=room, organization=programme.organization, fields=fields, **when)
    return found


def _open_venue(name: str, zone: str, draft: Draft, programme: Programme, when: dict[str, Any]) -> Venue:
    title = name or draft.title or str(programme)
    fields = _named("title", title[:200]) | {
        "timezone": zone,
        "source_id": "" if name else default_venue_source(programme),
    }
    return placing.open_venue(organization=programme.organization, fields=fields, **when)


def _speakers(draft: Draft, programme: Programme, when: dict[str, Any]) -> dict[str, Speaker]:
    wanted = _drafted_speakers(draft)
    known = Speaker.objects.filter(organization=programme.organization, source_id__in=list(wanted)).order_by("pk")
    found = {speaker.source_id: speaker for speaker in known}
    for source, drafted in wanted.items():
        fields = {**_named("name", drafted.name), **(_named("bio", drafted.bio) if drafted.bio else {})}
        if source not in found:
            fields["source_id"] = source
            found[source] = planning.create_speaker(organization=programme.organization, fields=fields, **when)
        elif any(getattr(found[source], name) != value for name, value in fields.items()):
            planning.amend(thing=found[source], fields=fields, **when)
    return found


def _topics(wanted: Iterable[DraftTopic], when: dict[str, Any]) -> dict[str, Topic]:
    names = {topic.slug: topic.name for topic in wanted}
    found = {topic.slug: topic for topic in Topic.objects.filter(slug__in=list(names)).order_by("pk")}
    for slug, name in names.items():
        if slug not in found:
            found[slug] = planning.create_topic(fields={"slug": slug, **_named("title", name)}, **when)
    return found


def _drafted_topics(draft: Draft) -> list[DraftTopic]:
    return [topic for entry in draft.entries for topic in entry.topics]


def _drafted_speakers(draft: Draft) -> dict[str, DraftSpeaker]:
    """Each speaker once; where sessions say different things of one, the first that says anything."""
    speakers: dict[str, DraftSpeaker] = {}
    for one in (one for entry in draft.entries for session in entry.sessions for one in session.speakers):
        known = speakers.get(one.source_id)
        if known is None or (one.bio and not known.bio):
            speakers[one.source_id] = one
    return speakers


def _named(column: str, text: str) -> dict[str, Any]:
    """The text under the column of its own language."""
    return {f"{column}_{column_language(text)}": text}
