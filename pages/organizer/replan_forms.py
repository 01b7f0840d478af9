"""Forms of re-planning: one for each kind of move, and the words that carry a move out."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events.models import Event, Programme, Session, worded
from events.operations import replanning
from events.operations.moving import MOST_MINUTES, MOST_SESSIONS
from pages import clock
from pages.edits import title_of
from pages.organizer.submitting import DeskForm, MomentField
from venues.models import Room, Venue

LONGEST_NOTE = 2_000
OVERRIDES = {
    "room_closed": gettext_lazy("Use the rooms although they are closed then"),
    "speaker_clash": gettext_lazy("Let instructors be in two sessions at once"),
    "capacity": gettext_lazy("Fewer seats: nobody loses theirs, and nobody comes in until it is worked off"),
}


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"],
        error_messages={"required": gettext_lazy("Choose a day."), "invalid": gettext_lazy("Choose a day.")},
        **options,
    )  # fmt: skip


class MoveForm(DeskForm):
    """What is to move, and where to. `asked()` is what the domain takes."""

    kind: ClassVar[str] = ""

    def __init__(self, programme: Programme, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, auto_id="move-%s", zone=programme.timezone, initial=initial)
        self.programme = programme
        self.language = get_language() or "ko"
        self.furnish()

    def furnish(self) -> None:
        """The choices that depend on the programme."""

    def asked(self) -> replanning.Asked:
        raise NotImplementedError

    def offer_venues(self) -> None:
        venues = Venue.objects.filter(rooms__sessions__event__programme=self.programme).distinct()
        self.venues = {venue.slug: venue for venue in venues.order_by("title_ko", "title_en", "pk")}
        choices = [(slug, worded(venue, "title", self.language)) for slug, venue in self.venues.items()]
        self.fields["venue"].choices = [("", _("everywhere")), *choices]

    def chosen_venue(self) -> Venue | None:
        return self.venues.get(self.cleaned_data["venue"])


class RoomGoneForm(MoveForm):
    """A room cannot be used: its sessions go to another one, or have none."""

    kind = "room_gone"
    names: ClassVar[dict[str, str]] = {"room": "place", "venue": "place"}
    place = forms.ChoiceField(
        label=gettext_lazy("What is gone"), error_messages={"required": gettext_lazy("Choose a room or a venue.")}
    )
    starts_at = MomentField(
        label=gettext_lazy("Gone from"), error_messages={"required": gettext_lazy("Write a day and a time.")}
    )
    ends_at = MomentField(
        label=gettext_lazy("Gone until"), error_messages={"required": gettext_lazy("Write a day and a time.")}
    )
    to_room = forms.ChoiceField(label=gettext_lazy("Its sessions go to"), required=False)

    def furnish(self) -> None:
        used = Room.objects.filter(sessions__event__programme=self.programme).distinct()
        self.used = {f"room:{room.slug}": room for room in _in_order(used)}
        self.venues = {f"venue:{room.venue.slug}": room.venue for room in self.used.values()}
        usable = Room.objects.filter(venue__in=Venue.objects.usable_by(self.programme.organization.uid))
        self.usable = {room.slug: room for room in _in_order(usable)}
        named = {
            _("Rooms"): [(key, room_label(room, self.language)) for key, room in self.used.items()],
            _("Venues"): [(key, worded(venue, "title", self.language)) for key, venue in self.venues.items()],
        }
        self.fields["place"].choices = [("", _("Please choose")), *((k, v) for k, v in named.items() if v)]
        rooms = [(slug, room_label(room, self.language)) for slug, room in self.usable.items()]
        self.fields["to_room"].choices = [("", _("no room")), *rooms]

    def asked(self) -> replanning.RoomGone:
        said = self.cleaned_data
        return replanning.RoomGone(
            starts_at=said["starts_at"], ends_at=said["ends_at"], room=self.used.get(said["place"]),
            venue=self.venues.get(said["place"]), to_room=self.usable.get(said["to_room"]),
        )  # fmt: skip


class LaterForm(MoveForm):
    """Everything of a day, an event or a venue begins later, or earlier."""

    kind = "later"
    minutes = forms.IntegerField(
        label=gettext_lazy("So many minutes later"), min_value=-MOST_MINUTES, max_value=MOST_MINUTES,
        help_text=gettext_lazy("Fewer than 0: earlier."),
        error_messages={
            "required": gettext_lazy("Write a whole number."), "invalid": gettext_lazy("Write a whole number."),
            "min_value": gettext_lazy("Write at least %(limit_value)s."),
            "max_value": gettext_lazy("Write at most %(limit_value)s."),
        },
    )  # fmt: skip
    day = day_field(gettext_lazy("Of this day"), required=False, help_text=gettext_lazy("Empty: of every day."))
    event = forms.ChoiceField(label=gettext_lazy("Of this event"), required=False)
    venue = forms.ChoiceField(label=gettext_lazy("At this venue"), required=False)

    def furnish(self) -> None:
        self.offer_venues()
        events = Event.objects.filter(programme=self.programme).exclude(status="cancelled")
        self.events = {event.slug: event for event in events.order_by("first_starts_at", "pk")}
        choices = [(slug, worded(event, "title", self.language)) for slug, event in self.events.items()]
        self.fields["event"].choices = [("", _("all of them")), *choices]

    def asked(self) -> replanning.Later:
        said = self.cleaned_data
        event = self.events.get(said["event"])
        return replanning.Later(minutes=said["minutes"], day=said["day"], event=event, venue=self.chosen_venue())


class SwapForm(MoveForm):
    """Two sessions take each other's place."""

    kind = "swap"
    names: ClassVar[dict[str, str]] = {"sessions/0": "first", "sessions/1": "second", "times": "what"}
    first = forms.ChoiceField(
        label=gettext_lazy("This session"), error_messages={"required": gettext_lazy("Choose a session.")}
    )
    second = forms.ChoiceField(
        label=gettext_lazy("And this one"), error_messages={"required": gettext_lazy("Choose a session.")}
    )
    what = forms.ChoiceField(
        label=gettext_lazy("They swap"), widget=forms.RadioSelect, initial="both",
        choices=[
            ("both", gettext_lazy("times and rooms")), ("times", gettext_lazy("times")),
            ("rooms", gettext_lazy("rooms")),
        ],
    )  # fmt: skip

    def furnish(self) -> None:
        sessions = Session.objects.filter(event__programme=self.programme).exclude(status="cancelled")
        rows = sessions.exclude(event__status="cancelled").select_related("event").order_by("starts_at", "pk")
        choices = [("", _("Please choose")), *((str(row.uid), _session_label(row)) for row in rows[:MOST_SESSIONS])]
        self.fields["first"].choices = self.fields["second"].choices = choices

    def asked(self) -> replanning.Swap:
        said = self.cleaned_data
        return replanning.Swap(
            sessions=(UUID(said["first"]), UUID(said["second"])), times=said["what"] != "rooms",
            rooms=said["what"] != "times",
        )  # fmt: skip


