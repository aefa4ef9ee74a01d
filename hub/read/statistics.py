"""What PostgreSQL knows of its tables: how many rows, how many of them under one key, how many in a county.

One statement over ``pg_class`` and ``pg_stats`` reads all of it, at the first request and then in the
background every ``SECONDS``. It counts nothing itself. A table that was never analysed is guessed from its
size; so one that was just filled is not mistaken for an empty one.

Every client is told prices, and they are of whole tables and counties, whatever it may see of them. So no
number leaves here but in ``coarse`` steps, and what is less than ``FEW`` rows looks alike.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf, log2
from time import monotonic
from typing import Any, Final, NamedTuple

import asyncpg
import structlog
from cachetools import LRUCache

from hub.errors import Unavailable
from hub.store.database import Database
from hub.tables import metadata
from hub.tables.tally import TALLIES

log = structlog.get_logger(__name__)

SECONDS: Final = 300
RETRY: Final = 10
"""Seconds after a reading that failed."""
FEW: Final = 1000
"""Rows of a table or of a county that smaller ones are priced as."""
COUNTY: Final = "county_code"
"""What tables of people begin their keys with; its values say where the rows are."""

OF_PEOPLE: Final = {
    *(table.name for table in metadata.tables.values() if COUNTY in table.primary_key),
    *(tally.name for tally in TALLIES.values()),
}
"""Tables whose rows are people's, or as many as there are kinds of them."""

READ: Final = """
    with known as (
        select c.oid, c.relname::text as name, c.reltuples, c.relpages,
            pg_relation_size(c.oid) / current_setting('block_size')::float8 as pages
        from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname = any ($1))
    select k.name,
        case when k.reltuples > 0 and k.relpages > 0 then k.reltuples / k.relpages * k.pages
            when k.reltuples < 0 or k.pages > k.relpages then k.pages * 50 else k.reltuples end as rows,
        s.attname::text as column, s.n_distinct, s.null_frac, s.most_common_freqs[1] as largest,
        case when s.attname = $2 then s.most_common_vals::text::text[] end as vals,
        case when s.attname = $2 then s.most_common_freqs end as shares
    from known k left join pg_stats s
        on s.schemaname = current_schema() and s.tablename = k.name and not s.inherited
"""
"""Rows as PostgreSQL's planner has them: as dense as when last counted, in as many pages as there are now."""


def coarse(number: float) -> float:
    """The power of two that it is, or the next: nothing finer than twice as many can be told from it."""
    return 2.0 ** ceil(log2(number)) if number > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """``distinct`` values among the rows that have one; ``most``: rows with the one that has the most."""

    distinct: float
    most: float


@dataclass(frozen=True, slots=True)
class Places:
    """How much of the rows lies in which county: those told apart, in order, and what the others have each.

    ``least``: what a county is priced as that has less. ``towns``: divisions in a county.
    ``contracts``: those that rows are served under.
    """

    codes: Sequence[str] = ()
    shares: Sequence[float] = ()
    others: float = 1.0
    least: float = 0.0
    towns: float = 1.0
    contracts: float = 1.0

    def between(self, lo: str, hi: str) -> float:
        """Of the half-open range; at least one county, for who asks has one."""
        first, behind = bisect_left(self.codes, lo), bisect_left(self.codes, hi)
        return min(1.0, coarse(max(sum(self.shares[first:behind]), self.others, self.least)))

    def part(self, values: Mapping[str, Any]) -> Part:
        county, supposed = self.between(values["lo6"], values["hi6"]), supposed_rows(values["lo6"])
        if values["contracts"]:
            held = len(values["contracts"]) / max(1.0, self.contracts * county)
            return Part(county, supposed, min(1.0, held))
        below = values["lo"][6:9] not in ("", "000")
        return Part(county, supposed, 1.0 / max(1.0, self.towns) if below else 1.0)


class Part(NamedTuple):
    """How much of a table a slice is about: the share in its counties, and the slice's share of these.

    ``supposed``: rows of a table that the viewer may count and not see.
    """

    counties: float
    supposed: float
    density: float


LEAST_SUPPOSED: Final = 20_000.0


def supposed_rows(code: str) -> float:
    """Of such a table in a county, a city or a province, by its six digits, however many there are."""
    if code[4:] != "00":
        return LEAST_SUPPOSED
    return 100_000.0 if code[2:4] != "00" else 400_000.0


