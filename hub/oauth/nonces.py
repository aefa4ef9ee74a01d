"""Nonces a client puts into its proofs (RFC 9449, 8 and 9): fresh by the minute, the same in every process.

A nonce is the number of a minute and its HMAC; so nothing is stored, and nobody can make one beforehand.
"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass, field
from typing import Final

WINDOW_SECONDS: Final = 60
MAC_BYTES: Final = 16
NEAR: Final = (0, -1, 1)
"""Windows beside the one of now that are taken: the last, and that of a host whose clock is ahead."""


@dataclass(frozen=True, slots=True)
class Nonces:
    """``key``: 32 bytes that every process of the hub has."""

    key: bytes = field(repr=False)

    def now(self) -> str:
        return self._of(_window())

    def is_good(self, nonce: str) -> bool:
        """For one to two minutes after ``now`` gave it."""
        window, given = _window(), nonce.encode()
        return any(hmac.compare_digest(self._of(window + step).encode(), given) for step in NEAR)

    def _of(self, window: int) -> str:
        number = window.to_bytes(5, "big")
        made = number + hmac.digest(self.key, number, "sha256")[:MAC_BYTES]
        return base64.urlsafe_b64encode(made).decode()


def _window() -> int:
    return int(time.time()) // WINDOW_SECONDS
