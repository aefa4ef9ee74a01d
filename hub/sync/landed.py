"""What has landed of a source, given again as the batches it came in."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.store.database import Connection
from hub.store.vault import Vault
from hub.sync.connector import Batch, Row
from hub.sync.content import unpack
from hub.sync.landing import moment, places, raw_of, refusal_of, row_of
from hub.sync.lines import Hashed, split

OPEN_SLICES: Final = 16
"""Slices whose cells are at hand: a list that is read again names the same ones, in order."""
TABLES: Final = """
    create temp table landed_row (row_hash bytea, landed_at timestamptz, run_id bigint, number int,
        place int) on commit drop"""
WITH_ROWS: Final = """
    select landed_at, run_id, number, hashes, content from landed_slice
    where source_id = $1 and kept_count > 0 and length(hashes) > 0 order by run_id, number"""
RUNS: Final = """
    select run_id, landed_at, read_on, whole, continued, retried from landed_run
    where source_id = $1 and ($2::timestamptz is null or landed_at >= $2)
        and ($3::timestamptz is null or landed_at < $3) and ($4::bigint is null or run_id = $4)
    order by run_id"""
NUMBERS: Final = "select number from landed_slice where landed_at = $1 and run_id = $2 order by number"
SLICE: Final = """
    select list_kind, observed_at, dated, ends, absent, digest, hashes, content from landed_slice
    where landed_at = $1 and run_id = $2 and number = $3"""
FIRST: Final = """
    select hashes, content from landed_slice
    where source_id = $1 and digest = $2 and hashes is not null order by run_id, number limit 1"""
CELLS: Final = "select content from landed_slice where landed_at = $1 and run_id = $2 and number = $3"
FIND: Final = """
    select distinct on (row_hash) row_hash, landed_at, run_id, number, place from landed_row
    where row_hash = any ($1) order by row_hash, run_id, number"""

Key = tuple[dt.datetime, int, int]


@dataclass(frozen=True, slots=True)
class LandedRun:
    """How a run took what it was given."""

    run_id: int
    landed_at: dt.datetime
    read_on: dt.date
    whole: bool
    continued: bool
    retried: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """A batch as it came; of each of its rows the hash it had then, and whether it was new."""

    batch: Batch
    hashes: Sequence[bytes]
    new: Sequence[bool]


class Landed:
    """``missing``: rows whose cells are kept no longer, or never were."""

    def __init__(self, connection: Connection, vault: Vault, source_id: int) -> None:
        self._connection, self._vault, self._source_id = connection, vault, source_id
        self._opened: OrderedDict[Key, Mapping[int, Sequence[Any]]] = OrderedDict()
        self.missing = 0

    async def open(self) -> None:
        """Notes where the cells of each row are."""
        await self._connection.execute(TABLES)
        async for row in self._connection.cursor(WITH_ROWS, self._source_id, prefetch=4):
            hashes = split(row["hashes"])
            key = row["landed_at"], row["run_id"], row["number"]
            records = [(hashes[place], *key, place) for place in self._cells(row["content"])]
            await self._connection.copy_records_to_table("landed_row", records=records)
        await self._connection.execute("create index on landed_row (row_hash); analyze landed_row")

    async def runs(
        self, since: dt.datetime | None, until: dt.datetime | None, run_id: int | None
    ) -> Sequence[LandedRun]:
        rows = await self._connection.fetch(RUNS, self._source_id, since, until, run_id)
        return [LandedRun(**row) for row in rows]

    async def slices(self, run: LandedRun) -> AsyncIterator[Slice]:
        """In the order they came."""
        for number in await self._connection.fetch(NUMBERS, run.landed_at, run.run_id):
            yield await self._slice((run.landed_at, run.run_id, number["number"]))

    async def _slice(self, key: Key) -> Slice:
        row = await self._connection.fetchrow(SLICE, *key)
        assert row is not None
        content = unpack(self._vault.open_bytes(row["content"]))
        kept = frozenset(each[0] for each in content.get("rows", ()))
        if row["hashes"] is None:
            hashes, said = await self._first(row["digest"])
            content = {**said, **content}
        else:
            hashes = split(row["hashes"])
        rows, of = await self._rows(content, hashes)
        told = [hashes[place] for place in of]
        batch = Batch(
            row["list_kind"],
            row["observed_at"],
            Hashed(rows, told, content.get("salt", "")),
            [(row_of(whole), [*map(refusal_of, why)]) for whole, why in content.get("refused", ())],
            dated=row["dated"],
            absent=row["absent"],
            deleted=[*map(row_of, content.get("deleted", ()))],
            ends=row["ends"],
        )
        return Slice(batch, told, [place in kept for place in of])

    async def _first(self, digest: bytes) -> tuple[Sequence[bytes], dict[str, Any]]:
        """Hashes and content of the slice that said it first."""
        row = await self._connection.fetchrow(FIRST, self._source_id, digest)
        if row is None:
            return (), {}
        content = unpack(self._vault.open_bytes(row["content"]))
        return split(row["hashes"]), content

    async def _rows(
        self, content: Mapping[str, Any], hashes: Sequence[bytes]
    ) -> tuple[Sequence[Row], Sequence[int]]:
        """The rows of a slice, and which of it they are: all but those that are missing."""
        where = [*places(content.get("places", ()))]
        at = content.get("at") or [None] * len(where)
        own = {each[0]: each for each in content.get("rows", ())}
        others = [row_hash for place, row_hash in enumerate(hashes) if place not in own]
        found = {row["row_hash"]: row for row in await self._connection.fetch(FIND, others)} if others else {}
        rows, of = [], []
        for place in range(len(where)):
            cells = own.get(place)
            if cells is None and len(hashes) > place and (there := found.get(hashes[place])):
                cells = (await self._open(tuple(there)[1:4]))[there["place"]]
            if cells is None:
                self.missing += 1
                continue
            rows.append(Row(*where[place], cells[1], raw_of(cells), moment(at[place])))
            of.append(place)
        return rows, of

    async def _open(self, key: Key) -> Mapping[int, Sequence[Any]]:
        if key not in self._opened:
            self._opened[key] = self._cells(await self._connection.fetchval(CELLS, *key))
            while len(self._opened) > OPEN_SLICES:
                self._opened.popitem(last=False)
        self._opened.move_to_end(key)
        return self._opened[key]

    def _cells(self, content: bytes) -> Mapping[int, Sequence[Any]]:
        return {each[0]: each for each in unpack(self._vault.open_bytes(content)).get("rows", ())}
