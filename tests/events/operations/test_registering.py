"""Registering and cancelling: who gets a seat, who is told no in which words, and that a refusal writes nothing."""

from collections import Counter
from datetime import timedelta

import pytest

from events.errors import Invalid
from events.models import ANONYMOUS, SYSTEM, Change, Event, Registration, SeatMovement, SeatPool
from events.operations import planning, publishing, registering, selecting
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK

pytestmark = pytest.mark.django_db


def pool_of(event: Event) -> SeatPool:
    return SeatPool.objects.get(event=event)


def written() -> tuple[int, int, int, int]:
    taken = sum(SeatPool.objects.values_list("taken", flat=True))
    return Registration.objects.count(), SeatMovement.objects.filter(delta__gt=0).count(), Change.objects.count(), taken


def test_a_seat_a_ledger_line_a_registration_and_a_change_come_together() -> None:
    event = factories.event(capacity=3)

    registration = factories.register(event, 1)

    movement = SeatMovement.objects.get(registration=registration)
    change = Change.objects.get(registration=registration)
    assert (registration.status, registration.pool, pool_of(event).taken) == ("confirmed", pool_of(event), 1)
    assert (movement.pool, movement.delta, movement.reason) == (pool_of(event), 1, "registered")
    assert (change.kind, change.before, change.after) == ("registration.confirmed", {}, {"status": "confirmed"})
    assert change.version is None


def test_changes_hold_no_personal_data() -> None:
    registration = factories.register(factories.event(), 7, name="Canary Person", answers={"note": "canary"})

    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW, reason="The canary is ill")

    told = "".join(str((change.before, change.after, change.reason)) for change in Change.objects.order_by("pk"))
    assert ("canary" in told.lower(), "person7" in told) == (False, False)


def test_the_last_seat_is_sold_and_the_next_person_is_refused() -> None:
    event = factories.event(capacity=1)
    factories.register(event, 1)
    before = written()

    with pytest.raises(registering.EventFull) as refusal:
        factories.register(event, 2)

    assert (refusal.value.code, refusal.value.status, written()) == ("event_full", 409, before)


def test_unlimited_capacity_never_meets_its_limit() -> None:
    event = factories.event(capacity=None)

    for number in range(5):
        factories.register(event, number)

    assert (pool_of(event).taken, pool_of(event).seats_left) == (5, None)


def test_an_event_without_seats_is_full_at_once() -> None:
    with pytest.raises(registering.EventFull):
        factories.register(factories.event(capacity=0), 1)


@pytest.mark.parametrize(
    "address",
    ["Person1@Mail.Example", " person1@mail.example ", "PERSON1@MAIL.EXAMPLE", "person1@mail.example"],
)
def test_the_same_address_in_another_spelling_is_the_same_person(address: str) -> None:
    event = factories.event(capacity=3)
    factories.register(event, 1)
    before = written()

    with pytest.raises(registering.AlreadyRegistered) as refusal:
        factories.register(event, email=address)

    assert (refusal.value.code, dict(refusal.value.details), written()) == ("already_registered", {}, before)


@pytest.mark.parametrize("address", ["person.1@mail.example", "person1+news@mail.example", "person1@mail.example.org"])
def test_provider_tricks_are_not_guessed_so_these_are_other_people(address: str) -> None:
    event = factories.event(capacity=3)
    factories.register(event, 1)

    factories.register(event, email=address)

    assert pool_of(event).taken == 2


def test_who_is_in_hears_so_even_when_the_event_is_full() -> None:
    event = factories.event(capacity=1)
    factories.register(event, 1)

    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, 1)


def test_who_left_may_come_back() -> None:
    event = factories.event(capacity=1)
    registering.cancel(registration=factories.register(event, 1), actor=ANONYMOUS, now=NOW)

    factories.register(event, 1)

    assert list(Registration.objects.order_by("pk").values_list("status", flat=True)) == ["cancelled", "confirmed"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@mail.example",
        "a@",
        f"a@{'x' * 64}.example",
        f"{'ß' * 130}@b.example",
        "per\u017fon1@mail.example",
    ],
)
def test_what_cannot_be_an_address_is_refused_by_name(address: str) -> None:
    event = factories.event()
    before = written()

    with pytest.raises(Invalid) as refusal:
        factories.register(event, email=address)

    assert (refusal.value.field, written()) == ("email", before)


