"""Brings the rows of a run into temporary tables: known rows skipped, bad rows set aside.

=============== ===================================================================================
restated        hashes of rows skipped because they are merged already, once ``Seen`` has told
row_staged      every other good row: where it stood, its hash, and where it landed (``hub.sync.landing``)
row_refused     rows no target could be made of
reason          what the merge refuses of rows that are staged: one target each
unsettled       rows with a reference left empty because it found nothing; they are tried again
replaced        hashes of rows whose statement another one replaced
moved           entities that lost a record of a list to another entity
changed         golden rows inserted or changed
gone            record keys that the source deletes, by the staging table of their target
spared          record keys of refused rows: nothing of them is gone because it is not said
sync_<l>_<t>    statements of target t of list l, and its links
=============== ===================================================================================

Nothing of a row stays in Python after its slice of a batch is copied.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from hub.domain.dates import CHINA
from hub.errors import ConfigurationError
from hub.store.database import Connection
from hub.store.vault import BLIND_BYTES, Vault
from hub.sync.by_list import ByList
from hub.sync.check import ListCheck, Statement
from hub.sync.connector import UNKNOWN_LIST, Batch, Context, ListMapping, Refusal, Row
from hub.sync.content import canonical
from hub.sync.copies import Copies
from hub.sync.delivery import Delivered
from hub.sync.drift import Headers
from hub.sync.header import printable
from hub.sync.landing import Landing
from hub.sync.layout import Layout, fingerprint, lay_out
from hub.sync.lines import Hashed, Lines
from hub.sync.seen import Seen, micros

SLICE: Final = 2000
"""Rows checked and copied at a time, however large the connector's batch is."""

TABLES: Final = """
    create temp table restated (row_hash bytea, dated boolean, observed_at timestamptz) on commit drop;
    create temp table row_staged (row_id bigint, list_kind text, file text, sheet text, row_number int,
        row_hash bytea, observed_at timestamptz, slice int, place int) on commit drop;
    create temp table row_refused (list_kind text, file text, sheet text, row_number int,
        row_hash bytea, observed_at timestamptz, raw bytea, codes text[], reasons text[]) on commit drop;
    create temp table reason (row_id bigint, code text, sentence text) on commit drop;
    create temp table unsettled (row_id bigint) on commit drop;
    create temp table replaced (row_hash bytea) on commit drop;
    create temp table moved (entity text, list_kind text, old_id bigint, new_id bigint) on commit drop;
    create temp table changed (position int, entity text, county_code text, entity_id bigint,
        operation text) on commit drop;
    create temp table gone (position text, record_key text collate "C", observed_at timestamptz)
        on commit drop;
    create temp table spared (record_key text collate "C") on commit drop;
"""
LONGEST_PLACE: Final = 300
"""Characters of a file's or a sheet's name that are kept: an index holds both."""
ROW_STAGED: Final = (
    "row_id",
    "list_kind",
    "file",
    "sheet",
    "row_number",
    "row_hash",
    "observed_at",
    "slice",
    "place",
)
ROW_REFUSED: Final = (*ROW_STAGED[1:-2], "raw", "codes", "reasons")
STATED: Final = ("item", "row_id", "record_key", "row_hash", "dated", "observed_at", "complete", "absent")


class StagedList:
    """One kind of list while its rows arrive."""

    def __init__(self, mapping: ListMapping, position: int, vault: Vault) -> None:
        self.mapping = mapping
        self.layouts = lay_out(mapping, position)
        self.check = ListCheck(self.layouts, vault)
        self.salt = f"{mapping.kind}|{fingerprint(mapping)}|"
        self.staged = False


