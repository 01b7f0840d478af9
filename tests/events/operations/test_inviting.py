"""Inviting: a code lets in as many as it says, for as long as it says, and tells nothing to those who guess."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from events.errors import DomainError, Invalid
from events.models import SYSTEM, Change, Event, Invitation, SeatPool
from events.operations import inviting
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db

USED_UP = "This code does not open this event, or was used already."


def invite(event: Event, code: str = "", **fields: Any) -> Invitation:
    return invite_many(event, code=code, **fields)[0]


def invite_many(event: Event, **fields: Any) -> list[Invitation]:
    return inviting.invite(event=event, **{"actor": SYSTEM, "now": NOW, **fields})


def allotment(event: Event, **fields: Any) -> SeatPool:
    partner = factories.organization("Partner")
    return SeatPool.objects.create(event=event, **{"kind": "allotment", "partner": partner, "seats": 5, **fields})


def used(invitation: Invitation) -> int:
    return Invitation.objects.get(pk=invitation.pk).used


def find(event: Event, code: str, **fields: Any) -> Invitation:
    return inviting.find(event=event, code=code, **{"now": NOW, **fields})


def refused(event: Event, code: str, **fields: Any) -> tuple[str, int, str, str]:
    with translation.override("en"), pytest.raises(inviting.CodeRequired) as refusal:
        find(event, code, **fields)
    return refusal.value.code, refusal.value.status, refusal.value.field, refusal.value.message


NO_SUCH_CODE = ("code_required", 409, "code", USED_UP)


def test_random_codes_are_unambiguous_different_and_shown_in_groups() -> None:
    event = factories.draft()

    codes = [invitation.code for invitation in invite_many(event, number=500)]

    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert all(re.fullmatch(r"\w{4}-\w{4}-\w{4}", inviting.spoken(code)) for code in codes)
    assert sorted(event.invitations.values_list("code", flat=True)) == sorted(codes)


def test_an_invitation_keeps_its_terms() -> None:
    event, student = factories.draft(), factories.audience()
    pool = allotment(event)

    made = invite(event, "Team 2026", label="Crew", uses=None, pool=pool, audience=student, priority=-2,
                  expires_at=NOW + HOUR)  # fmt: skip

    columns = ("event", "code", "label", "uses", "used", "pool", "audience", "priority", "expires_at", "revoked_at",
               "created_at")  # fmt: skip
    assert Invitation.objects.values_list(*columns).get(pk=made.pk) == (
        event.pk, "TEAM2026", "Crew", None, 0, pool.pk, student.pk, -2, NOW + HOUR, None, NOW,
    )  # fmt: skip


def test_the_change_says_how_many_and_never_which() -> None:
    event = factories.draft()

    invite_many(event, number=3, label="Press")

    change = Change.objects.get(kind="invitations.created")
    assert (change.event, change.organization, change.before, change.after, change.at) == (
        event, event.programme.organization, {}, {"number": 3, "label": "Press"}, NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        *(({"number": number}, "number") for number in (0, -1, 501, 2**31)),
        ({"number": 2, "code": "FESTIVAL"}, "number"),
        *(({"code": code}, "code") for code in ("abc", " ", "    ", "----", "a-b-c", " abcd", "abcd ", "x" * 41)),
        *(({"code": code}, "code") for code in ("a\nbcd", "a\x00bcd", "a\u200bbcd", "a\xa0bcd", "\ud800abcd")),
        ({"code": "\ufdfa" * 3}, "code"),
        *(({"label": label}, "label") for label in ("x" * 101, "a\nb", "a\x00b", "\ud800")),
        *(({"uses": uses}, "uses") for uses in (0, -1, 2**31, 2**63)),
        *(({"priority": priority}, "priority") for priority in (2**31, -(2**31), 2**63)),
        *(({"expires_at": NOW - ago}, "expires_at") for ago in (timedelta(0), HOUR)),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(fields: dict[str, Any], field: str) -> None:
    event = factories.draft()

    with pytest.raises(Invalid) as refusal:
        invite(event, **fields)

    assert (refusal.value.field, refusal.value.status, Invitation.objects.count()) == (field, 400, 0)
    assert not Change.objects.filter(kind="invitations.created").exists()


def test_the_widest_terms_are_stored() -> None:
    event = factories.draft()

    made = invite(event, "x" * 40, label="가" * 100, uses=2**31 - 1, priority=1 - 2**31)

    assert Invitation.objects.values_list("code", "label", "uses", "priority").get(pk=made.pk) == (
        "X" * 40, "가" * 100, 2**31 - 1, 1 - 2**31,
    )  # fmt: skip


def test_a_code_opens_only_an_allotment_of_its_own_event() -> None:
    event, other, partner = factories.draft(), factories.draft(), factories.organization("Floor")
    floor = SeatPool.objects.create(event=event, kind="floor", partner=partner, seats=2)

    for pool in (allotment(other), event.pools.get(kind="open"), floor):
        with pytest.raises(Invalid) as refusal:
            invite(event, pool=pool)
        assert refusal.value.field == "pool"

    assert Invitation.objects.count() == 0


@pytest.mark.parametrize("again", ["Festival", "FESTIVAL", "fest-ival", "fest ival", "ＦＥＳＴＩＶＡＬ"])
def test_a_code_is_taken_however_it_is_written(again: str) -> None:
    event = factories.draft()
    invite(event, "Festival")

    with pytest.raises(inviting.CodeTaken) as refusal:
        invite(event, again)

    assert (refusal.value.code, refusal.value.status, refusal.value.field) == ("code_taken", 409, "code")
    assert Invitation.objects.count() == 1


def test_a_revoked_code_stays_taken_and_another_event_may_have_it() -> None:
    event = factories.draft()
    inviting.revoke(invitation=invite(event, "Festival"), actor=SYSTEM, now=NOW)

    with pytest.raises(inviting.CodeTaken):
        invite(event, "Festival")

    assert invite(factories.draft(), "Festival").code == "FESTIVAL"


@pytest.mark.parametrize(
    "written",
    [
        "K7QX29FMTRWP",
        "k7qx-29fm-trwp",
        " k7qx 29fm trwp\n",
        "K7QX–29FM—TRWP",
        "K7QX‑29FM‑TRWP",
        "Ｋ７ＱＸ－２９ＦＭ－ＴＲＷＰ",
        "\ufeffK7QX\u200b29FM\xadTRWP",
        "K7QX\u300029FM\xa0TRWP",
        "K7QX\x0029FM\ud800TRWP",
    ],
)
def test_a_code_is_found_however_people_copy_it(written: str) -> None:
    event = factories.draft()
    invitation = Invitation.objects.create(event=event, code="K7QX29FMTRWP", uses=1, created_at=NOW)

    assert find(event, written) == invitation


@pytest.mark.parametrize("code", ["", " ", "-", " – ", "\n", "\x00", "\u200b"])
def test_whoever_writes_no_code_is_asked_for_one(code: str) -> None:
    event = factories.draft()
    invite(event)

    assert refused(event, code) == ("code_required", 409, "code", "This event is by invitation: write your code.")


@pytest.mark.parametrize(
    "code", ["festiva", "festivall", "fest1val", "%", "_______", "x" * 41, "x" * 100_000, "\ufdfa" * 40]
)
def test_an_unknown_code_opens_nothing(code: str) -> None:
    event = factories.draft()
    invite(event, "festival")

    assert refused(event, code) == NO_SUCH_CODE


def test_a_code_of_another_event_opens_nothing() -> None:
    event, other = factories.draft(), factories.draft()
    invite(other, "festival")

    assert refused(event, "festival") == NO_SUCH_CODE


def test_expired_revoked_and_used_up_codes_are_refused_in_the_same_words() -> None:
    event = factories.draft()
    invite(event, "expired", expires_at=NOW + HOUR)
    inviting.revoke(invitation=invite(event, "revoked"), actor=SYSTEM, now=NOW)
    inviting.use(invitation=invite(event, "used-up"), now=NOW)

    assert [refused(event, code, now=NOW + HOUR) for code in ("expired", "revoked", "used-up")] == [NO_SUCH_CODE] * 3


def test_a_code_works_until_the_moment_it_expires() -> None:
    event = factories.draft()
    invitation = invite(event, "festival", expires_at=NOW + HOUR)

    assert find(event, "festival", now=NOW + HOUR - timedelta(microseconds=1)) == invitation
    assert refused(event, "festival", now=NOW + HOUR) == NO_SUCH_CODE


def test_a_code_is_used_as_often_as_it_says_and_no_more() -> None:
    invitation = invite(factories.draft(), uses=3)

    inviting.use(invitation=invitation, now=NOW)
    with pytest.raises(inviting.CodeRequired) as refusal:
        inviting.use(invitation=invitation, times=3, now=NOW)
    inviting.use(invitation=invitation, times=2, now=NOW)
    with pytest.raises(inviting.CodeRequired):
        inviting.use(invitation=invitation, now=NOW)

    assert (used(invitation), refusal.value.field) == (3, "code")


def test_a_code_without_end_is_counted_too() -> None:
    invitation = invite(factories.draft(), uses=None)

    for times in (1, 500):
        inviting.use(invitation=invitation, times=times, now=NOW)

    assert used(invitation) == 501


@pytest.mark.parametrize("times", [0, -1])
def test_a_code_cannot_be_used_backwards(times: int) -> None:
    invitation = invite(factories.draft(), uses=3)

    with pytest.raises(AssertionError):
        inviting.use(invitation=invitation, times=times, now=NOW)

    assert used(invitation) == 0


def test_a_code_that_ended_since_it_was_read_is_not_used() -> None:
    event = factories.draft()
    revoked, expired = invite(event, uses=None), invite(event, expires_at=NOW + HOUR)
    inviting.revoke(invitation=revoked, actor=SYSTEM, now=NOW)

    for invitation in (revoked, expired):
        with pytest.raises(inviting.CodeRequired):
            inviting.use(invitation=invitation, now=NOW + HOUR)

    assert [used(revoked), used(expired)] == [0, 0]


def test_what_is_given_back_can_be_used_again() -> None:
    event = factories.draft()
    one, two, three = invite(event, uses=1), invite(event, uses=5), invite(event, uses=5)
    for invitation, times in ((one, 1), (two, 5), (three, 4)):
        inviting.use(invitation=invitation, times=times, now=NOW)

    inviting.give_back(ids={two.pk: 3, one.pk: 1})
    inviting.give_back(ids={})

    assert [used(one), used(two), used(three)] == [0, 2, 4]
    inviting.use(invitation=one, now=NOW)


def test_uses_are_given_back_in_the_order_of_ids(django_assert_num_queries: Any) -> None:
    event = factories.draft()
    one, two, three = invite_many(event, number=3)
    for invitation in (one, two, three):
        inviting.use(invitation=invitation, now=NOW)

    with django_assert_num_queries(3) as statements:
        inviting.give_back(ids={three.pk: 1, one.pk: 1, two.pk: 1})

    found = [re.search(r'"id" = (\d+)', query["sql"]) for query in statements.captured_queries]
    assert [int(match[1]) for match in found if match] == sorted([one.pk, two.pk, three.pk])


def test_more_than_was_used_cannot_be_given_back() -> None:
    invitation = invite(factories.draft())

    with pytest.raises(IntegrityError), transaction.atomic():
        inviting.give_back(ids={invitation.pk: 1})

    assert used(invitation) == 0


def test_revoking_is_told_once_and_by_label_only() -> None:
    event = factories.draft()
    invitation = invite(event, "festival", label="Press")

    for later in (timedelta(0), HOUR):
        inviting.revoke(invitation=invitation, actor=SYSTEM, now=NOW + later)

    change = Change.objects.get(kind="invitations.revoked")
    assert (change.event, change.after, change.at) == (
        event, {"label": "Press", "invitation": str(invitation.uid)}, NOW,
    )  # fmt: skip
    assert Invitation.objects.get().revoked_at == NOW


def test_no_change_ever_holds_a_code() -> None:
    event = factories.draft()
    invitation = invite(event, "festival", label="Press")
    inviting.revoke(invitation=invitation, actor=SYSTEM, now=NOW)

    told = [str([change.before, change.after, change.reason]) for change in Change.objects.all()]

    assert [text for text in told if "festival" in text.casefold()] == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("K7QX29FMTRWP", "K7QX-29FM-TRWP"),
        ("FESTIVAL", "FESTIVAL"),
        ("FESTIVAL2026", "FESTIVAL2026"),  # I, L, 0: chosen by somebody
        ("영화의전당자원봉사자모임", "영화의전당자원봉사자모임"),
        ("", ""),
    ],
)
def test_random_codes_are_shown_in_groups_and_chosen_ones_as_they_are(stored: str, shown: str) -> None:
    assert inviting.spoken(stored) == shown


@given(code=st.text(max_size=60))
def test_a_code_that_was_made_comparable_stays_the_same(code: str) -> None:
    once = inviting.normalise(code)

    assert (inviting.normalise(once), inviting.normalise(f" {once[:1]}-{once[1:]} ")) == (once, once)


def test_refusals_are_refusals_of_the_domain() -> None:
    assert issubclass(inviting.CodeTaken, DomainError)
    assert issubclass(inviting.CodeRequired, DomainError)
