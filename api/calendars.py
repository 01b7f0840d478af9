"""Calendars over HTTP: plain answers ahead of session, authentication and locale middleware (RULES 21, 25)."""

import gzip
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.http import http_date, parse_etags
from django.utils.translation import gettext as _

from events import calendars, filters, ical, outbox
from events.errors import DomainError, NotFound
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
    worded,
)
from events.models.tokens import opens, row_of
from venues.models import Venue

PREFIX = "/calendars/"
T = TypeVar("T", Event, Programme, Venue, Organization)
KEPT_BYTES = 48 * 1024 * 1024
LONGEST_KEY = 2_000
PUBLIC = "public, max-age=60"
PRIVATE = "private, no-cache"


@dataclass(slots=True)
class Answer:
    """One calendar as it is sent. `version` vouches for it; None: it must be built anew each time."""

    body: bytes
    etag: str
    headers: dict[str, str]
    version: int | None = None
    zipped: bytes | None = None

    def gzip(self) -> bytes:
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, compresslevel=1, mtime=0)
        return self.zipped


@dataclass(slots=True)
class Shelf:
    """The answers of this process, the least recently used dropped first. Nothing true lives only here."""

    answers: "OrderedDict[str, Answer]" = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Answer | None:
        with self.lock:
            answer = self.answers.get(key)
            if answer is not None:
                self.answers.move_to_end(key)
            return answer

    def put(self, key: str, answer: Answer) -> None:
        if len(key) > LONGEST_KEY:
            return
        with self.lock:
            self._drop(key)
            self.answers[key] = answer
            self.size += _weight(answer)
            while self.size > KEPT_BYTES and len(self.answers) > 1:
                self._drop(next(iter(self.answers)))

    def _drop(self, key: str) -> None:
        old = self.answers.pop(key, None)
        if old is not None:
            self.size -= _weight(old)


def _weight(answer: Answer) -> int:
    """Body, and the zipped copy it may get: a calendar shrinks to a fifth or less."""
    return len(answer.body) + len(answer.body) // 4 + 1_000


shelf = Shelf()


class CalendarsFirst:
    """Middleware that answers `/calendars/` itself; it stands first in the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            return respond(request)
        return self.get_response(request)


def respond(request: HttpRequest) -> HttpResponse:
    """The calendar at this address, a 304 for one that the client has, or a problem that says what is wrong."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_open({"Allow": "GET, HEAD, OPTIONS"}))
    if request.method not in ("GET", "HEAD"):
        return problem(405, "method_not_allowed", _("Calendars are read only."), {"Allow": "GET, HEAD, OPTIONS"})
    try:
        return _send(request, _answer(request.path_info, request.META.get("QUERY_STRING", "")))
    except filters.FilterRefused as refusal:
        errors = [
            {"pointer": f"?{name}", "code": refusal.code, "detail": message}
            for name, messages in refusal.errors.items()
            for message in messages
        ]
        return problem(refusal.status, refusal.code, refusal.message, errors=errors)
    except DomainError as refusal:
        return problem(refusal.status, refusal.code, refusal.message)


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:  # fmt: skip
    """A refusal by RFC 9457."""
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code}
    return HttpResponse(
        json.dumps(body | {"errors": errors or []}, ensure_ascii=False),
        status=status,
        headers=_open({"Content-Type": "application/problem+json", "Cache-Control": "no-store"} | (headers or {})),
    )


def _answer(path: str, query: str) -> Answer:
    key = f"{path}?{query}"
    kept = shelf.get(key)
    version = outbox.current_version()
    if kept is not None and kept.version == version:
        return kept
    answer = _build(path, QueryDict(query), version)
    if answer.version is not None:
        shelf.put(key, answer)
    return answer


