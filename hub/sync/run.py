"""One run of one source: extract, stage, merge, and move everything in one transaction.

What others see of a run while it works is its ``sync_run`` row, which has transactions of its own.
A run that fails leaves that row, with a code and a sentence, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal, cast

import orjson
import structlog

from hub.errors import ConfigurationError, NotFound, Unavailable
from hub.store.database import Connection, Database
from hub.store.rotation import hold, settle
from hub.store.vault import Vault
from hub.sync import history
from hub.sync.changes import append_changes
from hub.sync.connector import Connector, Context, Entering, Place
from hub.sync.corrections import settle_corrections
from hub.sync.drift import Headers, note
from hub.sync.history import Told
from hub.sync.hooks import deliveries
from hub.sync.landing import Landing
from hub.sync.linked import unlinked
from hub.sync.merge import merge, prepare
from hub.sync.months import months_ahead
from hub.sync.outgoing import enter
from hub.sync.parts import StoredParts
from hub.sync.quarantine import quarantine
from hub.sync.references import Scope
from hub.sync.registry import opened
from hub.sync.stage import Stage
from hub.sync.subjects import known_in
from hub.sync.tallies import fold_after_run
from hub.sync.waiting import say_again
from hub.sync.withdrawal import find_gone

log = structlog.get_logger("hub.sync")

LOCK: Final = 0x6875_6201
"""Advisory lock of a source: one run at a time, whichever process it is in."""

SESSION: Final = "set local work_mem = '64MB'; set local jit = off"
"""Whole lists are sorted and hashed; and statements that run once are not worth compiling."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much is done, of how much (0 if unknown)."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Rows read = unchanged + accepted + quarantined, deletions among the accepted.

    ``changed`` counts golden rows, ``withdrawn`` statements of the source that were taken back.
    """

    read: int
    unchanged: int
    accepted: int
    quarantined: int
    changed: int
    withdrawn: int = 0
    status: Literal["SUCCEEDED"] = "SUCCEEDED"


@dataclass(frozen=True, slots=True)
class Source:
    """The registration of a source."""

    id: int
    code: str
    connector: str
    division_code: str
    location: str
    checkpoint: Mapping[str, Any] | None
    secrets: bytes | None = field(repr=False)
    most_lost_percent: int

    @property
    def county(self) -> str:
        return self.division_code[:6]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a run is to be. ``most_lost``: percent of a list that may go at once, None for any."""

    today: dt.date
    most_lost: int | None
    retry: bool
    progress: Progress | None


async def run_source(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    code: str,
    *,
    today: dt.date,
    progress: Progress | None = None,
    accept_losses: bool = False,
    retry: bool = False,
    anew: bool = False,
) -> RunReport:
    """Bring the hub to what the source says now.

    Whatever ends the run early is raised again after the run is marked FAILED. NotFound when there is
    no such source, Unavailable when another run of it is under way, MassDelete when a list would lose
    more than the source may lose at once, unless ``accept_losses``. ``retry``: rows in quarantine are read
    again as well, of a source that sends only news; those of others are read with every run. ``anew``: the
    source is asked for everything it has, as if for the first time; what is known already stays as it is.
    """
    source = await find_source(db, code)
    if anew:
        source = replace(source, checkpoint=None)
    wanted = Wanted(today, None if accept_losses else source.most_lost_percent, retry, progress)
    await months_ahead(db)
    run_id, headers = 0, Headers()
    try:
        async with alone(db, source) as connection:
            run_id = await history.start(db, source.id)
            report = await _run(connection, vault, connectors, source, Told(db, run_id), wanted, headers)
    except BaseException as error:
        if run_id:
            await history.fail(db, source.code, run_id, error)
            async with db.transaction() as connection:
                _tell(source, await note(connection, source.id, run_id, headers))
        raise
    await fold_after_run(db, code, source.county)
    log.info("source_synced", source=code, run=run_id, **asdict(report))
    return report


@asynccontextmanager
async def session(db: Database) -> AsyncIterator[Connection]:
    """A transaction in a session of its own: a run is long, and must not wait for itself in the pool."""
    connection = await db.connect()
    try:
        async with connection.transaction():
            await connection.execute(SESSION)
            yield cast(Connection, connection)
    finally:
        await connection.close()


