"""Quotas that lost or invented seats elsewhere."""

import pytest

from events.models import ANONYMOUS, SYSTEM, SeatPool
from events.operations import allotting, inviting, offering, planning, registering
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, statuses

pytestmark = pytest.mark.django_db


def test_pretix_1238_what_ends_unused_gives_out_no_more_seats_than_there_are() -> None:
    """https://github.com/pretix/pretix/issues/1238

    A voucher for 60 people that bypassed a full quota of 13,000 was deleted unused, and its 60 seats, which had never
    existed, went to 60 people on the waiting list. Here a code holds no seats: revoking one frees none; and an
    allotment gives back exactly the unused seats that it had taken from the open ones.
    """
    event = factories.event(capacity=4, waitlist="automatic")
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    pool = factories.quota(event, 2, "allotment", partner=partner)
    code = factories.code(event, "GROUP-60", pool=pool, uses=60)
    nominee = factories.register(event, 1, code="GROUP-60")
    people = factories.crowd(event, range(10, 16), now=NOW + HOUR)
    assert statuses([nominee, *people]) == ["confirmed"] * 3 + ["waitlisted"] * 4

    inviting.revoke(invitation=code, actor=SYSTEM, now=NOW + 2 * HOUR)
    assert statuses(people) == ["confirmed"] * 2 + ["waitlisted"] * 4
    allotting.release(pool=pool, actor=SYSTEM, now=NOW + 2 * HOUR)

    assert statuses(people) == ["confirmed"] * 3 + ["waitlisted"] * 3
    assert sum(SeatPool.objects.filter(event=event).values_list("taken", flat=True)) == 4
    assert list(audit.run()) == []


def test_pretix_1405_cancelling_frees_the_seat() -> None:
    """https://github.com/pretix/pretix/issues/1405

    Who came from the waiting list cancelled their order again, and the quota did not grow: the voucher by which the
    waiting list had let them in went on reserving the seat for days. Here an offer is a state of the registration, not
    a thing beside it that could outlive it.
    """
    event = factories.event(capacity=1, waitlist="offer")
    holder, waiting = factories.crowd(event, range(2))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    offering.accept(registration=waiting, by_link=True, now=NOW + HOUR)
    assert SeatPool.objects.get(event=event).seats_left == 0

    registering.cancel(registration=waiting, actor=ANONYMOUS, now=NOW + HOUR)

    assert SeatPool.objects.get(event=event).seats_left == 1
    assert factories.register(event, 7, now=NOW + 2 * HOUR).status == "confirmed"
    assert list(audit.run()) == []


def test_pretix_1405_a_quota_cut_and_raised_again_counts_as_before() -> None:
    """The same report: the capacity had been cut to what was sold and raised again, with people waiting meanwhile."""
    event = factories.event(capacity=3, waitlist="automatic")
    first = factories.register(event, 1)
    planning.amend_event(event=event, fields={"capacity": 1}, actor=SYSTEM, now=NOW)
    waiting = factories.register(event, 2, now=NOW + HOUR)
    planning.amend_event(event=event, fields={"capacity": 3}, actor=SYSTEM, now=NOW + HOUR)
    assert statuses([first, waiting]) == ["confirmed", "confirmed"]

    registering.cancel(registration=waiting, actor=ANONYMOUS, now=NOW + 2 * HOUR)

    assert SeatPool.objects.get(event=event).seats_left == 2
    assert list(audit.run()) == []
