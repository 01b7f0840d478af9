"""Applications: approved, declined and shortlisted in bulk; a draw whose order anybody can compute again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import pytest

from events.errors import Invalid
from events.models import ANONYMOUS, SYSTEM, Change, Draw, Event, Invitation, Registration, SeatPool
from events.operations import planning, registering, selecting, waitlisting
from events.operations.selecting import Decided
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses

pytestmark = pytest.mark.django_db


def applied(number: int, **fields: object) -> tuple[Event, list[Registration]]:
    values = {"capacity": 2, "registration": "approval", "registration_closes_at": NOW + 2 * HOUR, **fields}
    event = factories.event(**values)
    return event, factories.crowd(event, range(number))


def approve(event: Event, rows: Sequence[Registration], *, now: datetime = NOW + HOUR) -> list[Decided]:
    return selecting.approve(event=event, registrations=rows, actor=SYSTEM, now=now)


def changes(event: Event, kind: str) -> list[tuple[int | None, dict[str, object], str]]:
    rows = Change.objects.filter(event=event, kind=kind).order_by("pk")
    return list(rows.values_list("registration", "before", "reason"))


def places(rows: Sequence[Registration]) -> list[int | None]:
    return [waitlisting.position(Registration.objects.get(pk=row.pk)) for row in rows]


# Applying


def test_an_application_takes_no_seat() -> None:
    event, rows = applied(3)

    assert statuses(rows) == ["applied"] * 3
    assert SeatPool.objects.get(event=event).taken == 0


def test_who_has_applied_cannot_apply_again_and_may_withdraw() -> None:
    event, rows = applied(1)
    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, 0)

    registering.cancel(registration=rows[0], actor=ANONYMOUS, now=NOW)

    assert factories.register(event, 0).status == "applied"


# Approving


def test_all_who_are_approved_have_seats_each_with_a_change() -> None:
    event, rows = applied(2)

    decided = approve(event, rows)

    assert [(one.registration.status, one.why) for one in decided] == [("confirmed", ""), ("confirmed", "")]
    assert changes(event, "registration.confirmed") == [(row.pk, {"status": "applied"}, "approved") for row in rows]
    assert (SeatPool.objects.get(event=event).taken, list(audit.run())) == (2, [])


def test_seats_go_out_in_the_given_order_and_the_others_wait_in_it() -> None:
    event, (first, second, third, fourth) = applied(4, waitlist="automatic")

    decided = approve(event, [fourth, second, third, first])

    assert statuses([fourth, second, third, first]) == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert [one.why for one in decided] == ["", "", "full", "full"]
    assert places([third, first]) == [1, 2]
    assert list(audit.run()) == []


def test_without_a_waitlist_who_gets_no_seat_has_still_applied() -> None:
    event, rows = applied(3)

    decided = approve(event, rows)

    assert statuses(rows) == ["confirmed", "confirmed", "applied"]
    assert [one.why for one in decided] == ["", "", "full"]


def test_who_waits_already_is_served_before_who_is_approved() -> None:
    event, (one, two, waiting, late) = applied(4, waitlist="automatic")
    approve(event, [one, two, waiting])
    Registration.objects.filter(pk=one.pk).update(status="cancelled")  # as if a crash had left the seat idle
    SeatPool.objects.filter(event=event).update(taken=1)

    approve(event, [late])

    assert statuses([waiting, late]) == ["confirmed", "waitlisted"]


def test_a_seat_that_comes_free_goes_to_who_waits_not_to_who_has_applied() -> None:
    event, (one, two, waiting, late) = applied(4, waitlist="automatic")
    approve(event, [one, two, waiting])

    registering.cancel(registration=one, actor=ANONYMOUS, now=NOW + HOUR)

    assert statuses([waiting, late]) == ["confirmed", "applied"]


def test_an_application_goes_to_the_seats_of_its_audience() -> None:
    student = factories.audience()
    event = factories.event(capacity=2, registration="approval")
    floor = factories.quota(event, 1, audience=student)
    rows = [factories.register(event, 1), factories.register(event, 2), factories.register(event, 3, audience=student)]

    decided = approve(event, rows)

    assert [(one.registration.status, one.why) for one in decided] == [
        ("confirmed", ""), ("applied", "reserved"), ("confirmed", ""),
    ]  # fmt: skip
    assert Registration.objects.get(pk=rows[2].pk).pool == floor


def test_a_holder_who_may_sit_elsewhere_makes_room_for_who_is_approved() -> None:
    student = factories.audience()
    event = factories.event(capacity=2, registration="approval")
    factories.quota(event, 1, audience=student)
    rows = [factories.register(event, number, audience=student) for number in (1, 2)]
    approve(event, rows)
    registering.cancel(registration=rows[0], actor=ANONYMOUS, now=NOW)
    other = factories.register(event, 3)

    approve(event, [other])

    assert statuses([rows[1], other]) == ["confirmed", "confirmed"]
    assert list(audit.run()) == []


def test_one_that_is_no_application_refuses_all_and_is_named() -> None:
    event, rows = applied(2)
    _other, foreign = applied(1)
    gone = factories.register(event, 7)
    registering.cancel(registration=gone, actor=ANONYMOUS, now=NOW)
    before = Change.objects.count()

    for decide in (
        lambda: approve(event, [*rows, gone, *foreign]),
        lambda: selecting.decline(event=event, registrations=[*rows, gone, *foreign], actor=SYSTEM, now=NOW),
        lambda: selecting.shortlist(
            event=event, registrations=[*rows, gone, *foreign], is_shortlisted=True, actor=SYSTEM, now=NOW
        ),
    ):
        with pytest.raises(selecting.NotAnApplication) as refusal:
            decide()
        assert (refusal.value.code, refusal.value.field, dict(refusal.value.details)) == (
            "not_an_application", "codes", {"codes": [gone.code, foreign[0].code]},
        )  # fmt: skip

    assert (statuses(rows), Change.objects.count()) == (["applied", "applied"], before)
    assert not Registration.objects.filter(is_shortlisted=True).exists()


def test_one_that_is_named_twice_is_decided_once() -> None:
    event, rows = applied(1)

    decided = approve(event, [rows[0], rows[0]])

    assert [one.registration.pk for one in decided] == [rows[0].pk]
    assert SeatPool.objects.get(event=event).taken == 1


def test_who_is_elsewhere_then_gets_no_seat_and_the_reason() -> None:
    programme = factories.programme(clashes="refuse")
    event = factories.event(of=programme, capacity=2, registration="approval", waitlist="automatic")
    other = factories.event(of=factories.programme("Open air"), capacity=2)
    busy, free = factories.register(event, 1), factories.register(event, 2)
    factories.register(other, 1)

    decided = approve(event, [busy, free])

    assert [(one.registration.status, one.why) for one in decided] == [("waitlisted", "clash"), ("confirmed", "")]


def test_an_over_committed_event_approves_nobody() -> None:
    event, rows = applied(4)
    approve(event, rows[:2])
    planning.amend_event(event=event, fields={"capacity": 1}, over_commit=True, actor=SYSTEM, now=NOW + HOUR)

    decided = approve(event, rows[2:])
    assert [(one.registration.status, one.why) for one in decided] == [("applied", "over_committed")] * 2
    registering.cancel(registration=rows[0], actor=ANONYMOUS, now=NOW + HOUR)
    decided = approve(event, rows[2:])

    assert [(one.registration.status, one.why) for one in decided] == [("applied", "full")] * 2
    assert list(audit.run()) == []


def test_nobody_who_is_approved_after_the_begin_waits_in_vain() -> None:
    event, rows = applied(3, waitlist="automatic")

    approve(event, rows, now=NOW + WEEK)

    assert statuses(rows) == ["confirmed", "confirmed", "applied"]


# Declining


def test_an_organizer_declines_applications_people_who_wait_and_offers_at_once() -> None:
    event = factories.event(capacity=1, registration="approval", waitlist="offer", needs_proof=True)
    offered, waiting, other, last = [factories.register(event, number) for number in range(4)]
    approve(event, [offered, waiting, last])
    assert statuses([offered, waiting, other, last]) == ["offered", "waitlisted", "applied", "waitlisted"]

    decided = selecting.decline(
        event=event, registrations=[other, offered, waiting], actor=SYSTEM, now=NOW + HOUR, reason="Too late"
    )

    assert [one.registration for one in decided] == [other, offered, waiting]
    assert statuses([offered, waiting, other, last]) == ["declined", "declined", "declined", "offered"]
    rows = Registration.objects.filter(status="declined").values_list("ended_by", "reason")
    assert set(rows) == {("organizer", "Too late")}
    assert list(audit.run()) == []


def test_a_declined_application_gives_its_code_back() -> None:
    event = factories.event(capacity=1, registration="approval", needs_code=True)
    invitation = factories.code(event, "MOVIE-2026")
    registration = factories.register(event, 1, code="MOVIE-2026")

    selecting.decline(event=event, registrations=[registration], actor=SYSTEM, now=NOW)

    assert Invitation.objects.get(pk=invitation.pk).used == 0


def test_who_has_a_confirmed_seat_is_not_declined() -> None:
    event, rows = applied(1)
    approve(event, rows)

    with pytest.raises(selecting.NotAnApplication):
        selecting.decline(event=event, registrations=rows, actor=SYSTEM, now=NOW)

    assert statuses(rows) == ["confirmed"]


# Shortlisting


def test_a_shortlist_is_told_once_for_each_and_changes_no_state() -> None:
    event, rows = applied(2)

    for _time in range(2):
        selecting.shortlist(event=event, registrations=rows, is_shortlisted=True, actor=SYSTEM, now=NOW)

    assert statuses(rows) == ["applied", "applied"]
    assert changes(event, "application.shortlisted") == [(row.pk, {"is_shortlisted": False}, "") for row in rows]
    selecting.shortlist(event=event, registrations=rows[:1], is_shortlisted=False, actor=SYSTEM, now=NOW)
    assert list(Registration.objects.order_by("pk").values_list("is_shortlisted", flat=True)) == [False, True]


# Who need not apply


def test_an_organizer_and_a_partner_choose_for_themselves() -> None:
    event = factories.event(capacity=3, registration="approval")
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    factories.quota(event, 1, "allotment", partner=partner)

    entered = factories.enter(event, 1)
    nominated = factories.register(event, 2, partner=partner, actor=factories.member(partner))

    assert statuses([entered, nominated]) == ["confirmed", "confirmed"]


# Drawing


def announced(number: int, **fields: object) -> tuple[Event, list[Registration], Draw]:
    event, rows = applied(number, **fields)
    return event, rows, selecting.announce_draw(event=event, actor=SYSTEM, now=NOW, seed="Busan 2026-10-01")


def draw(event: Event, *, now: datetime = NOW + 2 * HOUR) -> Draw:
    return selecting.draw(event=event, actor=SYSTEM, now=now)


def computed(rows: Sequence[Registration], seed: str) -> list[Registration]:
    """The order as somebody else would compute it, from the codes and the published seed alone."""

    def lot(row: Registration) -> str:
        entry = hashlib.sha256(row.code.encode("ascii")).hexdigest()[:16]
        return hashlib.sha256(f"{seed}:{entry}".encode()).hexdigest()

    return sorted(rows, key=lot)


def test_a_draw_is_announced_by_the_digest_of_its_seed_only() -> None:
    event, _rows, row = announced(1)

    change = Change.objects.get(kind="draw.announced")
    assert row.seed_digest == hashlib.sha256(b"Busan 2026-10-01").hexdigest()
    assert (change.after, "Busan" in str(change.after)) == ({"seed_digest": row.seed_digest}, False)
    assert (row.event, row.drawn_at, row.results) == (event, None, [])


def test_a_seed_that_nobody_chose_is_a_random_one() -> None:
    seeds = {selecting.announce_draw(event=applied(0)[0], actor=SYSTEM, now=NOW).seed for _time in range(3)}

    assert (len(seeds), {len(seed) for seed in seeds}) == (3, {32})


@pytest.mark.parametrize("seed", ["short", "x" * 201, "line\nbreak"])
def test_a_seed_that_cannot_be_read_out_is_refused(seed: str) -> None:
    event, _rows = applied(0)

    with pytest.raises(Invalid) as refusal:
        selecting.announce_draw(event=event, actor=SYSTEM, now=NOW, seed=seed)

    assert (refusal.value.field, Draw.objects.count()) == ("seed", 0)


def test_a_draw_is_announced_once_and_where_people_apply() -> None:
    event, _rows, _row = announced(0)

    with pytest.raises(selecting.DrawNotPossible):
        selecting.announce_draw(event=event, actor=SYSTEM, now=NOW)
    with pytest.raises(selecting.DrawNotPossible) as refusal:
        selecting.announce_draw(event=factories.event(), actor=SYSTEM, now=NOW)

    assert (refusal.value.code, refusal.value.field) == ("draw_not_possible", "registration")


def test_seats_go_out_in_an_order_that_anybody_can_compute_again() -> None:
    event, rows, row = announced(9, capacity=4, waitlist="automatic")

    done = draw(event)

    order = computed(rows, "Busan 2026-10-01")
    assert statuses(order) == ["confirmed"] * 4 + ["waitlisted"] * 5
    assert places(order[4:]) == [1, 2, 3, 4, 5]
    assert done.results == [
        [hashlib.sha256(one.code.encode()).hexdigest()[:16], rank, "confirmed" if rank <= 4 else "waitlisted"]
        for rank, one in enumerate(order, start=1)
    ]
    assert (done.pk, done.drawn_at, hashlib.sha256(done.seed.encode()).hexdigest()) == (
        row.pk, NOW + 2 * HOUR, row.seed_digest,
    )  # fmt: skip
    assert Change.objects.get(kind="draw.drawn").after == {"seed": "Busan 2026-10-01", "entries": 9}
    assert list(audit.run()) == []


def test_the_results_name_nobody_by_their_code() -> None:
    event, rows, _row = announced(3)

    told = str(draw(event).results) + str(list(Change.objects.values_list("after", "before")))

    assert [row.code in told for row in rows] == [False] * 3


def test_without_a_waitlist_who_draws_a_blank_is_declined() -> None:
    event, rows, _row = announced(5)

    done = draw(event)

    order = computed(rows, "Busan 2026-10-01")
    assert statuses(order) == ["confirmed"] * 2 + ["declined"] * 3
    assert [result for _entry, _rank, result in done.results] == ["confirmed"] * 2 + ["declined"] * 3
    assert list(audit.run()) == []


def test_a_seat_given_back_after_the_draw_goes_to_the_next_lot() -> None:
    event, rows, _row = announced(5, waitlist="automatic")
    draw(event)
    order = computed(rows, "Busan 2026-10-01")

    registering.cancel(registration=order[0], actor=ANONYMOUS, now=NOW + 3 * HOUR)

    assert statuses(order) == ["cancelled", "confirmed", "confirmed", "waitlisted", "waitlisted"]


def test_with_a_shortlist_only_who_stands_on_it_takes_part() -> None:
    event, rows, _row = announced(5)
    chosen = [rows[1], rows[3], rows[4]]
    selecting.shortlist(event=event, registrations=chosen, is_shortlisted=True, actor=SYSTEM, now=NOW)

    done = draw(event)

    assert statuses(computed(chosen, "Busan 2026-10-01")) == ["confirmed", "confirmed", "declined"]
    assert (statuses([rows[0], rows[2]]), len(done.results)) == (["applied", "applied"], 3)


def test_quotas_hold_in_a_draw_too() -> None:
    student = factories.audience()
    event = factories.event(capacity=2, registration="approval", registration_closes_at=NOW + 2 * HOUR)
    factories.quota(event, 1, audience=student)
    others, students = factories.crowd(event, range(4)), factories.crowd(event, range(4, 6), audience=student)
    selecting.announce_draw(event=event, actor=SYSTEM, now=NOW, seed="Busan 2026-10-01")

    draw(event)

    seated = list(Registration.objects.filter(status="confirmed"))
    assert len(seated) == 2
    assert any(row.audience == student for row in seated)
    assert set(statuses([*others, *students])) == {"confirmed", "declined"}
    assert list(audit.run()) == []


def test_nobody_draws_while_people_may_still_apply() -> None:
    event, rows, _row = announced(2)

    with pytest.raises(selecting.DrawNotPossible):
        draw(event, now=NOW + HOUR)

    assert statuses(rows) == ["applied", "applied"]


def test_nobody_draws_unannounced_or_twice_or_among_nobody() -> None:
    event, rows = applied(1)
    with pytest.raises(selecting.DrawNotPossible):
        draw(event)
    selecting.announce_draw(event=event, actor=SYSTEM, now=NOW)
    results = draw(event).results
    with pytest.raises(selecting.DrawNotPossible):
        draw(event)
    empty, _rows, _row = announced(0)
    with pytest.raises(selecting.DrawNotPossible):
        draw(empty)

    assert (statuses(rows), Draw.objects.get(event=event).results) == (["confirmed"], results)
    assert Draw.objects.get(event=empty).drawn_at is None
