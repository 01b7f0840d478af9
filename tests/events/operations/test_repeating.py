"""A request that is sent again is answered again, and done once (RULES 12)."""

from datetime import timedelta

import pytest

from events.models import ANONYMOUS, Actor, Event, IdempotencyKey, Registration
from events.operations import registering, repeating
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

KEY = "a-key-of-sixteen"


def claim(*, actor: Actor = ANONYMOUS, **other: object) -> repeating.Claim:
    wanted = {"method": "POST", "path": "/x/", "key": KEY, "body": b"{}", **other}
    return repeating.claim(actor=actor, **wanted)  # type: ignore[arg-type]


def register(event: Event, number: int = 1) -> repeating.Outcome:
    return repeating.Outcome(201, {"code": factories.register(event, number).code, "at": NOW})


def test_a_repeat_gets_the_same_answer_and_does_nothing() -> None:
    event = factories.event()

    first = repeating.once(claim=claim(), act=lambda: register(event), now=NOW)
    again = repeating.once(claim=claim(), act=lambda: register(event), now=NOW)

    assert first == repeating.Outcome(201, {"code": Registration.objects.get().code, "at": "2026-10-01T03:00:00Z"})
    assert again == repeating.Outcome(first.status, first.body, is_replay=True)


def test_the_answer_is_kept_when_its_subject_changed_since() -> None:
    event = factories.event()
    first = repeating.once(claim=claim(), act=lambda: register(event), now=NOW)
    registering.cancel(registration=Registration.objects.get(), actor=ANONYMOUS, now=NOW)

    assert repeating.once(claim=claim(), act=lambda: register(event), now=NOW).body == first.body


def test_another_body_under_the_same_key_is_refused_and_changes_nothing() -> None:
    event = factories.event()
    repeating.once(claim=claim(), act=lambda: register(event), now=NOW)

    for asked in (lambda: repeating.once(claim=claim(body=b"{ }"), act=lambda: register(event, 2), now=NOW),
                  lambda: repeating.replay(claim=claim(body=b"{ }"))):  # fmt: skip
        with pytest.raises(repeating.KeyReused) as refusal:
            asked()

    assert (refusal.value.status, Registration.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"actor": Actor(kind="key", key_id=1)},
        {"actor": Actor(kind="person", person_id=1)},
        {"method": "PUT"},
        {"path": "/y/"},
        {"key": "another-key-of-ours"},
    ],
)
def test_another_principal_method_path_or_key_is_another_request(other: dict[str, object]) -> None:
    event = factories.event()
    repeating.once(claim=claim(), act=lambda: register(event), now=NOW)

    outcome = repeating.once(claim=claim(**other), act=lambda: register(event, 2), now=NOW)  # type: ignore[arg-type]

    assert (outcome.is_replay, Registration.objects.count()) == (False, 2)


def test_a_refusal_is_not_kept_so_a_later_try_may_succeed() -> None:
    event = factories.event(capacity=1)
    blocking = factories.register(event, 9)

    with pytest.raises(registering.EventFull):
        repeating.once(claim=claim(), act=lambda: register(event), now=NOW)
    assert IdempotencyKey.objects.count() == 0
    registering.cancel(registration=blocking, actor=ANONYMOUS, now=NOW)

    assert repeating.once(claim=claim(), act=lambda: register(event), now=NOW).status == 201


def test_a_refusal_inside_a_claimed_request_writes_nothing_at_all() -> None:
    event = factories.event(capacity=5)
    factories.register(event, 1)

    with pytest.raises(registering.AlreadyRegistered):
        repeating.once(claim=claim(), act=lambda: register(event, 1), now=NOW)

    assert (event.pools.get().taken, IdempotencyKey.objects.count()) == (1, 0)


@pytest.mark.parametrize("key", ["", "fifteen-letters", "x" * 256, "a-key-with-\x00-zero", "a-key-with-\n-line"])
def test_a_key_that_is_guessable_or_unprintable_is_refused(key: str) -> None:
    with pytest.raises(repeating.KeyTooShort) as refusal:
        claim(key=key)

    assert (refusal.value.status, refusal.value.field) == (400, "Idempotency-Key")


def test_without_a_key_it_is_done_each_time() -> None:
    event = factories.event()

    for number in (1, 2):
        repeating.once(claim=None, act=lambda number=number: register(event, number), now=NOW)

    assert (Registration.objects.count(), repeating.replay(claim=None)) == (2, None)


def test_an_earlier_answer_can_be_asked_for_without_acting() -> None:
    event = factories.event()
    assert repeating.replay(claim=claim()) is None
    first = repeating.once(claim=claim(), act=lambda: register(event), now=NOW)

    assert repeating.replay(claim=claim()) == repeating.Outcome(201, first.body, is_replay=True)


def test_keys_are_kept_for_a_day_and_then_forgotten() -> None:
    event = factories.event()
    repeating.once(claim=claim(), act=lambda: register(event), now=NOW)

    assert repeating.forget_old_keys(now=NOW + timedelta(hours=24)) == 0
    assert repeating.forget_old_keys(now=NOW + timedelta(hours=24, seconds=1)) == 1


def test_nothing_readable_is_stored_of_the_key_itself() -> None:
    repeating.once(claim=claim(), act=lambda: repeating.Outcome(200, {}), now=NOW)

    assert KEY not in str(IdempotencyKey.objects.values().get())
