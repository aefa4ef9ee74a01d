"""Introspection (RFC 7662): whether a token would be taken now, told to the client whose token it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from authlib.consts import default_json_headers

from hub.access.scopes import compact
from hub.errors import Unauthenticated
from hub.oauth.access_token import CLOCK_SKEW, AccessToken
from hub.oauth.bearer import joined
from hub.oauth.clients import Client
from hub.oauth.flows import AUTH_METHOD
from hub.oauth.holders import read_holder
from hub.oauth.refresh import find_refresh
from hub.oauth.revoke import AboutToken
from hub.oauth.revoked import is_revoked
from hub.oauth.server import Answer, Form, TokenServer

UNKNOWN: Answer = Answer(200, {"active": False}, default_json_headers)
"""Said alike of a token that has ended, of one that is none, and of another client's (2.2)."""


class IntrospectEndpoint(AboutToken):
    def methods(self, form: Form) -> Sequence[str]:
        return (AUTH_METHOD,)

    def respond(self, server: TokenServer, form: Form) -> Answer:
        client: Client = form.client
        text = form.form["token"]
        try:
            token = self.reader.read(text)
            told = self._access(server, client, token)
        except Unauthenticated:
            told = self._refresh(server, client, text)
        if told is None:
            return UNKNOWN
        body = {"active": True, "iss": self._issuer.url, "client_id": client.client_id, **told}
        return Answer(200, body, default_json_headers)

    def _access(self, server: TokenServer, client: Client, token: AccessToken) -> dict[str, Any] | None:
        """Scopes are those it still opens. Unauthenticated where the resource side would refuse it."""
        if token.client_id != client.client_id or is_revoked(server.connection, token.jti):
            return None
        holder = read_holder(server.connection, token.grant) if token.grant else None
        more: dict[str, Any] = {"cnf": {"jkt": token.jkt}} if token.jkt else {}
        if token.purpose is not None:
            more["purpose"] = token.purpose
        return {
            **more,
            "token_type": "DPoP" if token.jkt else "Bearer",
            "scope": compact(joined(token, client, holder).scopes),
            "sub": token.subject,
            "aud": self._issuer.url,
            "iat": int(token.issued_at),
            "exp": int(token.ends_at - CLOCK_SKEW),
            "jti": token.jti,
        }

    def _refresh(self, server: TokenServer, client: Client, text: str) -> dict[str, Any] | None:
        found = find_refresh(server.connection, text)
        if found is None or not found.current or found.client_id != client.client_id:
            return None
        holder = read_holder(server.connection, found.grant_id)
        if holder is None or not holder.allows(client):
            return None
        return {"scope": compact(holder.scopes & client.scopes), "sub": holder.get_user_id()}
