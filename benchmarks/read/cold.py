"""A document never seen: from its text to its statement, beside graphql-core's parse and validate."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any, Final

from graphql import parse, validate
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.read.asking import compiled, engine_of, viewer_of
from benchmarks.read.cases import Case, Draw
from benchmarks.read.documents import DOCUMENTS, VARIABLES
from benchmarks.read.stage import Stage
from graphql_schema.schema import audience
from hub.read.run import Engine

TIMES: Final = 60


def measure(stage: Stage, workloads: tuple[str, ...], clients: int) -> dict[str, dict[str, float]]:
    """Milliseconds by workload, medians of documents that differ in the operation's name."""
    engine = engine_of(stage.database, stage.vault)
    draw = Draw(stage.world, stage.vault, clients)
    return {name: _one(engine, name, draw.cases(name, 1)[0]) for name in workloads}


def _one(engine: Engine, workload: str, case: Case) -> dict[str, float]:
    viewer, variables = viewer_of(case.client), VARIABLES[workload](case.values)
    schema = audience(viewer.capability)
    numbers = count()

    def document() -> str:
        return DOCUMENTS[workload].replace(f"query {workload}", f"query {workload}n{next(numbers)}")

    def by_hub() -> object:
        return compiled(engine, viewer, document(), variables)

    def by_graphql_core() -> object:
        return validate(schema, parse(document()))

    ours, theirs = [], []
    for _ in range(TIMES):
        ours.append(_milliseconds(by_hub))
        theirs.append(_milliseconds(by_graphql_core))
    hub, core = median(ours), median(theirs)
    return {"hub_ms": round(hub, 3), "graphql_core_ms": round(core, 3), "ratio": round(hub / core, 3)}


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def show(console: Console, found: dict[str, dict[str, Any]]) -> None:
    table = Table("", "hub ms", "graphql-core ms", "ratio", box=SIMPLE, title="A document never seen")
    for workload, row in found.items():
        table.add_row(workload, *(f"{value:.2f}" for value in row.values()))
    console.print(table)
