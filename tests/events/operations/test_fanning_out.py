"""Who hears of which change: each webhook that it concerns, once, in one order, and of no more than it may know."""

from datetime import timedelta

import pytest
from pytest_django.asserts import assertNumQueries

from events.models import ANONYMOUS, SYSTEM, Change, LastTold, Organization, Programme, Sequencer, WebhookMessage
from events.operations import planning, publishing, registering, scheduling, sequencing
from events.reports import audit
from tests import factories
from tests.factories import HOUR, NOW, WEEK
from tests.webhooks import bodies, heard, webhook

pytestmark = pytest.mark.django_db
STATEMENTS = 14  # whether there is anything, the row and a savepoint, two that number; the rest tells


@pytest.fixture
def owner() -> Organization:
    return factories.organization("Owner")


@pytest.fixture
def partner() -> Organization:
    return factories.organization("Partner", owner="partner@demo.example")


@pytest.fixture
def programme(owner: Organization, partner: Organization) -> Programme:
    return factories.programme("Together", of=owner, partners=[(partner, "host")])


def test_owner_and_partner_hear_of_the_schedule_and_the_owner_alone_of_people(
    owner: Organization, partner: Organization, programme: Programme
) -> None:
    own, theirs = webhook(owner), webhook(partner)
    stranger = webhook(factories.organization("Stranger", owner="stranger@demo.example"))

    event = factories.event(of=programme, capacity=20)
    registration = factories.register(event)
    registering.cancel(registration=registration, actor=ANONYMOUS, now=NOW)

    assert heard(own) == ["event.published", "registration.registered", "registration.cancelled"]
    assert heard(theirs) == ["event.published"]
    assert heard(stranger) == []


def test_a_message_names_what_is_so_now_and_nobody(owner: Organization, programme: Programme) -> None:
    hook = webhook(owner)
    event = factories.event(of=programme, capacity=20)
    registration = factories.register(event)
    sequencing.number_all()

    published, registered = bodies(hook)

    change = Change.objects.get(kind="event.published")
    assert published == {
        "type": "event.published",
        "timestamp": "2026-10-01T03:00:00Z",
        "data": {
            "change": str(change.uid),
            "seq": 1,
            "organization": owner.slug,
            "programme": programme.slug,
            "event": event.slug,
            "event_uid": str(event.uid),
            "session": None,
            "version": change.version,
            "url": f"https://callboard.test/api/v1/events/{event.slug}/",
        },
    }
    assert (registered["data"]["seq"], registered["data"]["position"]) == (2, 1)
    assert registered["data"]["url"] == f"https://callboard.test/api/v1/organizations/{owner.slug}/changes/?since=0"
    row = WebhookMessage.objects.get(kind="registration.registered")
    for secret in (registration.code, registration.name, registration.email, registration.ticket):
        assert secret not in row.body


def test_a_moved_session_comes_with_its_times_and_what_was_a_draft_with_nothing(
    owner: Organization, programme: Programme
) -> None:
    event = factories.event(of=programme)
    [session] = event.sessions.all()
    hook = webhook(owner)

    moment = scheduling.block(starts=NOW + WEEK + HOUR, ends=NOW + WEEK + 3 * HOUR, timezone="Asia/Seoul")
    scheduling.amend(session=session, moment=moment, actor=SYSTEM, now=NOW)
    scheduling.amend(session=session, fields={"title_en": "Another name"}, actor=SYSTEM, now=NOW)
    draft = factories.session(event, starts=NOW + 2 * WEEK)
    scheduling.amend(session=draft, fields={"title_en": "Nobody knows"}, actor=SYSTEM, now=NOW)
    publishing.publish(event=event, actor=SYSTEM, now=NOW)
    scheduling.cancel(session=draft, actor=SYSTEM, now=NOW)
    publishing.cancel(event=event, actor=SYSTEM, now=NOW)

    assert heard(hook) == [
        "session.moved", "session.changed", "session.added", "session.cancelled", "event.cancelled",
    ]  # fmt: skip
    moved = bodies(hook)[0]["data"]
    assert moved["session"] == str(session.uid)
    assert [moved[when]["starts_at"] for when in ("before", "after")] == [
        (NOW + WEEK).isoformat(), (NOW + WEEK + HOUR).isoformat(),
    ]  # fmt: skip
    assert moved["url"] == f"https://callboard.test/api/v1/sessions/{session.uid}/"


