"""Signing in: once, at one door, for who has the address; nothing of it is stored (RULES 13, 14)."""

from datetime import timedelta

import pytest

from events.models import Attendee, Delivery, Person, SignIn
from events.operations import guessing, signing_in
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
EMAIL = "owner@demo.example"
refused = pytest.raises(signing_in.SignInRefused)


@pytest.fixture
def owner() -> Person:
    factories.organization(owner=EMAIL)
    return Person.objects.get()


def asked(*, door: str = "organize", email: str = EMAIL, now: object = NOW) -> SignIn:
    signing_in.ask(door=door, email=email, now=now)  # type: ignore[arg-type]
    return SignIn.objects.latest("pk")


def test_a_code_signs_in_once(owner: Person) -> None:
    code = signing_in.code_of(asked())

    person = signing_in.member_by_code(email=" OWNER@demo.example", code=f" {code} ", now=NOW)

    assert person == owner
    with refused:
        signing_in.member_by_code(email=EMAIL, code=code, now=NOW)


def test_using_the_link_uses_up_link_and_code(owner: Person) -> None:
    row = asked()

    assert signing_in.member_by_link(link=signing_in.link_of(row), now=NOW) == owner

    with refused:
        signing_in.member_by_link(link=signing_in.link_of(row), now=NOW)
    with refused:
        signing_in.member_by_code(email=EMAIL, code=signing_in.code_of(row), now=NOW)


@pytest.mark.usefixtures("owner")
def test_five_wrong_guesses_end_a_code_even_for_who_knows_it() -> None:
    code = signing_in.code_of(asked())
    wrong = f"{(int(code) + 1) % 10**8:08d}"

    for _guess in range(signing_in.MOST_GUESSES):
        with refused:
            signing_in.member_by_code(email=EMAIL, code=wrong, now=NOW)
    with refused:
        signing_in.member_by_code(email=EMAIL, code=code, now=NOW)

    assert SignIn.objects.get().guesses == signing_in.MOST_GUESSES


@pytest.mark.usefixtures("owner")
def test_codes_and_links_grow_old_and_a_new_code_voids_the_one_before() -> None:
    old, new = asked(), asked(now=NOW + MINUTE)

    with refused:
        signing_in.member_by_code(email=EMAIL, code=signing_in.code_of(old), now=NOW + MINUTE)
    with refused:
        signing_in.member_by_link(link=signing_in.link_of(new), now=NOW + MINUTE + signing_in.CODE_LIVES)
    signing_in.member_by_code(email=EMAIL, code=signing_in.code_of(new), now=NOW + MINUTE)


def test_a_printed_link_lives_through_codes_that_are_asked_for(owner: Person) -> None:
    printed = signing_in.chance(door="organize", key=EMAIL, now=NOW)
    asked(now=NOW + MINUTE)

    assert signing_in.member_by_link(link=signing_in.link_of(printed), now=NOW + MINUTE) == owner


def test_each_door_has_its_own_chances(owner: Person) -> None:
    factories.register(factories.event(), 1, email=EMAIL)
    inside, outside = asked(), asked(door="my")

    for code, link in [(signing_in.code_of(outside), signing_in.link_of(outside))]:
        with refused:
            signing_in.member_by_code(email=EMAIL, code=code, now=NOW)
        with refused:
            signing_in.member_by_link(link=link, now=NOW)
    with refused:
        signing_in.attendee_by_link(link=signing_in.link_of(inside), now=NOW)

    assert signing_in.attendee_by_link(link=signing_in.link_of(outside), now=NOW).email_key == EMAIL
    assert signing_in.member_by_link(link=signing_in.link_of(inside), now=NOW) == owner


@pytest.mark.parametrize("door", ["organize", "my"])
def test_for_an_address_that_nobody_has_all_is_written_and_nothing_opens(door: str) -> None:
    row = asked(door=door, email="stranger@demo.example")
    by_code = signing_in.member_by_code if door == "organize" else signing_in.attendee_by_code

    with refused as of_wrong:
        by_code(email="stranger@demo.example", code="00000000", now=NOW)
    with refused:
        by_code(email="stranger@demo.example", code=signing_in.code_of(row), now=NOW)

    assert Delivery.objects.get().sign_in == row
    assert signing_in.recipients(sign_ins=[row]) == {}
    assert SignIn.objects.get().guesses == 2
    assert of_wrong.value.details == {}
    assert not Attendee.objects.exists()


@pytest.mark.parametrize("address", ["nonsense", "", f"{'x' * 250}@demo.example"])
def test_what_cannot_be_an_address_leaves_nothing(address: str) -> None:
    signing_in.ask(door="my", email=address, now=NOW)

    with refused:
        signing_in.attendee_by_code(email=address, code="00000000", now=NOW)
    assert not SignIn.objects.exists()
    assert not Delivery.objects.exists()


def test_a_person_who_left_cannot_sign_in(owner: Person) -> None:
    row = asked()
    Person.objects.filter(pk=owner.pk).update(is_active=False)

    with refused:
        signing_in.member_by_link(link=signing_in.link_of(row), now=NOW)
    assert signing_in.recipients(sign_ins=[row]) == {}


@pytest.mark.usefixtures("owner")
def test_five_in_a_quarter_of_an_hour_at_both_doors_together_and_then_again() -> None:
    for number in range(7):
        asked(door="my" if number % 2 else "organize", now=NOW + number * MINUTE)
    within = SignIn.objects.count()

    asked(now=NOW + 15 * MINUTE)

    assert (within, SignIn.objects.count(), Delivery.objects.count()) == (5, 6, 6)


def test_nothing_that_opens_is_stored(owner: Person) -> None:
    row = asked()

    stored = str(SignIn.objects.values().get()) + str(Delivery.objects.values().get())

    assert signing_in.code_of(row) not in stored
    assert signing_in.link_of(row).split("-", 1)[1] not in stored
    assert len({signing_in.code_of(row), *map(signing_in.code_of, [asked(), asked(door="my")])}) == 3


def test_a_number_that_a_restored_database_gives_out_again_has_other_secrets(owner: Person) -> None:
    row = asked()
    link, code = signing_in.link_of(row), signing_in.code_of(row)
    SignIn.objects.filter(pk=row.pk).update(created_at=NOW + timedelta(microseconds=1))

    row.refresh_from_db()

    assert signing_in.code_of(row) != code
    with refused:
        signing_in.member_by_link(link=link, now=NOW)


def test_who_booked_for_others_only_is_known_too() -> None:
    factories.group(factories.event(), 1, 2)

    row = asked(door="my", email="booker@mail.example")

    found = signing_in.recipients(sign_ins=[row])
    assert found == {row.pk: signing_in.Recipient("booker@mail.example", "ko")}


def test_old_chances_are_forgotten_with_what_is_known_of_their_mails() -> None:
    asked(now=NOW - timedelta(days=3))
    asked(now=NOW)

    assert signing_in.forget_old(now=NOW) == 1
    assert (SignIn.objects.count(), Delivery.objects.count()) == (1, 1)


def test_what_is_allowed_so_often_is_allowed_again_in_the_next_stretch() -> None:
    def tries(minute: int) -> list[bool]:
        at = NOW + minute * MINUTE
        return [guessing.allowed(what="x", who="y", most=2, every=timedelta(minutes=15), now=at) for _time in range(3)]

    assert tries(0) == [True, True, False]
    assert tries(14) == [False, False, False]
    assert tries(15) == [True, True, False]
    assert guessing.forget(what="x", who="y") == 2
