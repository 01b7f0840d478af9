"""Re-planning: one step over many sessions of a programme, previewed and then made."""

from typing import Any

from django.http import HttpResponse

from api.serializers import releases as releases_shapes
from api.serializers import replans as shapes
from api.views import references
from api.views.base import View
from api.views.releases import at_releases, found, previewed
from events import policies
from events.models import Programme
from events.models.actor import READING
from events.operations import replanning, scheduling
from venues.models import Room, Venue

ROOMS = Room.objects.select_related("venue")


class Preview(View):
    """What a move would do. Nothing is written."""

    output = shapes.PreviewOutput
    takes = shapes.ReplanPreviewInput()
    is_revised = False

    def post(self, request: Any, slug: str) -> HttpResponse:
        programme = planned_programme(self, slug)
        asked = asked_for(self.body(self.takes), programme)
        return self.one(shapes.preview(replanning.preview(programme=programme, asked=asked), self.language))


class Replan(View):
    """Moves many sessions in one step, with one version of the schedule; `releases/<uid>/undo/` takes it back."""

    output = releases_shapes.ReleaseOutput
    takes = shapes.ReplanInput()
    post_status = 201
    is_revised = False

    def post(self, request: Any, slug: str) -> HttpResponse:
        programme = planned_programme(self, slug)
        values = self.body(self.takes)
        asked = asked_for(values, programme)
        note = {name: values[name] for name in ("note_ko", "note_en") if name in values}

        def make() -> dict[str, Any]:
            with previewed(self.language):
                made = replanning.apply(
                    programme=programme, asked=asked, fingerprint=values["fingerprint"], note=note,
                    override=values.get("override", ()), actor=self.actor, now=self.now,
                )  # fmt: skip
            return found(self, made.uid)

        return at_releases(self.creating(make))


def planned_programme(view: View, slug: str) -> Programme:
    """The programme, if the actor edits it; for those who are no members of its organization there is none here."""
    rows = Programme.objects.select_related("organization")
    if not view.actor.is_operator:
        rows = rows.filter(organization__in=view.actor.organizations(READING))
    programme: Programme = view.found(rows, slug=slug)
    view.allow(policies.can_edit_programme(view.actor, programme))
    return programme


def asked_for(values: dict[str, Any], programme: Programme) -> replanning.Asked:
    """The move that a body means, with things in place of slugs."""
    venue = references.given(Venue.objects.all(), values, "venue").get("venue")
    match values["kind"]:
        case "room_gone":
            room = references.given(ROOMS, values, "room").get("room")
            usable = ROOMS.filter(venue__in=Venue.objects.usable_by(programme.organization.uid))
            place = room.venue if room is not None else venue
            moment = scheduling.block(
                starts=values["starts_at"], ends=values["ends_at"],
                timezone=place.timezone if place is not None else programme.timezone,
            )  # fmt: skip
            return replanning.RoomGone(
                starts_at=moment.starts_at, ends_at=moment.ends_at, room=room, venue=venue,
                to_room=references.given(usable, values, "to_room").get("to_room"),
            )  # fmt: skip
        case "later":
            event = references.given(programme.events.all(), values, "event").get("event")
            sessions = tuple(values.get("sessions", ()))
            return replanning.Later(
                minutes=values["minutes"], day=values.get("day"), event=event, venue=venue, sessions=sessions
            )
        case "swap":
            first, second = values["sessions"]
            return replanning.Swap(
                sessions=(first, second), times=values.get("times", True), rooms=values.get("rooms", True)
            )
        case _:
            return replanning.AnotherDay(day=values["day"], to_day=values["to_day"], venue=venue)
