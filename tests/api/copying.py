"""Somebody who keeps a copy of the public lists, as docs/partners.md tells them to; and the lists themselves."""

from collections.abc import Iterator
from typing import Any

from rest_framework.test import APIClient

SEATS = ("seats_taken", "seats_left", "waitlist_length")  # `availability/` tells these
START = "/api/v1/changes/"


class Copy:
    """Events and sessions by type and uid, and the version that they have."""

    def __init__(self, things: dict[tuple[str, str], Any] | None = None, version: int = 0) -> None:
        self.things, self.version = dict(things or {}), version

    def follow(self, client: APIClient, *, page_size: int = 200) -> None:
        """All that happened since is in the copy."""
        address: str | None = f"{START}?since={self.version}&page_size={page_size}"
        while address is not None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            for delta in page["results"]:
                self.apply(delta)
            self.version, address = page["version"], page["next"]

    def apply(self, delta: dict[str, Any]) -> None:
        key = (delta["type"], delta["uid"])
        if delta["action"] == "removed":
            self.things.pop(key, None)
        else:
            self.things[key] = delta["object"]

    def kept(self) -> "Copy":
        """As it was, to be found again later."""
        return Copy(self.things, self.version)

    @property
    def lists(self) -> dict[str, list[Any]]:
        events = [thing for (kind, _uid), thing in self.things.items() if kind == "event"]
        sessions = [thing for (kind, _uid), thing in self.things.items() if kind == "session"]
        return _ordered(events, sessions)


def fresh(client: APIClient) -> dict[str, list[Any]]:
    """The public lists as they are now."""
    events = [{name: value for name, value in row.items() if name not in SEATS} for row in _rows(client, "events")]
    return _ordered(events, list(_rows(client, "sessions")))


def _ordered(events: list[Any], sessions: list[Any]) -> dict[str, list[Any]]:
    return {
        "events": sorted(events, key=lambda thing: thing["slug"]),
        "sessions": sorted(sessions, key=lambda thing: thing["uid"]),
    }


def _rows(client: APIClient, name: str) -> Iterator[Any]:
    address: str | None = f"/api/v1/{name}/?page_size=200"
    while address is not None:
        page = client.get(address).json()
        yield from page["results"]
        address = page["next"]
