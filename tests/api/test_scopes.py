"""What a key with scopes may: one row for each door that a scope opens; all others are closed to it, or open to all."""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api.urls import resources
from events.models import Registration
from tests import factories
from tests.api.conftest import World
from tests.api.test_access import (
    CASES,
    EVERYBODY,
    OPENED_BY_ADDRESS,
    OWN_DRAFT,
    Case,
    address,
    asked,
    furniture,
    served,
    verbs,
)

__all__ = ["furniture"]  # a fixture

TYPED = re.compile(r"<\w+:(\w+)>")
READ, MAKE = ("read",), ("register", "allotment")
ALL = ("read", "register", "allotment")
# The doors that scopes open: any one of these.
DOORS = {
    ("get", "quotas/"): ("read", "allotment"),
    ("get", "quotas/<uuid:uid>/"): ("read", "allotment"),
    ("get", "releases/"): READ,
    ("get", "releases/<uuid:uid>/"): READ,
    ("get", "events/<slug:slug>/changes/"): READ,
    ("get", "events/<slug:slug>/reach/"): READ,
    ("get", "events/<slug:slug>/messages/numbers/"): READ,
    ("get", "registrations/"): MAKE,
    ("get", "registrations/<slug:code>/"): MAKE,
    ("get", "groups/<slug:code>/"): MAKE,
    ("post", "events/<slug:slug>/registrations/"): MAKE,
    ("post", "events/<slug:slug>/groups/"): MAKE,
    ("post", "registrations/<slug:code>/cancel/"): MAKE,
}
# What the case asks behind the door: nobody's code is the key's own, and nobody is nominated.
OTHERS = {route for verb, route in DOORS if "<slug:code>" in route}
FREE = (
    {case.route for case in CASES if case.verb == "get" and case.who in (EVERYBODY, OWN_DRAFT) and case.on != "draft"}
    - {route for _verb, route in DOORS}
    - OPENED_BY_ADDRESS
)
KEYS = [("ours", READ), ("ours", ("register",)), ("ours", ("allotment",)), ("ours", ALL), ("theirs", ALL)]


def expected(case: Case, whose: str, scopes: tuple[str, ...]) -> tuple[str, Any]:
    """Status and, of a refusal, which scope it names."""
    needed = DOORS.get((case.verb, case.route))
    if needed is None and (case.verb != "get" or case.route not in FREE):
        return "403", None
    if needed is not None and not set(scopes) & set(needed):
        return "403", needed[0]
    if case.route in OTHERS or (case.on == "draft" and not (whose == "ours" and "read" in scopes)):
        return "404", ""
    if case.verb == "post" and "by_organizer" in case.body:
        return "403", None
    if case.verb == "post" and "register" not in scopes:
        return "403", "register"
    if case.route == "quotas/<uuid:uid>/" and (whose == "theirs" or "read" not in scopes):
        return "404", ""  # an audience's, not a partner's
    if case.route == "releases/<uuid:uid>/" and whose == "theirs":
        return "404", ""
    return ("403", "forbidden") if needed == READ and case.route != "releases/" and whose == "theirs" else ("yes", "")


@pytest.mark.parametrize(("whose", "scopes"), KEYS)
def test_every_door_is_open_closed_or_says_which_scope_it_takes(
    furniture: Any, world: World, whose: str, scopes: tuple[str, ...]
) -> None:
    organization = {"ours": world.ours, "theirs": world.theirs}[whose]
    secret = factories.key(organization, scopes=scopes, now=timezone.now())
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.get("/api/v1/")  # its use is noted
    got, written = {}, []

    for case in CASES:
        with transaction.atomic(), CaptureQueriesContext(connection) as statements:
            answer = asked(client, case, address(case, furniture))
            transaction.set_rollback(True)
        got[case.verb, case.route, case.on, str(case.body)] = outcome(answer)
        if answer.status_code in (401, 403, 404):
            written += [one["sql"] for one in statements if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]

    ours_alone = {  # attendees' own doors take no key at all
        (case.verb, case.route, case.on, str(case.body)): ("401", "")
        for case in CASES
        if case.route.startswith("calendar-links/")
    }
    assert (
        got
        == {(case.verb, case.route, case.on, str(case.body)): expected(case, whose, scopes) for case in CASES}
        | ours_alone
    )
    assert written == []


def outcome(answer: Any) -> tuple[str, Any]:
    assert answer.status_code < 500
    if answer.status_code == 403 and answer.json()["code"] == "forbidden":
        return "403", "forbidden"
    if answer.status_code == 403:
        assert answer.json()["code"] == "scope_missing"
        return "403", answer.json()["scope"]
    return (str(answer.status_code), "") if answer.status_code in (401, 404) else ("yes", "")


def test_the_views_say_the_same_as_this_table() -> None:
    said = {
        (verb, str(route.pattern)): route.callback.view_class.scopes_for(verb.upper())
        for route in resources
        for verb in verbs(route)
    }

    assert {door: scopes for door, scopes in said.items() if scopes} == DOORS
    free = {route for (verb, route), scopes in said.items() if scopes is None}
    assert free == FREE
    assert set(said) == served()


def test_the_document_says_which_scopes_open_a_door(world: World) -> None:
    paths = APIClient().get("/api/schema/", HTTP_ACCEPT="application/json").json()["paths"]

    said = {
        (verb, path.removeprefix("/api/v1/")): tuple(operation["x-scopes"])
        for path, operations in paths.items()
        for verb, operation in operations.items()
        if operation.get("x-scopes")
    }

    assert said == {(verb, TYPED.sub(r"{\1}", route)): scopes for (verb, route), scopes in DOORS.items()}


def test_a_key_that_reads_meets_no_attendee_even_by_their_code(furniture: Any, world: World) -> None:
    Registration.objects.update(name="Canary Kim", answers={"why": "canary"}, reason="canary")
    known = {"Canary", "canary", *Registration.objects.values_list("code", flat=True)}
    known.update(Registration.objects.values_list("email", flat=True))

    def met(scopes: tuple[str, ...]) -> set[str]:
        secret = factories.key(world.ours, "owner", scopes=scopes, now=timezone.now())
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
        pages = {case.route: client.get(address(case, furniture)) for case in CASES if case.verb == "get"}
        assert pages["events/<slug:slug>/reach/"].status_code == 200
        return {route for route, page in pages.items() if any(word.encode() in page.content for word in known)}

    assert met(READ) == set()
    assert {"registrations/", "registrations/<slug:code>/", "groups/<slug:code>/"} <= met(())


@pytest.mark.parametrize("verb", ["get", "head", "options", "put", "trace"])
def test_other_verbs_are_what_they_are_without_a_key(furniture: Any, world: World, verb: str) -> None:
    secret = factories.key(world.ours, scopes=("register",), now=timezone.now())

    asked = [
        getattr(APIClient(**headers), verb)("/api/v1/events/")
        for headers in ({}, {"HTTP_AUTHORIZATION": f"Bearer {secret}"})
    ]

    assert len({answer.status_code for answer in asked}) == 1
