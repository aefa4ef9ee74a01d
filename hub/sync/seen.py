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
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
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
COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END: Final = b"\xff\xff"

NEVER: Final = int(np.iinfo(np.int64).min)
UNSAID: Final = NEVER
DATED: Final = 1 << 62
EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""PostgreSQL's, which counts microseconds from there."""
MICROSECOND: Final = dt.timedelta(microseconds=1)

MICROS: Final = """
    case when isfinite(observed_at)
        then (extract(epoch from observed_at - timestamptz '2000-01-01 00:00+00') * 1000000)::bigint end"""
LOOSE: Final = f"select row_hash, {MICROS} from seen_row where source_id = $1"
TAKE: Final = f"delete from seen_row where source_id = $1 returning row_hash, {MICROS}"
UNPACK: Final = """
    select rows from seen_pack where source_id = $1 and ($2::int[] is null or part = any($2)) order by part"""
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

    async def fresh(self, hashes: Sequence[bytes], times: Sequence[int] | int, *, dated: bool) -> list[int]:
        """Places of the rows that are not known as of their times; the others are said by the run."""
        asked = _of(hashes, times)
        await self._load(asked)
        known = self._known
        if not len(known):
            return list(range(len(hashes)))
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

    def stage(self, hashes: Sequence[bytes], times: Sequence[int] | int) -> None:
        """Rows that are known from now on, unless ``settle`` is told that one, counted from 1, is not."""
        self._staged.append(_of(hashes, times))

    async def tell(self) -> None:
        """Fills ``restated`` with what the run has said of what is known."""
        said = self._known[self._known["said"] != UNSAID]
        rows = np.zeros(len(said), TOLD)
        rows["fields"], rows["sixteen"], rows["one"], rows["eight"] = 3, 16, 1, 8
        rows["high"], rows["low"] = said["high"], said["low"]
        rows["dated"] = said["said"] > DATED // 2
        rows["at"] = said["said"] - DATED * rows["dated"]
        await self._connection.copy_to_table("restated", source=_file(rows), format="binary")

    async def settle(self, *, whole: bool, replaced: Sequence[bytes], unsettled: Sequence[int]) -> None:
        """Forgets rows that are replaced, or that a ``whole`` source says no longer; remembers those staged.

        ``unsettled``: numbers of staged rows that are not merged in full.
        """
        staged = np.concatenate([*self._staged, np.empty(0, KNOWN)])
        self._staged.clear()
        gone = _of(replaced, NEVER)
        if whole:
            await self._load(None)
            gone = np.concatenate([gone, self._silent(staged)])
        added = np.delete(staged, np.array([*unsettled, *self.passing], "i8") - 1)
        del staged
        written = _last(np.concatenate([gone, added[np.argsort(added["at"], kind="stable")]]))
        if self._loose + len(written) > FEW:
            await self._pack(written)
        elif len(written):
            await self._note(written)

    def _silent(self, staged: Rows) -> Rows:
        known = self._known
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
        """With what others have noted meanwhile."""
        taken = _of_pairs(await self._connection.fetch(TAKE, self._source_id))
        written = np.concatenate([taken, written])
        part = _part(written)
        touched = _parts(part)
        for start in range(0, len(touched), MANY):
            parts = touched[start : start + MANY]
            held = await self._unpack(parts)
            merged = _last(np.concatenate([held, written[(part >= parts[0]) & (part <= parts[-1])]]))
            merged = merged[merged["at"] != NEVER]
            packs = dict(_packs(merged))
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
            found, self._loaded = await self._unpack(None), None
        elif wanted:
            found = await self._unpack(sorted(wanted))
            self._loaded |= wanted
        else:
            return
        self._know(_last(np.concatenate([found, self._known])) if len(self._known) else found)

    async def _unpack(self, parts: Sequence[int] | None) -> Rows:
        packs = await self._connection.fetch(UNPACK, self._source_id, parts)
        packed = np.frombuffer(b"".join(pack[0] for pack in packs), PACKED)
        rows = np.empty(len(packed), KNOWN)
        for name in ("high", "low", "at"):
            rows[name] = packed[name]
        rows["said"] = UNSAID
        return rows


def _of(hashes: Iterable[bytes], times: Sequence[int] | int) -> Rows:
    words = np.frombuffer(b"".join(hashes), ">u8").reshape(-1, 2)
    rows = np.empty(len(words), KNOWN)
    rows["high"], rows["low"], rows["at"], rows["said"] = words[:, 0], words[:, 1], times, UNSAID
    return rows


def _of_pairs(pairs: Sequence[Any]) -> Rows:
    return _of((pair[0] for pair in pairs), [NEVER if pair[1] is None else pair[1] for pair in pairs])


def _last(rows: Rows) -> Rows:
    """In order of hashes, of equal ones the last."""
    rows = rows[np.lexsort((rows["low"], rows["high"]))]
    is_last = np.ones(len(rows), bool)
    is_last[:-1] = (rows["high"][1:] != rows["high"][:-1]) | (rows["low"][1:] != rows["low"][:-1])
    return rows[is_last]


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


async def _file(rows: Rows) -> AsyncIterator[bytes]:
    yield COPY_HEAD
    yield rows.tobytes()
    yield COPY_END
