"""RSS and Atom as a reader that is not ours takes them."""

from datetime import datetime, timedelta

import pytest

from api import answers
from events.models import SYSTEM, Event
from events.operations import publishing, scheduling
from tests import factories
from tests.api.feeding import get, parsed
from tests.school import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return School()


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_a_reader_finds_what_was_published_last_first(school: School, written: str) -> None:
    late = school.event("먼저 시작", "Starts first", datetime(2030, 11, 20, 10))

    found = parsed(f"{written}?lang=en")

    assert (found.version, found.feed.language) == ("rss20" if written == "rss" else "atom10", "en")
    assert [(entry.title, entry.id, entry.link) for entry in found.entries] == [
        (title, f"urn:uuid:{event.uid}", f"https://callboard.test/en/events/{event.slug}/")
        for title, event in [("Starts first", late), ("Camera talk", school.talk), ("Mixing workshop", school.workshop)]
    ]
    assert [entry.published_parsed[:5] for entry in found.entries] == [(2030, 11, 1, 0, n) for n in (14, 11, 8)]
    assert "2030-11-20 10:00–12:00 (Asia/Seoul), Room 1, Centre" in found.entries[0].summary
    first = parsed(f"{written}?lang=en&ordering=starts_at").entries[0]
    assert first.title == "Starts first"
    assert [tag.term for tag in found.entries[2].tags] == ["Mixing"]


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_texts_are_text_whatever_stands_in_them(school: School, written: str) -> None:
    """Rows that come from files of strangers may hold what forms refuse."""
    hostile = "<script>alert(1)</script> & ]]> \"'\x00\x0b\ufffe\U0001f3ac"
    clean = "<script>alert(1)</script> & ]]> \"'\U0001f3ac"
    Event.objects.filter(pk=school.workshop.pk).update(
        title_ko=hostile.replace("\x00", ""), summary_ko=hostile.replace("\x00", "")
    )
    body = get(written).content.decode()
    entry = parsed(written).entries[1]

    assert "<script" not in body
    assert "&lt;script&gt;alert(1)" not in entry.title_detail.value or entry.title_detail.type == "text/html"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]]&gt;" in entry.summary
    if written == "atom":
        assert entry.title == clean


@pytest.mark.parametrize("written", ["rss", "atom"])
def test_what_was_called_off_says_so_in_words(school: School, written: str) -> None:
    publishing.cancel(event=school.workshop, reason="The desk is <broken>", **school.when())
    scheduling.cancel(session=school.talk.sessions.get(), **school.when())

    talk, workshop = parsed(f"{written}?lang=en").entries

    assert (talk.title, workshop.title) == ("Camera talk", "[Cancelled] Mixing workshop")
    assert "The desk is &lt;broken&gt;" in workshop.summary
    assert "[Cancelled] 2030-12-04 14:00" in talk.summary
    assert parsed(written).entries[1].title == "[취소] 믹싱 워크숍"


def test_an_empty_feed_has_the_same_bytes_each_time() -> None:
    for written in ("json", "rss", "atom"):
        first = get(written).content
        answers.shelf.clear()
        assert get(written).content == first


def test_days_and_nights_are_written_as_people_read_them(school: School) -> None:
    course = factories.draft("Course", of=school.programme, now=school.now)
    factories.all_day_session(course, first=datetime(2031, 1, 5).date(), last=datetime(2031, 1, 7).date())
    factories.session(course, starts=datetime(2031, 1, 8, 22), length=timedelta(hours=4), online=True, now=school.now)
    publishing.publish(event=course, actor=SYSTEM, now=school.now)

    summary = parsed("atom?event=course&lang=en").entries[0].summary

    assert "2031-01-05–2031-01-07" in summary
    assert "2031-01-08 22:00–2031-01-09 02:00 (Asia/Seoul), Online" in summary
