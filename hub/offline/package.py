"""What a package is made of. No database.

A JWE (RFC 7516, compact) for the device's key, of gzip, of lines of UTF-8:

    a JWS (RFC 7515, compact, ``typ`` hub-package): whose it is, until when, and the SHA-256 of the rest
    an entry of ``caseload`` on each other line, as it was answered
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

from hub.errors import BadArgument, HubError

TYPE: Final = "hub-package"
RECALLS: Final = "hub-recalls"
CONTENT: Final = "application/x-ndjson+gzip"
ALGORITHM, ENCRYPTION = "ECDH-ES+A256KW", "A256GCM"
_SIGNED: Final = JWSRegistry(algorithms=["ES256"])
_SEALED: Final = jwe.JWERegistry(algorithms=[ALGORITHM, ENCRYPTION])


class BadPackage(HubError):
    """The package cannot be opened: it is none, for another device, changed, over, or recalled."""

    code, status, zh = "PACKAGE_REFUSED", 422, "离线数据包无法打开"


@dataclass(frozen=True, slots=True)
class Package:
    """``claims``: iss, jti, client, device, iat, exp, people, cursor, sha256."""

    claims: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]


def device_key(jwk: Any) -> ECKey:
    """The public key of a device. BadArgument for anything but a public EC key of P-256."""
    try:
        key = ECKey.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise BadArgument("Expected the device's public key, a JWK.", zh="应为设备公钥（JWK）") from None
    if key.curve_name != "P-256" or key.is_private:
        raise BadArgument("Expected a public EC key of P-256.", zh="应为 P-256 公钥，且不含私钥")
    return key


def make(signing: ECKey, device: ECKey, claims: Mapping[str, Any], entries: Sequence[bytes]) -> bytes:
    """The file; ``entries`` are JSON without a line feed."""
    body = b"".join(entry + b"\n" for entry in entries)
    told = {**claims, "people": len(entries), "sha256": hashlib.sha256(body).hexdigest()}
    head = {"alg": "ES256", "typ": TYPE, "kid": str(signing.kid)}
    first = jws.serialize_compact(head, orjson.dumps(told), signing, registry=_SIGNED)
    plain = gzip.compress(first.encode() + b"\n" + body, 6, mtime=0)
    protected = {"alg": ALGORITHM, "enc": ENCRYPTION, "typ": TYPE, "cty": CONTENT, "kid": device.thumbprint()}
    return jwe.encrypt_compact(protected, plain, device, registry=_SEALED).encode()


def read(file: bytes, device: ECKey, keys: KeySet, now: float, recalled: Sequence[str] = ()) -> Package:
    """As a device opens it. BadPackage."""
    try:
        plain = gzip.decompress(jwe.decrypt_compact(file, device, registry=_SEALED).plaintext or b"")
        first, _, body = plain.partition(b"\n")
        known = {key.kid: key for key in keys}
        signed = jws.extract_compact(first)
        if signed.headers().get("typ") != TYPE:
            raise BadPackage
        key = known[signed.headers()["kid"]]
        claims = orjson.loads(jws.deserialize_compact(first, key, registry=_SIGNED).payload)
    except (JoseError, ValueError, OSError, KeyError, TypeError, EOFError):
        raise BadPackage from None
    if hashlib.sha256(body).hexdigest() != claims["sha256"]:
        raise BadPackage
    if not claims["iat"] <= now < claims["exp"]:
        raise BadPackage("The package is over; get another.", zh="离线数据包已过期，请重新获取")
    if claims["jti"] in recalled:
        raise BadPackage("The package was recalled; delete it.", zh="离线数据包已被收回，请删除")
    return Package(claims, [orjson.loads(line) for line in body.splitlines()])


def recall_list(signing: ECKey, claims: Mapping[str, Any]) -> str:
    """Signed, so that nobody who stands between can leave one out."""
    head = {"alg": "ES256", "typ": RECALLS, "kid": str(signing.kid)}
    return jws.serialize_compact(head, orjson.dumps(claims), signing, registry=_SIGNED)
