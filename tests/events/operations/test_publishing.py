"""Publishing, unpublishing and calling off: what the public sees, SEQUENCE, revisions and versions."""

from datetime import datetime, timedelta

import pytest

from events import outbox
from events.models import ANONYMOUS, SYSTEM, Change, Event, Fragment, Publication, Registration, Session
from events.operations import planning, publishing, registering, scheduling
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from venues.models import Booking

pytestmark = pytest.mark.django_db

LATER = NOW + HOUR


def only(event: Event) -> Session:
    return event.sessions.get()


def move(session: Session, *, to: datetime, now: datetime = LATER) -> Session:
    moment = scheduling.block(starts=to, ends=to + HOUR, timezone="Asia/Seoul")
    return scheduling.amend(session=session, moment=moment, actor=SYSTEM, now=now)


def told(session: Session) -> tuple[int, datetime, int]:
    """SEQUENCE, LAST-MODIFIED, and how many languages are stored."""
    row = Session.objects.get(pk=session.pk)
    return row.sequence, row.updated_at, Fragment.objects.filter(session=row).count()


def body(session: Session, language: str = "en") -> str:
    return Fragment.objects.get(session=session, language=language).body


def test_publishing_publishes_the_event_and_all_its_drafts() -> None:
    event = factories.draft()
    first, second = (factories.session(event, starts=NOW + WEEK + day * timedelta(days=1)) for day in range(2))

    published = factories.publish(event)

    assert (published.status, published.was_public) == ("published", True)
    assert set(event.sessions.values_list("status", "was_public", "sequence")) == {("confirmed", True, 0)}
    assert [told(session) for session in (first, second)] == [(0, NOW, 2)] * 2
    assert list(Session.objects.public().order_by("pk")) == [first, second]


def test_publishing_again_changes_nothing() -> None:
    event = factories.event()
    before = (Event.objects.values().get(), outbox.current_version(), Change.objects.count())

    again = publishing.publish(event=event, actor=SYSTEM, now=LATER)

    assert again.revision == event.revision
    assert (Event.objects.values().get(), outbox.current_version(), Change.objects.count()) == before


def test_publishing_again_publishes_the_drafts_that_were_added() -> None:
    event = factories.event()
    added = factories.session(event, starts=NOW + 2 * WEEK)
    assert told(added) == (0, NOW, 0)

    publishing.publish(event=event, actor=SYSTEM, now=LATER)

    assert told(added) == (0, LATER, 2)
    assert told(event.sessions.exclude(pk=added.pk).get()) == (0, NOW, 2)


def test_a_tentative_session_is_published_as_tentative() -> None:
    event = factories.draft()
    session = factories.session(event, status="tentative")

    factories.publish(event)

    assert "STATUS:TENTATIVE" in body(session)


def test_a_called_off_event_cannot_be_published_or_unpublished() -> None:
    event = publishing.cancel(event=factories.event(), actor=SYSTEM, now=NOW)

    with pytest.raises(registering.EventCancelled):
        publishing.publish(event=event, actor=SYSTEM, now=NOW)
    with pytest.raises(registering.EventCancelled):
        publishing.unpublish(event=event, actor=SYSTEM, now=NOW)


def test_unpublishing_takes_everything_out_of_the_public_and_keeps_uid_and_sequence() -> None:
    event = factories.event()
    session = move(only(event), to=NOW + 2 * WEEK)
    version = outbox.current_version()

    unpublished = publishing.unpublish(event=event, actor=SYSTEM, now=LATER)

    assert (unpublished.status, unpublished.was_public) == ("draft", True)
    assert (told(session), only(event).uid, only(event).status) == ((1, LATER, 0), session.uid, "draft")
    assert (Event.objects.readable().count(), Session.objects.readable().count()) == (0, 0)
    assert (outbox.current_version(), unpublished.version) == (version + 1, version + 1)


