"""Measure several targets in turns, A B A B, round by round, and keep the medians."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from statistics import median

from bench import processes
from bench.load import Outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """One round of one target."""

    answers: int
    seconds: float
    cpu_ms: float
    took: list[float]

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu_ms / self.answers


@dataclass(slots=True)
class Series:
    """All rounds of one target."""

    turns: list[Turn] = field(default_factory=list)

    def per_second(self) -> float:
        return median(turn.per_second for turn in self.turns)

    def cpu(self) -> float:
        return median(turn.cpu_each for turn in self.turns)

    def spread(self) -> float:
        """Largest through smallest processor time of a round: what noise did."""
        costs = [turn.cpu_each for turn in self.turns]
        return max(costs) / min(costs) if min(costs) else float("inf")

    def milliseconds(self, share: float) -> float:
        """The quantile of all answers of all rounds."""
        took = sorted(seconds for turn in self.turns for seconds in turn.took)
        return took[min(int(len(took) * share), len(took) - 1)] * 1000


Target = Callable[[], Turn]


def in_turns(targets: Mapping[str, Target], *, rounds: int) -> dict[str, Series]:
    """Every round starts with another target, so that none is always the one after the noisy neighbour."""
    names = list(targets)
    found = {name: Series() for name in names}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].turns.append(targets[name]())
    return found


def metered(
    send: Callable[[], Outcome], *, roots: Collection[int], besides: Collection[int] = ()
) -> tuple[Turn, Outcome]:
    """What these answers cost the trees of processes below `roots`."""
    before = processes.cpu_ms(roots, besides=besides)
    outcome = send()
    cpu = processes.cpu_ms(roots, besides=besides) - before
    return Turn(outcome.answers, outcome.seconds, cpu, outcome.took), outcome


def share(floor: Series, ours: Series) -> float:
    """Our speed as a part of the floor's, by processor time: the median of what each round says."""
    return median(low.cpu_each / own.cpu_each for low, own in zip(floor.turns, ours.turns, strict=True))


def throughput(floor: Series, ours: Series) -> float:
    """The same by answers in a second."""
    return median(own.per_second / low.per_second for low, own in zip(floor.turns, ours.turns, strict=True))
