"""Guessing: wrong guesses are counted by who and about what, for an hour, and forgotten after a day (RULES 15)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from events.errors import DomainError, Invalid
from events.models import Guess
from events.models.tokens import digest
from events.operations import guessing, inviting
from tests.factories import HOUR, NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
WHO = {"what": "code", "who": "192.0.2.1"}


def guess(times: int, **fields: Any) -> None:
    for _time in range(times):
        guessing.count(**{**WHO, "now": NOW, **fields})


def is_refused(most: int, **fields: Any) -> bool:
    try:
        guessing.refuse_many(**{**WHO, "most": most, "now": NOW, **fields})
    except guessing.TooManyGuesses:
        return True
    return False


def rows() -> list[tuple[str, datetime, int]]:
    return list(Guess.objects.order_by("window", "scope").values_list("scope", "window", "count"))


def test_wrong_guesses_are_counted_without_saying_whose_they_were() -> None:
    guess(3, now=NOW + 59 * MINUTE)

    assert rows() == [(digest("code:192.0.2.1"), NOW, 3)]


@pytest.mark.parametrize(("wrong", "most", "refused"), [(0, 1, False), (1, 1, True), (4, 5, False), (5, 5, True),
                                                        (6, 5, True), (0, 0, True), (5, 2**31, False)])  # fmt: skip
def test_whoever_was_wrong_too_often_is_refused(wrong: int, most: int, refused: bool) -> None:
    guess(wrong)

    assert is_refused(most) is refused


def test_the_refusal_says_when_to_come_back() -> None:
    guess(1)

    with pytest.raises(guessing.TooManyGuesses) as refusal:
        guessing.refuse_many(**WHO, most=1, now=NOW)

    assert (refusal.value.code, refusal.value.status, refusal.value.retry_after) == ("too_many_guesses", 429, 3600)


def test_asking_counts_nothing() -> None:
    for _time in range(3):
        is_refused(5)

    assert rows() == []


@pytest.mark.parametrize("other", [{"what": "sign-in"}, {"who": "192.0.2.2"}, {"who": ""}, {"what": "", "who": ""}])
def test_others_and_other_secrets_are_counted_apart(other: dict[str, str]) -> None:
    guess(5)

    assert is_refused(5)
    assert not is_refused(1, **other)


def test_an_hour_begins_anew() -> None:
    guess(5, now=NOW + 59 * MINUTE)

    assert is_refused(5, now=NOW + HOUR - timedelta(microseconds=1))
    assert not is_refused(1, now=NOW + HOUR)


def test_the_hour_is_the_same_in_every_zone() -> None:
    moment = datetime(2026, 10, 1, 3, 10, tzinfo=UTC)
    for offset in (0, 5.5, 9, -3.5, 12.75):
        guess(1, now=moment.astimezone(timezone(timedelta(hours=offset))))

    assert rows() == [(digest("code:192.0.2.1"), NOW, 5)]


def test_a_guess_can_be_counted_inside_a_transaction() -> None:
    with transaction.atomic():
        guess(2)

    assert [number for _scope, _window, number in rows()] == [2]


def test_a_count_that_somebody_else_began_at_the_same_moment_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `count` meets when the row comes between its update and its insert; in a transaction, which must go on."""
    raised, seen = guessing._raised, []

    def come_between(scope: str, window: datetime) -> bool:
        found = raised(scope, window)
        if not seen:
            seen.append(found)
            Guess.objects.create(scope=scope, window=window, count=7)
        return found

    monkeypatch.setattr(guessing, "_raised", come_between)
    with transaction.atomic():
        guess(1)
        still_works = Guess.objects.count()

    assert (seen, still_works, [number for _scope, _window, number in rows()]) == ([False], 1, [8])


def test_the_database_keeps_one_row_for_an_hour() -> None:
    guess(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Guess.objects.create(scope=digest("code:192.0.2.1"), window=NOW, count=1)


def test_guesses_are_forgotten_after_a_day() -> None:
    for hours in (-26, -25, -24, -23, 0):
        guess(2, now=NOW + hours * HOUR)

    assert guessing.forget_old(now=NOW) == 2
    assert [window for _scope, window, _number in rows()] == [NOW - 24 * HOUR, NOW - 23 * HOUR, NOW]
    assert guessing.forget_old(now=NOW) == 0


def test_only_a_refusal_of_that_kind_counts_as_a_guess() -> None:
    def attempt(error: DomainError | None) -> str:
        try:
            with guessing.limited(**WHO, most=2, now=NOW, wrong=inviting.CodeRequired):
                if error:
                    raise error
        except DomainError as raised:
            return raised.code
        return ""

    tried: list[DomainError | None] = [None, Invalid(""), inviting.CodeRequired(""), inviting.CodeRequired(""), None]

    assert [attempt(error) for error in tried] == ["", "invalid", "code_required", "code_required", "too_many_guesses"]
    assert rows() == [(digest("code:192.0.2.1"), NOW, 2)]