WHOLE: Final = Part(1.0, LEAST_SUPPOSED, 1.0)


@dataclass(frozen=True, slots=True)
class Statistics:
    """``rows`` by table, ``columns`` by table and name. What is not known counts as much as it may be."""

    rows: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], Column] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    parts: LRUCache[tuple[str, str, str, int], Part] = field(default_factory=lambda: LRUCache(1024))
    """Found before; see ``part``."""

    def children(self, table: str, columns: Iterable[str], parent: str) -> float:
        """Rows of ``table`` under the row of ``parent`` that has the most of them, as far as is known.

        ``columns`` are the foreign key. Without statistics of it, as many as rows of the one for each of
        the other; of a table that nothing is known of, more than any page holds.
        """
        rows = self.rows.get(table)
        if rows is None:
            return inf
        known = [found.most for name in columns if (found := self.columns.get((table, name)))]
        return min(known) if known else rows / max(1.0, self.rows.get(parent, 0.0))

    def distinct(self, table: str, column: str) -> float:
        """Values the column has; 1 where they are not known."""
        found = self.columns.get((table, column))
        return 1.0 if found is None else found.distinct

    def part(self, values: Mapping[str, Any]) -> Part:
        """``values``: the viewer's (``hub.read.leaves.viewer_values``)."""
        key = values["lo"], values["lo6"], values["hi6"], len(values["contracts"])
        found = self.parts.get(key)
        if found is None:
            found = self.parts[key] = self.places.part(values)
        return found


def gathered(found: Iterable[Any]) -> Statistics:
    """From the rows of ``READ``."""
    rows: dict[str, float] = {}
    columns: dict[tuple[str, str], Column] = {}
    counties: dict[str, Any] = {}
    for row in found:
        table, number = row["name"], float(row["rows"])
        rows[table] = number
        if row["column"] is not None:
            columns[table, row["column"]] = _column(row, number)
        if row["vals"]:
            counties[table] = row
    largest = max(counties, key=lambda table: rows[table], default=None)
    places = Places() if largest is None else _places(counties[largest], rows[largest], columns)
    return Statistics(
        {table: coarse(max(number, FEW) if table in OF_PEOPLE else number) for table, number in rows.items()},
        {
            key: Column(1 / coarse(1 / column.distinct), coarse(column.most))
            for key, column in columns.items()
        },
        places,
    )


def _column(row: Any, rows: float) -> Column:
    distinct = max(1.0, row["n_distinct"] if row["n_distinct"] >= 0 else -row["n_distinct"] * rows)
    average = rows * (1.0 - row["null_frac"]) / distinct
    return Column(distinct, max(average, (row["largest"] or 0.0) * rows))


def _places(row: Any, rows: float, columns: Mapping[tuple[str, str], Column]) -> Places:
    """Those of one table; its counties are most of what is stored."""
    known = sorted(zip(row["vals"], row["shares"], strict=True))
    counties = columns[row["name"], COUNTY].distinct
    others = counties - len(known)
    untold = max(0.0, 1.0 - sum(share for _, share in known))
    return Places(
        [code for code, _ in known],
        [share for _, share in known],
        untold / others if others >= 1 else 0.0,
        FEW / max(FEW, rows),
        coarse(_most(columns, "division_code") / counties),
        coarse(_most(columns, "contract_id")),
    )


def _most(columns: Mapping[tuple[str, str], Column], column: str) -> float:
    """Values of the column in tables that begin with the county; those of the division tree are not it."""
    tables = {table for table, name in columns if name == COUNTY}
    found = (known.distinct for (table, name), known in columns.items() if name == column and table in tables)
    return max(found, default=1.0)


class StatisticsReader:
    """The newest statistics; whoever asks for them waits only for the first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: Statistics | None = None
        self._due = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def newest(self) -> Statistics:
        if monotonic() >= self._due and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())
        if self._found is None and self._reading is not None:
            await asyncio.shield(self._reading)
        return self._found or Statistics()

    async def _read(self) -> None:
        self._due = monotonic() + RETRY
        try:
            rows = await self._database.fetch(READ, list(metadata.tables), COUNTY)
        except (Unavailable, asyncpg.PostgresError) as error:
            log.warning("statistics_not_read", kind=type(error).__name__)
            return
        self._found, self._due = gathered(rows), monotonic() + SECONDS
