"""What the hub holds of a source's lists against what the source told last, and what it has itself.

By list, kind of record and township: how many records stand and how many rows of the hub they are about; of a
source that is read whole, how many records are of rows it does not say any more; and of people and other
entities a digest of their keys, which the source's keeper can make too (docs/reconciliation.md). A digest is
keyed, with a key of the source, so that no number can be guessed from it, however small a township is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Table

from hub.domain.dates import CHINA
from hub.errors import ConfigurationError, HubError, NotFound
from hub.store.database import Connection, Database
from hub.store.rounds import rounds
from hub.store.vault import Vault
from hub.sync.connector import Connector
from hub.sync.layout import Layout, lay_out
from hub.sync.run import Source, find_source, session
from hub.tables.ledger import OWN

log = structlog.get_logger("hub.sync")

LAST: Final = "select max(run_id) from landed_run where source_id = $1"
TABLE: Final = "create temp table said (list_kind text, row_hash bytea) on commit drop"
"""Hashes of the rows that the run before said; of a slice that repeats another one, those of that."""
SAID: Final = """
    with told as (select distinct list_kind, digest from landed_slice where source_id = $1 and run_id = $2),
    kept as (
        select distinct on (digest) digest, hashes from landed_slice
        where source_id = $1 and hashes is not null and digest in (select digest from told)
        order by digest, run_id, number)
    insert into said
    select distinct list_kind, substring(hashes from place for 16)
    from told join kept using (digest), generate_series(1, length(hashes), 16) place"""
TOLD: Final = """
    with runs as (
        select id from sync_run where source_id = $1 and not is_replay and status = 'SUCCEEDED'
            and (started_at at time zone 'Asia/Shanghai')::date = $2),
    last as (select coalesce($3, max(id)) as id from runs)
    select list_kind, sum(read_count)::int as read, sum(unchanged_count)::int as unchanged,
        sum(accepted_count)::int as accepted, sum(quarantined_count)::int as quarantined,
        sum(withdrawn_count)::int as withdrawn
    from run_list where run_id in (select id from last where $4 union all select id from runs where not $4)
    group by list_kind order by min(id)"""
"""Of a source ($1) that is read whole ($4) the last run, $3 or that of the day ($2); else all of that day."""
REFUSED: Final = """
    select list_kind, count(*) as rows from quarantined_row
    where source_id = $1 and resolved_at is null group by 1"""
KEEP: Final = """
    insert into reconciliation (source_id, day, counted_at, list_kind, entity, division_code, held_count,
        unsaid_count, about_count, digest_count, digest)
    values ($1, $2, now(), $3, $4, $5, $6, $7, $8, $9, $10)"""
KEPT: Final = """
    select list_kind, entity, division_code, held_count, unsaid_count, about_count, digest_count, digest
    from reconciliation where source_id = $1 and day = $2 order by id"""
OLD: Final = """
    with old as (select id from sync_run where started_at < now() - make_interval(days => $1)),
    lists as (delete from run_list l using old where l.run_id = old.id),
    cells as (delete from dropped_cells c using old where c.run_id = old.id)
    delete from reconciliation where day < current_date - $1::int"""
SECONDS: Final = 600.0
"""Between looks for sources that are due; the hub's own number."""
DUE: Final = """
    select code from source s where connector <> $1
        and (last_success_at at time zone 'Asia/Shanghai')::date > coalesce(
            (select max(day) from reconciliation r where r.source_id = s.id), '-infinity')
    order by code"""


class Held(NamedTuple):
    """Records of one list and kind that stand in one place.

    ``unsaid``: of these, records of rows the source does not say any more; None where it sends only news.
    ``keys``: different keys in the ``digest``.
    """

    list_kind: str
    entity: str
    division_code: str
    records: int
    unsaid: int | None
    about: int
    keys: int = 0
    digest: str | None = None


