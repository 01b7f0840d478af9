"""A few of the kills of `make faults`, in each run of the suite; and a worker without an outbox, which is caught."""

from pathlib import Path

import pytest
from django.db import connection

from tests.faults import killing

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 8


def test_whoever_dies_nothing_is_lost_and_nothing_is_told_twice_but_on_the_wire(tmp_path: Path) -> None:
    tally = killing.run(kills=KILLS, folder=tmp_path)

    assert (tally.lost, tally.faults) == (0, [])
    assert tally.kills.total() >= KILLS
    assert tally.registered == tally.distinct > 0
    assert tally.repeats <= 3 * tally.kills.total()  # a worker sends with three threads
    assert tally.registered == tally.distinct_posts
    assert tally.posts - tally.distinct_posts <= tally.kills.total()  # one message is on its way to a webhook


@pytest.mark.skipif(connection.vendor != "sqlite", reason="faults: one control is enough, on SQLite")
def test_a_worker_that_is_done_before_the_mail_is_loses_some(tmp_path: Path) -> None:
    for attempt in range(5):  # where it dies is left to chance
        folder = tmp_path / str(attempt)
        folder.mkdir()
        if killing.run(kills=KILLS, folder=folder, forgets=True).lost:
            return
    pytest.fail("the control lost nothing: then the other test shows nothing")
