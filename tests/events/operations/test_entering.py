"""Who comes in how: codes, partners, organizers, other runs, and what is refused before and under the locks."""

from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext as _

from events.errors import Forbidden, Invalid
from events.models import ANONYMOUS, SYSTEM, Change, Event, Invitation, Organization, Registration, SeatPool
from events.operations import (
    entering,
    inviting,
    planning,
    publishing,
    registering,
    selecting,
    waitlisting,
)
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK, statuses

pytestmark = pytest.mark.django_db


def written() -> tuple[int, int, int, int]:
    seats = sum(SeatPool.objects.values_list("taken", flat=True))
    uses = sum(Invitation.objects.values_list("used", flat=True))
    return Registration.objects.count(), Change.objects.count(), seats, uses


def used(invitation: Invitation) -> int:
    return Invitation.objects.get(pk=invitation.pk).used


def partnered(**fields: Any) -> tuple[Event, Organization]:
    """An event with two seats set aside for a partner of its programme."""
    partner = factories.organization("Film Academy", owner="academy@demo.example")
    programme = factories.programme(partners=[(partner, "host")])
    event = factories.event(of=programme, **{"capacity": 3, "waitlist": "automatic", **fields})
    factories.quota(event, 2, "allotment", partner=partner)
    return event, partner


# Codes


def test_an_event_by_invitation_lets_nobody_in_without_a_code() -> None:
    event = factories.event(needs_code=True, capacity=5)
    before = written()

    with pytest.raises(inviting.CodeRequired) as refusal:
        factories.register(event, 1)

    assert (refusal.value.code, refusal.value.field, written()) == ("code_required", "code", before)


def test_a_code_lets_in_and_is_counted() -> None:
    event = factories.event(needs_code=True, capacity=5)
    invitation = factories.code(event, "MOVIE-2026", uses=2)

    registration = factories.register(event, 1, code=" movie 2026 ")

    assert (registration.status, registration.invitation, used(invitation)) == ("confirmed", invitation, 1)
    assert list(audit.run()) == []


@pytest.mark.parametrize("wrong", ["WRONG-CODE", "EXPIRED-1", "REVOKED-1", "USED-UP-1", "FOREIGN-1"])
def test_a_code_that_does_not_open_the_event_is_refused_in_the_same_words(wrong: str) -> None:
    event, other = factories.event(needs_code=True, capacity=5), factories.event(needs_code=True, capacity=5)
    factories.code(event, "EXPIRED-1", expires_at=NOW + HOUR)
    inviting.revoke(invitation=factories.code(event, "REVOKED-1"), actor=SYSTEM, now=NOW)
    factories.code(event, "USED-UP-1")
    factories.register(event, 1, code="USED-UP-1")
    factories.code(other, "FOREIGN-1")
    before = written()

    with pytest.raises(inviting.CodeRequired) as refusal:
        factories.register(event, 2, code=wrong, now=NOW + HOUR)

    with translation.override("ko"):
        assert str(refusal.value) == _("This code does not open this event, or was used already.")
    assert (refusal.value.field, dict(refusal.value.details), written()) == ("code", {}, before)


def test_a_wrong_code_is_refused_where_none_is_needed_too() -> None:
    event = factories.event(capacity=5)

    with pytest.raises(inviting.CodeRequired):
        factories.register(event, 1, code="WRONG-CODE")

    assert Registration.objects.count() == 0


@pytest.mark.parametrize("capacity", [5, 0])
def test_leaving_gives_the_use_back_with_or_without_a_seat(capacity: int) -> None:
    event = factories.event(needs_code=True, capacity=capacity, waitlist="automatic")
    invitation = factories.code(event, "MOVIE-2026")
    registration = factories.register(event, 1, code="MOVIE-2026")
    assert (registration.status, used(invitation)) == ("confirmed" if capacity else "waitlisted", 1)

    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    assert used(invitation) == 0
    factories.register(event, 2, code="MOVIE-2026")


