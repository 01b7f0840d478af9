"""Mails about a registration: to whom and in which words."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from events.models import ANONYMOUS, SYSTEM, Event, Registration
from events.models.tokens import derive
from events.operations import falling_due, offering, planning, publishing, registering, reminding, selecting
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db
WHEN = "Lighting an LED wall\nThursday 8 October 2026 12:00 KST"


def in_english(event: Event, number: int = 1, **fields: object) -> Registration:
    return factories.register(event, number, language="en", **fields)


def manage(registration: Registration) -> list[str]:
    return [
        "Your registration is on this page:",
        f"https://callboard.test/en/my/registrations/{registration.code}/",
    ]


def follow(registration: Registration) -> list[str]:
    token = derive(kind="registration-calendar", row_id=registration.pk, generation=0)
    return [
        "To see, change or cancel your registration:",
        f"https://callboard.test/en/my/registrations/{registration.code}/",
        "To have it in your calendar, with every change, subscribe to this address:",
        f"https://callboard.test/calendars/registrations/{token}.ics",
    ]


def paragraphs(mail: EmailMessage) -> list[str]:
    return str(mail.body).strip().split("\n\n")


def to_person1(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [mail for mail in mails if mail.to == ["person1@mail.example"]]


def test_who_has_a_seat_hears_so_at_once(mailoutbox: list[EmailMessage]) -> None:
    registration = in_english(factories.event())

    factories.deliver()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["person1@mail.example"], "You have a seat: Lighting an LED wall")
    assert paragraphs(mail) == [
        "Hello,", "your registration is confirmed: you have a seat.", WHEN, *follow(registration),
    ]  # fmt: skip


def test_who_must_prove_their_address_gets_the_link_and_the_time(mailoutbox: list[EmailMessage]) -> None:
    registration = in_english(factories.event(needs_proof=True, proof_minutes=30))

    factories.deliver()

    [mail] = mailoutbox
    assert mail.subject == "Confirm your seat until 12:30: Lighting an LED wall"
    assert paragraphs(mail) == [
        "Hello,",
        "a seat is held for you. Please confirm that this address is yours.",
        WHEN,
        "Until Thursday 1 October 2026 12:30 KST you can take the seat or give it back on this page:",
        f"https://callboard.test/en/offers/{offering.token_of(registration)}/",
        "If you did not register, you need not do anything.",
    ]


def test_the_link_in_the_mail_takes_the_seat(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(needs_proof=True))

    factories.deliver()

    token = str(mailoutbox[0].body).split("https://callboard.test/ko/offers/")[1].split("/")[0]
    found = offering.find(token=token)
    assert found is not None
    assert offering.accept(registration=found, by_link=True, now=NOW).status == "confirmed"


def test_a_freed_seat_is_offered_until_its_deadline_on_the_clocks_of_the_place(mailoutbox: list[EmailMessage]) -> None:
    event = factories.draft(capacity=1, waitlist="offer", offer_minutes=90)
    factories.session(event, starts=NOW + WEEK, timezone="Europe/London")
    first = factories.register(factories.publish(event), 2)
    waiting = in_english(event)
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW)

    factories.deliver()

    [mail] = to_person1(mailoutbox)
    assert mail.subject == "A seat is free for you: Lighting an LED wall"
    assert paragraphs(mail)[3:] == [
        "Until Thursday 1 October 2026 05:30 BST you can take the seat or give it back on this page:",
        f"https://callboard.test/en/offers/{offering.token_of(waiting)}/",
    ]


def waiting() -> Registration:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.register(event, 8)
    factories.register(event, 9)
    return in_english(event)


def promoted() -> Registration:
    row = waiting()
    for other in Registration.objects.exclude(pk=row.pk).order_by("-pk"):
        registering.cancel(registration=other, actor=ANONYMOUS, now=NOW)
    return row


def applied() -> Registration:
    return in_english(factories.event(registration="approval"))


def approved(waitlist: str = "automatic", capacity: int = 1) -> Registration:
    event = factories.event(registration="approval", waitlist=waitlist, capacity=capacity)
    row = in_english(event)
    selecting.approve(event=event, registrations=[row], actor=SYSTEM, now=NOW)
    return row


def approved_without_a_seat() -> Registration:
    return approved(capacity=0)


def declined() -> Registration:
    event = factories.event(registration="approval")
    row = in_english(event)
    selecting.decline(event=event, registrations=[row], actor=SYSTEM, now=NOW)
    return row


def given_back() -> Registration:
    row = in_english(factories.event(needs_proof=True))
    return offering.decline(registration=row, now=NOW)


def run_out() -> Registration:
    row = in_english(factories.event(needs_proof=True, now=NOW - HOUR), now=NOW - HOUR)
    falling_due.run(now=NOW)
    return row


def waited_in_vain() -> Registration:
    row = waiting()
    falling_due.run(now=NOW + WEEK)
    return row


def called_off() -> Registration:
    event = factories.event()
    row = in_english(event)
    publishing.cancel(event=event, actor=SYSTEM, now=NOW)
    return row


def cancelled() -> Registration:
    row = in_english(factories.event())
    return registering.cancel(registration=row, actor=SYSTEM, now=NOW)


def withdrawn() -> Registration:
    row = in_english(factories.event())
    return registering.cancel(registration=row, actor=ANONYMOUS, now=NOW)


@pytest.mark.parametrize(
    ("happens", "about", "sentence"),
    [
        (applied, "Received", "we have your application. You will have a mail when it is decided."),
        (waiting, "On the waitlist", "all seats are taken for now. You are on the waitlist."),
        (promoted, "You have a seat", "your registration is confirmed: you have a seat."),
        (approved, "You have a seat", "your registration is confirmed: you have a seat."),
        (approved_without_a_seat, "On the waitlist", "all seats are taken for now. You are on the waitlist."),
        (declined, "No seat", "we are sorry: there is no seat for you in this event."),
        (given_back, "Seat given back", "you have given the seat back that was held for you."),
        (run_out, "Seat not taken", "the time to take the seat that was held for you has passed."),
        (waited_in_vain, "No seat", "the event has begun, and no seat has become free for you."),
        (called_off, "Called off", "we are sorry: this event does not take place."),
        (cancelled, "Cancelled", "the organizer has cancelled your registration."),
        (withdrawn, "Cancelled", "you have cancelled your registration."),
    ],
)
def test_only_the_latest_is_told_and_once(
    mailoutbox: list[EmailMessage], happens: Callable[[], Registration], about: str, sentence: str
) -> None:
    happens()

    factories.deliver()
    factories.deliver(now=NOW + WEEK)

    [mail] = to_person1(mailoutbox)
    assert (mail.subject, paragraphs(mail)[1]) == (f"{about}: Lighting an LED wall", sentence)


def test_who_waits_hears_their_place(mailoutbox: list[EmailMessage]) -> None:
    waiting()

    factories.deliver()

    [mail] = to_person1(mailoutbox)
    assert paragraphs(mail)[3] == "Your place on the waitlist now: 2."


def test_an_organizers_reason_stands_in_the_mail(mailoutbox: list[EmailMessage]) -> None:
    row = in_english(factories.event())
    registering.cancel(registration=row, actor=SYSTEM, now=NOW, reason="The instructor is ill.")

    factories.deliver()

    assert paragraphs(mailoutbox[0])[3:] == ["The instructor is ill.", *manage(row)]


def test_the_organizers_note_stands_in_every_mail_with_its_names_filled_in(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    note = "Bring shoes to {{ event }}.\n\n<b>{{place}}</b> {{ begins }} {{ organization }} { {{"
    Event.objects.filter(pk=event.pk).update(mail_note_en=note)
    in_english(event)

    factories.deliver()

    [mail] = mailoutbox
    assert paragraphs(mail)[3:5] == [
        "Bring shoes to Lighting an LED wall.",
        "<b></b> Thursday 8 October 2026 12:00 KST Grow Creative Office { {{",
    ]


def test_a_title_cannot_add_a_header(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    Event.objects.filter(pk=event.pk).update(title_en="LED\r\nBcc: all@mail.example\x0b", title_ko="")
    in_english(event)

    factories.deliver()

    assert mailoutbox[0].subject == "You have a seat: LED Bcc: all@mail.example"
    assert "\nBcc" not in mailoutbox[0].message().as_bytes().decode()


def test_the_booker_of_a_group_hears_too(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    group = factories.group(event, 1, 2)

    factories.deliver()

    assert [mail.to[0] for mail in mailoutbox] == [
        "person1@mail.example", "person2@mail.example", "booker@mail.example",
    ]  # fmt: skip
    assert f"https://callboard.test/ko/my/groups/{group.code}/" in str(mailoutbox[2].body)


def test_people_are_reminded_once_as_long_before_as_the_event_says(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(reminder_hours=48)
    in_english(event)
    begins = NOW + WEEK
    early = reminding.remind_due(now=begins - 49 * HOUR)
    in_time = [reminding.remind_due(now=begins - 47 * HOUR), reminding.remind_due(now=begins - HOUR)]
    in_english(event, 2, now=begins - 2 * HOUR)  # who comes now has just read when it begins

    factories.deliver(now=begins - HOUR)

    assert (early, in_time) == (0, [1, 0])
    assert [mail.subject for mail in mailoutbox if mail.subject.startswith("Reminder")] == [
        "Reminder: Lighting an LED wall"
    ]
    assert reminding.remind_due(now=begins - HOUR) == 0


def test_an_event_that_moved_away_is_reminded_of_when_it_is_near_again(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    in_english(event)
    factories.deliver()
    mailoutbox.clear()
    begins = NOW + WEEK
    reminding.remind_due(now=begins - HOUR)
    Event.objects.filter(pk=event.pk).update(first_starts_at=begins + WEEK)

    factories.deliver(now=begins - HOUR)
    too_early = len(mailoutbox)
    again = [reminding.remind_due(now=begins + WEEK - 2 * HOUR), reminding.remind_due(now=begins + WEEK - HOUR)]
    factories.deliver(now=begins + WEEK - HOUR)

    assert (too_early, again, len(mailoutbox)) == (0, [1, 0], 1)


def test_who_registers_again_gets_their_link_again(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    registration = in_english(event)
    factories.deliver()

    sent = reminding.mail_links(event=event, email="Person1@MAIL.example", now=NOW)
    factories.deliver()

    assert (sent, mailoutbox[1].to, mailoutbox[1].subject) == (
        True, ["person1@mail.example"], "Your registration: Lighting an LED wall",
    )  # fmt: skip
    assert paragraphs(mailoutbox[1]) == [
        "Hello,",
        "somebody, probably you, wanted to register this address. What it is registered for already:",
        WHEN,
        *manage(registration),
    ]


def test_who_has_to_prove_yet_gets_that_link_again_too(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(needs_proof=True)
    registration = in_english(event)

    reminding.mail_links(event=event, email="person1@mail.example", now=NOW)
    factories.deliver()

    assert [f"/en/offers/{offering.token_of(registration)}/\n" in str(mail.body) for mail in mailoutbox] == [True, True]


def test_who_clashes_gets_the_link_of_what_they_are_registered_for(mailoutbox: list[EmailMessage]) -> None:
    programme = factories.programme(clashes="refuse")
    registration = in_english(factories.event(of=programme))
    factories.deliver()

    reminding.mail_links(event=factories.event("Mixing", of=programme), email="person1@mail.example", now=NOW)
    factories.deliver()

    assert paragraphs(mailoutbox[1])[2:] == [WHEN, *manage(registration)]


def test_a_link_is_mailed_again_three_times_an_hour_whoever_asks() -> None:
    event = factories.event()
    in_english(event)
    times = [NOW, NOW, NOW, NOW + HOUR - HOUR / 60, NOW + HOUR]

    sent = [reminding.mail_links(event=event, email="person1@mail.example", now=now) for now in times]

    assert (sent, len(factories.ordered("link"))) == ([True, True, True, False, True], 4)


@pytest.mark.parametrize("email", ["person1@mail.example", "nobody@mail.example"])
def test_who_is_not_registered_is_mailed_nothing(email: str) -> None:
    event = factories.event()
    registering.cancel(registration=factories.register(event), actor=ANONYMOUS, now=NOW)

    assert reminding.mail_links(event=event, email=email, now=NOW) is False
    assert factories.ordered("link") == []


def test_drafts_are_told_nobody() -> None:
    event = factories.draft()
    factories.session(event)
    planning.amend_event(event=event, fields={"title_en": "Mixing"}, actor=SYSTEM, now=NOW)

    assert factories.deliver() == 0
