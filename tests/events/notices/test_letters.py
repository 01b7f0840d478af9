"""A mail on the wire: its parts, its calendar entries as other libraries read them, and the same bytes each time."""

import email
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage as Message
from email.utils import getaddresses, parseaddr

import icalendar
import pytest
from django.core.mail import EmailMessage
from ical.calendar_stream import IcsCalendarStream

from events.models import ANONYMOUS, SYSTEM, Delivery, Event, Registration, Session
from events.notices import content, letters
from events.notices.letters import Unmailable
from events.notices.wording import Words
from events.operations import delivering, publishing, registering, scheduling
from tests import factories
from tests.calendar_linter import faults
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db


def parsed(mail: EmailMessage) -> Message:
    return email.message_from_bytes(mail.message().as_bytes("\r\n"), _class=Message, policy=policy.default)


def shape(part: Message) -> object:
    if part.is_multipart():
        return {part.get_content_subtype(): [shape(inner) for inner in part.iter_parts()]}
    return part.get_content_type()


def calendars(mail: EmailMessage) -> list[bytes]:
    """Every calendar file in the mail, the one among the alternatives first."""
    parts = [part for part in parsed(mail).walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    return [part.get_payload(decode=True) for part in parts]  # type: ignore[misc]


def entry(raw: bytes) -> dict[str, str]:
    """What matters of the one entry, once two libraries that are not ours have read it and the linter found nothing."""
    assert faults(raw) == []
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    [other] = IcsCalendarStream.calendar_from_ics(raw.decode()).events
    method = str(icalendar.Calendar.from_ical(raw)["METHOD"])
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (other.uid, other.sequence)
    assert event.start == other.dtstart
    attendee = event["ATTENDEE"]
    assert str(attendee) == str(other.attendees[0].uri)
    return {
        "method": method,
        "sequence": str(event["SEQUENCE"]),
        "status": str(event.get("STATUS", "")),
        "partstat": attendee.params["PARTSTAT"],
        "organizer": f"{event['ORGANIZER'].params['CN']} {event['ORGANIZER']}",
        "attendee": str(attendee),
        "transp": str(event["TRANSP"]),
    }


def only(event: Event) -> Session:
    return event.sessions.order_by("pk")[0]


def latest(mails: list[EmailMessage], number: int = 1) -> dict[str, str]:
    factories.deliver()
    mine = [mail for mail in mails if mail.to == [f"person{number}@mail.example"]]
    return entry(calendars(mine[-1])[0])


@pytest.mark.parametrize(
    "title",
    ["편집실에서 찾는 리듬과 예능의 카메라: 스무 대, 하나의 호흡", "Dialogue " * 20 + "연습", "plain", "한" * 90],
    ids=["words", "long", "plain", "one word"],
)
def test_subject_and_sender_come_out_as_they_went_in(title: str) -> None:
    raw = letters.written(
        Words(f"{title}\r\nBcc: x@y.example", ["Hello,"]), sender=f'"{title}", <a@b.example>', to="a@mail.example",
        language="ko", message_id="<1@callboard.test>", at=NOW,
    )  # fmt: skip

    mail = email.message_from_bytes(raw, _class=Message, policy=policy.default)

    assert mail["Subject"] == f"{title} Bcc: x@y.example"
    # Of the two ways to read it, the newer one puts a space between encoded words of a name (Python 3.11).
    name, address = parseaddr(email.message_from_bytes(raw)["From"])
    decoded = str(make_header(decode_header(name)))
    assert (decoded, address) == (f'"{title}", <a@b.example>', "callboard@callboard.test")
    assert mail["Bcc"] is None
    assert max(len(line) for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")) <= 120


def test_the_calendar_part_is_the_last_alternative_and_is_attached_too(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(sessions=2))

    factories.deliver()

    [mail] = mailoutbox
    alternatives = ["text/plain", {"related": ["text/html", "image/png"]}, "text/calendar"]
    assert shape(parsed(mail)) == {"mixed": [{"alternative": alternatives}, "application/ics", "application/ics"]}
    [part] = [part for part in parsed(mail).walk() if part.get_content_type() == "text/calendar"]
    assert dict(part["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST", "component": "VEVENT"}
    assert part.get_content_disposition() is None
    shown, *attached = calendars(mail)
    assert (shown, len(attached)) == (attached[0], 2)
    assert [attachment.get_filename() for attachment in parsed(mail).iter_attachments()] == [
        "invite.ics", "invite-2.ics",
    ]  # fmt: skip


def test_who_has_a_seat_is_in_the_calendar_as_coming(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(), language="en")

    assert latest(mailoutbox) == {
        "method": "REQUEST",
        "sequence": "0",
        "status": "CONFIRMED",
        "partstat": "ACCEPTED",
        "organizer": "Grow Creative Office mailto:callboard@callboard.test",
        "attendee": "mailto:person1@mail.example",
        "transp": "OPAQUE",
    }


def test_the_entry_follows_from_the_waitlist_to_the_seat_and_out_again(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(capacity=1, waitlist="offer")
    first, waiting = factories.register(event, 9), factories.register(event)
    seen = [latest(mailoutbox)]
    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW)
    seen.append(latest(mailoutbox))
    scheduling.amend(session=only(event), moment=later(), actor=SYSTEM, now=NOW)
    seen.append(latest(mailoutbox))
    registering.cancel(registration=waiting, actor=ANONYMOUS, now=NOW)
    seen.append(latest(mailoutbox))

    told = [(one["method"], one["status"], one["partstat"], one["transp"]) for one in seen]
    assert told == [
        ("REQUEST", "TENTATIVE", "TENTATIVE", "TRANSPARENT"),
        ("REQUEST", "TENTATIVE", "NEEDS-ACTION", "TRANSPARENT"),
        ("REQUEST", "TENTATIVE", "NEEDS-ACTION", "TRANSPARENT"),
        ("CANCEL", "", "DECLINED", "TRANSPARENT"),  # the session takes place, without this person
    ]
    assert [one["sequence"] for one in seen] == ["0", "1", "2", "3"]


def later() -> scheduling.Block:
    begins = NOW + WEEK + HOUR
    return scheduling.block(starts=begins, ends=begins + HOUR, timezone="Asia/Seoul")


def test_an_event_that_is_called_off_is_cancelled_for_everybody(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    factories.register(event)
    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    seen = latest(mailoutbox)

    assert (seen["method"], seen["status"]) == ("CANCEL", "CANCELLED")
    assert int(seen["sequence"]) > 0


def test_a_move_brings_the_moved_session_alone(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(sessions=3)
    factories.register(event)
    factories.deliver()
    mailoutbox.clear()

    scheduling.amend(session=only(event), moment=later(), actor=SYSTEM, now=NOW)
    factories.deliver()

    uids = {str(icalendar.Calendar.from_ical(raw).walk("VEVENT")[0]["UID"]) for raw in calendars(mailoutbox[0])}
    assert uids == {str(only(event).uid)}


@pytest.mark.parametrize(("sessions", "files"), [(12, 13), (13, 0)])
def test_a_long_course_is_followed_by_its_calendar_instead(
    mailoutbox: list[EmailMessage], sessions: int, files: int
) -> None:
    factories.register(factories.event(sessions=sessions))

    factories.deliver()

    assert len(calendars(mailoutbox[0])) == files


def test_who_has_applied_has_nothing_in_the_calendar(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(registration="approval"))

    factories.deliver()

    assert calendars(mailoutbox[0]) == []


def test_the_ticket_is_shown_to_who_has_a_seat_alone(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.register(event)
    factories.register(event, 2)

    factories.deliver()

    has_picture = [any(part.get_content_type() == "image/png" for part in parsed(mail).walk()) for mail in mailoutbox]
    tickets = list(Registration.objects.values_list("ticket", flat=True))
    assert has_picture == [True, False]
    assert not any(ticket.encode() in mail.message().as_bytes() for mail in mailoutbox for ticket in tickets)


def test_the_same_row_is_the_same_bytes(mailoutbox: list[EmailMessage]) -> None:
    factories.register(factories.event(sessions=2))
    row = Delivery.objects.get()

    one = content.written([row], now=NOW).messages[row.pk]
    other = content.written([Delivery.objects.get()], now=NOW + HOUR).messages[row.pk]

    assert one == other
    assert email.message_from_bytes(one)["Message-ID"] == f"<{row.uid.hex}@callboard.test>"
    assert max(map(len, one.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "address",
    [
        "김하늘@mail.example",
        "a b@mail.example",
        '"a\x01b"@mail.example',
        "=?utf-8?q?a?=@mail.example",
        "a@mail.example\r\nBcc: all@mail.example",
        "nobody",
        "",
    ],
)
def test_an_address_that_cannot_be_mailed_is_refused(address: str) -> None:
    words = Words("Hello", ["Hello"])

    with pytest.raises(Unmailable):
        letters.written(words, sender="", to=address, language="en", message_id="<a@b>", at=NOW)


def test_a_korean_domain_is_mailed_in_ascii() -> None:
    raw = letters.written(
        Words("안녕", ["안녕"]), sender="영화제, <x@y>", to="a@영화.example", language="ko", message_id="<a@b>", at=NOW
    )

    mail = email.message_from_bytes(raw, policy=policy.default)
    assert str(mail["To"]) == "a@xn--vj5bo21a.example"
    assert mail["From"].addresses[0].addr_spec == "callboard@callboard.test"
    assert mail["From"].addresses[0].display_name == "영화제, <x@y>"


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ settings }}"])
def test_words_of_strangers_are_text_in_html(mailoutbox: list[EmailMessage], title: str) -> None:
    event = factories.event()
    Event.objects.filter(pk=event.pk).update(title_ko=title, mail_note_ko=title)
    factories.register(event)

    factories.deliver()

    [page] = [part.get_content() for part in parsed(mailoutbox[0]).walk() if part.get_content_type() == "text/html"]
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert str(mailoutbox[0].body).count(title) == 2


def test_a_message_that_cannot_be_written_is_given_up_and_stops_nobody(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    broken = factories.register(event)
    Registration.objects.filter(pk=broken.pk).update(email="김하늘@mail.example")
    factories.register(event, 2)

    factories.deliver()

    assert [mail.to for mail in mailoutbox] == [["person2@mail.example"]]
    [row] = Delivery.objects.filter(status="dead")
    assert (row.registration_id, row.error) == (broken.pk, "address cannot be mailed")
    delivering.send_again(delivery=row, actor=SYSTEM, now=NOW)
    Registration.objects.filter(pk=broken.pk).update(email="person1@mail.example")
    factories.deliver()
    assert mailoutbox[1].to == ["person1@mail.example"]


def test_who_gets_a_seat_in_another_run_has_the_earlier_one_taken_out(mailoutbox: list[EmailMessage]) -> None:
    series = factories.series()
    first, second = (factories.run(series, day, capacity=1) for day in (0, 1))
    factories.register(first, 8)
    leaving = factories.register(second, 9)
    factories.register(first, 1, accepts=(second,))
    factories.deliver()
    mailoutbox.clear()

    registering.cancel(registration=leaving, actor=ANONYMOUS, now=NOW)
    factories.deliver()

    [mail] = [mail for mail in mailoutbox if mail.to == ["person1@mail.example"]]
    shown, *attached = calendars(mail)
    seen = {str(icalendar.Calendar.from_ical(raw).walk("VEVENT")[0]["UID"]): entry(raw) for raw in attached}
    assert entry(shown)["method"] == "REQUEST"
    assert {uid: (one["method"], one["partstat"]) for uid, one in seen.items()} == {
        str(only(second).uid): ("REQUEST", "ACCEPTED"),
        str(only(first).uid): ("CANCEL", "DECLINED"),
    }


def test_who_waits_for_a_run_that_is_called_off_hears_for_which_they_wait_now(mailoutbox: list[EmailMessage]) -> None:
    series = factories.series()
    first, second = (factories.run(series, day, capacity=0) for day in (0, 1))
    factories.register(first, language="en")
    factories.deliver()
    mailoutbox.clear()

    publishing.cancel(event=first, actor=SYSTEM, now=NOW)
    factories.deliver()

    [mail] = mailoutbox
    assert mail.subject == f"You wait for another date: {second.title_en}"
    assert "Your place on the waitlist now: 1." in str(mail.body)
    assert [entry(raw)["method"] for raw in calendars(mail)] == ["REQUEST", "REQUEST", "CANCEL"]


def test_who_comes_back_is_taken_in_again(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event()
    seen = []
    for _ in range(2):
        row = factories.register(event)
        seen.append(latest(mailoutbox))
        registering.cancel(registration=row, actor=ANONYMOUS, now=NOW)
        seen.append(latest(mailoutbox))

    assert [(one["method"], one["sequence"]) for one in seen] == [
        ("REQUEST", "0"), ("CANCEL", "1"), ("REQUEST", "2"), ("CANCEL", "3"),
    ]  # fmt: skip


def test_only_who_has_a_seat_gets_the_joining_link(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    scheduling.amend(session=only(event), fields={"joining_url": "https://meet.example/x"}, actor=SYSTEM, now=NOW)
    factories.crowd(event, [1, 2])

    factories.deliver()

    assert [b"https://meet.example/x" in calendars(mail)[0] for mail in mailoutbox] == [True, False]


@pytest.mark.parametrize(
    "title",
    [
        "부산국제영화제 (BIFF), Asian Contents & Film Market, Busan Film Commission",
        "Bank <ceo@bank.example>, 나다",
        "Korean Academy of Film Arts (KAFA), Advanced Programme, Busan and Seoul campuses, since 1984",
        'The "Advanced" Programme, KAFA',
        "=?utf-8?b?Qg0KQmNjOiB4QHkueg==?= evil",
    ],
)
def test_an_organizations_name_stands_before_our_address_whatever_is_in_it(title: str) -> None:
    raw = letters.written(
        Words(title, ["Hello"]), sender=title, to="a@mail.example", language="en", message_id="<a@b>", at=NOW
    )

    mail = email.message_from_bytes(raw)
    subject = "".join(mail["Subject"].splitlines())  # unfolded (RFC 5322 2.2.3)
    [(name, address)] = getaddresses([mail["From"]])
    assert (str(make_header(decode_header(name))), address) == (title, "callboard@callboard.test")
    assert str(make_header(decode_header(subject))) == title
    assert letters.Ready(raw).from_email == "callboard@callboard.test"


def test_a_long_course_that_somebody_leaves_is_taken_out_of_the_calendar(mailoutbox: list[EmailMessage]) -> None:
    event = factories.event(sessions=13)
    row = factories.register(event)
    factories.deliver()
    mailoutbox.clear()

    registering.cancel(registration=row, actor=ANONYMOUS, now=NOW)
    factories.deliver()

    assert len(calendars(mailoutbox[0])) == 14
