"""Mails to people who go from run to run: each run's entry in their calendar goes, comes, and never falls behind."""

import email
from email import policy
from email.message import EmailMessage as Message

import icalendar
import pytest
from django.core.mail import EmailMessage

from events.models import ANONYMOUS, Event, Registration
from events.operations import registering, switching
from tests import factories
from tests.calendar_linter import faults
from tests.factories import NOW

pytestmark = pytest.mark.django_db

Told = list[tuple[str, int]]  # what was said of one entry, in order: method and SEQUENCE


def go(registration: Registration, run: Event) -> Registration:
    return switching.switch(registration=registration, run=run, now=NOW)


def leave(registration: Registration) -> None:
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)


def told(mails: list[EmailMessage], *runs: Event) -> list[Told]:
    """Of each of these runs what its only session's calendar was told since the last time."""
    factories.deliver()
    found: dict[str, Told] = {}
    for mail in mails:
        parsed = email.message_from_bytes(mail.message().as_bytes("\r\n"), _class=Message, policy=policy.default)
        for part in parsed.walk():
            if part.get_content_type() == "application/ics":
                raw = part.get_payload(decode=True)
                assert isinstance(raw, bytes)
                assert faults(raw) == []
                calendar = icalendar.Calendar.from_ical(raw)
                [entry] = calendar.walk("VEVENT")
                found.setdefault(str(entry["UID"]), []).append((str(calendar["METHOD"]), int(entry["SEQUENCE"])))
    mails.clear()
    return [found.get(str(run.sessions.get().uid), []) for run in runs]


def test_sequence_goes_on_rising_through_the_runs_and_back(mailoutbox: list[EmailMessage]) -> None:
    here, there = factories.runs(2, capacity=3)
    row = factories.register(here)
    seen = [told(mailoutbox, here, there)]
    go(row, there)
    seen.append(told(mailoutbox, here, there))
    leave(row)
    seen.append(told(mailoutbox, here, there))
    again = factories.register(here)
    seen.append(told(mailoutbox, here, there))
    go(again, there)
    seen.append(told(mailoutbox, here, there))

    assert seen == [
        [[("REQUEST", 0)], []],
        [[("CANCEL", 1)], [("REQUEST", 1)]],
        [[], [("CANCEL", 2)]],
        [[("REQUEST", 3)], []],
        [[("CANCEL", 4)], [("REQUEST", 4)]],
    ]


def test_who_waited_for_another_run_and_is_back_has_a_higher_sequence(mailoutbox: list[EmailMessage]) -> None:
    here, there = factories.runs(2, capacity=1)
    first, leaving = factories.register(here, 8), factories.register(there, 9)
    row = factories.register(here, 1, accepts=(there,))
    told(mailoutbox, here, there)
    leave(leaving)
    promoted = told(mailoutbox, here, there)
    row.refresh_from_db()
    for one in (row, first):
        leave(one)
    told(mailoutbox, here, there)

    factories.register(here)

    assert promoted == [[("CANCEL", 1)], [("CANCEL", 1), ("REQUEST", 1)]]
    assert told(mailoutbox, here, there) == [[("REQUEST", 3)], []]


def test_a_run_that_they_are_back_in_is_not_taken_out(mailoutbox: list[EmailMessage]) -> None:
    series = factories.series(allows_repeats=True)
    here, there = (factories.run(series, day, capacity=3) for day in (0, 1))
    row = factories.register(here)
    told(mailoutbox, here, there)
    go(row, there)
    again = factories.register(here)

    assert told(mailoutbox, here, there) == [[("REQUEST", 2)], [("REQUEST", 2)]]

    leave(again)
    factories.register(here)

    assert told(mailoutbox, here, there) == [[("REQUEST", 4)], []]


def test_a_run_whose_message_was_overtaken_is_taken_out_all_the_same(mailoutbox: list[EmailMessage]) -> None:
    runs = factories.runs(3, capacity=3)
    row = factories.register(runs[0])
    told(mailoutbox, *runs)
    go(go(row, runs[1]), runs[2])
    hopped = told(mailoutbox, *runs)
    go(row, runs[0])
    leave(row)
    left = told(mailoutbox, *runs)

    assert [[method for method, _sequence in entry] for entry in hopped] == [["CANCEL"], ["CANCEL"], ["REQUEST"]]
    assert [[method for method, _sequence in entry] for entry in left] == [["CANCEL"], [], ["CANCEL"]]
