"""Who is let in, over the API: questions, invitation codes, applications in bulk, draws that anybody can recompute."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.models import Change, Draw, Event, Invitation, Question, Registration
from tests import factories
from tests.api.conftest import World, keyed, signed_in

EVENT = "/api/v1/events/lighting/"
QUESTIONS = f"{EVENT}questions/"
INVITATIONS = f"{EVENT}invitations/"
DRAW = f"{EVENT}draw/"
COURSE = "/api/v1/events/course/"
APPLICATIONS = f"{COURSE}applications/"
KEY = {"HTTP_IDEMPOTENCY_KEY": "0123456789abcdef"}
KEYED = 1  # the key itself

SCHOOL = {
    "key": "school",
    "kind": "choice",
    "title_ko": "학교",
    "title_en": "School",
    "is_required": True,
    "choices": [{"value": "kafa", "title_en": "KAFA"}, {"value": "other", "title_ko": "기타", "title_en": "Other"}],
}
WHY = {"key": "why", "kind": "text", "title_en": "Why?", "help_en": "A sentence\nor two", "most": 500}


@pytest.fixture
def course(world: World) -> Event:
    """An event that people apply for: two seats, and no waitlist."""
    now = timezone.now()
    return factories.event("Course", of=world.programme, registration="approval", capacity=2, now=now)


def apply(event: Event, *numbers: int) -> list[str]:
    now = timezone.now()
    return [factories.register(event, number, now=now + timedelta(seconds=number)).code for number in numbers]


def statuses(codes: list[str]) -> list[str]:
    found = dict(Registration.objects.values_list("code", "status"))
    return [found[code] for code in codes]


def decide(client: APIClient, action: str, codes: list[str], **more: Any) -> Any:
    return client.post(APPLICATIONS, {"action": action, "codes": codes, **more}, "json")


def test_questions_are_asked_in_order_and_shown_with_the_event(
    editor: APIClient, client: APIClient, world: World
) -> None:
    answer = editor.put(QUESTIONS, {"questions": [SCHOOL, WHY]}, "json")

    shown = answer.json()
    assert shown == {
        "event": "lighting",
        "questions": [
            {
                "key": "school",
                "kind": "choice",
                "title": "School",
                "title_ko": "학교",
                "title_en": "School",
                "help": "",
                "help_ko": "",
                "help_en": "",
                "is_required": True,
                "choices": [
                    {"value": "kafa", "title": "KAFA", "title_ko": "", "title_en": "KAFA"},
                    {"value": "other", "title": "Other", "title_ko": "기타", "title_en": "Other"},
                ],
                "least": None,
                "most": None,
            },
            {
                "key": "why",
                "kind": "text",
                "title": "Why?",
                "title_ko": "",
                "title_en": "Why?",
                "help": "A sentence\nor two",
                "help_ko": "",
                "help_en": "A sentence\nor two",
                "is_required": False,
                "choices": [],
                "least": None,
                "most": 500,
            },
        ],
        "revision": world.event.revision + 1,
    }
    assert client.get(QUESTIONS).json() == shown
    assert client.get(EVENT).json()["questions"] == shown["questions"]
    assert client.get("/api/v1/events/").json()["results"][0]["questions"] == shown["questions"]
    korean = client.get(f"{QUESTIONS}?lang=ko").json()["questions"]
    assert [question["title"] for question in korean] == ["학교", "Why?"]
    assert [choice["title"] for choice in korean[0]["choices"]] == ["KAFA", "기타"]


def test_a_list_of_questions_replaces_the_one_before(editor: APIClient, world: World) -> None:
    editor.put(QUESTIONS, {"questions": [SCHOOL, WHY]}, "json")

    answer = editor.put(QUESTIONS, {"questions": [WHY | {"title_ko": "왜?"}]}, "json")
    none = editor.put(QUESTIONS, {"questions": []}, "json")

    assert [question["title_ko"] for question in answer.json()["questions"]] == ["왜?"]
    assert (none.json()["questions"], Question.objects.count()) == ([], 0)


def test_questions_heed_the_revision_of_the_event(editor: APIClient, world: World) -> None:
    first = editor.get(QUESTIONS)
    editor.patch(EVENT, {"title_ko": "조명"}, "json")

    stale = editor.put(QUESTIONS, {"questions": [WHY]}, "json", HTTP_IF_MATCH=first["ETag"])
    fresh = editor.put(QUESTIONS, {"questions": [WHY]}, "json", HTTP_IF_MATCH=editor.get(EVENT)["ETag"])

    assert (stale.status_code, fresh.status_code) == (412, 200)


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"key": "Why"}, "/questions/1/key"),
        ({"key": "school"}, "/questions/1/key"),
        ({"kind": "file"}, "/questions/1/kind"),
        ({"title_en": ""}, "/questions/1/title_ko"),
        ({"title_en": 5}, "/questions/1/title_en"),
        ({"is_required": 1}, "/questions/1/is_required"),
        ({"kind": "choice", "most": None}, "/questions/1/choices"),
        ({"choices": [{"value": "a", "title_en": "A"}]}, "/questions/1/choices"),
        ({"kind": "choice", "most": None, "choices": [{"value": "a", "name": "A"}]}, "/questions/1/choices/0/name"),
        ({"most": 0}, "/questions/1/most"),
        ({"most": 2**31}, "/questions/1/most"),
        ({"most": "1 "}, "/questions/1/most"),
        ({"most": True}, "/questions/1/most"),
        ({"most": 1.0}, "/questions/1/most"),
        ({"least": -1}, "/questions/1/least"),
        ({"colour": "red"}, "/questions/1/colour"),
    ],
)
def test_a_wrong_question_is_named_by_its_place(
    editor: APIClient, world: World, question: dict[str, Any], pointer: str
) -> None:
    editor.put(QUESTIONS, {"questions": [SCHOOL]}, "json")

    answer = editor.put(QUESTIONS, {"questions": [SCHOOL, WHY | question]}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert Question.objects.get().key == "school"


@pytest.mark.parametrize("body", [{}, {"questions": None}, {"questions": {}}, {"questions": [WHY] * 51}])
def test_a_list_of_questions_is_a_list(editor: APIClient, world: World, body: dict[str, Any]) -> None:
    answer = editor.put(QUESTIONS, body, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/questions")


def test_codes_are_made_and_looked_up_by_editors_only(editor: APIClient, client: APIClient, world: World) -> None:
    factories.audience("student")
    terms = {"label": "Press", "uses": 3, "audience": "student", "priority": 5, "expires_at": "2100-01-01T00:00:00Z"}

    answer = editor.post(INVITATIONS, {"number": 2, **terms}, "json")

    made = answer.json()["results"]
    row = Invitation.objects.get(uid=made[0]["uid"])
    assert (answer.status_code, answer["Cache-Control"]) == (201, "private, no-store")
    assert made[0] == {
        "uid": str(row.uid),
        "event": "lighting",
        "code": f"{row.code[:4]}-{row.code[4:8]}-{row.code[8:]}",
        "used": 0,
        "quota": None,
        "revoked_at": None,
        "created_at": row.created_at.isoformat(),
        **terms,
        "expires_at": "2100-01-01T00:00:00+00:00",
    }
    listed = editor.get(INVITATIONS)
    assert (listed.json()["results"], listed["Cache-Control"]) == (made, "private, no-store")
    others = (client, keyed(world.ours, "viewer"), signed_in(world.ours, "door"), keyed(world.theirs, "owner"))
    assert [other.get(INVITATIONS).status_code for other in others] == [401, 403, 403, 403]
    assert [other.post(INVITATIONS, {}, "json").status_code for other in others] == [401, 403, 403, 403]
    assert Invitation.objects.count() == 2


def test_the_usual_code_is_one_for_one_person(editor: APIClient, world: World) -> None:
    made = editor.post(INVITATIONS, {}, "json").json()["results"]
    shared = editor.post(INVITATIONS, {"code": "KAFA-2026", "uses": None}, "json").json()["results"]
    taken = editor.post(INVITATIONS, {"code": "kafa 2026"}, "json")

    assert [(one["uses"], one["priority"], one["expires_at"]) for one in (*made, *shared)] == [
        (1, 0, None),
        (None, 0, None),
    ]
    assert shared[0]["code"] == "KAFA2026"
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")


@pytest.mark.parametrize("value", [0, -1, 2**31, "1 ", True, 1.0])
@pytest.mark.parametrize("name", ["number", "uses"])
def test_codes_are_counted_in_whole_numbers_from_one(editor: APIClient, world: World, name: str, value: Any) -> None:
    answer = editor.post(INVITATIONS, {name: value}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"number": 501}, "/number"),
        ({"number": 2, "code": "KAFA"}, "/number"),
        ({"code": "abc"}, "/code"),
        ({"code": ""}, "/code"),
        ({"label": "two\nlines"}, "/label"),
        ({"audience": "nobody"}, "/audience"),
        ({"quota": str(uuid4())}, "/quota"),
        ({"quota": "lighting"}, "/quota"),
        ({"priority": 2**31}, "/priority"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"pool": 1}, "/pool"),
    ],
)
def test_a_wrong_code_is_refused_by_name(editor: APIClient, world: World, wrong: dict[str, Any], pointer: str) -> None:
    answer = editor.post(INVITATIONS, wrong, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Invitation.objects.exists()


def test_a_code_opens_an_allotment_of_its_own_event_only(editor: APIClient, world: World) -> None:
    factories.event("Other", of=world.programme, capacity=9, now=timezone.now())
    factories.audience("student")
    bodies = [
        {"event": slug, "seats": 2, "kind": kind, **whose}
        for slug, kind, whose in (
            ("lighting", "allotment", {"partner": "theirs"}),
            ("other", "allotment", {"partner": "theirs"}),
            ("lighting", "floor", {"audience": "student"}),
        )
    ]
    quotas = [editor.post("/api/v1/quotas/", body, "json").json()["uid"] for body in bodies]

    answers = [editor.post(INVITATIONS, {"quota": uid}, "json") for uid in quotas]

    assert [answer.status_code for answer in answers] == [201, 400, 400]
    assert answers[0].json()["results"][0]["quota"] == quotas[0]
    assert answers[1].json()["code"] == "unknown_reference"


def test_the_same_key_makes_the_same_codes(editor: APIClient, world: World) -> None:
    answers = [editor.post(INVITATIONS, {"number": 3}, "json", **KEY) for _time in range(2)]
    other = editor.post(INVITATIONS, {"number": 4}, "json", **KEY)

    assert [answer.status_code for answer in (*answers, other)] == [201, 201, 422]
    assert answers[0].content == answers[1].content
    assert Invitation.objects.count() == 3


def test_a_revoked_code_stays_in_the_list_and_marked(editor: APIClient, world: World) -> None:
    made = editor.post(INVITATIONS, {}, "json").json()["results"][0]
    url = f"/api/v1/invitations/{made['uid']}/revoke/"

    others = (keyed(world.ours, "viewer"), keyed(world.theirs, "owner"), APIClient())
    hidden = [other.post(url).status_code for other in others]
    revoked = [editor.post(url) for _time in range(2)]

    assert hidden == [404, 404, 404]
    assert revoked[0].json() == revoked[1].json() == made | {"revoked_at": revoked[0].json()["revoked_at"]}
    assert (revoked[0].json()["revoked_at"] is not None, revoked[0]["Cache-Control"]) == (True, "private, no-store")
    assert editor.get(INVITATIONS).json()["results"] == [revoked[0].json()]
    assert Change.objects.filter(kind="invitations.revoked").count() == 1


@pytest.mark.parametrize("count", [1, 5])
def test_a_list_of_codes_costs_two_statements_however_long_it_is(editor: APIClient, world: World, count: int) -> None:
    editor.post(INVITATIONS, {"number": count}, "json")

    with CaptureQueriesContext(connection) as captured:
        assert len(editor.get(INVITATIONS).json()["results"]) == count

    assert len(captured) == 2 + KEYED


@pytest.mark.parametrize("count", [1, 5])
def test_questions_cost_two_statements_however_many_they_are(
    client: APIClient, editor: APIClient, world: World, count: int
) -> None:
    editor.put(QUESTIONS, {"questions": [WHY | {"key": f"why{n}"} for n in range(count)]}, "json")

    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(QUESTIONS).json()["questions"]) == count

    assert len(captured) == 2


def test_applications_are_approved_in_the_order_given_while_there_are_seats(editor: APIClient, course: Event) -> None:
    codes = apply(course, 1, 2, 3)

    answer = decide(editor, "approve", [codes[2], codes[0], codes[1]])

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {"code": codes[2], "status": "confirmed", "why": "", "is_shortlisted": False},
            {"code": codes[0], "status": "confirmed", "why": "", "is_shortlisted": False},
            {"code": codes[1], "status": "applied", "why": "full", "is_shortlisted": False},
        ]
    }
    assert statuses(codes) == ["confirmed", "applied", "confirmed"]


def test_applications_are_shortlisted_and_declined_with_a_reason(editor: APIClient, course: Event) -> None:
    codes = apply(course, 1, 2)

    listed = decide(editor, "shortlist", codes).json()["results"]
    unlisted = decide(editor, "unshortlist", codes[:1]).json()["results"]
    declined = decide(editor, "decline", codes[1:], reason="Too far away").json()["results"]

    assert [one["is_shortlisted"] for one in listed + unlisted] == [True, True, False]
    assert [(one["status"], one["why"]) for one in declined] == [("declined", "")]
    row = Registration.objects.get(code=codes[1])
    assert (row.status, row.ended_by, row.reason) == ("declined", "organizer", "Too far away")


def test_unknown_codes_are_named_by_their_place_and_change_nothing(
    editor: APIClient, course: Event, world: World
) -> None:
    codes = apply(course, 1)
    elsewhere = factories.register(world.event, 9, now=timezone.now()).code

    for wrong in (elsewhere, "NOBODY", codes[0].lower()):
        answer = decide(editor, "approve", [codes[0], wrong])

        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_reference")
        assert answer.json()["errors"][0]["pointer"] == "/codes/1"
    assert statuses(codes) == ["applied"]


def test_what_is_no_application_any_more_is_a_conflict_that_changes_nothing(editor: APIClient, course: Event) -> None:
    codes = apply(course, 1, 2)
    decide(editor, "approve", codes[:1])

    answer = decide(editor, "approve", codes)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_an_application")
    assert answer.json()["codes"] == codes[:1]
    assert statuses(codes) == ["confirmed", "applied"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "delete"}, "/action"),
        ({"codes": []}, "/codes"),
        ({"codes": ["A"] * 501}, "/codes"),
        ({"codes": "A"}, "/codes"),
        ({"codes": [5]}, "/codes/0"),
        ({"codes": ["A" * 27]}, "/codes/0"),
        ({"reason": "Well done"}, "/reason"),
        ({"all": True}, "/all"),
    ],
)
def test_a_wrong_decision_is_refused_by_name(
    editor: APIClient, course: Event, body: dict[str, Any], pointer: str
) -> None:
    codes = apply(course, 1)

    answer = editor.post(APPLICATIONS, {"action": "approve", "codes": codes, **body}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert statuses(codes) == ["applied"]


def test_the_same_key_decides_once(editor: APIClient, course: Event) -> None:
    codes = apply(course, 1, 2)
    body = {"action": "approve", "codes": codes[:1]}

    answers = [editor.post(APPLICATIONS, body, "json", **KEY) for _time in range(2)]
    other = editor.post(APPLICATIONS, body | {"codes": codes}, "json", **KEY)

    assert [answer.status_code for answer in (*answers, other)] == [200, 200, 422]
    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert statuses(codes) == ["confirmed", "applied"]


def test_only_editors_decide(client: APIClient, course: Event, world: World) -> None:
    codes = apply(course, 1)
    others = (client, keyed(world.ours, "viewer"), signed_in(world.ours, "door"), keyed(world.theirs, "owner"))

    answers = [decide(other, "approve", codes).status_code for other in others]

    assert (answers, statuses(codes)) == ([401, 403, 403, 403], ["applied"])


@pytest.mark.parametrize("count", [1, 5])
def test_shortlisting_costs_as_many_statements_however_many_they_are(
    editor: APIClient, course: Event, count: int
) -> None:
    codes = apply(course, *range(count))
    editor.get("/api/v1/")

    with CaptureQueriesContext(connection) as captured:
        assert decide(editor, "shortlist", codes).status_code == 200

    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 5 + KEYED


def closed(event: Event) -> None:
    """Registration has ended, by a change that any editor can make."""
    editor = keyed(event.programme.organization)
    now = timezone.now()
    answer = editor.patch(COURSE, {"registration_closes_at": (now - timedelta(seconds=1)).isoformat()}, "json")
    assert answer.status_code == 200


def test_a_draw_is_promised_and_then_recomputed_by_anybody(editor: APIClient, client: APIClient, course: Event) -> None:
    url = f"{COURSE}draw/"
    codes = apply(course, 1, 2, 3, 4)
    before = client.get(url).status_code

    announced = editor.post(url, {"seed": "six dice: 4 1 6 6 2 3"}, "json")
    promised = client.get(url).json()
    early = editor.post(f"{url}run/")
    closed(course)
    drawn = editor.post(f"{url}run/")
    again = editor.post(f"{url}run/")

    shown = client.get(url).json()
    digest = hashlib.sha256(b"six dice: 4 1 6 6 2 3").hexdigest()
    assert (before, announced.status_code, announced.json()) == (404, 201, promised)
    assert (promised["seed_digest"], promised["seed"], promised["results"]) == (digest, None, [])
    assert (early.status_code, early.json()["code"]) == (409, "draw_not_possible")
    assert (drawn.status_code, drawn.json(), again.status_code) == (200, shown, 409)
    assert (shown["event"], shown["seed"], shown["seed_digest"]) == ("course", "six dice: 4 1 6 6 2 3", digest)
    entries = {hashlib.sha256(code.encode()).hexdigest()[:16]: code for code in codes}
    order = sorted(entries, key=lambda entry: hashlib.sha256(f"{shown['seed']}:{entry}".encode()).hexdigest())
    outcomes = ["confirmed", "confirmed", "declined", "declined"]
    assert shown["results"] == [
        {"entry": entry, "rank": rank, "outcome": outcome}
        for rank, (entry, outcome) in enumerate(zip(order, outcomes, strict=True), start=1)
    ]
    assert statuses([entries[entry] for entry in order]) == outcomes


def test_nobody_reads_the_seed_before_the_draw(editor: APIClient, client: APIClient, course: Event) -> None:
    editor.post(f"{COURSE}draw/", {}, "json")
    seed = Draw.objects.get().seed

    for asking in (editor, client):
        answer = asking.get(f"{COURSE}draw/")

        assert (answer.status_code, seed in answer.content.decode()) == (200, False)
    assert seed not in str(list(Change.objects.values_list("before", "after")))


@pytest.mark.parametrize("seed", ["short", "x" * 201, "two\nlines in it", 12345678, None, ""])
def test_a_seed_is_a_line_of_some_length(editor: APIClient, course: Event, seed: Any) -> None:
    answer = editor.post(f"{COURSE}draw/", {"seed": seed}, "json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/seed")
    assert not Draw.objects.exists()


def test_a_draw_is_announced_once_and_among_applications_only(editor: APIClient, world: World, course: Event) -> None:
    replayed = [editor.post(f"{COURSE}draw/", {}, "json", **KEY) for _time in range(2)]
    second = editor.post(f"{COURSE}draw/", {}, "json")
    open_event = editor.post(DRAW, {}, "json")

    assert [answer.status_code for answer in replayed] == [201, 201]
    assert replayed[0].content == replayed[1].content
    assert [(one.status_code, one.json()["code"]) for one in (second, open_event)] == [(409, "draw_not_possible")] * 2


def test_only_editors_draw_and_a_drafts_draw_is_hidden(
    editor: APIClient, client: APIClient, world: World, course: Event
) -> None:
    factories.draft("Planned", of=world.programme, registration="approval", now=timezone.now())
    editor.post("/api/v1/events/planned/draw/", {}, "json")
    others = (client, keyed(world.ours, "viewer"), signed_in(world.ours, "door"), keyed(world.theirs, "owner"))

    announcing = [other.post(f"{COURSE}draw/", {}, "json").status_code for other in others]
    drawing = [other.post(f"{COURSE}draw/run/").status_code for other in others]
    hidden = [other.get("/api/v1/events/planned/draw/").status_code for other in others]

    assert announcing == drawing == [401, 403, 403, 403]
    assert hidden == [404, 200, 404, 404]
