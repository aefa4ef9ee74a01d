"""Sealing of identity numbers, keyed look-up, and opaque strings; all from one master key.

=========== ============================================ ==================================
form        bytes                                        equal input gives equal output
=========== ============================================ ==================================
seal        version 1 · nonce 12 · AES-256-GCM           no
seal_steady version 2 · nonce 12 · AES-256-GCM           yes: an unchanged row stays unchanged
blind       HMAC-SHA256 cut to 16                        yes: that is what look-up needs
token       base64url of AES-256-SIV (RFC 5297)          yes: one page has one cursor
=========== ============================================ ==================================

A vault holds no state that moves, so processes, threads and forks may share its key freely: nonces are
96 random bits (NIST SP 800-38D, 8.2.2), good for 2^32 seals under one key. The nonces of ``seal_steady``
are a keyed hash of the text, under keys of its own: a nonce comes again only with the very same text.
"""

from __future__ import annotations

import binascii
import hmac
import os
from base64 import b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
FRESH: Final = b"\x01"
STEADY: Final = b"\x02"
NONCE_BYTES: Final = 12
BLIND_BYTES: Final = 16

# Associated data, so that nothing sealed for another use opens as a text.
TEXT: Final = b"hub/text"


class Vault:
    """Everything the hub encrypts or hashes with a key. ``master`` is 32 bytes."""

    __slots__ = ("_blind", "_gcm", "_master", "_nonce", "_siv")

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key has {KEY_BYTES} bytes, not {len(master)}")
        self._master = master
        self._gcm = {FRESH: AESGCM(self.derive("seal")), STEADY: AESGCM(self.derive("seal steady"))}
        self._siv = AESSIV(self.derive("token", 64))
        self._blind = hmac.new(self.derive("blind"), digestmod="sha256")
        self._nonce = hmac.new(self.derive("steady nonce"), digestmod="sha256")

    def __repr__(self) -> str:
        return "Vault(…)"

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A sub-key: HKDF-SHA256 (RFC 5869) of the master key, ``purpose`` in its info field."""
        return HKDF(SHA256(), length, salt=None, info=b"hub/" + purpose.encode()).derive(self._master)

    def seal(self, text: str) -> bytes:
        """Encrypt ``text``; 29 bytes longer than its UTF-8."""
        return self._seal(FRESH, os.urandom(NONCE_BYTES), text.encode(), TEXT)

    def seal_steady(self, text: str) -> bytes:
        """As ``seal``, but equal text gives equal bytes; for columns that are compared to find changes."""
        plain = text.encode()
        return self._seal(STEADY, _keyed_hash(self._nonce, plain)[:NONCE_BYTES], plain, TEXT)

    def open(self, blob: bytes) -> str:
        """The text of ``seal`` or ``seal_steady``; ValueError on anything else, and under another key."""
        return self._open(blob, TEXT).decode()

    def blind(self, text: str) -> bytes:
        """16 bytes to look ``text`` up by; the caller brings it into its one normal form first."""
        return _keyed_hash(self._blind, text.encode())[:BLIND_BYTES]

    def token(self, data: bytes, purpose: str = "") -> str:
        """An opaque string that ``untoken`` with the same ``purpose`` reads; ``data`` is never empty."""
        return urlsafe_b64encode(self._siv.encrypt(data, [purpose.encode()])).rstrip(b"=").decode()

    def untoken(self, text: str, purpose: str = "") -> bytes:
        """The bytes of ``token``; ValueError on anything else."""
        try:
            sealed = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            data = self._siv.decrypt(sealed, [purpose.encode()])
        except (binascii.Error, InvalidTag, ValueError):
            raise ValueError("not a token of this hub") from None
        if urlsafe_b64encode(sealed).rstrip(b"=") != text.encode():
            # Unused bits of the last character, or "+" for "-", would make two spellings of one token.
            raise ValueError("not a token of this hub")
        return data

    def _seal(self, version: bytes, nonce: bytes, plain: bytes, purpose: bytes) -> bytes:
        return version + nonce + self._gcm[version].encrypt(nonce, plain, version + purpose)

    def _open(self, blob: bytes, purpose: bytes) -> bytes:
        version, nonce, sealed = blob[:1], blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        cipher = self._gcm.get(version)
        if cipher is None:
            raise ValueError("not sealed by this hub")
        try:
            return cipher.decrypt(nonce, sealed, version + purpose)
        except (InvalidTag, ValueError):
            raise ValueError("not sealed by this hub, or under another key") from None


def _keyed_hash(keyed: hmac.HMAC, data: bytes) -> bytes:
    # Copying a keyed object is 1.3 times as fast as hmac.digest(), and a sync run hashes every row.
    copy = keyed.copy()
    copy.update(data)
    return copy.digest()
