"""Access tokens that were taken back: a token proves itself, so each is remembered until its own end."""

from __future__ import annotations

from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection, text

from hub.oauth.clients import COLUMNS, Client, stored_client
from hub.oauth.holders import BY_GRANT, Holder, holder_of
from hub.oauth.purge import purge
from hub.store.database import Database

_REVOKE: Final = text(
    "insert into oauth_revoked (jti, expires_at) values (:jti, to_timestamp(:until)) on conflict do nothing"
)
_PURGE: Final = text(purge("oauth_revoked"))
_IS_REVOKED: Final = text("select exists (select from oauth_revoked where jti = :jti)")
_STANDING: Final = """
    select {columns}, exists (select from oauth_revoked where jti = $2) as revoked, {holder} as holder
    from oauth_client where client_id = $1"""
_OF_CLIENT: Final = _STANDING.format(columns=COLUMNS, holder="null")
_OF_USER: Final = _STANDING.format(columns=COLUMNS, holder=BY_GRANT)


class Standing(NamedTuple):
    """Of a token, as the registry has it now. ``holder``: of its grant, if it has one."""

    client: Client | None = None
    revoked: bool = False
    holder: Holder | None = None


def revoke(connection: Connection, jti: str, until: float) -> None:
    """Nobody takes the token any more, within two seconds."""
    connection.execute(_REVOKE, {"jti": jti, "until": until})
    connection.execute(_PURGE)


def is_revoked(connection: Connection, jti: str) -> bool:
    return connection.execute(_IS_REVOKED, {"jti": jti}).scalar() is True


async def find_standing(db: Database, client_id: str, jti: str, grant: str | None) -> Standing:
    """In one statement without SQLAlchemy, since it is asked every two seconds for every token in use."""
    asked = (_OF_USER, client_id, jti, grant) if grant else (_OF_CLIENT, client_id, jti)
    row = await (await db.asking()).fetchrow(*asked)
    if row is None:
        return Standing()
    holder = holder_of(orjson.loads(row["holder"])) if row["holder"] else None
    return Standing(stored_client(dict(row)), row["revoked"], holder)