@asynccontextmanager
async def alone(db: Database, source: Source) -> AsyncIterator[Connection]:
    """A session while nobody else merges what the source says. Unavailable where somebody does."""
    async with session(db) as connection:
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", LOCK, source.id):
            raise Unavailable(f"source {source.code} is being synced by another process")
        yield connection


async def _run(
    connection: Connection,
    vault: Vault,
    connectors: Mapping[str, Connector],
    source: Source,
    told: Told,
    wanted: Wanted,
    headers: Headers,
) -> RunReport:
    if source.connector not in connectors:
        raise ConfigurationError(f"source {source.code}: there is no connector {source.connector!r}")
    connector, vault = connectors[source.connector], vault.pinned()
    context = Context(source.county, wanted.today, vault.blind)
    landing = Landing(connection, vault, source.id, told.run_id)
    stage = Stage(connection, vault, connector.lists, source.id, context, landing, headers)
    await stage.open()
    parts = StoredParts(connection, vault, source.id)
    known = known_in(connection, vault, source.county, wanted.today, source.id)
    pushed = partial(deliveries, connection, vault, source.id)
    place = Place(source.location, source.county, opened(vault, source.secrets), known, parts, pushed)
    checkpoint = await _extract(connector, source, place, stage, told, wanted.progress)
    if isinstance(connector, Entering):
        await enter(told.db, vault, connectors, source.code)
    if source.checkpoint is not None:
        here = Scope(connection, source.county, source.id, told.run_id, whole=False)
        await say_again(here, stage, vault, refused=wanted.retry)
    stage.delivered.whole = source.checkpoint is None and checkpoint is None
    scope = Scope(connection, source.county, source.id, told.run_id, stage.delivered.whole)
    report = await conclude(scope, stage, vault, source, wanted)
    if scope.whole:
        await parts.forget()
    continued = source.checkpoint is not None
    await landing.keep(wanted.today, whole=scope.whole, continued=continued, retried=wanted.retry)
    _tell(source, await note(connection, source.id, told.run_id, headers))
    await history.finish(connection, told.run_id, asdict(report), checkpoint)
    return report


async def conclude(scope: Scope, stage: Stage, vault: Vault, source: Source, wanted: Wanted) -> RunReport:
    """Merges what is staged; what is refused and what has changed is written down."""
    await hold(scope.connection, vault)  # rows that are refused are sealed as well
    merging = await prepare(scope, stage)
    async with unlinked(scope, stage, losing=merging and await find_gone(scope, stage)):
        if merging:
            await settle(scope.connection, vault, source.county)
        withdrawn = await merge(scope, stage, wanted.most_lost, wanted.progress)
        quarantined = await quarantine(scope, source.division_code, stage.delivered)
    await stage.by_list.keep(scope.connection, scope.source_id, scope.run_id)
    changed = await append_changes(scope)
    await settle_corrections(scope, vault)
    return RunReport(
        read=stage.read,
        unchanged=stage.unchanged,
        accepted=stage.read - stage.unchanged - quarantined,
        quarantined=quarantined,
        changed=changed,
        withdrawn=withdrawn,
    )


async def _extract(
    connector: Connector, source: Source, place: Place, stage: Stage, told: Told, progress: Progress | None
) -> Mapping[str, Any] | None:
    """Stages all batches; the last checkpoint they carried."""
    checkpoint = None
    async for batch in connector.extract(place, source.checkpoint):
        await stage.add(batch)
        await told(stage.read)
        checkpoint = batch.checkpoint or checkpoint
        if progress:
            progress(batch.list_kind, stage.read, 0)
    if ignored := stage.headers.ignored:
        log.info("columns_ignored", source=source.code, count=ignored)
    return checkpoint


def _tell(source: Source, changes: int) -> None:
    if changes:
        log.warning("lists_changed", source=source.code, count=changes)


async def find_source(db: Database, code: str) -> Source:
    async with db.transaction() as connection:
        row = await connection.fetchrow(
            "select id, code, connector, division_code, location, checkpoint, secrets, most_lost_percent"
            " from source where code = $1",
            code,
        )
    if row is None:
        raise NotFound(f"there is no source {code!r}", zh=f"没有数据来源 {code}")
    checkpoint = orjson.loads(row["checkpoint"]) if row["checkpoint"] else None
    return Source(**{**row, "checkpoint": checkpoint})