class DayForm(MoveForm):
    """A whole day takes place on another one."""

    kind = "day"
    day = day_field(gettext_lazy("This day"))
    to_day = day_field(gettext_lazy("Moves to"))
    venue = forms.ChoiceField(label=gettext_lazy("At this venue"), required=False)

    def furnish(self) -> None:
        self.offer_venues()

    def asked(self) -> replanning.AnotherDay:
        said = self.cleaned_data
        return replanning.AnotherDay(day=said["day"], to_day=said["to_day"], venue=self.chosen_venue())


FORMS: dict[str, tuple[type[MoveForm], Any]] = {
    "later": (LaterForm, gettext_lazy("Later or earlier")),
    "room_gone": (RoomGoneForm, gettext_lazy("A room is gone")),
    "swap": (SwapForm, gettext_lazy("Swap two sessions")),
    "day": (DayForm, gettext_lazy("Move a day")),
}


class NotesForm(DeskForm):
    """What the public changelog says."""

    note_ko = forms.CharField(
        label=gettext_lazy("For the public, in Korean"), required=False, max_length=LONGEST_NOTE, strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    note_en = forms.CharField(
        label=gettext_lazy("For the public, in English"), required=False, max_length=LONGEST_NOTE, strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class CarryOutForm(NotesForm):
    """The preview that was looked at, and the refusals that are passed on purpose."""

    fingerprint = forms.CharField(max_length=200, widget=forms.HiddenInput)
    override = forms.MultipleChoiceField(
        label=gettext_lazy("On purpose"), choices=list(OVERRIDES.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, asks: list[str] | None = None, **options: Any) -> None:
        super().__init__(data, auto_id="carry-%s", **options)
        if asks is not None:
            self.fields["override"].choices = [(word, OVERRIDES[word]) for word in asks]

    def note(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in ("note_ko", "note_en")}


def room_label(room: Room, language: str) -> str:
    label = f"{worded(room, 'title', language)} ({worded(room.venue, 'title', language)})"
    if room.seats is None:
        return label
    return _("%(room)s, %(seats)d seats") % {"room": label, "seats": room.seats}


def _in_order(rooms: Any) -> Any:
    return rooms.select_related("venue").order_by("venue__title_ko", "venue__title_en", "venue", "position", "pk")


def _session_label(session: Session) -> str:
    times = clock.times(session)
    return f"{times.day} {times.starts}: {title_of(session)}"
