"""Seats sold twice elsewhere: each incident, and why it cannot happen here. Many clients at once: tests/races."""

from datetime import timedelta

import pytest

from events.models import ANONYMOUS, SYSTEM, Event, Invitation, Registration, SeatPool
from events.operations import grouping, inviting, planning, registering
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, statuses

pytestmark = pytest.mark.django_db


def read(event: Event) -> Event:
    """The event as a request has read it, some time before it writes."""
    return Event.objects.prefetch_related("pools", "audiences", "questions").get(pk=event.pk)


def come(event: Event, number: int, **fields: object) -> Registration:
    return registering.register(
        event=event, applicant=factories.applicant(number, **fields), actor=ANONYMOUS, now=NOW
    )  # fmt: skip


def test_event_espresso_109_a_busy_event_sells_no_seat_past_its_limit() -> None:
    """https://github.com/eventespresso/event-espresso-core/issues/109

    Every event in demand was oversold, whatever limit was set: several people held the last seats in their carts at the
    same time, and each of them had seen that there were some.
    """
    event = factories.event(capacity=2)
    carts = [read(event) for _person in range(5)]

    outcomes = []
    for number, cart in enumerate(carts):
        try:
            outcomes.append(come(cart, number).status)
        except registering.EventFull as refusal:
            outcomes.append(refusal.code)

    assert outcomes == ["confirmed", "confirmed", "event_full", "event_full", "event_full"]
    assert SeatPool.objects.get(event=event).taken == 2


@pytest.mark.parametrize("fields", [{}, {"needs_proof": True}, {"needs_code": True}, {"waitlist": "offer"}])
def test_eventyay_1359_no_way_in_goes_without_the_lock(fields: dict[str, object]) -> None:
    """https://github.com/fossasia/eventyay/issues/1359

    A fork of pretix skipped the lock at checkout "for performance" where no voucher or seat was chosen: two people
    bought the last ticket. Here the quick way is one conditional update, and every other one judges what it has locked.
    """
    event = factories.event(capacity=1, **fields)
    factories.code(event, "MOVIE-2026", uses=None)
    early, late = read(event), read(event)
    code = {"code": "MOVIE-2026"} if "needs_code" in fields else {}
    first = come(early, 1, **code)

    if "waitlist" in fields:
        assert come(late, 2).status == "waitlisted"
    else:
        with pytest.raises(registering.EventFull):
            come(late, 2, **code)

    assert (first.status in ("confirmed", "offered"), SeatPool.objects.get(event=event).taken) == (True, 1)
    assert list(audit.run()) == []


def test_attendize_473_two_orders_of_two_do_not_both_get_the_last_two_seats() -> None:
    """https://github.com/Attendize/Attendize/issues/473

    Two devices ordered the last two tickets at the same moment; both orders went through, and the number of tickets
    left was negative.
    """
    event = factories.event(capacity=2)
    devices = [read(event), read(event)]

    def book(device: Event, numbers: tuple[int, int]) -> list[Registration]:
        people = [factories.applicant(number) for number in numbers]
        return grouping.register(event=device, booker=people[0], people=people, actor=ANONYMOUS, now=NOW).registrations

    first = book(devices[0], (1, 2))
    with pytest.raises(registering.EventFull):
        book(devices[1], (3, 4))

    pool = SeatPool.objects.get(event=event)
    assert (statuses(first), pool.taken, pool.seats_left) == (["confirmed", "confirmed"], 2, 0)


def test_talawa_3569_the_check_and_the_registration_are_one_step() -> None:
    """https://github.com/PalisadoesFoundation/talawa-api/issues/3569

    The check for free seats and the registration were not atomic: simultaneous requests went beyond the capacity.
    Here a request that has seen a free seat is refused by the row itself.
    """
    event = factories.event(capacity=1)
    seen = read(event)
    assert registering.refusal(event=seen, now=NOW) is None
    come(read(event), 1)

    with pytest.raises(registering.EventFull):
        come(seen, 2)

    assert Registration.objects.filter(event=event).count() == 1


def test_cve_2026_42689_what_was_true_when_the_form_opened_is_asked_again_when_it_is_sent() -> None:
    """CVE-2026-42689 (Events Manager up to 7.4.7): requests that race book more than an event has.

    What decides may change between form and booking: seats, the window, the way in. All of it is judged under the lock.
    """
    event = factories.event(capacity=3)
    form = read(event)
    planning.amend_event(
        event=event, fields={"capacity": 0, "registration_closes_at": NOW + HOUR}, actor=SYSTEM, now=NOW
    )

    with pytest.raises(registering.EventFull):
        come(form, 1)
    with pytest.raises(registering.RegistrationClosed):
        registering.register(
            event=form, applicant=factories.applicant(2), actor=ANONYMOUS, now=NOW + HOUR + timedelta(seconds=1)
        )

    assert Registration.objects.count() == 0


def test_cve_2024_45300_a_code_is_used_as_often_as_it_says_by_whoever_is_quick() -> None:
    """CVE-2024-45300 (alf.io): a race let people use a promotion code more often than its limit allowed."""
    event = factories.event(capacity=9, needs_code=True)
    invitation = factories.code(event, "PROMO-2026", uses=1)
    early, late = read(event), read(event)
    assert inviting.find(event=late, code="PROMO-2026", now=NOW) == invitation
    come(early, 1, code="PROMO-2026")

    with pytest.raises(inviting.CodeRequired):
        come(late, 2, code="PROMO-2026")
    with pytest.raises(inviting.CodeRequired):
        inviting.use(invitation=invitation, now=NOW)

    assert Invitation.objects.get(pk=invitation.pk).used == 1
