"""How far each endpoint has been told, and who tells it now: one row of PostgreSQL for each, leased.

Whoever claims an endpoint has it for ``LEASE_SECONDS``, and says so again before each message; who lost it
meanwhile sends nothing, and so does whoever tells a client that is not active any more. ``ending`` is noted
before a message leaves, so that whoever comes after a crash sends the same part of the sequence under the
same name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from hub.oauth.clients import IS_ACTIVE
from hub.read.changes import Pages
from hub.read.positions import Position
from hub.store.database import Database

LEASE_SECONDS: Final = 90
"""More than a message and what is read for it may take."""
LOOK_AGAIN: Final = "interval '1 hour'"
"""Endpoints that nothing speaks of are looked at so often, and so are those that may not be told."""

_CLAIM: Final = f"""
    with due as (
        select p.webhook_id from webhook_place p
        where p.stopped_at is null and p.due_at <= now() and (p.lease_until is null or p.lease_until < now())
            and (p.failure_count > 0) = $2 and (
                p.ending is not null or p.looked_at is null or p.looked_at < $3
                or p.looked_at < now() - {LOOK_AGAIN}
                or exists (select from unnest($4::text[], $5::timestamptz[]) n (entity, at)
                    where n.entity = any (p.entities) and p.looked_at < n.at))
        order by p.due_at limit $6 for update skip locked)
    update webhook_place p
    set lease = $1, lease_until = now() + interval '{LEASE_SECONDS} seconds'
    from due, webhook w where p.webhook_id = due.webhook_id and w.id = due.webhook_id
    returning p.webhook_id, p.place, p.cluster, p.round, p.slice, p.told_at, p.kind, p.ending,
        p.failure_count, now() as claimed_at, w.client_id, w.name, w.url, w.document, w.variables, w.purpose,
        w.is_full, w.is_skipping, w.max_events, w.secret,
        case when w.former_until > now() then w.former_secret end as former_secret"""
_MINE: Final = " where webhook_id = $1 and lease = $2"
_SENDING: Final = f"""
    with mine as (
        update webhook_place set kind = $3, ending = $4,
            lease_until = now() + interval '{LEASE_SECONDS} seconds'{_MINE} and exists (
                select from webhook w join oauth_client c on c.client_id = w.client_id
                where w.id = $1 and {IS_ACTIVE})
        returning true)
    select exists (select from mine)"""
# It need not wait for the disk: what is forgotten with PostgreSQL is sent again under the name noted above.
_TOLD: Final = f"""
    with soon as (select set_config('synchronous_commit', 'off', true)), mine as (
    update webhook_place set place = $3, cluster = $4, slice = $5, entities = $6, kind = null, ending = null,
        failure_count = 0, reason = null, delivered_count = delivered_count + $7,
        looked_at = case when $8::timestamptz is null then looked_at else $8 end,
        told_at = coalesce($8, told_at), lease = case when not $9 then lease end,
        lease_until = case when not $9 then lease_until end
    from soon{_MINE} returning true)
    select exists (select from mine)"""
_RELEASE: Final = f"""
    update webhook_place set lease = null, lease_until = null, looked_at = null{_MINE}"""
_LATER: Final = f"""
    update webhook_place set lease = null, lease_until = null, failure_count = $3, reason = $4,
        due_at = now() + $5 * interval '1 second',
        looked_at = case when $4::text is not null then $6::timestamptz end{_MINE}"""
_STOP: Final = f"""
    update webhook_place set lease = null, lease_until = null, failure_count = $3, reason = $4,
        stopped_at = now(){_MINE}"""
_LETTER: Final = """
    insert into webhook_letter
        (webhook_id, message, kind, place, ending, event_count, failure_count, reason)
    values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_ACCESS: Final = f"""
    update webhook_place set due_at = now()
    where reason is not null and failure_count = 0 and due_at > now() and due_at <= now() + {LOOK_AGAIN}"""

Claimed: TypeAlias = dict[str, Any]
"""A row of the statement above. Whoever tells keeps it as the table has it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where an endpoint stands once a message was taken, or nothing had to be told."""

    place: Position
    cluster: str
    slice_: str
    entities: Sequence[str]
    events: int
    until: dt.datetime | None
    """Up to when all is told; None: there is more."""


class Lost(Exception):
    """Somebody else has the endpoint now, or it was removed; a message must not leave."""


def written(place: Position) -> str:
    return orjson.dumps(place.parts).decode()


def place_of(text: str) -> Position:
    return Position.of(orjson.loads(text))


@dataclass(frozen=True, slots=True)
class Places:
    """``lease``: who this process is, unlike any other."""

    database: Database
    lease: str

    async def claim(
        self, *, failing: bool, everything: dt.datetime, news: Mapping[str, dt.datetime], most: int
    ) -> list[Claimed]:
        """Endpoints that may have to be told: ``news`` says of which tables there was something, and when.

        What they are told of is read behind their claim, once for all that stand at the same place.
        """
        rows = await self.database.fetch(
            _CLAIM, self.lease, failing, everything, list(news), list(news.values()), most
        )
        pages = Pages(self.database)
        return [{**row, "pages": pages} for row in rows]

    async def sending(self, row: Claimed, kind: str, ending: Position) -> None:
        """A message is about to leave. Lost where it must not; so too of a client that is not active now."""
        await self._note(_SENDING, row["webhook_id"], self.lease, kind, written(ending))

    async def told(self, row: Claimed, told: Told, *, back: bool = False) -> None:
        """``back``: it is given back, too."""
        given = told.cluster, told.slice_, list(told.entities), told.events, told.until
        place = written(told.place)
        await self._note(_TOLD, row["webhook_id"], self.lease, place, *given, back)

    async def _note(self, text: str, *given: Any) -> None:
        """Of one endpoint, with what is noted of others in the same moment."""
        found = await (await self.database.noting()).fetchval(text, *given)
        if not found.value:
            raise Lost

    async def release(self, row: Claimed) -> None:
        """There is more to tell, at once."""
        await self.database.fetch(_RELEASE, row["webhook_id"], self.lease)

    async def later(self, row: Claimed, reason: str | None, seconds: float, failures: int = 0) -> None:
        """``reason``: None where there is nothing wrong with it."""
        given = failures, reason, seconds, row["claimed_at"]
        await self.database.fetch(_LATER, row["webhook_id"], self.lease, *given)

    async def stop(self, row: Claimed, reason: str, failures: int) -> None:
        await self.database.fetch(_STOP, row["webhook_id"], self.lease, failures, reason)

    async def give_up(self, row: Claimed, message: str, kind: str, ending: Position, *given: Any) -> None:
        """``given``: events, failures, why. Nothing of what the message said is kept."""
        await self.database.fetch(
            _LETTER, row["webhook_id"], message, kind, row["place"], written(ending), *given
        )

    async def access_changed(self) -> None:
        """Who may not be told is looked at again."""
        await self.database.fetch(_ACCESS)
