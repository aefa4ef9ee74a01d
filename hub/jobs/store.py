"""Jobs as PostgreSQL has them: the queue, how far each is, and when it ends.

A process that works on a job has it leased, and writes nothing once it has lost it. The rows of a step and
the place behind them are one transaction: after a crash the step is taken again, and nothing twice.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import asyncpg

from hub.access.live import LIVE
from hub.errors import Conflict, NotFound, TooOften
from hub.jobs.parts import ADD, PERSONS
from hub.store.database import Database
from hub.tables.job import UNDER_WAY

LEASE_SECONDS: Final = 120
"""More than a step, or a piece of a file, may take."""
UNFINISHED: Final = "interval '5 minutes'"
"""After its last piece, an upload that nobody goes on with is deleted."""

_ONE_BY_ONE: Final = "select from oauth_client where client_id = $1 for no key update"
_HELD: Final = f"""
    select count(*) filter (where {UNDER_WAY}) as under_way, coalesce(sum(bytes), 0) as bytes
    from job where client_id = $1"""
_NEW: Final = """
    insert into job (id, client_id, key, request, document, variables, purpose, scopes, formats, state,
        expires_at)
    values ($1, $2, $3, '', $4, $5, $6, $7, $8, 'RECEIVING', now() + $9 * interval '1 hour')"""
_COMES: Final = "update job set due_at = now() where id = $1 returning id"
_RECEIVED: Final = """
    update job set state = 'WAITING', request = $2, persons = $3, due_at = now() where id = $1
    returning *"""
_BY_KEY: Final = "select * from job where client_id = $1 and key = $2 and expires_at > now()"
_BY_ID: Final = "select * from job where id = $1 and expires_at > now() and state <> 'RECEIVING'"
_OWN: Final = """
    select * from job where client_id = $1 and expires_at > now() and state <> 'RECEIVING'
    order by started_at desc limit 200"""
_FILES: Final = "select * from job_file where job = any ($1::uuid[]) order by format"
_DELETE: Final = "delete from job where id = $1 returning id"
_CLAIM: Final = f"""
    update job set state = 'RUNNING', lease = $1, lease_until = now() + interval '{LEASE_SECONDS} seconds'
    where id = (select id from job
        where {UNDER_WAY} and state <> 'RECEIVING' and due_at <= now() and expires_at > now()
            and (lease_until is null or lease_until < now())
        order by due_at limit 1 for update skip locked)
    returning *"""
_MINE: Final = " where id = $1 and lease = $2"
_KEEP: Final = f"""
    update job set lease_until = now() + interval '{LEASE_SECONDS} seconds'{_MINE} returning id"""
_STEP: Final = f"""
    update job set step = step + 1, done = done + $3, failed = failed + $4, bytes = bytes + $5, cursor = $6,
        reason = null, failure_count = 0, expires_at = now() + $7 * interval '1 hour',
        lease_until = now() + interval '{LEASE_SECONDS} seconds'{_MINE} returning *"""
_LATER: Final = f"""
    update job set state = 'WAITING', lease = null, lease_until = null, reason = $3, failure_count = $4,
        most = $5, due_at = now() + $6 * interval '1 second',
        expires_at = greatest(expires_at, now() + $6 * interval '1 second' + $7 * interval '1 hour'){_MINE}"""
_DONE: Final = f"""
    update job set state = 'DONE', lease = null, lease_until = null, finished_at = now(), reason = null,
        expires_at = now() + $3 * interval '1 hour'{_MINE} returning id"""
_FAIL: Final = """
    update job set state = 'FAILED', lease = null, lease_until = null, finished_at = now(), reason = $2
    where id = $1 returning id"""
_EMPTY: Final = "delete from job_part where job = $1"
_NO_FILES: Final = "delete from job_file where job = $1"
_EXPIRED: Final = f"""
    delete from job where expires_at <= now() or state = 'RECEIVING' and due_at < now() - {UNFINISHED}
    returning id"""
_WITHOUT: Final = f"""
    select j.id from job j join oauth_client c using (client_id)
    where j.state <> 'FAILED' and c.organisation_id is not null and not exists (
        select from contract where contractor_id = c.organisation_id and {LIVE.format(day="$1")})"""
_NAMED: Final = "delete from job where id::text = $1 returning id"
_OF_CLIENT: Final = "delete from job where client_id = $1 returning id"
_KINDS: Final = """
    select distinct client_id, purpose, scopes from job where state not in ('FAILED', 'RECEIVING')"""
_OF_KIND: Final = """
    select id from job where client_id = $1 and purpose is not distinct from $2 and scopes = $3
        and state not in ('FAILED', 'RECEIVING')"""
_LISTED: Final = """
    select * from job where $1::text is null or client_id = $1 order by started_at desc limit $2"""

Job: TypeAlias = dict[str, Any]
"""A row of the table."""


class TooManyJobs(TooOften):
    """The client has as many jobs under way, or as much of them kept, as it may; wait, or delete one."""

    code, zh = "TOO_MANY_JOBS", "进行中的批量任务或保留的结果过多，请等待或删除其中之一"


class BeingReceived(Conflict):
    """A job of this key is being received; try again."""

    code, zh = "JOB_BEING_RECEIVED", "此幂等键的任务正在上传，请稍后再试"


class Lost(Exception):
    """Somebody else has the job now, or it was deleted."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """``lease``: who this process is, unlike any other. ``hours``: of a job behind its last step."""

    database: Database
    lease: str
    hours: int

    # ── for clients ──────────────────────────────────────────────────────────────────────────────────

    async def begin(self, most: int, most_bytes: int, *given: Any) -> None:
        """``given``: id, client, key, document, variables, purpose, scopes, formats. ``most``: under way;
        ``most_bytes``: of rows that are kept of all. TooManyJobs, or BeingReceived where the key has been
        given to another."""
        try:
            async with self.database.transaction() as connection:
                await connection.execute(_ONE_BY_ONE, given[1])
                [held] = await connection.fetch(_HELD, given[1])
                if held["under_way"] >= most or held["bytes"] >= most_bytes:
                    raise TooManyJobs
                await connection.execute(_NEW, *given, self.hours)
        except asyncpg.UniqueViolationError:
            raise BeingReceived from None

    async def add(self, job: uuid.UUID, row: Sequence[Any]) -> None:
        """A piece of what it is given. NotFound where it was deleted meanwhile."""
        async with self.database.transaction() as connection:
            if await connection.fetchrow(_COMES, job) is None:
                raise NotFound
            await connection.execute(ADD, *row)

    async def received(self, job: uuid.UUID, request: bytes, persons: int | None) -> Job:
        """NotFound, as ``add``."""
        found = _first(await self.database.fetch(_RECEIVED, job, request, persons))
        if found is None:
            raise NotFound
        return found

    async def by_key(self, client_id: str, key: str) -> Job | None:
        return _first(await self.database.fetch(_BY_KEY, client_id, key))

    async def by_id(self, job: uuid.UUID) -> Job | None:
        return _first(await self.database.fetch(_BY_ID, job))

    async def own(self, client_id: str) -> list[Job]:
        """The newest first, and no more than ``_OWN`` says."""
        return [dict(row) for row in await self.database.fetch(_OWN, client_id)]

    async def files(self, *jobs: uuid.UUID) -> dict[uuid.UUID, dict[str, Job]]:
        """Of each, by format."""
        found: dict[uuid.UUID, dict[str, Job]] = {job: {} for job in jobs}
        for row in await self.database.fetch(_FILES, jobs):
            found[row["job"]][row["format"]] = dict(row)
        return found

    async def delete(self, job: uuid.UUID) -> bool:
        """With all that it was given and made."""
        return bool(await self.database.fetch(_DELETE, job))

    # ── for who works ────────────────────────────────────────────────────────────────────────────────

    async def claim(self) -> Job | None:
        return _first(await self.database.fetch(_CLAIM, self.lease))

    async def stepped(self, job: Job, part: Sequence[Any], done: int, failed: int, cursor: str | None) -> Job:
        """The job behind a step. Lost where it must not be written."""
        size = part[4] if part else 0
        given = job["id"], self.lease, done, failed, size, cursor, self.hours
        async with self.database.transaction() as connection:
            row = await connection.fetchrow(_STEP, *given)
            if row is None:
                raise Lost
            if part:
                await connection.execute(ADD, *part)
        return dict(row)

    async def kept(self, job: Job, text: str, row: Sequence[Any]) -> None:
        """``row`` given to a statement. Lost."""
        async with self.database.transaction() as connection:
            if await connection.fetchrow(_KEEP, job["id"], self.lease) is None:
                raise Lost
            await connection.execute(text, *row)

    async def hold(self, job: Job) -> None:
        """For another while. Lost."""
        if not await self.database.fetch(_KEEP, job["id"], self.lease):
            raise Lost

    async def later(self, job: Job, seconds: float, reason: str | None = None, *, kept: bool = True) -> None:
        """``failure_count`` and ``most`` as the job says now. ``kept``: it does not expire meanwhile."""
        given = reason, job["failure_count"], job["most"], seconds, self.hours if kept else None
        await self.database.fetch(_LATER, job["id"], self.lease, *given)

    async def finish(self, job: Job) -> None:
        """What it was given is not needed any more."""
        async with self.database.transaction() as connection:
            if await connection.fetchrow(_DONE, job["id"], self.lease, self.hours) is None:
                raise Lost
            await connection.execute(f"{_EMPTY} and kind = '{PERSONS}'", job["id"])

    async def fail(self, job: uuid.UUID, reason: str) -> None:
        """Nothing of it is left but why."""
        async with self.database.transaction() as connection:
            if await connection.fetchrow(_FAIL, job, reason):
                await connection.execute(_EMPTY, job)
                await connection.execute(_NO_FILES, job)

    # ── for who tidies up ────────────────────────────────────────────────────────────────────────────

    async def expired(self) -> int:
        """Deletes what is over; how many."""
        return await purge(self.database)

    async def without_contract(self, today: dt.date) -> list[uuid.UUID]:
        """Those of contractors whose last contract has ended."""
        return [row[0] for row in await self.database.fetch(_WITHOUT, today)]

    async def kinds(self) -> list[Job]:
        """Client, purpose and scopes of all there are."""
        return [dict(row) for row in await self.database.fetch(_KINDS)]

    async def of_kind(self, kind: Job) -> list[uuid.UUID]:
        given = kind["client_id"], kind["purpose"], kind["scopes"]
        return [row[0] for row in await self.database.fetch(_OF_KIND, *given)]


async def listed(database: Database, client_id: str | None, most: int) -> list[Job]:
    return [dict(row) for row in await database.fetch(_LISTED, client_id, most)]


async def delete(database: Database, name: str) -> bool:
    return bool(await database.fetch(_NAMED, name))


async def purge(database: Database, client_id: str | None = None) -> int:
    """Deletes what is over, or all of a client; how many."""
    if client_id is None:
        return len(await database.fetch(_EXPIRED))
    return len(await database.fetch(_OF_CLIENT, client_id))


def _first(rows: Sequence[Any]) -> Job | None:
    return dict(rows[0]) if rows else None
