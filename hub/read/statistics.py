"""What PostgreSQL knows of its tables: how many rows, how many of them under one key, how many in a county.

One statement over ``pg_class`` and ``pg_stats`` reads all of it, at the first request and then in the
background every ``SECONDS``. It counts nothing itself. A table that was never analysed is guessed from its
size; so an empty database costs nothing, and one that was just filled is not mistaken for it.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, Final, NamedTuple

import asyncpg
import structlog
from cachetools import LRUCache

from hub.store.database import Database
from hub.tables import metadata

log = structlog.get_logger(__name__)

SECONDS: Final = 300
RETRY: Final = 10
"""Seconds after a reading that failed."""
COUNTY: Final = "county_code"
"""What tables of people begin their keys with; its values say where the rows are."""

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


@dataclass(frozen=True, slots=True)
class Column:
    """``distinct`` values among the rows that have one; ``largest``: rows with the most common one."""

    distinct: float
    largest: float
    filled: float


@dataclass(frozen=True, slots=True)
class Places:
    """How much of the rows lies in which county: those told apart, in order, and what the others have each.

    ``towns``: divisions in a county. ``contracts``: those that rows are served under.
    """

    codes: Sequence[str] = ()
    shares: Sequence[float] = ()
    others: float = 1.0
    towns: float = 1.0
    contracts: float = 1.0

    def between(self, lo: str, hi: str) -> float:
        """Of the half-open range; at least one county, for who asks has one."""
        first, behind = bisect_left(self.codes, lo), bisect_left(self.codes, hi)
        return min(1.0, max(sum(self.shares[first:behind]), self.others))

    def part(self, values: Mapping[str, Any]) -> Part:
        county = self.between(values["lo6"], values["hi6"])
        if values["contracts"]:
            return Part(county, min(1.0, len(values["contracts"]) / max(1.0, self.contracts * county)))
        below = values["lo"][6:9] not in ("", "000")
        return Part(county, 1.0 / max(1.0, self.towns) if below else 1.0)


class Part(NamedTuple):
    """How much of a table a slice is about: the share in its counties, and the slice's share of these."""

    counties: float
    density: float


WHOLE: Final = Part(1.0, 1.0)


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
        known = [found for name in columns if (found := self.columns.get((table, name)))]
        if not known:
            return rows / max(1.0, self.rows.get(parent, 0.0))
        average = rows * min(column.filled for column in known) / max(column.distinct for column in known)
        return max(average, min(column.largest for column in known))

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
            distinct = row["n_distinct"] if row["n_distinct"] >= 0 else -row["n_distinct"] * number
            largest = (row["largest"] or 0.0) * number
            columns[table, row["column"]] = Column(max(1.0, distinct), largest, 1.0 - row["null_frac"])
        if row["vals"]:
            counties[table] = row
    largest_table = max(counties, key=lambda table: rows[table], default=None)
    places = Places() if largest_table is None else _places(counties[largest_table], columns)
    return Statistics(rows, columns, places)


def _places(row: Any, columns: Mapping[tuple[str, str], Column]) -> Places:
    """Those of one table; its counties are most of what is stored."""
    known = sorted(zip(row["vals"], row["shares"], strict=True))
    counties = columns[row["name"], COUNTY].distinct
    others = counties - len(known)
    untold = max(0.0, 1.0 - sum(share for _, share in known))
    return Places(
        [code for code, _ in known],
        [share for _, share in known],
        untold / others if others >= 1 else 0.0,
        _most(columns, "division_code") / counties,
        _most(columns, "contract_id"),
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
            rows = await self._database.owner.fetch(READ, list(metadata.tables), COUNTY)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("statistics_not_read", kind=type(error).__name__)
            return
        self._found, self._due = gathered(rows), monotonic() + SECONDS
