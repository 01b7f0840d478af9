"""The pages of re-planning: choose a move, see what it would do, make it, undo it; for editors alone."""

from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import SYSTEM, Event, Organization, Programme, Release, Session
from events.operations import releasing, scheduling
from tests import factories
from tests.pages.html import elements, one
from tests.pages.organizer.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme: Programme, now: datetime) -> Event:
    """Two people in a room of 40."""
    room = factories.room(at=factories.venue(of=programme.organization, now=now), now=now)
    made = factories.event(of=programme, room=room, capacity=30, now=now)
    factories.crowd(made, [1, 2], now=now)
    return made


def page(programme: Programme, query: str = "") -> str:
    return f"/organize/programmes/{programme.slug}/replan/{query}"


def make(editor: Client, programme: Programme, **sent: str) -> HttpResponse:
    """Look at a move, and press the button below it."""
    query = "&".join(f"{name}={value}" for name, value in sent.items())
    seen = editor.get(page(programme, f"?{query}&preview=1"))
    return editor.post(page(programme), sent | {"fingerprint": one(seen, "input", name="fingerprint")["value"]})


def test_a_move_is_seen_in_numbers_then_made_then_undone(editor: Client, programme: Programme, event: Event) -> None:
    before = Session.objects.get(event=event)

    seen = editor.get(page(programme, "?kind=later&minutes=30&preview=1"))

    assert one(seen, "dl", class_="numbers").text == (
        "Sessions1 Messages to be sent 2 about 2 registrations Rooms taken0 Rooms closed0 People over the seats0"
        " People who would be elsewhere0 Instructors in two places0"
    )
    assert Session.objects.get(event=event).starts_at == before.starts_at
    assert elements(seen, "script", src="") == []

    done = make(editor, programme, kind="later", minutes="30", note_en="The hall opens late.")

    release = Release.objects.get()
    assert done.headers["Location"] == f"/organize/programmes/{programme.slug}/releases/{release.uid}/"
    moved = Session.objects.get(event=event)
    assert (moved.starts_at - before.starts_at, moved.sequence) == (timedelta(minutes=30), 1)
    after = editor.get(done.headers["Location"])
    assert one(after, role="status").text == "Done: 1 session has moved."

    fingerprint = one(after, "input", name="fingerprint")["value"]
    undone = editor.post(f"{done.headers['Location']}undo/", {"fingerprint": fingerprint})

    assert one(editor.get(undone.headers["Location"]), role="status").text == "Undone: everything is as it was before."
    assert Session.objects.get(event=event).starts_at == before.starts_at


def test_a_smaller_room_asks_for_a_word_and_says_who_is_over(
    editor: Client, programme: Programme, event: Event, now: datetime
) -> None:
    session = Session.objects.get(event=event)
    factories.room("Tiny", at=session.room.venue, seats=1, now=now)
    day = f"{session.starts_on:%Y-%m-%d}"
    sent = {
        "kind": "room_gone", "place": f"room:{session.room.slug}", "starts_at": f"{day}T00:00",
        "ends_at": f"{day}T23:59", "to_room": "tiny",
    }  # fmt: skip

    refused = make(editor, programme, **sent)

    assert refused.status_code == 409
    assert "Lighting an LED wall: 30 → 1 seats, 2 taken, 1 over" in [e.text for e in elements(refused, "li")]

    done = make(editor, programme, **sent, override="capacity")

    assert (done.status_code, Event.objects.get(pk=event.pk).capacity) == (303, 1)


