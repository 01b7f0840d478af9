"""Which sessions each calendar address holds, and what the calendar says of itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events import calendars, filters, ical
from events.agendas import personal, rooms
from events.errors import NotFound
from events.models import (
    ANONYMOUS,
    LANGUAGES,
    Alias,
    Campaign,
    Event,
    Organization,
    Programme,
    Registration,
    Session,
    Speaker,
    worded,
)
from events.models.tokens import opens, row_of
from venues.models import Room, Venue

PREFIX = "/calendars/"
T = TypeVar("T", Event, Programme, Venue, Organization, Campaign, Speaker, Room)


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar and how it is sent. Volatile: it depends on the clock, on seats or on one person."""

    feed: calendars.Feed
    filename: str
    disposition: Literal["inline", "attachment"] = "inline"
    is_volatile: bool = False
    is_secret: bool = False


def find(path: str, query: QueryDict) -> Found:
    """The calendar at this address. Raises NotFound, or FilterRefused naming the parameter."""
    for pattern, build in ROUTES:
        found = pattern.fullmatch(path)
        if found:
            language = query.get("lang", "ko")
            if language not in LANGUAGES:
                raise filters.FilterRefused({"lang": [_("Write ko or en.")]})
            with translation.override(language):
                return build(found["name"], query, language)
    raise NotFound(_("There is no such calendar."))


def _filtered(name: str, query: QueryDict, language: str) -> Found:
    """`sessions.ics`: everything public that the filters select."""
    return _public_feed(query, language, title="Callboard", kind="sessions", slug="sessions", path="sessions.ics")


def _of_event(slug: str, query: QueryDict, language: str) -> Found:
    """One event, unlisted ones by their exact slug; once public, then withdrawn: an empty calendar (RULES 2, 3)."""
    event = Event.objects.filter(slug=slug).select_related("programme").first() or _moved(Event, "event", slug)
    if event is None or not event.was_public:
        raise NotFound(_("There is no such calendar."))
    readable = event.status != "draft" and event.programme.is_public
    return _public_feed(
        query, language, title=worded(event, "title", language) if readable else "Callboard",
        kind="events", slug=event.slug, within=Session.objects.filter(event=event), listed=False,
        page=calendars.event_url(event.slug, language),
    )  # fmt: skip


def _of_programme(slug: str, query: QueryDict, language: str) -> Found:
    programme = Programme.objects.filter(slug=slug).first() or _moved(Programme, "programme", slug)
    if programme is None or not (programme.is_public or programme.events.filter(was_public=True).exists()):
        raise NotFound(_("There is no such calendar."))
    title = worded(programme, "title", language) if programme.is_public else "Callboard"
    return _public_feed(
        query, language, title=title, kind="programmes", slug=programme.slug,
        within=Session.objects.filter(event__programme=programme),
        page=f"{settings.CALLBOARD_URL}/{language}/programmes/{programme.slug}/",
    )  # fmt: skip


def _of_venue(slug: str, query: QueryDict, language: str) -> Found:
    venue = Venue.objects.filter(slug=slug).first() or _moved(Venue, "venue", slug)
    if venue is None:
        raise NotFound(_("There is no such calendar."))
    return _public_feed(
        query, language, title=worded(venue, "title", language), kind="venues", slug=venue.slug,
        within=Session.objects.filter(room__venue=venue),
        page=f"{settings.CALLBOARD_URL}/{language}/venues/{venue.slug}/",
    )  # fmt: skip


def _of_organization(slug: str, query: QueryDict, language: str) -> Found:
    """What the organization owns or is a partner in: the filter of the same name."""
    organization = Organization.objects.filter(slug=slug).first() or _moved(Organization, "organization", slug)
    if organization is None:
        raise NotFound(_("There is no such calendar."))
    own = filters.sessions(
        queryset=Session.objects.all(), query=QueryDict(f"organization={organization.slug}"),
        actor=ANONYMOUS, now=timezone.now(),
    )  # fmt: skip
    title = worded(organization, "title", language)
    return _public_feed(query, language, title=title, kind="organizations", slug=organization.slug, within=own)


def _of_campaign(slug: str, query: QueryDict, language: str) -> Found:
    campaign = Campaign.objects.filter(slug=slug).first() or _moved(Campaign, "campaign", slug)
    if campaign is None:
        raise NotFound(_("There is no such calendar."))
    return _public_feed(
        query, language, title=worded(campaign, "title", language), kind="campaigns", slug=campaign.slug,
        within=Session.objects.filter(event__programme__campaign=campaign),
    )  # fmt: skip


def _of_speaker(slug: str, query: QueryDict, language: str) -> Found:
    """The public sessions of one instructor, who is known once one of them is or was public."""
    speaker = Speaker.objects.filter(slug=slug).first() or _moved(Speaker, "speaker", slug)
    if speaker is None or not speaker.sessions.filter(was_public=True).exists():
        raise NotFound(_("There is no such calendar."))
    is_readable = Speaker.objects.readable().filter(pk=speaker.pk).exists()
    return _public_feed(
        query, language, title=worded(speaker, "name", language) if is_readable else "Callboard",
        kind="speakers", slug=speaker.slug, within=Session.objects.filter(speakers=speaker),
    )  # fmt: skip


