"""The authorization code grant (RFC 6749, 4.1; RFC 7636): good once, for a minute, for who asked for it.

Authlib deletes a code after it has issued a token: two requests at once get two, and a wrong verifier can be
followed by another. Here the row of the grant is locked before the code is read. The first request of its
client, with the key where it is bound to one, uses it up, whatever the answer says. It stays for a day: who
brings it again ends the grant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import text

from hub.access.scopes import compact
from hub.oauth.clients import Client
from hub.oauth.consents import bind_grant, revoke_grant
from hub.oauth.flows import AUTH_METHODS, PUBLIC
from hub.oauth.holders import Holder, read_holder
from hub.oauth.purge import purge
from hub.oauth.refresh import first_token
from hub.oauth.tokens import digest, random_value

CODE_SECONDS: Final = 60

_SAVE: Final = text(
    "insert into oauth_code (code_hash, grant_id, redirect_uri, code_challenge, dpop_jkt, expires_at)"
    " values (:code, :grant, :redirect_uri, :challenge, :jkt, now() + make_interval(secs => :life))"
)
_LOCK: Final = text(
    "select id::text, client_id from oauth_grant"
    " where id = (select grant_id from oauth_code where code_hash = :code) for update"
)
_USE: Final = text(
    "with use as (update oauth_code set used_at = now() where code_hash = :code and used_at is null"
    " and (dpop_jkt is null or dpop_jkt = :jkt))"
    " select redirect_uri, code_challenge, dpop_jkt, used_at is not null as used, expires_at > now() as fresh"
    " from oauth_code where code_hash = :code"
)
_PURGE: Final = text(purge("oauth_code", "expires_at < now() - interval '1 day'"))
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code that its client may use now. ``scope``: what it gives, of what was consented to."""

    holder: Holder
    redirect_uri: str
    code_challenge: str
    scope: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class S256(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """Authlib takes ``plain``, and takes a request without a challenge."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            asked.get("code_challenge", "")
        ):
            raise InvalidRequestError("A code_challenge of method S256 is needed (RFC 7636).")

    def get_authorization_code_challenge_method(self, authorization_code: IssuedCode) -> str:
        return "S256"


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: Client) -> str:
        """Authlib repeats what it was sent, which may be no ASCII, and takes a request without one."""
        given = request.payload.redirect_uri
        if not given or not client.check_redirect_uri(given):
            raise InvalidRequestError("The redirect_uri is missing, or not one of this client.")
        return str(given)

    def generate_authorization_code(self) -> str:
        return random_value()

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        values = {
            "code": digest("code", code),
            "grant": request.user.grant_id,
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked["code_challenge"],
            "jkt": asked.get("dpop_jkt"),
            "life": CODE_SECONDS,
        }
        self.server.connection.execute(_SAVE, values)
        self.server.connection.execute(_PURGE)

    def query_authorization_code(self, code: str, client: Client) -> IssuedCode | None:
        connection, stored = self.server.connection, digest("code", code)
        grant = connection.execute(_LOCK, {"code": stored}).one_or_none()
        if grant is None or grant.client_id != client.client_id:
            return None
        found = connection.execute(_USE, {"code": stored, "jkt": self.request.jkt}).one()
        if found.used:
            revoke_grant(connection, grant.id, "code used again")
            return None
        holder = read_holder(connection, grant.id)
        if not found.fresh or holder is None or not holder.allows(client):
            return None
        if found.dpop_jkt not in (None, self.request.jkt):
            raise InvalidGrantError("The code is bound to another key.")
        scope = compact(holder.scopes & client.scopes)
        # An empty one would mean all of the client's.
        return IssuedCode(holder, found.redirect_uri, found.code_challenge, scope) if scope else None

    def authenticate_user(self, authorization_code: IssuedCode) -> Holder:
        return authorization_code.holder

    def save_token(self, token: dict[str, Any]) -> None:
        self.server.save_token(token, self.request)
        connection, grant_id = self.server.connection, self.request.user.grant_id
        if "refresh_token" in token:
            token["refresh_token"] = first_token(connection, grant_id)
        if self.request.jkt and self.request.client.auth_method == PUBLIC:
            bind_grant(connection, grant_id, self.request.jkt)

    def delete_authorization_code(self, authorization_code: IssuedCode) -> None:
        """It is not deleted: a second use must be seen as one."""
