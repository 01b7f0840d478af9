"""The script at its address: small, the same for everybody, and nothing in it that a strict policy refuses."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.translation import gettext, override

from events import filters
from events.models import Event

MOST_BYTES = 15 * 1024
HARMFUL = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.cookie\b|localStorage|"
    r"sessionStorage|indexedDB|sendBeacon|\.style\b|https?://(?!schema\.org)|\bimport\b|aria-live"
)


def source() -> str:
    path = finders.find("embed/v1.js")
    assert isinstance(path, str)
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_it_is_the_same_for_everybody(client: Client) -> None:
    found = client.get("/embed/v1.js", headers={"Accept-Encoding": "identity", "Cookie": "sessionid=x"})

    assert (found.status_code, found.content.decode()) == (200, source())
    assert found.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert found.headers["Cache-Control"] == "public, max-age=3600"
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert found.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert found.headers["Vary"] == "Accept-Encoding"
    assert not found.cookies


def test_who_has_it_is_told_so(client: Client) -> None:
    plain, zipped = (client.get("/embed/v1.js", headers={"Accept-Encoding": way}) for way in ("gzip;q=0", "br, gzip"))

    assert gzip.decompress(zipped.content) == plain.content
    assert (zipped.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert re.fullmatch(r'"[0-9a-f]{32}"', plain.headers["ETag"])
    for answer, way in ((plain, "identity"), (zipped, "gzip")):
        asked = {"Accept-Encoding": way, "If-None-Match": answer.headers["ETag"]}
        again = client.get("/embed/v1.js", headers=asked)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        assert again.headers["Cache-Control"] == "public, max-age=3600"
    assert client.head("/embed/v1.js").status_code == 200
    assert client.post("/embed/v1.js").status_code == 405


def test_it_is_small(client: Client) -> None:
    assert len(client.get("/embed/v1.js", headers={"Accept-Encoding": "gzip"}).content) <= MOST_BYTES


def test_nothing_in_it_keeps_anything_or_needs_an_unsafe_policy() -> None:
    assert HARMFUL.findall(source()) == []


@pytest.mark.parametrize("line", ["a.innerHTML = b", 'eval("1")', "document.cookie", "fetch('https://x.example')"])
def test_the_search_would_find_it(line: str) -> None:
    assert HARMFUL.search(line)


def told(language: str) -> dict[str, str]:
    """The words of the script, kinds of events included, but for those with a number or a time in them."""
    [block] = re.findall(rf"\n    {language}: \{{\n(.*?)\n    \}},", source(), re.DOTALL)
    return dict(re.findall(r'(\w+): "([^"]*)"', block))


@pytest.mark.parametrize(
    "name",
    [
        "date", "allDay", "online", "tentative", "sessionOff", "cancelled", "none", "closed", "approval", "unlimited",
        "full", "waits", "code", "register", "wait",
    ],
)  # fmt: skip
def test_how_an_event_stands_is_said_as_on_our_pages(name: str) -> None:
    english, korean = told("en")[name], told("ko")[name]

    with override("ko"):
        assert gettext(english) == korean
    assert english != korean


def test_it_knows_every_filter_and_every_kind_of_event() -> None:
    [listed] = re.findall(r"const FILTERS = \[(.*?)\];", source(), re.DOTALL)

    assert set(re.findall(r'"(\w+)"', listed)) == filters.NAMES | {"ordering"}
    for language in ("en", "ko"):
        with override(language):
            kinds = {kind.value: str(kind.label) for kind in Event.Kind}
        assert {kind: told(language)[kind].casefold() for kind in kinds} == kinds