class Stage:
    """Staging of one run, on the connection of its transaction."""

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        lists: Mapping[str, ListMapping],
        source_id: int,
        context: Context,
        landing: Landing,
        headers: Headers | None = None,
    ) -> None:
        self.headers = headers or Headers()
        self.by_list = ByList()
        self.lists = {kind: StagedList(m, i, vault) for i, (kind, m) in enumerate(lists.items())}
        self.read = self.unchanged = self.deleted = 0
        self.delivered = Delivered()
        self._connection = connection
        self._vault = vault
        self.seen = Seen(connection, source_id)
        self._copies = Copies(connection)
        self._key = vault.derive("lines of tables", 64)
        self._context = context
        self._written_at: dt.datetime | None = None
        self.landing = landing
        self._item = self._row_id = 0
        self._latest = dt.datetime.combine(context.today + dt.timedelta(days=1), dt.time(), dt.UTC)

    @property
    def last_row(self) -> int:
        """Number of the row that was staged last."""
        return self._row_id

    @property
    def withdraws(self) -> bool:
        return bool(self.deleted or self.delivered.complete)

    async def open(self) -> None:
        await self._connection.execute(TABLES)
        await self.landing.open()
        await self.seen.open()

    async def close(self) -> None:
        """All is staged; before anything reads it."""
        await self._copies.flush()
        await self._connection.execute("analyze row_staged (row_id, row_hash)")
        if self.withdraws or any(each.staged for each in self.lists.values()):
            await self.seen.tell()

    async def add(self, batch: Batch, *, again: Iterable[tuple[str, str, int]] | None = None) -> None:
        """Stages a batch, in slices. ``again``: the hub says it; the places of those rows it had refused."""
        if again is None:
            self._note(batch)
        else:
            self.delivered.again.update(again)
        if batch.header:
            self.headers.add(batch.list_kind, batch.header)
        read = len(batch.rows) + len(batch.refused) + len(batch.deleted)
        self.read += read
        self.by_list.of[batch.list_kind].read += read
        batch = replace(batch, observed_at=self._known_by_now(batch.observed_at))
        if batch.refused:
            await self._copies.add(
                "row_refused", ROW_REFUSED, [self._unread(batch, *r) for r in batch.refused]
            )
            await self._spare(batch.list_kind, [row for row, _ in batch.refused])
        if (batch.rows or batch.deleted or batch.ends) and batch.list_kind not in self.lists:
            raise ConfigurationError(f"no mapping for lists of kind {batch.list_kind!r}")
        for start in range(0, len(batch.rows), SLICE):
            rows = batch.rows[start : start + SLICE]
            await self._add(self.lists[batch.list_kind], batch, rows, again is not None)
        await self._delete(batch)
        await self.landing.rest(batch, blind=self._context.blind)
        if batch.ends:
            self.delivered.complete[batch.list_kind] = batch.observed_at

    def _note(self, batch: Batch) -> None:
        rows = batch.rows
        files = {rows.file} if isinstance(rows, Lines) and rows else {row.file for row in rows}
        files |= {row.file for row in (*batch.deleted, *(row for row, _ in batch.refused))}
        self.delivered.files.update(map(_printable, files))
        # A refusal without cells stands for all rows of its sheet, or of its file.
        self.delivered.unread.update(place_of(row)[:2] for row, _ in batch.refused if not row.raw)
        if batch.rows:
            self.delivered.kinds.add(batch.list_kind)
            self.headers.said.add(batch.list_kind)

    async def _add(self, staged: StagedList, batch: Batch, rows: Sequence[Row], again: bool) -> None:
        # An empty cell and one that is not there say different things.
        salt = staged.salt + "".join(f"-{header}|" for header in sorted(batch.absent))
        hashes, times = self._hashes(salt, rows), self._times(batch, rows)
        known_at = micros(times) if isinstance(times, dt.datetime) else list(map(micros, times))
        places = await self.seen.fresh(hashes, known_at, dated=batch.dated)
        taken = rows.take(places) if isinstance(rows, Lines) else [rows[place] for place in places]
        fresh = dict(zip(places, taken, strict=True))
        slice_number = await self.landing.rows(batch, rows, hashes, fresh, salt=salt, again=again)
        self.unchanged += len(rows) - len(fresh)
        self.by_list.of[batch.list_kind].unchanged += len(rows) - len(fresh)
        if not fresh:
            return
        # Where a slice has many new rows, this is where the time of a first load goes.
        good: list[tuple[Any, ...]] = []
        bad: list[tuple[Any, ...]] = []
        spared: list[Row] = []
        said: list[list[tuple[Any, ...]]] = [[] for _ in staged.layouts]
        linked: list[list[list[tuple[Any, ...]]]] = [[[] for _ in y.links] for y in staged.layouts]
        absent = [layout.without(batch.absent) or None for layout in staged.layouts]
        for layout, gone in zip(staged.layouts, absent, strict=True):
            layout.kept.update(gone or ())
        for place, row in fresh.items():
            time = times if isinstance(times, dt.datetime) else times[place]
            row_hash = hashes[place * BLIND_BYTES : (place + 1) * BLIND_BYTES]
            statements, refusals = staged.check.read(row, self._context_at(time))
            if refusals:
                bad.append(self._refused(batch.list_kind, row, row_hash, refusals, time))
                spared.append(row)
                continue
            self._row_id += 1
            landed = slice_number, place
            good.append((self._row_id, batch.list_kind, *place_of(row), row_hash, time, *landed))
            for of_target, into, links, gone in zip(statements, said, linked, absent, strict=True):
                for statement in of_target:
                    self._say(statement, row_hash, batch.dated, time, gone, into, links)
        if good and not staged.staged:
            await self._connection.execute("".join(_create(layout) for layout in staged.layouts))
            staged.staged = True
        self.seen.stage(b"".join([row[5] for row in good]), [micros(row[6]) for row in good])
        await self._copies.add("row_refused", ROW_REFUSED, bad)
        await self._spare(batch.list_kind, spared)
        await self._copies.add("row_staged", ROW_STAGED, good)
        for layout, into, links in zip(staged.layouts, said, linked, strict=True):
            columns = (*STATED, *layout.direct, *(s.staged for s in layout.seeks))
            await self._copies.add(layout.staging, columns, into)
            for bound, pairs in zip(layout.links, links, strict=True):
                sought = bound.pointer.alternatives[0][0].staged
                await self._copies.add(bound.staging, ("item", "row_id", sought), pairs)

    def _say(
        self,
        statement: Statement,
        row_hash: bytes,
        dated: bool,
        time: dt.datetime,
        absent: list[str] | None,
        into: list[tuple[Any, ...]],
        links: list[list[tuple[Any, ...]]],
    ) -> None:
        self._item += 1
        head = (self._item, self._row_id, statement.record_key, row_hash, dated, time)
        into.append((*head, statement.complete, absent, *statement.values, *statement.seeks))
        for pairs, values in zip(links, statement.links, strict=True):
            pairs.extend((self._item, self._row_id, value) for value in values)

    def _hashes(self, salt: str, rows: Sequence[Row]) -> bytes:
        """Of all rows, one behind the other."""
        if isinstance(rows, Lines):
            return rows.hashes(blake2b(f"{salt}{rows.form}".encode(), key=self._key).digest())
        if isinstance(rows, Hashed) and rows.salt == salt:
            return b"".join(rows.hashes)
        return b"".join([self._context.blind(salt + canonical(row.values)) for row in rows])

    def _times(self, batch: Batch, rows: Sequence[Row]) -> list[dt.datetime] | dt.datetime:
        return batch.observed_at if isinstance(rows, Lines) else [self._time(batch, row) for row in rows]

    def _known_by_now(self, time: dt.datetime) -> dt.datetime:
        """A list dated 2062 by mistake must not win over all that come after it."""
        if time.tzinfo is None:
            raise ConfigurationError(
                "observed_at: a time with its zone is expected, such as datetime.now(UTC)"
            )
        return min(time, self._latest)

    def _context_at(self, time: dt.datetime) -> Context:
        """Of a row that was written then: the same object for the rows of a list that names its day."""
        if time != self._written_at:
            self._written_at = time
            self._context = replace(self._context, day=time.astimezone(CHINA).date())
        return self._context

    def _time(self, batch: Batch, row: Row) -> dt.datetime:
        return batch.observed_at if row.observed_at is None else self._known_by_now(row.observed_at)

    async def _delete(self, batch: Batch) -> None:
        """Notes the record keys of deleted rows; one that cannot be read deletes nothing and is refused."""
        gone: list[tuple[str, str, dt.datetime]] = []
        bad: list[tuple[Any, ...]] = []
        for row in batch.deleted:
            staged = self.lists[batch.list_kind]
            keys, refusals = staged.check.keys(row, self._context)
            if refusals:
                bad.append(self._unread(batch, row, [_of_deletion(each) for each in refusals]))
                continue
            time = self._time(batch, row)
            self.deleted += 1
            for layout, of_target in zip(staged.layouts, keys, strict=True):
                gone.extend((layout.staging, key, time) for key in of_target)
        await self._copies.add("row_refused", ROW_REFUSED, bad)
        await self._copies.add("gone", ("position", "record_key", "observed_at"), gone)

    async def _spare(self, kind: str, rows: Sequence[Row]) -> None:
        """A refused row still stands on its list, so what it said before is not gone."""
        spared: list[tuple[str]] = []
        for row in rows:
            keys, refusals = (
                self.lists[kind].check.keys(row, self._context) if kind in self.lists else ((), ())
            )
            if refusals or not keys:
                self.delivered.unsure.add(kind)
            spared.extend((key,) for of_target in keys for key in of_target)
        await self._copies.add("spared", ("record_key",), spared)

    def _unread(self, batch: Batch, row: Row, refusals: Sequence[Refusal]) -> tuple[Any, ...]:
        kind = batch.list_kind or UNKNOWN_LIST
        row_hash = self._context.blind(f"{kind}|refused|{canonical(row.raw)}")
        return self._refused(kind, row, row_hash, refusals)

    def _refused(
        self,
        kind: str,
        row: Row,
        row_hash: bytes,
        refusals: Sequence[Refusal],
        time: dt.datetime | None = None,
    ) -> tuple[Any, ...]:
        """``time``: None where the cells are not those of a list, and cannot be read again."""
        self.headers.refused(kind, refusals)
        codes = list(dict.fromkeys(r.code for r in refusals))
        reasons = [sentence(r.header, r.expected_zh, r.expected) for r in refusals]
        raw = self._vault.seal(canonical(row.raw))
        return kind, *place_of(row), row_hash, time, raw, codes, reasons


