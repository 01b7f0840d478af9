"""What happens because its time has come: all of it, once, whenever somebody looks."""

from collections import Counter
from datetime import timedelta

import pytest

from events.models import ANONYMOUS, SYSTEM, Change, Event, Registration, SeatPool
from events.operations import falling_due, planning, registering, scheduling
from events.operations.allotting import Release
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOTHING = Counter(offers=0, quotas=0, decisions=0, waitlists=0, served=0)


def test_nothing_is_due_in_an_empty_database() -> None:
    assert falling_due.run(now=NOW) == NOTHING
    assert falling_due.next_due(after=NOW) is None


def test_everything_that_is_due_happens_in_one_run_and_only_once() -> None:
    offers = factories.event(capacity=1, waitlist="offer", offer_minutes=60)
    holder, offered, next_one = factories.crowd(offers, range(3))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + DAY - HOUR)
    quotas = factories.event(capacity=1, waitlist="automatic")
    factories.quota(quotas, 1, audience=factories.audience(), release=Release(at=NOW + DAY))
    waiting = factories.register(quotas, 4)
    decided = factories.event(capacity=5, minimum=1, decides_at=NOW + DAY)
    begun = factories.draft(capacity=1, waitlist="automatic")
    factories.session(begun, starts=NOW + DAY)
    factories.publish(begun)
    _seated, late = factories.crowd(begun, (5, 6))

    done, again = falling_due.run(now=NOW + DAY), falling_due.run(now=NOW + DAY)

    assert done == Counter(offers=1, quotas=1, decisions=1, waitlists=1, served=0)
    assert again == NOTHING
    assert statuses([offered, next_one, waiting, late]) == ["expired", "offered", "confirmed", "expired"]
    assert Event.objects.get(pk=decided.pk).status == "cancelled"
    assert list(audit.run()) == []


def test_what_happened_to_registrations_has_its_place_afterwards() -> None:
    factories.register(factories.event(), 1)

    falling_due.run(now=NOW)

    assert Change.objects.get(registration__isnull=False).position == 1


def test_what_was_due_while_nobody_looked_happens_later() -> None:
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=60)
    holder, first, second = factories.crowd(event, range(3))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    falling_due.run(now=NOW + 3 * DAY)

    assert statuses([first, second]) == ["expired", "offered"]
    assert Registration.objects.get(pk=second.pk).offer_expires_at == NOW + 3 * DAY + HOUR


def test_an_offer_that_nobody_looked_after_until_the_begin_admits_nobody_any_more() -> None:
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=60)
    holder, first, second = factories.crowd(event, range(3))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    falling_due.run(now=NOW + WEEK)

    assert statuses([first, second]) == ["expired", "expired"]
    assert SeatPool.objects.get(event=event).taken == 0
    assert list(audit.run()) == []


def test_the_next_time_is_the_earliest_of_offers_quotas_and_decisions() -> None:
    event = factories.event(capacity=2, needs_proof=True, proof_minutes=30, minimum=1, decides_at=NOW + 2 * DAY)
    factories.quota(event, 1, audience=factories.audience(), release=Release(at=NOW + DAY))
    factories.register(event, 1)

    times, moment = [], NOW
    while (due := falling_due.next_due(after=moment)) is not None:
        times.append(due)
        moment = due

    assert times == [NOW + HOUR / 2, NOW + DAY, NOW + 2 * DAY]


def test_looking_for_the_next_time_takes_three_statements(django_assert_num_queries: object) -> None:
    factories.event(capacity=2, minimum=1, decides_at=NOW + DAY)

    with django_assert_num_queries(3):  # type: ignore[operator]
        falling_due.next_due(after=NOW)


def test_a_waitlist_ends_at_the_begin_as_it_is_then() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    _holder, waiting = factories.crowd(event, range(2))
    moment = scheduling.block(starts=NOW + 2 * WEEK, ends=NOW + 2 * WEEK + HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=event.sessions.get(), moment=moment, actor=SYSTEM, now=NOW)

    early = falling_due.run(now=NOW + WEEK)["waitlists"]
    due = falling_due.run(now=NOW + 2 * WEEK)["waitlists"]

    assert (early, due, statuses([waiting])) == (0, 1, ["expired"])


def test_a_code_comes_back_when_the_wait_is_over() -> None:
    event = factories.event(capacity=0, waitlist="automatic", needs_code=True)
    invitation = factories.code(event, "MOVIE-2026")
    factories.register(event, 1, code="MOVIE-2026")

    falling_due.run(now=NOW + WEEK)

    invitation.refresh_from_db()
    assert (invitation.used, list(audit.run())) == (0, [])


def test_an_idle_seat_is_found_and_given_to_who_waits() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    holder, waiting = factories.crowd(event, range(2))
    Registration.objects.filter(pk=holder.pk).update(status="cancelled")  # as if a crash had left the seat idle
    SeatPool.objects.filter(event=event).update(taken=0)

    assert falling_due.run(now=NOW + HOUR)["served"] == 1

    assert statuses([waiting]) == ["confirmed"]
    assert Change.objects.get(registration=waiting, kind="registration.confirmed").reason == "seat_freed"


def test_an_event_that_takes_nobody_serves_nobody() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    holder, waiting = factories.crowd(event, range(2))
    planning.amend_event(event=event, fields={"registration": "none"}, actor=SYSTEM, now=NOW + HOUR)

    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    assert (falling_due.run(now=NOW + HOUR)["served"], statuses([waiting])) == (0, ["waitlisted"])
    planning.amend_event(event=event, fields={"registration": "open"}, actor=SYSTEM, now=NOW + HOUR)

    assert statuses([waiting]) == ["confirmed"]


def test_a_waitlist_that_was_switched_off_still_serves_who_stood_on_it() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    holder, waiting = factories.crowd(event, range(2))
    planning.amend_event(event=event, fields={"waitlist": "off"}, actor=SYSTEM, now=NOW + HOUR)

    with pytest.raises(registering.EventFull):
        factories.register(event, 7, now=NOW + HOUR)
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    assert statuses([waiting]) == ["confirmed"]
