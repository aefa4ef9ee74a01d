"""How a client proves who it is, before anything else is done for it.

``private_key_jwt`` stands in for Authlib's ``JWTBearerClientAssertion``, every step of which would have
to be replaced: it verifies with joserfc's default algorithms (HMAC among them), repeats parser messages
in error descriptions, tells an unknown client from a wrong key, sets no bound on lifetimes, and takes
an ``aud`` that names other servers beside this one. And in place of Authlib's trial of one method after the
other, which tells an unknown client from a known one where the method is ``none``, a request says by what it
brings which method it is.

An assertion is used up by a statement of its own (``hub.oauth.once``), and stays so whatever the answer says.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Final

from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from joserfc.errors import ClaimError
from joserfc.jwk import DictKey, ECKey, GuestProtocol, Key, OKPKey, RSAKey, import_key
from joserfc.jwt import JWTClaimsRegistry

from hub.oauth.clients import CLIENT_ID, Client, find_client
from hub.oauth.flows import AUTH_METHOD, FAPI2, PUBLIC
from hub.oauth.jose import CLIENTS, Jwt, Unverified, key_for, peek, verified
from hub.oauth.once import ASSERTION, JTI
from hub.store.database import Database

MAX_LIFETIME: Final = 300
CLOCK_SKEW: Final = 30
REFUSED: Final = "Client authentication failed."
"""Said alike of an unknown client, a wrong key, and an assertion that cannot be read."""

_TYPES: Final = ("jwt", "client-authentication+jwt")


def _decoys() -> dict[str, DictKey]:
    elliptic = ECKey.generate_key("P-256", private=False)
    edwards = OKPKey.generate_key("Ed25519", private=False)
    # Nobody has a private key to these numbers; checking a signature takes as long as with a real one.
    rsa = RSAKey.import_key(RSAPublicNumbers(65537, secrets.randbits(2048) | 1 << 2047 | 1).public_key())
    keys: dict[str, Key] = {"ES256": elliptic, "EdDSA": edwards, "Ed25519": edwards, "PS256": rsa}
    return {algorithm: key.as_dict() for algorithm, key in keys.items()}


_DECOYS: Final = _decoys()
"""Read and checked where there is no key, so that an unknown client takes as long as a wrong signature."""


class Proving:
    """Finds out which client sends a form."""

    def __init__(self, db: Database, audiences: tuple[str, ...]) -> None:
        """``audiences``: the names of this server, its issuer first, which a client of profile FAPI2 uses."""
        self._db = db
        self._audiences = audiences

    async def client(self, form: Mapping[str, str], methods: Sequence[str]) -> Client:
        """The client of a request, by the one method it is registered with; invalid_client otherwise."""
        proof = {"client_assertion", "client_secret"} & form.keys()
        if PUBLIC in methods and "client_id" in form and not proof:
            return await self._named(form["client_id"])
        return await self._signed(form)

    async def _named(self, name: str) -> Client:
        """A public client, which has nothing to prove itself with."""
        client = await find_client(self._db, name) if CLIENT_ID.fullmatch(name) else None
        if client is None or client.auth_method != PUBLIC or not client.is_active():
            raise InvalidClientError(REFUSED)
        return client

    async def _signed(self, form: Mapping[str, str]) -> Client:
        """The client that signed the request's assertion, which is used up."""
        assertion = form.get("client_assertion")
        if assertion is None or form.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidClientError("A client authenticates with private_key_jwt.")
        try:
            found = await find_client(self._db, _name_in(assertion))
            client, token = _verified(assertion, found)
        except Unverified as reason:
            raise InvalidClientError(REFUSED) from reason
        self._check(client, form, token)
        jti, until = token.claims["jti"], token.claims["exp"] + 2 * CLOCK_SKEW
        if not await (await self._db.asking()).fetchval(ASSERTION, client.client_id, jti, float(until)):
            raise InvalidClientError("The assertion was used before.")
        return client

    def _check(self, client: Client, form: Mapping[str, str], token: Jwt) -> None:
        if not client.is_active():
            raise InvalidClientError("The client is suspended, or its registration has ended.")
        if form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError("The client_id is not the one that signed the assertion.")
        header, claims = token
        if client.profile == FAPI2 and claims.get("aud") != self._audiences[0]:
            raise InvalidClientError("The aud of the assertion is the issuer, as one string.")
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise InvalidClientError("The assertion is of another type.")
        try:
            _expected(client.client_id, self._audiences).validate(claims)
        except ClaimError as error:
            raise InvalidClientError(
                f"A claim of the assertion is missing, wrong or out of time: {error.claim}."
            ) from None
        if not set(_listed(claims["aud"])) <= set(self._audiences):
            raise InvalidClientError("The assertion is meant for other servers too.")
        now = time.time()
        if claims["exp"] > min(claims.get("iat", now), now) + MAX_LIFETIME + CLOCK_SKEW:
            raise InvalidClientError(f"An assertion is good for {MAX_LIFETIME} seconds at most.")
        if not JTI.fullmatch(claims["jti"]):
            raise InvalidClientError("The jti is 1 to 128 visible ASCII characters.")


def _name_in(assertion: str) -> str:
    """Whom it says it is of. It becomes a parameter of a query before anything is verified."""
    name = peek(assertion).claims.get("sub")
    if not isinstance(name, str) or not CLIENT_ID.fullmatch(name):
        raise Unverified("no client id")
    return name


def _verified(assertion: str, client: Client | None) -> tuple[Client, Jwt]:
    def key(token: GuestProtocol) -> Key:
        header = token.headers()
        return (client and key_for(client.jwks, header)) or import_key(_DECOYS[header["alg"]])

    token = verified(assertion, key, CLIENTS)
    if client is None or client.auth_method != AUTH_METHOD:
        raise Unverified("unknown client")
    return client, token


def _expected(client_id: str, audiences: tuple[str, ...]) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        leeway=CLOCK_SKEW,
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True, "values": list(audiences)},
        exp={"essential": True},
        jti={"essential": True},
    )


def _listed(audience: str | list[str]) -> list[str]:
    return [audience] if isinstance(audience, str) else audience
