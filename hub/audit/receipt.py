"""Receipts: what a client asked, what it was answered and when, signed for anybody to check. No database.

A receipt is a detached JWS (RFC 7515, appendix F). Its header says who, when and for what; its content, which
is not sent, is made of the request and the answer as the client has them:

    {"answer":"…","request":"…"}        each SHA-256(salt ‖ bytes) in base64url, without a blank

The bytes of a request are its method, a blank, its target, a line feed and its body. What a person is asked
about by can be guessed, a salt cannot: so the hub keeps of a receipt the SHA-256 of its text, and no more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

from hub.audit.chain import (
    ENTRY,
    Batch,
    canonical,
    digest_of,
)
from hub.audit.heads import Opener
from hub.audit.shape import shape
from hub.errors import HubError

TYPE: Final = "hub-receipt"
"""No token's: a receipt cannot be taken for one."""
SALT_BYTES: Final = 16
OPERATION: Final = "receipt"
SHAPE: Final = shape("", OPERATION, (), ("Receipt.digest",))
"""Of the entries of the access log that keep them; ``operation`` is the digest. In other entries that is the
hash of a text which a client sent, and which may be what it says is a receipt."""
APART: Final = dt.timedelta(minutes=5)
"""Between the clock of a process and that of PostgreSQL, at most."""
PARTS: Final = ("iss", "client", "at", "salt", "status")
_REGISTRY: Final = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
_ECDSA: Final = ECDSA(SHA256())


class BadReceipt(HubError):
    """The receipt does not prove what is held against it."""

    code, status, zh = "RECEIPT_REFUSED", 422, "回执与所核对的内容不符"


@dataclass(frozen=True, slots=True)
class Receipt:
    """``head``: ``iss``, ``client``, ``at`` (UTC), ``salt``, ``status`` of HTTP, ``kid``; ``purpose`` and
    ``document`` (SHA-256 of its text) where there is one."""

    text: str
    head: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def asked(method: str, target: str, body: bytes) -> bytes:
    """The bytes of a request; ``target``: path, and query if there is one."""
    return f"{method} {target}\n".encode() + body


def content(salt: bytes, request: bytes, answer: bytes) -> bytes:
    return _content(_salted(salt, request), _salted(salt, answer))


def _content(request: bytes, answer: bytes) -> bytes:
    return canonical({"answer": _b64(answer), "request": _b64(request)})


def sign(key: ECKey, claims: Mapping[str, Any], salt: bytes, request: bytes, answer: bytes) -> Receipt:
    """``claims``: what the head says besides ``alg``, ``typ``, ``kid`` and ``salt``."""
    return sign_long(key, claims, salt, request, _salted(salt, answer))


def sign_long(key: ECKey, claims: Mapping[str, Any], salt: bytes, request: bytes, salted: bytes) -> Receipt:
    """``salted``: SHA-256 of salt and answer, of an answer that is nowhere whole.

    Without joserfc, which takes three times as long for it.
    """
    head = {"alg": "ES256", "typ": TYPE, "kid": key.kid, "salt": _b64(salt), **claims}
    first = _b64(canonical(head))
    signed = f"{first}.{_b64(_content(_salted(salt, request), salted))}".encode()
    private = key.private_key
    assert private is not None
    r, s = decode_dss_signature(private.sign(signed, _ECDSA))
    signature = _b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return Receipt(f"{first}..{signature}", head)


def read(text: str) -> Receipt:
    """What a receipt says, whoever signed it. BadReceipt where it is none."""
    text = text.strip()
    first, _, last = text.partition("..")
    try:
        head = orjson.loads(_bytes(first))
        _bytes(last)
    except ValueError:
        raise BadReceipt("It is no receipt.", zh="不是回执") from None
    if not isinstance(head, dict) or head.get("typ") != TYPE or not all(name in head for name in PARTS):
        raise BadReceipt("It is no receipt.", zh="不是回执")
    return Receipt(text, head)


def check(receipt: Receipt, keys: KeySet, request: bytes, answer: bytes) -> None:
    """BadReceipt unless one of ``keys`` has signed it over this request and this answer."""
    known = {key.kid: key for key in keys}
    key = known.get(str(receipt.head.get("kid")))
    if key is None or receipt.head.get("alg") != "ES256":
        raise BadReceipt("It is signed by none of these keys.", zh="签名密钥不在所给密钥之中")
    try:
        payload = content(_bytes(str(receipt.head["salt"])), request, answer)
        jws.deserialize_compact(receipt.text, key, registry=_REGISTRY, payload=payload)
    except (JoseError, ValueError):
        raise BadReceipt(
            "It was not given for this request and this answer, or it was changed.",
            zh="回执不是对该请求与该答复出具，或已被改动",
        ) from None


# ── in the access log ────────────────────────────────────────────────────────────────────────────────


def proof(entry: list[Any], hashes: list[str], batch: Batch) -> dict[str, Any]:
    """What shows that an entry is in a sealed batch: its own words, and the hashes of all entries of it."""
    return {
        "entry": entry,
        "hashes": hashes,
        "batch": batch.bound(),
        "digest": batch.digest.hex(),
        "head": batch.head,
    }


def check_proof(receipt: Receipt, given: Any, keys: KeySet) -> dict[str, Any]:
    """What the signed head says of the batch. BadReceipt where the proof is not of this receipt."""
    try:
        entry, hashes, batch = given["entry"], list(given["hashes"]), list(given["batch"])
        number, first, last, count, algorithm, _, sealed, _ = batch
        said = dict(zip(ENTRY, entry, strict=True))
        own = digest_of(algorithm, canonical(entry)).hex()
        whole = digest_of(algorithm, b"".join(bytes.fromhex(each) for each in hashes)).hex()
        digest = digest_of(algorithm, canonical(batch)).hex()
        told = Opener(keys)(str(given["head"]))
    except (KeyError, TypeError, ValueError, HubError):
        raise BadReceipt("The proof cannot be read.", zh="证明无法读取") from None
    if told is None:
        raise BadReceipt(
            "The head of the proof is signed by none of these keys.", zh="链头签名密钥不在所给密钥之中"
        )
    try:
        held = (
            said["shape"] == SHAPE.digest.hex()
            and said["operation"] == receipt.digest
            and said["client_id"] == receipt.head["client"]
            and own in hashes
            and len(hashes) == count
            and first <= said["sequence"] <= last
            and whole == sealed
            and digest == given["digest"] == told["digest"]
            and number == told["batch"]
            and told["iss"] == receipt.head["iss"]
            and abs(_moment(said["at"]) - moment_of(receipt)) <= APART
        )
    except (TypeError, ValueError, OverflowError):  # of what is no number, or no time
        held = False
    if not held:
        raise BadReceipt(
            "The proof is not of this receipt, or it was changed.", zh="证明与该回执不符，或已被改动"
        )
    return told


def moment_of(receipt: Receipt) -> dt.datetime:
    """When it says that the answer was given. BadReceipt."""
    try:
        return _moment(receipt.head["at"])
    except (ValueError, OverflowError):
        raise BadReceipt("It is no receipt.", zh="不是回执") from None


def _moment(text: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(str(text)).astimezone(dt.UTC)


def _salted(salt: bytes, data: bytes) -> bytes:
    return hashlib.sha256(salt + data).digest()


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _b64(data) != text:
        raise ValueError("not base64url in its one form")
    return data
