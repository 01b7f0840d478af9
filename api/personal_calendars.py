"""The calendar of one person behind the link of one device: `/calendars/personal/<token>.ics` (docs/decisions/0019).

One statement says whether the link opens, what it shows, and what vouches for that. Who has it already hears so without
any calendar being built.
"""

import hashlib
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from api.answers import has, keep, kept, not_modified, send
from api.calendar_addresses import Found
from api.calendar_answers import packed
from api.throttling import counted
from events import filters, ical
from events.agendas import following, personal
from events.agendas.following import Following
from events.errors import DomainError, NotFound
from events.models import LANGUAGES
from events.operations import subscribing

PREFIX = "/calendars/personal/"
ADDRESS = re.compile(r"/calendars/personal/(?P<token>[\w-]{10,80})\.ics")
SHAPE = 1  # raised with every change of how these calendars look, so that nobody keeps an old one
# What was sent is remembered in the database, which outlives the code and the zone rules that made it.
MARK = f"{SHAPE}.{ical.EDITION}-"
# By what they call themselves; the first that fits. Nothing else of the header is kept.
PROGRAMS = (
    ("Google-Calendar", "google"),
    ("Thunderbird", "thunderbird"),
    ("Evolution", "evolution"),
    ("vdirsyncer", "vdirsyncer"),
    ("ICSx5", "icsx5"),
    ("Nextcloud", "nextcloud"),
    ("Outlook", "outlook"),
    ("Microsoft", "outlook"),
    ("Exchange", "outlook"),
    ("CalendarAgent", "apple"),
    ("dataaccessd", "apple"),
    ("iOS/", "apple"),
    ("macOS/", "apple"),
    ("Akonadi", "kde"),
    ("KOrganizer", "kde"),
    ("Mozilla", "browser"),
)
HOUR = 3600


class TooManyFetches(DomainError):
    """This calendar was fetched more often within the hour than any program needs."""

    code = "throttled"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def respond(request: HttpRequest) -> HttpResponse:
    """The calendar, or a 304 for a program that has it. Raises NotFound, TooManyFetches, or FilterRefused."""
    link = _followed(request.path_info)
    _limit(request.path_info)
    query = QueryDict(request.META.get("QUERY_STRING", ""))
    filters.given(query, besides=["lang"], names=())
    language = query.get("lang", link.language)
    if language not in LANGUAGES:
        raise filters.FilterRefused({"lang": [_("Write ko or en.")]})
    is_own = language == link.language
    etag = link.sent_etag if is_own and link.is_unchanged else ""
    if etag.startswith(MARK) and has(request, etag):
        answer = not_modified(request, etag)
    else:
        key = f"{request.path_info}?lang={language}"
        built = kept(key, link.vouched) or keep(key, packed(_calendar(link, language), link.vouched, mark=MARK))
        answer, etag = send(request, built), built.etag if is_own else ""
    if request.method == "GET":
        subscribing.note_fetch(link=link, etag=etag, by=program(request), now=timezone.now())
    return answer


def program(request: HttpRequest) -> str:
    """Which kind of program asks, in a word."""
    said = request.META.get("HTTP_USER_AGENT", "").lower()
    return next((kind for sign, kind in PROGRAMS if sign.lower() in said), "other" if said else "")


def _followed(path: str) -> Following:
    found = ADDRESS.fullmatch(path)
    link = following.find(found["token"]) if found else None
    if link is None:
        raise NotFound(_("There is no such calendar."))
    return link


def _limit(path: str) -> None:
    """Approximate, like all limits of the API (RULES 15). The cache learns no token."""
    if settings.RATE_LIMITS:
        count, seconds = counted("calendar", hashlib.sha256(path.encode()).hexdigest()[:32], window=HOUR)
        if count > settings.CALLBOARD_LIMITS["calendar"]:
            raise TooManyFetches(_("This calendar is fetched too often."), retry_after=seconds)


def _calendar(link: Following, language: str) -> Found:
    with translation.override(language):
        frame = ical.Frame(
            name=_("My workshops"), description=_("What you are registered for; it follows every change."),
            source=None, language=language, url=f"{settings.CALLBOARD_URL}/{language}/my/",
        )  # fmt: skip
        feed = personal.feed(frame=frame, attendee=link.attendee, scope=link.scope, alarm_minutes=link.alarm_minutes)
    return Found(feed, "callboard", is_secret=True)
