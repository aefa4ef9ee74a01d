"""Revocation (RFC 7009): a client gives back a token of its own, before it ends."""

from __future__ import annotations

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError

from hub.errors import Unauthenticated
from hub.oauth.access_token import Reader
from hub.oauth.clients import Client
from hub.oauth.consents import revoke_grant
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.refresh import find_refresh
from hub.oauth.revoked import revoke
from hub.oauth.server import Answer, Call, Endpoint, Form, TokenServer, log, read_form
from hub.store.database import Database


class AboutToken(Endpoint):
    """An endpoint that is asked about a ``token``; a ``token_type_hint`` is not needed, and not believed."""

    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys) -> None:
        super().__init__(db, issuer, keys)
        self.reader = Reader(issuer, keys)

    def read(self, call: Call) -> dict[str, str]:
        fields = read_form(call)
        if "token" not in fields:
            raise InvalidRequestError("The token is missing.")
        return fields


class RevokeEndpoint(AboutToken):
    def respond(self, server: TokenServer, form: Form) -> Answer:
        """Good, too, for a token that is none any more, or never was (2.2)."""
        client: Client = form.client
        text = form.form["token"]
        try:
            token = self.reader.read(text)
        except Unauthenticated:
            self._refresh(server, client, text)
        else:
            _check_owner(client, token.client_id)
            revoke(server.connection, token.jti, token.ends_at)
            log.info("token_revoked", client_id=client.client_id)
        return Answer(200, {}, default_json_headers)

    def _refresh(self, server: TokenServer, client: Client, text: str) -> None:
        """A refresh token goes with its grant, and so with all access tokens of it (2.1)."""
        found = find_refresh(server.connection, text)
        if found is not None:
            _check_owner(client, found.client_id)
            revoke_grant(server.connection, found.grant_id, "given back")


def _check_owner(client: Client, client_id: str) -> None:
    if client.client_id != client_id:
        raise InvalidGrantError("The token is of another client.")
