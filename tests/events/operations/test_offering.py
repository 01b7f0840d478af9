"""Offers: a held seat is accepted, declined or lost exactly once; a mailed link opens one and proves an address."""

from datetime import timedelta

import pytest

from events.models import ANONYMOUS, SYSTEM, Change, Event, Person, Registration, SeatMovement, SeatPool
from events.models.tokens import derive
from events.operations import falling_due, offering, publishing, registering, selecting
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, statuses

pytestmark = pytest.mark.django_db

DEADLINE = NOW + HOUR + timedelta(minutes=60)


def offered(people: int = 3) -> tuple[Event, list[Registration]]:
    """An event of one seat, which is offered to the first who waited, an hour after NOW, for an hour."""
    event = factories.event(capacity=1, waitlist="offer", offer_minutes=60)
    holder, *waiting = factories.crowd(event, range(people))
    registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)
    return event, waiting


def proving() -> tuple[Event, Registration]:
    event = factories.event(capacity=1, waitlist="automatic", needs_proof=True, proof_minutes=30)
    return event, factories.register(event, 1)


def fresh(registration: Registration) -> Registration:
    return Registration.objects.get(pk=registration.pk)


def taken(event: Event) -> int:
    return SeatPool.objects.get(event=event).taken


def told(registration: Registration) -> list[tuple[str, str]]:
    rows = Change.objects.filter(registration=registration).order_by("pk")
    return list(rows.values_list("kind", "reason"))


# Accepting


def test_an_accepted_offer_is_confirmed() -> None:
    event, (first, second) = offered()

    offering.accept(registration=first, by_link=True, now=NOW + 2 * HOUR - timedelta(seconds=1))

    row = fresh(first)
    assert (row.status, row.offer_expires_at, row.proved_at) == (
        "confirmed", None, NOW + 2 * HOUR - timedelta(seconds=1),
    )  # fmt: skip
    assert (statuses([second]), taken(event)) == (["waitlisted"], 1)
    assert told(first) == [
        ("registration.waitlisted", "registered"),
        ("registration.offered", "seat_freed"),
        ("registration.confirmed", "accepted"),
    ]
    assert list(audit.run()) == []


def test_accepting_twice_changes_nothing() -> None:
    _event, (first, _second) = offered()
    offering.accept(registration=first, by_link=True, now=NOW + HOUR)
    before = (fresh(first).sequence, Change.objects.count(), SeatMovement.objects.count())

    again = offering.accept(registration=first, by_link=True, now=NOW + 5 * HOUR)

    assert again.status == "confirmed"
    assert (fresh(first).sequence, Change.objects.count(), SeatMovement.objects.count()) == before


def test_at_the_second_of_the_deadline_it_is_too_late() -> None:
    _event, (first, _second) = offered()

    with pytest.raises(offering.OfferEnded) as refusal:
        offering.accept(registration=first, by_link=True, now=DEADLINE)

    assert (refusal.value.code, dict(refusal.value.details), statuses([first])) == (
        "offer_ended", {"state": "offered"}, ["offered"],
    )  # fmt: skip


def test_who_only_waits_has_nothing_to_accept() -> None:
    _event, (_first, second) = offered()

    with pytest.raises(offering.OfferEnded):
        offering.accept(registration=second, by_link=True, now=NOW + HOUR)

    assert statuses([second]) == ["waitlisted"]


# Declining


def test_a_declined_seat_is_offered_to_the_next() -> None:
    event, (first, second) = offered()

    offering.decline(registration=first, now=NOW + HOUR, reason="Another plan")

    row = fresh(first)
    assert (row.status, row.ended_by, row.reason) == ("declined", "attendee", "Another plan")
    assert (statuses([second]), taken(event)) == (["offered"], 1)
    assert list(audit.run()) == []


def test_declining_twice_changes_nothing() -> None:
    _event, (first, _second) = offered()
    offering.decline(registration=first, now=NOW + HOUR)
    before = Change.objects.count(), SeatMovement.objects.count()

    offering.decline(registration=first, now=NOW + HOUR)

    assert (Change.objects.count(), SeatMovement.objects.count()) == before


