"""What every endpoint for clients shares: one form in, one answer or one error out.

The form is read first, without a database. Then the client proves who it is (``hub.oauth.proving``). Then
Authlib's synchronous server answers, inside one transaction where the grant has something to keep.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from secrets import token_bytes as random_bytes
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import parse_qsl

import asyncpg
import structlog
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import Unavailable
from hub.oauth.clients import CLIENT_ROW, Client, to_client
from hub.oauth.dpop import NONCE_HEADER, BadProof, Proof, Proofs, redeem
from hub.oauth.flows import AUTH_METHOD, AUTH_METHODS, FAPI2
from hub.oauth.grants import GRANTS
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.nonces import Nonces
from hub.oauth.proving import REFUSED, Proving
from hub.oauth.tokens import AccessTokens
from hub.store.database import Database
from hub.store.values import is_of_values

log = structlog.get_logger(__name__)
T = TypeVar("T")
# At debug level Authlib logs every token it issues.
logging.getLogger("authlib").setLevel(logging.INFO)

MAX_FORM_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 16
AT_ONCE: Final = 2
"""Requests that hold a connection: a flood of them leaves the others to those who have a token."""
FORM: Final = "application/x-www-form-urlencoded"
SECONDS: Final = 15.0
"""Of a request, with its wait for a turn and for a connection."""
FAILED: Final = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable)
"""What a statement may end with."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: ``authorization`` holds every such header, ``body`` is undecoded."""

    method: str
    content_type: str
    query: bytes
    authorization: Sequence[str]
    body: bytes
    dpop: Sequence[str] = ()
    """Every such header."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: list[tuple[str, str]]


class NotPost(InvalidRequestError):  # type: ignore[misc]  # Authlib has no types
    status_code = 405
    description = "This endpoint takes POST."

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Allow", "POST")]


class NotNow(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """RFC 6749 has the word for another endpoint, and none for this."""

    error = "temporarily_unavailable"
    status_code = 503
    description = "The hub cannot answer now; try again later."


class Form(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """What Authlib asks of a request, over fields known to stand once each.

    ``jkt``: thumbprint of the key the request proved it holds (RFC 9449). ``client``: who proved to be one.
    """

    def __init__(self, issuer: Issuer, fields: dict[str, str], proof: Proof | None = None) -> None:
        super().__init__("POST", issuer.token_url)
        self.issuer = issuer
        self.payload = BasicOAuth2Payload(fields)
        self.jkt = proof.jkt if proof else None

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


def read_form(call: Call, most: int = MAX_FIELDS) -> dict[str, str]:
    """The parameters of a request with a form, ``most`` at most; an ``OAuth2Error`` when it is none."""
    if call.method != "POST":
        raise NotPost
    if call.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"The body is {FORM}.", status_code=415)
    if call.query:
        raise InvalidRequestError("Parameters stand in the body, not in the address.")
    if len(call.body) > MAX_FORM_BYTES:
        raise InvalidRequestError(f"The body has {MAX_FORM_BYTES} bytes at most.", status_code=413)
    fields = read_fields(call.body, most)
    _check_authentication(call, fields)
    return fields


def read_fields(form: bytes, most: int) -> dict[str, str]:
    """An empty parameter counts as absent, a repeated one is an error (RFC 6749, 3.1 and 3.2)."""
    try:
        pairs = parse_qsl(form.decode("ascii"), True, max_num_fields=most, errors="strict")
    except ValueError:
        raise InvalidRequestError("The parameters cannot be read as a form.") from None
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
    """Authlib's server for one request, on the ``connection`` of its transaction."""

    def __init__(self, connection: Connection | None, tokens: AccessTokens) -> None:
        """Without a connection for a grant that keeps nothing."""
        super().__init__()
        self._connection = connection
        for grant, extensions in GRANTS.values():
            self.register_grant(grant, extensions)
        self._tokens = tokens
        self.register_token_generator("default", tokens)

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("This grant runs outside a transaction.")
        return self._connection

    def query_client(self, client_id: str) -> Client | None:
        row = self.connection.execute(CLIENT_ROW, {"name": client_id}).mappings().one_or_none()
        return to_client(row) if row else None

    def authenticate_client(self, request: Form, methods: Sequence[str]) -> Client:
        """The client that proved itself before, if this grant takes its method."""
        client: Client | None = request.client
        if client is None or client.auth_method not in methods:
            raise InvalidClientError(REFUSED)
        request.auth_method = client.auth_method
        if client.profile == FAPI2 and request.jkt is None:
            raise OAuth2Error(
                "A client of this profile binds its tokens with DPoP.", error="invalid_dpop_proof"
            )
        purpose = request.form.get("purpose")
        if request.jkt is not None or purpose is not None:
            self.register_token_generator("default", self._tokens.of_request(request.jkt, purpose))
        return client

    def save_token(self, token: dict[str, Any], request: Form) -> None:
        """Nothing is stored: a token proves itself, and the registry can end it."""
        log.info("token_issued", client_id=request.client.client_id, scope=token["scope"])

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Authlib's hook for frameworks with signals."""

    def create_oauth2_request(self, request: Form) -> Form:
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, headers)

    def handle_error_response(self, request: Form, error: OAuth2Error) -> Answer:
        return refusal(error)


