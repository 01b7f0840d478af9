"""How benchmarks measure: in turns, by medians of rounds, whole trees of processes, unexpected answers refused."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from bench import load, processes
from bench.load import Outcome
from bench.measuring import Series, Turn, in_turns, share, throughput
from bench.registering import Door, Supply
from bench.report import Report


def turn(*, cpu: float, seconds: float = 1.0, answers: int = 10) -> Turn:
    return Turn(answers=answers, seconds=seconds, cpu_ms=cpu * answers, took=[seconds / answers] * answers)


def test_every_round_starts_with_another_target() -> None:
    order: list[str] = []

    def noted(name: str) -> Turn:
        order.append(name)
        return turn(cpu=1)

    found = in_turns({"a": lambda: noted("a"), "b": lambda: noted("b")}, rounds=3)

    assert order == ["a", "b", "b", "a", "a", "b"]
    assert {name: len(series.turns) for name, series in found.items()} == {"a": 3, "b": 3}


def test_a_share_compares_rounds_so_that_a_noisy_one_does_not_count() -> None:
    floor = Series([turn(cpu=1), turn(cpu=1), turn(cpu=9)])
    ours = Series([turn(cpu=2), turn(cpu=2), turn(cpu=9)])

    assert share(floor, ours) == 0.5


def test_throughput_is_answers_in_a_second_as_a_part_of_the_floors() -> None:
    floor, ours = Series([turn(cpu=1, seconds=1)]), Series([turn(cpu=1, seconds=4)])

    assert throughput(floor, ours) == 0.25


def test_processor_time_counts_children_that_have_ended_and_leaves_out_what_is_named() -> None:
    before = processes.cpu_ms([os.getpid()])

    subprocess.run([sys.executable, "-c", "sum(i * i for i in range(3_000_000))"], check=True)

    assert processes.cpu_ms([os.getpid()]) - before > 0
    assert processes.cpu_ms([os.getpid()], besides=[os.getpid()]) == 0


def test_a_turn_with_an_unexpected_answer_ends_the_run() -> None:
    statuses = Counter({201: 199, 500: 1})
    door = Door(lambda attempts: (turn(cpu=1), Outcome(statuses=statuses)), Supply())

    with pytest.raises(RuntimeError, match="500: 1"):
        door.hot()


def test_nobody_registers_twice_and_hot_events_are_new() -> None:
    supply = Supply()

    people = [*supply.people(2), *supply.people(2)]

    assert people == [f"person{number}@example.org" for number in range(4)]
    assert supply.event() != supply.event()


@pytest.mark.parametrize(
    ("value", "limits", "is_met"),
    [
        (0.5, {"least": 0.5}, True),
        (0.4, {"least": 0.5}, False),
        (1.3, {"most": 1.3}, True),
        (1.4, {"most": 1.3}, False),
    ],
)
def test_a_goal_says_whether_it_was_reached(value: float, limits: dict[str, float], is_met: bool) -> None:
    report = Report()

    report.goal("a ratio", value, **limits)

    assert [goal.is_met for goal in report.goals] == [is_met]


def test_an_answer_is_split_into_status_headers_and_body() -> None:
    answer = b'HTTP/1.1 304 Not Modified\r\nETag: "x:y"\r\nContent-Length: 0\r\n\r\nrest'

    assert load.split(answer) == (304, {"etag": '"x:y"', "content-length": "0"}, b"rest")
