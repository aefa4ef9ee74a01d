"""The token endpoint: one form in, one token or one error out.

The form is read first, without a database. Then Authlib's synchronous server runs inside one
transaction, so that the single use of an assertion is decided by the table's primary key: of ten
copies that arrive at once, one inserts its row and nine wait for it and find it taken.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import asyncpg
import structlog
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from hub.oauth.clients import AUTH_METHOD, GRANT_TYPE, Client, client_row, to_client
from hub.oauth.grants import ClientCredentials, PrivateKeyJwt
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.tokens import AccessTokens
from hub.store.database import Database

log = structlog.get_logger(__name__)
# At debug level Authlib logs every token it issues.
logging.getLogger("authlib").setLevel(logging.INFO)

MAX_FORM_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 16
AT_ONCE: Final = 2
"""Requests that hold a connection: a flood of them leaves the others to those who have a token."""
FORM: Final = "application/x-www-form-urlencoded"
SECONDS: Final = 15.0
"""Of a request, with its wait for a turn and for a connection."""

REDEEM: Final = text(
    "insert into oauth_assertion (client_id, jti, expires_at)"
    " values (:client_id, :jti, to_timestamp(:until)) on conflict do nothing returning true"
)
# A few per request, never waiting: each request adds one row, so the table stays small by itself.
PURGE: Final = text(
    "delete from oauth_assertion where ctid = any (array("
    "select ctid from oauth_assertion where expires_at < now()"
    " order by expires_at limit 20 for update skip locked))"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: ``authorization`` holds every such header, ``body`` is undecoded."""

    method: str
    content_type: str
    query: bytes
    authorization: Sequence[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: list[tuple[str, str]]


class NotPost(InvalidRequestError):  # type: ignore[misc]  # Authlib has no types
    status_code = 405
    description = "The token endpoint takes POST."

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Allow", "POST")]


class NotNow(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """RFC 6749 has the word for another endpoint, and none for this."""

    error = "temporarily_unavailable"
    status_code = 503
    description = "The hub cannot answer now; try again later."


class TokenForm(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """What Authlib asks of a request, over fields known to stand once each."""

    def __init__(self, issuer: Issuer, fields: dict[str, str]) -> None:
        super().__init__("POST", issuer.token_url)
        self.payload = BasicOAuth2Payload(fields)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


def read_form(call: Call) -> dict[str, str]:
    """The parameters of a token request; an ``OAuth2Error`` when it is not one we answer."""
    if call.method != "POST":
        raise NotPost
    if call.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"The body is {FORM}.", status_code=415)
    if call.query:
        raise InvalidRequestError("Parameters stand in the body, not in the address.")
    if len(call.body) > MAX_FORM_BYTES:
        raise InvalidRequestError(f"The body has {MAX_FORM_BYTES} bytes at most.", status_code=413)
    fields = _fields(call.body)
    _check_authentication(call, fields)
    if "grant_type" not in fields:
        raise InvalidRequestError("The grant_type is missing.")
    if fields["grant_type"] != GRANT_TYPE:
        raise OAuth2Error(f"The one grant_type is {GRANT_TYPE}.", error="unsupported_grant_type")
    return fields


def _fields(body: bytes) -> dict[str, str]:
    """An empty parameter counts as absent, a repeated one is an error (RFC 6749, 3.2)."""
    try:
        pairs = parse_qsl(body.decode("ascii"), True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequestError("The body cannot be read as a form.") from None
    if len(dict(pairs)) < len(pairs):
        raise InvalidRequestError("A parameter stands more than once.")
    return {name: value for name, value in pairs if value}


def _check_authentication(call: Call, fields: dict[str, str]) -> None:
    used = [*call.authorization, *(name for name in ("client_secret", "client_assertion") if name in fields)]
    if len(used) > 1:
        raise InvalidRequestError("A request authenticates its client in one way only.")
    if call.authorization:
        # RFC 6749, 5.2 wants 401 and a challenge for whoever tried a header.
        raise InvalidClientError(f"A client authenticates with {AUTH_METHOD}.", status_code=401)


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Authlib's server for one request, on the connection of its transaction."""

    def __init__(self, connection: Connection, issuer: Issuer, tokens: AccessTokens) -> None:
        super().__init__()
        self._connection = connection
        proof = PrivateKeyJwt((issuer.url, issuer.token_url), self._redeem)
        self.register_client_auth_method(AUTH_METHOD, proof)
        self.register_grant(ClientCredentials)
        self.register_token_generator("default", tokens)

    def query_client(self, client_id: str) -> Client | None:
        row = self._connection.execute(client_row(client_id)).mappings().one_or_none()
        return to_client(row) if row else None

    def _redeem(self, client_id: str, jti: str, until: float) -> bool:
        values = {"client_id": client_id, "jti": jti, "until": until}
        first = self._connection.execute(REDEEM, values).scalar() is True
        if first:
            self._connection.execute(PURGE)
        return first

    def save_token(self, token: dict[str, Any], request: TokenForm) -> None:
        """Nothing is stored: a token proves itself, and the registry can end it."""
        log.info("token_issued", client_id=request.client.client_id, scope=token["scope"])

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Authlib's hook for frameworks with signals."""

    def create_oauth2_request(self, request: TokenForm) -> TokenForm:
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, headers)

    def handle_error_response(self, request: TokenForm, error: OAuth2Error) -> Answer:
        return refusal(error)


def refusal(error: OAuth2Error) -> Answer:
    """The error body of RFC 6749, 5.2. Only the log learns why authentication failed."""
    log.info(
        "token_refused", error=error.error, description=error.description, reason=str(error.__cause__ or "")
    )
    return Answer(*error())


class TokenEndpoint:
    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys) -> None:
        self._db = db
        self._issuer = issuer
        self._tokens = AccessTokens(issuer.url, keys)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def answer(self, call: Call) -> Answer:
        """The answer is committed with the use of the assertion, whatever it says."""
        try:
            form = TokenForm(self._issuer, read_form(call))
        except OAuth2Error as error:
            return refusal(error)
        try:
            async with asyncio.timeout(SECONDS), self._turns, self._db.engine.begin() as connection:
                return await connection.run_sync(self._answer, form)
        except (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
            log.exception("database_unreachable")
            return refusal(NotNow())

    def _answer(self, connection: Connection, form: TokenForm) -> Answer:
        answer: Answer = TokenServer(connection, self._issuer, self._tokens).create_token_response(form)
        return answer