def test_a_refused_person_uses_no_code() -> None:
    event = factories.event(needs_code=True, capacity=1)
    invitation = factories.code(event, "MOVIE-2026", uses=None)
    factories.register(event, 1, code="MOVIE-2026")

    with pytest.raises(registering.EventFull):
        factories.register(event, 2, code="MOVIE-2026")
    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, 1, code="MOVIE-2026")

    assert used(invitation) == 1


def test_calling_off_gives_every_use_back() -> None:
    event = factories.event(needs_code=True, capacity=1, waitlist="automatic")
    invitation = factories.code(event, "MOVIE-2026", uses=5)
    for number in range(3):
        factories.register(event, number, code="MOVIE-2026")

    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    assert used(invitation) == 0
    assert list(audit.run()) == []


def test_the_code_of_an_allotment_opens_its_seats() -> None:
    event, partner = partnered(registration="approval", needs_code=True)
    pool = SeatPool.objects.get(event=event, kind="allotment")
    factories.code(event, "ACADEMY-1", pool=pool)

    registration = factories.register(event, 1, code="academy-1")

    assert (registration.status, registration.pool, registration.partner) == ("confirmed", pool, partner)
    assert list(audit.run()) == []


def test_a_code_says_what_its_holder_is() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(capacity=2)
    pool = factories.quota(event, 1, audience=student)
    factories.code(event, "STUDENT-1", audience=student)

    registration = factories.register(event, 1, audience=professional, code="STUDENT-1")

    assert (registration.audience, registration.pool) == (student, pool)


def test_the_priority_of_a_code_lasts_from_the_application_to_the_waitlist() -> None:
    event = factories.event(capacity=1, registration="approval", waitlist="automatic")
    factories.code(event, "FIRST-1", priority=3)
    people = [factories.register(event, number) for number in (1, 2)]
    preferred = factories.register(event, 3, code="FIRST-1")

    selecting.approve(event=event, registrations=[*people, preferred], actor=SYSTEM, now=NOW + HOUR)

    assert statuses([*people, preferred]) == ["confirmed", "waitlisted", "waitlisted"]
    rows = [Registration.objects.get(pk=row.pk) for row in (preferred, people[1])]
    assert [waitlisting.position(row) for row in rows] == [1, 2]


# Partners


def test_a_partner_fills_its_own_seats_without_approval_or_code() -> None:
    event, partner = partnered(registration="approval", needs_code=True)

    registration = factories.register(event, 1, partner=partner, actor=factories.member(partner, "editor"))

    pool = SeatPool.objects.get(event=event, kind="allotment")
    assert (registration.status, registration.pool, registration.partner) == ("confirmed", pool, partner)
    assert list(audit.run()) == []


def test_beyond_its_own_seats_a_partner_nominates_as_everybody_comes() -> None:
    event, partner = partnered(registration="approval", capacity=10)
    editor = factories.member(partner, "editor")

    statuses = [factories.register(event, number, partner=partner, actor=editor).status for number in (1, 2, 3)]

    assert statuses == ["confirmed", "confirmed", "applied"]


def test_beyond_its_own_seats_a_partner_needs_a_code_where_everybody_does() -> None:
    event, partner = partnered(needs_code=True, capacity=10)
    editor = factories.member(partner, "editor")
    for number in (1, 2):
        factories.register(event, number, partner=partner, actor=editor)

    with pytest.raises(inviting.CodeRequired):
        factories.register(event, 3, partner=partner, actor=editor)


@pytest.mark.parametrize("role", ["viewer", "door"])
def test_only_editors_of_the_partner_nominate(role: Any) -> None:
    event, partner = partnered()

    with pytest.raises(Forbidden) as refusal:
        factories.register(event, 1, partner=partner, actor=factories.member(partner, role))

    assert (refusal.value.field, Registration.objects.count()) == ("partner", 0)


def test_nobody_else_nominates_in_a_partners_name() -> None:
    event, partner = partnered()
    stranger = factories.organization("Elsewhere", owner="else@demo.example")
    before = written()

    for actor in (ANONYMOUS, factories.member(stranger, "owner")):
        with pytest.raises(Forbidden):
            factories.register(event, 1, partner=partner, actor=actor)

    assert written() == before