def test_a_draft_takes_no_registrations() -> None:
    with pytest.raises(registering.RegistrationClosed):
        factories.register(factories.draft(), 1)


def test_an_event_without_registration_takes_none() -> None:
    with pytest.raises(registering.RegistrationClosed):
        factories.register(factories.event(registration="none"), 1)


def test_a_called_off_event_says_so() -> None:
    event = publishing.cancel(event=factories.event(), actor=SYSTEM, now=NOW)

    with pytest.raises(registering.EventCancelled) as refusal:
        factories.register(event, 1)

    assert refusal.value.code == "event_cancelled"


def test_registration_opens_to_the_second_and_closes_to_the_second() -> None:
    opens, closes = NOW + HOUR, NOW + 2 * HOUR
    event = factories.event(registration_opens_at=opens, registration_closes_at=closes)
    a_moment = timedelta(microseconds=1)

    with pytest.raises(registering.RegistrationClosed) as early:
        factories.register(event, 1, now=opens - a_moment)
    factories.register(event, 2, now=opens)
    factories.register(event, 3, now=closes - a_moment)
    with pytest.raises(registering.RegistrationClosed) as late:
        factories.register(event, 4, now=closes)

    assert dict(early.value.details) == {"opens_at": opens.isoformat()}
    assert dict(late.value.details) == {"closed_at": closes.isoformat()}


def test_registration_closes_when_the_first_session_starts_unless_said() -> None:
    event = factories.event(sessions=2)

    factories.register(event, 1, now=NOW + WEEK - timedelta(seconds=1))
    with pytest.raises(registering.RegistrationClosed):
        factories.register(event, 2, now=NOW + WEEK)

    assert event.closes_at == NOW + WEEK


def test_an_event_may_stay_open_after_its_start() -> None:
    event = factories.event(registration_closes_at=NOW + 2 * WEEK)

    factories.register(event, 1, now=NOW + WEEK + HOUR)

    assert pool_of(event).taken == 1


def test_an_event_that_closed_after_it_was_read_is_refused_by_the_update_itself() -> None:
    event = factories.event(capacity=5)
    read = Event.objects.prefetch_related("pools", "audiences").get(pk=event.pk)
    planning.amend_event(event=event, fields={"registration_closes_at": NOW}, actor=SYSTEM, now=NOW)

    with pytest.raises(registering.RegistrationClosed):
        registering.register(event=read, applicant=factories.applicant(), actor=ANONYMOUS, now=NOW)

    assert pool_of(event).taken == 0


def test_an_event_that_was_sold_out_after_it_was_read_is_refused_by_the_update_itself() -> None:
    event = factories.event(capacity=1)
    read = Event.objects.prefetch_related("pools", "audiences").get(pk=event.pk)
    factories.register(event, 1)

    with pytest.raises(registering.EventFull):
        registering.register(event=read, applicant=factories.applicant(2), actor=ANONYMOUS, now=NOW)


def test_only_the_audiences_of_the_event_are_eligible() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(audiences=[student], capacity=5)

    factories.register(event, 1, audience=student)
    with pytest.raises(registering.NotEligible) as refusal:
        factories.register(event, 2, audience=professional)

    assert (refusal.value.code, refusal.value.field) == ("not_eligible", "audience")


def test_an_event_for_everybody_takes_any_audience() -> None:
    factories.register(factories.event(), 1, audience=factories.audience("professional"))

    assert Registration.objects.get().audience.slug == "professional"


def test_cancelling_frees_the_seat_once_however_often_it_is_asked() -> None:
    event = factories.event(capacity=2)
    registration = factories.register(event, 1)

    for _ in range(3):
        registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW + HOUR, reason="ill")

    ended = Registration.objects.get()
    assert (ended.status, ended.ended_by, ended.reason, ended.sequence) == ("cancelled", "attendee", "ill", 1)
    assert (ended.updated_at, pool_of(event).taken) == (NOW + HOUR, 0)
    assert list(SeatMovement.objects.order_by("pk").values_list("delta", "reason").exclude(delta=0)) == [
        (1, "registered"),
        (-1, "cancelled"),
    ]
    assert Change.objects.filter(kind="registration.cancelled").count() == 1


