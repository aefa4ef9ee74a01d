"""Grants: what a user let a client do. Codes and refresh tokens belong to one, and end with it.

How long one lives is the hub's own promise; no standard names the days.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import structlog
from sqlalchemy import Connection, text

from hub.access.scopes import compact

log = structlog.get_logger(__name__)

GRANT_DAYS: Final = 30
"""After that the user is asked again."""
IDLE_DAYS: Final = 7
"""Without a new token for so long, a grant gives none any more."""

_OPEN: Final = text(
    "insert into oauth_grant (client_id, user_id, scopes, expires_at)"
    " values (:client, :user, :scopes, now() + make_interval(days => :days)) returning id::text"
)
_REVOKE: Final = text("update oauth_grant set revoked_at = now() where id = :grant and revoked_at is null")
_BIND: Final = text("update oauth_grant set dpop_jkt = :jkt where id = :grant")
_USE: Final = text("update oauth_grant set used_at = now() where id = :grant")


def open_grant(connection: Connection, client_id: str, user_id: int, scopes: Iterable[str]) -> str:
    """Its id. ``scopes`` are atoms."""
    values = {
        "client": client_id,
        "user": user_id,
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
