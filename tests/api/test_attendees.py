"""The attendee list of an event: filtered and ordered, as JSON and as files; and lists of people that come in."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from events.importers import tables
from events.models import SYSTEM, Change, Event, Registration
from events.operations import questioning, selecting
from events.reports.spreadsheets import unguarded
from tests import factories
from tests.api.conftest import World, keyed, signed_in
from tests.api.test_problems import refused

LIST = "/api/v1/events/full/registrations/"
CSV = "/api/v1/events/full/attendees.csv"
XLSX = "/api/v1/events/full/attendees.xlsx"
IMPORT = "/api/v1/events/full/registrations/import/"
PHONE = "+82 10-1234-5678"


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = False


@pytest.fixture
def event(world: World) -> Event:
    """Two seats, one of them a partner's; five people, two of them students; a question about a phone."""
    now = timezone.now()
    student = factories.audience("student")
    made = factories.event("Full", of=world.programme, capacity=2, waitlist="automatic", now=now)
    factories.quota(made, 1, "allotment", partner=world.theirs, now=now)
    questioning.set_questions(
        event=made, actor=SYSTEM, now=now,
        questions=[
            {"key": "phone", "kind": "text", "title_en": "Phone", "title_ko": "전화"},
            {"key": "years", "kind": "number", "title_en": "Years", "title_ko": "경력"},
            {"key": "consent", "kind": "consent", "title_en": "Agreed?", "title_ko": "동의"},
        ],
    )  # fmt: skip
    factories.code(made, "FRIEND", label="Friends", uses=None, priority=5, now=now)
    people: list[dict[str, Any]] = [
        {"answers": {"phone": PHONE, "years": 3, "consent": True}},
        {"partner": world.theirs, "name": "나하늘"},
        {"audience": student, "name": "=Total"},
        {"audience": student, "name": "가하늘"},
        {"code": "FRIEND"},
    ]
    for number, person in enumerate(people):
        factories.register(
            made,
            number,
            actor=factories.key_actor(world.theirs, now=now),
            now=now + timedelta(seconds=number),
            **person,
        )
    return made


def emails(query: str = "", url: str = LIST, client: APIClient | None = None) -> list[int]:
    """By their numbers, for shortness."""
    results = (client or emails.client).get(f"{url}?{query}").json()["results"]  # type: ignore[attr-defined]
    return [int(row["email"].removeprefix("person").partition("@")[0]) for row in results]


@pytest.fixture(autouse=True)
def asking(editor: APIClient) -> None:
    emails.client = editor  # type: ignore[attr-defined]


def test_each_row_says_what_organizers_decide_by(editor: APIClient, event: Event) -> None:
    rows = editor.get(LIST).json()["results"]
    stored = list(Registration.objects.order_by("pk"))

    assert rows[4] == {
        "code": stored[4].code,
        "status": "waitlisted",
        "position": 1,
        "event": "full",
        "name": "김하늘 4",
        "email": "person4@mail.example",
        "audience": None,
        "language": "ko",
        "partner": None,
        "answers": {},
        "reason": "",
        "passed_for": "",
        "offer_expires_at": None,
        "created_at": stored[4].created_at.isoformat(),
        "updated_at": stored[4].updated_at.isoformat(),
        "waits_since": stored[4].waits_since.isoformat() if stored[4].waits_since else None,
        "priority": 5,
        "invitation": "Friends",
        "group": None,
        "seat": None,
        "is_shortlisted": False,
    }
    assert [(row["status"], row["position"], row["seat"], row["partner"]) for row in rows] == [
        ("confirmed", None, "open", None),
        ("confirmed", None, "allotment", "theirs"),
        ("waitlisted", 2, None, None),
        ("waitlisted", 3, None, None),
        ("waitlisted", 1, None, None),
    ]