def test_an_organizer_who_cancels_is_named_as_the_one_who_did() -> None:
    event = factories.event()
    editor = factories.member(event.programme.organization, "editor")

    registering.cancel(registration=factories.register(event, 1), actor=editor, now=NOW)

    change = Change.objects.get(kind="registration.cancelled")
    assert (Registration.objects.get().ended_by, change.actor_kind, change.person_id) == (
        "organizer",
        "person",
        editor.person_id,
    )


@pytest.mark.parametrize("status", ["declined", "expired"])
def test_what_ended_in_another_way_stays_as_it_ended(status: str) -> None:
    event = factories.event()
    registration = factories.register(event, 1)
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)
    Registration.objects.update(status=status)

    with pytest.raises(registering.NotLive) as refusal:
        registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    assert dict(refusal.value.details) == {"state": status}


@pytest.mark.parametrize("status", ["applied", "waitlisted"])
def test_who_waits_without_a_seat_frees_none_by_leaving(status: str) -> None:
    event = factories.event(capacity=2)
    factories.register(event, 1)
    waiting = Registration.objects.create(
        event=event, status=status, name="W", email="w@mail.example", email_key="w@mail.example", created_at=NOW,
        updated_at=NOW, waits_since=NOW,
    )  # fmt: skip

    registering.cancel(registration=waiting, actor=ANONYMOUS, now=NOW)

    assert pool_of(event).taken == 1


def test_calling_off_an_event_ends_every_live_registration_once() -> None:
    event = factories.event(capacity=5)
    gone = factories.register(event, 1)
    registering.cancel(registration=gone, actor=ANONYMOUS, now=NOW)
    for number in (2, 3):
        factories.register(event, number)

    publishing.cancel(event=event, actor=SYSTEM, now=NOW, reason="storm")

    rows = Registration.objects.order_by("pk").values_list("status", "ended_by", "reason", "sequence")
    assert list(rows) == [
        ("cancelled", "attendee", "", 1),
        ("cancelled", "organizer", "storm", 1),
        ("cancelled", "organizer", "storm", 1),
    ]
    assert pool_of(event).taken == 0
    assert Counter(Change.objects.values_list("kind", flat=True))["registration.cancelled"] == 3


