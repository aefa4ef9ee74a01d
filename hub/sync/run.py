"""One run of one source: extract, stage, merge, and move everything in one transaction.

What others see of a run while it works is its ``sync_run`` row, which has transactions of its own.
A run that fails leaves that row, with a code and a sentence, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, cast

import orjson
import structlog

from hub.errors import ConfigurationError, HubError, NotFound, Unavailable
from hub.store.database import Connection, Database
from hub.store.rotation import hold, settle
from hub.store.vault import Vault
from hub.sync.changes import append_changes
from hub.sync.connector import Connector, Context
from hub.sync.merge import merge
from hub.sync.quarantine import quarantine
from hub.sync.references import Scope
from hub.sync.stage import Stage
from hub.sync.tallies import fold_after_run

log = structlog.get_logger("hub.sync")

LOCK: Final = 0x6875_6201
"""Advisory lock of a source: one run at a time, whichever process it is in."""

SESSION: Final = "set local work_mem = '64MB'; set local jit = off"
"""Whole lists are sorted and hashed; and statements that run once are not worth compiling."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much is done, of how much (0 if unknown)."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Rows read = unchanged + accepted + quarantined; ``changed`` counts golden rows."""

    read: int
    unchanged: int
    accepted: int
    quarantined: int
    changed: int
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

    @property
    def county(self) -> str:
        return self.division_code[:6]


async def register_source(
    db: Database,
    *,
    code: str,
    name: str,
    connector: str,
    division_code: str,
    location: str,
    max_age_hours: int,
) -> int:
    """The number of the source; its registration is brought up to date."""
    if not (division_code.isascii() and division_code.isdigit() and len(division_code) == 12):
        raise ConfigurationError(f"source {code}: a division code of 12 digits is expected")
    async with db.transaction() as connection:
        number: int = await connection.fetchval(
            """
            insert into source (code, name, connector, division_code, location, max_age_hours)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (code) do update set name = excluded.name, connector = excluded.connector,
                division_code = excluded.division_code, location = excluded.location,
                max_age_hours = excluded.max_age_hours
            returning id""",
            code,
            name,
            connector,
            division_code,
            location,
            max_age_hours,
        )
    return number


async def run_source(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    code: str,
    *,
    today: dt.date,
    progress: Progress | None = None,
) -> RunReport:
    """Bring the hub to what the source says now.

    Whatever ends the run early is raised again after the run is marked FAILED. NotFound when there is
    no such source, Unavailable when another run of it is under way.
    """
    source = await _source(db, code)
    run_id = 0
    try:
        async with _session(db) as connection:
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", LOCK, source.id):
                raise Unavailable(f"source {code} is being synced by another process")
            run_id = await _start(db, source)
            report = await _run(connection, vault, connectors, source, run_id, today, progress)
    except BaseException as error:
        if run_id:
            await _fail(db, source, run_id, error)
        raise
    await fold_after_run(db, code, source.county)
    log.info("source_synced", source=code, run=run_id, **asdict(report))
    return report


@asynccontextmanager
async def _session(db: Database) -> AsyncIterator[Connection]:
    """A transaction in a session of its own: a run is long, and must not wait for itself in the pool."""
    connection = await db.connect()
    try:
        async with connection.transaction():
            await connection.execute(SESSION)
            yield cast(Connection, connection)
    finally:
        await connection.close()


async def _run(
    connection: Connection,
    vault: Vault,
    connectors: Mapping[str, Connector],
    source: Source,
    run_id: int,
    today: dt.date,
    progress: Progress | None,
) -> RunReport:
    if source.connector not in connectors:
        raise ConfigurationError(f"source {source.code}: there is no connector {source.connector!r}")
    connector, vault = connectors[source.connector], vault.pinned()
    context = Context(source.county, today, vault.blind)
    stage = Stage(connection, vault, connector.lists, source.id, context)
    await stage.open()
    checkpoint = await _extract(connector, source, stage, progress)
    stage.delivered.whole = source.checkpoint is None and checkpoint is None
    scope = Scope(connection, source.county, source.id, run_id, stage.delivered.whole)
    await hold(connection, vault)  # rows that are refused are sealed as well
    if any(each.staged for each in stage.lists.values()):
        await settle(connection, vault, source.county)
    await merge(scope, stage, progress)
    quarantined = await quarantine(scope, source.division_code, stage.delivered)
    changed = await append_changes(scope)
    report = RunReport(
        read=stage.read,
        unchanged=stage.unchanged,
        accepted=stage.read - stage.unchanged - quarantined,
        quarantined=quarantined,
        changed=changed,
    )
    await _finish(connection, source, run_id, report, checkpoint)
    return report


async def _extract(
    connector: Connector, source: Source, stage: Stage, progress: Progress | None
) -> Mapping[str, Any] | None:
    """Stages all batches; the last checkpoint they carried."""
    checkpoint = None
    ignored = 0
    async for batch in connector.extract(source.location, source.checkpoint):
        await stage.add(batch)
        ignored += len(batch.ignored_headers)
        checkpoint = batch.checkpoint or checkpoint
        if progress:
            progress(batch.list_kind, stage.read, 0)
    if ignored:
        log.info("columns_ignored", source=source.code, count=ignored)
    return checkpoint


async def _source(db: Database, code: str) -> Source:
    async with db.transaction() as connection:
        row = await connection.fetchrow(
            "select id, code, connector, division_code, location, checkpoint from source where code = $1",
            code,
        )
    if row is None:
        raise NotFound(f"there is no source {code!r}")
    checkpoint = orjson.loads(row["checkpoint"]) if row["checkpoint"] else None
    return Source(**{**row, "checkpoint": checkpoint})


async def _start(db: Database, source: Source) -> int:
    """The new run; one that says it is running though its lock is free has died."""
    async with db.transaction() as connection:
        await connection.execute(
            """
            update sync_run set status = 'FAILED', finished_at = now(),
                error = 'INTERRUPTED: the process that ran it ended'
            where source_id = $1 and status = 'RUNNING'""",
            source.id,
        )
        run_id: int = await connection.fetchval(
            "insert into sync_run (source_id, started_at, status) values ($1, now(), 'RUNNING') returning id",
            source.id,
        )
        await connection.execute(
            "update source set last_run_at = now(), last_status = 'RUNNING' where id = $1", source.id
        )
    return run_id


async def _finish(
    connection: Connection,
    source: Source,
    run_id: int,
    report: RunReport,
    checkpoint: Mapping[str, Any] | None,
) -> None:
    """Part of the transaction of the data: a run has succeeded when its data is there."""
    await connection.execute(
        """
        update sync_run set status = $2, finished_at = clock_timestamp(), read_count = $3,
            unchanged_count = $4, accepted_count = $5, quarantined_count = $6, changed_count = $7
        where id = $1""",
        run_id,
        report.status,
        report.read,
        report.unchanged,
        report.accepted,
        report.quarantined,
        report.changed,
    )
    await connection.execute(
        """
        update source set last_status = $2, last_success_at = clock_timestamp(),
            checkpoint = coalesce($3::jsonb, checkpoint)
        where id = $1""",
        source.id,
        report.status,
        None if checkpoint is None else orjson.dumps(dict(checkpoint)).decode(),
    )


async def _fail(db: Database, source: Source, run_id: int, error: BaseException) -> None:
    reason = explain(error)
    log.error("sync_failed", source=source.code, run=run_id, reason=reason, exc_info=error)
    async with db.transaction() as connection:
        await connection.execute(
            "update sync_run set status = 'FAILED', finished_at = now(), error = $2 where id = $1",
            run_id,
            reason,
        )
        await connection.execute("update source set last_status = 'FAILED' where id = $1", source.id)


def explain(error: BaseException) -> str:
    """A code and a sentence. Messages of other errors than ours may quote a row, so only their type."""
    if isinstance(error, HubError):
        return f"{error.code}: {error.message}"
    state = getattr(error, "sqlstate", None)
    return f"INTERNAL_ERROR: {type(error).__name__}{f' ({state})' if state else ''}"
