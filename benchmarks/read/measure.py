"""Interleaved rounds: each measures every workload with every contender, so that a slow minute hits all."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from statistics import median
from subprocess import PIPE, Popen
from typing import Final

from benchmarks.read.cases import Case
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.load import Counted, Job
from benchmarks.read.stage import Say

WARM_UP_CONNECTIONS: Final = 16
STRIDE: Final = 137
"""Cases from where one measurement begins to where the next one does."""


class Failed(Exception):
    """A contender gave an answer that is none, under load."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one measurement, or the medians of several; CPU is that of one request."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    app_cpu_ms: float
    database_cpu_ms: float
    load_cpu_ms: float


@dataclass(frozen=True, slots=True)
class Cell:
    workload: str
    contender: str
    concurrency: int


Measured = dict[Cell, list[Figures]]


@dataclass(slots=True)
class Bench:
    """``pids``: the contenders' processes by name. ``load``: the process that makes the load."""

    contenders: Sequence[Contender]
    pids: Mapping[str, int]
    asked: Mapping[str, list[Case]]
    postmaster: int
    load: Popen[bytes]
    say: Say
    begun: int = field(default=0)

    async def warm_up(self, seconds: float) -> None:
        for workload in self.asked:
            for contender in self.contenders:
                await self.cells(workload, contender, (WARM_UP_CONNECTIONS,), seconds)

    async def rounds(self, count: int, concurrency: Sequence[int], seconds: float) -> Measured:
        measured: Measured = {}
        for number in range(1, count + 1):
            for workload in self.asked:
                for contender in self.contenders:
                    found = await self.cells(workload, contender, concurrency, seconds)
                    for cell, figures in found.items():
                        measured.setdefault(cell, []).append(figures)
                    rates = ", ".join(f"{f.requests_per_second:,.0f}/s" for f in found.values())
                    self.say(f"round {number} of {count}: {workload} {contender.name:<12} {rates}")
        return measured

    async def cells(
        self, workload: str, contender: Contender, concurrency: Sequence[int], seconds: float
    ) -> dict[Cell, Figures]:
        requests = await contender.requests(workload, self.asked[workload])
        found = {}
        for connections in concurrency:
            self.begun += 1
            offset = self.begun * STRIDE % len(requests)
            pid = self.pids[contender.name]
            job = Job(contender.port, requests, connections, seconds, offset, pid, self.postmaster)
            counted = await asyncio.to_thread(counted_by, self.load, job)
            if counted.failure:
                raise Failed(f"{workload}, {contender.name}: {counted.failure}")
            found[Cell(workload, contender.name, connections)] = figures_of(counted)
        return found


def counted_by(load: Popen[bytes], job: Job) -> Counted:
    assert load.stdin is not None
    assert load.stdout is not None
    pickle.dump(job, load.stdin)
    load.stdin.flush()
    counted: Counted = pickle.load(load.stdout)
    return counted


def figures_of(counted: Counted) -> Figures:
    count = len(counted.latencies)
    each = 1000 / count
    return Figures(
        requests_per_second=count / counted.seconds,
        p50_ms=counted.latencies[count // 2] * 1000,
        p99_ms=counted.latencies[count * 99 // 100] * 1000,
        app_cpu_ms=counted.app_cpu * each,
        database_cpu_ms=counted.database_cpu * each,
        load_cpu_ms=counted.load_cpu * each,
    )


def medians(measured: Measured) -> dict[Cell, Figures]:
    return {
        cell: Figures(*map(median, zip(*map(astuple, figures), strict=True)))
        for cell, figures in measured.items()
    }


@contextmanager
def load_process() -> Iterator[Popen[bytes]]:
    """The process that makes the load; it ends when its standard input does."""
    with Popen([sys.executable, "-m", "benchmarks.read.load"], stdin=PIPE, stdout=PIPE) as process:
        yield process
