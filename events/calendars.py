"""Stored calendar texts: rendered when something changed, joined when somebody asks (docs/decisions/0005)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Prefetch, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from events import ical
from events.ical import halves
from events.models import LANGUAGES, Fragment, ParticipantFragment, Session, SessionSpeaker, worded
from events.models.prepared import Prepared, Slot
from events.models.walltime import zone

RENDER_BATCH = 200


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What `refresh` found: sessions whose public entry changed, and those that left the public.

    `halved`: sessions of which nothing changed, but whose entry for participants was missing.
    """

    changed: tuple[Session, ...]
    withdrawn: tuple[Session, ...]
    halved: tuple[Session, ...]


def for_rendering(sessions: Iterable[int]) -> list[Session]:
    """These sessions with all that a VEVENT shows; a constant number of queries."""
    return list(
        Session.objects.filter(pk__in=list(sessions))
        .select_related("event__programme", "room__venue")
        .prefetch_related(
            Prefetch("billing", SessionSpeaker.objects.select_related("speaker").order_by("position", "id")),
            "event__topics",
        )
        .order_by("starts_at", "id")
    )


def refresh(*, session_ids: Collection[int], now: datetime, raised: Collection[int] = ()) -> Refreshed:
    """Every stored entry of these sessions is what it should be, and SEQUENCE rose by one where a shown field changed.

    A session is compared with its stored text, so whoever changed what need not say which fields are shown. `raised`
    names sessions that changed in what only participants see. First publication keeps SEQUENCE; coming back raises it.
    """
    changed: list[Session] = []
    withdrawn: list[Session] = []
    halved: list[Session] = []
    ids = sorted(session_ids)
    for start in range(0, len(ids), RENDER_BATCH):
        batch = _refresh_batch(ids[start : start + RENDER_BATCH], now, frozenset(raised))
        changed.extend(batch.changed)
        withdrawn.extend(batch.withdrawn)
        halved.extend(batch.halved)
    return Refreshed(tuple(changed), tuple(withdrawn), tuple(halved))


def _refresh_batch(ids: list[int], now: datetime, raised: frozenset[int]) -> Refreshed:
    stored: dict[int, list[Fragment]] = {}
    for fragment in Fragment.objects.filter(session__in=ids).order_by("id"):
        stored.setdefault(fragment.session_id, []).append(fragment)
    rows = ParticipantFragment.objects.filter(session__in=ids, base_url=settings.CALLBOARD_URL).order_by()
    has_halves = set(rows.values_list("session_id", flat=True))
    changed, withdrawn, fragments, unhalved = [], [], [], []
    for session in for_rendering(ids):
        kept = stored.get(session.pk, [])
        if not is_readable(session):
            withdrawn.extend([session] if kept else [])
            continue
        before = [fragment for fragment in kept if fragment.base_url == settings.CALLBOARD_URL]
        current = render(session) if before else []
        if session.pk in raised or _bodies(before) != _bodies(current) or not before:
            _revise(session, now)
            current = render(session)
        elif before[0].is_listed == current[0].is_listed:  # listed or not is no field of the entry
            unhalved.extend([] if session.pk in has_halves else [session])  # stored before there were halves
            continue
        changed.append(session)
        fragments.extend(current)
    stale = [session.pk for session in [*changed, *withdrawn]]
    Fragment.objects.filter(session__in=stale).delete()
    Fragment.objects.bulk_create(fragments)
    ParticipantFragment.objects.filter(session__in=[*stale, *(session.pk for session in unhalved)]).delete()
    ParticipantFragment.objects.bulk_create(half for session in [*changed, *unhalved] for half in halved(session))
    Session.objects.bulk_update(changed, ["sequence", "was_public", "updated_at", "revision"])
    return Refreshed(tuple(changed), tuple(withdrawn), tuple(unhalved))


def _revise(session: Session, now: datetime) -> None:
    """One published revision more. The first keeps SEQUENCE; a clock that was set back does not take DTSTAMP along."""
    session.sequence += session.was_public
    session.was_public = True
    session.updated_at = max(now, session.updated_at)
    session.revision += 1


def _bodies(fragments: list[Fragment]) -> dict[str, str]:
    return {fragment.language: fragment.body for fragment in fragments}


def is_readable(session: Session) -> bool:
    """The loaded twin of `SessionQuerySet.readable`, before `was_public` is set."""
    event = session.event
    return (
        event.status in ("published", "cancelled")
        and event.was_public
        and event.programme.is_public
        and session.status != "draft"
        and (session.was_public or session.status != "cancelled")
    )


def render(session: Session) -> list[Fragment]:
    """The session's fragments, one for each language, not yet stored."""
    return [_fragment(session, language) for language in LANGUAGES]


def _fragment(session: Session, language: str) -> Fragment:
    shown = entry(session, language)
    return Fragment(
        session=session,
        language=language,
        base_url=settings.CALLBOARD_URL,
        is_listed=session.event.visibility == "public",
        starts_at=session.starts_at,
        zone="" if shown.all_day else (ical.zone_of(shown.timezone, shown.starts_at, shown.ends_at, shown.fold) or ""),
        stamp=f"{session.updated_at:%Y%m%dT%H%M%SZ}",
        body=ical.vevent(shown).decode(),
    )


def halved(session: Session) -> list[ParticipantFragment]:
    """The session's entry for personal calendars, one for each language, not yet stored (RULES 23)."""
    return [_halved(session, fragment) for fragment in render(session)]


