"""Who may do what: one row for each address and verb of the API, asked by everybody (SAFETY.md 4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import URLPattern
from django.utils import timezone
from rest_framework.test import APIClient

from api.urls import resources
from events.importers import template
from events.models import SYSTEM, Registration
from events.operations import hooking, offering, placing, planning, releasing, selecting, subscribing
from tests import factories
from tests.api.conftest import World, keyed, signed_in
from tests.webhooks import webhook
from venues.models import Closure

ASKING = (
    "anonymous", "viewer", "editor", "owner", "door", "viewer key", "editor key", "owner key", "other owner",
    "other key",
)  # fmt: skip
VERBS = ("get", "post", "patch", "put", "delete")

# What each of ASKING gets, in that order. "yes": anything but 401, 403, 404.
EVERYBODY = ("yes",) * 10
EDITORS = ("401", "403", "yes", "yes", "403", "403", "yes", "yes", "403", "403")
SOMEBODYS_MEMBERS = ("401", "yes", "yes", "yes", "403", "yes", "yes", "yes", "yes", "yes")
SOMEBODYS_EDITORS = ("401", "403", "yes", "yes", "403", "403", "yes", "yes", "yes", "yes")
OWNERS = ("401", "403", "403", "yes", "403", "403", "403", "yes", "403", "403")
OWNERS_IN_PERSON = ("401", "403", "403", "yes", "403", "403", "403", "403", "403", "403")
OWNERS_ALONE = ("404", "404", "404", "yes", "404", "404", "404", "404", "404", "404")
SOMEBODYS_OWNERS = ("401", "403", "403", "yes", "403", "403", "403", "403", "yes", "403")
MEMBERS_IN_PERSON = ("401", "yes", "yes", "yes", "403", "403", "403", "403", "403", "403")
MEMBERS = ("401", "yes", "yes", "yes", "403", "yes", "yes", "yes", "403", "403")
NOBODY = ("401", *["403"] * 9)
ATTENDEES_ALONE = ("401",) * 10  # an attendee is none of these: tests/api/test_calendar_links.py
OWN_DRAFT = ("404", "yes", "yes", "yes", "404", "yes", "yes", "yes", "404", "404")
EDITORS_ALONE = ("404", "404", "yes", "yes", "404", "404", "yes", "yes", "404", "404")
EDIT_DRAFT = ("404", "403", "yes", "yes", "404", "403", "yes", "yes", "404", "404")

TIMES = {"starts_at": "2027-03-01T10:00:00+09:00", "ends_at": "2027-03-01T12:00:00+09:00"}
PERSON = {"name": "Somebody", "email": "somebody@mail.example"}
GROUP = {"booker": PERSON, "people": [PERSON]}
QUESTIONS = {"questions": [{"key": "why", "kind": "text", "title_en": "Why?"}]}
CEILING = {"event": "lighting", "kind": "ceiling", "audience": "student", "seats": 5}
LATER = {"kind": "later", "minutes": 30}
SHORTLIST = {"action": "shortlist", "codes": ["NOBODY"]}


@dataclass(frozen=True)
class Case:
    verb: str
    route: str
    who: tuple[str, ...]
    body: Any = None
    on: str = "public"


CASES = [
    Case("get", "", EVERYBODY),
    Case("get", "campaigns/", EVERYBODY),
    Case("post", "campaigns/", EDITORS, {"organization": "ours", "title_en": "New"}),
    Case("get", "campaigns/<slug:slug>/", EVERYBODY),
    Case("patch", "campaigns/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("get", "programmes/", EVERYBODY),
    Case("post", "programmes/", EDITORS, {"organization": "ours", "title_en": "New"}),
    Case("get", "programmes/<slug:slug>/", EVERYBODY),
    Case("get", "programmes/<slug:slug>/", OWN_DRAFT, on="draft"),
    Case("patch", "programmes/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("patch", "programmes/<slug:slug>/", EDIT_DRAFT, {"title_ko": "새"}, on="draft"),
    Case("post", "programmes/<slug:slug>/replan/", EDIT_DRAFT, LATER),
    Case("post", "programmes/<slug:slug>/replan/preview/", EDIT_DRAFT, LATER),
    Case("get", "programmes/<slug:slug>/changelog/", EVERYBODY),
    Case("get", "programmes/<slug:slug>/changelog/", OWN_DRAFT, on="draft"),
    Case("get", "organizations/", EVERYBODY),
    Case("post", "organizations/", NOBODY, {"title_en": "New", "owner_email": "new@demo.example"}),
    Case("get", "organizations/<slug:slug>/", EVERYBODY),
    Case("patch", "organizations/<slug:slug>/", OWNERS, {"title_ko": "새"}),
    Case("get", "organizations/<slug:slug>/changes/", EDITORS),
    Case("get", "organizations/<slug:slug>/members/", MEMBERS_IN_PERSON),
    Case(
        "post", "organizations/<slug:slug>/members/", OWNERS_IN_PERSON, {"email": "new@demo.example", "role": "viewer"}
    ),
    Case("post", "organizations/<slug:slug>/members/remove/", OWNERS_IN_PERSON, {"email": "owner@ours.example"}),
    Case("get", "organizations/<slug:slug>/rooms/<slug:room>/calendar/", MEMBERS_IN_PERSON),
    Case("post", "organizations/<slug:slug>/room-calendars/renew/", MEMBERS_IN_PERSON),
    Case("get", "organizations/<slug:slug>/keys/", OWNERS_IN_PERSON),
    Case("post", "organizations/<slug:slug>/keys/", OWNERS_IN_PERSON, {"name": "New", "role": "viewer"}),
    Case("post", "organizations/<slug:slug>/keys/<slug:lookup>/revoke/", OWNERS_IN_PERSON),
    Case("post", "organizations/<slug:slug>/keys/<slug:lookup>/rotate/", OWNERS_IN_PERSON),
    Case("get", "organizations/<slug:slug>/keys/<slug:lookup>/usage/", OWNERS_IN_PERSON),
    Case("get", "topics/", EVERYBODY),
    Case("post", "topics/", SOMEBODYS_EDITORS, {"title_en": "New"}),
    Case("get", "topics/<slug:slug>/", EVERYBODY),
    Case("patch", "topics/<slug:slug>/", NOBODY, {"title_ko": "새"}),
    Case("get", "audiences/", EVERYBODY),
    Case("post", "audiences/", SOMEBODYS_EDITORS, {"title_en": "New"}),
    Case("get", "audiences/<slug:slug>/", EVERYBODY),
    Case("get", "speakers/", EVERYBODY),
    Case("post", "speakers/", EDITORS, {"organization": "ours", "name_en": "New"}),
    Case("get", "speakers/<slug:slug>/", EVERYBODY),
    Case("get", "speakers/<slug:slug>/", OWN_DRAFT, on="draft"),
    Case("patch", "speakers/<slug:slug>/", EDITORS, {"name_ko": "새"}),
    Case("patch", "speakers/<slug:slug>/", EDIT_DRAFT, {"name_ko": "새"}, on="draft"),
    Case("get", "series/", EVERYBODY),
    Case("post", "series/", EDITORS, {"programme": "biff-workshops", "title_en": "New"}),
    Case("get", "series/<slug:slug>/", EVERYBODY),
    Case("get", "series/<slug:slug>/", OWN_DRAFT, on="draft"),
    Case("patch", "series/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("patch", "series/<slug:slug>/", EDIT_DRAFT, {"title_ko": "새"}, on="draft"),
    Case("get", "venues/", EVERYBODY),
    Case("post", "venues/", EDITORS, {"organization": "ours", "title_en": "New"}),
    Case("get", "venues/<slug:slug>/", EVERYBODY),
    Case("patch", "venues/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("get", "venues/<slug:slug>/closures/", EVERYBODY),
    Case("post", "venues/<slug:slug>/closures/", EDITORS, TIMES),
    Case("get", "venues/<slug:slug>/closures/<uuid:uid>/", EVERYBODY),
    Case("delete", "venues/<slug:slug>/closures/<uuid:uid>/", EDITORS),
    Case("get", "rooms/", EVERYBODY),
    Case("post", "rooms/", EDITORS, {"venue": "cinema-center", "title_en": "New"}),
    Case("get", "rooms/<slug:slug>/", EVERYBODY),
    Case("patch", "rooms/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("get", "events/", EVERYBODY),
    Case("post", "events/", EDITORS, {"programme": "biff-workshops", "title_en": "New"}),
    Case("get", "events/<slug:slug>/", EVERYBODY),
    Case("get", "events/<slug:slug>/", EVERYBODY, on="unlisted"),
    Case("get", "events/<slug:slug>/", OWN_DRAFT, on="draft"),
    Case("patch", "events/<slug:slug>/", EDITORS, {"title_ko": "새"}),
    Case("patch", "events/<slug:slug>/", EDIT_DRAFT, {"title_ko": "새"}, on="draft"),
    Case("post", "events/<slug:slug>/publish/", EDITORS),
    Case("post", "events/<slug:slug>/publish/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/unpublish/", EDITORS),
    Case("post", "events/<slug:slug>/unpublish/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/cancel/", EDITORS),
    Case("post", "events/<slug:slug>/cancel/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/decide/", EDITORS, {"takes_place": True}),
    Case("post", "events/<slug:slug>/decide/", EDIT_DRAFT, {"takes_place": True}, on="draft"),
    Case("get", "events/<slug:slug>/reach/", EDITORS),
    Case("get", "events/<slug:slug>/reach/", EDIT_DRAFT, on="draft"),
    Case("get", "events/<slug:slug>/questions/", EVERYBODY),
    Case("get", "events/<slug:slug>/questions/", OWN_DRAFT, on="draft"),
    Case("put", "events/<slug:slug>/questions/", EDITORS, QUESTIONS),
    Case("put", "events/<slug:slug>/questions/", EDIT_DRAFT, QUESTIONS, on="draft"),
    Case("get", "events/<slug:slug>/invitations/", EDITORS),
    Case("get", "events/<slug:slug>/invitations/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/invitations/", EDITORS),
    Case("post", "events/<slug:slug>/invitations/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/applications/", EDITORS, SHORTLIST),
    Case("post", "events/<slug:slug>/applications/", EDIT_DRAFT, SHORTLIST, on="draft"),
    Case("get", "events/<slug:slug>/draw/", EVERYBODY, on="unlisted"),
    Case("get", "events/<slug:slug>/draw/", OWN_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/draw/", EDITORS, on="unlisted"),
    Case("post", "events/<slug:slug>/draw/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/draw/run/", EDITORS, on="unlisted"),
    Case("post", "events/<slug:slug>/draw/run/", EDIT_DRAFT, on="draft"),
    Case("get", "events/<slug:slug>/changes/", MEMBERS),
    Case("get", "events/<slug:slug>/changes/", OWN_DRAFT, on="draft"),
    Case("get", "events/<slug:slug>/registrations/", EDITORS),
    Case("get", "events/<slug:slug>/registrations/", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/registrations/", EVERYBODY, PERSON),
    Case("post", "events/<slug:slug>/registrations/", EVERYBODY, PERSON, on="unlisted"),
    Case("post", "events/<slug:slug>/registrations/", OWN_DRAFT, PERSON, on="draft"),
    Case("post", "events/<slug:slug>/registrations/", EDITORS, {**PERSON, "by_organizer": True}),
    Case("post", "events/<slug:slug>/registrations/", EDIT_DRAFT, {**PERSON, "by_organizer": True}, on="draft"),
    Case("post", "events/<slug:slug>/registrations/import/", EDITORS, {}),
    Case("post", "events/<slug:slug>/registrations/import/", EDIT_DRAFT, {}, on="draft"),
    Case("get", "events/<slug:slug>/attendees.csv", EDITORS),
    Case("get", "events/<slug:slug>/attendees.csv", EDIT_DRAFT, on="draft"),
    Case("get", "events/<slug:slug>/attendees.xlsx", EDITORS),
    Case("get", "events/<slug:slug>/attendees.xlsx", EDIT_DRAFT, on="draft"),
    Case("post", "events/<slug:slug>/groups/", EVERYBODY, GROUP),
    Case("post", "events/<slug:slug>/groups/", EVERYBODY, GROUP, on="unlisted"),
    Case("post", "events/<slug:slug>/groups/", OWN_DRAFT, GROUP, on="draft"),
    Case("post", "events/<slug:slug>/groups/", EDITORS, {**GROUP, "by_organizer": True}),
    Case("get", "events/<slug:slug>/messages/", EDITORS),
    Case("get", "events/<slug:slug>/messages/", EDIT_DRAFT, on="draft"),
    Case("get", "events/<slug:slug>/messages/numbers/", EDITORS),
    Case("get", "events/<slug:slug>/messages/numbers/", EDIT_DRAFT, on="draft"),
    Case("post", "messages/<uuid:uid>/send-again/", EDITORS_ALONE),
    Case("get", "sessions/", EVERYBODY),
    Case("post", "sessions/", EDITORS, {"event": "lighting", **TIMES}),
    Case("post", "sessions/repeat/", EDITORS, {"event": "lighting", "rule": "FREQ=DAILY;COUNT=2", **TIMES}),
    Case("get", "sessions/<uuid:uid>/", EVERYBODY),
    Case("get", "sessions/<uuid:uid>/", EVERYBODY, on="unlisted"),
    Case("get", "sessions/<uuid:uid>/", OWN_DRAFT, on="draft"),
    Case("patch", "sessions/<uuid:uid>/", EDITORS, {"title_ko": "새"}),
    Case("patch", "sessions/<uuid:uid>/", EDIT_DRAFT, {"title_ko": "새"}, on="draft"),
    Case("post", "sessions/<uuid:uid>/cancel/", EDITORS),
    Case("post", "sessions/<uuid:uid>/cancel/", EDIT_DRAFT, on="draft"),
    Case("get", "registrations/", SOMEBODYS_EDITORS),
    Case("get", "registrations/<slug:code>/", EVERYBODY),
    Case("post", "registrations/<slug:code>/cancel/", EVERYBODY),
    Case("post", "registrations/<slug:code>/accept/", EVERYBODY),
    Case("post", "registrations/<slug:code>/decline/", EVERYBODY),
    Case("get", "offers/<slug:token>/", EVERYBODY),
    Case("post", "offers/<slug:token>/accept/", EVERYBODY),
    Case("post", "offers/<slug:token>/decline/", EVERYBODY),
    Case("get", "groups/<slug:code>/", EVERYBODY),
    Case("post", "invitations/<uuid:uid>/revoke/", EDITORS_ALONE),
    Case("get", "quotas/", SOMEBODYS_MEMBERS),
    Case("post", "quotas/", EDITORS, CEILING),
    Case("get", "quotas/<uuid:uid>/", OWN_DRAFT),
    Case("patch", "quotas/<uuid:uid>/", EDIT_DRAFT, {"seats": 2}),
    Case("post", "quotas/<uuid:uid>/release/", EDIT_DRAFT),
    Case("get", "calendar-links/", ATTENDEES_ALONE),
    Case("post", "calendar-links/", ATTENDEES_ALONE, {"name": "Phone"}),
    Case("get", "calendar-links/<uuid:uid>/", ATTENDEES_ALONE),
    Case("patch", "calendar-links/<uuid:uid>/", ATTENDEES_ALONE, {"name": "Phone"}),
    Case("delete", "calendar-links/<uuid:uid>/", ATTENDEES_ALONE),
    Case("post", "calendar-links/<uuid:uid>/rotate/", ATTENDEES_ALONE),
    Case("get", "webhooks/", SOMEBODYS_OWNERS),
    Case("post", "webhooks/", OWNERS_IN_PERSON, {"organization": "ours", "url": "https://receiver.example/"}),
    Case("get", "webhooks/<uuid:uid>/", OWNERS_ALONE),
    Case("patch", "webhooks/<uuid:uid>/", OWNERS_ALONE, {"name": "New"}),
    Case("delete", "webhooks/<uuid:uid>/", OWNERS_ALONE),
    Case("post", "webhooks/<uuid:uid>/rotate/", OWNERS_ALONE),
    Case("post", "webhooks/<uuid:uid>/test/", OWNERS_ALONE),
    Case("post", "webhooks/<uuid:uid>/resend/", OWNERS_ALONE),
    Case("get", "webhooks/<uuid:uid>/deliveries/", OWNERS_ALONE),
    Case("post", "webhooks/<uuid:uid>/deliveries/<uuid:delivery>/resend/", OWNERS_ALONE),
    Case("get", "availability/", EVERYBODY),
    Case("get", "changes/", EVERYBODY),
    Case("get", "changelog/", EVERYBODY),
    Case("get", "releases/", SOMEBODYS_MEMBERS),
    Case("post", "releases/", EDITORS, {"programme": "biff-workshops"}),
    Case("get", "releases/<uuid:uid>/", OWN_DRAFT),
    Case("patch", "releases/<uuid:uid>/", EDIT_DRAFT, {"note_en": "Late."}),
    Case("delete", "releases/<uuid:uid>/edits/<uuid:session>/", EDIT_DRAFT),
    *(Case("post", f"releases/<uuid:uid>/{verb}/", EDIT_DRAFT) for verb in ("preview", "release", "discard", "undo")),
    Case("post", "imports/", EDITORS, {"programme": "biff-workshops"}),
    Case("get", "imports/template.csv", EVERYBODY),
    Case("get", "imports/template.xlsx", EVERYBODY),
]


@dataclass(frozen=True)
class Furniture:
    """What the addresses lead to, by (kind of thing, how visible it is)."""

    names: dict[tuple[str, str], str]
    clients: dict[str, APIClient]
    lookup: str
    closure: str


@pytest.fixture
def furniture(world: World, settings: Any) -> Furniture:
    settings.RATE_LIMITS = False
    now = timezone.now()
    ours = world.ours
    venue = factories.venue("Cinema Center", of=ours, now=now)
    factories.room("Room 201", at=venue, now=now)
    factories.campaign("Grow Creative", of=ours, now=now)
    factories.topic("Light", now=now)
    student = factories.audience("student")
    shown, hidden = factories.speaker("Shown", of=ours, now=now), factories.speaker("Hidden", of=ours, now=now)
    factories.event("With speaker", of=world.programme, speakers=[shown], now=now)
    secret = factories.programme("Secret", of=ours, is_public=False, now=now)
    unlisted = factories.event(
        "Unlisted", of=world.programme, visibility="unlisted", registration="approval", now=now
    )  # fmt: skip
    draft = factories.draft("Draft", of=world.programme, registration="approval", now=now)
    for event in (draft, unlisted):
        selecting.announce_draw(event=event, actor=SYSTEM, now=now)
    sessions = {
        "public": world.event.sessions.get(),
        "unlisted": unlisted.sessions.get(),
        "draft": factories.session(draft, speakers=[hidden], starts=now + 3 * factories.WEEK, now=now),
    }
    registration = factories.register(world.event, 7, now=now)
    series = {
        on: planning.create_series(programme=of, fields={"title_en": f"Runs {on}"}, actor=SYSTEM, now=now)
        for on, of in (("public", world.programme), ("draft", secret))
    }
    closure = placing.close(venue=venue, room=None, starts_at=now, ends_at=now + factories.HOUR)
    quota = factories.quota(world.event, 3, audience=student, now=now)
    invitation = factories.code(world.event, now=now)
    group = factories.group(world.event, 2, now=now)
    release = releasing.begin(programme=world.programme, fields={}, actor=SYSTEM, now=now)
    releasing.edit(release=release, session=sessions["public"], fields={"title_en": "New"}, actor=SYSTEM, now=now)
    mina = subscribing.attendee_of(key="mina@mail.example")
    link = subscribing.add_link(attendee=mina, name="Phone", now=now)
    hook = webhook(ours)
    clients = everybody(world)
    return Furniture(
        names={
            ("campaigns", "public"): "grow-creative",
            ("programmes", "public"): "biff-workshops",
            ("programmes", "draft"): "secret",
            ("organizations", "public"): "ours",
            ("topics", "public"): "light",
            ("audiences", "public"): "student",
            ("speakers", "public"): "shown",
            ("speakers", "draft"): "hidden",
            **{("series", on): made.slug for on, made in series.items()},
            ("venues", "public"): "cinema-center",
            ("rooms", "public"): "room-201",
            ("events", "public"): "lighting",
            ("events", "unlisted"): "unlisted",
            ("events", "draft"): "draft",
            ("quotas", "public"): str(quota.uid),
            ("calendar-links", "public"): str(link.uid),
            ("invitations", "public"): str(invitation.uid),
            ("webhooks", "public"): str(hook.uid),
            ("deliveries", "public"): str(hooking.try_out(webhook=hook, now=now).uid),
            ("messages", "public"): str(registration.deliveries.get().uid),
            ("releases", "public"): str(release.uid),
            **{("sessions", on): str(session.uid) for on, session in sessions.items()},
            ("registrations", "public"): registration.code,
            ("offers", "public"): offering.token_of(registration),
            ("groups", "public"): group.code,
        },
        clients=clients,
        lookup=ours.api_keys.order_by("pk").first().lookup,
        closure=str(closure.uid),
    )


def everybody(world: World) -> dict[str, APIClient]:
    ours, theirs = world.ours, world.theirs
    return {
        "anonymous": APIClient(),
        **{role: signed_in(ours, role) for role in ("viewer", "editor", "owner", "door")},
        **{f"{role} key": keyed(ours, role) for role in ("viewer", "editor", "owner")},
        "other owner": signed_in(theirs, "owner"),
        "other key": keyed(theirs, "owner"),
    }


def address(case: Case, furniture: Furniture) -> str:
    kind = case.route.split("/")[0]
    name = furniture.names.get((kind, case.on), "")
    filled = case.route.replace("<slug:lookup>", furniture.lookup).replace("<slug:room>", "room-201")
    if "closures" in case.route:
        filled = filled.replace("<uuid:uid>", furniture.closure)
    filled = filled.replace("<uuid:session>", furniture.names["sessions", "public"])
    filled = filled.replace("<uuid:delivery>", furniture.names["deliveries", "public"])
    for pattern in ("<slug:slug>", "<slug:code>", "<slug:token>", "<uuid:uid>"):
        filled = filled.replace(pattern, name)
    return f"/api/v1/{filled}"


def served() -> set[tuple[str, str]]:
    """Every address and verb that the resolver leads to a view."""
    return {(verb, str(route.pattern)) for route in resources for verb in verbs(route)}


def verbs(route: URLPattern) -> Iterator[str]:
    return (verb for verb in VERBS if hasattr(route.callback.view_class, verb))


def test_every_address_and_verb_has_its_row() -> None:
    assert served() == {(case.verb, case.route) for case in CASES}


KINDS = sorted({case.route.split("/")[0] for case in CASES})


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_gets_what_the_rows_say(kind: str, furniture: Furniture) -> None:
    cases = [case for case in CASES if case.route.split("/")[0] == kind]

    got = {
        (case.verb, case.route, case.on, who): outcome(furniture.clients[who], case, address(case, furniture))
        for case in cases
        for who in ASKING
    }

    assert got == {
        (case.verb, case.route, case.on, who): wanted
        for case in cases
        for who, wanted in zip(ASKING, case.who, strict=True)
    }


def outcome(client: APIClient, case: Case, url: str) -> str:
    """Each asks the same world: what one of them did is taken back."""
    with transaction.atomic():
        status = asked(client, case, url).status_code
        transaction.set_rollback(True)
    assert status < 500
    return str(status) if status in (401, 403, 404) else "yes"


def asked(client: APIClient, case: Case, url: str) -> Any:
    body, form = case.body, {} if case.verb == "get" else {"format": "json"}
    if case.route.endswith(("imports/", "import/")):
        people = b"name,email\nSomebody,somebody@mail.example\n"
        file = SimpleUploadedFile("a.csv", template.template_csv() if case.route == "imports/" else people)
        body, form = {**case.body, "file": file}, {"format": "multipart"}
    return getattr(client, case.verb)(url, body, **form)


OPENED_BY_ADDRESS = {"registrations/<slug:code>/", "offers/<slug:token>/", "groups/<slug:code>/"}


def test_other_sites_may_read_what_everybody_sees_and_nothing_else(furniture: Furniture) -> None:
    cases = [case for case in CASES if case.verb == "get" and case.on == "public"]
    public = {case.route for case in cases if case.who == EVERYBODY} - OPENED_BY_ADDRESS

    def opened(who: str, verb: str = "get") -> set[str]:
        asked = {case.route: getattr(furniture.clients[who], verb)(address(case, furniture)) for case in cases}
        return {route for route, answer in asked.items() if answer.get("Access-Control-Allow-Origin") == "*"}

    assert opened("anonymous") == opened("anonymous", "options") == public
    assert opened("owner") == opened("owner key") == set()


def test_what_is_not_there_and_what_is_not_yours_look_the_same(furniture: Furniture) -> None:
    for kind in ("programmes", "speakers", "series", "events", "sessions"):
        hidden = furniture.clients["other key"].get(f"/api/v1/{kind}/{furniture.names[kind, 'draft']}/")
        missing = furniture.clients["other key"].get(f"/api/v1/{kind}/00000000-0000-4000-8000-000000000000/")

        assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_unlisted_and_draft_things_stand_in_no_list(furniture: Furniture) -> None:
    for who in ("anonymous", "door", "other owner", "other key"):
        events = furniture.clients[who].get("/api/v1/events/").json()["results"]
        sessions = furniture.clients[who].get("/api/v1/sessions/").json()["results"]
        speakers = furniture.clients[who].get("/api/v1/speakers/").json()["results"]
        programmes = furniture.clients[who].get("/api/v1/programmes/").json()["results"]

        assert [event["slug"] for event in events] == ["lighting", "with-speaker"]
        assert {session["event"] for session in sessions} == {"lighting", "with-speaker"}
        assert [speaker["slug"] for speaker in speakers] == ["shown"]
        assert [programme["slug"] for programme in programmes] == ["biff-workshops"]

    assert len(furniture.clients["viewer"].get("/api/v1/events/").json()["results"]) == 4


def test_a_filter_does_not_tell_whether_a_hidden_slug_exists(furniture: Furniture) -> None:
    for name, hidden in (("programme", "secret"), ("event", "draft"), ("speaker", "hidden")):
        answer = furniture.clients["other key"].get(f"/api/v1/events/?{name}={hidden}")
        missing = furniture.clients["other key"].get(f"/api/v1/events/?{name}=nothing")

        assert (answer.status_code, missing.status_code) == (400, 400)
        assert answer.json()["errors"][0]["detail"] == f"There is no “{hidden}”."


def test_a_key_is_refused_in_every_way_of_being_wrong(world: World) -> None:
    good = factories.key(world.ours, now=timezone.now())
    wrong = ["", "Bearer", "Bearer ", "Bearer nonsense", f"Bearer {good}x", f"Basic {good}", f"Bearer {good[:-1]}", "é"]

    answers = [APIClient(HTTP_AUTHORIZATION=header).get("/api/v1/events/") for header in wrong]

    assert [answer.status_code for answer in answers] == [401] * len(wrong)
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Bearer realm="callboard"'}
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert APIClient(HTTP_AUTHORIZATION=f"bearer {good}").get("/api/v1/events/").status_code == 200


def test_a_session_writes_only_with_its_csrf_token(world: World) -> None:
    member = signed_in(world.ours, "editor")
    strict = APIClient(enforce_csrf_checks=True)
    strict.cookies = member.cookies

    refused = strict.patch("/api/v1/events/lighting/", {"title_ko": "조명"}, "json")
    strict.cookies["csrftoken"] = "t" * 32
    allowed = strict.patch(
        "/api/v1/events/lighting/",
        {"title_ko": "조명"},
        "json",
        HTTP_X_CSRFTOKEN="t" * 32,
        HTTP_REFERER="http://testserver/",
    )

    assert (refused.status_code, refused["Content-Type"], allowed.status_code) == (403, "application/problem+json", 200)


def test_a_key_counts_even_beside_a_session(world: World) -> None:
    member = signed_in(world.theirs, "owner")
    secret = factories.key(world.ours, "editor", now=timezone.now())

    answer = member.patch(
        "/api/v1/events/lighting/", {"title_ko": "조명"}, "json", HTTP_AUTHORIZATION=f"Bearer {secret}"
    )

    assert answer.status_code == 200


def test_revoked_and_old_keys_open_nothing(world: World) -> None:
    row, secret = factories.issued(world.ours, now=timezone.now())
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    before = client.get("/api/v1/registrations/").status_code

    signed_in(world.ours, "owner").post(f"/api/v1/organizations/ours/keys/{row.lookup}/revoke/")

    assert (before, client.get("/api/v1/registrations/").status_code) == (200, 401)


def test_the_code_opens_exactly_one_registration(world: World, client: APIClient) -> None:
    first = factories.register(world.event, 1, now=timezone.now())
    factories.register(world.event, 2, now=timezone.now())

    answer = client.get(f"/api/v1/registrations/{first.code}/")
    cancelled = client.post(f"/api/v1/registrations/{first.code}/cancel/").json()

    assert (answer.json()["email"], answer["Cache-Control"]) == ("person1@mail.example", "private, no-store")
    assert cancelled["status"] == "cancelled"
    assert Registration.objects.live().count() == 1
    assert client.get(f"/api/v1/registrations/{first.code.lower()}/").status_code == 404


def test_closures_belong_to_their_venue(furniture: Furniture, world: World) -> None:
    factories.venue("Elsewhere", of=world.ours, now=timezone.now())

    answer = furniture.clients["editor"].delete(f"/api/v1/venues/elsewhere/closures/{furniture.closure}/")

    assert (answer.status_code, Closure.objects.count()) == (404, 1)
