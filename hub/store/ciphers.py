"""One field key and what is made from it: ciphers by name, keyed hashes, sub-keys.

==================== =========================================================================
``aes-256-gcm``       NIST SP 800-38D
``sm4-gcm``           SM4 (GB/T 32907) in GCM, as RFC 8998 uses it; the tag has 16 bytes
``sha256``, ``sm3``   of HMAC and HKDF (RFC 2104, 5869); SM3 is GB/T 32905
==================== =========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
ID_BYTES: Final = 4
BLIND_BYTES: Final = 16

CipherName: TypeAlias = Literal["aes-256-gcm", "sm4-gcm"]
HashName: TypeAlias = Literal["sha256", "sm3"]
HASHES: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}
CIPHERS: Final[Mapping[str, bytes]] = {"aes-256-gcm": b"\x01", "sm4-gcm": b"\x02"}
"""The byte that stands for each in a sealed value."""


class Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sm4Gcm:
    """As ``AESGCM``, which ``cryptography`` has for AES only. ``key``: 16 bytes."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        made = Cipher(self._key, modes.GCM(nonce)).encryptor()
        made.authenticate_additional_data(associated_data or b"")
        return made.update(data) + made.finalize() + made.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """InvalidTag, or ValueError for what is too short to have a tag."""
        text, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        made = Cipher(self._key, modes.GCM(nonce, tag)).decryptor()
        made.authenticate_additional_data(associated_data or b"")
        return made.update(text) + made.finalize()


class FieldKey:
    """32 bytes, and the hash all is derived with. ``id``: 8 hexadecimal digits, which tell nothing of it."""

    __slots__ = ("_blind", "_ciphers", "_nonce", "hash", "id", "master")

    def __init__(self, master: bytes, hash_: HashName = "sha256") -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key has {KEY_BYTES} bytes, not {len(master)}")
        self.master, self.hash = master, hash_
        self.id = self.derive("key id", ID_BYTES).hex()
        self._blind = HMAC(self.derive("blind"), HASHES[hash_]())
        self._nonce = HMAC(self.derive("steady nonce"), HASHES[hash_]())
        self._ciphers: dict[tuple[str, str], Aead] = {}

    def __repr__(self) -> str:
        return f"FieldKey({self.id})"

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A sub-key: HKDF of the key, ``purpose`` in its info field."""
        info = b"hub/" + purpose.encode()
        return HKDF(HASHES[self.hash](), length, salt=None, info=info).derive(self.master)

    def blind(self, data: bytes) -> bytes:
        """16 bytes to look something up by."""
        return _keyed_hash(self._blind, data)[:BLIND_BYTES]

    def nonce(self, data: bytes) -> bytes:
        """The nonce of a steady value, under a key of its own."""
        return _keyed_hash(self._nonce, data)[:NONCE_BYTES]

    def cipher(self, name: str, use: str) -> Aead:
        """``use``: ``seal`` or ``seal steady``; each has a key of its own under each cipher."""
        made = self._ciphers.get((name, use))
        if made is None:
            sm4 = name == "sm4-gcm"
            made = Sm4Gcm(self.derive(f"{use} sm4-gcm", 16)) if sm4 else AESGCM(self.derive(use))
            self._ciphers[name, use] = made
        return made


def _keyed_hash(keyed: HMAC, data: bytes) -> bytes:
    # Copying a keyed object is faster than making one, and a sync run hashes every row.
    copy = keyed.copy()
    copy.update(data)
    return copy.finalize()
