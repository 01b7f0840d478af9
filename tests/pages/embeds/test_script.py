"""The script at its address: small, the same for everybody, and nothing in it that a strict policy refuses."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

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
