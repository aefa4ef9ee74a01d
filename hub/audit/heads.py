"""Heads of the chain as signed by the hub's own key, the one that signs access tokens (RFC 7515, ES256)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

from hub.audit.chain import broken, canonical

TYPE: Final = "access-log-head"
"""No token's: a head cannot be taken for one, nor one for it."""
ES256: Final = JWSRegistry(algorithms=["ES256"])


def sign(claims: Mapping[str, Any], keys: KeySet) -> str:
    """With the first of the keys."""
    key = keys.keys[0]
    header = {"alg": "ES256", "typ": TYPE, "kid": str(key.kid)}
    return jws.serialize_compact(header, canonical(claims), key, registry=ES256)


def kid_of(head: str) -> Any:
    """The key a head names."""
    return jws.extract_compact(head.encode()).headers().get("kid")


def issuer_of(head: str) -> str:
    """The address a head names, whoever signed it."""
    try:
        return str(json.loads(jws.extract_compact(head.encode()).payload)["iss"])
    except (JoseError, ValueError, TypeError, KeyError):
        raise broken("a head", "is none of an access log") from None


class Opener:
    """``keys``: public or private ones, of now and of before."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = {key.kid: key for key in keys}

    def __call__(self, head: str) -> dict[str, Any] | None:
        try:
            found = jws.extract_compact(head.encode())
            header = found.headers()
            if header.get("typ") != TYPE or header.get("alg") != "ES256":
                raise broken("a head", "is none of an access log")
            key = self._keys.get(header.get("kid"))
            if key is None:
                return None
            content = jws.deserialize_compact(head, key, registry=ES256).payload
            signature = head.rpartition(".")[2]
            if urlsafe_b64encode(urlsafe_b64decode(signature + "==")).rstrip(b"=") != signature.encode():
                raise ValueError("bits that say nothing")
            claims = json.loads(content)
        except (JoseError, ValueError, TypeError, AttributeError):
            raise broken("a head", "its signature is wrong") from None
        if canonical(claims) != content:
            raise broken("a head", "is not written as the hub writes it")
        return dict(claims)


def read_keys(content: bytes) -> KeySet:
    """A JWK Set as the hub publishes it; ValueError for anything else."""
    try:
        keys: Any = [ECKey.import_key(key) for key in json.loads(content)["keys"]]
    except (ValueError, KeyError, TypeError, JoseError):
        raise ValueError("expected a JWK Set of EC keys") from None
    return KeySet(keys)