def test_it_is_narrowed_by_whatever_is_known_of_people(client: APIClient, world: World, event: Event) -> None:
    group = client.post(
        "/api/v1/events/full/groups/",
        {
            "booker": {"name": "A", "email": "a@mail.example"},
            "people": [{"name": "B", "email": "person9@mail.example"}],
        },
        "json",
    ).json()["code"]

    assert {
        query: sorted(emails(query))
        for query in (
            "", "status=waitlisted", "status=confirmed,cancelled", "audience=student", "partner=theirs", "q=하늘",
            "q=PERSON4", "q=하늘 person3", f"group={group}", "shortlisted=true", "shortlisted=false&status=confirmed",
            "status=waitlisted&audience=student&q=Total",
        )
    } == {
        "": [0, 1, 2, 3, 4, 9], "status=waitlisted": [2, 3, 4, 9], "status=confirmed,cancelled": [0, 1],
        "audience=student": [2, 3], "partner=theirs": [1], "q=하늘": [0, 1, 3, 4], "q=PERSON4": [4],
        "q=하늘 person3": [3], f"group={group}": [9], "shortlisted=true": [],
        "shortlisted=false&status=confirmed": [0, 1], "status=waitlisted&audience=student&q=Total": [2],
    }  # fmt: skip
    assert emails("event=full&status=confirmed", "/api/v1/registrations/") == [0, 1]


def test_the_shortlist_is_a_filter(world: World) -> None:
    now = timezone.now()
    made = factories.event("Full", of=world.programme, registration="approval", now=now)
    rows = [factories.register(made, number, now=now) for number in range(3)]
    selecting.shortlist(event=made, registrations=rows[1:2], is_shortlisted=True, actor=SYSTEM, now=now)

    assert (emails("shortlisted=true"), emails("shortlisted=false")) == ([1], [0, 2])


def test_it_is_ordered_and_paged_as_asked(editor: APIClient, event: Event) -> None:
    orders = {order: emails(f"ordering={order}") for order in ("created_at", "-created_at", "name", "waits", "-waits")}

    assert orders == {
        "created_at": [0, 1, 2, 3, 4], "-created_at": [4, 3, 2, 1, 0], "name": [2, 3, 0, 4, 1],
        "waits": [4, 2, 3, 0, 1], "-waits": [1, 0, 3, 2, 4],
    }  # fmt: skip
    for order, whole in orders.items():
        walked, url = [], f"{LIST}?ordering={order}&page_size=2"
        while url:
            page = editor.get(url).json()
            walked += [int(row["email"][6]) for row in page["results"]]
            url = page["next"]
        assert walked == whole


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=live", "?status"), ("status=,", "?status"), ("audience=nobody", "?audience"),
        ("partner=nobody", "?partner"), ("group=nothing", "?group"), ("shortlisted=yes", "?shortlisted"),
        ("q=%00", "?q"), ("group=%00", "?group"), ("ordering=email", "?ordering"), ("name=x", "?name"),
        ("event=full", "?event"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", [LIST, CSV, XLSX])
def test_what_does_not_exist_is_named(editor: APIClient, event: Event, url: str, query: str, pointer: str) -> None:
    answer = refused(editor.get(f"{url}?{query}"))

    assert answer == (400, "invalid_filter", [(pointer, "invalid_filter")])


@pytest.mark.parametrize("count", [1, 5])
def test_a_page_costs_as_many_statements_however_long_it_is(editor: APIClient, world: World, count: int) -> None:
    now = timezone.now()
    made = factories.event("Full", of=world.programme, capacity=1, waitlist="automatic", now=now)
    series = factories.series(of=world.programme, now=now)
    runs = [factories.run(series, day, capacity=0, now=now) for day in range(count)]
    for number in range(count + 1):
        factories.register(made, number, now=now)
    for number, run in enumerate(runs):
        factories.register(run, number, now=now)
    editor.get("/api/v1/")

    counted = []
    for url in (LIST, "/api/v1/registrations/"):
        with CaptureQueriesContext(connection) as captured:
            assert len(editor.get(url).json()["results"]) > count
        counted.append(len(captured))

    assert counted == [4, 3]  # the key, the event, the rows, the places; all organizations' events need no event


def lines(data: bytes) -> list[dict[str, str]]:
    titles, *rows = [[unguarded(cell) for cell in cells] for _line, cells in tables.read(data)]
    return [dict(zip(titles, cells + [""] * len(titles), strict=False)) for cells in rows]


@pytest.mark.parametrize("url", [CSV, XLSX])
def test_a_file_holds_the_same_people_in_the_same_order(editor: APIClient, event: Event, url: str) -> None:
    answer = editor.get(f"{url}?ordering=waits&status=waitlisted,confirmed")
    found = lines(answer.content)

    kind = url.rpartition(".")[2]
    assert answer["Content-Disposition"] == f'attachment; filename="full-attendees.{kind}"'
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert [row["E-mail address"] for row in found] == [f"person{n}@mail.example" for n in (4, 2, 3, 0, 1)]
    assert [row["Place on the waitlist"] for row in found] == ["1", "2", "3", "", ""]
    assert found[1]["Name"] == "=Total"
    assert {title: found[3][title] for title in ("Phone", "Years", "Agreed?")} == {
        "Phone": PHONE, "Years": "3", "Agreed?": "true",
    }  # fmt: skip


def test_csv_is_harmless_in_a_spreadsheet(editor: APIClient, event: Event) -> None:
    data = editor.get(CSV).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(data, newline="")) for cell in row]

    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert {"'=Total", f"'{PHONE}"} <= set(cells)


