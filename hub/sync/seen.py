"""Which rows of a source are merged in full: what a run may skip when they come again.

What is known of a row is its keyed hash and the time of its list. Few of a source stand in ``seen_row``, one
each; once there are more than ``FEW`` they are packed by the first bits of the hash into ``seen_pack``, and a
run looks thousands up at a time without a row of PostgreSQL for each. A row of ``seen_row`` stands before
what is packed; with the time ``-infinity`` it says that the hash is not known.

A run loads the packs it needs: a few where little is news, all where a list comes whole. That costs 40 bytes
a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hub.store.database import Connection

FEW: Final = 5_000
"""Rows of a source that need no packing. The hub's own number, as are those below."""
PART_BITS: Final = 12
MANY: Final = 512
"""Packs of a source, of 4,096 at most, from which on all are loaded, and how many are written at a time."""

Rows = NDArray[Any]
PACKED: Final = np.dtype([("high", ">u8"), ("low", ">u8"), ("at", ">i8")])
"""Hash and time of a row in a pack."""
KNOWN: Final = np.dtype([("high", "u8"), ("low", "u8"), ("at", "i8"), ("said", "i8")])
"""The same while a run works with it. ``said``: the greatest time this run has it of, and ``DATED``."""
TOLD: Final = np.dtype([
    ("fields", ">i2"), ("sixteen", ">i4"), ("high", ">u8"), ("low", ">u8"),
    ("one", ">i4"), ("dated", "?"), ("eight", ">i4"), ("at", ">i8"),
])  # fmt: skip
"""A row of ``restated`` in the binary format of COPY."""
TOLD_AT_ONCE: Final = 50_000
COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END: Final = b"\xff\xff"

NEVER: Final = int(np.iinfo(np.int64).min)
UNSAID: Final = NEVER
DATED: Final = 1 << 62
LEFT: Final = DATED
EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""PostgreSQL's, which counts microseconds from there."""
MICROSECOND: Final = dt.timedelta(microseconds=1)

MICROS: Final = """
    case when isfinite(observed_at)
        then (extract(epoch from observed_at - timestamptz '2000-01-01 00:00+00') * 1000000)::bigint end"""
LOOSE: Final = f"select row_hash, {MICROS} from seen_row where source_id = $1"
TAKE: Final = f"delete from seen_row where source_id = $1 returning row_hash, {MICROS}"
UNPACK: Final = """
    select rows from seen_pack where source_id = $1 and part = any($2::int[]) order by part"""
PACKED_ROWS: Final = "select coalesce(sum(length(rows)), 0) / 24 from seen_pack where source_id = $1"
FORGET: Final = "delete from seen_row where source_id = $1 and row_hash = any($2)"
REMEMBER: Final = """
    insert into seen_row (source_id, row_hash, observed_at)
    select $1, row_hash, coalesce(
        timestamptz '2000-01-01 00:00+00' + at * interval '1 microsecond', '-infinity')
    from unnest($2::bytea[], $3::bigint[]) u (row_hash, at)
    on conflict (source_id, row_hash) do update set observed_at = excluded.observed_at"""
PACK: Final = """
    insert into seen_pack (source_id, part, rows)
    select $1, part, rows from unnest($2::int[], $3::bytea[]) u (part, rows)
    on conflict (source_id, part) do update set rows = excluded.rows"""
UNPACKED: Final = "delete from seen_pack where source_id = $1 and part = any($2)"


ALL: Final = """
    select row_hash, observed_at from seen_row where source_id = $1 and isfinite(observed_at)
    union all
    select row_hash, timestamptz '2000-01-01 00:00+00'
        + ('x' || encode(at, 'hex'))::bit(64)::bigint * interval '1 microsecond'
    from (
        select substring(p.rows from place for 16), substring(p.rows from place + 16 for 8)
        from seen_pack p, generate_series(1, length(p.rows), 24) place
        where p.source_id = $1) u (row_hash, at)
    where not exists (select from seen_row s where s.source_id = $1 and s.row_hash = u.row_hash)"""
"""What is known of the rows of a source, wherever it stands."""


def micros(time: dt.datetime) -> int:
    return (time - EPOCH) // MICROSECOND


