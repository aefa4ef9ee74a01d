"""The files of a job whose rows are all there: made piece by piece, hashed, and given a receipt."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from hub.access.viewer import Viewer
from hub.audit.receipt import SALT_BYTES
from hub.jobs.document import Listing
from hub.jobs.formats import MADE, NDJSON
from hub.jobs.parts import ADD, Parts
from hub.jobs.store import Job, Jobs
from hub.web.receipts import Receipts

PATH: Final = "/jobs"
PIECE: Final = 1024 * 1024
"""Bytes of a piece of a file."""
REST: Final = 1.0
"""Of the time a step took, so long does a job rest behind it: requests come first."""
HOLD_SECONDS: Final = 20.0
"""Between two signs of life while a file is read."""
_AGAIN: Final = "delete from job_part where job = $1 and kind = $2"
_MADE: Final = """
    insert into job_file (job, format, bytes, digest, receipt) values ($1, $2, $3, $4, $5)"""


def target_of(job: Any, format_: str) -> str:
    """The address of a file, without a query: what its receipt is about."""
    return f"{PATH}/{job}/result.{format_}"


class Stopping(Exception):
    """The process ends; another makes the file."""


@dataclass(slots=True)
class Hashed:
    """Of a file as it passes."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(SALT_BYTES))
    size: int = 0
    plain: Any = field(default_factory=hashlib.sha256)
    salted: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.salted.update(self.salt)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.plain.update(data)
        self.salted.update(data)


@dataclass(frozen=True, slots=True)
class Maker:
    jobs: Jobs
    parts: Parts
    receipts: Receipts

    async def make(
        self, job: Job, viewer: Viewer, listing: Listing, document: str, stop: asyncio.Event
    ) -> None:
        """All that are not there yet, rows before all others. Lost, Stopping."""
        made = (await self.jobs.files(job["id"]))[job["id"]]
        for format_ in (NDJSON, *job["formats"]):
            if format_ not in made:
                hashed = Hashed()
                pieces = self._rows(job) if format_ == NDJSON else self._written(job, format_, listing)
                held = time.monotonic()
                async for data in pieces:
                    if stop.is_set():
                        raise Stopping
                    if time.monotonic() - held > HOLD_SECONDS:
                        await self.jobs.hold(job)
                        held = time.monotonic()
                    await asyncio.to_thread(hashed.add, data)
                target, salted = target_of(job["id"], format_), hashed.salted.digest()
                receipt = await self.receipts.of_file(viewer, target, hashed.salt, salted, document)
                row = job["id"], format_, hashed.size, hashed.plain.hexdigest(), receipt.text
                await self.jobs.kept(job, _MADE, row)
                made[format_] = {}

    def _rows(self, job: Job) -> AsyncIterator[bytes]:
        return self.parts.span(job["id"], NDJSON, 0, job["bytes"])

    async def _written(self, job: Job, format_: str, listing: Listing) -> AsyncIterator[bytes]:
        """Each piece is kept before it is given on."""
        await self.jobs.kept(job, _AGAIN, (job["id"], format_))
        writer = await asyncio.to_thread(MADE[format_], listing.columns)
        number = first = 0
        held = bytearray()

        def add(lines: bytes) -> None:
            writer.add(map(orjson.loads, lines.splitlines()))

        async for lines in self._rows(job):
            began = asyncio.get_running_loop().time()
            await asyncio.to_thread(add, lines)
            held += writer.take()
            while len(held) >= PIECE:
                data = bytes(held[:PIECE])
                del held[:PIECE]
                await self._keep(job, format_, number, first, data)
                number, first = number + 1, first + len(data)
                yield data
            await asyncio.sleep((asyncio.get_running_loop().time() - began) * REST)
        held += await asyncio.to_thread(writer.close)
        await self._keep(job, format_, number, first, bytes(held))
        yield bytes(held)

    async def _keep(self, job: Job, format_: str, number: int, first: int, data: bytes) -> None:
        row = await self.parts.row(job["id"], format_, number, first, len(data), data)
        await self.jobs.kept(job, ADD, row)
