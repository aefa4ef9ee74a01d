"""Merging again what has landed, without asking the source.

Of a source that the hub holds nothing of, run after run is done again as it was done: its rows in their
order, its deletions, its day. Where the source's statements stand, what landed in the window is read again by
the mapping of now, as far as it still stands: what the source has replaced or taken back since says nothing
any more. So a window merged over the state it led to changes nothing, and a corrected mapping changes what it
reads otherwise. All of it is one transaction, and the source's own clock does not move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import structlog

from hub.errors import BadArgument, ConfigurationError
from hub.store.database import Connection, Database
from hub.store.vault import Vault
from hub.sync import history
from hub.sync.connector import Batch, Connector, Context, Row
from hub.sync.landed import Landed, LandedRun, Slice
from hub.sync.landing import Landing
from hub.sync.lines import Hashed
from hub.sync.references import Scope
from hub.sync.run import Progress, RunReport, Source, Wanted, alone, conclude, find_source
from hub.sync.seen import ALL, micros
from hub.sync.stage import SLICE, Stage, place_of
from hub.sync.state import state_hash
from hub.sync.tallies import fold_after_run
from hub.sync.waiting import say_again
from hub.tables import FACTS, RECORDS

log = structlog.get_logger("hub.sync")

HELD: Final = (
    f"select exists ({ALL})"
    " or exists (select from quarantined_row where source_id = $1 and resolved_at is null)"
)
SAY: Final = """
    update standing set said = true where row_hash = any ($1) and not said
    returning row_hash, observed_at, refused, owed"""
UNSAID: Final = "select row_hash, observed_at from standing where not said"
RESTATE: Final = "insert into restated select row_hash, true, observed_at from standing where not said"
TEMPORARY: Final = """
    select string_agg(format('%I', relname), ', ') from pg_class
    where relnamespace = pg_my_temp_schema() and relkind = 'r' and relname <> 'landed_row'"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """``runs`` that had landed in the window, and the hash of the state ``before`` and ``after``.

    ``missing``: rows whose cells are no longer kept. ``from_nothing``: run after run, for nothing was held.
    """

    runs: int
    report: RunReport
    missing: int
    before: str
    after: str
    from_nothing: bool


@dataclass(frozen=True, slots=True)
class Window:
    """What landed from ``since`` until before ``until``, or with one run."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    run_id: int | None = None


async def replay(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    code: str,
    window: Window,
    *,
    today: dt.date,
    progress: Progress | None = None,
) -> Replayed:
    """NotFound, Unavailable and MassDelete as of ``run_source``; BadArgument where nothing has landed.

    The source need not be there. What ends it early leaves nothing but the run's entry, which is FAILED.
    """
    source = await find_source(db, code)
    if source.connector not in connectors:
        raise ConfigurationError(f"source {code}: there is no connector {source.connector!r}")
    run_id = 0
    try:
        async with alone(db, source) as connection:
            run_id = await history.start_replay(db, source.id)
            again = _Again(connection, vault.pinned(), source, connectors[source.connector], run_id, progress)
            done = await again.all(window, today)
    except BaseException as error:
        if run_id:
            await history.fail_replay(db, code, run_id, error)
        raise
    await fold_after_run(db, code, source.county)
    log.info("source_replayed", source=code, run=run_id, missing=done.missing, **asdict(done.report))
    return done