def test_what_changed_meanwhile_is_shown_anew_and_nothing_is_done(
    editor: Client, programme: Programme, event: Event, now: datetime
) -> None:
    sent = {"kind": "later", "minutes": "30"}
    seen = editor.get(page(programme, "?kind=later&minutes=30&preview=1"))
    factories.event("Another", of=programme, now=now)

    answer = editor.post(page(programme), sent | {"fingerprint": one(seen, "input", name="fingerprint")["value"]})

    assert answer.status_code == 409
    assert one(answer, role="alert").text == (
        "Something changed since you looked (sessions). This is how it is now; nothing was done yet."
    )
    again = {"fingerprint": one(answer, "input", name="fingerprint")["value"]}
    assert editor.post(page(programme), sent | again).status_code == 303


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?kind=later&preview=1", "Write a whole number."),
        ("?kind=later&minutes=0&preview=1", "Write how many minutes, a week at most, and not 0."),
        ("?kind=day&day=2026-13-01&to_day=x&preview=1", "Choose a day."),
        ("?kind=swap&first=nobody&second=&preview=1", "Choose a session."),
        ("?kind=room_gone&preview=1", "Choose a room or a venue."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    editor: Client, programme: Programme, event: Event, query: str, said: str
) -> None:
    answer = editor.get(page(programme, query))

    assert answer.status_code in (400, 422)
    assert said in [element.text for element in elements(answer, "p", class_="error")]


def test_where_nothing_moves_it_says_so(editor: Client, programme: Programme) -> None:
    answer = editor.get(page(programme, "?kind=day&day=2020-01-01&to_day=2020-01-02&preview=1"))

    assert (answer.status_code, one(answer, role="alert").text) == (409, "There is no session to move.")


def test_two_sessions_swap_and_a_room_taken_meanwhile_is_told(
    editor: Client, programme: Programme, event: Event, now: datetime
) -> None:
    session = Session.objects.get(event=event)
    speaker = factories.speaker(of=programme.organization, now=now)
    other = factories.event("Mixing", of=programme, speakers=[speaker], now=now)
    sent = {"kind": "swap", "first": str(session.uid), "second": str(Session.objects.get(event=other).uid)}

    swapped = make(editor, programme, **sent, what="rooms")

    assert swapped.status_code == 303
    assert [Session.objects.get(event=one).room_id for one in (event, other)] == [None, session.room_id]

    here = swapped.headers["Location"]
    fingerprint = one(editor.get(here), "input", name="fingerprint")["value"]
    stranger = factories.programme("Secret", of=factories.organization("Other", now=now), now=now)
    squatting = factories.draft("Secret gala", of=stranger, now=now)
    scheduling.amend(
        session=Session.objects.get(event=other), fields={"title_ko": "믹싱"}, speakers=[], actor=SYSTEM, now=now
    )
    again = editor.post(f"{here}undo/", {"fingerprint": fingerprint})
    assert (again.status_code, "Something changed since you looked (sessions)" in again.content.decode()) == (409, True)
    factories.session(squatting, starts=session.starts_at + factories.WEEK, room=session.room, now=now)
    day = session.starts_on + timedelta(days=7)
    seen = editor.get(page(programme, f"?kind=day&day={session.starts_on}&to_day={day}&preview=1"))
    taken = [element.text for element in elements(seen, "li") if "is taken from" in element.text]
    assert len(taken) == 1
    assert taken[0].startswith("Mixing: 믹싱: Room 201 is taken from ")
    assert "Secret" not in seen.content.decode()
    assert elements(seen, "input", name="fingerprint") == []  # nothing to press


def test_every_edit_is_told_in_words(editor: Client, programme: Programme, event: Event, now: datetime) -> None:
    session = Session.objects.get(event=event)
    speaker = factories.speaker(of=programme.organization, now=now)
    release = releasing.begin(programme=programme, fields={"title": "All"}, actor=SYSTEM, now=now)
    fields = {
        "title_ko": "저녁", "title_en": "Evening", "room": None, "online": True, "status": "tentative",
        "joining_url": "https://meet.example/1",
    }  # fmt: skip
    releasing.edit(release=release, session=session, fields=fields, speakers=[speaker], actor=SYSTEM, now=now)
    here = f"/organize/programmes/{programme.slug}/releases/{release.uid}/"

    seen = editor.get(here)

    edits = one(seen, "ul", class_="edits").text
    assert "Where Room 201, Busan Cinema Center → Online" in edits
    assert "Title – → 저녁 / Evening" in edits
    assert "Instructors – → Yoon Harin State confirmed → tentative Joining link – → https://meet.example/1" in edits

    editor.post(f"{here}release/", {"fingerprint": one(seen, "input", name="fingerprint")["value"]})

    public = Client().get(f"/en/programmes/{programme.slug}/changes/").content.decode()
    assert ("Evening" in public, "meet.example" in public) == (True, False)