def _halved(session: Session, public: Fragment) -> ParticipantFragment:
    shown = participant_entry(session, public.language, extra_sequence=0, revised_at=session.updated_at)
    unseated = halves.first_half(public.body.encode())
    seated = unseated if shown.status == "cancelled" else halves.busy(unseated)
    if session.joining_url:  # else the two differ in one line, which is written faster than the whole entry
        seated = halves.first_half(ical.vevent(shown))
    copied = {name: getattr(public, name) for name in ("language", "base_url", "starts_at", "zone", "stamp")}
    return ParticipantFragment(
        session=session, event=session.event, sequence=session.sequence, status=shown.status, seated=seated,
        unseated=unseated, **copied,
    )  # fmt: skip


def entry(session: Session, language: str) -> ical.Entry:
    """What a calendar shows of a session loaded by `for_rendering`."""
    event = session.event
    starts_on, ends_on = days_of(session)
    status = "cancelled" if event.status == "cancelled" else session.status
    return ical.Entry(
        uid=session.uid,
        sequence=session.sequence,
        status=status,  # type: ignore[arg-type]  # drafts are never rendered
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        timezone=session.timezone,
        all_day=session.all_day,
        starts_on=starts_on,
        ends_on=ends_on,
        summary=title_of(session, language),
        description=_description(session, language),
        location=location_of(session, language),
        url=event_url(event.slug, language),
        categories=tuple(worded(topic, "title", language) for topic in sorted(event.topics.all(), key=lambda t: t.pk)),
        created_at=session.created_at,
        revised_at=session.updated_at,
        language=language,
        fold=session.fold,
        geo=position_of(session),
        event_uid=event.uid,
    )


def participant_entry(session: Session, language: str, *, extra_sequence: int, revised_at: datetime) -> ical.Entry:
    """The entry of somebody who is registered: busy time, with the joining link, revised with their registration."""
    shown = entry(session, language)
    return replace(
        shown,
        sequence=shown.sequence + extra_sequence,
        revised_at=max(shown.revised_at, revised_at),
        opaque=True,
        joining_url=session.joining_url,
    )


def title_of(session: Session, language: str) -> str:
    """The event's title, followed by the session's own where it has one."""
    own = worded(session, "title", language)
    title = worded(session.event, "title", language)
    return f"{title}: {own}" if own and own != title else title


def location_of(session: Session, language: str) -> str:
    """ "Room, venue, address", or the word for online, or ""."""
    room = session.room
    if room is None:
        with translation.override(language):
            return _("Online") if session.online else ""
    parts = [worded(room, "title", language), worded(room.venue, "title", language)]
    parts.append(worded(room.venue, "address", language))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def position_of(session: Session) -> tuple[float, float] | None:
    """Latitude and longitude of the venue. A constraint holds that it has both or neither."""
    venue = session.room.venue if session.room else None
    if venue is None or venue.latitude is None or venue.longitude is None:
        return None
    return float(venue.latitude), float(venue.longitude)


def days_of(session: Session) -> tuple[date, date]:
    """First and last local day, both included."""
    last = (session.ends_at - timedelta(microseconds=1)).astimezone(zone(session.timezone)).date()
    return session.starts_on, max(last, session.starts_on)


def event_url(slug: str, language: str) -> str:
    return f"{settings.CALLBOARD_URL}/{language}/events/{slug}/"


def _description(session: Session, language: str) -> str:
    event = session.event
    speakers = ", ".join(worded(billing.speaker, "name", language) for billing in session.billing.all())
    with translation.override(language):
        with_speakers = _("With %(names)s") % {"names": speakers} if speakers else ""
    lines = [worded(event.programme, "title", language), with_speakers, worded(event, "summary", language)]
    return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar ready to send; `revised_at` is its newest entry's time, None for an empty one."""

    body: bytes
    revised_at: datetime | None


def feed(*, frame: ical.Frame, sessions: QuerySet[Session] | None = None, listed: bool = True) -> Feed:
    """The stored entries of these sessions (None: of all), in order of start: one statement, then a join.

    Only readable sessions have stored entries, so visibility needs no further condition; `listed` keeps unlisted
    events out.
    """
    if sessions is None and listed:
        found = _everything.rows(language=frame.language, base_url=settings.CALLBOARD_URL)
    else:
        found = list(_columns(_chosen(frame.language, sessions, listed)))
    if not found:
        return Feed(ical.calendar(frame, [], [], None), None)
    bodies, zones, stamps = zip(*found, strict=True)
    revised_at = datetime.strptime(max(stamps), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    # Each text encoded by itself: one long string first would be copied twice, at the cost of the query again.
    texts = map(str.encode, bodies)
    return Feed(ical.calendar(frame, texts, sorted(set(zones) - {""}), revised_at), revised_at)


def _chosen(language: str, sessions: QuerySet[Session] | None, listed: bool) -> QuerySet[Fragment]:
    rows = Fragment.objects.filter(language=language, base_url=settings.CALLBOARD_URL)
    if listed:
        rows = rows.filter(is_listed=True)
    if sessions is not None:
        rows = rows.filter(session__in=sessions.order_by().values("pk"))
    return rows


def _columns(rows: QuerySet[Fragment]) -> Any:
    return rows.order_by("starts_at", "session_id").values_list("body", "zone", "stamp")


# The feed that most people subscribe to: after each change its statement is asked again.
_everything = Prepared(
    lambda: _columns(
        Fragment.objects.filter(
            language=Slot("language", CharField()), base_url=Slot("base_url", CharField()), is_listed=True
        )
    )
)


def single(*, session: Session, language: str) -> Feed:
    """One session's stored entry to download; empty, and valid, when it is no longer public."""
    stored = Fragment.objects.filter(session=session, language=language, base_url=settings.CALLBOARD_URL).first()
    if stored is None:
        return Feed(ical.single(b"", "Etc/UTC"), None)
    revised_at = datetime.strptime(stored.stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Feed(ical.single(stored.body.encode(), stored.zone or None), revised_at)
