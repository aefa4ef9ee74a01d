"""ID tokens of providers: whose, for whom, for which question, how old (OpenID Connect Core, 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key, import_key

from hub.oauth.jose import Algorithms, Unverified, algorithms_of, verified
from hub.oauth.provider_rules import WEAKER, Provider
from hub.oauth.providers import is_subject

SKEW: Final = 60
"""Seconds that clocks may differ."""
OLDEST: Final = 600
"""Seconds since it was issued: it has just been fetched."""
_MALFORMED: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError)


class UnknownKey(Unverified):
    """The key it names is not among those known: the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """``signed_in_after``: seconds since 1970; who signed in at the provider before has to do it again."""

    nonce: str
    signed_in_after: float
    now: float


def read_id_token(
    token: str, provider: Provider, keys: Sequence[Mapping[str, Any]], expected: Expected
) -> dict[str, Any]:
    """Its claims; UnknownKey or Unverified otherwise."""
    found = verified(token, lambda header: _key(header, keys), Algorithms(*provider.algorithms))
    if found.header.get("typ", "JWT") != "JWT":
        raise Unverified("typ")
    _check_parties(found.claims, provider)
    _check_times(found.claims, expected)
    if not compare_digest(str(found.claims.get("nonce")).encode(errors="replace"), expected.nonce.encode()):
        raise Unverified("nonce")
    if provider.acr_values and found.claims.get("acr") not in provider.acr_values:
        raise Unverified("acr")
    return found.claims


def _key(token: GuestProtocol, keys: Sequence[Mapping[str, Any]]) -> Key:
    """The one key that the token names and whose kind fits; without ``kid`` only one may fit."""
    header = token.headers()
    kid = header.get("kid")
    named = [jwk for jwk in keys if kid is None or jwk.get("kid") == kid]
    if not named:
        raise UnknownKey("kid")
    fitting = [key for jwk in named if (key := _usable(jwk, header["alg"])) is not None]
    if len(fitting) != 1:
        raise Unverified("key")
    return fitting[0]


def _usable(jwk: Mapping[str, Any], alg: str) -> Key | None:
    """None for a key of another kind, for another use, or that cannot be read."""
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", alg) != alg:
        return None
    try:
        key = import_key(
            {name: value for name, value in jwk.items() if name not in ("use", "key_ops", "alg")}
        )
        taken = algorithms_of(key)
    except _MALFORMED:
        return None
    return key if alg in (*taken, *((WEAKER,) if "PS256" in taken else ())) else None


def _check_parties(claims: Mapping[str, Any], provider: Provider) -> None:
    if claims.get("iss") != provider.issuer:
        raise Unverified("iss")
    if claims.get("aud") not in (provider.registered_as, [provider.registered_as]):
        raise Unverified("aud")
    if claims.get("azp", provider.registered_as) != provider.registered_as:
        raise Unverified("azp")
    if not is_subject(claims.get("sub")):
        raise Unverified("sub")


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    issued, ends, signed_in = (_seconds(claims, name) for name in ("iat", "exp", "auth_time"))
    now = expected.now
    if not ends > now - SKEW:  # also where it is no number
        raise Unverified("exp")
    if not now - OLDEST <= issued <= now + SKEW:
        raise Unverified("iat")
    if not expected.signed_in_after - SKEW <= signed_in <= now + SKEW:
        raise Unverified("auth_time")
    if "nbf" in claims and not _seconds(claims, "nbf") <= now + SKEW:
        raise Unverified("nbf")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unverified(name)
    return value
