"""Pieces of what a job was given and of what it makes: compressed, sealed, and bound to their place.

A piece opens by itself, so a part of a file is read without the rest. Who could move pieces about in the
database gains nothing: each says, under its seal, what it is.
"""

from __future__ import annotations

import asyncio
import uuid
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import HubError
from hub.store.database import Database
from hub.store.vault import Vault

PERSONS: Final = "persons"
"""Kind of what it was given; the others are formats of files."""
ADD: Final = """
    insert into job_part (job, kind, number, first, size, content) values ($1, $2, $3, $4, $5, $6)"""
_LAST_BEFORE: Final = """
    select number, first, size, content from job_part
    where job = $1 and kind = $2 and first <= $3 order by first desc limit 1"""


class Spoiled(HubError):
    """A piece of a job is not what its place says."""

    code, zh = "JOB_SPOILED", "任务数据块与其位置不符"


@dataclass(frozen=True, slots=True)
class Piece:
    """``first``: what is before it, in persons or bytes; ``size``: what is in it."""

    first: int
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    database: Database
    vault: Vault

    async def row(
        self, job: uuid.UUID, kind: str, number: int, first: int, size: int, data: bytes
    ) -> list[Any]:
        """Values for ``ADD``, made beside the event loop."""
        sealed = await asyncio.to_thread(self._sealed, _label(job, kind, number) + data)
        return [job, kind, number, first, size, sealed]

    def _sealed(self, data: bytes) -> bytes:
        return self.vault.seal_bytes(zlib.compress(data, 1))

    async def at(self, job: uuid.UUID, kind: str, place: int) -> Piece | None:
        """The piece that holds ``place``; None behind the last."""
        for row in await self.database.fetch(_LAST_BEFORE, job, kind, place):
            if place < row["first"] + row["size"]:
                label = _label(job, kind, row["number"])
                data = await asyncio.to_thread(self._opened, row["content"])
                if not data.startswith(label):
                    raise Spoiled
                return Piece(row["first"], row["size"], data[len(label) :])
        return None

    def _opened(self, content: bytes) -> bytes:
        return zlib.decompress(self.vault.open_bytes(content))

    async def span(self, job: uuid.UUID, kind: str, begin: int, end: int) -> AsyncIterator[bytes]:
        """Bytes from ``begin`` up to ``end``, a piece at a time; or fewer: it may be deleted meanwhile."""
        while begin < end:
            piece = await self.at(job, kind, begin)
            if piece is None:
                return
            data = piece.data[begin - piece.first : end - piece.first]
            yield data
            begin += len(data)


def _label(job: uuid.UUID, kind: str, number: int) -> bytes:
    return f"{job} {kind} {number}\n".encode()
