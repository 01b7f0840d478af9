"""An erasure leaves no trace of who it was, and everything else as it was."""

import json
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as BrowserSession
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client

from events.errors import NotFound
from events.models import ANONYMOUS, Attendee, CalendarLink, Change, Delivery, Event, Group, Registration, SeatMovement
from events.operations import erasing, guessing, registering, repeating, signing_in, subscribing
from events.reports import audit
from tests import factories
from tests.factories import NOW, WEEK

pytestmark = pytest.mark.django_db

NAME, EMAIL, ANSWER, DEVICE = "카나리아 Canary", "Canary@mail.example", "a canary sings", "canary phone"
WORDS = ("canary", "카나리아", "\\uce74\\ub098\\ub9ac\\uc544")
LATER = NOW + 2 * WEEK


def canary(event: Event, **fields: Any) -> Registration:
    return factories.register(event, 1, name=NAME, email=EMAIL, answers={"why": ANSWER}, **fields)


def planted() -> tuple[Attendee, Event, Event]:
    """A person who is everywhere: an event that is over at LATER, one to come whose next one waits, and all around."""
    past = factories.event("Past", capacity=5)
    coming = factories.draft("Coming", waitlist="automatic", capacity=1)
    factories.session(coming, starts=LATER + WEEK)
    factories.publish(coming)
    canary(past)
    factories.register(past, 2)
    canary(coming)
    factories.register(coming, 3)
    ended = canary(factories.event("Left", waitlist="automatic"))
    registering.cancel(registration=ended, actor=ANONYMOUS, now=NOW, reason="The canary is ill")
    grouped = factories.event("Group")
    Group.objects.create(event=grouped, name=NAME, email=EMAIL, email_key="canary@mail.example", created_at=NOW)
    attendee = subscribing.attendee_of(key="canary@mail.example")
    subscribing.add_link(attendee=attendee, name=DEVICE, now=NOW)
    signing_in.ask(door="my", email=EMAIL, now=NOW)
    guessing.count(what="clash", who="canary@mail.example", now=NOW)
    _remember()
    _browse(attendee)
    Delivery.objects.filter(registration__email=EMAIL).update(message=f"To: {EMAIL}".encode())
    return attendee, past, coming


def _remember() -> None:
    """An organizer's list, kept for a retry."""
    claim = repeating.claim(actor=ANONYMOUS, method="POST", path="/", key="k" * 16, body=b"")
    body = {"entries": [{"line": 2, "name": NAME, "status": "confirmed"}, {"line": 3, "name": "김하늘 2"}]}
    repeating.once(claim=claim, act=lambda: repeating.Outcome(200, body), now=NOW)


def _browse(attendee: Attendee) -> None:
    """Three browsers: signed in, about to be, and a stranger's."""
    engine = import_module(settings.SESSION_ENGINE)
    for kept in ({"id": attendee.pk}, {"key": attendee.email_key, "email": EMAIL}, {"id": attendee.pk + 1}):
        store = engine.SessionStore()
        store[signing_in.BROWSER] = kept
        store.save()


