"""The example of docs/api.md, run as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from events.models import SYSTEM
from events.operations import planning, publishing
from tests import factories
from tests.api.copying import Copy, fresh

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def example(service: str) -> dict[str, Any]:
    """The names that the example in the docs defines."""
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  our own docs
    names["SERVICE"] = service  # what the functions look up when they are called
    return names


@pytest.mark.django_db(transaction=True)
def test_the_example_in_the_docs_keeps_a_copy(live_server: LiveServer) -> None:
    now = timezone.now()
    programme = factories.programme(now=now)
    stays, leaves = (factories.event(name, of=programme, capacity=5, now=now) for name in ("Stays", "Leaves"))
    names = example(live_server.url)
    copy, seats = names["copy"], names["seats"]
    for _again in range(2):
        names["follow_schedule"](copy)
        names["follow_seats"](seats)

    planning.amend_event(event=stays, fields={"title_en": "New title"}, actor=SYSTEM, now=now)
    publishing.unpublish(event=leaves, actor=SYSTEM, now=now)
    factories.register(stays, 1, now=now)
    names["follow_schedule"](copy)
    names["follow_seats"](seats)

    kept = Copy({tuple(key.split(" ")): thing for key, thing in copy["things"].items()})
    assert kept.lists == fresh(APIClient(HTTP_ACCEPT_LANGUAGE="en"))
    assert [thing["title"] for thing in kept.lists["events"]] == ["New title"]
    assert seats["things"][str(stays.uid)]["seats_left"] == 4
