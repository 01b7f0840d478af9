"""Secrets: each opens one door, of one row, until its generation is raised (RULES 13)."""

from itertools import permutations

import pytest

from events.models.person import email_key
from events.models.tokens import derive, digest, lookup_of, new_key, opens, row_of

KINDS = ("manage", "calendar", "offer", "unsubscribe")


def test_a_token_opens_its_own_door_and_can_be_printed_again() -> None:
    token = derive(kind="manage", row_id=7, generation=0)

    assert token == derive(kind="manage", row_id=7, generation=0)
    assert opens(token, kind="manage", row_id=7, generation=0)
    assert row_of(token) == 7
    assert len(token.partition("-")[2]) == 43  # 256 bits in base64url


@pytest.mark.parametrize(("mine", "other"), list(permutations(KINDS, 2)))
def test_no_token_opens_another_kind_of_door(mine: str, other: str) -> None:
    assert not opens(derive(kind=mine, row_id=7, generation=0), kind=other, row_id=7, generation=0)


@pytest.mark.parametrize(("row_id", "generation"), [(8, 0), (7, 1), (71, 0)])
def test_no_token_opens_another_row_or_a_revoked_generation(row_id: int, generation: int) -> None:
    assert not opens(derive(kind="manage", row_id=7, generation=0), kind="manage", row_id=row_id, generation=generation)


def test_another_server_key_makes_other_tokens(settings: object) -> None:
    token = derive(kind="manage", row_id=7, generation=0)
    settings.SECRET_KEY = "another secret of another server"  # type: ignore[attr-defined]

    assert not opens(token, kind="manage", row_id=7, generation=0)


@pytest.mark.parametrize("token", ["", "-", "zz-abc", "7", "7-", "1" * 16 + "-x", "0x7-x", " 7-x", "７-x", "7-ü"])
def test_what_is_no_token_opens_nothing_and_breaks_nothing(token: str) -> None:
    row = row_of(token)

    assert not opens(token, kind="manage", row_id=row if row is not None else 7, generation=0)


def test_a_key_has_256_bits_a_prefix_and_a_checksum() -> None:
    lookup, key = new_key()

    assert (key[:4], len(key), lookup_of(key)) == ("cbk_", 62, lookup)
    assert new_key()[1] != key
    assert len(digest(key)) == 64


DAMAGES = {
    "cut": lambda key: key[:-1],
    "longer": lambda key: key + "a",
    "shouted": lambda key: key.upper(),
    "of another kind": lambda key: "cbx_" + key[4:],
    "not ascii": lambda key: key[:10] + "ü" + key[11:],
    "empty": lambda _key: "",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_key_is_recognized_without_asking_the_database(damage: object) -> None:
    assert lookup_of(damage(new_key()[1])) is None  # type: ignore[operator]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Mina@Example.ORG", "mina@example.org"),
        (" mina@example.org\n", "mina@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
        ("mina@bücher.example", "mina@xn--bcher-kva.example"),
        ("mina@한글.example", "mina@xn--bj0bj06e.example"),
        ("e\u0301va@example.org", "\u00e9va@example.org"),
        ("a@b@example.org", "a@b@example.org"),
        ("m.i.n.a+news@gmail.com", "m.i.n.a+news@gmail.com"),
    ],
)
def test_one_form_for_every_spelling_of_an_address(address: str, key: str) -> None:
    assert email_key(address) == key
    assert email_key(key) == key
