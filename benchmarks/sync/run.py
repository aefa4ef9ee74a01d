"""A run from its records to its report: every case of every contender, one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.sync import report
from benchmarks.sync.contenders.registry import CONTENDERS
from benchmarks.sync.measure import DELIVERED, measure
from benchmarks.sync.options import Options
from benchmarks.sync.report import Measured
from benchmarks.sync.server import Server, opened
from benchmarks.sync.source import Say, Source, write


async def run(options: Options, console: Console) -> dict[str, Any]:
    """What the JSON file holds; see ``benchmarks/README.md``. Nothing else is left of the run."""

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    with _directory(options.data) as directory:
        async with opened(directory) as server:
            source = await _written(options, directory, server, say)
            measured = await _contest(options, directory, server, source, say)
            version = await server.connection.fetchval("show server_version")
    report.show(console, measured, options.rows)
    return report.results(measured, source, options, version)


@contextmanager
def _directory(data: Path) -> Iterator[Path]:
    """For the time of the run."""
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sync-", dir=data.resolve()) as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL may run as another user
        yield directory


async def _written(options: Options, directory: Path, server: Server, say: Say) -> Source:
    dsn = await server.database("ready")
    source = await write(directory, dsn, options.rows, options.seed, say)
    await server.drop("ready")
    return source


async def _contest(options: Options, directory: Path, server: Server, source: Source, say: Say) -> Measured:
    contenders = []
    for name in options.contenders:
        home = directory / name
        home.mkdir()
        contender = CONTENDERS[name](home, await server.database(name))
        await contender.prepare()
        contenders.append(contender)
    measured: Measured = {}
    for case in DELIVERED:
        for contender in contenders:
            say(f"{case}: {contender.name} …")
            found = await measure(contender, case, source, server, options.limit)
            say(f"{case}: {contender.name} {found.cpu_s:,.1f} s of CPU, {found.seconds:,.1f} s")
            measured[case, contender.name] = found
    return measured
