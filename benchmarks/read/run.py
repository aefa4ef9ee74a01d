"""A run from its data set to its report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from rich.console import Console

from benchmarks.read import report
from benchmarks.read.cases import Case, Draw
from benchmarks.read.check import check
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.contenders.registry import CONTENDERS
from benchmarks.read.measure import Bench, Measured, load_process
from benchmarks.read.options import Options
from benchmarks.read.stage import Say, Stage, opened
from benchmarks.read.world import build


async def run(options: Options, console: Console) -> dict[str, Any]:
    """What the JSON file holds; see ``benchmarks/README.md``."""

    def say(text: str) -> None:
        console.print(text, highlight=False)

    async with opened(options.data, build(options.people, options.per_station), say) as stage:
        asked, skipped, contenders = await cast(options, stage, say)
        compared, measured = await contest(options, stage, contenders, asked, say)
        version = await stage.database.owner.fetchval("show server_version")
    report.show(console, measured)
    return {
        **report.results(measured),
        "run": {
            "people": stage.world.people,
            "stations": stage.world.stations,
            "contracts": stage.world.contracts,
            "rounds": options.rounds,
            "seconds": options.seconds,
            "concurrency": options.concurrency,
            "clients": options.clients,
            "answers_compared": compared,
            "skipped": skipped,
        },
        "facts": report.facts(contenders, version),
    }


async def cast(
    options: Options, stage: Stage, say: Say
) -> tuple[dict[str, list[Case]], dict[str, str], list[Contender]]:
    """What is asked, what is left out and why, and who answers."""
    contenders = [CONTENDERS[name](stage, options.port + i) for i, name in enumerate(options.contenders)]
    draw = Draw(stage.world, stage.vault, options.clients)
    asked, skipped = {}, {}
    for workload in options.workloads:
        reasons = [await contender.missing(workload) for contender in contenders]
        reason = next(filter(None, reasons), None)
        if reason is None:
            asked[workload] = draw.cases(workload)
        else:
            skipped[workload] = reason
            say(f"{workload} is skipped: {reason}")
    for contender in contenders:
        await contender.prepare([case for cases in asked.values() for case in cases])
    return asked, skipped, contenders


async def contest(
    options: Options,
    stage: Stage,
    contenders: list[Contender],
    asked: Mapping[str, list[Case]],
    say: Say,
) -> tuple[int, Measured]:
    """Answers compared, then everything measured, with all contenders up at once."""
    async with AsyncExitStack() as stack:
        pids = {c.name: await stack.enter_async_context(c.serving()) for c in contenders}
        compared = await check(contenders, asked)
        say(f"{compared} answers are equal; warming up")
        with load_process() as load:
            bench = Bench(contenders, pids, asked, stage.postmaster, load, say)
            await bench.warm_up(options.seconds)
            return compared, await bench.rounds(options.rounds, options.concurrency, options.seconds)
