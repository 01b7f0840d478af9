"""Nobody has us connect to an inner address, however it is written and whatever its name answers (SAFETY 4.2)."""

from collections.abc import Mapping
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.hooks import addresses, posting
from events.hooks.posting import NotPosted
from tests.certificates import NAME, Certificates
from tests.hook_receiver import answers, presenting, receiving
from tests.inner_targets import INNER_V4, INNER_V6, PUBLIC, PUBLIC_V6, Inside, targets
from tests.network_edge import Edge, edge

REFUSED = {posting.NOT_ALLOWED, posting.NO_PUBLIC_ADDRESS}


def post(url: str) -> str:
    """What became of it, in words."""
    try:
        return str(posting.post(url=url, body=b"{}", headers={"Content-Type": "application/json"}).status)
    except NotPosted as problem:
        return problem.reason


def tried(wanted: Mapping[str, Inside], known: Edge) -> dict[str, str]:
    """What became of each of them."""
    known.zone.update({host: answers for one in wanted.values() for host, answers in one.zone.items()})
    return {name: post(one.url) for name, one in wanted.items()}


def test_of_five_hundred_ways_inside_none_is_taken() -> None:
    wanted = targets()

    with edge() as known:
        outcomes = tried(wanted, known)

    assert len(wanted) >= 500
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in REFUSED} == {}
    assert (known.tried, known.inner.count) == ([], 0)


def test_without_the_guard_most_of_them_are() -> None:
    with edge() as known, patch.object(addresses, "is_public", return_value=True):
        outcomes = tried(targets(), known)
        arrived = known.inner.has_counted(len(known.tried))

    assert arrived
    assert len(known.tried) > 800
    assert sum(outcome not in REFUSED for outcome in outcomes.values()) == known.inner.count > 800


def test_a_public_name_is_reached_at_the_address_that_was_judged(trusted: Certificates) -> None:
    """A name that answers otherwise when it is asked again: nobody asks again."""
    with (
        receiving(answers(204), tls=presenting(trusted.good)) as receiver,
        edge({NAME: [[PUBLIC_V6], ["127.0.0.1"]]}, {PUBLIC_V6: receiver.way}) as known,
    ):
        assert post(f"https://{NAME}/hook") == "204"
        assert (known.tried, known.inner.count, known.looked_up[NAME]) == ([PUBLIC_V6], 0, 1)
        assert post(f"https://{NAME}/hook") == posting.NO_PUBLIC_ADDRESS
        assert (known.tried, known.inner.count) == ([PUBLIC_V6], 0)
        assert [request.headers["host"] for request in receiver.requests] == [NAME]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "elsewhere", ["https://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "//[::1]/", "/other"]
)
def test_nobody_sends_us_on(trusted: Certificates, status: int, elsewhere: str) -> None:
    with (
        receiving(answers(status, f"Location: {elsewhere}"), tls=presenting(trusted.good)) as receiver,
        edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}) as known,
    ):
        assert post(f"https://{NAME}/hook") == str(status)
        assert (known.tried, known.inner.count, len(receiver.requests)) == ([PUBLIC], 0, 1)


def test_a_second_public_address_is_tried_where_the_first_is_away(trusted: Certificates) -> None:
    with (
        receiving(answers(200), tls=presenting(trusted.good)) as receiver,
        edge({NAME: [["8.8.8.8", PUBLIC]]}, {"8.8.8.8": ("127.0.0.1", 1), PUBLIC: receiver.way}) as known,
    ):
        assert post(f"https://{NAME}/hook") == "200"
        assert known.tried == ["8.8.8.8", PUBLIC]


def test_no_proxy_of_the_environment_is_asked(trusted: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    with (
        receiving(answers(200), tls=presenting(trusted.good)) as receiver,
        edge({NAME: [[PUBLIC]]}, {PUBLIC: receiver.way}) as known,
    ):
        assert post(f"https://{NAME}/hook") == "200"
        assert known.tried == [PUBLIC]


@pytest.mark.parametrize("inner", [*INNER_V4, *INNER_V6])
def test_an_inner_address_is_not_public(inner: str) -> None:
    assert not addresses.is_public(inner)


@pytest.mark.parametrize("public", [
    PUBLIC, PUBLIC_V6, "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "168.63.129.15", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:db7:ffff::1",
    "2001:db9::1", "2003::1", "2606:4700::1111", "2a00:1450::1", "3ffe:ffff::1", "3fff:1000::1",
])  # fmt: skip
def test_an_address_beside_the_blocks_is_public(public: str) -> None:
    assert addresses.is_public(public)


@pytest.mark.parametrize("nonsense", ["", "127.1", "2130706433", "0x7f.1", "a", "1.1.1.1 ", "2606:4700::1111%eth0"])
def test_what_is_no_plain_address_is_not_public(nonsense: str) -> None:
    assert not addresses.is_public(nonsense)


@settings(max_examples=150, deadline=None)
@example(text="https://" + "ü" * 80 + ".example/")
@example(text="https://xn--a.example/")
@example(text="https://" + ".".join(["ü"] * 120))
@example(text="https://[::ffff:1.2.3.4.5]/")
@given(
    text=st.one_of(
        st.text(max_size=40),
        st.builds("https://{}/{}".format, st.text(max_size=20), st.text(max_size=10)),
        st.builds(
            "https://[{}]:{}".format, st.text("0123456789abcdef:.%", max_size=20), st.text("0123456789", max_size=6)
        ),
    )
)
def test_any_text_is_an_address_in_one_form_or_refused(text: str) -> None:
    try:
        target = addresses.check_url(text)
    except addresses.NotAnAddress:
        return
    assert addresses.check_url(target.url) == target
    assert target.url.isascii()
