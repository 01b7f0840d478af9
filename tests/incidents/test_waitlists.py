"""Waitlists that served the wrong person, or two at once, elsewhere."""

from datetime import timedelta

import pytest

from events.models import ANONYMOUS, SYSTEM, Registration, SeatPool
from events.operations import falling_due, grouping, offering, planning, registering, selecting
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, statuses

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mode", ["automatic", "offer"])
def test_pretix_1163_who_cancels_is_not_offered_the_seat_again(mode: str) -> None:
    """https://github.com/pretix/pretix/issues/1163 (2019, seen again in 2026)

    Somebody on the waiting list got a seat, and cancelled. They stayed on the list, and the seat was offered to them
    again instead of the next in line.
    """
    event = factories.event(capacity=1, waitlist=mode)
    holder, first, second = factories.crowd(event, range(3))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    if mode == "offer":
        offering.accept(registration=first, by_link=True, now=NOW + HOUR)

    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW + HOUR)
    falling_due.run(now=NOW + HOUR)

    assert statuses([first, second]) == ["cancelled", "offered" if mode == "offer" else "confirmed"]
    assert Registration.objects.filter(email_key=first.email_key).count() == 1
    assert list(audit.run()) == []


def test_pretix_2119_the_first_in_line_is_served_first() -> None:
    """https://github.com/pretix/pretix/issues/2119

    Two orders were cancelled, and the last person on the list got the seat, not the one who had waited since March:
    entries belonged to products, and the product of the first ones was no longer on sale. Here one list serves all
    seats; who cannot take the free one keeps their place, and reads why.
    """
    student = factories.audience()
    event = factories.event(capacity=2, waitlist="automatic")
    factories.quota(event, 1, audience=student)
    pupil, adult = factories.register(event, 1, audience=student), factories.register(event, 2)
    march = factories.register(event, 3, now=NOW + HOUR)
    june = factories.register(event, 4, audience=student, now=NOW + 2 * HOUR)

    registering.cancel(registration=adult, actor=ANONYMOUS, now=NOW + 3 * HOUR)
    assert statuses([march, june]) == ["confirmed", "waitlisted"]
    july = factories.register(event, 5, now=NOW + 4 * HOUR)
    registering.cancel(registration=pupil, actor=ANONYMOUS, now=NOW + 5 * HOUR)

    assert statuses([june, july]) == ["confirmed", "waitlisted"]
    assert list(audit.run()) == []


@pytest.mark.parametrize("first", ["accept", "expire"])
def test_hi_events_1072_accepting_and_running_out_have_one_outcome(first: str) -> None:
    """https://github.com/HiEventsDev/Hi.Events/pull/1072

    An offer could be accepted while the job that expires offers was at it; the seat was then counted twice. Here both
    lock the registration, and whoever comes second finds it decided.
    """
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=60)
    holder, offered, waiting = factories.crowd(event, range(3))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    deadline = NOW + 2 * HOUR
    read = Registration.objects.get(pk=offered.pk)

    if first == "accept":
        offering.accept(registration=read, by_link=True, now=deadline - timedelta(seconds=1))
        falling_due.run(now=deadline)
        assert statuses([offered, waiting]) == ["confirmed", "waitlisted"]
    else:
        falling_due.run(now=deadline)
        with pytest.raises(offering.OfferEnded):
            offering.accept(registration=read, by_link=True, now=deadline - timedelta(seconds=1))
        assert statuses([offered, waiting]) == ["expired", "offered"]

    assert SeatPool.objects.get(event=event).taken == 1
    assert list(audit.run()) == []


def test_eventra_5698_an_organizer_and_the_waitlist_do_not_give_out_the_same_seat() -> None:
    """https://github.com/SandeepVashishtha/Eventra/issues/5698 (a training project)

    A freed seat went to the first in line by itself and to another person by an organizer's click, and one way did not
    count what the other had taken. Here both go through the same pools under the same locks.
    """
    event = factories.event(capacity=2, registration="approval", waitlist="automatic")
    one, two, waiting, applied = [factories.register(event, number) for number in range(4)]
    selecting.approve(event=event, registrations=[one, two, waiting], actor=SYSTEM, now=NOW)

    registering.cancel(registration=one, actor=ANONYMOUS, now=NOW + HOUR)
    selecting.approve(event=event, registrations=[applied], actor=SYSTEM, now=NOW + HOUR)
    entered = factories.enter(event, 9, now=NOW + HOUR)

    assert statuses([one, two, waiting, applied, entered]) == [
        "cancelled", "confirmed", "confirmed", "waitlisted", "waitlisted",
    ]  # fmt: skip
    assert SeatPool.objects.get(event=event).taken == 2
    assert list(audit.run()) == []


def test_jem_2287_a_small_party_does_not_jump_the_queue() -> None:
    """https://github.com/jemproject/JEM-Project/issues/2287

    A registration for two waited, one place came free, and a later one for one got it: the algorithm preferred full
    rooms to the order. And places that organizers freed called nobody. Here the seat is kept for the two, unless the
    event says otherwise, and every way to free one serves who waits.
    """
    event = factories.event(capacity=2, waitlist="automatic")
    holders = factories.crowd(event, range(2))
    people = [factories.applicant(number) for number in (10, 11)]
    two = grouping.register(
        event=event, booker=people[0], people=people, actor=ANONYMOUS, now=NOW + HOUR
    ).registrations  # fmt: skip
    single = factories.register(event, 20, now=NOW + 2 * HOUR)

    registering.cancel(registration=holders[0], actor=SYSTEM, now=NOW + 3 * HOUR)
    assert statuses([*two, single]) == ["waitlisted"] * 3
    planning.amend_event(event=event, fields={"capacity": 3}, actor=SYSTEM, now=NOW + 3 * HOUR)

    assert statuses([*two, single]) == ["confirmed", "confirmed", "waitlisted"]
    assert list(audit.run()) == []
