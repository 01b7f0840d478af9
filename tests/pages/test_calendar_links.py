"""Links into other calendars (CALENDAR.md 1.6)."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from events.models import Session
from pages import calendar_links
from tests import factories

pytestmark = pytest.mark.django_db


def loaded(session: Session) -> Session:
    return Session.objects.select_related("event", "room__venue").get(pk=session.pk)


def test_google_gets_the_webcal_address_encoded_as_one_value() -> None:
    links = calendar_links.subscription("/calendars/sessions.ics?topic=a,b&lang=ko")

    assert links.https == "https://callboard.test/calendars/sessions.ics?topic=a,b&lang=ko"
    assert links.webcal == "webcal://callboard.test/calendars/sessions.ics?topic=a,b&lang=ko"
    assert links.google == (
        "https://calendar.google.com/calendar/render?cid="
        "webcal%3A%2F%2Fcallboard.test%2Fcalendars%2Fsessions.ics%3Ftopic%3Da%2Cb%26lang%3Dko"
    )


def test_outlook_gets_the_same_block_of_time() -> None:
    event = factories.draft("Mixing & more", title_ko="믹싱", summary_ko="요약")
    session = loaded(factories.session(event, room=factories.room(title_ko="201호")))

    links = calendar_links.snapshot(session, "ko")

    address = urlsplit(links.outlook)
    assert (address.netloc, address.path) == ("outlook.live.com", "/calendar/deeplink/compose")
    assert links.microsoft_365 == links.outlook.replace("outlook.live.com", "outlook.office.com")
    assert parse_qs(address.query) == {
        "path": ["/calendar/action/compose"],
        "rru": ["addevent"],
        "subject": ["믹싱"],
        "startdt": ["2026-10-08T03:00:00Z"],
        "enddt": ["2026-10-08T05:00:00Z"],
        "allday": ["false"],
        "location": ["201호, Busan Cinema Center"],
        "body": [f"https://callboard.test/ko/events/{event.slug}/\n\n요약"],
    }


def test_whole_days_end_for_google_on_the_day_after() -> None:
    event = factories.draft()
    session = loaded(factories.all_day_session(event, first=date(2026, 12, 3), last=date(2026, 12, 4)))

    links = calendar_links.snapshot(session, "en")

    assert parse_qs(urlsplit(links.google).query)["dates"] == ["20261203/20261205"]
    outlook = parse_qs(urlsplit(links.outlook).query)
    assert (outlook["startdt"], outlook["enddt"], outlook["allday"]) == (["2026-12-03"], ["2026-12-04"], ["true"])


def test_a_long_summary_is_cut_and_the_address_of_the_event_is_not() -> None:
    event = factories.draft(summary_ko="가" * 500)
    session = loaded(factories.session(event))

    links = calendar_links.snapshot(session, "ko")

    details = parse_qs(urlsplit(links.google).query)["details"][0]
    assert len(links.google) < 2_000
    assert len(links.outlook) < 2_000
    assert details.startswith(f"https://callboard.test/ko/events/{event.slug}/\n\n가가")
