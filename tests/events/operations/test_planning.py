"""Planning: what an event and what it stands in need, which edits are refused, and that addresses stay reachable."""

from datetime import date, timedelta

import pytest

from events.errors import Invalid
from events.models import SYSTEM, Alias, Change, Event, Fragment, Partner, Programme
from events.operations import naming, planning, publishing
from tests import factories
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db

WHEN = {"actor": SYSTEM, "now": NOW}


def amend(event: Event, **fields: object) -> Event:
    return planning.amend_event(event=event, fields=fields, **WHEN)


def test_an_event_is_a_draft_with_a_pool_and_a_change() -> None:
    event = factories.draft("Mixing for series", capacity=12)

    assert (event.status, event.slug, event.pools.get().seats, event.was_public) == (
        "draft",
        "mixing-for-series",
        12,
        False,
    )
    change = Change.objects.get(event=event)
    assert (change.kind, change.version, change.after) == (
        "event.created", None, {"title_en": "Mixing for series", "waitlist": "off", "capacity": 12},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: factories.draft("", title_ko=""), "title_ko"),
        (lambda: factories.programme(""), "title_ko"),
        (lambda: factories.topic(""), "title_ko"),
        (lambda: factories.speaker("", of=factories.organization()), "name_ko"),
        (lambda: factories.programme(starts_on=date(2026, 10, 2), ends_on=date(2026, 10, 1)), "ends_on"),
        (
            lambda: factories.draft(registration_opens_at=NOW, registration_closes_at=NOW),
            "registration_closes_at",
        ),
        (lambda: factories.draft(minimum=5), "decides_at"),
        (lambda: factories.draft(minimum=5, decides_at=NOW), "decides_at"),
    ],
)
def test_what_the_constraints_would_refuse_is_refused_in_words(make: object, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make()  # type: ignore[operator]

    assert (refusal.value.field, refusal.value.status) == (field, 400)


def test_an_edit_cannot_take_the_last_title_or_turn_the_window_around() -> None:
    event = factories.event(registration_opens_at=NOW)

    for fields in ({"title_en": ""}, {"registration_closes_at": NOW - HOUR}):
        with pytest.raises(Invalid):
            amend(event, **fields)

    assert Event.objects.get().revision == event.revision


def test_an_event_is_decided_before_it_begins() -> None:
    event = factories.event()
    begins = event.sessions.get().starts_at

    amend(event, minimum=5, decides_at=begins)
    with pytest.raises(Invalid) as refusal:
        amend(event, decides_at=begins + HOUR)

    assert (refusal.value.field, Event.objects.get().decides_at) == ("decides_at", begins)


def test_capacity_above_the_smallest_room_is_refused_unless_on_purpose() -> None:
    event = factories.event(room=factories.room(seats=20), capacity=20)

    with pytest.raises(planning.CapacityExceedsRoom):
        amend(event, capacity=21)
    amend(event, capacity=21, capacity_override=True)
    with pytest.raises(planning.CapacityExceedsRoom):
        amend(event, capacity_override=False)
    amend(event, capacity=None, capacity_override=False)

    assert Event.objects.get().capacity is None


def test_a_room_that_nobody_counted_sets_no_limit() -> None:
    event = factories.event(room=factories.room(seats=None), capacity=5_000)

    assert amend(event, capacity=6_000).capacity == 6_000


def test_an_amendment_says_what_was_and_what_is() -> None:
    event = factories.event(capacity=10)

    amend(event, capacity=12, title_ko="새 제목")

    change = Change.objects.get(kind="event.amended")
    assert (change.before, change.after) == (
        {"capacity": 10, "title_ko": ""},
        {"capacity": 12, "title_ko": "새 제목"},
    )
    assert change.version == Event.objects.get().version


def test_the_old_address_of_a_published_event_goes_on_leading_to_it() -> None:
    event = factories.event("Opening night")

    amend(event, slug="closing-night")

    assert list(Alias.objects.values_list("kind", "slug", "target")) == [("event", "opening-night", event.uid)]
    assert "/en/events/closing-night/" in Fragment.objects.get(language="en").body
    with pytest.raises(naming.SlugTaken):
        factories.draft(slug="opening-night")
    assert factories.draft("Opening night").slug == "opening-night-2"


def test_a_draft_that_was_never_public_leaves_no_alias() -> None:
    amend(factories.draft("Opening night"), slug="closing-night")

    assert Alias.objects.count() == 0


def test_an_event_may_take_its_old_address_back() -> None:
    event = factories.event("Opening night")

    amend(event, slug="closing-night")
    amend(event, slug="opening-night")

    assert list(Alias.objects.values_list("slug", flat=True)) == ["closing-night"]


def test_programmes_keep_their_old_address_too() -> None:
    programme = factories.programme("Winter")

    planning.amend(thing=programme, fields={"slug": "summer"}, **WHEN)

    assert list(Alias.objects.values_list("kind", "slug", "target")) == [("programme", "winter", programme.uid)]


def test_partners_stand_in_the_order_given_and_are_replaced_as_a_whole() -> None:
    host, funder = factories.organization("Host"), factories.organization("Funder")
    programme = factories.programme(partners=[(host, "host"), (host, "funder")])

    planning.amend(thing=programme, fields={}, partners=[(funder, "funder"), (host, "host")], **WHEN)

    rows = Partner.objects.order_by("position").values_list("organization__slug", "role")
    assert list(rows) == [("funder", "funder"), ("host", "host")]


def test_a_stale_programme_revision_is_refused() -> None:
    programme = factories.programme()
    planning.amend(thing=programme, fields={"title_ko": "겨울"}, expected_revision=0, **WHEN)

    with pytest.raises(publishing.StaleRevision):
        planning.amend(thing=programme, fields={"title_ko": "여름"}, expected_revision=0, **WHEN)

    assert Programme.objects.get().title_ko == "겨울"


def test_renaming_a_topic_renders_the_events_that_have_it_and_no_other() -> None:
    topic = factories.topic("Mixing")
    with_topic, without = factories.event(topics=[topic]), factories.event("Other")

    planning.amend(thing=topic, fields={"title_en": "Sound"}, actor=SYSTEM, now=NOW + HOUR)

    assert [event.sessions.get().sequence for event in (with_topic, without)] == [1, 0]
    assert "Sound" in Fragment.objects.get(session__event=with_topic, language="en").body


def test_renaming_a_speaker_renders_their_sessions() -> None:
    programme = factories.programme()
    speaker = factories.speaker("Yoon Harin", of=programme.organization)
    event = factories.event(of=programme, speakers=[speaker])

    planning.amend(thing=speaker, fields={"name_en": "Yoon Hayul"}, actor=SYSTEM, now=NOW + HOUR)

    assert (event.sessions.get().sequence, event.sessions.get().updated_at) == (1, NOW + HOUR)


def test_amending_many_events_takes_a_constant_number_of_statements(django_assert_max_num_queries: object) -> None:
    topic = factories.topic()
    for number in range(6):
        factories.event(f"Event {number}", topics=[topic], now=NOW)

    with django_assert_max_num_queries(26):  # type: ignore[operator]
        planning.amend(thing=topic, fields={"title_ko": "믹싱"}, actor=SYSTEM, now=NOW + timedelta(days=1))
