"""The token endpoint (RFC 6749, 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from hub.oauth.flows import GRANT_TYPE
from hub.oauth.grants import GRANTS
from hub.oauth.metadata import TOKEN_PATH
from hub.oauth.server import Answer, Call, Endpoint, Form, TokenServer, read_form


class TokenEndpoint(Endpoint):
    proven_at = TOKEN_PATH

    def read(self, call: Call) -> dict[str, str]:
        fields = read_form(call)
        if "grant_type" not in fields:
            raise InvalidRequestError("The grant_type is missing.")
        if fields["grant_type"] not in GRANTS:
            raise OAuth2Error(f"A grant_type is one of {', '.join(GRANTS)}.", error="unsupported_grant_type")
        self._issuer.check_resource(fields.get("resource"))
        return fields

    def methods(self, form: Form) -> Sequence[str]:
        grant, _ = GRANTS[form.form["grant_type"]]
        methods: Sequence[str] = grant.TOKEN_ENDPOINT_AUTH_METHODS
        return methods

    async def answered(self, form: Form) -> Answer:
        if form.form["grant_type"] == GRANT_TYPE:
            return self.respond(self._transactions.alone(), form)
        return await super().answered(form)

    def respond(self, server: TokenServer, form: Form) -> Answer:
        answer: Answer = server.create_token_response(form)
        return answer