class OfList(NamedTuple):
    """What a source that is read whole told last of a list, or one that sends news on that day.

    ``refused``: rows in quarantine now, of any run. ``unheld``: different rows it said of which no record
    stands; None where it sends only news. Both are None of a day that was counted before.
    """

    list_kind: str
    read: int
    unchanged: int
    accepted: int
    quarantined: int
    withdrawn: int
    refused: int | None = None
    unheld: int | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Of one source on a ``day``."""

    source: str
    day: dt.date
    lists: Sequence[OfList]
    held: Sequence[Held]


def key_of(vault: Vault, code: str) -> bytes:
    """What the keys of a source's records are hashed with; its keeper gets it too, and nobody else."""
    return vault.derive(f"reconciliation {code}", 32)


def digest_of(key: bytes, keys: Sequence[str]) -> tuple[int, str | None]:
    """How many different keys there are, and their digest: SHA-256 of their sorted HMACs, in hexadecimal."""
    hashed = sorted({hmac.digest(key, each.encode(), "sha256").hex() for each in keys})
    return len(hashed), sha256("\n".join(hashed).encode()).hexdigest() if hashed else None


async def reconcile(
    db: Database, vault: Vault, connectors: Mapping[str, Connector], code: str, day: dt.date
) -> Reconciled:
    """Counts as of now, and keeps that as what stood on ``day``. NotFound where there is no such source."""
    source = await find_source(db, code)
    if source.connector not in connectors:
        raise ConfigurationError(f"source {code}: there is no connector {source.connector!r}")
    lists = connectors[source.connector].lists
    layouts = [each for i, mapping in enumerate(lists.values()) for each in lay_out(mapping, i)]
    async with session(db) as connection:
        await connection.execute("set transaction isolation level repeatable read")
        run_id = await connection.fetchval(LAST, source.id)
        is_whole = source.checkpoint is None and run_id is not None
        await connection.execute(TABLE)
        if is_whole:
            await connection.execute(SAID, source.id, run_id)
            await connection.execute("create index on said (row_hash); analyze said")
        counting = _Counting(connection, source, vault, is_whole)
        held = [each async for each in counting.all(layouts)]
        told = await counting.lists(run_id, day, layouts)
        await connection.execute(
            "delete from reconciliation where source_id = $1 and day = $2", source.id, day
        )
        for each in held:
            await connection.execute(KEEP, source.id, day, *each)
    log.info("source_reconciled", source=code, count=len(held))
    return Reconciled(code, day, told, held)


