"""Access tokens that were taken back: a token proves itself, so each is remembered until its own end."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from hub.oauth.clients import COLUMNS, Client, stored_client
from hub.store.database import Database

_REVOKE: Final = text(
    "insert into oauth_revoked (jti, expires_at) values (:jti, to_timestamp(:until)) on conflict do nothing"
)
# A few per request, never waiting: each request adds one row, so the table stays small by itself.
_PURGE: Final = text(
    "delete from oauth_revoked where ctid = any (array("
    "select ctid from oauth_revoked where expires_at < now()"
    " order by expires_at limit 20 for update skip locked))"
)
_IS_REVOKED: Final = text("select exists (select from oauth_revoked where jti = :jti)")
_STANDING: Final = (
    f"select {COLUMNS}, exists (select from oauth_revoked where jti = $2) as revoked"  # noqa: S608
    " from oauth_client where client_id = $1"
)


def revoke(connection: Connection, jti: str, until: float) -> None:
    """Nobody takes the token any more, within two seconds."""
    connection.execute(_REVOKE, {"jti": jti, "until": until})
    connection.execute(_PURGE)


def is_revoked(connection: Connection, jti: str) -> bool:
    return connection.execute(_IS_REVOKED, {"jti": jti}).scalar() is True


async def find_standing(db: Database, client_id: str, jti: str) -> tuple[Client | None, bool]:
    """The client of a token as the registry has it now, and whether the token was taken back.

    In one statement without SQLAlchemy, since it is asked every two seconds for every token that is in use.
    """
    row = await (await db.asking()).fetchrow(_STANDING, client_id, jti)
    return (stored_client(dict(row)), row["revoked"]) if row else (None, False)
