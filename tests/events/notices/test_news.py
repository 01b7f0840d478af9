"""Mails about a changed schedule: who hears of what, once for each published step."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import ANONYMOUS, SYSTEM, Delivery, Event, Registration, Session
from events.operations import deciding, placing, planning, registering, scheduling
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db


def told(event: Event, number: int = 1, **fields: Any) -> Registration:
    """Somebody who has had the mail about their registration."""
    row = factories.register(event, number, language="en", **fields)
    factories.deliver()
    return row


def amend(session: Session, **changes: Any) -> Session:
    return scheduling.amend(session=session, actor=SYSTEM, now=NOW, **changes)


def later(hours: int = 1) -> scheduling.Block:
    begins = NOW + WEEK + hours * HOUR
    return scheduling.block(starts=begins, ends=begins + 2 * HOUR, timezone="Asia/Seoul")


def shown(mail: EmailMessage) -> str:
    """What the mail says of the session."""
    return str(mail.body).split("\n\n")[2]


def only(event: Event) -> Session:
    return event.sessions.order_by("pk")[0]


MOVES: dict[str, tuple[Callable[[Session], Mapping[str, Any]], str, list[str]]] = {
    "time": (
        lambda _session: {"moment": later()},
        "New time",
        ["Time: Thursday 8 October 2026 13:00 KST (was Thursday 8 October 2026 12:00 KST)"],
    ),
    "place": (
        lambda _session: {"fields": {"room": factories.room("Big hall", at=factories.venue("BEXCO"))}},
        "New place",
        ["Time: Thursday 8 October 2026 12:00 KST", "Place: Big hall, BEXCO (was to be announced)"],
    ),
    "link": (
        lambda _session: {"fields": {"joining_url": "https://meet.example/x"}},
        "New link",
        ["Time: Thursday 8 October 2026 12:00 KST", "There is a new link to join online; it is in the calendar."],
    ),
    "several": (
        lambda _session: {"moment": later(), "fields": {"online": True, "joining_url": "https://meet.example/x"}},
        "Changed",
        [
            "Time: Thursday 8 October 2026 13:00 KST (was Thursday 8 October 2026 12:00 KST)",
            "Place: Online (was to be announced)",
            "There is a new link to join online; it is in the calendar.",
        ],
    ),
}


@pytest.mark.parametrize("name", MOVES)
def test_whoever_is_registered_hears_of_a_change_once(mailoutbox: list[EmailMessage], name: str) -> None:
    changes, about, lines = MOVES[name]
    event = factories.event()
    told(event)
    mailoutbox.clear()

    amend(only(event), **changes(only(event)))
    factories.deliver()
    factories.deliver()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["person1@mail.example"], f"{about}: Lighting an LED wall")
    assert shown(mail).split("\n") == ["Lighting an LED wall", *lines]
    assert "https://meet.example" not in str(mail.body)  # a forwarded mail must not let others in


def test_a_better_title_mails_nobody(mailoutbox: list[EmailMessage]) -> None:
    venue = factories.venue()
    event = factories.event(room=factories.room(at=venue), speakers=[factories.speaker(of=factories.organization())])
    told(event)
    mailoutbox.clear()

    amend(only(event), fields={"title_en": "A better title"})
    planning.amend_event(event=event, fields={"title_en": "Another title"}, actor=SYSTEM, now=NOW)
    placing.amend_venue(
        venue=venue, organization=event.programme.organization, fields={"title_en": "Renamed"}, actor=SYSTEM, now=NOW
    )

    assert factories.deliver() == 0


def test_people_of_other_events_and_who_has_left_hear_nothing(mailoutbox: list[EmailMessage]) -> None:
    event, other = factories.event(), factories.event("Mixing")
    told(other, 2)
    registering.cancel(registration=told(event, 3), actor=ANONYMOUS, now=NOW)
    factories.deliver()
    mailoutbox.clear()

    amend(only(event), moment=later())

    assert (factories.deliver(), mailoutbox) == (0, [])


def test_a_cancelled_session_is_told_with_its_reason(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(sessions=2)
    told(event)
    mailoutbox.clear()

    scheduling.cancel(session=only(event), actor=SYSTEM, now=NOW, reason="The studio is flooded.")
    factories.deliver()

    [mail] = mailoutbox
    assert mail.subject == "Session cancelled: Lighting an LED wall"
    assert shown(mail).split("\n") == [
        "Lighting an LED wall", "Cancelled: Thursday 8 October 2026 12:00 KST", "The studio is flooded.",
    ]  # fmt: skip


def test_a_session_that_comes_in_addition_is_told_when_it_is_published(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    told(event)
    mailoutbox.clear()

    factories.session(event, starts=NOW + WEEK + timedelta(days=1), room=factories.room(at=factories.venue("KAFA")))
    as_draft = factories.deliver()
    factories.publish(event)
    factories.deliver()

    [mail] = mailoutbox
    assert (as_draft, mail.subject) == (0, "New session: Lighting an LED wall")
    assert shown(mail).split("\n")[1:] == ["New: Friday 9 October 2026 12:00 KST", "Room 201, KAFA"]


def test_who_is_in_several_events_of_one_step_has_one_mail(mailoutbox: list[EmailMessage]) -> None:
    programme = factories.programme()
    first, second = factories.event(of=programme), factories.event("Mixing", of=programme)
    told(first)
    told(second)
    told(second, 2)
    mailoutbox.clear()

    scheduling.rearrange(
        moves={only(first).pk: later(1), only(second).pk: later(4)}, actor=SYSTEM, now=NOW
    )  # fmt: skip
    factories.deliver()

    assert [(mail.to[0], mail.subject) for mail in mailoutbox] == [
        ("person1@mail.example", "New time: Lighting an LED wall and 1 more"),
        ("person2@mail.example", "New time: Mixing"),
    ]
    body = str(mailoutbox[0].body)
    assert "Time: Thursday 8 October 2026 13:00 KST" in body
    assert "Time: Thursday 8 October 2026 16:00 KST" in body


def test_that_an_event_takes_place_is_told(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(minimum=1, decides_at=NOW + HOUR)
    told(event)
    mailoutbox.clear()

    deciding.decide(event=event, takes_place=True, actor=SYSTEM, now=NOW)
    factories.deliver()

    [mail] = mailoutbox
    assert (mail.subject, str(mail.body).split("\n\n")[1]) == (
        "Takes place: Lighting an LED wall", "enough people come: the event takes place.",
    )  # fmt: skip


def test_a_step_orders_a_message_for_each_person_in_as_many_statements_for_ten_as_for_two() -> None:
    few, many = factories.event(), factories.event("Mixing")
    factories.crowd(few, range(2))
    factories.crowd(many, range(2, 12))
    factories.deliver()
    counts = []
    for event in (few, many):
        session = only(event)
        with CaptureQueriesContext(connection) as statements:
            amend(session, moment=later())
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert Delivery.objects.filter(kind="schedule.changed").count() == 12


def test_who_leaves_one_of_two_moved_events_hears_of_the_other(mailoutbox: list[EmailMessage]) -> None:
    programme = factories.programme()
    first, second = factories.event(of=programme), factories.event("Mixing", of=programme)
    leaving = told(first)
    told(second)
    mailoutbox.clear()
    scheduling.rearrange(moves={only(first).pk: later(1), only(second).pk: later(4)}, actor=SYSTEM, now=NOW)

    registering.cancel(registration=leaving, actor=ANONYMOUS, now=NOW)
    factories.deliver()

    assert sorted(mail.subject for mail in mailoutbox) == ["Cancelled: Lighting an LED wall", "New time: Mixing"]


def test_who_has_not_read_of_their_registration_reads_of_the_change_in_the_same_mail(
    mailoutbox: list[EmailMessage],
) -> None:
    event = factories.event()
    factories.register(event, language="en")

    amend(only(event), moment=later())
    factories.deliver()

    [mail] = mailoutbox
    assert mail.subject == "You have a seat: Lighting an LED wall"
    assert "Thursday 8 October 2026 13:00 KST" in str(mail.body)
