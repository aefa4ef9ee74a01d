"""Who holds a key and proves it (RFC 9449); and every way of not proving it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import httpx
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.oauth import Sign, b64, compact_jwt, new_key, signer, without


class Prover:
    """``nonce``: the last one a server gave."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.key: ECKey | OKPKey | RSAKey = new_key(algorithm)
        self.nonce: str | None = None

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        *,
        header: Mapping[str, Any] | None = None,
        sign: Sign | None = None,
        **claims: Any,
    ) -> str:
        """A good proof, except for what the test says; a claim or header of None is left out."""
        public = {name: value for name, value in self.key.as_dict(private=False).items() if name != "kid"}
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": public, **(header or {})}
        good = {
            "jti": secrets.token_urlsafe(12),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "nonce": self.nonce,
            "ath": token and b64(sha256(token.encode()).digest()),
        }
        made = without({**good, **claims})
        return compact_jwt(without(head), made, sign or signer(self.algorithm, self.key))

    def learn(self, answer: httpx.Response) -> httpx.Response:
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer
