"""What a run found: a table to read and JSON to keep."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import processes
from bench.measuring import Series

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One target in one case."""

    case: str
    target: str
    per_second: float
    cpu_ms: float
    spread: float
    p50_ms: float
    p95_ms: float
    statements: int | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio, and what it shall be: at least, or at most."""

    name: str
    value: float
    bound: float
    at_most: bool = False

    @property
    def sign(self) -> str:
        return "<=" if self.at_most else ">="

    @property
    def is_met(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound


@dataclass(slots=True)
class Report:
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, target: str, found: Series, statements: int | None = None) -> None:
        self.rows.append(
            Row(
                case, target, found.per_second(), found.cpu(), found.spread(),
                found.milliseconds(0.5), found.milliseconds(0.95), statements,
            )
        )  # fmt: skip

    def goal(self, name: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
        if least is not None:
            self.goals.append(Goal(name, value, least))
        if most is not None:
            self.goals.append(Goal(name, value, most, at_most=True))

    def text(self) -> str:
        rows = [
            [
                row.case, row.target, f"{row.per_second:,.1f}", f"{row.cpu_ms:.3f}", f"{row.spread:.2f}",
                f"{row.p50_ms:.1f}", f"{row.p95_ms:.1f}", "" if row.statements is None else str(row.statements),
            ]
            for row in self.rows
        ]  # fmt: skip
        goals = [
            [
                goal.name,
                f"{goal.value:.3f}",
                f"{goal.sign} {goal.bound:g}",
                "yes" if goal.is_met else "NO",
            ]
            for goal in self.goals
        ]
        parts = [
            _table(["case", "target", "req/s", "CPU ms", "spread", "p50 ms", "p95 ms", "SQL"], rows),
            _table(["ratio", "value", "goal", "reached"], goals),
            "\n".join(self.notes),
        ]
        return "\n\n".join(part for part in parts if part)

    def save(self, *, name: str, options: dict[str, Any]) -> Path:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.json"
        found = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": processes.machine(),
            "options": options,
            "rows": [asdict(row) for row in self.rows],
            "goals": [asdict(goal) | {"is_met": goal.is_met} for goal in self.goals],
            "notes": self.notes,
        }
        path.write_text(json.dumps(_rounded(found), indent=1, ensure_ascii=False) + "\n")
        return path


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, *rows]
    if len(lines) == 1:
        return ""
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([drawn[0], rule, *drawn[1:]])