def test_a_release_that_cannot_be_says_why(editor: Client, programme: Programme, event: Event, now: datetime) -> None:
    release = releasing.begin(programme=programme, fields={"title": "No"}, actor=SYSTEM, now=now)
    here = f"/organize/programmes/{programme.slug}/releases/{release.uid}/"

    empty = editor.post(f"{here}release/", {"fingerprint": ""})
    nothing = editor.post(f"{here}release/", {"fingerprint": "x"})
    nameless = editor.post(f"/organize/programmes/{programme.slug}/releases/begin/", {"title": ""})
    long = editor.post(f"{here}words/", {"title": "No", "note_ko": "", "note_en": "x" * 2001})

    assert (empty.status_code, one(empty, role="alert").text) == (
        422, "This form is damaged. Please open the page again.",
    )  # fmt: skip
    assert (nothing.status_code, one(nothing, role="alert").text) == (409, "No edit was collected yet.")
    assert (nameless.status_code, long.status_code) == (422, 422)
    assert editor.get(f"{here}release/").status_code == 302
    assert editor.get(f"{here}edit/?session=nobody").status_code == 404


def test_a_draft_is_collected_seen_and_released(editor: Client, programme: Programme, event: Event) -> None:
    session = Session.objects.get(event=event)
    begun = editor.post(f"/organize/programmes/{programme.slug}/releases/begin/", {"title": "Week 2"})
    here = begun.headers["Location"]
    starts = f"{session.starts_on:%Y-%m-%d}T20:00"
    values = {"starts_at": starts, "ends_at": starts.replace("20:", "21:"), "room": ""}

    collected = editor.post(f"{here}edit/", as_shown(editor, here, session) | values)

    assert collected.headers["Location"] == here
    assert Session.objects.get(pk=session.pk).starts_at == session.starts_at
    seen = editor.get(here)
    assert "Week 2" in [element.text for element in elements(seen, "h2")]

    fingerprint = one(seen, "input", name="fingerprint")["value"]
    editor.post(f"{here}words/", {"title": "Week 2", "note_ko": "", "note_en": "An evening instead."})
    released = editor.post(f"{here}release/", {"fingerprint": fingerprint})

    assert (released.status_code, Session.objects.get(pk=session.pk).room) == (303, None)
    public = Client().get(f"/en/programmes/{programme.slug}/changes/")
    assert "An evening instead." in [element.text for element in elements(public, "p")]
    assert one(public, "ul", class_="edits").text.startswith("Lighting an LED wall Time ")


def test_a_draft_is_taken_apart_and_discarded(editor: Client, programme: Programme, event: Event) -> None:
    session = Session.objects.get(event=event)
    here = editor.post(f"/organize/programmes/{programme.slug}/releases/begin/", {"title": "No"}).headers["Location"]
    editor.post(f"{here}edit/", as_shown(editor, here, session) | {"room": ""})
    release = Release.objects.get()
    assert release.edits.count() == 1

    editor.post(f"{here}forget/{session.uid}/")
    discarded = editor.post(f"{here}discard/")

    release.refresh_from_db()
    assert (discarded.status_code, release.status, release.edits.count()) == (303, "discarded", 0)
    assert editor.get(here).status_code == 200
    assert editor.post(f"{here}edit/", as_shown(editor, here, session) | {"room": ""}).status_code == 409


def as_shown(editor: Client, here: str, session: Session) -> dict[str, str]:
    """What the form of a session sends where nobody types anything into it."""
    seen = editor.get(f"{here}edit/?session={session.uid}")
    names = ("starts_at", "ends_at", "room", "online")
    sent = ["session", "revision", *names[:2], *(f"initial-{name}" for name in names)]
    chosen = [option["value"] for option in elements(seen, "option") if "selected" in option.attributes]
    return {name: one(seen, "input", name=name)["value"] for name in sent} | {"room": chosen[-1]}


