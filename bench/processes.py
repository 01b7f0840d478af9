"""What processes cost, read from the kernel: processor time of whole trees, and memory."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

TICKS_PER_MS = os.sysconf("SC_CLK_TCK") / 1000
PROC = Path("/proc")


def tree(root: int) -> set[int]:
    """The process and everything below it that is alive."""
    children: dict[int, list[int]] = {}
    for pid in _all_pids():
        fields = _stat(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting.extend(children.get(pid, []))
    return found


def children(pid: int) -> list[int]:
    return sorted(other for other in _all_pids() if (fields := _stat(other)) and int(fields[1]) == pid)


def cpu_ms(roots: Collection[int], *, besides: Collection[int] = ()) -> float:
    """Processor milliseconds of these trees since their start, without the processes in `besides`.

    A process that has ended is in its parent's figures (proc(5): cutime, cstime), so nothing is lost or counted twice.
    """
    pids = set().union(*(tree(root) for root in roots)) - set(besides)
    ticks = sum(sum(map(int, fields[11:15])) for fields in map(_stat, pids) if fields)
    return ticks / TICKS_PER_MS


def rss_mib(pid: int) -> float:
    """Resident memory, as the kernel counts it now."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} says nothing of its memory")


def machine() -> str:
    """The class of machine, without its name."""
    models = [
        line.partition(":")[2].strip() for line in (PROC / "cpuinfo").read_text().splitlines() if "model name" in line
    ]
    memory = int((PROC / "meminfo").read_text().split()[1]) / 1024 / 1024
    return f"{os.cpu_count()} x {models[0] if models else os.uname().machine}, {memory:.0f} GiB"


def _all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str] | None:
    """Fields 3 and on: the name in field 2 may hold spaces and brackets. None: it ended meanwhile."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
