"""What the filter form offers: the values that public events have, in the language of the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from events.models import (
    Audience,
    Campaign,
    Event,
    Organization,
    Programme,
    Series,
    Session,
    SessionSpeaker,
    Speaker,
    Topic,
    worded,
)
from pages import spoken
from pages.public.query import address
from venues.models import Room, Venue

SEVERAL = ("topic", "audience", "kind")
MOST_SPEAKERS = 200  # a longer list is no help: the search finds them by name


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter; `group` names what it stands under."""

    value: str
    label: str
    chosen: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One filter of the form, its choices and the value that the address has; `several`: more than one may be on."""

    name: str
    label: str
    value: str
    choices: Sequence[Choice]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on: what it says, and the address without it."""

    name: str
    value: str
    label: str
    words: str
    without: str


def fields(asked: dict[str, str]) -> list[Field]:
    """Every filter that is chosen from a list, in the order of the form. A constant number of queries."""
    options = {
        "topic": _topics(),
        "audience": _titled(Audience.objects.order_by("position", "pk")),
        "kind": [(value, capfirst(str(label)), "") for value, label in Event.Kind.choices],
        "language": _languages(),
        **_places(),
        "programme": _titled(Programme.objects.public().order_by("starts_on", "pk")),
        "campaign": _titled(Campaign.objects.filter(Exists(_programmes_of("campaign"))).order_by("pk")),
        "organization": _titled(_organizations()),
        "series": _titled(Series.objects.filter(Exists(_events_of("series"))).order_by("pk")),
        "speaker": _speakers(),
        "has_seats": [("true", _("Seats left"), ""), ("false", _("Full"), "")],
        "online": [("true", _("Online"), ""), ("false", _("On site"), "")],
        "cancelled": [("hide", _("Without cancelled ones"), "")],
        "status": [(v, capfirst(str(label)), "") for v, label in Event.Status.choices if v != Event.Status.DRAFT],
    }
    return [_field(name, str(LABELS[name]), asked.get(name, ""), found) for name, found in options.items()]


LABELS = {
    "topic": gettext_lazy("Topic"),
    "audience": gettext_lazy("For whom"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Spoken language"),
    "venue": gettext_lazy("Venue"),
    "room": gettext_lazy("Room"),
    "programme": gettext_lazy("Programme"),
    "campaign": gettext_lazy("Campaign"),
    "organization": gettext_lazy("Organization"),
    "series": gettext_lazy("Series"),
    "speaker": gettext_lazy("Instructor"),
    "has_seats": gettext_lazy("Seats"),
    "online": gettext_lazy("Place"),
    "cancelled": gettext_lazy("Cancelled ones"),
    "status": gettext_lazy("State"),
    "event": gettext_lazy("Event"),
    "q": gettext_lazy("Words"),
    "starts_after": gettext_lazy("From"),
    "starts_before": gettext_lazy("Until"),
    "when": gettext_lazy("When"),
    "updated_since": gettext_lazy("Changed since"),
}


def when(asked: dict[str, str]) -> list[Choice]:
    """What is coming, what has been, or both."""
    words = {"upcoming": _("Upcoming"), "past": _("Past"), "": _("All")}
    return [Choice(value, word, asked.get("when", "") == value) for value, word in words.items()]


def chips(path: str, asked: dict[str, str], offered: Iterable[Field]) -> list[Chip]:
    """The filters that are on, each with the address that lacks it."""
    words = {(field.name, choice.value): choice.label for field in offered for choice in field.choices}
    words |= {("when", "upcoming"): _("Upcoming"), ("when", "past"): _("Past")}
    return [
        Chip(
            name=name,
            value=value,
            label=str(LABELS[name]),
            words=", ".join(words.get((name, part), part) for part in value.split(",")) if name != "q" else value,
            without=address(path, {other: kept for other, kept in asked.items() if other != name}),
        )
        for name, value in asked.items()
    ]


def _field(name: str, label: str, value: str, found: Sequence[tuple[str, str, str]]) -> Field:
    """What the address asks for is always among the choices, so that sending the form again keeps it."""
    known = {slug: title for slug, title, _group in found}
    asked = [value] if value and name not in SEVERAL else [part for part in value.split(",") if part]
    absent = [one for one in asked if one not in known]
    missing = [(one, ", ".join(known.get(part, part) for part in one.split(",")), "") for one in absent]
    choices = [Choice(slug, title, slug in asked, group) for slug, title, group in [*found, *missing]]
    return Field(name, label, value, choices, several=name in SEVERAL)


def _titled(things: Iterable[Any]) -> list[tuple[str, str, str]]:
    language = get_language() or "ko"
    return [(thing.slug, worded(thing, "title", language), "") for thing in things]


def _topics() -> list[tuple[str, str, str]]:
    """Areas first, each followed by its topics."""
    language = get_language() or "ko"
    topics = list(Topic.objects.order_by("position", "pk"))
    titles = {topic.pk: worded(topic, "title", language) for topic in topics}
    areas = [topic for topic in topics if topic.parent_id is None]
    below = {area.pk: [topic for topic in topics if topic.parent_id == area.pk] for area in areas}
    return [
        (topic.slug, titles[topic.pk], titles[area.pk] if below[area.pk] else "")
        for area in areas
        for topic in [area, *below[area.pk]]
    ]


def _places() -> dict[str, list[tuple[str, str, str]]]:
    """Venues and rooms in which something public happens: one query for both."""
    language = get_language() or "ko"
    used = Session.objects.public().filter(room=OuterRef("pk"))
    rooms = list(
        Room.objects.filter(Exists(used)).select_related("venue").order_by("venue__title_ko", "venue", "position", "pk")
    )
    venues: dict[int, Venue] = {room.venue_id: room.venue for room in rooms}
    return {
        "venue": [(venue.slug, worded(venue, "title", language), "") for venue in venues.values()],
        "room": [(room.slug, worded(room, "title", language), worded(room.venue, "title", language)) for room in rooms],
    }


def _organizations() -> Any:
    public = Programme.objects.public()
    return Organization.objects.filter(
        Q(pk__in=public.values("organization")) | Q(pk__in=public.values("partners__organization"))
    ).order_by("title_ko", "title_en", "pk")


def _programmes_of(name: str) -> Any:
    return Programme.objects.public().filter(**{name: OuterRef("pk")})


def _events_of(name: str) -> Any:
    return Event.objects.public().filter(**{name: OuterRef("pk")})


def _languages() -> list[tuple[str, str, str]]:
    codes = Event.objects.public().order_by("language").values_list("language", flat=True).distinct()
    return [(code, spoken.name(code), "") for code in codes]


def _speakers() -> list[tuple[str, str, str]]:
    """By name, unless there are too many to choose from: then the database need not even sort them."""
    language = get_language() or "ko"
    heard = SessionSpeaker.objects.filter(session__in=Session.objects.public()).values("speaker")
    speakers = Speaker.objects.filter(pk__in=heard).only("slug", "name_ko", "name_en")[: MOST_SPEAKERS + 1]
    named = sorted((worded(speaker, "name", language), speaker.slug) for speaker in speakers)
    return [] if len(named) > MOST_SPEAKERS else [(slug, name, "") for name, slug in named]
