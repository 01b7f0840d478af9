"""Calendar links of one person, and whose calendar has an event."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from api.serializers.fields import Choice, Input
from api.serializers.shapes import in_utc, in_utc_or_none
from events.agendas import rooms
from events.models import LANGUAGES, CalendarLink, Event, Member
from events.models.subscription import LONGEST_ALARM
from events.operations import subscribing
from events.reports.reach import Reach
from venues.models import Room


class CalendarLinkChanges(Input):
    name = serializers.CharField(max_length=60, help_text="of the device, such as Phone")
    scope = Choice(CalendarLink.Scope.values, help_text="`all`: also what is not confirmed, as tentative")
    alarm_minutes = serializers.IntegerField(
        min_value=0, max_value=LONGEST_ALARM, allow_null=True, help_text="before each start; null: no alarm"
    )
    language = Choice(LANGUAGES)


class CalendarLinkInput(CalendarLinkChanges):
    scope = Choice(CalendarLink.Scope.values, required=False, help_text="`all` unless said")
    alarm_minutes = serializers.IntegerField(
        min_value=0, max_value=LONGEST_ALARM, allow_null=True, required=False, help_text="null, no alarm, unless said"
    )
    language = Choice(LANGUAGES, required=False, help_text="`ko` unless said")


class CalendarLinkOutput(serializers.Serializer[Any]):
    uid = serializers.UUIDField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(CalendarLink.Scope.values)
    alarm_minutes = serializers.IntegerField(allow_null=True)
    language = serializers.ChoiceField(LANGUAGES)
    calendar_url = serializers.URLField(allow_null=True, help_text="a secret; null once revoked")
    last_fetched_at = serializers.DateTimeField(allow_null=True)
    last_fetched_by = serializers.CharField(allow_blank=True, help_text="which kind of program")
    revision = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ReachOutput(serializers.Serializer[Any]):
    """Of the live registrations of an event, how many have it in a calendar as it is now."""

    event = serializers.SlugField()
    version = serializers.IntegerField(help_text="schedule version of the event's newest change")
    registrations = serializers.IntegerField(help_text="live ones: the sum of the next three")
    up_to_date = serializers.IntegerField(
        help_text="a link that shows it was fetched since event and registration changed"
    )
    stale = serializers.IntegerField(help_text="there are such links, and none was fetched since")
    without_link = serializers.IntegerField(help_text="no link shows it")


class RoomCalendarOutput(serializers.Serializer[Any]):
    """All that a room is used for, as you may see it; the address is a secret of yours alone."""

    room = serializers.SlugField()
    organization = serializers.SlugField()
    calendar_url = serializers.URLField()


class RenewedOutput(serializers.Serializer[Any]):
    organization = serializers.SlugField()


def room_calendar(member: Member, room: Room) -> dict[str, Any]:
    address = f"/calendars/rooms/{room.slug}/{rooms.token_of(member, room)}.ics"
    return {
        "room": room.slug,
        "organization": member.organization.slug,
        "calendar_url": f"{settings.CALLBOARD_URL}{address}",
    }


def link(row: CalendarLink) -> dict[str, Any]:
    return {
        "uid": str(row.uid),
        "name": row.name,
        "scope": row.scope,
        "alarm_minutes": row.alarm_minutes,
        "language": row.language,
        "calendar_url": None if row.revoked_at else f"{settings.CALLBOARD_URL}{subscribing.address_of(row)}",
        "last_fetched_at": in_utc_or_none(row.last_fetched_at),
        "last_fetched_by": row.last_fetched_by,
        "revision": row.revision,
        "created_at": in_utc(row.created_at),
        "updated_at": in_utc(row.updated_at),
    }


def reach(event: Event, found: Reach) -> dict[str, Any]:
    return {
        "event": event.slug,
        "version": found.version,
        "registrations": found.registrations,
        "up_to_date": found.up_to_date,
        "stale": found.stale,
        "without_link": found.without_link,
    }