def test_a_draft_takes_what_was_changed_and_overruns_nobody(
    editor: Client, programme: Programme, event: Event, now: datetime
) -> None:
    session = Session.objects.get(event=event)
    other = factories.room("Other", at=session.room.venue, now=now)
    begun = editor.post(f"/organize/programmes/{programme.slug}/releases/begin/", {"title": "Week 2"})
    here = begun.headers["Location"]
    shown = as_shown(editor, here, session)
    day = f"{session.starts_on:%Y-%m-%d}"
    evening = {"starts_at": f"{day}T20:00", "ends_at": f"{day}T21:00"}
    release = Release.objects.get()
    releasing.edit(
        release=release, session=session, fields={"room": other}, actor=SYSTEM, now=now
    )  # somebody else, in this draft

    editor.post(f"{here}edit/", shown | evening)

    drafted = releasing.drafted(release=release, session=Session.objects.get(pk=session.pk))
    assert (drafted.room, f"{drafted.starts_local:%H:%M}") == (other, "20:00")

    scheduling.amend(session=session, fields={"online": True}, actor=SYSTEM, now=now)  # and the session itself
    stale = editor.post(f"{here}edit/", shown | evening)
    assert (stale.status_code, Release.objects.get().revision) == (412, 2)
    assert elements(stale, role="alert")[0].text.startswith("Somebody changed it since you opened this page.")
    assert len(releasing.preview(release=release)[1]) == 1

    again = {"revision": one(stale, "input", name="revision")["value"]}
    assert editor.post(f"{here}edit/", shown | evening | again).status_code == 303
    assert releasing.preview(release=release)[1] == []
    drafted = releasing.drafted(release=release, session=Session.objects.get(pk=session.pk))
    assert (drafted.room, drafted.online, f"{drafted.starts_local:%H:%M}") == (other, True, "20:00")


def test_only_editors_plan_and_strangers_find_nothing(
    office: Organization, programme: Programme, now: datetime
) -> None:
    release = Release.objects.create(programme=programme, created_at=now, updated_at=now)
    addresses = [
        page(programme),
        f"/organize/programmes/{programme.slug}/releases/",
        f"/organize/programmes/{programme.slug}/releases/{release.uid}/",
    ]
    viewer, stranger = signed_in(office, "viewer"), signed_in(factories.organization("Other", now=now))

    assert [viewer.get(address).status_code for address in addresses] == [403, 403, 403]
    assert [stranger.get(address).status_code for address in addresses] == [404, 404, 404]
    assert [Client().get(address).status_code for address in addresses] == [302, 302, 302]


def test_another_programme_s_release_is_not_here(editor: Client, office: Organization, programme: Programme) -> None:
    other = factories.programme("Other", of=office)
    release = Release.objects.create(programme=other, created_at=factories.NOW, updated_at=factories.NOW)

    assert editor.get(f"/organize/programmes/{programme.slug}/releases/{release.uid}/").status_code == 404


@pytest.mark.parametrize("number", [1, 5])
def test_a_preview_costs_the_same_for_every_session(
    editor: Client, programme: Programme, now: datetime, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    venue = factories.venue(of=programme.organization, now=now)
    speaker = factories.speaker(of=programme.organization, now=now)
    for index in range(number):
        room = factories.room(f"Room {index}", at=venue, now=now)
        made = factories.draft(f"Event {index}", of=programme, now=now)
        factories.session(
            made, room=room, speakers=[speaker], override=["speaker_clash"], starts=now + factories.WEEK, now=now
        )  # fmt: skip
        factories.publish(made, now=now)
        factories.register(made, 1, now=now)

    with django_assert_num_queries(20):
        answer = editor.get(page(programme, "?kind=later&minutes=30&preview=1"))

    assert len(elements(answer, "del")) == number
