"""Wrong guesses by everybody at once are counted to the last one. The control shows how some are lost."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from events.models import Guess
from events.operations import guessing
from tests.factories import NOW
from tests.races.crowd import rush

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, TIMES = 16, 5


def guess(*, is_inside: bool) -> None:
    if is_inside:
        with transaction.atomic():
            guessing.count(what="code", who="192.0.2.1", now=NOW)
    else:
        guessing.count(what="code", who="192.0.2.1", now=NOW)


def everybody_guesses(*, is_inside: bool) -> list[int]:
    """How many were counted, for each hour: one number."""

    def act(_client: int) -> list[None]:
        return [guess(is_inside=is_inside) for _time in range(TIMES)]

    assert len(rush(act, clients=CLIENTS)) == CLIENTS * TIMES
    return list(Guess.objects.values_list("count", flat=True))


@pytest.mark.parametrize("is_inside", [False, True])
def test_sixteen_who_guess_five_times_each_are_counted_eighty_times(is_inside: bool) -> None:
    assert everybody_guesses(is_inside=is_inside) == [80]


def test_of_attempts_that_are_allowed_five_times_five_are_however_many_are_made_at_once() -> None:
    def act(_client: int) -> list[bool]:
        asked = {"what": "sign-in-mail", "who": "mina@example.org", "most": 5, "every": timedelta(minutes=15)}
        return [guessing.allowed(**asked, now=NOW) for _time in range(TIMES)]  # type: ignore[arg-type]

    assert sum(rush(act, clients=CLIENTS)) == 5


def test_control_a_count_that_is_read_and_written_back_loses_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    def write_back(scope: str, window: datetime) -> bool:
        row = Guess.objects.filter(scope=scope, window=window).first()
        if row is None:
            return False
        time.sleep(0.002)
        return Guess.objects.filter(pk=row.pk).update(count=row.count + 1) == 1

    monkeypatch.setattr(guessing, "_raised", write_back)

    (counted,) = everybody_guesses(is_inside=False)

    assert 0 < counted < 80
