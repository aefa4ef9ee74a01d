"""Reading the sequence of changes: which rows a viewer may have to be told of, between two places."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Final

from hub.access.departures import DEPARTED, ENTERED
from hub.access.rows import viewer_type
from hub.access.slices import BUREAU, TOWNSHIP
from hub.read.positions import BEGIN, Entry, Position, Snapshot
from hub.store.database import Database
from hub.store.roles import ROLE_OF
from hub.tables import metadata

PAGE: Final = 200
"""Entries read at once."""

Key = tuple[str | None, int]
"""County, where the table has one, and number."""


@dataclass(slots=True)
class Touched:
    """A row, by its last entry. ``known``: it was there before. ``departed``: it left this viewer's slice."""

    key: Key
    last: Entry
    known: bool = False
    departed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of their last entries. ``end``: where the next page begins, if there is ``more``."""

    rows: list[Touched]
    until: Snapshot
    end: Position
    more: bool


# Entries first and then the rows they speak of, so that no page ends within an entry.
ENTRIES: Final = """
    select n.snapshot, c.xact, c.sequence, c.operation, c.departed, c.own, r.county_code, r.id
    from (select pg_current_snapshot()::text as snapshot) n left join (
        select c.*, c.entity = '{entity}' as own,
            c.entity = '{entity}' and c.operation = 'L' and ({departed}) as departed
        from change c
        where (c.xact, c.sequence) > ($1, $2) and (c.xact >= $3 or c.xact = any ($4::bigint[]))
            and ($5::bigint is null or c.xact < $5 and not c.xact = any ($6::bigint[]))
            and c.entity in ({entities}) and c.operation <> 'F'{county}
        order by c.xact, c.sequence limit {page}) c on true
    left join lateral ({rows}) r on true
    order by c.xact, c.sequence"""


NEAR: Final = " and {c}.county_code >= {lo6} and {c}.county_code < {hi6}"
"""Of rows whose slices are cut by the county, which is in their key."""


def of_counties(table: str) -> bool:
    return "county_code" in metadata.tables[table].primary_key.columns


@lru_cache(256)
def statement(reader: str, table: str) -> tuple[str, tuple[str, ...]]:
    """Text, and the viewer's values behind the first six parameters."""
    names = _Names(6)
    entered = ENTERED.get(reader, {}).get(table)
    rows = f"select c.county_code, c.entity_id as id where c.entity = '{table}'"
    if entered is not None:
        reached = entered.rows.format_map(names)
        rows += f" union all select * from ({reached}) e where c.entity = '{entered.table}'"
    text = ENTRIES.format(
        entity=table,
        entities=", ".join(f"'{each}'" for each in (table, *([entered.table] if entered else []))),
        departed=DEPARTED[reader][table].format_map(names),
        rows=rows,
        county=NEAR.format_map(names) if ROLE_OF[reader] in (BUREAU, TOWNSHIP) and of_counties(table) else "",
        page=PAGE,
    )
    return text, tuple(names.used)


class _Names(dict[str, str]):
    """``{c}`` is the entry; any other name a value of the viewer."""

    def __init__(self, before: int) -> None:
        super().__init__(c="c")
        self.before = before
        self.used: list[str] = []

    def __missing__(self, name: str) -> str:
        if name not in self.used:
            self.used.append(name)
        return f"${self.before + self.used.index(name) + 1}::{viewer_type(name)}"


async def read_page(
    database: Database, reader: str, table: str, position: Position, values: Mapping[str, Any]
) -> Page:
    """The next page of what ``table`` tells a viewer with these ``values``."""
    text, names = statement(reader, table)
    seen, until, entry = position.seen, position.until, position.entry
    start = max(entry, Entry(seen.lower, 0))
    rows = await database.fetch(
        text, *start, seen.upper, list(seen.open), until and until.upper, list(until.open) if until else [],
        *(values[name] for name in names),
    )  # fmt: skip
    found = until or Snapshot.of(rows[0]["snapshot"])
    entries = {(row["xact"], row["sequence"]) for row in rows if row["xact"] is not None}
    if len(entries) == PAGE:
        return Page(_touched(rows), found, position.behind(found, Entry(*max(entries))), True)
    return Page(_touched(rows), found, Position(found), until is not None)


class Pages:
    """Pages that several read from the same place: each is read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[Any, asyncio.Task[Page]] = {}

    async def page(self, reader: str, table: str, position: Position, values: Mapping[str, Any]) -> Page:
        """As ``read_page``, or as somebody's before who asked the same."""
        _, names = statement(reader, table)
        key = reader, table, position, *(values[name] for name in names)
        found = self._read.get(key)
        if found is None:
            found = asyncio.create_task(read_page(self._database, reader, table, position, values))
            self._read[key] = found
        return await asyncio.shield(found)


def _touched(rows: list[Any]) -> list[Touched]:
    found: dict[Key, Touched] = {}
    for row in rows:
        if row["id"] is None:
            continue
        key = row["county_code"], row["id"]
        touched = found.pop(key, None) or Touched(key, BEGIN)
        touched.last = Entry(row["xact"], row["sequence"])
        touched.known = touched.known or row["operation"] != "I" or not row["own"]
        touched.departed = touched.departed or row["departed"]
        found[key] = touched  # behind those whose last entry came before
    return list(found.values())


NOW: Final = "select pg_current_snapshot()::text"
CLUSTER: Final = """
    select concat_ws('.', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), d.oid)
    from pg_control_system(), pg_database d where d.datname = current_database()"""
"""With the time line, which restored files begin anew, and the number of the database: one restored from
a dump does not share it with the one of its name that was there before."""
# What a dump brings along was written by transactions of another cluster, which may not have been here yet.
FOREIGN: Final = (
    "update change set xact = 3 where xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)


async def now(database: Database) -> Position:
    """Where a stream begins that has not seen anything: behind all that is committed."""
    [(snapshot,)] = await database.fetch(NOW)
    return Position(Snapshot.of(snapshot))


async def cluster_of(database: Database) -> str:
    """What positions are good in: the numbers of transactions mean nothing elsewhere."""
    await database.fetch(FOREIGN)
    [(cluster,)] = await database.fetch(CLUSTER)
    return str(cluster)


def positions(page: Page, begin: Position) -> list[Position]:
    """The position of each row's event: behind its entry once all rows of that entry have been told."""
    found: list[Position] = []
    reached = begin
    for row, following in zip_longest(page.rows, page.rows[1:]):
        if following is None:
            reached = page.end
        elif following.last != row.last:
            reached = begin.behind(page.until, row.last)
        found.append(reached)
    return found
