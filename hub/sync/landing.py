"""Landing: what a source delivers is kept as it came, in the transaction that merges it.

A run is kept slice by slice, as the stage takes them, and with it how the run took them (``landed_run``). A
slice holds the hash of each of its rows, and the cells of those that are new to the hub. One that says the
very same as an earlier slice holds neither: its digest tells. So a list that is read again and has not
changed costs a line for every 2,000 rows.

``content``, packed and sealed:

=========== =====================================================================================
places      file, sheet, first number and count of rows that follow each other
salt        what the rows were hashed with: their kind of list, its mapping, columns it did not have
at          times of the rows in microseconds, where the source gave each its own
rows        position in the slice, values, and raw cells where they are others
refused     rows the connector could not read, each with its refusals
deleted     rows the source has deleted
=========== =====================================================================================

Rows that are refused later point into their slice until the run knows which they are; then each gets a
sealed copy of its own, for those outlive the landing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final

from hub.store.database import Connection
from hub.store.vault import Vault
from hub.sync.connector import UNKNOWN_LIST, Batch, Refusal, Row
from hub.sync.content import canonical, pack, unpack
from hub.sync.lines import Lines

DIGEST_BYTES: Final = 16
AT_ONCE: Final = 64
AT_ONCE_BYTES: Final = 1 << 20
"""Slices are copied so many at a time, or when they hold so much."""

# ``cells``: content with the cells of a slice that repeats another one; they are for this run alone.
TABLES: Final = """
    create temp table landing (number int primary key, again boolean, list_kind text, observed_at timestamptz,
        dated boolean, ends boolean, absent text[], row_count int, kept_count int, digest bytea, hashes bytea,
        content bytea, cells bytea) on commit drop;
    create temp table row_raw (row_id bigint, raw bytea) on commit drop"""
COLUMNS: Final = (
    "number",
    "again",
    "list_kind",
    "observed_at",
    "dated",
    "ends",
    "absent",
    "row_count",
    "kept_count",
    "digest",
    "hashes",
    "content",
    "cells",
)
DIGESTS: Final = "select digest from landed_slice where source_id = $1 and hashes is not null"
KEEP: Final = """
    insert into landed_slice (landed_at, run_id, number, source_id, list_kind, observed_at, dated, ends,
        absent, row_count, kept_count, digest, hashes, content)
    select now(), $2::bigint, number, $1::int, list_kind, observed_at, dated, ends, absent, row_count,
        kept_count, digest, hashes, content
    from landing where not again order by number"""
KEEP_RUN: Final = """
    insert into landed_run (run_id, source_id, landed_at, read_on, whole, continued, retried)
    values ($2, $1, now(), $3, $4, $5, $6)"""
WANTED: Final = """
    select coalesce(l.cells, l.content) as content, array_agg(r.row_id) as rows, array_agg(r.place) as places
    from row_staged r join landing l on l.number = r.slice
    where r.row_id in (select row_id from reason union select row_id from unsettled where $1)
    group by l.number"""


class Landing:
    """Of one run, on the connection of its transaction. ``replay``: what it is given has landed before."""

    def __init__(
        self, connection: Connection, vault: Vault, source_id: int, run_id: int, *, replay: bool = False
    ) -> None:
        self._connection, self._vault = connection, vault
        self._source_id, self._run_id, self._replay = source_id, run_id, replay
        self._digests: set[bytes] = set()
        self._slices: list[tuple[Any, ...]] = []
        self._number = self._bytes = 0

    async def open(self) -> None:
        await self._connection.execute(TABLES)
        if not self._replay:
            rows = await self._connection.fetch(DIGESTS, self._source_id)
            self._digests = {row["digest"] for row in rows}

    async def rows(
        self,
        batch: Batch,
        rows: Sequence[Row],
        hashes: bytes,
        fresh: Mapping[int, Row],
        *,
        salt: str,
        again: bool,
    ) -> int:
        """Takes a slice; ``fresh`` are its rows that are not known, by their places. Its number, for them.

        ``salt``: of the hashes. ``again``: the hub says it, not the source.
        """
        digest = blake2b(hashes, digest_size=DIGEST_BYTES).digest()
        repeats = digest in self._digests
        content: dict[str, Any] = {"salt": salt, "places": _places(rows)}
        if not isinstance(rows, Lines) and any(row.observed_at for row in rows):
            content["at"] = [micros(row.observed_at) for row in rows]
        short = None if fresh and not repeats else self._seal(content)
        if fresh:
            content["rows"] = [_cells(place, row) for place, row in fresh.items()]
        full = self._seal(content) if fresh else None
        if not again:
            self._digests.add(digest)
        kept = 0 if repeats else len(fresh)
        head = (batch.list_kind, batch.observed_at, batch.dated, False, [*batch.absent], len(rows), kept)
        return await self._add(
            again, *head, digest, None if repeats else hashes, short or full, full if short else None
        )

    async def rest(self, batch: Batch, *, blind: Any) -> None:
        """What else a batch says: rows that cannot be read, deletions, and that the list is complete."""
        if not (batch.refused or batch.deleted or batch.ends):
            return
        content: dict[str, Any] = {}
        if batch.refused:
            content["refused"] = [(_whole(row), [astuple(r) for r in why]) for row, why in batch.refused]
        if batch.deleted:
            content["deleted"] = [_whole(row) for row in batch.deleted]
        digest: bytes = blind(canonical(content))[:DIGEST_BYTES]
        repeats = digest in self._digests
        self._digests.add(digest)
        count = len(batch.refused) + len(batch.deleted)
        head = (batch.list_kind or UNKNOWN_LIST, batch.observed_at, batch.dated, batch.ends, [*batch.absent])
        counts = count, 0 if repeats else count
        sealed = self._seal({} if repeats else content)
        await self._add(False, *head, *counts, digest, None if repeats else b"", sealed, None)

    async def seal_rows(self, *, waiting: bool) -> None:
        """Fills ``row_raw`` with sealed copies of rows that go to quarantine, and of those that wait."""
        await self._flush()
        async for row in self._connection.cursor(WANTED, waiting, prefetch=1):
            cells = {each[0]: each for each in unpack(self._vault.open_bytes(row["content"]))["rows"]}
            await self._connection.copy_records_to_table(
                "row_raw",
                columns=("row_id", "raw"),
                records=[
                    (row_id, self._vault.seal(canonical(raw_of(cells[place]))))
                    for row_id, place in zip(row["rows"], row["places"], strict=True)
                ],
            )

    async def keep(self, read_on: dt.date, *, whole: bool, continued: bool, retried: bool) -> None:
        """Writes what has been taken, and how the run took it."""
        if self._replay:
            return
        await self._flush()
        await self._connection.execute(KEEP, self._source_id, self._run_id)
        await self._connection.execute(
            KEEP_RUN, self._source_id, self._run_id, read_on, whole, continued, retried
        )

    def _seal(self, content: dict[str, Any]) -> bytes:
        return self._vault.seal_bytes(pack(content))

    async def _add(self, *columns: Any) -> int:
        self._number += 1
        self._slices.append((self._number, *columns))
        self._bytes += sum(len(each) for each in columns if isinstance(each, bytes))
        if len(self._slices) >= AT_ONCE or self._bytes >= AT_ONCE_BYTES:
            await self._flush()
        return self._number

    async def _flush(self) -> None:
        if self._slices:
            await self._connection.copy_records_to_table("landing", columns=COLUMNS, records=self._slices)
            self._slices, self._bytes = [], 0


def raw_of(cells: Sequence[Any]) -> dict[str, str]:
    """The raw cells of one of ``rows``."""
    raw = cells[1] if cells[2] is None else cells[2]
    return dict(raw)


def row_of(whole: Sequence[Any]) -> Row:
    """A row of ``refused`` or ``deleted``."""
    file, sheet, number, values, raw, at = whole
    return Row(file, sheet, number, values, values if raw is None else raw, moment(at))


def refusal_of(parts: Sequence[str]) -> Refusal:
    return Refusal(*parts)


def moment(micros: int | None) -> dt.datetime | None:
    return None if micros is None else EPOCH + dt.timedelta(microseconds=micros)


EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND: Final = dt.timedelta(microseconds=1)


def micros(at: dt.datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // MICROSECOND


def _whole(row: Row) -> list[Any]:
    return [row.file, row.sheet, row.number, *_cells(0, row)[1:], micros(row.observed_at)]


def _cells(place: int, row: Row) -> list[Any]:
    raw = None if row.raw is row.values or row.raw == row.values else dict(row.raw)
    return [place, dict(row.values), raw]


def _places(rows: Sequence[Row]) -> list[list[Any]]:
    """Rows nearly always follow each other in one sheet."""
    if isinstance(rows, Lines):
        return [[rows.file, rows.sheet, first, count] for first, count in rows.runs()]
    first = rows[0]
    if all(
        r.number == n and r.file == first.file and r.sheet == first.sheet
        for n, r in enumerate(rows, first.number)
    ):
        return [[first.file, first.sheet, first.number, len(rows)]]
    return [*_runs(rows)]


def _runs(rows: Sequence[Row]) -> Iterator[list[Any]]:
    placed = enumerate((row.file, row.sheet, row.number) for row in rows)
    for (file, sheet, _), found in groupby(
        placed, lambda each: (each[1][0], each[1][1], each[1][2] - each[0])
    ):
        run = [*found]
        yield [file, sheet, run[0][1][2], len(run)]


def places(packed: Sequence[Sequence[Any]]) -> Iterator[tuple[str, str, int]]:
    """File, sheet and number of each row."""
    for file, sheet, first, count in packed:
        for number in range(first, first + count):
            yield file, sheet, number