class Seen:
    """What a run knows of its source's rows, and what it adds to that."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._connection = connection
        self._source_id = source_id
        self._know(np.empty(0, KNOWN))
        self._loose = 0
        self._is_packed = False
        self._loaded: set[int] | None = set()
        """Parts whose packs are in ``_known``; None for all."""
        self._staged: list[Rows] = []
        self.passing: list[int] = []
        """Numbers of rows that are staged and not known afterwards: the source itself does not say them."""

    async def open(self) -> None:
        loose = _of_pairs(await self._connection.fetch(LOOSE, self._source_id))
        self._loose = len(loose)
        self._know(_last(loose))
        exists = "select exists (select from seen_pack where source_id = $1)"
        self._is_packed = await self._connection.fetchval(exists, self._source_id)
        if not self._is_packed:
            self._loaded = None

    def _know(self, rows: Rows) -> None:
        self._known, self._high = rows, np.ascontiguousarray(rows["high"])

    async def fresh(self, hashes: bytes, times: Sequence[int] | int, *, dated: bool) -> list[int]:
        """Places of the rows that are not known as of their times; the others are said by the run."""
        asked = _of(hashes, times)
        await self._load(asked)
        known = self._known
        if not len(known):
            return list(range(len(asked)))
        # In order, what is looked up lies side by side in memory.
        order = np.argsort(asked["high"])
        asked = asked[order]
        place = np.minimum(np.searchsorted(self._high, asked["high"]), len(known) - 1)
        found = known[place]
        is_known = (found["high"] == asked["high"]) & (found["low"] == asked["low"])
        is_known &= found["at"] >= asked["at"]
        said = asked["at"][is_known] + (DATED if dated else 0)
        np.maximum.at(known["said"], place[is_known], said)
        fresh: list[int] = np.sort(order[~is_known]).tolist()
        return fresh

    def stage(self, hashes: bytes, times: Sequence[int] | int) -> None:
        """Rows that are known from now on, unless ``settle`` is told that one, counted from 1, is not."""
        self._staged.append(_of(hashes, times))

    async def tell(self) -> None:
        """Fills ``restated`` with what the run has said of what is known."""
        await self._connection.copy_to_table("restated", source=_file(self._known), format="binary")

    async def settle(self, *, whole: bool, replaced: Sequence[bytes], unsettled: Sequence[int]) -> None:
        """Forgets rows that are replaced, or that a ``whole`` source says no longer; remembers those staged.

        ``unsettled``: numbers of staged rows that are not merged in full.
        """
        if whole:
            await self._load(None)
        gone = _of(b"".join(replaced), NEVER)
        self._leave(np.array(sorted({*unsettled, *self.passing}), "i8") - 1)
        most = sum(map(len, self._staged)) + len(gone) + (len(self._known) if whole else 0)
        if most <= 2 * FEW:
            written = self._written(gone, whole, range(1 << PART_BITS))
            if self._loose + len(written) <= FEW:
                await self._note(written)
                return
        # With what others have noted meanwhile.
        taken = _of_pairs(await self._connection.fetch(TAKE, self._source_id))
        for first in range(0, 1 << PART_BITS, MANY):
            parts = range(first, first + MANY)
            await self._pack(np.concatenate([_within(taken, parts), self._written(gone, whole, parts)]))
        self._staged.clear()

    def _leave(self, places: NDArray[np.int64]) -> None:
        """Marks what is staged and not to be known, counted from 0."""
        begins = 0
        for rows in self._staged:
            first, last = np.searchsorted(places, (begins, begins + len(rows)))
            rows["said"][places[first:last] - begins] = LEFT
            begins += len(rows)

    def _written(self, gone: Rows, whole: bool, parts: range) -> Rows:
        """What is to be known of the hashes of these parts, and what no longer (``NEVER``)."""
        staged = np.concatenate([*(_within(rows, parts) for rows in self._staged), np.empty(0, KNOWN)])
        lost = [_within(gone, parts)]
        if whole:
            lost.append(self._silent(staged, parts))
        added = staged[staged["said"] != LEFT]
        return _last(np.concatenate([*lost, added[np.argsort(added["at"], kind="stable")]]))

    def _silent(self, staged: Rows, parts: range) -> Rows:
        lowest, highest = (np.uint64(n << (64 - PART_BITS)) for n in (parts.start, parts.stop - 1))
        highest |= np.uint64((1 << (64 - PART_BITS)) - 1)
        first = np.searchsorted(self._high, lowest)
        known = self._known[first : np.searchsorted(self._high, highest, "right")]
        silent = known[(known["said"] == UNSAID) & (known["at"] != NEVER)]
        silent = silent[~_are_among(silent["high"], staged["high"])]
        silent["at"] = NEVER
        return np.asarray(silent)

    async def _note(self, written: Rows) -> None:
        """In ``seen_row``. What is in no pack need not be told to be unknown."""
        is_gone = written["at"] == NEVER
        if not self._is_packed:
            await self._connection.execute(FORGET, self._source_id, _hashes(written[is_gone]))
            written = written[~is_gone]
        at = [None if time == NEVER else time for time in written["at"].tolist()]
        await self._connection.execute(REMEMBER, self._source_id, _hashes(written), at)

    async def _pack(self, written: Rows) -> None:
        if not len(written):
            return
        parts = _parts(_part(written))
        merged = _last(np.concatenate([await self._unpack(parts), written]))
        packs = dict(_packs(merged[merged["at"] != NEVER]))
        await self._connection.execute(PACK, self._source_id, list(packs), list(packs.values()))
        if empty := [each for each in parts if each not in packs]:
            await self._connection.execute(UNPACKED, self._source_id, empty)

    async def _load(self, asked: Rows | None) -> None:
        """The packs of what is ``asked``, or all; what is loaded of a hash from ``seen_row`` stays."""
        if self._loaded is None:
            return
        wanted = None if asked is None else set(_parts(_part(asked))) - self._loaded
        if wanted is None or len(wanted) >= MANY:
            # Whatever was loaded before comes behind it, with what the run has said.
            found, self._loaded = await self._unpack_all(), None
        elif wanted:
            found = await self._unpack(sorted(wanted))
            self._loaded |= wanted
        else:
            return
        self._know(_last(np.concatenate([found, self._known])) if len(self._known) else found)

    async def _unpack_all(self) -> Rows:
        rows = np.empty(await self._connection.fetchval(PACKED_ROWS, self._source_id), KNOWN)
        filled = 0
        for first in range(0, 1 << PART_BITS, MANY):
            some = await self._unpack(range(first, first + MANY))
            rows[filled : filled + len(some)] = some
            filled += len(some)
        return rows

    async def _unpack(self, parts: Sequence[int]) -> Rows:
        packs = await self._connection.fetch(UNPACK, self._source_id, parts)
        packed = np.frombuffer(b"".join([pack[0] for pack in packs]), PACKED)
        rows = np.empty(len(packed), KNOWN)
        for name in ("high", "low", "at"):
            rows[name] = packed[name]
        rows["said"] = UNSAID
        return rows


def _of(hashes: bytes, times: Sequence[int] | int) -> Rows:
    words = np.frombuffer(hashes, ">u8").reshape(-1, 2)
    rows = np.empty(len(words), KNOWN)
    rows["high"], rows["low"], rows["at"], rows["said"] = words[:, 0], words[:, 1], times, UNSAID
    return rows


def _of_pairs(pairs: Sequence[Any]) -> Rows:
    return _of(
        b"".join([pair[0] for pair in pairs]), [NEVER if pair[1] is None else pair[1] for pair in pairs]
    )


def _last(rows: Rows) -> Rows:
    """In order of hashes, of equal ones the last."""
    rows = rows[np.lexsort((rows["low"], rows["high"]))]
    is_last = np.ones(len(rows), bool)
    is_last[:-1] = (rows["high"][1:] != rows["high"][:-1]) | (rows["low"][1:] != rows["low"][:-1])
    return rows[is_last]


def _within(rows: Rows, parts: range) -> Rows:
    part = _part(rows)
    return rows[(part >= parts.start) & (part < parts.stop)]


def _part(rows: Rows) -> NDArray[np.int64]:
    return (rows["high"] >> np.uint64(64 - PART_BITS)).astype("i8")


# Not np.unique and np.isin: the first call imports numpy.ma, which costs as much as 50,000 known rows.
def _parts(part: NDArray[np.int64]) -> list[int]:
    """Which parts there are, in order."""
    there: list[int] = np.flatnonzero(np.bincount(part, minlength=1 << PART_BITS)).tolist()
    return there


def _are_among(asked: NDArray[np.uint64], held: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(held):
        return np.zeros(len(asked), bool)
    held = np.sort(held)
    nearest = held[np.minimum(np.searchsorted(held, asked), len(held) - 1)]
    return np.asarray(nearest == asked)


def _hashes(rows: Rows) -> list[bytes]:
    words = np.empty((len(rows), 2), ">u8")
    words[:, 0], words[:, 1] = rows["high"], rows["low"]
    return [each.tobytes() for each in words]


def _packs(rows: Rows) -> Iterator[tuple[int, bytes]]:
    """``rows`` in order, by their parts."""
    packed = np.empty(len(rows), PACKED)
    for name in ("high", "low", "at"):
        packed[name] = rows[name]
    parts = _part(rows)
    starts = np.flatnonzero(np.diff(parts, prepend=-1))
    for part, pack in zip(parts[starts].tolist(), np.split(packed, starts)[1:], strict=True):
        yield part, pack.tobytes()


async def _file(known: Rows) -> AsyncIterator[bytes]:
    yield COPY_HEAD
    for start in range(0, len(known), TOLD_AT_ONCE):
        some = known[start : start + TOLD_AT_ONCE]
        some = some[some["said"] != UNSAID]
        rows = np.zeros(len(some), TOLD)
        rows["fields"], rows["sixteen"], rows["one"], rows["eight"] = 3, 16, 1, 8
        rows["high"], rows["low"] = some["high"], some["low"]
        rows["dated"] = some["said"] > DATED // 2
        rows["at"] = some["said"] - DATED * rows["dated"]
        yield rows.tobytes()
    yield COPY_END