def test_republishing_raises_the_sequence_once() -> None:
    event = factories.event()
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)

    publishing.publish(event=event, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (1, LATER, 2)


def test_edits_between_unpublishing_and_republishing_are_one_raise() -> None:
    event = factories.event()
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)
    version = outbox.current_version()
    for days in (8, 9, 10):
        move(only(event), to=NOW + timedelta(days=days))
    assert (told(only(event))[0], outbox.current_version()) == (0, version)

    publishing.publish(event=event, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (1, LATER, 2)


def test_an_event_with_people_in_it_cannot_be_unpublished() -> None:
    event = factories.event()
    registration = factories.register(event, 1)

    with pytest.raises(publishing.HasRegistrations) as refusal:
        publishing.unpublish(event=event, actor=SYSTEM, now=NOW)
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)

    assert (refusal.value.code, dict(refusal.value.details)) == ("has_registrations", {"count": 1})
    assert Event.objects.get().status == "draft"


def test_unpublishing_a_draft_changes_nothing() -> None:
    event = factories.draft()

    assert publishing.unpublish(event=event, actor=SYSTEM, now=NOW).revision == event.revision


def test_calling_off_raises_the_sequence_once_keeps_the_entry_and_frees_the_room() -> None:
    room = factories.room()
    event = factories.event(room=room)
    session = only(event)

    for _ in range(2):
        publishing.cancel(event=event, actor=SYSTEM, now=LATER, reason="storm")

    assert told(session) == (1, LATER, 2)
    assert "STATUS:CANCELLED" in body(session)
    assert (Event.objects.get().cancel_reason, only(event).status) == ("storm", "cancelled")
    assert Booking.objects.live().count() == 0
    assert Change.objects.filter(kind="event.cancelled").count() == 1
    assert list(Session.objects.public()) == [session]


def test_a_session_cancelled_before_is_not_raised_by_calling_off_the_event() -> None:
    event = factories.event(sessions=2)
    first, second = event.sessions.order_by("pk")
    scheduling.cancel(session=first, actor=SYSTEM, now=NOW + timedelta(minutes=1))

    publishing.cancel(event=event, actor=SYSTEM, now=LATER)

    assert (told(first), told(second)) == ((1, NOW + timedelta(minutes=1), 2), (1, LATER, 2))


def test_calling_off_what_was_never_public_tells_nobody() -> None:
    room = factories.room()
    event = factories.draft()
    session = factories.session(event, room=room)

    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    assert (told(session), only(event).status) == ((0, NOW, 0), "cancelled")
    assert (Event.objects.readable().count(), Booking.objects.live().count()) == (0, 0)
    assert Change.objects.get(kind="event.cancelled").version is None


def test_a_draft_session_of_a_called_off_event_stays_unseen() -> None:
    event = factories.event()
    draft = factories.session(event, starts=NOW + 2 * WEEK)

    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    assert told(draft) == (0, NOW, 0)
    assert draft not in Session.objects.readable()


def test_a_session_cancelled_before_unpublishing_comes_back_when_the_event_is_called_off() -> None:
    event = factories.event(sessions=2)
    first, second = event.sessions.order_by("pk")
    scheduling.cancel(session=first, actor=SYSTEM, now=NOW)
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)

    publishing.cancel(event=event, actor=SYSTEM, now=LATER)

    assert (told(first), told(second)) == ((2, LATER, 2), (1, LATER, 2))