@pytest.mark.parametrize("fields", [{"registration": "approval"}, {"needs_code": True}, {}])
def test_an_organization_that_was_given_no_seats_nominates_nobody(fields: dict[str, Any]) -> None:
    event = factories.event(capacity=3, **fields)
    stranger = factories.organization("Elsewhere", owner="else@demo.example")
    before = written()

    with pytest.raises(Forbidden) as refusal:
        factories.register(event, 1, partner=stranger, actor=factories.member(stranger, "owner"))

    assert (refusal.value.field, written()) == ("partner", before)


def test_an_organizer_names_whose_nominee_somebody_is() -> None:
    event, partner = partnered()

    registration = factories.enter(event, 1, partner=partner, actor=factories.member(event.programme.organization))

    assert registration.pool == SeatPool.objects.get(event=event, kind="allotment")


# Organizers


def test_an_organizer_enters_people_outside_of_window_code_and_approval() -> None:
    event = factories.event(capacity=2, registration="approval", needs_code=True, registration_closes_at=NOW + HOUR)

    registration = factories.enter(event, 1, now=NOW + 2 * HOUR)

    change = Change.objects.get(registration=registration)
    assert (registration.status, change.reason) == ("confirmed", "entered")


def test_an_organizer_gets_no_more_seats_than_there_are() -> None:
    event = factories.event(capacity=1)
    factories.register(event, 1)

    with pytest.raises(registering.EventFull):
        factories.enter(event, 2)

    assert SeatPool.objects.get(event=event).taken == 1


def test_an_organizer_stands_in_line_too() -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.crowd(event, range(2))

    entered = factories.enter(event, 7, now=NOW + HOUR)

    assert (statuses([entered]), waitlisting.position(entered)) == (["waitlisted"], 2)


@pytest.mark.parametrize("role", ["viewer", "door"])
def test_who_may_not_edit_the_event_enters_nobody(role: Any) -> None:
    event = factories.event(capacity=1)

    with pytest.raises(Forbidden) as refusal:
        factories.enter(event, 1, actor=factories.member(event.programme.organization, role))

    assert (refusal.value.field, Registration.objects.count()) == ("by_organizer", 0)


def test_an_organizer_of_another_event_enters_nobody() -> None:
    other = factories.organization("Elsewhere", owner="else@demo.example")

    with pytest.raises(Forbidden):
        factories.enter(factories.event(capacity=1), 1, actor=factories.member(other, "owner"))


def test_nobody_is_entered_into_what_is_called_off_or_no_event_yet() -> None:
    gone = publishing.cancel(event=factories.event(), actor=SYSTEM, now=NOW)

    with pytest.raises(registering.EventCancelled):
        factories.enter(gone, 1)
    with pytest.raises(registering.RegistrationClosed):
        factories.enter(factories.draft(), 1)


# Bad input


@pytest.mark.parametrize(
    "again",
    [
        "PERSON1@MAIL.EXAMPLE",
        " person1@mail.example\t",
        "person1@MAIL.Example",
    ],
)
def test_addresses_are_compared_in_one_form_where_people_wait_too(again: str) -> None:
    event = factories.event(capacity=0, waitlist="automatic")
    factories.register(event, 1)
    before = written()

    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, email=again)

    assert written() == before


def test_a_korean_address_is_one_address_composed_or_decomposed() -> None:
    event = factories.event(capacity=0, waitlist="automatic")
    factories.register(event, email="하늘@한국.kr")

    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, email="\u1112\u1161\u1102\u1173\u11af@한국.kr")
    with pytest.raises(registering.AlreadyRegistered):
        factories.register(event, email="하늘@xn--3e0b707e.kr")


def test_an_audience_that_the_event_is_not_for_is_refused_on_the_careful_way_too() -> None:
    student, professional = factories.audience("student"), factories.audience("professional")
    event = factories.event(audiences=[student], capacity=5, registration="approval")
    before = written()

    with pytest.raises(registering.NotEligible) as refusal:
        factories.register(event, 1, audience=professional)

    assert (refusal.value.field, written()) == ("audience", before)


