"""A few of the faults of `make receivers`, in each run of the suite; and a worker that takes silence for an answer."""

from pathlib import Path

import pytest
from django.db import connection

from tests.faults import receiving

pytestmark = pytest.mark.django_db(transaction=True)


def test_whatever_receivers_do_every_message_arrives(tmp_path: Path) -> None:
    tally = receiving.run(faults=60, folder=tmp_path)

    assert (tally.lost, tally.wrong) == (0, [])
    assert tally.faults.total() >= 60
    assert tally.repeats <= tally.faults.total()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="faults: one control is enough, on SQLite")
def test_a_worker_that_takes_silence_for_an_answer_loses_some(tmp_path: Path) -> None:
    assert receiving.run(faults=40, folder=tmp_path, forgets=True).lost
