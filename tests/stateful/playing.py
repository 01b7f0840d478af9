"""How long random days are, and what is looked at after each step and at the end of each day."""

import os
from datetime import datetime

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from events.reports import audit
from events.reports.audit import people, seats

STEPS = int(os.environ.get("CALLBOARD_TEST_STEPS", "30"))
EXAMPLES = int(os.environ.get("CALLBOARD_TEST_EXAMPLES", "4"))
# What becomes true because time passes, or an event moves, is the worker's to see, within a minute.
LEFT_TO_THE_WORKER = ("offer-overdue", "idle-seat")


class Day(RuleBasedStateMachine):
    """A day that leaves nothing behind: it is one transaction, which is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.day = transaction.atomic()
        self.day.__enter__()

    def teardown(self) -> None:
        try:
            assert [found for found in audit.run() if found.rule not in LEFT_TO_THE_WORKER] == []
        finally:
            transaction.set_rollback(True)
            self.day.__exit__(None, None, None)


def play(machine: type[Day], *, examples: int = EXAMPLES) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def breaks(now: datetime) -> list[audit.Break]:
    """What the auditor finds among seats and people. Calendars and rooms are left for the end of the day."""
    rules = [rule for rule in audit.RULES if rule.__module__ in (people.__name__, seats.__name__)]
    return [found for rule in rules for found in rule(now) if found.rule not in LEFT_TO_THE_WORKER]
