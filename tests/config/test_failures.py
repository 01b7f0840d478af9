"""Failures outside of every view speak to machines in problems and to people in pages."""

from typing import Any, NoReturn

import pytest
from django.test import Client

from api.views.root import Root


def fail(*args: Any, **kwargs: Any) -> NoReturn:
    raise RuntimeError("a secret detail")


def test_a_host_that_is_not_ours_is_a_problem_for_machines(client: Client) -> None:
    answer = client.get("/api/v1/", HTTP_HOST="elsewhere.example")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "bad_request"
    assert client.get("/oembed/nothing/", HTTP_HOST="elsewhere.example")["Content-Type"] == "application/problem+json"
    assert client.get("/ko/", HTTP_HOST="elsewhere.example")["Content-Type"].startswith("text/html")


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Root, "get", fail)
    client = Client(raise_request_exception=False)

    answer = client.get("/api/v1/")

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert (answer.json()["code"], b"secret" in answer.content) == ("server_error", False)