def test_calling_off_after_unpublishing_tells_those_who_once_saw_it() -> None:
    event = factories.event()
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)

    publishing.cancel(event=event, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (1, LATER, 2)
    assert "STATUS:CANCELLED" in body(only(event))


def test_a_change_that_no_calendar_shows_leaves_sequence_and_bytes_alone() -> None:
    event = factories.event(capacity=10)
    before = (told(only(event)), body(only(event)))

    for fields in ({"capacity": 20}, {"description_en": "Long text."}, {"registration_closes_at": NOW + HOUR}):
        planning.amend_event(event=event, fields=fields, actor=SYSTEM, now=LATER)

    assert (told(only(event)), body(only(event))) == before
    assert Event.objects.get().revision == event.revision + 3


def test_each_shown_change_raises_the_sequence_by_one() -> None:
    event = factories.event()
    session = only(event)
    speaker = factories.speaker(of=event.programme.organization)
    topic = factories.topic()
    room = factories.room()

    for step, change in enumerate(
        (
            lambda: planning.amend_event(event=event, fields={"title_en": "New"}, actor=SYSTEM, now=LATER),
            lambda: planning.amend_event(event=event, fields={"summary_ko": "요약"}, actor=SYSTEM, now=LATER),
            lambda: planning.amend_event(event=event, fields={}, topics=[topic], actor=SYSTEM, now=LATER),
            lambda: planning.amend(thing=topic, fields={"title_ko": "주제"}, actor=SYSTEM, now=LATER),
            lambda: planning.amend(thing=event.programme, fields={"title_en": "P"}, actor=SYSTEM, now=LATER),
            lambda: scheduling.amend(session=session, fields={"room": room}, actor=SYSTEM, now=LATER),
            lambda: scheduling.amend(session=session, fields={"title_en": "Part one"}, actor=SYSTEM, now=LATER),
            lambda: scheduling.amend(session=session, speakers=[speaker], actor=SYSTEM, now=LATER),
            lambda: planning.amend(thing=speaker, fields={"name_en": "Other Name"}, actor=SYSTEM, now=LATER),
            lambda: move(session, to=NOW + 2 * WEEK),
            lambda: planning.amend_event(event=event, fields={"slug": "new-address"}, actor=SYSTEM, now=LATER),
            lambda: scheduling.cancel(session=session, actor=SYSTEM, now=LATER),
        ),
        start=1,
    ):
        change()
        assert told(session) == (step, LATER, 2)


def test_several_shown_fields_in_one_step_are_one_raise() -> None:
    event = factories.event(sessions=2)

    planning.amend_event(
        event=event, fields={"title_en": "New", "title_ko": "새", "summary_en": "S"}, actor=SYSTEM, now=LATER
    )

    assert list(event.sessions.values_list("sequence", flat=True)) == [1, 1]


def test_a_joining_link_raises_the_sequence_though_the_public_does_not_see_it() -> None:
    event = factories.event()
    before = body(only(event))

    scheduling.amend(session=only(event), fields={"joining_url": "https://meet.example/1"}, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (1, LATER, 2)
    assert "meet.example" not in before + body(only(event))


def test_hiding_an_event_from_lists_is_no_change_of_its_entries() -> None:
    event = factories.event()
    version = outbox.current_version()

    planning.amend_event(event=event, fields={"visibility": "unlisted"}, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (0, NOW, 2)
    assert set(Fragment.objects.values_list("is_listed", flat=True)) == {False}
    assert (outbox.current_version(), only(event).version) == (version + 1, version + 1)
    assert (Event.objects.public().count(), Event.objects.readable().count()) == (0, 1)


def test_a_programme_that_goes_private_withdraws_its_events_and_comes_back_raised() -> None:
    event = factories.event()

    planning.amend(thing=event.programme, fields={"is_public": False}, actor=SYSTEM, now=NOW)
    assert (told(only(event)), Event.objects.readable().count()) == ((0, NOW, 0), 0)
    planning.amend(thing=event.programme, fields={"is_public": True}, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (1, LATER, 2)


def test_an_event_published_in_a_private_programme_waits_for_it() -> None:
    programme = factories.programme(is_public=False)
    event = factories.event(of=programme)
    assert (told(only(event))[2], Change.objects.get(kind="event.published").version) == (0, None)

    planning.amend(thing=programme, fields={"is_public": True}, actor=SYSTEM, now=LATER)

    assert told(only(event)) == (0, LATER, 2)


def test_what_happens_among_drafts_is_no_news_but_a_copy_has_the_public_events_new_revision() -> None:
    event = factories.event()
    version = outbox.current_version()
    draft = factories.session(event, starts=NOW + 2 * WEEK)
    move(draft, to=NOW + 3 * WEEK)
    hidden = factories.draft()
    factories.session(hidden)
    planning.amend_event(event=hidden, fields={"title_en": "Secret"}, actor=SYSTEM, now=LATER)
    scheduling.cancel(session=draft, actor=SYSTEM, now=LATER)

    assert (outbox.current_version(), Event.objects.get(pk=event.pk).version) == (version + 3, version + 3)
    assert set(Change.objects.exclude(kind="event.published").values_list("version", flat=True)) == {None}
    assert list(Publication.objects.values_list("event", "session__event", "version").order_by("pk")) == [
        (event.pk, None, version + 3), (None, event.pk, version),
    ]  # fmt: skip


def test_a_draft_session_does_not_move_the_public_event() -> None:
    event = factories.event()

    factories.session(event, starts=NOW + timedelta(days=1))

    assert Event.objects.get().first_starts_at == NOW + WEEK


def test_the_event_mirrors_its_live_sessions_and_keeps_its_place_when_all_are_cancelled() -> None:
    event = factories.event(sessions=2)
    first, second = event.sessions.order_by("pk")

    scheduling.cancel(session=first, actor=SYSTEM, now=NOW)
    assert Event.objects.get().first_starts_at == second.starts_at
    scheduling.cancel(session=second, actor=SYSTEM, now=NOW)

    event.refresh_from_db()
    assert (event.first_starts_at, event.last_ends_at) == (first.starts_at, second.ends_at)


def test_a_stale_revision_is_refused_and_writes_nothing() -> None:
    event = factories.event()
    seen = event.revision
    planning.amend_event(event=event, fields={"title_en": "Mine"}, expected_revision=seen, actor=SYSTEM, now=NOW)

    for late in (
        lambda: planning.amend_event(
            event=event, fields={"title_en": "Yours"}, expected_revision=seen, actor=SYSTEM, now=NOW
        ),
        lambda: publishing.cancel(event=event, expected_revision=seen, actor=SYSTEM, now=NOW),
        lambda: publishing.unpublish(event=event, expected_revision=seen, actor=SYSTEM, now=NOW),
        lambda: publishing.publish(event=event, expected_revision=seen, actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(publishing.StaleRevision) as refusal:
            late()

    assert (refusal.value.status, dict(refusal.value.details)) == (412, {"revision": seen + 1})
    assert (Event.objects.get().title_en, Event.objects.get().status) == ("Mine", "published")


def test_rows_carry_the_version_of_their_last_publication() -> None:
    first, second = factories.event(), factories.event("Other")
    move(only(first), to=NOW + 2 * WEEK)

    newest = outbox.current_version()
    assert (Event.objects.get(pk=first.pk).version, only(first).version) == (newest, newest)
    assert (Event.objects.get(pk=second.pk).version, only(second).version) == (newest - 1, newest - 1)
    assert list(Change.objects.filter(version__isnull=False).order_by("pk").values_list("version", flat=True)) == [
        newest - 2, newest - 1, newest,
    ]  # fmt: skip


def test_a_clock_that_was_set_back_takes_no_timestamp_back() -> None:
    event = factories.event()
    move(only(event), to=NOW + 2 * WEEK, now=LATER)

    move(only(event), to=NOW + 3 * WEEK, now=NOW - WEEK)

    assert told(only(event)) == (2, LATER, 2)


def test_registrations_raise_no_version() -> None:
    event = factories.event()
    version = outbox.current_version()

    registering.cancel(registration=factories.register(event, 1), actor=ANONYMOUS, now=NOW)

    assert (outbox.current_version(), Registration.objects.count()) == (version, 1)


def test_behind_a_closed_programme_nothing_was_public_until_it_opens() -> None:
    programme = factories.programme(is_public=False)
    event = factories.event("Rehearsal", of=programme)
    closed = (event.was_public, Event.objects.readable().count(), Fragment.objects.count())

    planning.amend(thing=programme, fields={"is_public": True}, actor=SYSTEM, now=NOW)

    assert closed == (False, 0, 0)
    assert [row.was_public for row in Event.objects.readable()] == [True]
    assert Fragment.objects.count() == 2
