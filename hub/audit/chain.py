"""The chain: how entries are written as bytes, hashed, bound together and checked. No database.

``scripts/auditor.py`` says the same once more for somebody who does not trust this code.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import NoneType
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives import hashes

from hub.errors import HubError

ALGORITHMS: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}
LEAST_DAYS: Final = 183
"""No hub deletes entries sooner, whatever HUB_AUDIT_DAYS is: 网络安全法 asks for six months."""
START: Final = bytes(32)
"""What stands for the batch before the first."""

ENTRY: Final = (
    "sequence", "at", "client_id", "user_id", "role", "purpose", "operation", "shape", "tables",
    "request_id", "records", "asked",
)  # fmt: skip
"""Columns of an entry, in the order in which they are hashed; ``hub.tables.audit`` says what they are."""
_VALUES: Final = itemgetter(*ENTRY)
_AS_IT_IS: Final = {int, str, list, NoneType}
SEQUENCE, SHAPE = ENTRY.index("sequence"), ENTRY.index("shape")

Entry = Sequence[Any]


class ChainBroken(HubError):
    """The access log is not as it was sealed."""

    code, status, zh = "AUDIT_CHAIN_BROKEN", 500, "访问记录与封存时不一致"


class AnotherAddress(HubError):
    """The access log is sealed for another address than HUB_BASE_URL."""

    code, status, zh = "AUDIT_OTHER_ADDRESS", 500, "访问记录以另一地址封存，与 HUB_BASE_URL 不同"

    @classmethod
    def of(cls, sealed: str, here: str) -> AnotherAddress:
        return cls(
            f"The access log is sealed for {sealed}, and HUB_BASE_URL is {here}."
            f" Set HUB_BASE_URL to {sealed}; if the hub has moved to {here},"
            f" run `hub audit head --moved-from {sealed}` once."
        )

    @classmethod
    def of_file(cls, sealed: str, here: str) -> AnotherAddress:
        """The log of some hub, which may be no hub of here: nothing is to be moved."""
        return cls(
            f"The file is of the log of {sealed}, and HUB_BASE_URL is {here}."
            f" Set HUB_BASE_URL to {sealed} for this command if that is the hub whose log it should be."
        )


def broken(where: str, what: str) -> ChainBroken:
    return ChainBroken(f"{where}: {what}")


def canonical(value: Any) -> bytes:
    """The one way to write a value: JSON in UTF-8 without a blank."""
    return orjson.dumps(value)


def digest_of(algorithm: str, content: bytes) -> bytes:
    if algorithm == "sha256":  # of many short texts it is much quicker here
        return hashlib.sha256(content).digest()
    made = hashes.Hash(ALGORITHMS[algorithm]())
    made.update(content)
    return made.finalize()


def stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def entry_of(row: Any) -> list[Any]:
    """A row of ``access_entry`` as it is hashed."""
    return [each if type(each) in _AS_IT_IS else _plain(each) for each in _VALUES(row)]


def _plain(value: dt.datetime | bytes) -> str:
    return stamp(value) if isinstance(value, dt.datetime) else value.hex()


@dataclass(frozen=True, slots=True)
class Batch:
    """``content``: hash of the hashes of its entries; ``previous``: link of the batch before."""

    number: int
    first: int
    last: int
    count: int
    algorithm: str
    sealed_at: str
    content: bytes
    previous: bytes
    digest: bytes = b""
    head: str = ""
    pruned: bool = False

    def bound(self) -> list[Any]:
        """What the digest is of."""
        return [
            self.number,
            self.first,
            self.last,
            self.count,
            self.algorithm,
            self.sealed_at,
            self.content.hex(),
            self.previous.hex(),
        ]

    def hashed(self) -> bytes:
        return digest_of(self.algorithm, canonical(self.bound()))

    @property
    def link(self) -> bytes:
        """What binds the next batch to this one, its head included."""
        return digest_of(self.algorithm, canonical([self.digest.hex(), self.head]))


def content_of(algorithm: str, entries: Iterable[Entry]) -> bytes:
    each = (digest_of(algorithm, canonical(entry)) for entry in entries)
    return digest_of(algorithm, b"".join(each))


def claims_of(batch: Batch, issuer: str) -> dict[str, Any]:
    """What a head says, signed: whoever keeps one can tell a log that was cut or written anew."""
    return {
        "iss": issuer,
        "batch": batch.number,
        "last": batch.last,
        "algorithm": batch.algorithm,
        "digest": batch.digest.hex(),
        "sealedAt": batch.sealed_at,
    }


Opened = Callable[[str], dict[str, Any] | None]
"""The claims of a head; None where its key is not known; ChainBroken where its signature is wrong."""


@dataclass(slots=True)
class Check:
    """Takes the batches one after the other and raises ``ChainBroken`` at the first that does not fit.

    A head whose key is gone is passed over, but not the last: it speaks for all before it. ``issuer``: the
    last head's; heads before may be of other addresses, which ``addresses`` has by the first batch of each.
    ``least_days``: no batch younger than that may have lost its entries, as of ``now``.
    """

    issuer: str
    opened: Opened
    least_days: int = LEAST_DAYS
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    last: Batch | None = None
    entries: int = 0
    pruned: int = 0
    known: bool = True
    digests: dict[int, str] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)
    pruned_age: int | None = None

    def take(self, batch: Batch, entries: Sequence[Entry] | None, shapes: Mapping[str, str]) -> None:
        """``entries``: None where they were deleted; ``shapes``: contents by hash."""
        where = f"batch {batch.number}"
        self._follows(batch, where)
        if batch.pruned:
            if self.entries:
                raise broken(where, "its entries are gone, though older ones are there")
            self._aged(batch, where)
            self.pruned += 1
        else:
            self._holds(batch, entries or (), shapes, where)
        self._signed(batch, where)
        self.last = batch
        self.digests[batch.number] = batch.digest.hex()

    def end(self, kept: Iterable[str] = ()) -> None:
        """``kept``: heads that somebody put aside."""
        if self.last is not None and not self.known:
            raise broken(f"batch {self.last.number}", "no key is given that signed the last head")
        for head in kept:
            claims = self.opened(head)
            if claims is None:
                raise broken("a head that was kept", "no key is given that signed it")
            if self.digests.get(claims["batch"]) != claims["digest"]:
                raise broken(f"batch {claims['batch']}", "not the one whose head was kept, or missing")
        if self.address not in (None, self.issuer):
            raise AnotherAddress.of(str(self.address), self.issuer)

    @property
    def address(self) -> str | None:
        """Of the newest head that could be opened."""
        return next(reversed(self.addresses.values()), None)

    def _aged(self, batch: Batch, where: str) -> None:
        """``pruned_age``: days since the newest batch without entries was sealed."""
        self.pruned_age = (self.now - dt.datetime.fromisoformat(batch.sealed_at)).days
        if self.pruned_age < self.least_days:
            raise broken(
                where,
                f"its entries are gone, though it was sealed only {self.pruned_age} days ago"
                f" and entries are kept for {self.least_days}",
            )

    def _follows(self, batch: Batch, where: str) -> None:
        number, last, link = 0, 0, START
        if self.last is not None:
            number, last, link = self.last.number, self.last.last, self.last.link
        if batch.number != number + 1:
            raise broken(where, f"expected batch {number + 1}")
        if batch.algorithm not in ALGORITHMS:
            raise broken(where, "its hash is none of ours")
        if batch.previous != link or not last < batch.first <= batch.last:
            raise broken(where, "does not follow the batch before")
        if batch.hashed() != batch.digest:
            raise broken(where, "its digest is another")

    def _holds(self, batch: Batch, entries: Sequence[Entry], shapes: Mapping[str, str], where: str) -> None:
        sequence = [entry[SEQUENCE] for entry in entries]
        whole = len(entries) == batch.count and sequence[0] == batch.first and sequence[-1] == batch.last
        if not whole or any(a >= b for a, b in itertools.pairwise(sequence)):
            raise broken(where, "entries are missing, added or in another order")
        if content_of(batch.algorithm, entries) != batch.content:
            raise broken(where, "an entry was changed")
        for shape in {entry[SHAPE] for entry in entries} - {None}:
            content = shapes.get(shape)
            if content is None or hashlib.sha256(content.encode()).hexdigest() != shape:
                raise broken(where, "what an entry was shown is missing or was changed")
        self.entries += len(entries)

    def _signed(self, batch: Batch, where: str) -> None:
        claims = self.opened(batch.head)
        self.known = claims is not None
        if claims is None:
            return
        if claims != claims_of(batch, str(claims.get("iss"))):
            raise broken(where, "its head says something else")
        if claims["iss"] != self.address:
            self.addresses[batch.number] = claims["iss"]
