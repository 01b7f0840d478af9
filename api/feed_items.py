"""Events as the items of a feed: one shape that JSON Feed, RSS and Atom are written from (docs/decisions/0030).

A constant number of statements for a page of them. Nothing in it but `when` depends on the clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from api import pagination
from api.pagination import Cut, Order
from api.serializers.sessions import MOMENT
from api.serializers.shapes import in_utc, in_utc_or_none
from events import filters, vacancies
from events.models import ANONYMOUS, Change, Event, Session, SessionSpeaker
from events.models.session import SessionQuerySet
from events.models.walltime import zone
from events.models.wording import titled
from events.vacancies import Vacancy

BESIDES = pagination.PARAMETERS | {"lang"}
COLUMNS = (
    "pk", "uid", "slug", "programme__slug", "programme__title_ko", "programme__title_en", "series_id", "kind",
    "title_ko", "title_en", "summary_ko", "summary_en", "description_ko", "description_en", "language", "status",
    "cancel_reason", "registration", "capacity", "registration_opens_at", "registration_closes_at", "first_starts_at",
    "waitlist", "needs_code", "updated_at", "published_at", "sort_value",
)  # fmt: skip
OF_SESSIONS = (
    "pk", "uid", "event_id", "title_ko", "title_en", "starts_at", "ends_at", "timezone", "starts_on", "all_day",
    "online", "status", "updated_at", "room__title_ko", "room__title_en", "room__venue__title_ko",
    "room__venue__title_en", "room__venue__address_ko", "room__venue__address_en",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Items:
    """Items of JSON Feed, and the cursor of those behind them.

    `until`: when the clock alone makes others of them (aware UTC); None: never. `programme`: in words, if all are of
    the one that is asked for.
    """

    items: list[Row]
    next: str | None
    until: datetime | None
    programme: str


def find(query: QueryDict, *, language: str, now: datetime, usual: str, with_seats: bool) -> Items:
    """The public events that the query selects, with those of their sessions that it selects.

    FilterRefused names what is wrong in it. `with_seats`: with the counts that change while the events stay the same.
    """
    chosen = filters.events(
        queryset=Event.objects.public(), query=query, actor=ANONYMOUS, now=now, besides=BESIDES, lenient=True
    )
    matching = filters.matching(queryset=Session.objects.readable(), query=query, actor=ANONYMOUS, now=now)
    matching = matching.in_order(latest_first=query.get("when") == "past")
    narrows = not filters.ABOUT_SESSIONS.isdisjoint(query)
    published = Change.objects.filter(event=OuterRef("pk"), kind="event.published").order_by("pk").values("at")[:1]
    found = pagination.cut(
        query=query, queryset=chosen.annotate(published_at=Coalesce(Subquery(published), "created_at")),
        orders=_orders(language, matching, narrows), usual=usual, fetch=lambda rows: rows.values(*COLUMNS),
    )  # fmt: skip
    rows = found.rows
    ids = [row["pk"] for row in rows]
    # What comes after the page decides whether there is a next one.
    blocks = _sessions([*ids, *([found.beyond["pk"]] if found.beyond else [])], matching)
    tags, speakers = _tags(ids), _speakers([block["pk"] for pk in ids for block in blocks.get(pk, ())])
    seats = _seats(rows, query) if with_seats else {}
    return Items(
        items=[
            _item(row, language, blocks.get(row["pk"], []), tags.get(row["pk"], {}), speakers, seats.get(row["pk"], {}))
            for row in rows
        ],
        next=found.next,
        until=now if _moves_in(query, usual, found) else _until(query, blocks),
        programme=_words(rows[0], "programme__title", language) if rows and _is_of_one(query) else "",
    )


def _orders(language: str, matching: SessionQuerySet, narrows: bool) -> dict[str, Order]:
    """As the list of the API has them, and newly published ones (`api.views.events.Events`).

    `starts_at` is that of the session which is shown: a course that began in spring is not the next one in autumn.
    """
    shown = matching.filter(event=OuterRef("pk"))
    return {
        "starts_at": Order(Subquery(shown.values("starts_at")[:1]) if narrows else "first_starts_at", is_nullable=True),
        "updated_at": Order("updated_at"),
        "title": Order(titled(language)),
        "published_at": Order("published_at"),
    }


def _until(query: QueryDict, blocks: dict[int, list[Row]]) -> datetime | None:
    """With `when=upcoming` a session leaves as it ends, and none enters: the first end among what is shown."""
    if query.get("when") != "upcoming":
        return None
    return min((block["ends_at"] for own in blocks.values() for block in own), default=None)


def _moves_in(query: QueryDict, usual: str, found: Cut) -> bool:
    """Whether an event that is not shown may come onto this page by the clock, because it stands by its next session.

    It moves back: from a page before this one, or, where the latest come first, from behind.
    """
    ordering = query.get("ordering", usual)
    comes = (ordering == "starts_at" and "cursor" in query) or (ordering == "-starts_at" and found.next is not None)
    return comes and query.get("when") == "upcoming"


def _is_of_one(query: QueryDict) -> bool:
    asked = query.getlist("programme")
    return len(asked) == 1 and "," not in asked[0]


def _sessions(ids: list[int], matching: SessionQuerySet) -> dict[int, list[Row]]:
    """The readable sessions of these events that the query selects, in their order."""
    found: dict[int, list[Row]] = {}
    for row in matching.filter(event__in=ids).values(*OF_SESSIONS):
        found.setdefault(row["event_id"], []).append(row)
    return found


def _tags(ids: list[int]) -> dict[int, dict[str, list[Row]]]:
    """Topics and audiences of each event, both in one statement."""
    names = ("event_id", "kind", "place", "slug", "title_ko", "title_en")
    both = [
        through.objects.filter(event__in=ids).values_list(
            "event_id", Value(kind), f"{one}__position", f"{one}__slug", f"{one}__title_ko", f"{one}__title_en"
        )
        for kind, one, through in (
            ("topics", "topic", Event.topics.through), ("audiences", "audience", Event.audiences.through)
        )
    ]  # fmt: skip
    found: dict[int, dict[str, list[Row]]] = {}
    for values in sorted(both[0].union(both[1], all=True)):
        row = dict(zip(names, values, strict=True))
        found.setdefault(row["event_id"], {}).setdefault(row["kind"], []).append(row)
    return found


def _speakers(sessions: list[int]) -> dict[int, list[Row]]:
    """Who speaks in each session, in their order."""
    found: dict[int, list[Row]] = {}
    billing = SessionSpeaker.objects.filter(session__in=sessions).order_by("session", "position", "pk")
    for row in billing.values("session_id", "speaker_id", "speaker__name_ko", "speaker__name_en"):
        found.setdefault(row["session_id"], []).append(row)
    return found


def _seats(rows: list[Row], query: QueryDict) -> dict[int, Row]:
    """How many seats are left, for the audiences that are asked for, and how many people wait (RULES 7)."""
    found = vacancies.of(event_ids=[row["pk"] for row in rows], audiences=filters.audiences(query))
    contested = [row for row in rows if found[row["pk"]].may_wait]
    waiting = vacancies.waiting(
        event_ids=[row["pk"] for row in contested], in_series=[row["pk"] for row in contested if row["series_id"]]
    )
    return {pk: _counts(vacancy, waiting.get(pk, 0)) for pk, vacancy in found.items()}


def _counts(vacancy: Vacancy, waiting: int) -> Row:
    return {"seats_left": vacancy.left, "level": vacancy.level, "waitlist_length": waiting}


def _item(
    row: Row, language: str, blocks: list[Row], tags: dict[str, list[Row]], speakers: dict[int, list[Row]],
    seats: Row,
) -> Row:  # fmt: skip
    title, summary = _words(row, "title", language), _words(row, "summary", language)
    billed = {one["speaker_id"]: one for block in blocks for one in speakers.get(block["pk"], ())}
    topics = tags.get("topics", [])
    return {
        "id": f"urn:uuid:{row['uid']}",
        "url": f"{settings.CALLBOARD_URL}/{language}/events/{row['slug']}/",
        "title": title,
        "summary": summary,
        "content_text": _words(row, "description", language) or summary,
        "date_published": in_utc(row["published_at"]),
        "date_modified": in_utc(
            max(row["updated_at"], *(block["updated_at"] for block in blocks), row["published_at"])
        ),
        "language": language,
        "tags": [_words(topic, "title", language) for topic in topics],
        "authors": [{"name": _words(one, "speaker__name", language)} for one in billed.values()],
        "_callboard": {
            "slug": row["slug"],
            "status": row["status"],
            "cancel_reason": row["cancel_reason"],
            "kind": row["kind"],
            "spoken_language": row["language"],
            "programme": {"slug": row["programme__slug"], "title": _words(row, "programme__title", language)},
            "topics": [topic["slug"] for topic in topics],
            "audiences": [audience["slug"] for audience in tags.get("audiences", ())],
            "registration": row["registration"],
            "registration_opens_at": in_utc_or_none(row["registration_opens_at"]),
            "registration_closes_at": in_utc_or_none(row["registration_closes_at"] or row["first_starts_at"]),
            "needs_code": row["needs_code"],
            "waitlist": row["waitlist"],
            "capacity": row["capacity"],
            **seats,
            "calendar_url": f"{settings.CALLBOARD_URL}/calendars/events/{row['slug']}.ics?lang={language}",
            "sessions": [_session(block, language, title) for block in blocks],
        },
    }


def _session(row: Row, language: str, title: str) -> Row:
    local = zone(row["timezone"])
    ends_at: datetime = row["ends_at"].astimezone(local)
    return {
        "uid": str(row["uid"]),
        "title": _words(row, "title", language) or title,
        "starts_at": row["starts_at"].astimezone(local).isoformat(),
        "ends_at": ends_at.isoformat(),
        "timezone": row["timezone"],
        "all_day": row["all_day"],
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": max((ends_at - MOMENT).date(), row["starts_on"]).isoformat(),
        "venue": _words(row, "room__venue__title", language),
        "room": _words(row, "room__title", language),
        "address": _words(row, "room__venue__address", language),
        "online": row["online"],
        "status": row["status"],
    }


def _words(row: Row, name: str, language: str) -> str:
    """The text in the language, else in the other one, else "": `worded` of a plain row."""
    return row[f"{name}_{language}"] or row[f"{name}_{'en' if language == 'ko' else 'ko'}"] or ""