class _Counting:
    """On the connection of a transaction in which what stands does not move while it is counted."""

    def __init__(self, connection: Connection, source: Source, vault: Vault, is_whole: bool) -> None:
        self._connection, self._source, self._vault = connection, source, vault
        self._is_whole = is_whole
        self._key = key_of(vault, source.code)

    async def all(self, layouts: Sequence[Layout]) -> AsyncIterator[Held]:
        """By list, kind of record and place."""
        for layout in {(each.list_kind, each.table.name): each for each in layouts}.values():
            digests = await self._digests(layout)
            for row in await self._connection.fetch(self._counts(layout), *self._of(layout)):
                place = row["place"]
                unsaid = row["unsaid"] if self._is_whole else None
                keys, digest = digests.get(place, (0, None))
                yield Held(
                    layout.list_kind,
                    layout.table.name,
                    place,
                    row["records"],
                    unsaid,
                    row["about"],
                    keys,
                    digest,
                )

    async def lists(self, run_id: int | None, day: dt.date, layouts: Sequence[Layout]) -> list[OfList]:
        """What was told, and what of it stands nowhere."""
        refused = {
            row["list_kind"]: row["rows"] for row in await self._connection.fetch(REFUSED, self._source.id)
        }
        told = []
        for row in await self._connection.fetch(TOLD, self._source.id, day, run_id, self._is_whole):
            kind = row["list_kind"]
            mine = [each for each in layouts if each.list_kind == kind]
            unheld = None
            if self._is_whole and mine:
                unheld = await self._connection.fetchval(_unheld(mine), self._source.id, kind)
            told.append(OfList(**dict(row), refused=refused.get(kind, 0), unheld=unheld))
        return told

    def _of(self, layout: Layout) -> tuple[Any, ...]:
        return self._source.id, layout.list_kind, f"{self._source.county}000000"

    def _counts(self, layout: Layout) -> str:
        about = "entity_id" if layout.record is not None else layout.target.about or "id"
        return f"""
            select {_place(layout)} as place, count(*) as records, count(distinct e."{about}") as about,
                count(*) filter (where not exists (
                    select from said s where s.row_hash = e.content_hash)) as unsaid
            from {_held(layout)} group by 1 order by 1"""

    async def _digests(self, layout: Layout) -> Mapping[str, tuple[int, str | None]]:
        """Of entities, by place."""
        columns = layout.table.c  # a keyed hash stands for the sealed column it is of
        ways = [[columns[name].info.get("look_up", name) for name in way] for way in layout.target.match]
        if layout.record is None or not ways:
            return {}
        names = list(dict.fromkeys(name for way in ways for name in way))
        chosen = ", ".join(f'e."{name}"' for name in names)
        keys: dict[str, list[str]] = {}
        query = f"select {_place(layout)} as place, {chosen} from {_held(layout)}"
        async for row in self._connection.cursor(query, *self._of(layout), prefetch=2_000):
            for way in ways:
                if all(row[name] is not None for name in way):
                    keys.setdefault(row["place"], []).append("|".join(self._text(row[name]) for name in way))
                    break
        return {place: digest_of(self._key, of_place) for place, of_place in keys.items()}

    def _text(self, value: Any) -> str:
        return self._vault.open(value) if isinstance(value, bytes) else str(value)


def _stated(layout: Layout) -> Table[Any]:
    return layout.table if layout.record is None else layout.record


def _held(layout: Layout) -> str:
    """The statements of the source ($1) and the list ($2)."""
    return f'"{_stated(layout).name}" e where e.source_id = $1 and e.list_kind = $2 and $3::text is not null'


def _place(layout: Layout) -> str:
    """The township, or the county ($3) where the record names none."""
    named = "division_code" in _stated(layout).c
    return "coalesce(left(e.division_code, 9) || '000', $3)" if named else "$3::text"


def _unheld(layouts: Sequence[Layout]) -> str:
    """Different rows of the list ($2) that are said and of which nothing stands of the source ($1)."""
    standing = " and ".join(
        f'not exists (select from "{table.name}" e where e.source_id = $1 and e.list_kind = $2'
        " and e.content_hash = s.row_hash)"
        for table in {_stated(layout) for layout in layouts}
    )
    return f"select count(*) from said s where s.list_kind = $2 and {standing}"


async def kept(db: Database, code: str, day: dt.date) -> Reconciled:
    """What was counted on that day. NotFound where there is no such source, or nothing was."""
    source = await find_source(db, code)
    rows = await db.owner.fetch(KEPT, source.id, day)
    if not rows:
        raise NotFound(f"Nothing was counted of {code!r} on {day}.", zh="当日没有对账记录")
    told = await db.owner.fetch(TOLD, source.id, day, None, source.checkpoint is None)
    return Reconciled(code, day, [OfList(**row) for row in told], [Held(*row) for row in rows])


async def reconcile_until(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    days: int,
    now: Callable[[], dt.datetime],
    stop: asyncio.Event,
) -> None:
    """Until ``stop``: once a day of each source that was read on it.

    These counts go after ``days``, and so do those of runs by list.
    """

    async def look() -> None:
        await db.owner.execute(OLD, days)
        for row in await db.owner.fetch(DUE, OWN):
            try:
                await reconcile(db, vault, connectors, row["code"], now().astimezone(CHINA).date())
            except HubError as error:
                log.warning("source_not_reconciled", source=row["code"], reason=error.code)

    await rounds(look, stop, SECONDS, log, "reconciliation_waits")