def test_who_declined_is_never_offered_that_seat_again() -> None:
    _event, (first, second) = offered()

    offering.decline(registration=first, now=NOW + HOUR)
    offering.decline(registration=second, now=NOW + HOUR)

    assert statuses([first, second]) == ["declined", "declined"]
    assert Registration.objects.filter(status="offered").count() == 0


@pytest.mark.parametrize("end", ["accepted", "expired", "cancelled", "withdrawn"])
def test_an_offer_ends_in_exactly_one_way(end: str) -> None:
    event, (first, _second) = offered()
    match end:
        case "accepted":
            offering.accept(registration=first, by_link=True, now=NOW + HOUR)
        case "expired":
            falling_due.run(now=DEADLINE)
        case "cancelled":
            registering.cancel(registration=first, actor=ANONYMOUS, now=NOW + HOUR)
        case _:
            selecting.decline(event=event, registrations=[first], actor=SYSTEM, now=NOW + HOUR)
    ended, before = fresh(first).status, Change.objects.count()

    if end != "withdrawn":
        with pytest.raises(offering.OfferEnded) as declining:
            offering.decline(registration=first, now=NOW + HOUR)
        assert dict(declining.value.details) == {"state": ended}
    if end != "accepted":
        with pytest.raises(offering.OfferEnded) as accepting:
            offering.accept(registration=first, by_link=True, now=NOW + HOUR)
        assert dict(accepting.value.details) == {"state": ended}

    assert (fresh(first).status, Change.objects.count()) == (ended, before)


# Running out


def test_an_offer_runs_out_at_its_deadline_without_anybody_asking() -> None:
    event, (first, second) = offered()

    early = falling_due.run(now=DEADLINE - timedelta(seconds=1))["offers"]
    due = falling_due.run(now=DEADLINE)["offers"]
    again = falling_due.run(now=DEADLINE)["offers"]

    assert (early, due, again) == (0, 1, 0)
    assert (statuses([first, second]), taken(event)) == (["expired", "offered"], 1)
    assert fresh(second).offer_expires_at == DEADLINE + HOUR
    assert told(first)[-1] == ("registration.expired", "offer_expired")
    assert list(audit.run()) == []


def test_an_accepted_offer_never_runs_out() -> None:
    _event, (first, _second) = offered()
    offering.accept(registration=first, by_link=True, now=NOW + HOUR)

    falling_due.run(now=DEADLINE + HOUR)

    assert statuses([first]) == ["confirmed"]


def test_all_offers_of_an_event_run_out_together_and_go_on_to_the_next() -> None:
    event = factories.event(capacity=2, waitlist="offer", offer_minutes=60)
    first, second, *waiting = factories.crowd(event, range(5))
    for holder in (first, second):
        registering.cancel(registration=holder, actor=ANONYMOUS, now=NOW + HOUR)

    assert falling_due.run(now=DEADLINE)["offers"] == 2

    assert statuses(waiting) == ["expired", "expired", "offered"]
    assert taken(event) == 1
    assert list(audit.run()) == []


def test_who_let_an_offer_run_out_joins_again_at_the_end() -> None:
    event, (first, second) = offered()
    third = factories.register(event, 7, now=NOW + HOUR)
    falling_due.run(now=DEADLINE)

    again = factories.register(event, 1, now=DEADLINE)

    assert statuses([first, second, third, again]) == ["expired", "offered", "waitlisted", "waitlisted"]
    offering.decline(registration=second, now=DEADLINE)
    assert statuses([third, again]) == ["offered", "waitlisted"]


def test_a_called_off_event_withdraws_its_offers() -> None:
    event, (first, second) = offered()

    publishing.cancel(event=event, actor=SYSTEM, now=NOW + HOUR)

    assert (statuses([first, second]), taken(event)) == (["cancelled", "cancelled"], 0)


# Tokens


def test_a_token_opens_its_own_offer() -> None:
    _event, (first, _second) = offered()

    assert offering.find(token=offering.token_of(first)) == first