def test_runs_of_another_series_or_of_none_are_refused() -> None:
    run, _second = factories.runs(2, capacity=1)
    (foreign,) = factories.runs(1)
    before = written()

    for wrong in (foreign, factories.event()):
        with pytest.raises(Invalid) as refusal:
            factories.register(run, 1, accepts=[wrong])
        assert refusal.value.field == "accepts"
    assert written()[0] == before[0]


def test_an_event_that_is_no_run_has_no_runs_to_accept() -> None:
    event = factories.event(capacity=1)

    with pytest.raises(Invalid):
        factories.register(event, 1, accepts=[event])


def test_the_runs_that_an_applicant_named_are_kept_until_they_wait() -> None:
    row = factories.series()
    first, second, third = (factories.run(row, day, capacity=1, registration="approval") for day in range(3))
    holders = [factories.enter(run, number) for number, run in enumerate((first, second, third))]
    applied = factories.register(first, 9, accepts=[third])

    selecting.approve(event=first, registrations=[applied], actor=SYSTEM, now=NOW + HOUR)
    registering.cancel(registration=holders[1], actor=ANONYMOUS, now=NOW + 2 * HOUR)
    assert statuses([applied]) == ["waitlisted"]
    registering.cancel(registration=holders[2], actor=ANONYMOUS, now=NOW + 2 * HOUR)

    assert (statuses([applied]), Registration.objects.get(pk=applied.pk).event) == (["confirmed"], third)


@pytest.mark.parametrize("name", ["", "  ", "A\nB", "Go to www.spam.example"])
def test_a_name_that_is_none_is_refused_where_people_wait_too(name: str) -> None:
    event = factories.event(capacity=0, waitlist="automatic")

    with pytest.raises(Invalid) as refusal:
        factories.register(event, name=name)

    assert (refusal.value.field, Registration.objects.count()) == ("name", 0)


# What stands in the way


def test_a_full_event_with_a_waitlist_may_still_be_joined() -> None:
    event = factories.event(capacity=0, waitlist="automatic")

    assert entering.refusal(event=event, now=NOW) is None


def test_after_the_begin_a_full_event_is_full_whatever_its_waitlist() -> None:
    event = factories.event(capacity=0, waitlist="automatic", registration_closes_at=NOW + 2 * WEEK)

    assert isinstance(entering.refusal(event=event, now=NOW + WEEK), registering.EventFull)


def test_applying_needs_no_free_seat() -> None:
    event = factories.event(capacity=0, registration="approval")

    assert entering.refusal(event=event, now=NOW) is None
    assert factories.register(event, 1).status == "applied"


def test_an_event_whose_seats_are_all_reserved_is_not_full() -> None:
    event = factories.event(capacity=2)
    factories.quota(event, 2, audience=factories.audience())

    assert entering.refusal(event=Event.objects.get(pk=event.pk), now=NOW) is None
    with pytest.raises(registering.EventFull) as refusal:
        factories.register(event, 1)

    assert dict(refusal.value.details) == {"why": "reserved"}


def test_a_window_that_closed_meanwhile_refuses_who_is_on_the_careful_way() -> None:
    event = factories.event(capacity=2, registration="approval")
    read = Event.objects.get(pk=event.pk)
    planning.amend_event(event=event, fields={"registration_closes_at": NOW}, actor=SYSTEM, now=NOW)

    with pytest.raises(registering.RegistrationClosed):
        registering.register(event=read, applicant=factories.applicant(), actor=ANONYMOUS, now=NOW)


def test_standing_in_line_takes_the_same_statements_however_many_do(django_assert_num_queries: Any) -> None:
    event = factories.event(capacity=1, waitlist="automatic")
    factories.crowd(event, range(2))

    with django_assert_num_queries(12):
        factories.register(event, 2, now=NOW + HOUR)
    factories.crowd(event, range(3, 6), now=NOW + HOUR)
    with django_assert_num_queries(12):
        factories.register(event, 6, now=NOW + 2 * HOUR)
