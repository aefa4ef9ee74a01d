"""A run from its data set to its report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from rich.console import Console

from benchmarks.read import growth, report
from benchmarks.read.cases import Case, Draw
from benchmarks.read.check import check
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.contenders.registry import CONTENDERS
from benchmarks.read.measure import Bench, Cell, Figures, Measured, load_process, medians
from benchmarks.read.options import Options
from benchmarks.read.stage import Say, Stage, opened
from benchmarks.read.world import build


async def run(options: Options, console: Console) -> dict[str, Any]:
    """What the JSON file holds; see ``benchmarks/README.md``."""

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    if options.growth:
        by_size = growth.summary(await grown(options, say))
        growth.show(console, by_size)
        return {"growth": by_size, "run": report.told(options)}
    async with opened(options.data, build(options.people, options.per_station), say) as stage:
        if options.locks or options.cold or options.costs or options.tokens:
            return await probed(options, stage, console, say)
        found = await contest(options, stage, say)
        report.show(console, found.pop("measured"))
        return found


async def probed(options: Options, stage: Stage, console: Console, say: Say) -> dict[str, Any]:
    """What is measured of the hub alone, without HTTP."""
    # Here, for they bring the hub's schemas, which take seconds to make.
    from benchmarks.read import cold, costs, locks, tokens

    found: dict[str, Any] = {"run": report.told(options, stage.world)}
    if options.locks:
        given = (options.workloads, options.clients, options.rounds, options.seconds)
        found["locks"] = await locks.measure(stage, *given, say)
        locks.show(console, found["locks"])
    if options.cold:
        found["cold"] = cold.measure(stage, options.workloads, options.clients)
        cold.show(console, found["cold"])
    if options.costs:
        found["costs"] = await costs.measure(stage)
        costs.show(console, found["costs"])
    if options.tokens:
        found["tokens"] = await tokens.measure(stage, options.rounds)
        tokens.show(console, found["tokens"])
    return found


async def grown(options: Options, say: Say) -> dict[int, Mapping[Cell, Figures]]:
    """The contest at one connection, over one data set after the other."""
    alone = replace(options, concurrency=(growth.ALONE,))
    found: dict[int, Mapping[Cell, Figures]] = {}
    for people in options.growth:
        async with opened(options.data, build(people, options.per_station), say) as stage:
            found[people] = medians((await contest(alone, stage, say))["measured"])
    return found


async def contest(options: Options, stage: Stage, say: Say) -> dict[str, Any]:
    """Answers compared, then everything measured, with all contenders up at once."""
    contenders = [CONTENDERS[name](stage, options.port + i) for i, name in enumerate(options.contenders)]
    draw = Draw(stage.world, stage.vault, options.clients)
    asked = {workload: draw.cases(workload) for workload in options.workloads}
    for contender in contenders:
        await contender.prepare([case for cases in asked.values() for case in cases])
    compared, measured = await measured_by(options, stage, contenders, asked, say)
    return {
        **report.results(measured),
        "run": {**report.told(options, stage.world), "answers_compared": compared},
        "facts": report.facts(contenders, await stage.database.owner.fetchval("show server_version")),
        "measured": measured,
    }


async def measured_by(
    options: Options,
    stage: Stage,
    contenders: list[Contender],
    asked: Mapping[str, list[Case]],
    say: Say,
) -> tuple[int, Measured]:
    async with AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as starting:
            up = {c.name: starting.create_task(stack.enter_async_context(c.serving())) for c in contenders}
        pids = {name: task.result() for name, task in up.items()}
        compared = await check(contenders, asked)
        say(f"{compared} answers are equal; warming up")
        with load_process() as load:
            bench = Bench(contenders, pids, asked, stage.postmaster, load, say)
            await bench.warm_up(options.seconds)
            return compared, await bench.rounds(options.rounds, options.concurrency, options.seconds)
