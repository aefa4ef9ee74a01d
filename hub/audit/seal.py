"""Sealing: what was written since the last batch becomes the next one, within seconds.

Requests do not wait for it. They write entries that are safe and bound to nothing yet; a trigger takes a
shared lock for as long as each statement takes. Who seals takes the lock for himself for a moment: the
positions given out by then are all committed or never will be. So a gap among them is a statement that was
rolled back, and nothing can come into a batch afterwards. Whoever comes first seals; there may be many.

The last head speaks for the whole log, so it is always one of the key that signs now: where that changes and
no entry comes, the head is signed once more before the key it had is forgotten. So it is when the hub
moves to another address. Until somebody says that it has, nothing is sealed for another than the last head's.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import asyncpg
import structlog
from joserfc.jwk import KeySet

from hub.audit.chain import (
    ENTRY,
    START,
    AnotherAddress,
    Batch,
    broken,
    claims_of,
    content_of,
    entry_of,
    stamp,
)
from hub.audit.heads import Opener, issuer_of, kid_of, sign
from hub.audit.records import people
from hub.errors import HubError
from hub.store.database import Connection, Database
from hub.store.rounds import FAILED, pause

log = structlog.get_logger("hub.audit")

WRITERS: Final = 4_714_014
"""The advisory lock that the trigger ``keep_access_log`` shares among who writes entries."""
TOGETHER: Final = 256
"""Batches of a span: an index of people costs an insertion for each of them, and many are in many batches."""
SECONDS: Final = 5.0
"""Between two looks for what is to be sealed."""
MOST: Final = 250
"""Entries in one batch: what is looked through for one person at the least, and hashed in one go."""

# The lock is given back with the statement, and what a sequence has given out is of no snapshot.
REACHED: Final = f"""
    with alone as (select pg_advisory_xact_lock({WRITERS}))
    select pg_sequence_last_value(pg_get_serial_sequence('access_entry', 'sequence')::regclass) from alone"""  # noqa: S608
ALONE: Final = "select pg_advisory_xact_lock(hashtext('hub access log'))"
SEALER: Final = "select pg_try_advisory_xact_lock(hashtext('hub access log'))"
LAST: Final = "select * from access_batch order by number desc limit 1"
NEXT: Final = f"""
    select {", ".join(ENTRY)} from access_entry where sequence > $1 and sequence <= $2
    order by sequence limit {MOST}"""  # noqa: S608
ADD: Final = """
    insert into access_batch (number, first_sequence, last_sequence, entry_count, algorithm, content,
        previous, digest, sealed_at, head, people, asked)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"""
SPAN: Final = f"""
    with unspanned as (
        select number, first_sequence, people, asked from access_batch
        where number > (select coalesce(max(last_number), 0) from access_span) and pruned_at is null
        order by number limit {TOGETHER})
    insert into access_span (first_number, last_number, first_sequence, people, asked)
    select min(number), max(number), min(first_sequence),
        array(select distinct p from unspanned, unnest(people) p order by p),
        array(select distinct a from unspanned, unnest(asked) a order by a)
    from unspanned having count(*) = {TOGETHER}"""  # noqa: S608
RESIGN: Final = "update access_batch set head = $2 where number = $1"


def batch_of(row: Any) -> Batch:
    """A row of ``access_batch``."""
    return Batch(
        row["number"],
        row["first_sequence"],
        row["last_sequence"],
        row["entry_count"],
        row["algorithm"],
        stamp(row["sealed_at"]),
        row["content"],
        row["previous"],
        row["digest"],
        row["head"],
        row["pruned_at"] is not None,
    )


class Sealer:
    """``keys``: as they are at that moment, the one that signs first. ``algorithm``: of new batches.

    ``clock``: when a batch is sealed.
    """

    def __init__(
        self,
        database: Database,
        issuer: str,
        keys: Callable[[], KeySet],
        algorithm: str,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._keys = keys
        self._algorithm = algorithm
        self._clock = clock

    async def until(self, stop: asyncio.Event) -> None:
        """Every ``SECONDS``, and a last time at the end."""
        stopped = False
        while not stopped:
            await pause(stop, SECONDS)
            stopped = stop.is_set()
            try:
                await self.seal()
            except (*FAILED, HubError) as error:
                log.warning("access_log_not_sealed", kind=type(error).__name__)

    async def seal(self) -> int:
        """Seals all there is; how many batches, none where another is at it. AnotherAddress."""
        async with self._database.transaction() as connection:
            await connection.execute("set local lock_timeout = '1s'")
            reached = await connection.fetchval(REACHED)
        sealed = 0
        while reached is not None and await self._seal(reached):
            sealed += 1
        while await self._span():
            pass
        return sealed

    async def move(self, before: str | None = None) -> None:
        """Signs the last head, which is of the address ``before``, or of any, for the address of now."""
        async with self._database.transaction() as connection:
            await connection.execute(ALONE)
            found = await connection.fetchrow(LAST)
            if found is None:
                return
            last, keys = batch_of(found), self._keys()
            sealed_for = issuer_of(last.head)
            if sealed_for == self._issuer:
                return
            if before not in (None, sealed_for):
                raise AnotherAddress.of(sealed_for, self._issuer)
            if Opener(keys)(last.head) != claims_of(last, sealed_for):
                raise broken(
                    f"batch {last.number}", "its head is of no key of this hub, or says something else"
                )
            await connection.execute(RESIGN, last.number, sign(claims_of(last, self._issuer), keys))

    async def _span(self) -> bool:
        async with self._database.transaction() as connection:
            status = await connection.execute(SPAN) if await connection.fetchval(SEALER) else "INSERT 0 0"
        return not status.endswith(" 0")

    async def _seal(self, reached: int) -> bool:
        async with self._database.transaction() as connection:
            if not await connection.fetchval(SEALER):
                return False
            found = await connection.fetchrow(LAST)
            last = batch_of(found) if found else None
            if last is not None and issuer_of(last.head) != self._issuer:
                raise AnotherAddress.of(issuer_of(last.head), self._issuer)
            rows = await connection.fetch(NEXT, last.last if last else 0, reached)
            if rows:
                await self._add(connection, last, rows)
            elif last is not None:
                await self._sign_again(connection, last)
        return bool(rows)

    async def _sign_again(self, connection: Connection, last: Batch) -> None:
        keys = self._keys()
        if kid_of(last.head) == keys.keys[0].kid:
            return
        claims = claims_of(last, self._issuer)
        if Opener(keys)(last.head) == claims:  # what nobody can check is not made good by a new signature
            await connection.execute(RESIGN, last.number, sign(claims, keys))

    async def _add(self, connection: Connection, last: Batch | None, rows: list[asyncpg.Record]) -> None:
        at = self._clock()
        made = Batch(
            last.number + 1 if last else 1,
            rows[0]["sequence"],
            rows[-1]["sequence"],
            len(rows),
            self._algorithm,
            stamp(at),
            content_of(self._algorithm, map(entry_of, rows)),
            last.link if last else START,
        )
        made = replace(made, digest=made.hashed())
        head = sign(claims_of(made, self._issuer), self._keys())
        await connection.execute(
            ADD, made.number, made.first, made.last, made.count, made.algorithm, made.content, made.previous,
            made.digest, at, head, people(row["records"] for row in rows), asked(rows),
        )  # fmt: skip


def asked(rows: list[Any]) -> list[str]:
    """Hashes of all numbers that somebody asked about."""
    return sorted({number for row in rows for number in row["asked"] or ()})
