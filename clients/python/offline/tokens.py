"""Access tokens of a client that proves who it is by its key (private_key_jwt, RFC 7523)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

EARLY = 30.0
"""Seconds before its end in which a token is not used any more."""
ASSERTION_SECONDS = 60
WRONG_BY = 5.0
"""Seconds, from which a clock is taken to be wrong."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Tokens:
    """``issuer``: address of the hub, without a path. ``key``: private JWK of the curve P-256."""

    issuer: str
    client_id: str
    key: Mapping[str, Any]
    token: str = ""
    ends: float = 0.0
    behind: float = 0.0
    """Seconds by which the clock of the device is, as the hub has said."""

    @property
    def address(self) -> str:
        return f"{self.issuer}/oauth/token"

    @property
    def held(self) -> str | None:
        """The token, while it is good."""
        return self.token if time.monotonic() < self.ends else None

    def now(self) -> float:
        """Seconds of the epoch, as the hub counts them, once it has given a token."""
        return time.time() + self.behind

    def corrects(self, date: str | None) -> bool:
        """Whether the clock was wrong: ``date`` is the header of an answer that refused a token."""
        if date is None:
            return False
        wrong = parsedate_to_datetime(date).timestamp() - self.now()
        if abs(wrong) < WRONG_BY:
            return False
        self.behind += wrong
        return True

    def form(self) -> dict[str, str]:
        """What is posted for another; each is good once."""
        now = int(self.now())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": "ES256", **({"kid": self.key["kid"]} if "kid" in self.key else {})}
        signed = jwt.encode(header, claims, ECKey.import_key(dict(self.key)))
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
        }

    def take(self, answer: Mapping[str, Any]) -> str:
        self.token = str(answer["access_token"])
        self.ends = time.monotonic() + float(answer["expires_in"]) - EARLY
        return self.token

    def forget(self) -> None:
        self.ends = 0.0
