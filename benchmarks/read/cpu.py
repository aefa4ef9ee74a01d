"""CPU time of a process and all below it, also of children that have ended, from ``/proc``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
PARENT, TIMES = 1, slice(11, 15)
"""Places behind the command's closing bracket: utime and stime, its own and of children waited for."""


class Process(NamedTuple):
    parent: int
    seconds: float


def processes() -> dict[int, Process]:
    """Every process there is, by its number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        found[int(path.parent.name)] = Process(int(fields[PARENT]), sum(map(int, fields[TIMES])) * TICK)
    return found


def seconds_of(root: int, among: dict[int, Process]) -> float:
    """User and system time of the tree. A child that ends is charged to its parent from then on."""
    below: dict[int, list[int]] = {}
    for pid, process in among.items():
        below.setdefault(process.parent, []).append(pid)
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += among[pid].seconds if pid in among else 0.0
        waiting += below.get(pid, [])
    return total


def thread_seconds(pid: int) -> float:
    """Of a process's main thread, to the nanosecond; PostgreSQL's processes have one thread."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
