"""Tokens: the access tokens the hub signs, and the assertions clients sign to get them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc import jwt
from joserfc.jwk import KeySet, import_key

from hub.errors import BadArgument, Unauthenticated, UnknownPurpose
from hub.oauth.clients import Client
from hub.oauth.flows import GRANT_TYPE
from hub.oauth.holders import Holder
from hub.oauth.jose import CLIENTS, SigningKeys, algorithms_of

ACCESS_TOKEN_SECONDS: Final = 300
ASSERTION_SECONDS: Final = 60
IDENTITY_CLAIMS: Final = ("role", "division", "organisation")


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib has no types
    """Access tokens by RFC 9068: ES256, ``typ: at+jwt``, 300 s, for this hub only."""

    def __init__(
        self, issuer: str, keys: SigningKeys, jkt: str | None = None, purpose: str | None = None
    ) -> None:
        super().__init__(issuer, "ES256", lambda **_: random_value(), ACCESS_TOKEN_SECONDS)
        self._keys = keys
        self._jkt = jkt
        self._purpose = purpose

    def of_request(self, jkt: str | None, purpose: str | None) -> AccessTokens:
        """Tokens for who holds the key of this thumbprint (RFC 9449, 6), and for this purpose, only."""
        return AccessTokens(str(self.issuer), self._keys, jkt, purpose)

    def generate(self, *given: Any, **named: Any) -> dict[str, Any]:
        token: dict[str, Any] = super().generate(*given, **named)
        return token if self._jkt is None else {**token, "token_type": "DPoP"}

    def get_jwks(self) -> KeySet:
        return self._keys.active

    def get_audiences(self, client: object, user: object, scope: str) -> str:
        return str(self.issuer)

    def get_extra_claims(
        self, client: Client, grant_type: str, user: Holder | None, scope: str
    ) -> dict[str, Any]:
        who = user or client
        extra: dict[str, Any] = {**identity_claims(who), "series": client.token_series}
        if user is not None:
            extra["grant"] = user.grant_id
        if self._jkt is not None:
            extra["cnf"] = {"jkt": self._jkt}
        if self._purpose is not None:
            extra["purpose"] = purpose_of(client, who.role, self._purpose)
        return extra


def purpose_of(client: Client, role: str, asked: str) -> str:
    """The purpose a token may be issued for; an ``OAuth2Error`` names those that are granted."""
    try:
        client.granted(role).stated(asked)
    except UnknownPurpose as error:
        raise OAuth2Error(error.message, error="invalid_purpose") from None
    return asked


def random_value() -> str:
    """A code, a refresh token, an address: 256 bits."""
    return secrets.token_urlsafe(32)


def digest(kind: str, value: str) -> bytes:
    """What is stored of it; one that was made for another use is not found."""
    return sha256(f"{kind} {value}".encode()).digest()


def identity_claims(who: Client | Holder) -> dict[str, Any]:
    """What a token says of whom it stands for; the resource side compares it with the registry."""
    values = (who.role, who.division_code, who.organisation_id)
    return {name: value for name, value in zip(IDENTITY_CLAIMS, values, strict=True) if value is not None}


def make_assertion(
    client_id: str, private_jwk: Mapping[str, Any], audience: str, *, lifetime: int = ASSERTION_SECONDS
) -> str:
    """A client's proof of who it is (RFC 7523): good once, for ``lifetime`` seconds.

    ``audience`` is the hub's issuer or token endpoint. BadArgument for a key the hub would not take.
    """
    key = import_key(dict(private_jwk))
    algorithm = next(iter(algorithms_of(key)), None)
    if algorithm is None or not key.is_private:
        raise BadArgument("An assertion is signed with a private EC P-256, Ed25519 or RSA key.")
    key.ensure_kid()
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, registry=CLIENTS)


def token_form(assertion: str, scope: str | None = None) -> dict[str, str]:
    """The form a client posts to the token endpoint."""
    form = {
        "grant_type": GRANT_TYPE,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return {**form, "scope": scope} if scope else form


async def fetch_token(
    http: httpx.AsyncClient,
    token_url: str,
    client_id: str,
    private_jwk: Mapping[str, Any],
    scope: str | None = None,
) -> str:
    """An access token from a running hub; Unauthenticated with its answer when there is none."""
    form = token_form(make_assertion(client_id, private_jwk, token_url), scope)
    answer = await http.post(token_url, data=form)
    if answer.status_code != httpx.codes.OK:
        raise Unauthenticated(f"The token endpoint answered {answer.status_code}: {answer.text[:200]}")
    return str(answer.json()["access_token"])
