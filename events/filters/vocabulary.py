"""What each filter selects, of sessions and of events (RULES 16)."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import django_filters as df
from django.db.models import Model, Q
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from events import vacancies
from events.filters.values import ListFilter, MomentFilter, SinceFilter
from events.models import (
    Actor,
    Alias,
    Audience,
    Campaign,
    Change,
    Event,
    Organization,
    Partner,
    Programme,
    Series,
    Session,
    SessionSpeaker,
    Speaker,
    Topic,
)
from venues.models import Room, Venue

LANGUAGE_TAG = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
# How long a transaction may take from reading the clock to its commit: a time in updated_since reaches as far back.
OVERLAP = timedelta(minutes=1)
# What one session must meet by itself; the others are about its event.
ABOUT_SESSIONS = frozenset(
    {"venue", "room", "speaker", "q", "starts_after", "starts_before", "when", "cancelled", "online"}
)
YES_NO = [("true", "true"), ("false", "false")]


class Refusing(df.FilterSet):
    """Filters that collect what is wrong with their values, by name."""

    def __init__(self, data: Mapping[str, str], queryset: Any) -> None:
        super().__init__(data, queryset)
        self.refused: dict[str, list[str]] = {}

    def refuse(self, name: str, value: str) -> None:
        self.refused.setdefault(name, []).append(str(_("There is no “%(value)s”.") % {"value": value[:80]}))

    def known(self, name: str, model: type[Model], values: list[str], *, seen: Any = None) -> list[int]:
        """The ids behind slugs, old ones included. What may not be seen is refused like what does not exist."""
        among = model._default_manager.all() if seen is None else seen
        rows = dict(among.filter(slug__in=values).values_list("slug", "pk"))
        missing = [value for value in values if value not in rows]
        if missing:
            rows |= _behind_aliases(model, among, missing)
        for value in values:
            if value not in rows:
                self.refuse(name, value)
        return sorted(set(rows.values()))

    def choices(self, name: str, allowed: Collection[str], values: list[str]) -> list[str]:
        for value in values:
            if value not in allowed:
                self.refuse(name, value)
        return values


class Vocabulary(Refusing):
    """What both lists understand. `to_event` leads from the listed row to its event."""

    to_event = ""

    campaign = ListFilter(method="by_campaign")
    programme = ListFilter(method="by_programme")
    organization = ListFilter(method="by_organization")
    venue = ListFilter(method="by_venue")
    room = ListFilter(method="by_room")
    topic = ListFilter(method="by_topic")
    audience = ListFilter(method="by_audience")
    kind = ListFilter(method="by_kind")
    language = ListFilter(method="by_language")
    speaker = ListFilter(method="by_speaker")
    series = ListFilter(method="by_series")
    event = ListFilter(method="by_event")
    q = df.CharFilter(method="by_words", max_length=200)
    starts_after = MomentFilter(method="by_earliest_start")
    starts_before = MomentFilter(method="by_latest_start")
    when = df.ChoiceFilter(method="by_when", choices=[("upcoming", "upcoming"), ("past", "past")])
    status = ListFilter(method="by_status")
    cancelled = df.ChoiceFilter(method="by_cancelled", choices=[("hide", "hide")])
    has_seats = df.ChoiceFilter(method="by_seats", choices=YES_NO)
    online = df.ChoiceFilter(method="by_online", choices=YES_NO)
    updated_since = SinceFilter(method="by_update")

    def __init__(self, data: Mapping[str, str], queryset: Any, *, actor: Actor, now: datetime) -> None:
        super().__init__(data, queryset)
        self.actor = actor
        self.now = now
        self.about_session = Q()

    def about_event(self, queryset: Any, **conditions: Any) -> Any:
        """Narrow by a condition on the event."""
        return queryset.filter(**{f"{self.to_event}{name}": value for name, value in conditions.items()})

    def narrow(self, queryset: Any, condition: Q) -> Any:
        """Narrow by a condition on the session; events collect these for one Exists."""
        self.about_session &= condition
        return queryset

    def by_campaign(self, queryset: Any, name: str, values: list[str]) -> Any:
        return self.about_event(queryset, programme__campaign__in=self.known(name, Campaign, values))

    def by_programme(self, queryset: Any, name: str, values: list[str]) -> Any:
        once_public = Event.objects.filter(was_public=True).values("programme")
        seen = Programme.objects.filter(
            Q(pk__in=Programme.objects.visible_to(self.actor).values("pk")) | Q(pk__in=once_public)
        )
        return self.about_event(queryset, programme__in=self.known(name, Programme, values, seen=seen))

    def by_organization(self, queryset: Any, name: str, values: list[str]) -> Any:
        ids = self.known(name, Organization, values)
        programmes = Programme.objects.filter(
            Q(organization__in=ids) | Q(pk__in=Partner.objects.filter(organization__in=ids).values("programme"))
        )
        return self.about_event(queryset, programme__in=programmes.values("pk"))

    def by_venue(self, queryset: Any, name: str, values: list[str]) -> Any:
        return self.narrow(queryset, Q(room__venue__in=self.known(name, Venue, values)))

    def by_room(self, queryset: Any, name: str, values: list[str]) -> Any:
        return self.narrow(queryset, Q(room__in=self.known(name, Room, values)))

    def by_topic(self, queryset: Any, name: str, values: list[str]) -> Any:
        ids = self.known(name, Topic, values)
        topics = Topic.objects.filter(Q(pk__in=ids) | Q(parent__in=ids))
        tagged = Event.topics.through.objects.filter(topic__in=topics).values("event")
        return self.about_event(queryset, pk__in=tagged)

    def by_audience(self, queryset: Any, name: str, values: list[str]) -> Any:
        ids = self.known(name, Audience, values)
        return self.about_event(
            queryset, pk__in=Event.audiences.through.objects.filter(audience__in=ids).values("event")
        )

    def by_kind(self, queryset: Any, name: str, values: list[str]) -> Any:
        return self.about_event(queryset, kind__in=self.choices(name, Event.Kind.values, values))

    def by_language(self, queryset: Any, name: str, values: list[str]) -> Any:
        for value in values:
            if not LANGUAGE_TAG.fullmatch(value):
                self.refuse(name, value)
        return self.about_event(queryset, language__in=values)

    def by_speaker(self, queryset: Any, name: str, values: list[str]) -> Any:
        seen = Speaker.objects.readable_by(self.actor)
        billed = SessionSpeaker.objects.filter(speaker__in=self.known(name, Speaker, values, seen=seen))
        return self.narrow(queryset, Q(pk__in=billed.values("session")))

    def by_series(self, queryset: Any, name: str, values: list[str]) -> Any:
        seen = Series.objects.filter(programme__in=Programme.objects.visible_to(self.actor))
        return self.about_event(queryset, series__in=self.known(name, Series, values, seen=seen))

    def by_event(self, queryset: Any, name: str, values: list[str]) -> Any:
        once_public = Event.objects.filter(was_public=True, programme__is_public=True)
        seen = Event.objects.filter(Q(pk__in=Event.objects.readable_by(self.actor)) | Q(pk__in=once_public))
        return self.about_event(queryset, pk__in=self.known(name, Event, values, seen=seen))

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        """Every word stands somewhere in the texts of one session, its event's included, or in a speaker's name."""
        return self.narrow(queryset, Q(*(in_session(word) for word in value.split())))

    def by_earliest_start(self, queryset: Any, name: str, value: date | datetime) -> Any:
        return self.narrow(
            queryset, Q(starts_at__gte=value) if isinstance(value, datetime) else Q(starts_on__gte=value)
        )

    def by_latest_start(self, queryset: Any, name: str, value: date | datetime) -> Any:
        return self.narrow(
            queryset, Q(starts_at__lte=value) if isinstance(value, datetime) else Q(starts_on__lte=value)
        )

    def by_when(self, queryset: Any, name: str, value: str) -> Any:
        return self.narrow(queryset, Q(ends_at__gt=self.now) if value == "upcoming" else Q(ends_at__lte=self.now))

    def by_status(self, queryset: Any, name: str, values: list[str]) -> Any:
        raise NotImplementedError

    def by_cancelled(self, queryset: Any, name: str, value: str) -> Any:
        return self.narrow(queryset, ~Q(status="cancelled") & ~Q(event__status="cancelled"))

    def by_seats(self, queryset: Any, name: str, value: str) -> Any:
        """Seats for the audiences that are asked for beside it, else for anybody."""
        asked = self.form.cleaned_data["audience"]
        ids = list(Audience.objects.filter(slug__in=asked).values_list("pk", flat=True)) if asked else []
        free = Event.objects.filter(vacancies.with_seats(audiences=ids)).values("pk")
        key = f"{self.to_event}pk__in"
        return queryset.filter(**{key: free}) if value == "true" else queryset.exclude(**{key: free})

    def by_online(self, queryset: Any, name: str, value: str) -> Any:
        return self.narrow(queryset, Q(online=value == "true"))

    def by_update(self, queryset: Any, name: str, value: int | date | datetime) -> Any:
        since = value if isinstance(value, int) else _version_at(value)
        return queryset.filter(version__gt=since)


class SessionFilter(Vocabulary):
    """Filters of session lists and calendars."""

    to_event = "event__"

    def narrow(self, queryset: Any, condition: Q) -> Any:
        return queryset.filter(condition)

    def by_status(self, queryset: Any, name: str, values: list[str]) -> Any:
        return queryset.filter(status__in=self.choices(name, Session.Status.values, values))


class EventFilter(Vocabulary):
    """Filters of event lists: session conditions meet in one session that the actor may see."""

    words: Collection[str] = ()

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        self.words = value.split()
        return queryset

    def by_status(self, queryset: Any, name: str, values: list[str]) -> Any:
        return queryset.filter(status__in=self.choices(name, Event.Status.values, values))

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        if not self.about_session and not self.words:
            return queryset
        wanted = self.about_session & Q(*(in_session(word) for word in self.words))
        matching = Q(pk__in=Session.objects.visible_to(self.actor).filter(wanted).values("event"))
        if not self.about_session:  # only words: an event that has no session yet is found by its own
            matching |= Q(*(in_event(word) for word in self.words))
        return queryset.filter(matching)


def _behind_aliases(model: type[Model], among: Any, slugs: list[str]) -> dict[str, int]:
    """What had these addresses once (RULES 6)."""
    moved = dict(Alias.objects.filter(kind=model._meta.model_name, slug__in=slugs).values_list("slug", "target"))
    ids = dict(among.filter(uid__in=moved.values()).values_list("uid", "pk")) if moved else {}
    return {slug: ids[uid] for slug, uid in moved.items() if uid in ids}


def in_event(word: str, to_event: str = "") -> Q:
    texts = ("title_ko", "title_en", "summary_ko", "summary_en")
    return Q(*((f"{to_event}{text}__icontains", word) for text in texts), _connector=Q.OR)


def in_session(word: str) -> Q:
    named = Q(speaker__name_ko__icontains=word) | Q(speaker__name_en__icontains=word)
    speakers = SessionSpeaker.objects.filter(named).values("session")
    own = Q(title_ko__icontains=word) | Q(title_en__icontains=word) | Q(pk__in=speakers)
    return own | in_event(word, "event__")


def _version_at(since: date | datetime) -> int:
    """The last schedule version before `since`, less the overlap that late commits need (RULES 28)."""
    if not isinstance(since, datetime):
        since = datetime(since.year, since.month, since.day, tzinfo=clock.get_default_timezone())
    first = Change.objects.filter(version__isnull=False, at__gte=since - OVERLAP).order_by("version").first()
    if first is not None and first.version is not None:
        return first.version - 1
    last = Change.objects.filter(version__isnull=False).order_by("-version").first()
    return last.version or 0 if last else 0