def traces() -> list[str]:
    """Where any of the words is found: table and column, whatever kind of value it is in."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [f"{table}.{name}" for name, value in zip(names, row, strict=True) if _tells(value)]
    found += ["browser" for session in BrowserSession.objects.all() if _tells(json.dumps(session.get_decoded()))]
    return sorted(set(found))


def _tells(value: object) -> bool:
    is_bytes = isinstance(value, bytes | memoryview)
    text = bytes(value).decode("utf-8", "replace") if is_bytes else str(value)  # type: ignore[arg-type]
    return any(word in text.casefold().replace("\\\\", "\\") for word in WORDS)


def test_no_table_knows_them_afterwards() -> None:
    attendee, _past, _coming = planted()
    before = traces()

    erasing.erase(attendee=attendee, now=LATER)

    assert before == [
        "browser", "events_attendee.email_key", "events_calendarlink.name", "events_delivery.message",
        "events_group.email", "events_group.email_key", "events_group.name", "events_idempotencykey.snapshot",
        "events_registration.answers", "events_registration.email", "events_registration.email_key",
        "events_registration.name", "events_registration.reason", "events_signin.email_key",
    ]  # fmt: skip
    assert traces() == []


def test_what_is_to_come_is_cancelled_and_its_seat_goes_out() -> None:
    attendee, past, coming = planted()

    done = erasing.erase(attendee=attendee, now=LATER)

    assert done == erasing.Erased(cancelled=1, blanked=3)
    statuses = list(Registration.objects.filter(event=coming).order_by("pk").values_list("status", flat=True))
    assert statuses == ["cancelled", "confirmed"]
    assert Registration.objects.filter(event=past, status="confirmed").count() == 2
    assert past.pools.get().taken == 2
    assert list(audit.run(now=LATER)) == []


def test_the_history_says_that_it_happened_once_to_each_organization_and_the_ledger_stays() -> None:
    attendee, past, _coming = planted()
    lines = SeatMovement.objects.count()

    erasing.erase(attendee=attendee, now=LATER)

    told = Change.objects.filter(kind="person.erased").order_by("pk")
    owners = set(Event.objects.values_list("programme__organization", flat=True))
    assert sorted(told.values_list("organization", flat=True)) == sorted(owners)
    assert told.get(organization=past.programme.organization_id).after == {"registrations": 1, "groups": 0}
    assert SeatMovement.objects.count() == lines + 2  # the seat that was cancelled, and the next one's


def test_nobody_is_mailed_any_more_not_even_about_what_was_over(mailoutbox: list[EmailMessage]) -> None:
    attendee, _past, _coming = planted()
    erasing.erase(attendee=attendee, now=LATER)

    factories.deliver(now=LATER)

    assert not [mail for mail in mailoutbox if "canary" in mail.to[0] or "erased" in mail.to[0]]
    assert "person3@mail.example" in {mail.to[0] for mail in mailoutbox}


def test_other_people_and_the_answers_kept_for_them_stay() -> None:
    attendee, _past, _coming = planted()
    stranger = {"id": attendee.pk + 1}
    others = list(Registration.objects.exclude(email=EMAIL).order_by("pk").values("name", "email", "code"))

    erasing.erase(attendee=attendee, now=LATER)

    kept = repeating.replay(claim=repeating.claim(actor=ANONYMOUS, method="POST", path="/", key="k" * 16, body=b""))
    assert kept is not None
    assert [entry["name"] for entry in kept.body["entries"]] == ["(삭제됨)", "김하늘 2"]
    blank = Registration.objects.filter(email__endswith="erased.invalid").values("pk")
    assert list(Registration.objects.exclude(pk__in=blank).order_by("pk").values("name", "email", "code")) == others
    assert [session.get_decoded()[signing_in.BROWSER] for session in BrowserSession.objects.all()] == [stranger]


def test_two_who_were_at_the_same_event_stay_two() -> None:
    event = factories.event(capacity=5)
    rows = factories.crowd(event, [1, 2])

    for row in rows:
        erasing.erase(attendee=subscribing.attendee_of(key=row.email_key), now=NOW + WEEK + timedelta(minutes=1))

    keys = list(Registration.objects.values_list("email_key", flat=True))
    assert len(set(keys)) == 2
    assert list(Registration.objects.order_by("pk").values_list("status", flat=True)) == ["confirmed", "confirmed"]
    assert not Attendee.objects.exists()


def test_links_open_nothing_afterwards(client: Client) -> None:
    event = factories.event(capacity=5)
    row = factories.register(event, 1)
    attendee = subscribing.attendee_of(key=row.email_key)
    path = subscribing.address_of(subscribing.add_link(attendee=attendee, name="Phone", now=NOW))
    opened = client.get(path).status_code

    erasing.erase(attendee=attendee, now=NOW + WEEK)

    assert (opened, client.get(path).status_code) == (200, 404)


def test_whoever_typed_their_address_at_the_members_door_is_not_kept_there() -> None:
    session = SessionStore()
    session["sign_in"] = {"email": "Person1@MAIL.example", "next": "/organize/"}
    session.create()
    factories.register(factories.event())

    erasing.erase(attendee=Attendee.objects.get_or_create(email_key="person1@mail.example")[0], now=NOW)

    assert not SessionStore().exists(session.session_key)


def test_a_group_that_was_booked_by_somebody_erased_is_told_nobody(mailoutbox: list[EmailMessage]) -> None:
    factories.group(factories.event(), 1)
    erasing.erase(attendee=Attendee.objects.get_or_create(email_key="booker@mail.example")[0], now=NOW)
    Delivery.objects.filter(group__isnull=False).update(status="waiting")

    factories.deliver()

    assert [mail.to for mail in mailoutbox] == [["person1@mail.example"]]


def test_who_came_back_before_a_second_erasure_is_erased_whole() -> None:
    event = factories.event()
    first = subscribing.attendee_of(key="person1@mail.example")
    erasing.erase(attendee=Attendee.objects.get(pk=first.pk), now=NOW)
    again = subscribing.attendee_of(key="person1@mail.example")
    subscribing.add_link(attendee=again, name="Phone", now=NOW)
    factories.register(event)

    erasing.erase(attendee=first, now=NOW)

    assert not Attendee.objects.filter(email_key="person1@mail.example").exists()
    assert not CalendarLink.objects.exists()


def test_who_was_erased_gets_no_calendar_link_any_more() -> None:
    stale = subscribing.attendee_of(key="person1@mail.example")
    erasing.erase(attendee=Attendee.objects.get(pk=stale.pk), now=NOW)

    with pytest.raises(NotFound):
        subscribing.add_link(attendee=stale, name="Phone", now=NOW)
