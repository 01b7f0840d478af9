"""The table of allowed transitions is one: in code, in the docs, in the database."""

import re
from pathlib import Path

from events.models import HOLDING, LIVE, TRANSITIONS, Registration

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "seats.md"


def documented() -> dict[tuple[str, str], str]:
    """(from, to) and what happens to the seat, as docs/seats.md says it."""
    section = DOCS.read_text().partition("## What a registration may become")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ") and "`" in line]
    return {
        (was, became): seat.strip()
        for came, went, _by, seat in rows
        for was in re.findall(r"`(\w+)`", came) or [""]
        for became in re.findall(r"`(\w+)`", went)
    }


def test_the_docs_say_what_the_code_allows() -> None:
    allowed = {(was, became) for was, targets in TRANSITIONS.items() for became in targets}

    assert set(documented()) == allowed


def test_the_docs_say_what_happens_to_the_seat() -> None:
    ways = [(was, became) for was, targets in TRANSITIONS.items() for became in targets]
    seats = {way: (way[1] in HOLDING) - (way[0] in HOLDING) for way in ways}

    assert {way: {"+1": 1, "-1": -1, "none": 0}[seat] for way, seat in documented().items()} == seats


def test_every_state_is_in_the_table_and_only_live_ones_go_on() -> None:
    assert set(TRANSITIONS) == {"", *Registration.Status.values}
    assert {was for was, targets in TRANSITIONS.items() if targets} == {"", *LIVE}