def _of_room(name: str, query: QueryDict, language: str) -> Found:
    """All that a room is used for, behind the derived token of one member (docs/decisions/0019)."""
    filters.given(query, besides=["lang"], names=())
    slug, _slash, token = name.partition("/")
    usable = Room.objects.select_related("venue")
    room = usable.filter(slug=slug).first() or _moved(Room, "room", slug)
    member = rooms.member_of(token, room=room) if room is not None else None
    if room is None or member is None or not rooms.may_see(member, room):
        raise NotFound(_("There is no such calendar."))
    place = f"{worded(room, 'title', language)}, {worded(room.venue, 'title', language)}"
    frame = ical.Frame(
        name=_("Use of %(room)s") % {"room": place}, description="", source=None, language=language,
        url=f"{settings.CALLBOARD_URL}/{language}/venues/{room.venue.slug}/", timezone=room.venue.timezone,
    )  # fmt: skip
    found = rooms.feed(frame=frame, room=room, holder=member.organization.uid)
    return Found(found, room.slug, is_volatile=True, is_secret=True)


def _of_session(uid: str, query: QueryDict, language: str) -> Found:
    """One session to download: not a feed, so no calendar name (CALENDAR.md 1.1)."""
    filters.given(query, besides=["lang"], lenient=True)
    session = Session.objects.filter(uid=UUID(uid), was_public=True).select_related("event").first()
    if session is None:
        raise NotFound(_("There is no such calendar."))
    return Found(calendars.single(session=session, language=language), session.event.slug, disposition="attachment")


def _of_registration(token: str, query: QueryDict, language: str) -> Found:
    """What one registration leads to, behind its own derived token (RULES 11, 13)."""
    filters.given(query, besides=["lang"], names=())  # no filter: it would seem to narrow what it cannot
    registration = Registration.objects.filter(pk=row_of(token)).select_related("event").first()
    if registration is None or not opens(
        token, kind="registration-calendar", row_id=registration.pk, generation=registration.token_generation
    ):
        raise NotFound(_("There is no such calendar."))
    language = query.get("lang", registration.language)
    frame = ical.Frame(
        name=worded(registration.event, "title", language), description="", source=None, language=language,
        url=calendars.event_url(registration.event.slug, language), timezone=None,
    )  # fmt: skip
    with translation.override(language):
        found = personal.of_registration(frame=frame, registration=registration)
    return Found(found, registration.event.slug, is_volatile=True, is_secret=True)


def _public_feed(
    query: QueryDict, language: str, *, title: str, kind: str, slug: str, path: str = "",
    within: QuerySet[Session] | None = None, listed: bool = True, page: str = "",
) -> Found:  # fmt: skip
    asked = filters.given(query, besides=["lang"], lenient=True)
    address = path or f"{kind}/{slug}.ics"
    canonical = "&".join(f"{name}={quote(value, safe=',')}" for name, value in sorted(asked.items()))
    source = f"{settings.CALLBOARD_URL}{PREFIX}{address}?{canonical}{'&' if canonical else ''}lang={language}"
    frame = ical.Frame(
        name=title, description=_("Published by Callboard; it follows every change."), language=language,
        source=source, timezone=None, url=page or f"{settings.CALLBOARD_URL}/{language}/events/",
    )  # fmt: skip
    chosen = within
    if asked:
        chosen = filters.sessions(
            queryset=Session.objects.all() if within is None else within,
            query=query, actor=ANONYMOUS, now=timezone.now(), besides=["lang"], lenient=True,
        )  # fmt: skip
    found = calendars.feed(frame=frame, sessions=chosen, listed=listed)
    return Found(found, slug, is_volatile=filters.is_volatile(asked))


def _moved(model: type[T], kind: str, slug: str) -> T | None:
    """The thing that had this address once (RULES 6)."""
    target = Alias.objects.filter(kind=kind, slug=slug).values_list("target", flat=True).first()
    return model._default_manager.filter(uid=target).first() if target else None


Build = Callable[[str, QueryDict, str], Found]
ROUTES: list[tuple[re.Pattern[str], Build]] = [
    (re.compile(r"/calendars/(?P<name>sessions)\.ics"), _filtered),
    (re.compile(r"/calendars/events/(?P<name>[\w-]+)\.ics"), _of_event),
    (re.compile(r"/calendars/programmes/(?P<name>[\w-]+)\.ics"), _of_programme),
    (re.compile(r"/calendars/venues/(?P<name>[\w-]+)\.ics"), _of_venue),
    (re.compile(r"/calendars/speakers/(?P<name>[\w-]+)\.ics"), _of_speaker),
    (re.compile(r"/calendars/rooms/(?P<name>[\w-]{1,80}/[\w-]{10,80})\.ics"), _of_room),
    (re.compile(r"/calendars/organizations/(?P<name>[\w-]+)\.ics"), _of_organization),
    (re.compile(r"/calendars/campaigns/(?P<name>[\w-]+)\.ics"), _of_campaign),
    (
        re.compile(r"/calendars/sessions/(?P<name>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\.ics"),
        _of_session,
    ),
    (re.compile(r"/calendars/registrations/(?P<name>[\w-]{10,80})\.ics"), _of_registration),
]
