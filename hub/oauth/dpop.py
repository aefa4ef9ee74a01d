"""Proofs that who asks holds a key (RFC 9449): what is one, and that each is good once.

Why it is done so: ``docs/adr/0016-bound-tokens.md``.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import structlog
from joserfc.jwk import GuestProtocol, Key, import_key

from hub.errors import Unauthenticated
from hub.oauth.jose import CLIENTS, Algorithms, Jwt, Unverified, algorithms_of, verified
from hub.oauth.nonces import Nonces
from hub.oauth.once import JTI, PROOF
from hub.store.database import Database

log = structlog.get_logger(__name__)

MAX_PROOF_BYTES: Final = 4096
"""One of an RSA key of 4096 bits has 1,700."""
PROOF_SECONDS: Final = 60
CLOCK_SKEW: Final = 30
PROOFS: Final = Algorithms(*(CLIENTS.allowed or ()), headers=("alg", "typ", "jwk"))
ALGORITHMS: Final = tuple(CLIENTS.allowed or ())
NONCE_HEADER: Final = "DPoP-Nonce"
PORTS: Final = {"https": 443, "http": 80}

_SECRET: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class BadProof(Unauthenticated):
    """The DPoP proof is missing, wrong, or was used before."""

    code, zh = "DPOP_PROOF_REFUSED", "DPoP 证明缺失、有误或已被使用"
    word = "invalid_dpop_proof"


class NonceNeeded(BadProof):
    """A DPoP proof with the nonce of the DPoP-Nonce header is needed."""

    code, zh = "DPOP_NONCE_NEEDED", "DPoP 证明须包含 DPoP-Nonce 响应头给出的随机数"
    word = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class Proof:
    """``jkt``: thumbprint of the key. ``until``: the second up to which it could be used again."""

    jkt: str
    jti: str
    until: float


@dataclass(frozen=True, slots=True)
class Given:
    """A proof as it came, with the request it came with; ``path`` is decoded."""

    proof: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Proofs:
    nonces: Nonces

    def check(self, proof: str, method: str, url: str, token: str | None = None) -> Proof:
        """``url``: the address as the hub calls itself. ``token``: the access token that comes with it.

        BadProof; NonceNeeded where all but the nonce is right. Whether it was used is not asked yet.
        """
        header, claims = _signed(proof)
        if header.get("typ") != "dpop+jwt":
            raise bad_proof("typ")
        if claims.get("htm") != method or not _is_same(claims.get("htu"), url):
            raise bad_proof("htm or htu")
        jti, issued = claims.get("jti"), claims.get("iat")
        if not isinstance(jti, str) or not JTI.fullmatch(jti):
            raise bad_proof("jti")
        now = time.time()
        if isinstance(issued, bool) or not isinstance(issued, int | float):
            raise bad_proof("iat")
        if not now - PROOF_SECONDS - CLOCK_SKEW <= issued <= now + CLOCK_SKEW:
            raise bad_proof("iat")
        if token is not None and claims.get("ath") != _hash_of(token):
            raise bad_proof("ath")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not self.nonces.is_good(nonce):
            log.info("dpop_nonce_needed")
            raise NonceNeeded
        # As long as it would be taken: by its own time, and by that of a host whose clock is behind.
        until = issued + PROOF_SECONDS + 2 * CLOCK_SKEW
        return Proof(import_key(header["jwk"]).thumbprint(), jti, until)


async def redeem(db: Database, proof: Proof) -> bool:
    """False for a proof that was used: of ten at once, one is the first."""
    rows = await db.fetch(PROOF, proof.jkt, proof.jti, proof.until)
    return bool(rows)


def bad_proof(reason: str) -> BadProof:
    log.info("dpop_proof_refused", reason=reason)
    return BadProof()


def _signed(proof: str) -> Jwt:
    if len(proof) > MAX_PROOF_BYTES:
        raise bad_proof("size")
    try:
        return verified(proof, _key, PROOFS)
    except Unverified as error:
        raise bad_proof(str(error)) from None


def _key(token: GuestProtocol) -> Key:
    """The public key the proof brings; ValueError for a private one, or one of another algorithm."""
    header = token.headers()
    jwk: dict[str, Any] = header["jwk"]
    if _SECRET & jwk.keys():
        raise ValueError
    key = import_key(jwk)
    if header["alg"] not in algorithms_of(key):
        raise ValueError
    return key


def _hash_of(token: str) -> str:
    return urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()


def _is_same(given: object, url: str) -> bool:
    """Query and fragment aside (4.3), and as RFC 3986 (6.2.2 and 6.2.3) spells addresses."""
    try:
        return isinstance(given, str) and _normal(given) == _normal(url)
    except ValueError:
        return False


def _normal(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    if "@" in parts.netloc or not parts.hostname:
        raise ValueError
    port = parts.port if parts.port is not None else PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, port, quote(unquote(parts.path or "/"))
