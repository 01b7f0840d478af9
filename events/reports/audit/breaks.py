"""What the auditor finds: one invariant that does not hold, with the two sides that should be equal."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Break:
    """An invariant that does not hold: its letter (docs/seats.md), the rule that saw it, the row, what is wrong."""

    invariant: str
    rule: str
    row: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.rule}: {self.row}: {self.detail}"


def sides(both: dict[str, Any]) -> str:
    """What should be equal, side by side."""
    return ", ".join(f"{name} {value}" for name, value in both.items())