def test_another_token_opens_nothing() -> None:
    _event, (first, second) = offered()
    token = offering.token_of(first)
    old = offering.token_of(first)
    of_another_kind = derive(kind="manage", row_id=first.pk, generation=0)
    of_another_row = f"{first.pk:x}-{offering.token_of(second).partition('-')[2]}"
    nobody = derive(kind="offer", row_id=first.pk + 10_000, generation=0)

    Registration.objects.filter(pk=first.pk).update(token_generation=1)

    wrong = [of_another_kind, of_another_row, nobody, old, "", "-", "x", token[:-1], token + "A", f"{2**62:x}-a"]
    assert [offering.find(token=one) for one in wrong] == [None] * len(wrong)
    assert offering.find(token=offering.token_of(fresh(first))) == first


def test_the_token_of_an_ended_offer_admits_nobody() -> None:
    _event, (first, second) = offered()
    token = offering.token_of(first)
    falling_due.run(now=DEADLINE)

    row = offering.find(token=token)

    assert row is not None
    with pytest.raises(offering.OfferEnded):
        offering.accept(registration=row, by_link=True, now=DEADLINE)
    assert statuses([first, second]) == ["expired", "offered"]


# Proof of the address


def test_where_an_address_must_be_proven_the_seat_is_held_for_a_while() -> None:
    event, registration = proving()

    assert (registration.status, registration.offer_expires_at, registration.proved_at) == (
        "offered", NOW + timedelta(minutes=30), None,
    )  # fmt: skip
    assert taken(event) == 1


def test_the_mailed_link_proves_the_address() -> None:
    _event, registration = proving()

    offering.accept(registration=registration, by_link=True, now=NOW + HOUR / 4)

    assert (fresh(registration).status, fresh(registration).proved_at) == ("confirmed", NOW + HOUR / 4)


def test_the_code_alone_proves_nothing() -> None:
    _event, registration = proving()

    with pytest.raises(offering.ProofNeeded) as refusal:
        offering.accept(registration=registration, by_link=False, now=NOW)

    assert (refusal.value.code, statuses([registration])) == ("proof_needed", ["offered"])


def test_the_code_accepts_an_offer_where_no_proof_is_asked_for() -> None:
    _event, (first, _second) = offered()

    offering.accept(registration=first, by_link=False, now=NOW + HOUR)

    assert (fresh(first).status, fresh(first).proved_at) == ("confirmed", None)


def test_an_address_that_nobody_proved_in_time_loses_the_seat_to_who_waits() -> None:
    event, registration = proving()
    waiting = factories.register(event, 2)
    assert waiting.status == "waitlisted"

    falling_due.run(now=NOW + HOUR / 2)

    assert statuses([registration, waiting]) == ["expired", "offered"]
    assert list(audit.run()) == []


def test_a_promoted_person_proves_the_address_by_accepting() -> None:
    event, registration = proving()
    waiting = factories.register(event, 2)
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW + HOUR)
    with pytest.raises(offering.ProofNeeded):
        offering.accept(registration=waiting, by_link=False, now=NOW + HOUR)

    offering.accept(registration=waiting, by_link=True, now=NOW + HOUR)

    assert statuses([waiting]) == ["confirmed"]


def test_an_approved_person_proves_the_address_by_accepting() -> None:
    event = factories.event(capacity=1, registration="approval", needs_proof=True)
    registration = factories.register(event, 1)
    assert registration.status == "applied"

    selecting.approve(event=event, registrations=[registration], actor=SYSTEM, now=NOW)

    assert statuses([registration]) == ["offered"]


def test_who_an_organizer_enters_needs_no_proof() -> None:
    event = factories.event(capacity=1, needs_proof=True)

    registration = factories.enter(event, 1)

    assert (registration.status, registration.proved_at) == ("confirmed", NOW)


def test_who_is_signed_in_with_that_address_has_proven_it() -> None:
    event = factories.event(capacity=2, needs_proof=True)
    person = Person.objects.create_user("Person1@mail.example")

    own = factories.register(event, 1, actor=person.as_actor())
    for_another = factories.register(event, 2, actor=person.as_actor())

    assert statuses([own, for_another]) == ["confirmed", "offered"]
