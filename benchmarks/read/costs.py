"""Whether the price of an operation says what it takes: static cost beside rows, bytes and PostgreSQL's CPU.

Random operations over the schema, asked by a county, a province, a township, a contractor and the operator,
with all locks on. Lists of which the data set has no rows are not asked.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from statistics import correlation, median
from typing import Any, Final

import asyncpg
import orjson
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.read.asking import compiled, engine_of, viewer_of
from benchmarks.read.cases import SEED, Client
from benchmarks.read.cpu import thread_seconds
from benchmarks.read.stage import Stage
from benchmarks.read.wild import Wild
from graphql_schema.schema import audience, whole
from hub.access.policies import setting
from hub.access.viewer import Viewer
from hub.audit.records import parted
from hub.read.asker import MAX_BYTES, SETTINGS, scoped
from hub.read.bind import TYPES
from hub.read.conditions import binding_of
from hub.read.cost import UNIT_SECONDS
from hub.read.leaves import Request, viewer_values
from hub.read.planner import arguments_of
from hub.read.run import Engine
from hub.store.database import Database

OPERATIONS: Final = 600
TIMES: Final = 9
"""Of each operation, whose least counts; PostgreSQL chooses a generic plan after five."""
MOST_UNITS: Final = 200_000
"""As the hub's default; what costs more is not asked."""
SHOWN: Final = 10


async def measure(stage: Stage, number: int = OPERATIONS) -> dict[str, Any]:
    """``operations`` are sorted by CPU for each unit of their price, the dearest last."""
    rng = random.Random(SEED)
    engine = engine_of(stage.database, stage.vault)
    empty = await without_rows(stage.database)
    asked = [await _asked(engine, client, rng, empty) for client in islice(cycle(askers(stage, rng)), number)]
    found = sorted((one for one in asked if one is not None), key=_units_taken)
    told: dict[str, list[float]] = {
        name: [one[name] for one in found] for name in ("static", "bytes", "rows")
    }
    took = [one["cpu_ms"] for one in found]
    return {
        "rank_correlation_with_cpu": {
            name: round(rank_correlation(of, took), 3) for name, of in told.items()
        },
        "within_price": _share(found, 1),
        "within_three_times_price": _share(found, 3),
        "cpu_us_of_a_unit": round(median(one["cpu_ms"] * 1000 / one["static"] for one in found), 2),
        "operations": found,
    }


def askers(stage: Stage, rng: random.Random) -> list[Client]:
    """Several of each kind."""
    return [
        client
        for county in rng.sample(list(stage.world.counties), min(20, len(stage.world.counties)))
        for client in (
            Client("bureau", f"{county.code}000000"),
            Client("bureau", f"{county.code[:2]}0000000000"),
            Client("township", rng.choice(county.townships)),
            Client("contractor", organisation_id=rng.randint(1, stage.world.contractors)),
            Client("operator"),
        )
    ]


async def without_rows(database: Database) -> frozenset[str]:
    """Root fields of tables that the data set leaves empty: there is nothing in them that could be priced."""
    query = whole()._schema.query_type
    assert query is not None
    found = {name: getattr(binding_of(field), "target", "") for name, field in query.fields.items()}
    tables = {name: TYPES[target].table.name for name, target in found.items() if target in TYPES}
    full = {
        table
        for table in {*tables.values()}
        if await database.owner.fetchval(f'select exists (select from "{table}")')
    }
    return frozenset(name for name, table in tables.items() if table not in full)


async def _asked(
    engine: Engine, client: Client, rng: random.Random, left_out: frozenset[str]
) -> dict[str, Any] | None:
    """Its figures; None for one that is too dear, or whose answer is too large."""
    viewer = viewer_of(client)
    document = Wild(audience(viewer.capability), rng, left_out).operation()
    _, values, way = compiled(engine, viewer, document, {})
    today = engine.clock().date()
    theirs = viewer_values(viewer, await engine.live.of(viewer.organisation_id, today), today)
    request = Request(arguments_of(way.plan, values), theirs, engine.vault, engine.nonce, today)
    given = way.read(request)
    statistics = await engine.till.statistics.newest()
    static = way.price.of(statistics, given, statistics.part(theirs))
    if static > MOST_UNITS:
        return None
    names = SETTINGS[viewer.reader]
    text = scoped(way.statement.text, len(given), names, MAX_BYTES)
    try:
        planned = await engine.asker.planned(way.statement, theirs)
        filled = [*given, *(setting(theirs[name]) for name in names)]
        body, seconds = await _spent(engine, viewer, text, filled, planned)
    except asyncpg.ProgramLimitExceededError:  # more groups than the hub tells
        return None
    return {
        "role": viewer.role,
        "division": viewer.division_code,
        "static": round(static),
        "rows": rows_of(orjson.loads(body)),
        "bytes": len(body),
        "cpu_ms": round(seconds * 1000, 3),
        "document": document,
    }


async def _spent(
    engine: Engine, viewer: Viewer, text: str, given: Sequence[Any], planned: bool
) -> tuple[bytes, float]:
    """The answer, and CPU seconds of the backend."""
    pool = await engine.database.reader(viewer.reader, planned=planned)
    async with pool.acquire() as connection:
        backend = connection.get_server_pid()
        statement: asyncpg.prepared_stmt.PreparedStatement[Any] = await connection.prepare(text)
        least = float("inf")
        for _ in range(TIMES):
            before = thread_seconds(backend)
            body = await statement.fetchval(*given)
            least = min(least, thread_seconds(backend) - before)
        return parted(body or b"null")[0], least


def rows_of(answer: Any) -> int:
    """Every row that has one was asked for its ``id``."""
    if isinstance(answer, list):
        return sum(map(rows_of, answer))
    return ("id" in answer) + sum(map(rows_of, answer.values())) if isinstance(answer, dict) else 0


def _units_taken(one: Mapping[str, Any]) -> float:
    taken: float = one["cpu_ms"] / 1000 / UNIT_SECONDS / one["static"]
    return taken


def _share(found: Sequence[Mapping[str, Any]], times: float) -> float:
    return round(sum(_units_taken(one) <= times for one in found) / len(found), 4)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's."""
    return correlation(_ranks(one), _ranks(other))


def _ranks(values: Sequence[float]) -> list[float]:
    """Places from the smallest on; equal values share the middle of theirs."""
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 for value in values]


def show(console: Console, found: Mapping[str, Any]) -> None:
    for name in ("rank_correlation_with_cpu", "within_price", "within_three_times_price", "cpu_us_of_a_unit"):
        console.print(f"{name.replace('_', ' ')}: {found[name]}", highlight=False)
    operations = found["operations"]
    for title, some in (("Overpriced", operations[:SHOWN]), ("Underpriced", operations[-SHOWN:])):
        table = Table("role", "static", "rows", "bytes", "CPU ms", "", box=SIMPLE, title=title)
        for one in some:
            table.add_row(
                *(str(one[n]) for n in ("role", "static", "rows", "bytes", "cpu_ms")), one["document"][:60]
            )
        console.print(table)
