"""What the locks cost: the hub's statements in PostgreSQL without slices, with them, and with both locks.

======= =======================================================================
open    as the database's owner, and written without any predicate of a slice
slices  as the owner, as the read engine writes it for the role
both    with the role's own login and its settings, under row-level security
======= =======================================================================

The three ask the same, but where the slice itself answers the question (a contractor's people), the open
one finds more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import Any, Final

import asyncpg
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.read.asking import compiled, engine_of, viewer_of
from benchmarks.read.cases import Case, Client, Draw
from benchmarks.read.cpu import thread_seconds
from benchmarks.read.documents import PLACED, placed_variables
from benchmarks.read.stage import Say, Stage
from hub.access.policies import setting
from hub.read.asker import MAX_BYTES, SETTINGS, scoped
from hub.read.leaves import Request, viewer_values
from hub.read.operation import Invalid
from hub.read.planner import arguments_of
from hub.read.run import Engine
from hub.read.sql import Statement, Writer
from hub.store.database import Connection

CASES: Final = 60
LEAST_TIMES: Final = 8
"""Executions before a round may end: PostgreSQL chooses a generic plan after five."""


class Open(Writer):
    """Writes the statement as if everybody might see everything."""

    def visible(self, row: Any, reached_from: str | None = None) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Variant:
    """A statement and its parameters of every case; ``reader``: whose login runs it, or None: the owner's."""

    name: str
    reader: str | None
    text: str
    given: list[list[Any]]
    planned: bool


def askers(workload: str, case: Case, draw: Draw) -> dict[str, Client]:
    """Who may ask the question, by role, each so that what is asked lies in his part."""
    world = draw.world
    if workload == "Q2":
        [county] = [c for c in world.counties if case.values["township"] in c.townships]
        township = case.values["township"]
    else:
        [county] = [c for c in world.counties if c.code == case.values["county"]]
        township = county.townships[0]
    contractor = case.client.organisation_id or 1 + county.first_contract * 7 % world.contractors
    return {
        "bureau": Client("bureau", f"{county.code}000000"),
        "township": Client("township", township),
        "contractor": Client("contractor", organisation_id=contractor),
        "agency": Client("agency", f"{county.code}000000"),
    }


async def measure(
    stage: Stage, workloads: tuple[str, ...], clients: int, rounds: int, seconds: float, say: Say
) -> list[dict[str, Any]]:
    """CPU of PostgreSQL for one statement in milliseconds, medians of rounds, by workload and role."""
    engine = engine_of(stage.database, stage.vault)
    draw = Draw(stage.world, stage.vault, clients)
    found = []
    for workload in workloads:
        cases = draw.cases(workload, CASES)
        for role in ("bureau", "township", "contractor", "agency"):
            try:
                variants = await _variants(engine, workload, role, cases, draw)
            except Invalid:
                continue  # the role's schema has not what is asked
            spent: dict[str, list[float]] = {v.name: [] for v in variants}
            for _ in range(rounds):
                for variant in variants:
                    spent[variant.name].append(await _spent(stage, variant, seconds))
            found.append(_entry(workload, role, {name: median(each) for name, each in spent.items()}))
            say(f"{workload} {role}: " + ", ".join(f"{n} {median(s):.3f} ms" for n, s in spent.items()))
    return found


def _entry(workload: str, role: str, spent: Mapping[str, float]) -> dict[str, Any]:
    opened, slices, both = spent["open"], spent["slices"], spent["both"]
    return {
        "workload": workload,
        "role": role,
        "open_ms": round(opened, 4),
        "slices_ms": round(slices, 4),
        "both_ms": round(both, 4),
        "slices_add_percent": round((slices / opened - 1) * 100, 1),
        "row_level_security_adds_percent": round((both / slices - 1) * 100, 1),
    }


async def _variants(
    engine: Engine, workload: str, role: str, cases: Sequence[Case], draw: Draw
) -> list[Variant]:
    texts: dict[str, str] = {}
    given: dict[str, list[list[Any]]] = {"open": [], "slices": [], "both": []}
    planned = False
    for case in cases:
        asker = askers(workload, case, draw)[role]
        viewer = viewer_of(asker)
        names = SETTINGS[viewer.reader]
        _, values, way = compiled(engine, viewer, PLACED[workload], placed_variables(workload, case, asker))
        held = await engine.live.of(viewer.organisation_id, draw.today)
        theirs = viewer_values(viewer, held, draw.today)
        request = Request(arguments_of(way.plan, values), theirs, engine.vault, engine.nonce, draw.today)
        unlocked: Statement = Open(viewer.capability).statement(way.plan)
        sliced = [param.read(request) for param in way.statement.params]
        given["open"].append([param.read(request) for param in unlocked.params])
        given["slices"].append(sliced)
        given["both"].append([*sliced, *(setting(theirs[name]) for name in names)])
        texts["open"], texts["slices"] = unlocked.text, way.statement.text
        texts["both"] = scoped(way.statement.text, len(sliced), names, MAX_BYTES)
        planned = planned or await engine.asker.planned(way.statement, theirs)
    return [
        Variant(name, viewer.reader if name == "both" else None, texts[name], given[name], planned)
        for name in given
    ]


async def _spent(stage: Stage, variant: Variant, seconds: float) -> float:
    """The owner plans as the role's login does."""
    database, planned = stage.database, variant.planned
    pool = await database.reader(variant.reader, planned=planned) if variant.reader else database.owner
    async with pool.acquire() as connection:
        if not variant.reader:
            mode = "force_custom_plan" if planned else "force_generic_plan"
            await connection.execute(f"set plan_cache_mode = {mode}")
        return await _repeated(connection, variant, seconds)


async def _repeated(connection: Connection, variant: Variant, seconds: float) -> float:
    """CPU milliseconds of one execution, of as many as ``seconds`` hold."""
    backend = connection.get_server_pid()
    statement: asyncpg.prepared_stmt.PreparedStatement[Any] = await connection.prepare(variant.text)
    given = cycle(variant.given)
    for _ in range(LEAST_TIMES):
        await statement.fetchval(*next(given))
    count, began, before = 0, time.perf_counter(), thread_seconds(backend)
    while count < LEAST_TIMES or time.perf_counter() - began < seconds:
        await statement.fetchval(*next(given))
        count += 1
    return (thread_seconds(backend) - before) / count * 1000


def show(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    table = Table(
        *("", "role", "open ms", "slices ms", "both ms", "slices add", "row-level security adds"),
        box=SIMPLE,
        title="CPU of PostgreSQL for one statement",
    )
    for row in found:
        *first, slices, second = row.values()
        table.add_row(*(str(value) for value in first), f"{slices} %", f"{second} %")
    console.print(table)
