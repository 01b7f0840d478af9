"""Draft and release: edits are collected without any effect, and take effect together."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events import outbox
from events.errors import Invalid
from events.models import SYSTEM, Change, Delivery, Event, Programme, Release, Session
from events.operations import registering, releasing, replanning, scheduling
from events.operations.carrying_out import ChangedSince
from events.operations.publishing import HasRegistrations, StaleRevision
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from venues import availability
from venues.models import Booking, Room

pytestmark = pytest.mark.django_db

START = NOW + WEEK
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def programme() -> Programme:
    return factories.programme()


@pytest.fixture
def room(programme: Programme) -> Room:
    return factories.room(at=factories.venue(of=programme.organization))


@pytest.fixture
def event(programme: Programme, room: Room) -> Event:
    return factories.event(of=programme, room=room)


@pytest.fixture
def draft(programme: Programme) -> Release:
    return releasing.begin(programme=programme, fields={"title": "Week 2"}, actor=SYSTEM, now=NOW)


def only(event: Event) -> Session:
    return Session.objects.select_related("room", "event").get(event=event)


def edit(release: Release, event: Event, *, hours: float | None = None, **more: Any) -> Release:
    moment = None
    if hours is not None:
        starts = START + hours * HOUR
        moment = scheduling.block(starts=starts, ends=starts + 2 * HOUR, timezone="Asia/Seoul")
    return releasing.edit(release=release, session=only(event), moment=moment, actor=SYSTEM, now=LATER, **more)


def release_all(release: Release, **more: Any) -> Release:
    return releasing.release_all(release=release, actor=SYSTEM, now=LATER, **more)


def test_what_is_collected_holds_no_room_changes_no_calendar_and_tells_nobody(
    draft: Release, event: Event, room: Room
) -> None:
    factories.register(event, 1)
    before = (outbox.current_version(), Delivery.objects.count(), only(event).revision)

    edit(draft, event, hours=5)

    assert before == (outbox.current_version(), Delivery.objects.count(), only(event).revision)
    assert only(event).starts_at == START
    held = Booking.objects.live().get(room=room)
    assert (held.starts_at, held.ends_at) == (START, START + 2 * HOUR)
    assert str(list(audit.run(now=LATER))) == "[]"


def test_all_of_it_takes_effect_in_one_version_and_can_be_undone(
    draft: Release, programme: Programme, event: Event, room: Room
) -> None:
    other = factories.draft("Other", of=programme)
    factories.session(other, starts=START + 2 * HOUR, room=room)
    factories.publish(other)
    speaker = factories.speaker(of=programme.organization)
    edit(draft, event, hours=2, speakers=[speaker], fields={"joining_url": "https://meet.example/1"})
    edit(draft, other, hours=0, fields={"title_en": "Earlier"})

    released = release_all(draft)

    assert (released.status, released.version) == ("released", outbox.current_version())
    assert [only(one).starts_at for one in (event, other)] == [START + 2 * HOUR, START]
    assert [only(one).sequence for one in (event, other)] == [1, 1]
    changes = Change.objects.filter(kind="sessions.replanned").order_by("event")
    assert {change.version for change in changes} == {released.version}
    assert [change.after["sessions"][0].get("has_new_link") for change in changes] == [True, None]
    assert release_all(draft).version == released.version  # repeating it changes nothing

    replanning.undo(release=released, actor=SYSTEM, now=LATER + HOUR)

    session = only(event)
    assert (session.starts_at, session.joining_url, session.speakers.count()) == (START, "", 0)
    assert (only(other).title_en, only(other).sequence) == ("", 2)
    assert str(list(audit.run(now=LATER))) == "[]"


def test_that_a_joining_link_is_another_one_is_no_entry_of_the_changelog(draft: Release, event: Event) -> None:
    """Those who are registered hear of it; everybody else would learn that there is one."""
    factories.register(event, 1)
    Delivery.objects.all().delete()
    edit(draft, event, fields={"joining_url": "https://meet.example/1"})

    released = release_all(draft)

    assert (released.version, only(event).sequence) == (outbox.current_version(), 1)
    assert Delivery.objects.filter(change__kind="sessions.replanned").count() == 1
    assert list(Release.objects.public()) == []


def test_a_session_that_people_are_registered_for_is_not_made_a_draft_again(
    draft: Release, event: Event, programme: Programme
) -> None:
    """Undoing what published it would take it away from them without a word (RULES 3)."""
    more = factories.session(event, starts=START + WEEK)
    releasing.edit(release=draft, session=more, fields={"status": "confirmed"}, actor=SYSTEM, now=LATER)
    released = release_all(draft)
    registration = factories.register(event, 1)

    for attempt in (
        lambda: replanning.preview_undo(release=released),
        lambda: replanning.undo(release=released, actor=SYSTEM, now=LATER),
    ):
        with pytest.raises(HasRegistrations) as refusal:
            attempt()
        assert (refusal.value.field, refusal.value.details) == (
            "status", {"count": 1, "sessions": [{"uid": str(more.uid), "fields": ["status"]}]},
        )  # fmt: skip
    more.refresh_from_db()
    assert more.status == "confirmed"

    registering.cancel(registration=registration, actor=SYSTEM, now=LATER, reason="")
    replanning.undo(release=released, actor=SYSTEM, now=LATER)
    more.refresh_from_db()
    assert more.status == "draft"


def test_edits_of_one_session_add_up_and_what_brings_it_back_is_none(draft: Release, event: Event) -> None:
    edit(draft, event, hours=5)
    edit(draft, event, fields={"title_en": "Better"})
    drafted = releasing.drafted(release=draft, session=only(event))

    assert (drafted.starts_at, drafted.title_en) == (START + 5 * HOUR, "Better")

    edit(draft, event, hours=0, fields={"title_en": ""})

    assert draft.edits.count() == 0
    with pytest.raises(releasing.NothingToRelease):
        release_all(draft)


def test_a_session_changed_since_is_not_overrun_until_it_is_edited_again(draft: Release, event: Event) -> None:
    edit(draft, event, hours=5)
    moment = scheduling.block(starts=START + HOUR, ends=START + 3 * HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=only(event), moment=moment, actor=SYSTEM, now=LATER)

    _preview, conflicts = releasing.preview(release=draft)
    with pytest.raises(ChangedSince) as refusal:
        release_all(draft)

    fields = ["starts_at", "ends_at", "starts_local"]
    assert [(one.session, one.fields) for one in conflicts] == [(only(event), fields)]
    assert refusal.value.details["sessions"] == [{"uid": str(only(event).uid), "fields": fields}]

    edit(draft, event, hours=5)
    release_all(draft)

    assert only(event).starts_at == START + 5 * HOUR


def test_an_edit_of_something_else_settles_no_conflict(draft: Release, event: Event, programme: Programme) -> None:
    edit(draft, event, hours=5)
    moment = scheduling.block(starts=START + HOUR, ends=START + 3 * HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=only(event), moment=moment, actor=SYSTEM, now=LATER)

    edit(draft, event, fields={"title_en": "Better"})
    edit(draft, event, speakers=[factories.speaker(of=programme.organization)])

    fields = ["starts_at", "ends_at", "starts_local"]
    assert [one.fields for one in releasing.preview(release=draft)[1]] == [fields]

    edit(draft, event, hours=5)
    release_all(draft)

    session = only(event)
    assert (session.starts_at, session.title_en, session.speakers.count()) == (START + 5 * HOUR, "Better", 1)


def test_who_did_what_to_a_draft_is_written_down_and_told_nobody(programme: Programme, event: Event) -> None:
    """One entry for each step, and none for what changed nothing."""
    person = factories.member(programme.organization, "editor")
    by: dict[str, Any] = {"actor": person, "now": LATER}
    draft = releasing.begin(programme=programme, fields={"title": "Week 2", "note_en": "Kim is ill."}, **by)
    releasing.amend(release=draft, fields={"note_en": ""}, **by)
    for title in ("Better", "Best"):
        releasing.edit(release=draft, session=only(event), fields={"title_en": title}, **by)
    for _twice in range(2):
        releasing.forget(release=draft, session=only(event), **by)
    releasing.edit(release=draft, session=only(event), fields={"joining_url": "https://meet.example/1"}, **by)
    for _twice in range(2):
        releasing.release_all(release=draft, **by)
    other = releasing.begin(programme=programme, fields={}, **by)
    for _twice in range(2):
        releasing.discard(release=other, **by)

    rows = Change.objects.filter(kind__startswith="release.").order_by("pk")
    this, session = {"release": str(draft.uid)}, {"session": str(only(event).uid)}
    assert list(rows.values_list("kind", "event", "after")) == [
        ("release.begun", None, this),
        ("release.amended", None, this | {"edited": ["note_en"]}),
        *[("release.edited", event.pk, this | session | {"edited": ["title_en"]})] * 2,
        ("release.forgotten", event.pk, this | session),
        ("release.edited", event.pk, this | session | {"edited": ["joining_url"]}),
        ("release.released", None, this),
        ("release.begun", None, {"release": str(other.uid)}),
        ("release.discarded", None, {"release": str(other.uid)}),
    ]
    assert {(row.person_id, row.organization, row.version) for row in rows} == {
        (person.person_id, programme.organization, None)
    }
    assert not Delivery.objects.filter(change__in=rows).exists()


def test_the_room_is_looked_at_when_it_is_released(draft: Release, event: Event, room: Room) -> None:
    edit(draft, event, hours=5)
    squatter = factories.event("Squatter", of=event.programme)
    moment = scheduling.block(starts=START + 5 * HOUR, ends=START + 6 * HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=only(squatter), moment=moment, fields={"room": room}, actor=SYSTEM, now=LATER)

    preview, _conflicts = releasing.preview(release=draft)

    assert [row.by for row in preview.impact.taken] == [only(squatter).uid]
    with pytest.raises(availability.RoomTaken):
        release_all(draft, fingerprint=preview.fingerprint)
    assert (only(event).starts_at, Release.objects.get().status) == (START, "open")


def test_what_was_seen_has_to_be_what_happens(draft: Release, event: Event) -> None:
    edit(draft, event, hours=5)
    seen = releasing.preview(release=draft)[0].fingerprint
    edit(draft, event, hours=6)

    with pytest.raises(replanning.StalePreview):
        release_all(draft, fingerprint=seen)

    assert only(event).starts_at == START


def test_what_is_closed_takes_no_edits(draft: Release, event: Event) -> None:
    edit(draft, event, hours=5)
    releasing.discard(release=draft, actor=SYSTEM, now=LATER)
    releasing.discard(release=draft, actor=SYSTEM, now=LATER)

    for attempt in (
        lambda: edit(draft, event, hours=6),
        lambda: release_all(draft),
        lambda: releasing.forget(release=draft, session=only(event), actor=SYSTEM, now=LATER),
        lambda: releasing.amend(release=draft, fields={"title": "New"}, actor=SYSTEM, now=LATER),
    ):
        with pytest.raises(releasing.ReleaseClosed):
            attempt()
    with pytest.raises(replanning.NotReleased):
        replanning.undo(release=draft, actor=SYSTEM, now=LATER)


def test_a_release_is_of_one_programme_and_of_sessions_that_take_place(draft: Release, event: Event) -> None:
    with pytest.raises(Invalid) as other:
        edit(draft, factories.event("Other"), hours=5)
    with pytest.raises(StaleRevision):
        edit(draft, event, hours=5, expected_revision=99)
    with pytest.raises(Invalid) as cancelling:
        edit(draft, event, fields={"status": "cancelled"})
    edit(draft, event, hours=5)
    scheduling.cancel(session=only(event), actor=SYSTEM, now=LATER)
    with pytest.raises(scheduling.SessionCancelled):
        edit(draft, event, hours=6)
    with pytest.raises(ChangedSince):
        release_all(draft)

    assert (other.value.field, cancelling.value.field) == ("release", "status")


def test_edits_of_drafts_are_released_without_a_version(draft: Release, programme: Programme) -> None:
    made = factories.draft("Draft", of=programme)
    factories.session(made)
    edit(draft, made, hours=5)

    released = release_all(draft)

    assert (only(made).starts_at, released.version) == (START + 5 * HOUR, None)
    assert list(Release.objects.public()) == []


@pytest.mark.parametrize("number", [1, 5])
def test_a_preview_takes_the_same_statements_for_any_number(
    draft: Release, programme: Programme, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    venue = factories.venue(of=programme.organization)
    for index in range(number):
        made = factories.event(f"Event {index}", of=programme, room=factories.room(f"Room {index}", at=venue))
        factories.register(made, 1)
        edit(draft, made, hours=5, speakers=[factories.speaker(f"Speaker {index}", of=programme.organization)])

    with django_assert_num_queries(14):
        preview, _conflicts = releasing.preview(release=draft)

    assert len(preview.impact.steps) == number
