"""What counts as a web site, and as the same one (RFC 6454)."""

import pytest

from events.models.sites import origin, site


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://www.kofic.or.kr", "https://www.kofic.or.kr"),
        ("https://WWW.Kofic.or.kr:443/a?b#c", "https://www.kofic.or.kr"),
        ("http://localhost:8001/x", "http://localhost:8001"),
        ("http://example.org:80", "http://example.org"),
        ("https://ｋofic.or.kr", "https://kofic.or.kr"),
        ("https://xn--strae-oqa.example", "https://xn--strae-oqa.example"),
        ("https://영화.한국/", "https://xn--vj5bo21a.xn--3e0b707e"),
        (" https://example.org ", "https://example.org"),
    ],
)
def test_an_origin_is_scheme_host_and_port(text: str, found: str) -> None:
    assert origin(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "", "example.org", "//example.org", "javascript:alert(1)", "data:text/html,x", "ftp://example.org",
        "https://", "https://user@example.org", "https://www.kofic.or.kr@evil.example", "https://a b.example",
        "https://example.org;sandbox", "https://*.example.org", "https://example.org:port", "https://[::1]",
        "https://example..org", "https://exa_mple.org", "https://example.org\\@evil.example", "https:example.org",
        "https://[", "https://" + "a" * 64 + ".org", "https://a.example,b.example", "https://example.org:99999",
        "https://straße.example", "https://ex\u200dample.org",
    ],
)  # fmt: skip
def test_what_has_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text itself
        origin(text)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("http://www.kofic.or.kr", True), ("http://localhost:8001", False), ("https://example.org/path", False),
        ("https://example.org/?", False), ("https://example.org#", False), ("https://example.org/?a=b", False),
        (f"https://{'a.' * 120}org", False),
    ],
)  # fmt: skip
def test_a_site_is_https_without_a_path(text: str, local: bool) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text itself
        site(text, local=local)


def test_the_demo_has_a_second_site_on_the_same_machine() -> None:
    assert site("http://localhost:8001/", local=True) == "http://localhost:8001"