def test_titles_are_in_the_asked_language(editor: APIClient, event: Event) -> None:
    korean = tables.read(editor.get(f"{CSV}?lang=ko").content)[0][1]

    assert korean[-3:] == ["전화", "경력", "동의"]


def test_each_download_is_on_record_without_saying_whom_it_named(editor: APIClient, event: Event) -> None:
    editor.get(f"{CSV}?status=confirmed&q=하늘")
    editor.get(XLSX)

    told = Change.objects.filter(kind="attendees.downloaded").order_by("pk")
    asked = {"ordering": "created_at", "q": True, "status": "confirmed"}
    assert [(one.event, one.actor_kind, one.after) for one in told] == [
        (event, "key", {"format": "csv", "rows": 2, "filters": asked}),
        (event, "key", {"format": "xlsx", "rows": 5, "filters": {"ordering": "created_at"}}),
    ]  # fmt: skip


def test_nobody_takes_lists_away_all_day_long(editor: APIClient, world: World, event: Event) -> None:
    answers = [editor.get(CSV) for _time in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert (answers[30].json()["code"], answers[30]["Retry-After"]) == ("too_many_downloads", "3600")
    assert Change.objects.filter(kind="attendees.downloaded").count() == 30
    assert keyed(world.ours).get(CSV).status_code == 200


def test_only_owners_and_editors_take_lists_away(client: APIClient, world: World, event: Event) -> None:
    others = [client, signed_in(world.ours, "viewer"), keyed(world.theirs, "owner")]

    assert [who.get(CSV).status_code for who in others] == [401, 403, 403]
    assert not Change.objects.filter(kind="attendees.downloaded").exists()


def send(client: APIClient, data: bytes, name: str = "people.csv", **fields: Any) -> Any:
    key = {"HTTP_IDEMPOTENCY_KEY": fields.pop("key")} if "key" in fields else {}
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data), **fields}, "multipart", **key)


PEOPLE = f"""name,email,audience,language,Phone,years,Shoe size
Ara,ara@mail.example,student,en,'{PHONE},3,38
Bora,person0@mail.example,,,,,
Cara,cara,,,,,
Dara,dara@mail.example,nobody,,,,
Era,era@mail.example,,,,three,
,f@mail.example,,,,,
""".encode()