def _send(request: HttpRequest, answer: Answer) -> HttpResponse:
    zipped = settings.CALLBOARD_FEED_GZIP and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    tags = (f'"{answer.etag}"', f'"{answer.etag}-gz"')
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    headers = answer.headers | {"ETag": tags[zipped]}
    if asked and _matches(asked, tags):
        return HttpResponse(status=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = answer.gzip() if zipped else answer.body
    headers["Content-Length"] = str(len(body))
    return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


def _matches(asked: str, tags: tuple[str, str]) -> bool:
    """If-None-Match compares weakly (RFC 9110 13.1.2): the W/ that a proxy may have added does not matter."""
    return any(tag == "*" or tag.removeprefix("W/") in tags for tag in parse_etags(asked))


def _build(path: str, query: QueryDict, version: int) -> Answer:
    for pattern, build in ROUTES:
        found = pattern.fullmatch(path)
        if found:
            language = query.get("lang", "ko")
            if language not in LANGUAGES:
                raise filters.FilterRefused({"lang": [_("Write ko or en.")]})
            with translation.override(language):
                return build(found["name"], query, language, version)
    raise NotFound(_("There is no such calendar."))


def _filtered(name: str, query: QueryDict, language: str, version: int) -> Answer:
    """`sessions.ics`: everything public that the filters select."""
    return _public_feed(
        query, language, version, title="Callboard", kind="sessions", slug="sessions", path="sessions.ics"
    )


def _of_event(slug: str, query: QueryDict, language: str, version: int) -> Answer:
    """One event, unlisted ones by their exact slug; once public, then withdrawn: an empty calendar (RULES 2, 3)."""
    event = Event.objects.filter(slug=slug).select_related("programme").first() or _moved(Event, "event", slug)
    if event is None or not event.was_public:
        raise NotFound(_("There is no such calendar."))
    readable = event.status != "draft" and event.programme.is_public
    return _public_feed(
        query, language, version, title=worded(event, "title", language) if readable else "Callboard",
        kind="events", slug=event.slug, within=Session.objects.filter(event=event), listed=False,
        page=calendars.event_url(event.slug, language),
    )  # fmt: skip


def _of_programme(slug: str, query: QueryDict, language: str, version: int) -> Answer:
    programme = Programme.objects.filter(slug=slug).first() or _moved(Programme, "programme", slug)
    if programme is None or not (programme.is_public or programme.events.filter(was_public=True).exists()):
        raise NotFound(_("There is no such calendar."))
    title = worded(programme, "title", language) if programme.is_public else "Callboard"
    return _public_feed(
        query, language, version, title=title, kind="programmes", slug=programme.slug,
        within=Session.objects.filter(event__programme=programme),
        page=f"{settings.CALLBOARD_URL}/{language}/programmes/{programme.slug}/",
    )  # fmt: skip


def _of_venue(slug: str, query: QueryDict, language: str, version: int) -> Answer:
    venue = Venue.objects.filter(slug=slug).first() or _moved(Venue, "venue", slug)
    if venue is None:
        raise NotFound(_("There is no such calendar."))
    return _public_feed(
        query, language, version, title=worded(venue, "title", language), kind="venues", slug=venue.slug,
        within=Session.objects.filter(room__venue=venue),
        page=f"{settings.CALLBOARD_URL}/{language}/venues/{venue.slug}/",
    )  # fmt: skip


def _of_organization(slug: str, query: QueryDict, language: str, version: int) -> Answer:
    """What the organization owns or is a partner in: the filter of the same name."""
    organization = Organization.objects.filter(slug=slug).first() or _moved(Organization, "organization", slug)
    if organization is None:
        raise NotFound(_("There is no such calendar."))
    own = filters.sessions(
        queryset=Session.objects.all(), query=QueryDict(f"organization={organization.slug}"),
        actor=ANONYMOUS, now=timezone.now(),
    )  # fmt: skip
    title = worded(organization, "title", language)
    return _public_feed(query, language, version, title=title, kind="organizations", slug=organization.slug, within=own)


def _of_campaign(slug: str, query: QueryDict, language: str, version: int) -> Answer:
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        raise NotFound(_("There is no such calendar."))
    return _public_feed(
        query, language, version, title=worded(campaign, "title", language), kind="campaigns", slug=campaign.slug,
        within=Session.objects.filter(event__programme__campaign=campaign),
    )  # fmt: skip


def _of_session(uid: str, query: QueryDict, language: str, version: int) -> Answer:
    """One session to download: not a feed, so no calendar name (CALENDAR.md 1.1)."""
    filters.given(query, besides=["lang"], lenient=True)
    session = Session.objects.filter(uid=UUID(uid), was_public=True).select_related("event").first()
    if session is None:
        raise NotFound(_("There is no such calendar."))
    return _packed(
        calendars.single(session=session, language=language), version,
        disposition="attachment", filename=session.event.slug,
    )  # fmt: skip


def _of_registration(token: str, query: QueryDict, language: str, version: int) -> Answer:
    """What one registration leads to, behind its own derived token (RULES 11, 13)."""
    filters.given(query, besides=["lang"])
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
        found = calendars.of_registration(frame=frame, registration=registration)
    answer = _packed(found, None, disposition="inline", filename=registration.event.slug)
    answer.headers |= {"Cache-Control": PRIVATE, "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
    del answer.headers["Access-Control-Allow-Origin"]
    return answer


def _public_feed(
    query: QueryDict, language: str, version: int, *, title: str, kind: str, slug: str, path: str = "",
    within: QuerySet[Session] | None = None, listed: bool = True, page: str = "",
) -> Answer:  # fmt: skip
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
    return _packed(found, None if filters.is_volatile(asked) else version, disposition="inline", filename=slug)


def _packed(found: calendars.Feed, version: int | None, *, disposition: str, filename: str) -> Answer:
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'{disposition}; filename="{filename}.ics"',
        "Cache-Control": PUBLIC,
        "Vary": "Accept-Encoding",
        "Last-Modified": http_date((found.revised_at or datetime(1970, 1, 1, tzinfo=UTC)).timestamp()),
    }
    return Answer(found.body, hashlib.sha256(found.body).hexdigest()[:32], _open(headers), version)


def _open(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def _moved(model: type[T], kind: str, slug: str) -> T | None:
    """The thing that had this address once (RULES 6)."""
    target = Alias.objects.filter(kind=kind, slug=slug).values_list("target", flat=True).first()
    return model._default_manager.filter(uid=target).first() if target else None


Build = Callable[[str, QueryDict, str, int], Answer]
ROUTES: list[tuple[re.Pattern[str], Build]] = [
    (re.compile(r"/calendars/(?P<name>sessions)\.ics"), _filtered),
    (re.compile(r"/calendars/events/(?P<name>[\w-]+)\.ics"), _of_event),
    (re.compile(r"/calendars/programmes/(?P<name>[\w-]+)\.ics"), _of_programme),
    (re.compile(r"/calendars/venues/(?P<name>[\w-]+)\.ics"), _of_venue),
    (re.compile(r"/calendars/organizations/(?P<name>[\w-]+)\.ics"), _of_organization),
    (re.compile(r"/calendars/campaigns/(?P<name>[\w-]+)\.ics"), _of_campaign),
    (
        re.compile(r"/calendars/sessions/(?P<name>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\.ics"),
        _of_session,
    ),
    (re.compile(r"/calendars/registrations/(?P<name>[\w-]{10,80})\.ics"), _of_registration),
]
