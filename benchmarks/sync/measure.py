"""One case of one contender: its process is started, told to go, and read off before it ends."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.read.cpu import processes, seconds_of
from benchmarks.sync.contenders.contender import Contender, Different
from benchmarks.sync.server import Server, written
from benchmarks.sync.source import Source

DELIVERED: Final = {"first": "first", "unchanged": "first", "one_percent": "changed"}
"""The delivery each case is about."""
LINES: Final = 12
"""Of what a contender says that gives up."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of CPU and of the clock; ``rows_written`` are rows that stand as the case wrote them."""

    process_cpu_s: float
    database_cpu_s: float
    seconds: float
    wal_bytes: int
    peak_memory_mb: float
    rows_written: int
    upkeep_cpu_s: float

    @property
    def cpu_s(self) -> float:
        return self.process_cpu_s + self.database_cpu_s


async def measure(contender: Contender, case: str, source: Source, server: Server, limit: float) -> Figures:
    """``limit``: seconds after which the contender is ended. Raises ``Different``."""
    delivery = DELIVERED[case]
    job = contender.job(source.csv[delivery], source.ready[delivery])
    said = contender.directory / "log"
    command = [*contender.command(), json.dumps(job)]
    async with _process(command, contender.environment(), said) as process:
        await _line(process, limit, said)
        await server.settle()
        since, log = await server.transaction(), await server.log_bytes()
        pid, begun = process.pid, time.perf_counter()
        database_cpu, process_cpu = server.cpu(), seconds_of(pid, processes())
        _tell(process)
        answer = await _line(process, limit, said)
        seconds = time.perf_counter() - begun
        process_cpu = seconds_of(pid, processes()) - process_cpu
        database_cpu = server.cpu() - database_cpu
        log = await server.log_bytes() - log
        peak = _peak_mb(pid)
        _tell(process)
        await process.wait()
    rows = await _checked(contender, case, json.loads(answer), source, server, since)
    upkeep = await server.upkeep(contender.name)
    return Figures(process_cpu, database_cpu, seconds, log, peak, rows, upkeep)


@asynccontextmanager
async def _process(
    command: list[str], environment: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=errors, env={**kept, **environment}
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-LINES:])


def _tell(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


async def _line(process: asyncio.subprocess.Process, limit: float, log: Path) -> bytes:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(limit):
            line = await process.stdout.readline()
            status = None if line else await process.wait()
    except TimeoutError:
        raise Different(f"a contender took more than {limit:,.0f} s") from None
    if status is not None:
        raise Different(f"a contender ended with {status}:\n{_last_words(log)}")
    return line


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    [line] = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


async def _checked(
    contender: Contender, case: str, answer: Any, source: Source, server: Server, since: int
) -> int:
    sample = source.sample[DELIVERED[case]]
    async with server.inside(contender.name) as connection:
        rows = await written(connection, contender.tables, since)
        wanted = contender.rows(case, source)
        if rows not in wanted:
            raise Different(f"{contender.name}, {case}: {rows} rows written, not {wanted[0]} to {wanted[-1]}")
        stored, expected = await contender.stored(connection, sample), contender.expected(sample)
        for key in sample:
            if stored.get(key) != expected.get(key):
                raise Different(f"{contender.name}, {case}: {stored.get(key)} instead of {expected.get(key)}")
        await contender.check(connection, case, answer, source)
    return rows
