"""A partner keeps a copy while organizers write: what commits late is in a later delta, never in none (RULES 28)."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from events import outbox
from events.models import SYSTEM, Change, Publication, Session
from events.operations import planning, publishing, scheduling, sequencing
from tests import factories
from tests.api.copying import Copy, fresh
from tests.factories import HOUR, NOW, WEEK
from tests.races.crowd import FORK, outcome_or_fault, rush

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WRITERS = 4
STEPS = 12


def kept_while(write: Callable[[int, int], Any], *, page_size: int) -> tuple[dict[str, list[Any]], int]:
    """The copy of somebody who polls in pages while four organizers take their steps; and how often they polled."""
    writing = FORK.Value("i", WRITERS)

    def act(client: int) -> list[Any]:
        if client < WRITERS:
            for step in range(STEPS):
                outcome_or_fault(lambda step=step: write(client, step))
            with writing.get_lock():
                writing.value -= 1
            return []
        partner, copy, polls = APIClient(), Copy(), 0
        while writing.value:
            copy.follow(partner, page_size=page_size)
            polls += 1
        copy.follow(partner, page_size=page_size)
        return [(copy.lists, polls)]

    [kept] = rush(act, clients=WRITERS + 1)
    return kept


@pytest.mark.usefixtures("audited")
def test_a_copy_that_was_kept_while_others_wrote_is_the_fresh_one() -> None:
    programme, topic = factories.programme(), factories.topic()
    events = [factories.event(f"Event {number}", of=programme, topics=[topic]) for number in range(8)]

    def write(client: int, step: int) -> None:
        """One thing that the public sees, committed a little after it was done."""
        chance, by = random.Random(f"{client} {step}"), {"actor": SYSTEM, "now": NOW}
        event, starts = chance.choice(events), NOW + WEEK + chance.randrange(100) * HOUR
        moment = scheduling.block(starts=starts, ends=starts + HOUR, timezone="Asia/Seoul")
        writes: list[Callable[[], Any]] = [
            lambda: scheduling.amend(session=Session.objects.get(event=event), moment=moment, **by),
            lambda: planning.amend_event(event=event, fields={"title_en": f"Title {starts}"}, **by),
            lambda: planning.amend_event(event=event, fields={"visibility": "unlisted"}, **by),
            lambda: planning.amend_event(event=event, fields={"visibility": "public"}, **by),
            lambda: publishing.unpublish(event=event, **by),
            lambda: publishing.publish(event=event, **by),
            lambda: planning.amend(thing=topic, fields={"slug": f"topic-{client}-{step}"}, **by),
        ]
        with transaction.atomic():
            chance.choice(writes)()
            time.sleep(chance.random() * 0.01)

    kept, polls = kept_while(write, page_size=3)

    assert kept == fresh(APIClient())
    assert polls > 1


def test_control_a_number_drawn_before_the_transaction_loses_what_commits_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As row ids and times are: drawn in one order, committed in another."""
    programme = factories.programme()
    events = [factories.event(f"Event {number}", of=programme) for number in range(WRITERS * STEPS)]
    counter = FORK.Value("q", outbox.current_version())

    def write(client: int, step: int) -> None:
        with counter.get_lock():
            counter.value += 1
            number = counter.value
        time.sleep(0.06 * (number % 3))
        monkeypatch.setattr(outbox, "raise_version", lambda: number)
        event = events[client * STEPS + step]
        planning.amend_event(event=event, fields={"title_en": f"New {number}"}, actor=SYSTEM, now=NOW)

    def is_stale() -> bool:
        kept, _polls = kept_while(write, page_size=200)
        return kept != fresh(APIClient())

    monkeypatch.setattr(outbox, "current_version", lambda: max(Publication.objects.values_list("version", flat=True)))
    assert any(is_stale() for _round in range(5))


def positions_seen(number: Callable[[], Any]) -> list[int]:
    """The positions in the order in which somebody who follows them hears of them, while people register."""
    programme = factories.programme()
    events = [factories.event(of=programme, capacity=500) for _ in range(WRITERS)]  # nobody waits for another's seats
    writing = FORK.Value("i", WRITERS)

    def act(client: int) -> list[int]:
        if client < WRITERS:
            for step in range(STEPS):
                with transaction.atomic():
                    factories.register(events[client], client * STEPS + step)
                    time.sleep(0.003 * (step % 3))
            with writing.get_lock():
                writing.value -= 1
            return []
        if client < WRITERS + 2:  # two workers
            while writing.value:
                outcome_or_fault(number)
            number()
            return []
        heard: list[int] = []
        while writing.value:
            rows = Change.objects.filter(organization=programme.organization_id, position__gt=max(heard, default=0))
            heard += rows.order_by("position").values_list("position", flat=True)
        return heard

    heard = rush(act, clients=WRITERS + 3)
    rest = Change.objects.filter(organization=programme.organization_id, position__gt=max(heard, default=0))
    return [*heard, *rest.order_by("position").values_list("position", flat=True)]


@pytest.mark.usefixtures("audited")
def test_two_sequencers_give_every_registration_one_place_and_leave_no_gap() -> None:
    heard = positions_seen(sequencing.number_all)

    assert heard == list(range(1, WRITERS * STEPS + 1))
    assert Change.objects.filter(registration__isnull=False, position__isnull=True).count() == 0
    assert sequencing.last() == WRITERS * STEPS


def test_control_positions_in_the_order_of_rows_are_heard_of_with_gaps() -> None:
    """The row id as the position: known before the commit, so a smaller one comes after a larger one was heard of.

    Not on SQLite: there is one writer at a time, and rows are committed in the order of their ids.
    """

    def by_rows() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE events_change SET position = id WHERE position IS NULL AND registration_id IS NOT NULL"
            )

    def has_gaps() -> bool:
        return len(positions_seen(by_rows)) < WRITERS * STEPS

    rounds = 5 if connection.vendor == "postgresql" else 1
    assert any(has_gaps() for _round in range(rounds)) is (connection.vendor == "postgresql")
