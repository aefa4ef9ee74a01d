"""Which packages are out: who has them, until when, and which have been recalled or given back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.access.live import LIVE
from hub.errors import NotFound
from hub.oauth.clients import IS_ACTIVE
from hub.store.database import Database

RECALLED_DAYS: Final = 30
"""After its end a package stays on the list of those recalled, for clocks that are wrong."""

_ADD: Final = """
    insert into offline_package (id, client_id, user_id, device, key_thumbprint, people_count, made_at,
        expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_OWN: Final = """
    select id::text, device, people_count, made_at, expires_at, recalled_at, deleted_at from offline_package
    where client_id = $1 order by made_at desc limit 500"""
# With the client, or the right that people were shown by, its packages are recalled without anybody's word.
_RECALLED: Final = f"""
    select p.id::text from offline_package p join oauth_client c using (client_id)
    where p.expires_at > now() - $1 * interval '1 day' and (p.recalled_at is not null or not {IS_ACTIVE}
        or c.organisation_id is not null and not exists (
            select from contract where contractor_id = c.organisation_id and {LIVE.format(day="$2")}))
    order by 1"""  # noqa: S608 - of conditions that each stand in one place
_RECALL: Final = """
    update offline_package set recalled_at = now(), recall_reason = $2
    where recalled_at is null and (id::text = $1 or $3 and client_id = $1) returning id"""
_DELETED: Final = """
    update offline_package set deleted_at = coalesce(deleted_at, now())
    where id::text = $1 and client_id = $2 returning id"""
_LISTED: Final = """
    select id::text, client_id, user_id, device, people_count, made_at, expires_at, recalled_at, deleted_at
    from offline_package where $1::text is null or client_id = $1 order by made_at desc limit $2"""


async def add(database: Database, row: tuple[Any, ...]) -> None:
    await database.fetch(_ADD, *row)


async def own(database: Database, client_id: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch(_OWN, client_id)]


async def recalled(database: Database, today: dt.date) -> list[str]:
    """Ids of all that no device may open any more, before their end or shortly after."""
    return [row[0] for row in await database.fetch(_RECALLED, RECALLED_DAYS, today)]


async def recall(database: Database, which: str, reason: str, *, of_client: bool = False) -> int:
    """One package, or all of a client: how many. NotFound where there is none."""
    rows = await database.fetch(_RECALL, which, reason, of_client)
    if not rows:
        raise NotFound("There is no such package, or it was recalled before.", zh="没有此数据包，或已收回")
    return len(rows)


async def deleted(database: Database, package: str, client_id: str) -> None:
    """The client says that it is on no device any more. NotFound for another client's as for none."""
    if not await database.fetch(_DELETED, package, client_id):
        raise NotFound("You have no such package.", zh="您没有此数据包")


async def listed(database: Database, client_id: str | None, most: int) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch(_LISTED, client_id, most)]
