"""Sealing of identity numbers, keyed look-up, and opaque strings.

=========== ==================================================== ==================================
form        bytes                                                equal input gives equal output
=========== ==================================================== ==================================
seal        version 1 · nonce 12 · AES-256-GCM                   no
seal_steady version 2 · nonce 12 · AES-256-GCM                   yes: an unchanged row stays unchanged
both, newer version 3 or 4 · cipher 1 · key id 4 · nonce 12 · …  as above
blind       HMAC cut to 16, of the first key                     yes: never changes
look_up     HMAC of ``blind`` cut to 16, of the active key       yes: that is what look-up needs
token       base64url of AES-256-SIV (RFC 5297)                  yes: one page has one cursor
=========== ==================================================== ==================================

There are several keys (``Ring``): the *first* one, which makes everything that is compared for years and
cannot be made anew, such as hashes in the chained access log; and those that were added, one of which may be
*active*: it seals new values and makes the hashes that people are found by. What the first key seals with
AES has versions 1 and 2, anything else tells its cipher and key.

The ring changes while processes run. A vault looks after it once a second, and at once when it meets a key
it does not know. Otherwise it holds no state that moves, so processes, threads and forks may share its keys:
nonces are 96 random bits (NIST SP 800-38D, 8.2.2), good for 2^32 seals under one key. The nonces of
``seal_steady`` are a keyed hash of the text, under keys of its own: a nonce comes again only with the very
same text.
"""

from __future__ import annotations

import binascii
import os
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.store.ciphers import (
    BLIND_BYTES,
    CIPHERS,
    ID_BYTES,
    KEY_BYTES,
    NONCE_BYTES,
    CipherName,
    FieldKey,
)

__all__ = ["BLIND_BYTES", "KEY_BYTES", "Ring", "Vault"]

FRESH: Final = b"\x01"
STEADY: Final = b"\x02"
NAMED: Final = {FRESH: b"\x03", STEADY: b"\x04"}
"""Versions of values that tell their cipher and key."""
USES: Final = {FRESH: "seal", STEADY: "seal steady"}
SECONDS: Final = 1.0
"""Between two looks for a change of the ring."""
HEAD_BYTES: Final = 2 + ID_BYTES
AES: Final[CipherName] = "aes-256-gcm"

