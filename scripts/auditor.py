#!/usr/bin/env python3
"""Check an exported access log of the hub, and tell who saw what, without the hub and without its code.

    python3 auditor.py LOG --keys JWKS [--heads FILE] [--least-days N] [--show] [--person COUNTY:NUMBER]

LOG is what `hub audit export` wrote; JWKS the hub's public keys (/oauth/jwks.json), kept from before; FILE
heads that were kept (`hub audit head`), one on a line; N the days that the hub has promised to keep entries
(HUB_AUDIT_DAYS): without it the six months that the law asks for. Needs Python 3.11 and `cryptography`,
nothing else.
The form of the log is described in docs/audit.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

FORMAT = "civil-affairs-hub access log 1"
HASHES = {"sha256": hashes.SHA256(), "sm3": hashes.SM3()}
COLUMNS = (
    "sequence", "at", "client_id", "user_id", "role", "purpose", "operation_hash", "shape", "tables",
    "request_id", "records", "asked",
)  # fmt: skip

IN_EMERGENCY = re.compile("emergency:([0-9]+)(?: (.+))?", re.ASCII)


class Wrong(Exception):
    """Where, and what."""


def written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def hashed(algorithm: str, content: bytes) -> bytes:
    digest = hashes.Hash(HASHES[algorithm])
    digest.update(content)
    return digest.finalize()


def unbased(text: str) -> bytes:
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if urlsafe_b64encode(content).rstrip(b"=").decode() != text:
        raise Wrong("a head is not written as the hub writes it")
    return content


class Keys:
    def __init__(self, path: str) -> None:
        listed = json.loads(Path(path).read_bytes())["keys"]
        self._known = {key["kid"]: self._read(key) for key in listed}

    @staticmethod
    def _read(key: dict[str, str]) -> ec.EllipticCurvePublicKey:
        x, y = (int.from_bytes(urlsafe_b64decode(key[part] + "==")) for part in "xy")
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()

    def opened(self, head: str) -> dict[str, Any] | None:
        """What a head says; None where its key is not known."""
        try:
            first, second, third = head.split(".")
            header, signature = json.loads(unbased(first)), unbased(third)
            key = self._known.get(header["kid"])
            if header["alg"] != "ES256" or header["typ"] != "access-log-head" or len(signature) != 64:
                raise Wrong("a head is none of an access log")
            if key is None:
                return None
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            der = utils.encode_dss_signature(r, s)
            key.verify(der, f"{first}.{second}".encode(), ec.ECDSA(hashes.SHA256()))
            said: dict[str, Any] = json.loads(unbased(second))
        except (InvalidSignature, ValueError, KeyError, TypeError):
            raise Wrong("a head is not signed by the hub") from None
        return said


class Log:
    """Reads a log from beginning to end; raises ``Wrong`` at the first thing that is."""

    def __init__(self, keys: Keys, least_days: int) -> None:
        self.keys = keys
        self.least_days = least_days
        self.issuer = ""
        self.addresses: dict[int, str] = {}
        self.shapes: dict[str, dict[str, Any]] = {}
        self.digests: dict[int, str] = {}
        self.entries = 0
        self.pruned = 0
        self.pruned_age = 0
        self._unused: set[str] = set()
        self._link, self._last = bytes(32), 0
        self._signed = True

    def read(self, file: BinaryIO) -> Iterator[list[Any]]:
        """The entries of each batch once it is found to be whole."""
        waiting: list[list[Any]] = []
        for number, line in enumerate(file, 1):
            value = self._value(number, line)
            if number == 1:
                if set(value) != {"format", "issuer"} or value["format"] != FORMAT:
                    raise Wrong("line 1: is not the beginning of a log")
                self.issuer = value["issuer"]
            elif set(value) == {"shape", "content"}:
                self._shape(number, value["shape"], value["content"])
            elif set(value) == {"entry"}:
                waiting.append(value["entry"])
            elif set(value) == {"batch", "digest", "head", "pruned"}:
                self._batch(value, waiting)
                yield from waiting
                waiting = []
            else:
                raise Wrong(f"line {number}: is nothing an access log holds")
        if not self.issuer or waiting or self._unused or not self._signed:
            raise Wrong("the end: a batch or its signature is missing, or no key is given for it")
        if self.addresses and self.issuer != self._address():
            raise Wrong("line 1: names another address than the last head")

    def compare(self, heads: str) -> None:
        for head in heads.split():
            said = self.keys.opened(head)
            if said is None or self.digests.get(said["batch"]) != said["digest"]:
                raise Wrong("a head that was kept is of a batch that is missing or another")

    @staticmethod
    def _value(number: int, line: bytes) -> dict[str, Any]:
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict) or written(value) + b"\n" != line:
            raise Wrong(f"line {number}: is not written as the hub writes it")
        return value

    def _shape(self, number: int, digest: str, content: str) -> None:
        if hashlib.sha256(content.encode()).hexdigest() != digest or digest in self.shapes:
            raise Wrong(f"line {number}: what was shown is another")
        self.shapes[digest] = json.loads(content)
        self._unused.add(digest)

    def _batch(self, value: dict[str, Any], entries: list[list[Any]]) -> None:
        batch, first, last, count, algorithm, sealed_at, content, previous = value["batch"]
        where = f"batch {batch}"
        if batch != len(self.digests) + 1 or previous != self._link.hex() or first <= self._last:
            raise Wrong(f"{where}: does not follow the one before")
        if algorithm not in HASHES:
            raise Wrong(f"{where}: has an unknown hash")
        digest = hashed(algorithm, written(value["batch"]))
        if digest.hex() != value["digest"]:
            raise Wrong(f"{where}: was changed")
        if value["pruned"] is True:
            self._deleted(where, entries, sealed_at)
        else:
            self._entries(where, entries, (first, last, count), algorithm, content)
        said = self.keys.opened(value["head"])
        expected = {
            "iss": said and said.get("iss"),
            "batch": batch,
            "last": last,
            "algorithm": algorithm,
            "digest": value["digest"],
            "sealedAt": sealed_at,
        }
        if said is not None and said != expected:
            raise Wrong(f"{where}: its head says something else")
        if said is not None and said["iss"] != self._address():
            self.addresses[batch] = said["iss"]
        self._signed = said is not None
        self.digests[batch] = value["digest"]
        self._last, self._link = last, hashed(algorithm, written([value["digest"], value["head"]]))

    def _address(self) -> str | None:
        """Of the newest head; the hub may have moved before."""
        return next(reversed(self.addresses.values()), None)

    def _deleted(self, where: str, entries: list[list[Any]], sealed_at: str) -> None:
        if entries or self.entries:
            raise Wrong(f"{where}: is said to be deleted, and its entries or older ones are there")
        self.pruned_age = (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(sealed_at)).days
        if self.pruned_age < self.least_days:
            raise Wrong(
                f"{where}: its entries are gone, though it was sealed only {self.pruned_age} days ago"
            )
        self.pruned += 1

    def _entries(
        self, where: str, entries: list[list[Any]], bounds: tuple[int, int, int], algorithm: str, content: str
    ) -> None:
        sequence = [entry[0] for entry in entries]
        if not sequence or (sequence[0], sequence[-1], len(sequence)) != bounds:
            raise Wrong(f"{where}: entries are missing, added or in another order")
        if sequence != sorted(set(sequence)):
            raise Wrong(f"{where}: entries are in another order")
        each = b"".join(hashed(algorithm, written(entry)) for entry in entries)
        if hashed(algorithm, each).hex() != content:
            raise Wrong(f"{where}: an entry was changed")
        used = {entry[7] for entry in entries} - {None}
        if not used <= set(self.shapes):
            raise Wrong(f"{where}: what was shown is missing")
        self._unused -= used
        if self._unused:
            raise Wrong(f"{where}: what stands before it is not of it")
        self.entries += len(entries)


def told(entry: list[Any], shapes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Who was shown which fields of which records, by which document; what was ``refused`` showed nothing."""
    use = dict(zip(COLUMNS, entry, strict=True))
    shape = shapes.get(
        use.pop("shape") or "", {"document": None, "operation": None, "places": [], "others": []}
    )
    records = []
    around: dict[str, str | None] = {}
    for text in (use.pop("records") or "").split():
        place, _, key = text.partition(":")
        place, inside, of = place.partition("<")
        own, slash, person = key.partition("/")
        if inside:
            whose = around[of] or ""
            own = f"{whose.partition(':')[0]}:{key}"
        else:
            whose = f"{own.partition(':')[0]}:{person}" if person else own if slash else None
            around[place] = whose
        kind = shape["places"][int(place)]
        records.append({"type": kind["type"], "key": own, "person": whose, "fields": kind["fields"]})
    found = IN_EMERGENCY.fullmatch(use["purpose"] or "")
    if found:
        use["purpose"] = found[2]
    return {
        **use,
        "emergency_access": int(found[1]) if found else None,
        "refused": shape.get("refused"),
        "operation": shape["operation"],
        "document": shape["document"],
        "records": records,
        "other_fields": shape["others"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an exported access log, and tell who saw what.")
    parser.add_argument("log")
    parser.add_argument("--keys", required=True, help="JWK Set of the hub")
    parser.add_argument("--heads", help="file of heads that were kept")
    parser.add_argument("--least-days", type=int, default=183, help="no younger entry may have been deleted")
    parser.add_argument("--show", action="store_true", help="print every entry")
    parser.add_argument("--person", help="print the entries that show something of COUNTY:NUMBER")
    given = parser.parse_args()
    log = Log(Keys(given.keys), given.least_days)
    try:
        with Path(given.log).open("rb") as file:
            for entry in log.read(file):
                use = told(entry, log.shapes)
                shown = any(record["person"] == given.person for record in use["records"])
                if given.show or (given.person and shown):
                    print(json.dumps(use, ensure_ascii=False))
        if given.heads:
            log.compare(Path(given.heads).read_text(encoding="ascii"))
    except (Wrong, ValueError, TypeError, KeyError, IndexError) as error:
        what = error if isinstance(error, Wrong) else "the log holds what no log holds"
        print(f"WRONG: {what}", file=sys.stderr)
        return 1
    gone = ""
    if log.pruned:
        gone = f", the entries of {log.pruned} deleted by age, the newest sealed {log.pruned_age} days ago"
    print(f"{log.entries} entries in {len(log.digests)} batches are as the hub sealed them{gone}.")
    if len(log.addresses) > 1:
        moves = ", ".join(f"{address} from batch {number}" for number, address in log.addresses.items())
        print(f"Sealed for {moves}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