def test_each_line_is_entered_or_says_why_not(editor: APIClient, event: Event) -> None:
    before = Registration.objects.count()

    dry = send(editor, PEOPLE)
    assert Registration.objects.count() == before
    done = send(editor, PEOPLE, dry_run="false")
    again = send(editor, PEOPLE, dry_run="false")

    row = Registration.objects.get(email="ara@mail.example")
    assert (row.status, row.audience.slug if row.audience else "", row.language) == ("waitlisted", "student", "en")
    assert row.answers == {"phone": PHONE, "years": 3}
    assert done.status_code == 200
    assert done.json() == {
        "dry_run": False,
        "created": 1,
        "unchanged": 1,
        "entries": [
            {"line": 2, "name": "Ara", "action": "created", "status": "waitlisted", "registration": row.code},
            {"line": 3, "name": "Bora", "action": "unchanged", "status": None, "registration": None},
        ],
        "refused": done.json()["refused"],
        "unknown_columns": ["Shoe size"],
    }
    assert [(one["line"], one["ref"], one["field"], one["code"]) for one in done.json()["refused"]] == [
        (4, "Cara", "email", "invalid"), (5, "Dara", "audience", "invalid"), (6, "Era", "answers/years", "invalid"),
        (7, "", "name", "invalid"),
    ]  # fmt: skip
    assert dry.json() == {
        **done.json(), "dry_run": True, "entries": [{**one, "registration": None} for one in done.json()["entries"]],
    }  # fmt: skip
    assert (again.json()["created"], again.json()["unchanged"]) == (0, 2)


@pytest.mark.parametrize("url", [CSV, XLSX])
def test_a_list_that_was_taken_away_comes_in_elsewhere_as_it_was(
    editor: APIClient, world: World, event: Event, url: str
) -> None:
    data = editor.get(f"{url}?lang=ko").content
    copy = factories.event("Copy", of=world.programme, now=timezone.now())
    questioning.set_questions(
        event=copy, actor=SYSTEM, now=timezone.now(),
        questions=[
            {"key": question.key, "kind": question.kind, "title_en": question.title_en, "title_ko": question.title_ko}
            for question in event.questions.order_by("position")
        ],
    )  # fmt: skip

    answer = editor.post(
        IMPORT.replace("full", "copy"), {"file": SimpleUploadedFile("x", data), "dry_run": "false"}, "multipart"
    )

    assert (answer.json()["created"], answer.json()["refused"], answer.json()["unknown_columns"]) == (5, [], [])
    assert known(copy) == known(event)


def known(event: Event) -> list[tuple[Any, ...]]:
    rows = event.registrations.order_by("email_key")
    return list(rows.values_list("name", "email", "audience", "partner", "language", "answers"))


def test_seats_run_out_for_lists_too(editor: APIClient, world: World, event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(waitlist="off")
    answer = send(editor, b"name,email\nA,a@mail.example\n", dry_run="false")

    assert [(one["line"], one["code"]) for one in answer.json()["refused"]] == [(2, "event_full")]


def test_a_key_enters_a_list_once(editor: APIClient, event: Event) -> None:
    data = b"name,email\nA,a@mail.example\nA,a@mail.example\nB,b\n"

    first, again = (send(editor, data, dry_run="false", key="import key of today") for _time in range(2))
    other = send(editor, data + b"C,c@mail.example\n", dry_run="false", key="import key of today")

    assert (first.json()["created"], first.json()["unchanged"], len(first.json()["refused"])) == (1, 1, 1)
    assert (again.content, other.status_code) == (first.content, 422)


@pytest.mark.parametrize(
    ("data", "fields", "pointer"),
    [
        (b"", {}, "/file"), (b"name\nA\n", {}, "/file"), (b"name,email,Name\nA,a@mail.example,B\n", {}, "/file"),
        (b"\x00\x01", {}, "/file"), (b"PK\x03\x04", {}, "/file"), (b"a\n" * 502, {}, "/file"),
        (PEOPLE, {"dry_run": "perhaps"}, "/dry_run"), (PEOPLE, {"dryrun": "false"}, "/dryrun"),
    ],
)  # fmt: skip
def test_what_is_no_list_enters_nobody(
    editor: APIClient, event: Event, data: bytes, fields: dict[str, str], pointer: str
) -> None:
    status, _code, errors = refused(send(editor, data, **fields))

    assert (status, [where for where, _why in errors]) == (400, [pointer])
    assert Registration.objects.count() == 5


def test_only_who_may_edit_enters_lists(client: APIClient, world: World, event: Event) -> None:
    others = [client, signed_in(world.ours, "viewer"), keyed(world.theirs, "owner")]

    assert [send(who, PEOPLE, dry_run="false").status_code for who in others] == [401, 403, 403]
    assert refused(send(keyed(world.ours), b"x" * (6 * 1024 * 1024))) == (413, "too_large", [])