def test_what_left_the_list_is_told_once_and_without_its_new_address(
    owner: Organization, partner: Organization, programme: Programme
) -> None:
    event = factories.event("Seen", of=programme)
    own, theirs = webhook(owner), webhook(partner)

    planning.amend_event(
        event=event, fields={"visibility": "unlisted", "slug": "secret-place"}, actor=SYSTEM, now=NOW
    )  # fmt: skip
    event.refresh_from_db()
    planning.amend_event(event=event, fields={"summary_en": "For those who know"}, actor=SYSTEM, now=NOW)

    assert heard(own) == ["event.changed", "event.changed"]
    assert heard(theirs) == ["event.removed"]
    [removed] = bodies(theirs)
    assert (removed["data"]["event"], removed["data"]["event_uid"]) == (None, str(event.uid))
    assert "secret-place" not in WebhookMessage.objects.get(webhook=theirs).body
    publishing.unpublish(event=event, actor=SYSTEM, now=NOW)
    assert heard(own)[2:] == ["event.removed"]
    assert heard(theirs) == ["event.removed"]


def test_a_programme_that_closes_takes_its_events_with_it(
    owner: Organization, partner: Organization, programme: Programme
) -> None:
    factories.event("One", of=programme)
    factories.event("Two", of=programme)
    hook = webhook(partner)

    planning.amend(thing=programme, fields={"is_public": False}, actor=SYSTEM, now=NOW)
    programme.refresh_from_db()
    assert heard(hook) == ["event.removed", "event.removed"]
    planning.amend(thing=programme, fields={"is_public": True}, actor=SYSTEM, now=NOW)

    assert heard(hook)[2:] == ["event.published", "event.published"]


def test_a_programme_takes_an_event_along_that_was_never_listed(
    owner: Organization, partner: Organization, programme: Programme
) -> None:
    factories.event(of=programme, visibility="unlisted")
    own, theirs = webhook(owner), webhook(partner)

    for fields in ({"title_en": "Renamed"}, {"is_public": False}, {"is_public": True}):
        programme.refresh_from_db()
        planning.amend(thing=programme, fields=fields, actor=SYSTEM, now=NOW)
        sequencing.number_all()

    assert heard(own) == ["event.changed", "event.removed", "event.published"]
    assert heard(theirs) == []


def test_a_webhook_hears_of_the_kinds_and_the_programme_that_it_asked_for(
    owner: Organization, programme: Programme
) -> None:
    narrow = webhook(owner, kinds=["event.published"], programme=programme)

    event = factories.event(of=programme, capacity=3)
    factories.event(of=factories.programme("Other", of=owner))
    factories.register(event)

    assert heard(narrow) == ["event.published"]


def test_numbers_have_no_gaps_for_anybody_whatever_order_the_worker_takes(
    owner: Organization, partner: Organization, programme: Programme
) -> None:
    hooks = [webhook(owner), webhook(partner), webhook(owner, kinds=["registration.registered"])]
    event = factories.event(of=programme, capacity=10)
    factories.crowd(event, range(5))

    for most in (1, 2, 3):
        factories.crowd(event, range(most * 100, most * 100 + 1))
        sequencing.number_all(most=most)

    for hook in hooks:
        seqs = list(hook.messages.order_by("pk").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) > 0
    assert list(Change.objects.filter(place=None)) == []
    places = list(Change.objects.order_by("place").values_list("place", flat=True))
    assert places == list(range(1, len(places) + 1))
    assert Sequencer.objects.get().last_place == len(places)
    assert list(audit.run()) == []


def test_a_change_that_cannot_be_read_holds_nothing_up(
    owner: Organization, programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    event = factories.event(of=programme, capacity=20)
    hook = webhook(owner)
    [session] = event.sessions.all()
    scheduling.amend(session=session, fields={"title_en": "Another name"}, actor=SYSTEM, now=NOW)
    Change.objects.filter(session=session).update(after={"uid": "nobody's", "status": "confirmed"})
    factories.register(event)

    assert heard(hook) == ["registration.registered"]
    assert Change.objects.get(registration__isnull=False).position == 1
    assert "Webhooks are not told of change" in caplog.text


def test_a_stopped_webhook_is_told_nothing(owner: Organization, programme: Programme) -> None:
    hook = webhook(owner)
    type(hook).objects.update(stopped="paused", stopped_at=NOW)

    factories.event(of=programme)

    assert heard(hook) == []


def test_it_costs_the_same_however_many_changes_there_are(owner: Organization, programme: Programme) -> None:
    webhook(owner)
    events = [factories.event(f"Event {number}", of=programme, capacity=50) for number in range(5)]
    sequencing.number_all()
    factories.register(events[0], 1)

    with assertNumQueries(STATEMENTS):
        sequencing.number_all()
    for number, event in enumerate(events):
        factories.register(event, 10 + number)
    with assertNumQueries(STATEMENTS):
        sequencing.number_all()


def test_without_a_webhook_it_is_remembered_what_people_know(programme: Programme) -> None:
    event = factories.event(of=programme, capacity=1)
    factories.register(event, now=NOW + timedelta(minutes=1))

    sequencing.number_all()

    assert [(row.shown, row.level) for row in LastTold.objects.all()] == [("listed", "full")]
    assert WebhookMessage.objects.count() == 0
