"""Emergency accesses that end with the contract they rest on, or with the client's registration: for requests
at once (``hub.access.emergencies``, ``hub.oauth``), and here in the record. Those of a client or a user that
is suspended end with it, by a trigger, and so do those of a registration that is prolonged after it ended
(migrations 0024, 0028). And those that nobody knew whom to keep from, because a run held their people, are
looked at again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Final

import structlog

from hub.access.emergencies import HELD
from hub.store.database import Database
from hub.store.listener import CHANGES
from hub.store.rounds import rounds

log = structlog.get_logger("hub.write")

SECONDS: Final = 60.0
"""Between two looks; the record says so as much later than a request."""

BORNE: Final = HELD.format(day="$2")
END: Final = f"""
    with ended as (
        update emergency_access e set closed_at = $1,
            end_reason = case when {BORNE} then 'CLIENT_EXPIRED' else 'CONTRACT_ENDED' end
        where closed_at is null and ends_at > $1 and (not {BORNE} or exists (
            select from oauth_client c where c.client_id = e.client_id and c.expires_at <= $1)) returning id),
    told as (
        insert into change (entity, entity_id, operation) select 'emergency_access', id, 'U' from ended)
    select count(*) from ended"""
# The trigger looks as soon as it may say something else.
LOOK: Final = """
    update emergency_access set reason = reason
    where closed_at is null and ends_at > $1 and shown_from_on = 'infinity'
        and emergency_shown_from(county_code, person_ids, reason) < 'infinity'"""


async def end_accesses(database: Database, now: dt.datetime) -> int:
    """Closes what no live contract bears any more, or whose client's registration has ended; how many."""
    async with database.transaction() as connection:
        ended: int = await connection.fetchval(END, now, now.date())
        await connection.execute(LOOK, now)
        if ended:
            await connection.execute("select pg_notify($1, 'ended')", CHANGES)
    return ended


async def end_until(
    database: Database, clock: Callable[[], dt.datetime], stop: asyncio.Event, every: float = SECONDS
) -> None:
    async def look() -> None:
        if ended := await end_accesses(database, clock()):
            log.warning("emergencies_ended", count=ended)

    await rounds(look, stop, every, log, "emergencies_waiting")
