"""Query strings of pages: tidy, canonical, readable."""

import pytest
from django.http import QueryDict

from pages.public import query


@pytest.mark.parametrize(
    ("sent", "tidy"),
    [
        ("", None),
        ("topic=mixing&when=past", None),
        ("topic=a,b", None),
        ("topic=", ""),
        ("q=&topic=a&topic=b&topic=", "topic=a,b"),
        ("q=%20led%20wall%20", "q=led+wall"),
        ("starts_after=2026-12-01T10:00:00%2B09:00&q=", "starts_after=2026-12-01T10:00:00%2B09:00"),
        ("q=%EB%AF%B9%EC%8B%B1&kind=", "q=%EB%AF%B9%EC%8B%B1"),
        ("unknown=1&q=", "unknown=1"),
    ],
)
def test_empty_fields_go_and_repeated_ones_join(sent: str, tidy: str | None) -> None:
    assert query.tidied(QueryDict(sent)) == tidy


def test_a_tidied_query_is_tidy() -> None:
    once = query.tidied(QueryDict("topic=b&topic=&topic=a&q=+x+&when="))

    assert once is not None
    assert query.tidied(QueryDict(once)) is None


def test_the_same_filters_have_one_address() -> None:
    asked = QueryDict("when=past&utm_source=mail&page=2&topic=mixing")

    assert query.address("/ko/events/", query.canonical(asked)) == "/ko/events/?topic=mixing&when=past"
    assert query.address("/ko/events/", {}) == "/ko/events/"
