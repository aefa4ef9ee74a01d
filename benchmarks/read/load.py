"""The load: a process of its own that keeps a number of connections busy and times every answer.

Requests are bytes made beforehand; an answer is read with a search for its length, never parsed. What it
looks for in every answer is the status 200 and that no member ``errors`` is there.
"""

from __future__ import annotations

import asyncio
import pickle
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Final, cast

import uvloop

from benchmarks.read.cpu import processes, seconds_of

RAMP_SHARE: Final = 0.15
"""Of the time, before counting begins: with many connections the first answers all come at once."""
PATIENCE_SECONDS: Final = 30.0

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Job:
    """``app`` and ``database`` are the processes whose trees are charged; ``offset`` is where to begin."""

    port: int
    requests: list[bytes]
    concurrency: int
    seconds: float
    offset: int
    app: int
    database: int


@dataclass(frozen=True, slots=True)
class Counted:
    """CPU in seconds; latencies in seconds, sorted. ``failure``: the first answer that was none."""

    seconds: float
    latencies: list[float]
    app_cpu: float
    database_cpu: float
    load_cpu: float
    failure: str = ""


class Asker(asyncio.Protocol):
    """One connection: a request after every answer until ``stopped``."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.rest = b""
        self.sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(self.load.following())

    def data_received(self, data: bytes) -> None:
        answer = self.rest + data if self.rest else data
        if not whole(answer):
            self.rest = answer
            return
        self.load.took(time.perf_counter() - self.sent_at)
        self.rest = b""
        if not answer.startswith(b"HTTP/1.1 200") or b'"errors"' in answer:
            self.load.failed(answer.decode(errors="replace")[:2000])
        if self.load.stopped:
            self.transport.close()
        else:
            self.ask()

    def connection_lost(self, reason: Exception | None) -> None:
        if not self.load.stopped:
            self.load.failed(f"the connection was closed: {reason}")
        self.done.set_result(None)


@dataclass(slots=True)
class Load:
    following: Callable[[], bytes]
    latencies: list[float] = field(default_factory=list)
    stopped: bool = False
    failure: str = ""

    def took(self, seconds: float) -> None:
        self.latencies.append(seconds)

    def failed(self, reason: str) -> None:
        self.failure, self.stopped = self.failure or reason, True


def whole(answer: bytes) -> bool:
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    found = _LENGTH.search(answer, 0, head)
    if found is None:
        return answer.endswith(b"0\r\n\r\n")  # in chunks
    return len(answer) >= head + 4 + int(found[1])


async def measure(job: Job) -> Counted:
    load = Load(islice(cycle(job.requests), job.offset, None).__next__)
    loop = asyncio.get_running_loop()
    askers = [
        (await loop.create_connection(lambda: Asker(load), "127.0.0.1", job.port))[1]
        for _ in range(job.concurrency)
    ]
    await asyncio.sleep(job.seconds * RAMP_SHARE)
    before, began = _cpu(job), time.perf_counter()
    load.latencies = []
    await asyncio.sleep(job.seconds)
    while len(load.latencies) < job.concurrency and not load.failure:  # a slow one is waited for
        if time.perf_counter() - began > job.seconds + PATIENCE_SECONDS:
            load.failed("no answers in time")
        await asyncio.sleep(0.05)
    latencies, seconds, after = load.latencies, time.perf_counter() - began, _cpu(job)
    load.stopped = True
    await asyncio.wait([asker.done for asker in askers], timeout=PATIENCE_SECONDS)
    app, database, own = (b - a for a, b in zip(before, after, strict=True))
    return Counted(seconds, sorted(latencies), app, database, own, load.failure)


def _cpu(job: Job) -> tuple[float, float, float]:
    there = processes()
    return seconds_of(job.app, there), seconds_of(job.database, there), time.process_time()


def serve() -> None:
    """Work off the jobs of standard input until it ends."""
    # By its real name, for the other process knows it so.
    from benchmarks.read import load

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        while True:
            try:
                job = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            pickle.dump(runner.run(load.measure(job)), sys.stdout.buffer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its standard input
    serve()
