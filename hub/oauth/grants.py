"""How a client proves who it is, and the grant it can use for itself.

``PrivateKeyJwt`` stands in for Authlib's ``JWTBearerClientAssertion``, every step of which would have
to be replaced: it verifies with joserfc's default algorithms (HMAC among them), repeats parser messages
in error descriptions, tells an unknown client from a wrong key, sets no bound on lifetimes, and takes
an ``aud`` that names other servers beside this one.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from joserfc.errors import JoseError
from joserfc.jwk import DictKey, ECKey, GuestProtocol, Key, OKPKey, RSAKey, import_key
from joserfc.jwt import JWTClaimsRegistry

from hub.oauth.clients import CLIENT_ID, Client
from hub.oauth.flows import AUTH_METHOD, FAPI2, PUBLIC
from hub.oauth.jose import CLIENTS, Jwt, Unverified, key_for, peek, verified

MAX_LIFETIME: Final = 300
CLOCK_SKEW: Final = 30
REFUSED: Final = "Client authentication failed."
"""Said alike of an unknown client, a wrong key, and an assertion that cannot be read."""

_JTI: Final = re.compile(r"[\x21-\x7e]{1,128}")
_TYPES: Final = ("jwt", "client-authentication+jwt")

Redeem = Callable[[str, str, float], bool]
"""Takes client, ``jti`` and the second until which to remember it; False when it is remembered already."""


def _decoys() -> dict[str, DictKey]:
    elliptic = ECKey.generate_key("P-256", private=False)
    edwards = OKPKey.generate_key("Ed25519", private=False)
    # Nobody has a private key to these numbers; checking a signature takes as long as with a real one.
    rsa = RSAKey.import_key(RSAPublicNumbers(65537, secrets.randbits(2048) | 1 << 2047 | 1).public_key())
    keys: dict[str, Key] = {"ES256": elliptic, "EdDSA": edwards, "Ed25519": edwards, "PS256": rsa}
    return {algorithm: key.as_dict() for algorithm, key in keys.items()}


_DECOYS: Final = _decoys()
"""Read and checked where there is no key, so that an unknown client takes as long as a wrong signature."""


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = (AUTH_METHOD,)


class PrivateKeyJwt:
    """``private_key_jwt`` (RFC 7523) for one request.

    ``audiences`` are the names of this server, its issuer first: the one a client of profile FAPI2 may use.
    """

    def __init__(self, audiences: tuple[str, ...], redeem: Redeem) -> None:
        self._audiences = audiences
        self._redeem = redeem

    def __call__(self, query_client: Callable[[str], Client | None], request: Any) -> Client:
        """The client that signed the request's assertion; invalid_client otherwise."""
        form: dict[str, str] = request.form
        assertion = form.get("client_assertion")
        if assertion is None or form.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidClientError("A client authenticates with private_key_jwt.")
        try:
            client, token = _signed_by(assertion, query_client)
        except Unverified as reason:
            raise InvalidClientError(REFUSED) from reason
        if not client.is_active():
            raise InvalidClientError("The client is suspended, or its registration has ended.")
        if form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError("The client_id is not the one that signed the assertion.")
        if client.profile == FAPI2 and token.claims.get("aud") != self._audiences[0]:
            raise InvalidClientError("The aud of the assertion is the issuer, as one string.")
        self._check(client.client_id, token)
        return client

    def _check(self, client_id: str, token: Jwt) -> None:
        header, claims = token
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise InvalidClientError("The assertion is of another type.")
        try:
            _expected(client_id, self._audiences).validate(claims)
        except JoseError:
            raise InvalidClientError("A claim of the assertion is missing, wrong or out of time.") from None
        if not set(_listed(claims["aud"])) <= set(self._audiences):
            raise InvalidClientError("The assertion is meant for other servers too.")
        now = time.time()
        if claims["exp"] > min(claims.get("iat", now), now) + MAX_LIFETIME + CLOCK_SKEW:
            raise InvalidClientError(f"An assertion is good for {MAX_LIFETIME} seconds at most.")
        if not _JTI.fullmatch(claims["jti"]):
            raise InvalidClientError("The jti is 1 to 128 visible ASCII characters.")
        if not self._redeem(client_id, claims["jti"], claims["exp"] + 2 * CLOCK_SKEW):
            raise InvalidClientError("The assertion was used before.")


def named_only(query_client: Callable[[str], Client | None], request: Any) -> Client:
    """A public client, which has nothing to prove itself with; invalid_client for a client that has."""
    name = request.form["client_id"]
    client = query_client(name) if CLIENT_ID.fullmatch(name) else None
    if client is None or client.auth_method != PUBLIC or not client.is_active():
        raise InvalidClientError(REFUSED)
    return client


def _signed_by(assertion: str, query_client: Callable[[str], Client | None]) -> tuple[Client, Jwt]:
    name = peek(assertion).claims.get("sub")
    # It becomes a parameter of a query before anything is verified.
    if not isinstance(name, str) or not CLIENT_ID.fullmatch(name):
        raise Unverified("no client id")
    client = query_client(name)

    def key(token: GuestProtocol) -> Key:
        header = token.headers()
        return (client and key_for(client.jwks, header)) or import_key(_DECOYS[header["alg"]])

    token = verified(assertion, key, CLIENTS)
    if client is None:
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