class _Again:
    """One replay, on the connection of its transaction."""

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        source: Source,
        connector: Connector,
        run_id: int,
        progress: Progress | None,
    ) -> None:
        self._connection, self._vault, self._source, self._run_id = connection, vault, source, run_id
        self._connector, self._progress = connector, progress
        self._landed = Landed(connection, vault, source.id)

    async def all(self, window: Window, today: dt.date) -> Replayed:
        runs = await self._landed.runs(window.since, window.until, window.run_id)
        if not runs:
            raise BadArgument("Nothing of this source has landed in that time.", zh="该时段内没有收存的数据")
        await self._landed.open()
        before = await state_hash(self._connection, self._source.id)
        held = await self._connection.fetchval(HELD, self._source.id)
        report = await (self._window(runs, today) if held else self._one_by_one(runs))
        await history.finish_replay(self._connection, self._run_id, asdict(report))
        after = await state_hash(self._connection, self._source.id)
        return Replayed(len(runs), report, self._landed.missing, before, after, not held)

    async def _one_by_one(self, runs: Sequence[LandedRun]) -> RunReport:
        reports = []
        for done, run in enumerate(runs):
            self._tell(f"run {run.run_id}", done, len(runs))
            reports.append(await self._run(run))
            # Cursors that have been read to their end still hold the tables.
            temporary = await self._connection.fetchval(TEMPORARY)
            await self._connection.execute(f"close all; drop table {temporary}")
        return _sum(reports)

    async def _run(self, run: LandedRun) -> RunReport:
        """As it was done then, and under its number."""
        stage = await self._stage(run.read_on, run.run_id)
        async for part in self._landed.slices(run):
            await self._add(stage, part.batch)
        scope = self._scope(run.run_id, whole=run.whole)
        if run.continued:
            await say_again(replace(scope, whole=False), stage, self._vault, refused=run.retried)
        stage.delivered.whole = run.whole
        # What it took back then was accepted then.
        return await self._conclude(scope, stage, Wanted(run.read_on, None, run.retried, None))

    async def _window(self, runs: Sequence[LandedRun], today: dt.date) -> RunReport:
        await self._connection.execute(_standing(self._source.id))
        stage = await self._stage(today, self._run_id)
        for done, run in enumerate(runs):
            self._tell(f"run {run.run_id}", done, len(runs))
            async for part in self._landed.slices(run):
                await self._say(stage, part)
        await self._restate(stage)
        last = await self._landed.runs(None, None, None)
        scope = self._scope(self._run_id, whole=last[-1].whole)
        stage.delivered.whole = False  # of what the source has not given anew nothing is resolved
        wanted = Wanted(today, self._source.most_lost_percent, False, None)
        return await self._conclude(scope, stage, wanted)

    async def _restate(self, stage: Stage) -> None:
        """What is not read again is said as it was, or it would count as gone."""
        unsaid = await self._connection.cursor(UNSAID)
        while rows := await unsaid.fetch(SLICE):
            times = [micros(row["observed_at"]) for row in rows]
            await stage.seen.fresh(b"".join([row["row_hash"] for row in rows]), times, dated=True)
        await self._connection.execute(RESTATE)

    async def _say(self, stage: Stage, part: Slice) -> None:
        """Those rows that landed with this slice and still stand, as of when they were said last."""
        new = [row_hash for row_hash, is_new in zip(part.hashes, part.new, strict=True) if is_new]
        standing = {row["row_hash"]: row for row in await self._connection.fetch(SAY, new)} if new else {}
        owed, others, refused = list[Told](), list[Told](), []
        for row, row_hash, is_new in zip(part.batch.rows, part.hashes, part.new, strict=True):
            if is_new and (stands := standing.pop(row_hash, None)) is not None:
                told = replace(row, observed_at=stands["observed_at"]), row_hash
                (owed if stands["owed"] else others).append(told)
                if stands["refused"]:
                    refused.append(place_of(row))
        if owed:
            await self._add(stage, _of(part, owed), again=refused)
        if others:
            # What has been replaced in part, or is on the list no more, stands and is not said.
            last = stage.last_row
            await self._add(stage, _of(part, others), again=())
            stage.seen.passing += range(last + 1, stage.last_row + 1)

    async def _add(self, stage: Stage, batch: Batch, again: Sequence[Any] | None = None) -> None:
        if batch.list_kind in stage.lists or not (batch.rows or batch.deleted or batch.ends):
            await stage.add(batch, again=again)
        else:
            self._landed.missing += len(batch.rows)  # a list the connector reads no more

    async def _stage(self, today: dt.date, run_id: int) -> Stage:
        context = Context(self._source.county, today, self._vault.blind)
        landing = Landing(self._connection, self._vault, self._source.id, run_id, replay=True)
        stage = Stage(self._connection, self._vault, self._connector.lists, self._source.id, context, landing)
        await stage.open()
        return stage

    def _scope(self, run_id: int, *, whole: bool) -> Scope:
        return Scope(self._connection, self._source.county, self._source.id, run_id, whole)

    async def _conclude(self, scope: Scope, stage: Stage, wanted: Wanted) -> RunReport:
        return await conclude(scope, stage, self._vault, self._source, wanted)

    def _tell(self, what: str, done: int, of: int) -> None:
        if self._progress:
            self._progress(what, done, of)


Told = tuple[Row, bytes]


def _of(part: Slice, told: Sequence[Told]) -> Batch:
    """A batch of some rows of a slice, and of nothing else it said."""
    assert isinstance(part.batch.rows, Hashed)
    rows = Hashed([row for row, _ in told], [row_hash for _, row_hash in told], part.batch.rows.salt)
    return replace(part.batch, rows=rows, refused=(), deleted=(), ends=False)


def _standing(source_id: int) -> str:
    """All rows of the source that say something now, or would if they were accepted."""
    known = ALL.replace("$1", f"{source_id}")
    rows = f" union all select row_hash, observed_at, false, true from ({known}) known"
    stated = [(table.name, "content_hash", "false") for table in (*RECORDS.values(), *FACTS.values())]
    rows += "".join(
        f' union all select {row_hash}, observed_at, false, {owed} from "{name}"'
        f" where source_id = {source_id}"
        for name, row_hash, owed in (("waiting_row", "row_hash", "true"), *stated)
    )
    return f"""
        create temp table standing on commit drop as
        select row_hash, max(observed_at) as observed_at, bool_or(refused) as refused,
            bool_or(owed) as owed, false as said
        from (
            select content_hash as row_hash, observed_at, true as refused, true as owed from quarantined_row
            where source_id = {source_id} and resolved_at is null and observed_at is not null{rows}) each
        group by row_hash;
        alter table standing add primary key (row_hash); analyze standing"""


def _sum(reports: Sequence[RunReport]) -> RunReport:
    counted = [{name: n for name, n in asdict(each).items() if name != "status"} for each in reports]
    return RunReport(**{name: sum(each[name] for each in counted) for name in counted[0]})
