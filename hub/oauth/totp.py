"""Time-based one-time passwords, RFC 6238: SHA-1, six digits, 30 seconds, which every authenticator app can.

Not by pyotp: its ``verify`` does not tell which step a code is of, and without that a code works twice.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from typing import Final
from urllib.parse import quote, urlencode

SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps a telephone's clock may be off (RFC 6238, 5.2)."""
SECRET_BYTES: Final = 20
"""As long as the hash (RFC 4226, 4)."""


def new_secret() -> str:
    """In base32, as apps take it."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    digest = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, now: float) -> int | None:
    """The step that the code is of, near ``now`` (seconds since 1970)."""
    current = int(now) // SECONDS
    near = range(current - DRIFT, current + DRIFT + 1)
    return next((s for s in near if hmac.compare_digest(code_at(secret, s).encode(), code.encode())), None)


def uri(secret: str, login: str, issuer: str) -> str:
    """What the picture says (Key URI Format of Google Authenticator), no more: it is easier to scan."""
    return f"otpauth://totp/{quote(f'{issuer}:{login}')}?{urlencode({'secret': secret, 'issuer': issuer})}"
