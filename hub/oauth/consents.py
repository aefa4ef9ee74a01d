"""Grants: what a user let a client do. Codes and refresh tokens belong to one, and end with it.

How long one lives is the hub's own promise; no standard names the days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection, text

from hub.access.scopes import compact, still_offered
from hub.oauth.signed_in import SignedIn
from hub.store.database import Database

log = structlog.get_logger(__name__)

GRANT_DAYS: Final = 30
"""After that the user is asked again."""
IDLE_DAYS: Final = 7
"""Without a new token for so long, a grant gives none any more."""

_HELD: Final = """
    select c.client_id, c.name, array_agg(distinct scope) as scopes,
        min(g.created_at) as begun_at, max(g.used_at) as used_at
    from oauth_grant g join oauth_client c using (client_id), unnest(g.scopes) scope
    where g.user_id = $1 and g.revoked_at is null and g.expires_at > now()
    group by c.client_id order by c.name, c.client_id
"""
_WITHDRAW: Final = """
    update oauth_grant set revoked_at = now()
    where user_id = $1 and client_id = $2 and revoked_at is null returning id
"""
_END: Final = (
    "update oauth_grant set revoked_at = now() where user_id = $1 and revoked_at is null returning id"
)
_OPEN: Final = text(
    "insert into oauth_grant (client_id, user_id, provider, scopes, expires_at)"
    " values (:client, :user, :provider, :scopes, now() + make_interval(days => :days)) returning id::text"
)
_REVOKE: Final = text(
    "with unsaid as (update oauth_refresh set sealed = null where grant_id = :grant and sealed is not null)"
    " update oauth_grant set revoked_at = now() where id = :grant and revoked_at is null"
)
_BIND: Final = text("update oauth_grant set dpop_jkt = :jkt where id = :grant")
_USE: Final = text("update oauth_grant set used_at = now() where id = :grant")


@dataclass(frozen=True, slots=True)
class Given:
    """What a client may do in a user's name, by all its grants together. ``scopes`` are compact."""

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    begun_at: dt.datetime
    used_at: dt.datetime


class Consents:
    """What a user sees of them, and takes back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def held(self, user_id: int) -> list[Given]:
        return [
            Given(
                row["client_id"],
                row["name"],
                tuple(compact(still_offered(row["scopes"])).split()),
                row["begun_at"],
                row["used_at"],
            )
            for row in await self._db.fetch(_HELD, user_id)
        ]

    async def withdraw(self, user_id: int, client_id: str) -> int:
        """End all that the user gave this client; how many grants. Tokens stop within two seconds."""
        ended = len(await self._db.fetch(_WITHDRAW, user_id, client_id))
        log.info("consent_withdrawn", user_id=user_id, client_id=client_id if ended else None, count=ended)
        return ended

    async def end(self, user_id: int, reason: str) -> None:
        """End all that the user gave any client, for good. Tokens stop within two seconds."""
        ended = len(await self._db.fetch(_END, user_id))
        log.warning("grants_revoked", user_id=user_id, reason=reason, count=ended)


def open_grant(connection: Connection, client_id: str, user: SignedIn, scopes: Iterable[str]) -> str:
    """Its id. ``scopes`` are atoms. It ends with the provider the user signed in at."""
    values = {
        "client": client_id,
        "user": user.user_id,
        "provider": user.provider,
        "scopes": compact(scopes).split(),
        "days": GRANT_DAYS,
    }
    return str(connection.execute(_OPEN, values).scalar_one())


def revoke_grant(connection: Connection, grant_id: str, reason: str) -> None:
    """No more tokens from it; those that are out stop within two seconds."""
    connection.execute(_REVOKE, {"grant": grant_id})
    log.warning("grant_revoked", reason=reason)


def bind_grant(connection: Connection, grant_id: str, jkt: str) -> None:
    """Refreshing takes the key of this thumbprint from now on (RFC 9449, 5)."""
    connection.execute(_BIND, {"grant": grant_id, "jkt": jkt})


def use_grant(connection: Connection, grant_id: str) -> None:
    connection.execute(_USE, {"grant": grant_id})