# Associated data, so that nothing sealed for another use opens as a text.
TEXT: Final = b"hub/text"


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys that were added to the first one. ``active``: of the one that seals, None for the first key."""

    keys: tuple[FieldKey, ...] = ()
    active: str | None = None


class Form(NamedTuple):
    """How the vault seals now: the beginning of its fresh and of its steady values."""

    fresh: bytes
    steady: bytes


class Vault:
    """Everything the hub encrypts or hashes with a key. ``master``: the first key, 32 bytes.

    ``again``: the ring where it has changed since the last call, else None.
    """

    __slots__ = ("_again", "_cipher", "_due", "_first", "_opens", "_ring", "_seals", "_siv", "active")

    active: FieldKey

    def __init__(
        self,
        master: bytes,
        cipher: CipherName = AES,
        ring: Ring | None = None,
        again: Callable[[], Ring | None] | None = None,
    ) -> None:
        self._first = FieldKey(master)
        self._siv = AESSIV(self._first.derive("token", 64))
        self._cipher = cipher
        self._again = again
        self._due = 0.0
        self._take(ring or Ring())

    def __repr__(self) -> str:
        return "Vault(…)"

    def _take(self, ring: Ring) -> None:
        """All is made before any of it is put in place: other threads may be sealing."""
        active = next((key for key in ring.keys if key.id == ring.active), self._first)
        opens: dict[bytes, tuple[FieldKey, str, str]] = {
            version: (self._first, AES, use) for version, use in USES.items()
        }
        for key in (self._first, *ring.keys):
            for name in CIPHERS:
                for version, use in USES.items():
                    opens[_head(version, name, key)] = (key, name, use)
        plain = active is self._first and self._cipher == AES
        self._opens = opens
        self._seals = {v: v if plain else _head(v, self._cipher, active) for v in USES}
        self._ring = ring
        self.active = active

    def look(self, *, at_once: bool = False) -> None:
        """Takes over a changed ring."""
        if self._again is None:
            return
        now = time.monotonic()
        if at_once or now >= self._due:
            self._due = now + SECONDS
            ring = self._again()
            if ring is not None:
                self._take(ring)

    def pinned(self) -> Vault:
        """As it is now, for work that must end with the keys it began with."""
        self.look(at_once=True)
        return Vault(self._first.master, self._cipher, self._ring)

    @property
    def form(self) -> Form:
        return Form(self._seals[FRESH], self._seals[STEADY])

    @property
    def keys(self) -> tuple[FieldKey, ...]:
        """All, the first key first."""
        return self._first, *self._ring.keys

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A sub-key of the first key: HKDF-SHA256 (RFC 5869), ``purpose`` in its info field."""
        return self._first.derive(purpose, length)

    def seal(self, text: str) -> bytes:
        """Encrypt ``text``; 29 or 34 bytes longer than its UTF-8."""
        return self.seal_bytes(text.encode())

    def seal_bytes(self, data: bytes) -> bytes:
        """As ``seal``, of anything: of what is compressed, for one."""
        self.look()
        return self._seal(self._seals[FRESH], os.urandom(NONCE_BYTES), data, TEXT)

    def seal_steady(self, text: str) -> bytes:
        """As ``seal``, but equal text gives equal bytes; for columns that are compared to find changes."""
        return self._seal_steady(text.encode())

    def reseal(self, blob: bytes) -> bytes:
        """The same as the vault seals it now, fresh or steady as it was; ValueError as of ``open``."""
        plain = self.open_bytes(blob)
        return self._seal_steady(plain) if blob[:1] in (STEADY, NAMED[STEADY]) else self.seal_bytes(plain)

    def open(self, blob: bytes) -> str:
        """The text of ``seal`` or ``seal_steady``; ValueError on anything else, and under another key."""
        return self.open_bytes(blob).decode()

    def open_bytes(self, blob: bytes) -> bytes:
        """What ``seal_bytes`` was given; ValueError as of ``open``."""
        return self._open(blob, TEXT)

    def blind(self, text: str) -> bytes:
        """16 bytes that stand for ``text`` for good; the caller brings it into its one normal form first."""
        return self._first.blind(text.encode())

    def look_up(self, blind: bytes) -> bytes:
        """What a row is stored to be found by, of ``blind``: itself while the first key is active."""
        self.look()
        return blind if self.active is self._first else self.active.blind(blind)

    def look_ups(self, text: str) -> list[bytes]:
        """All that rows of ``text`` may be stored by while keys change; ``blind`` comes last."""
        return self.look_ups_of((text,))

    def look_ups_of(self, texts: Iterable[str]) -> list[bytes]:
        """``look_ups`` of each, as many of every one, one after the other."""
        self.look()
        blind, others = self._first.blind, self._ring.keys
        blinds = [blind(text.encode()) for text in texts]
        if not others:
            return blinds
        return [found for blind in blinds for found in (*(key.blind(blind) for key in others), blind)]

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

    def _seal_steady(self, plain: bytes) -> bytes:
        self.look()
        head = self._seals[STEADY]
        return self._seal(head, self._opens[head][0].nonce(plain), plain, TEXT)

    def _seal(self, head: bytes, nonce: bytes, plain: bytes, purpose: bytes) -> bytes:
        key, name, use = self._opens[head]
        return head + nonce + key.cipher(name, use).encrypt(nonce, plain, head + purpose)

    def _open(self, blob: bytes, purpose: bytes) -> bytes:
        head = blob[:1] if blob[:1] in USES else blob[:HEAD_BYTES]
        found = self._opens.get(head)
        if found is None and head[:1] in NAMED.values():
            self.look(at_once=True)
            found = self._opens.get(head)
        if found is None:
            raise ValueError("not sealed by this hub, or under a key that is gone")
        key, name, use = found
        nonce, sealed = blob[len(head) : len(head) + NONCE_BYTES], blob[len(head) + NONCE_BYTES :]
        try:
            return key.cipher(name, use).decrypt(nonce, sealed, head + purpose)
        except (InvalidTag, ValueError):
            raise ValueError("not sealed by this hub, or under another key") from None


def _head(version: bytes, cipher: str, key: FieldKey) -> bytes:
    return NAMED[version] + CIPHERS[cipher] + bytes.fromhex(key.id)
