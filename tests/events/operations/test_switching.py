"""Going from one run of a series to another: never without a place, never past somebody who waits."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from events.errors import Invalid
from events.models import Change, Delivery, Event, Question, Registration, SeatPool
from events.operations import clashing, entering, registering, switching
from events.reports import audit
from tests import factories
from tests.factories import NOW, SYSTEM

pytestmark = pytest.mark.django_db


def go(registration: Registration, run: Event) -> Registration:
    return switching.switch(registration=registration, run=run, now=NOW)


def holders(event: Event) -> list[tuple[str, str]]:
    rows = Registration.objects.live().filter(event=event).order_by("pk")
    return list(rows.values_list("email", "status"))


def test_the_seat_there_is_theirs_and_the_one_here_goes_to_who_waits() -> None:
    first, second = factories.runs(2, capacity=1)
    row = factories.register(first, 1)
    factories.register(first, 2, accepts=[first])

    moved = go(row, second)

    assert (moved.pk, moved.code, moved.event_id, moved.status) == (row.pk, row.code, second.pk, "confirmed")
    assert holders(first) == [("person2@mail.example", "confirmed")]
    assert holders(second) == [("person1@mail.example", "confirmed")]
    told = Change.objects.get(kind="seat.switched")
    assert (told.event_id, told.registration_id, told.before, told.after) == (
        second.pk, row.pk, {"event": first.slug}, {"event": second.slug},
    )  # fmt: skip
    assert [(line.pool.event_id, line.delta) for line in row.movements.select_related("pool").order_by("pk")] == [
        (first.pk, 1), (second.pk, 1), (first.pk, -1),
    ]  # fmt: skip
    assert list(audit.run()) == []


def test_to_an_earlier_run_and_twice_is_once() -> None:
    first, second = factories.runs(2, capacity=3)
    row = factories.register(second, 1)

    again = [go(row, first) for _tab in range(2)]

    assert [one.event_id for one in again] == [first.pk, first.pk]
    assert Change.objects.filter(kind="seat.switched").count() == 1
    assert [pool.taken for pool in SeatPool.objects.order_by("event")] == [1, 0]


def test_a_full_run_leaves_everything_as_it_was() -> None:
    first, second = factories.runs(2, capacity=1)
    row = factories.register(first, 1)
    factories.register(second, 2)

    with pytest.raises(entering.EventFull):
        go(row, second)

    assert holders(first) == [("person1@mail.example", "confirmed")]
    assert list(audit.run()) == []


def test_nobody_passes_those_who_wait_there() -> None:
    first, second = factories.runs(2, capacity=1)
    row = factories.register(first, 1)
    taken, _waits = factories.crowd(second, [2, 3])
    SeatPool.objects.filter(event=second).update(taken=0)  # freed, and not yet given out
    registering.Registration.objects.filter(pk=taken.pk).update(status="cancelled")
    taken.movements.all().delete()

    with pytest.raises(entering.EventFull):
        go(row, second)

    row.refresh_from_db()
    assert (row.event_id, row.status) == (first.pk, "confirmed")


def test_somebody_who_waits_here_takes_a_free_seat_there() -> None:
    first, second = factories.runs(2, capacity=1)
    factories.register(second, 1)
    row = factories.register(second, 2)  # earlier runs are not waited for

    moved = go(row, first)

    assert (moved.event_id, moved.status) == (first.pk, "confirmed")
    assert Change.objects.filter(registration=row, kind="registration.confirmed", reason="switched").count() == 1
    assert list(audit.run()) == []


def test_two_parallel_runs_are_no_clash_but_a_third_event_is() -> None:
    programme = factories.programme(clashes="refuse")
    series = factories.series(of=programme)
    here, there, elsewhere = (factories.run(series, day) for day in (0, 0, 3))
    other = factories.draft("Mixing", of=programme)
    factories.session(other, starts=NOW + factories.WEEK + timedelta(days=3))
    factories.publish(other)
    row = factories.register(here, 1)
    factories.register(other, 1)

    moved = go(row, there)
    with pytest.raises(clashing.Clash) as refusal:
        go(moved, elsewhere)

    assert refusal.value.details["events"] == [other.slug]
    row.refresh_from_db()
    assert row.event_id == there.pk
    assert list(audit.run()) == []


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"registration": "approval"}, switching.NotSwitchable),
        ({"needs_code": True}, switching.NotSwitchable),
        ({"registration": "none"}, entering.RegistrationClosed),
        ({"registration_closes_at": NOW}, entering.RegistrationClosed),
        ({"registration_opens_at": NOW + timedelta(minutes=1)}, entering.RegistrationClosed),
    ],
)
def test_what_refuses_everybody_refuses_them(fields: dict[str, object], kind: type[Exception]) -> None:
    series = factories.series()
    here, there = factories.run(series, 0), factories.run(series, 1, **fields)
    row = factories.register(here, 1)

    with pytest.raises(kind):
        go(row, there)

    row.refresh_from_db()
    assert row.event_id == here.pk


def test_audience_and_questions_of_the_other_run_count() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    series = factories.series()
    here = factories.run(series, 0)
    there, asking = factories.run(series, 1, audiences=[professional]), factories.run(series, 2)
    Question.objects.create(event=asking, key="why", kind="text", title_en="Why?", is_required=True)
    row = factories.register(here, 1, audience=student, answers={"why": "Light", "other": "x"})

    with pytest.raises(entering.NotEligible):
        go(row, there)
    moved = go(row, asking)

    assert moved.answers == {"why": "Light"}
    Question.objects.update(event=there)
    unanswered = factories.register(here, 2)
    with pytest.raises(switching.NotSwitchable):
        go(unanswered, there)


def test_only_a_run_of_the_same_series_and_only_from_a_place_that_is_one() -> None:
    here, there = factories.runs(2, capacity=5)
    foreign = factories.event("Mixing")
    row, cancelled = factories.crowd(here, [1, 2])
    registering.cancel(registration=cancelled, actor=SYSTEM, now=NOW)

    with pytest.raises(Invalid):
        go(row, foreign)
    with pytest.raises(switching.NotSwitchable):
        go(cancelled, there)
    with pytest.raises(switching.NotSwitchable) as too_late:
        switching.switch(registration=row, run=there, now=NOW + factories.WEEK)
    assert too_late.value.details == {}  # it is not their state that is in the way


def test_a_code_is_given_back_and_a_group_is_left() -> None:
    here, there = factories.runs(2, capacity=5)
    invitation = factories.code(here, "LIGHT")
    by_code = factories.register(here, 1, code="LIGHT")
    group = factories.group(here, 2, 3)
    member = group.registrations.order_by("pk")[0]

    go(by_code, there)
    go(member, there)

    invitation.refresh_from_db()
    assert invitation.used == 0
    assert group.registrations.count() == 1
    assert list(audit.run()) == []


def test_one_mail_tells_both_dates(mailoutbox: list[EmailMessage]) -> None:
    first, second = factories.runs(2, capacity=1)
    row = factories.register(first, 1, language="en")
    factories.deliver()
    mailoutbox.clear()

    go(row, second)
    factories.deliver()

    [mail] = mailoutbox
    raw = mail.message().as_bytes().decode()  # type: ignore[attr-defined]
    assert (mail.to, mail.subject) == (["person1@mail.example"], "Another date: Run of day 1")
    assert "Friday 9 October 2026 12:00 KST" in str(mail.body)
    assert raw.count('method="REQUEST"') == 2  # shown, and attached
    assert raw.count('method="CANCEL"') == 1
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}
