"""Pushed authorization requests (RFC 9126): a client sends its request itself; a browser carries a name."""

from __future__ import annotations

from typing import Final

from authlib.consts import default_json_headers
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from hub.oauth.clients import Client
from hub.oauth.metadata import PAR_PATH
from hub.oauth.requests import MAX_FIELDS, PUSHED_SECONDS, check_request, save
from hub.oauth.server import Answer, Call, Endpoint, Form, TokenServer, read_form, refusal

REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"


class PushEndpoint(Endpoint):
    proven_at = PAR_PATH

    def read(self, call: Call) -> dict[str, str]:
        return read_form(call, MAX_FIELDS)

    def respond(self, server: TokenServer, form: Form) -> Answer:
        try:
            client: Client = form.client
            _bind(form, client.client_id)
            parameters = check_request(server, form, client, pushed=True)
        except OAuth2Error as error:
            error.redirect_uri = error.state = None  # to the client, and not to a browser
            return refusal(error)
        name = save(server.connection, client.client_id, parameters, PUSHED_SECONDS)
        body = {"request_uri": REQUEST_URI + name, "expires_in": PUSHED_SECONDS}
        return Answer(201, body, default_json_headers)


def _bind(form: Form, client_id: str) -> None:
    """To the client that proved itself, and to the key it showed (RFC 9449, 10.1)."""
    fields = {**form.form, "client_id": client_id}
    if form.jkt is not None and fields.setdefault("dpop_jkt", form.jkt) != form.jkt:
        raise InvalidRequestError("The dpop_jkt is of another key than the proof.")
    form.payload = BasicOAuth2Payload(fields)
