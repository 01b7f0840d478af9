"""One feed as JSON Feed 1.1, RSS 2.0 and Atom (docs/decisions/0030). Texts are plain; XML that reads HTML gets HTML."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape, linebreaks

from api.bodies import dump
from events.ical import CANCELLED

VERSION = "https://jsonfeed.org/version/1.1"
POLL_SECONDS = 60
# What XML 1.0 cannot hold, however it is written (section 2.2).
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ONLINE = {"ko": "온라인", "en": "Online"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """Items with the addresses that a feed says of itself. `next_address`: of the items behind these, if any."""

    title: str
    language: str
    page: str
    address: str
    next_address: str | None
    about: str
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a feed is written, and in which order unless somebody says another one."""

    content_type: str
    write: Callable[[Feed], bytes]
    usual: str
    has_seats: bool = False


def json_feed(feed: Feed) -> bytes:
    shown: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
    }
    if feed.next_address:
        shown["next_url"] = feed.next_address
    return dump(shown | {"_callboard": {"about": feed.about, "poll_seconds": POLL_SECONDS}, "items": feed.items})


def rss(feed: Feed) -> bytes:
    return _written(_Rss, feed)


def atom(feed: Feed) -> bytes:
    return _written(_Atom, feed)


class _Steady(SyndicationFeed):
    """A feed without items says no time of today: the same content has the same bytes."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=EPOCH)


class _Rss(_Steady, Rss201rev2Feed):
    pass


class _Atom(_Steady, Atom1Feed):
    pass


def _written(kind: type[SyndicationFeed], feed: Feed) -> bytes:
    made = kind(
        title=_xml(feed.title), link=feed.page, description=_xml(feed.title), language=feed.language,
        feed_url=feed.address, feed_guid=feed.address, author_name="Callboard",
    )  # fmt: skip
    for item in feed.items:
        made.add_item(
            title=_xml(_title(item, feed.language)), link=item["url"], unique_id=item["id"],
            unique_id_is_permalink=False, description=str(linebreaks(escape(_xml(_text(item, feed.language))))),
            author_name=_xml(", ".join(author["name"] for author in item["authors"])) or None,
            categories=[_xml(tag) for tag in item["tags"]], pubdate=datetime.fromisoformat(item["date_published"]),
            updateddate=datetime.fromisoformat(item["date_modified"]),
        )  # fmt: skip
    text: str = made.writeString("utf-8")
    return text.encode()


def _title(item: dict[str, Any], language: str) -> str:
    is_cancelled = item["_callboard"]["status"] == "cancelled"
    return f"{CANCELLED[language]} {item['title']}" if is_cancelled else item["title"]


def _text(item: dict[str, Any], language: str) -> str:
    """When and where, one line for each session, then what it is about."""
    lines = [_line(session, language) for session in item["_callboard"]["sessions"]]
    parts = [item["_callboard"]["cancel_reason"], "\n".join(lines), item["summary"] or item["content_text"]]
    return "\n\n".join(part for part in parts if part)


def _line(session: dict[str, Any], language: str) -> str:
    place = [session["room"], session["venue"], session["address"]]
    where = ", ".join(dict.fromkeys(part for part in place if part)) or (ONLINE[language] if session["online"] else "")
    cancelled = CANCELLED[language] if session["status"] == "cancelled" else ""
    return " ".join(part for part in (cancelled, f"{_times(session)}{', ' if where else ''}{where}") if part)


def _times(session: dict[str, Any]) -> str:
    if session["all_day"]:
        return "–".join(dict.fromkeys((session["starts_on"], session["ends_on"])))
    starts, ends = datetime.fromisoformat(session["starts_at"]), datetime.fromisoformat(session["ends_at"])
    until = f"{ends:%H:%M}" if starts.date() == ends.date() else f"{ends:%Y-%m-%d %H:%M}"
    return f"{starts:%Y-%m-%d %H:%M}–{until} ({session['timezone']})"


def _xml(text: str) -> str:
    return NO_XML.sub("", text)


FORMATS = {
    "json": Format("application/feed+json; charset=utf-8", json_feed, usual="starts_at", has_seats=True),
    "rss": Format("application/rss+xml; charset=utf-8", rss, usual="-published_at"),
    "atom": Format("application/atom+xml; charset=utf-8", atom, usual="-published_at"),
}
