"""Whom a token with a grant stands for: the user who consented, as the registry has them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Connection, text

from hub.access.scopes import still_offered
from hub.domain.division import code_range
from hub.oauth.clients import Client

_FIND: Final = """
    select g.id::text as grant_id, g.client_id, g.user_id, g.scopes as consented, u.scopes as held,
        u.role, u.division_code, u.organisation_id,
        g.revoked_at is null and g.expires_at > now() and u.status = 'ACTIVE'
            and (g.provider is null or exists
                (select from oauth_provider p where p.name = g.provider and p.status = 'ACTIVE')) as live
    from oauth_grant g join hub_user u on u.id = g.user_id where g.id = {grant}
"""
_BY_NAME: Final = text(_FIND.format(grant=":grant"))
BY_GRANT: Final = f"(select row_to_json(h) from ({_FIND.format(grant='$3::uuid')}) h)"  # noqa: S608
"""As a value, for who asks for more in one go; ``holder_of`` reads it."""


class Placed(Protocol):
    """Somebody of a division, a contractor, or neither."""

    @property
    def division_code(self) -> str | None: ...
    @property
    def organisation_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Holder:
    """``scopes`` are atoms: consented to, and still the user's. ``live``: grant and user have not ended."""

    grant_id: str
    client_id: str
    user_id: int
    role: str
    division_code: str | None
    organisation_id: int | None
    scopes: frozenset[str]
    live: bool

    def get_user_id(self) -> str:
        """The ``sub`` of tokens; Authlib asks."""
        return subject(self.user_id)

    def allows(self, client: Client) -> bool:
        """Whether the client may act for this user now."""
        return self.live and self.client_id == client.client_id and serves(client, self)


def subject(user_id: int) -> str:
    return f"user:{user_id}"


def serves(client: Client, user: Placed) -> bool:
    """A client of a division takes users from inside it, one of a contractor only that contractor's."""
    if client.organisation_id is not None and user.organisation_id != client.organisation_id:
        return False
    if client.division_code is None:
        return True
    low, high = code_range(client.division_code)
    return user.division_code is not None and low <= user.division_code < high


def read_holder(connection: Connection, grant_id: str) -> Holder | None:
    row = connection.execute(_BY_NAME, {"grant": grant_id}).mappings().one_or_none()
    return holder_of(row) if row else None


def holder_of(row: Mapping[Any, Any]) -> Holder:
    return Holder(
        **{name: row[name] for name in ("grant_id", "client_id", "user_id", "role", "division_code")},
        organisation_id=row["organisation_id"],
        scopes=still_offered(row["consented"]) & still_offered(row["held"]),
        live=row["live"],
    )
