"""How a message is signed: Standard Webhooks 1.0, symmetric."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import blake2b, sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
ID_BYTES: Final = 16


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def message_id(*parts: object) -> str:
    """The same for the same endpoint, kind and part of the sequence, and for no other."""
    return "msg_" + blake2b(repr(parts).encode(), digest_size=ID_BYTES).hexdigest()


def headers(keys: Iterable[str], name: str, seconds: int, body: bytes) -> list[tuple[str, str]]:
    """``keys``: all secrets that sign, as ``whsec_…``; ``seconds``: since 1970."""
    signed = f"{name}.{seconds}.".encode() + body
    return [
        ("content-type", "application/json"),
        ("webhook-id", name),
        ("webhook-timestamp", str(seconds)),
        ("webhook-signature", " ".join(f"v1,{_signature(key, signed)}" for key in keys)),
    ]


def _signature(key: str, signed: bytes) -> str:
    secret = b64decode(key.removeprefix(PREFIX))
    return b64encode(hmac.digest(secret, signed, sha256)).decode()
