"""Signed tokens and keys: the narrow part of JOSE the hub uses.

joserfc accepts more than an authorization server should (keys named in the header, unencoded
payloads, HMAC among its defaults) and lets malformed input escape as ``TypeError`` or
``RecursionError``. Everything that reads a token from outside goes through ``verified`` or ``peek``.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, GuestProtocol, Key, KeySet, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

from hub.errors import BadArgument, ConfigurationError

MAX_TOKEN_BYTES: Final = 8192
MAX_CLIENT_KEYS: Final = 8
HEADERS: Final = ("alg", "typ", "kid", "x5t", "x5t#S256")
"""Header parameters accepted: none that names a key of the sender's choice or changes the payload."""

LOOK_SECONDS: Final = 1.0

_COMPACT: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_PARTS: Final = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
_RSA_BITS: Final = range(2048, 4097)


class Unverified(Exception):
    """The token is not one; the message is for the log and holds nothing of the token."""


class Jwt(NamedTuple):
    header: dict[str, Any]
    claims: dict[str, Any]


class Algorithms(JWSRegistry):
    """Exactly these algorithms and ``HEADERS``, without joserfc's warning about the name EdDSA:
    RFC 9864 renames it to Ed25519, and clients in the field send either."""

    max_header_length = 2048
    """The header of a proof holds a key; joserfc's 512 bytes have no room for one of RSA."""

    def __init__(self, *names: str, headers: Iterable[str] = HEADERS) -> None:
        super().__init__(algorithms=names)
        self.header_registry = {name: self.header_registry[name] for name in headers}

    def get_alg(self, name: str) -> Any:
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


OURS: Final = Algorithms("ES256")
"""Signs and checks access tokens."""

CLIENTS: Final = Algorithms("ES256", "EdDSA", "Ed25519", "PS256")
"""Checks what clients sign."""

_MALFORMED: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


def verified(token: str, key: Callable[[GuestProtocol], Key], allowed: Algorithms) -> Jwt:
    """Header and claims of a token with a good signature; Unverified otherwise. Claims are unchecked."""
    _check_form(token)
    try:
        found = jwt.decode(token, key, registry=allowed)
    except _MALFORMED as error:
        raise Unverified(type(error).__name__) from None
    return Jwt(found.header, found.claims)


def peek(token: str) -> Jwt:
    """Header and claims of a token nobody has checked: only to find out whose key to check it with."""
    _check_form(token)
    try:
        found = jws.extract_compact(token.encode())
        claims = json.loads(found.payload)
    except _MALFORMED as error:
        raise Unverified(type(error).__name__) from None
    if not isinstance(found.headers(), dict) or not isinstance(claims, dict):
        raise Unverified("not objects")
    return Jwt(found.headers(), claims)


def _check_form(token: str) -> None:
    if len(token) > MAX_TOKEN_BYTES or not _COMPACT.fullmatch(token):
        raise Unverified("form")


def algorithms_of(key: Key) -> tuple[str, ...]:
    """The algorithms of ``CLIENTS`` a key can be used with; empty when the hub does not take it."""
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return ("ES256",)
    if isinstance(key, OKPKey) and key.curve_name == "Ed25519":
        return ("EdDSA", "Ed25519")
    if isinstance(key, RSAKey) and key.raw_value.key_size in _RSA_BITS:
        return ("PS256",)
    return ()


def public_jwks(jwks: Mapping[str, Any]) -> dict[str, Any]:
    """A client's JWK Set reduced to what checks signatures: public parts and ``kid``.

    BadArgument unless it holds 1 to 8 public keys, each EC P-256, Ed25519 or RSA of 2048 to 4096 bits,
    with different ``kid`` (an absent one becomes the RFC 7638 thumbprint).
    """
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CLIENT_KEYS:
        raise BadArgument(f"A client has a JWK Set of 1 to {MAX_CLIENT_KEYS} public keys.")
    keys = [_public_jwk(jwk) for jwk in listed]
    if len({jwk["kid"] for jwk in keys}) < len(keys):
        raise BadArgument("Each key of a JWK Set has its own kid.")
    return {"keys": keys}


def _public_jwk(jwk: Any) -> dict[str, str]:
    try:
        key = import_key(jwk)
        taken = algorithms_of(key)
        kid = jwk.get("kid", key.thumbprint())
    except _MALFORMED:
        raise BadArgument("A key of the JWK Set cannot be read.") from None
    if not taken or not isinstance(kid, str):
        raise BadArgument("A client's key is EC P-256, Ed25519, or RSA of 2048 to 4096 bits.")
    if key.is_private:
        raise BadArgument("Register the public key only; the private key stays with the client.")
    parts = {name: str(key[name]) for name in _PARTS[key.key_type]}
    return {"kty": key.key_type, **parts, "kid": kid}


def key_for(jwks: Mapping[str, Any], header: Mapping[str, Any]) -> Key | None:
    """The key of a stored JWK Set that fits ``alg`` and ``kid``, if that is named, and has not ended."""
    now = time.time()
    for key in (import_key(jwk) for jwk in jwks["keys"] if ends_at(jwk) > now):
        if header.get("alg") in algorithms_of(key) and header.get("kid", key.kid) == key.kid:
            return key
    return None


def ends_at(jwk: Mapping[str, Any]) -> float:
    """When a stored key of a client ends, in seconds since 1970."""
    return float(jwk.get("exp", math.inf))


class SigningKeys:
    """The hub's own keys: the first one signs, the others only check tokens.

    ``again``: the keys as they are now if they have changed since it was asked last, else None. It is asked
    once a second at most, and where a token names a key that is not among them; so processes need no restart,
    and one that hears of a new key late refuses no token for it.
    """

    def __init__(self, keys: Iterable[Key], again: Callable[[], Iterable[Key] | None] = lambda: None) -> None:
        self._again = again
        self._turn = 0
        self._take(keys)

    def _take(self, keys: Iterable[Key]) -> None:
        held = list(keys)
        if not held or not all(isinstance(key, ECKey) and algorithms_of(key) for key in held):
            raise ConfigurationError("The signing key file holds EC P-256 keys, at least one.")
        if not held[0].is_private:
            raise ConfigurationError("The first key of the signing key file is a private key.")
        for key in held:
            key.ensure_kid()
        # A set of one: joserfc signs with a random key of a larger one, and names kid only from a set.
        self._active = KeySet(held[:1])
        self._by_kid = {key.kid: key for key in held}
        self._turn += 1
        self._looked_at = time.monotonic()

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        changed = self._again()
        if changed is not None:
            self._take(changed)

    def _look_in_time(self) -> None:
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look()

    @property
    def turn(self) -> int:
        """Grows when the keys change."""
        self._look_in_time()
        return self._turn

    @property
    def active(self) -> KeySet:
        """The one key that signs."""
        self._look_in_time()
        return self._active

    def named(self, token: GuestProtocol) -> Key:
        """The key a token's header names; KeyError for none of ours."""
        kid = token.headers()["kid"]
        if kid not in self._by_kid:
            self._look()
        return self._by_kid[kid]

    def published(self) -> dict[str, Any]:
        """The JWK Set clients may fetch: public parts only."""
        self._look_in_time()
        return {
            "keys": [
                {
                    "kty": "EC",
                    **{name: key[name] for name in _PARTS["EC"]},
                    "kid": key.kid,
                    "use": "sig",
                    "alg": "ES256",
                }
                for key in self._by_kid.values()
            ]
        }
