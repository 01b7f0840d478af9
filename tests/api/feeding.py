"""How the tests ask for feeds."""

from datetime import datetime
from typing import Any

import feedparser
import pytest
from django.test import Client


def get(address: str, **headers: str) -> Any:
    return Client().get(f"/feeds/events.{address}", headers=headers)


def items(query: str = "") -> list[dict[str, Any]]:
    answer = get(f"json?{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def titles(query: str = "") -> list[str]:
    return [item["title"] for item in items(query)]


def parsed(address: str) -> Any:
    """The feed as a reader that is not ours takes it."""
    found = feedparser.parse(get(address).content, sanitize_html=False)
    assert not found.bozo, found.bozo_exception
    return found


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
