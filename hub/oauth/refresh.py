"""Refresh tokens (RFC 6749, 6; RFC 9700, 4.14), which Authlib neither binds nor rotates.

A token has two parts: the first is of its grant and stays, the second is new at each turn. So one row knows
every token there ever was: one with the right first part that is not the current is old, or forged.

- A client that proves itself with a key keeps its token: nobody else can use it (FAPI 2.0, 5.3.2.1).
- A public client gets another each time. An old one that comes again shows that two have it: the grant ends.
- An answer can get lost: the same request, with the token just replaced, gets the same successor
  for ``GRACE_SECONDS``. It is kept sealed with a key made from the token it replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, text

from hub.access.scopes import compact, parse
from hub.errors import BadArgument
from hub.oauth.clients import Client
from hub.oauth.consents import IDLE_DAYS, revoke_grant, use_grant
from hub.oauth.flows import AUTH_METHODS, PUBLIC
from hub.oauth.holders import Holder, read_holder
from hub.oauth.purge import few
from hub.oauth.tokens import digest, random_value

GRACE_SECONDS: Final = 30
"""The hub's own promise: long enough for a phone that lost its network to ask again."""
REFUSED: Final = "The refresh token is not good, or not any more."

_SAVE: Final = text(
    "insert into oauth_refresh (family_hash, grant_id, token_hash) values (:family, :grant, :token)"
)
_LOCK: Final = text(
    "select id::text, client_id, dpop_jkt, used_at > now() - make_interval(days => :idle) as in_use"
    " from oauth_grant where id = (select grant_id from oauth_refresh where family_hash = :family) for update"
)
_FIND: Final = text(
    "select token_hash, replaced_hash, replaced_by, sealed,"
    " replaced_at > clock_timestamp() - make_interval(secs => :grace) as just"
    " from oauth_refresh where family_hash = :family"
)
_REPLACE: Final = text(
    "update oauth_refresh set token_hash = :token, replaced_hash = token_hash,"
    " replaced_at = clock_timestamp(), replaced_by = :request, sealed = :sealed where family_hash = :family"
)
# What is sealed is asked for within seconds, or by nobody.
_OLD: Final = "sealed is not null and replaced_at < clock_timestamp() - make_interval(secs => :grace)"
_FORGET: Final = text(
    f"update oauth_refresh set sealed = null where {few('oauth_refresh', _OLD, 'replaced_at')}"  # noqa: S608
)
_OF_TOKEN: Final = text(
    "select g.id::text, g.client_id,"
    " r.token_hash = :token and g.used_at > now() - make_interval(days => :idle)"
    " from oauth_refresh r join oauth_grant g on g.id = r.grant_id where r.family_hash = :family"
)
_NONCE: Final = bytes(12)
"""Each key seals once."""


class Stored(NamedTuple):
    """What is kept of a token: ``family`` finds its row."""

    family: bytes
    token: bytes


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A token that its client may use now. ``successor``: what the same request got before."""

    stored: Stored
    holder: Holder
    held: frozenset[str]
    successor: str | None

    def check_client(self, client: Client) -> bool:
        return self.holder.client_id == client.client_id

    def get_scope(self) -> str:
        return compact(self.held)


def stored(token: str) -> Stored:
    """``family_hash`` and ``token_hash`` of a token as a client sends it."""
    return Stored(digest("family", token.partition(".")[0]), digest("refresh", token))


def first_token(connection: Connection, grant_id: str) -> str:
    token = f"{random_value()}.{random_value()}"
    family, hashed = stored(token)
    connection.execute(_SAVE, {"family": family, "grant": grant_id, "token": hashed})
    forget_successors(connection)
    return token


def forget_successors(connection: Connection) -> None:
    """Those that no request gets any more."""
    connection.execute(_FORGET, {"grace": GRACE_SECONDS})


class Found(NamedTuple):
    """Of a refresh token. ``current``: it was not replaced, and its grant is in use."""

    grant_id: str
    client_id: str
    current: bool


def find_refresh(connection: Connection, token: str) -> Found | None:
    """None for a text that is no refresh token, or is of a grant that was taken back long ago."""
    of = stored(token)
    values = {"family": of.family, "token": of.token, "idle": IDLE_DAYS}
    row = connection.execute(_OF_TOKEN, values).one_or_none()
    return Found(*row) if row else None


class Refresh(RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> Refreshed:
        connection, client, of = self.server.connection, self.request.client, stored(refresh_token)
        # From here on nobody else refreshes or ends this grant.
        grant = connection.execute(_LOCK, {"family": of.family, "idle": IDLE_DAYS}).one_or_none()
        if grant is None or grant.client_id != client.client_id:
            raise InvalidGrantError(REFUSED)
        if grant.dpop_jkt not in (None, self.request.jkt):
            raise InvalidGrantError("The refresh token is bound to another key.")
        successor = self._successor(grant.id, of, refresh_token)
        holder = read_holder(connection, grant.id)
        if not grant.in_use or holder is None or not holder.allows(client):
            raise InvalidGrantError(REFUSED)
        held = holder.scopes & client.scopes
        if not held:
            raise InvalidGrantError("Nothing is left of what the user consented to.")
        return Refreshed(of, holder, held, successor)

    def _successor(self, grant_id: str, of: Stored, token: str) -> str | None:
        """None for the current token; InvalidGrantError, and no grant any more, for one that was replaced."""
        values = {"family": of.family, "grace": GRACE_SECONDS}
        found = self.server.connection.execute(_FIND, values).one()
        if found.token_hash == of.token:
            return None
        again = found.just and found.replaced_hash == of.token and found.replaced_by == self._asked()
        if again and found.sealed is not None:  # else the grant ended
            return _sealer(token).decrypt(_NONCE, found.sealed, None).decode()
        revoke_grant(self.server.connection, grant_id, "refresh token used again")
        raise InvalidGrantError(REFUSED)

    def _asked(self) -> bytes:
        """What makes a request the same one again."""
        asked = self.request.jkt, self.request.payload.scope, self.request.form.get("purpose", "")
        return digest("asked", " ".join(map(str, asked)))

    def _validate_token_scope(self, token: Refreshed) -> None:
        """Authlib compares words: it would refuse ``visit.r`` of ``visit.rs``."""
        try:
            asked = parse(self.request.payload.scope or "")
        except BadArgument as error:
            raise InvalidScopeError(error.message) from None
        if not asked <= token.held:
            raise InvalidScopeError("A scope was asked for that the user did not consent to, or lost.")

    def authenticate_user(self, refresh_token: Refreshed) -> Holder:
        return refresh_token.holder

    def save_token(self, token: dict[str, Any]) -> None:
        """The token of a public client is replaced; any other client keeps its own."""
        self.server.save_token(token, self.request)
        if self.request.client.auth_method == PUBLIC:
            old: Refreshed = self.request.refresh_token
            token["refresh_token"] = old.successor or self._replace(old.stored)

    def _replace(self, old: Stored) -> str:
        sent: str = self.request.form["refresh_token"]
        token = f"{sent.partition('.')[0]}.{random_value()}"
        values = {
            "family": old.family,
            "token": stored(token).token,
            "request": self._asked(),
            "sealed": _sealer(sent).encrypt(_NONCE, token.encode(), None),
        }
        self.server.connection.execute(_REPLACE, values)
        forget_successors(self.server.connection)
        return token

    def revoke_old_credential(self, refresh_token: Refreshed) -> None:
        use_grant(self.server.connection, refresh_token.holder.grant_id)


def _sealer(token: str) -> AESGCM:
    return AESGCM(sha256(f"sealed {token}".encode()).digest())