def test_codes_and_tickets_are_130_bits_and_never_the_same() -> None:
    event = factories.event(capacity=None)
    rows = [factories.register(event, number) for number in range(20)]

    secrets = [row.code for row in rows] + [row.ticket for row in rows]

    assert {len(secret) for secret in secrets} == {26}
    assert len(set(secrets)) == 40
    assert set("".join(secrets)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_registering_takes_a_constant_number_of_statements(django_assert_num_queries: object) -> None:
    event = factories.event(capacity=5)
    read = (
        Event.objects.select_related("programme").prefetch_related("pools", "audiences", "questions").get(pk=event.pk)
    )
    applicant = factories.applicant()

    # seat, registration, ledger line, change; and the savepoint of a test's transaction
    with django_assert_num_queries(7):  # type: ignore[operator]
        registering.register(event=read, applicant=applicant, actor=ANONYMOUS, now=NOW)


def test_a_loaded_event_says_beforehand_what_stands_in_the_way() -> None:
    open_event, full = factories.event(capacity=1), factories.event(capacity=0)

    assert registering.refusal(event=open_event, now=NOW) is None
    assert isinstance(registering.refusal(event=full, now=NOW), registering.EventFull)
    assert isinstance(registering.refusal(event=open_event, now=NOW + 2 * WEEK), registering.RegistrationClosed)


ADVERTISEMENTS = ["www.cheap-seats.example", "Kim\r\nBcc: x@y.example", "win at spam.com", "a\u202eb", " "]


@pytest.mark.parametrize("name", ADVERTISEMENTS)
def test_a_name_is_no_place_for_an_advertisement(name: str) -> None:
    event = factories.event(capacity=2)

    with pytest.raises(Invalid) as refused:
        factories.register(event, name=name)

    assert refused.value.field == "name"
    assert Registration.objects.count() == 0


# Plain events and others


@pytest.mark.parametrize(
    "fields", [{"registration": "approval"}, {"needs_code": True}, {"needs_proof": True}, {"registration": "none"}]
)
def test_an_event_that_asks_something_of_people_is_not_plain(fields: dict[str, object]) -> None:
    assert pool_of(factories.event()).is_plain
    event = factories.event(**fields)
    assert not pool_of(event).is_plain

    planning.amend_event(
        event=event, fields={"registration": "open", "needs_code": False, "needs_proof": False}, actor=SYSTEM, now=NOW
    )

    assert pool_of(event).is_plain


def test_an_event_that_asks_more_after_it_was_read_lets_nobody_in_by_its_row_alone() -> None:
    event = factories.event(capacity=5)
    read = Event.objects.prefetch_related("pools", "audiences").get(pk=event.pk)
    planning.amend_event(event=event, fields={"registration": "approval"}, actor=SYSTEM, now=NOW)

    registration = registering.register(event=read, applicant=factories.applicant(), actor=ANONYMOUS, now=NOW)

    assert (registration.status, pool_of(event).taken) == ("applied", 0)


def test_an_event_that_filled_up_after_it_was_read_lets_its_waitlist_grow() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    read = Event.objects.prefetch_related("pools", "audiences").get(pk=event.pk)
    factories.register(event, 1)

    registration = registering.register(event=read, applicant=factories.applicant(2), actor=ANONYMOUS, now=NOW)

    assert (registration.status, registration.waits_since) == ("waitlisted", NOW)


def test_new_events_keep_a_waitlist_unless_said() -> None:
    event = planning.create_event(
        programme=factories.programme(), fields={"title_en": "Mixing"}, actor=SYSTEM, now=NOW
    )  # fmt: skip

    assert (event.waitlist, event.registration) == ("automatic", "open")


# Ending


@pytest.mark.parametrize(
    ("fields", "status", "taken"),
    [({}, "confirmed", 1), ({"needs_proof": True}, "offered", 1), ({"registration": "approval"}, "applied", 0),
     ({"capacity": 0, "waitlist": "automatic"}, "waitlisted", 0)],
)  # fmt: skip
def test_whatever_is_live_can_be_cancelled_and_frees_what_it_held(
    fields: dict[str, object], status: str, taken: int
) -> None:
    event = factories.event(**{"capacity": 2, **fields})
    registration = factories.register(event, 1)
    assert (registration.status, pool_of(event).taken) == (status, taken)

    ended = registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    change = Change.objects.get(kind="registration.cancelled")
    assert (ended.status, pool_of(event).taken, change.before) == ("cancelled", 0, {"status": status})
    assert list(audit.run()) == []


def test_who_cancels_is_not_the_next_in_line_themselves() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    first, second = factories.crowd(event, (1, 2))

    registering.cancel(registration=first, actor=ANONYMOUS, now=NOW + HOUR)
    again = factories.register(event, 1, now=NOW + HOUR)

    assert factories.statuses([first, second, again]) == ["cancelled", "confirmed", "waitlisted"]


def test_calling_off_ends_every_kind_of_live_registration() -> None:
    event = factories.event(capacity=2, registration="approval", waitlist="automatic", needs_proof=True)
    confirmed, offered = factories.enter(event, 1), factories.register(event, 2)
    waiting, applied = factories.register(event, 3), factories.register(event, 4)
    selecting.approve(event=event, registrations=[offered, waiting], actor=SYSTEM, now=NOW)
    rows = [confirmed, offered, waiting, applied]
    assert factories.statuses(rows) == ["confirmed", "offered", "waitlisted", "applied"]

    publishing.cancel(event=event, actor=SYSTEM, now=NOW, reason="storm")

    assert factories.statuses(rows) == ["cancelled"] * 4
    assert (pool_of(event).taken, Change.objects.filter(kind="registration.cancelled").count()) == (0, 4)
    assert list(audit.run()) == []