def refusal(error: OAuth2Error) -> Answer:
    """The error body of RFC 6749, 5.2. Only the log learns why authentication failed."""
    log.info(
        "token_refused", error=error.error, description=error.description, reason=str(error.__cause__ or "")
    )
    return Answer(*error())


class Transactions:
    """Authlib's server in transactions, ``AT_ONCE`` of them."""

    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys) -> None:
        self._db = db
        self._tokens = AccessTokens(issuer.url, keys)
        self._turns = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """NotNow when the database is away, or no turn comes.

        InvalidRequestError for a value that it cannot take: that is who asked, and no outage.
        """
        try:
            async with asyncio.timeout(SECONDS), self._turns:
                yield
        except FAILED as error:
            if is_of_values(error):
                raise InvalidRequestError("A parameter holds what no value of it has.") from None
            log.exception("database_unreachable")
            raise NotNow from None

    async def run(self, work: Callable[[TokenServer], T]) -> T:
        """What ``work`` returns, committed; NotNow as above."""
        async with self.turn():
            return await self.kept(work)

    async def kept(self, work: Callable[[TokenServer], T]) -> T:
        """The same in a turn that was had before."""
        async with self._db.engine.begin() as connection:
            return await connection.run_sync(lambda held: work(TokenServer(held, self._tokens)))

    def alone(self) -> TokenServer:
        """For a grant that keeps nothing."""
        return TokenServer(None, self._tokens)


class Endpoint:
    """Takes forms of clients; ``respond`` says what to do with one.

    ``proven_at``: its path, where clients may prove with DPoP that they hold a key.
    """

    proven_at: ClassVar[str | None] = None

    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys, nonces: Nonces | None = None) -> None:
        """Without ``nonces`` it has some of its own, which no other endpoint knows."""
        self._db = db
        self._issuer = issuer
        self._transactions = Transactions(db, issuer, keys)
        self._proving = Proving(db, issuer.names)
        self._proofs = Proofs(nonces or Nonces(random_bytes(32)))

    async def answer(self, call: Call) -> Answer:
        """Assertion and proof are used up before, whatever the answer says."""
        if self.proven_at is None or not call.dpop:
            return await self._answer(call, None)
        url = self._issuer.url + self.proven_at
        try:
            # Headers that are several are a list, and a list is no proof (RFC 9449, 4.3).
            proof = self._proofs.check(", ".join(call.dpop), "POST", url)
        except BadProof as error:
            answer = refusal(OAuth2Error(error.message, error=error.word))
        else:
            answer = await self._answer(call, proof)
        return replace(answer, headers=[*answer.headers, (NONCE_HEADER, self._proofs.nonces.now())])

    async def _answer(self, call: Call, proof: Proof | None) -> Answer:
        try:
            form = Form(self._issuer, self.read(call), proof)
            async with self._transactions.turn():
                form.client = await self._proving.client(form.form, self.methods(form))
                if proof is not None and not await redeem(self._db, proof):
                    raise OAuth2Error("The DPoP proof was used before.", error=BadProof.word)
                return await self.answered(form)
        except OAuth2Error as error:
            return refusal(error)

    async def answered(self, form: Form) -> Answer:
        return await self._transactions.kept(lambda server: self.respond(server, form))

    def read(self, call: Call) -> dict[str, str]:
        raise NotImplementedError

    def methods(self, form: Form) -> Sequence[str]:
        """How a client may authenticate here."""
        return AUTH_METHODS

    def respond(self, server: TokenServer, form: Form) -> Answer:
        raise NotImplementedError