def sentence(header: str, zh: str, en: str) -> str:
    """A reason as the bureau reads it; it names a column and no value."""
    return _printable(f"{header}：{zh} / {en}" if header else f"{zh} / {en}")


def _of_deletion(refusal: Refusal) -> Refusal:
    """An empty cell is no fault of a row that is gone; but without it nobody can tell which row it was."""
    if refusal.code != "REQUIRED":
        return refusal
    return replace(
        refusal,
        expected="A deletion is expected to have the cells that record keys are made of.",
        expected_zh="删除须给出构成记录键的各项",
    )


def place_of(row: Row) -> tuple[str, str, int]:
    return _printable(row.file), _printable(row.sheet), row.number


@lru_cache(16)
def _printable(name: str) -> str:
    """File and sheet names may come from an archive in another encoding, or from a cell of any length."""
    return printable(name)[:LONGEST_PLACE]


def _create(layout: Layout) -> str:
    """Staging tables that take their types from the tables they go to."""
    columns = [f't."{name}"' for name in layout.direct]
    others = []
    for i, seek in enumerate(layout.seeks):
        referred = next(p.table for p in layout.pointers for a in p.alternatives if seek in a)
        columns.append(f'r{i}."{seek.column}" as "{seek.staged}"')
        others.append(f', "{referred.name}" r{i}')
    text = (
        f'create temp table "{layout.staging}" on commit drop as select null::bigint as item,'
        ' null::bigint as row_id, null::text collate "C" as record_key, null::bytea as row_hash,'
        " null::boolean as dated, null::timestamptz as observed_at, null::boolean as complete,"
        " null::text[] as absent,"
        f" {', '.join(columns)}"
        f' from "{layout.table.name}" t{"".join(others)} with no data;'
    )
    for bound in layout.links:
        seek = bound.pointer.alternatives[0][0]
        text += (
            f'create temp table "{bound.staging}" on commit drop as select null::bigint as item,'
            f' null::bigint as row_id, r."{seek.column}" as "{seek.staged}"'
            f' from "{bound.pointer.table.name}" r with no data;'
        )
    return text
