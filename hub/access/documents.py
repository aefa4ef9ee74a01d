"""A client's trusted documents: which text an id of its stands for, and whether it registered a text.

What is found is remembered for two seconds, and so is that there is nothing; so a removal takes effect
within them. Registering is ``hub.documents``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cachetools import TTLCache

from hub.errors import NotTrusted
from hub.store.database import Database

SECONDS: Final = 2
"""How long a document that was replaced or removed may still be answered."""
KEPT: Final = 4_000_000
"""Characters of all documents remembered."""
KEPT_EACH: Final = 300
"""Characters a document counts for beyond its own."""
SHA256: Final = "sha256:"
"""Prefix of an id that is a hash: "SHA256 Hex Document Identifier" of GraphQL over HTTP."""

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}", re.ASCII)
"""Of a document: a part of a path, without a dot, so that it is never a file's."""
ALIAS: Final = re.compile(r"[A-Za-z0-9._~-]{1,200}", re.ASCII)
HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
ID: Final = re.compile(f"{SHA256}{HASH.pattern}|{ALIAS.pattern}", re.ASCII)
"""Names and hashes without a prefix look like an alias. Nothing else is looked up, or remembered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of a document. ``sha256``: of its text in UTF-8, 64 hexadecimal digits."""

    name: str
    sha256: str
    description: str | None

    @property
    def id(self) -> str:
        return SHA256 + self.sha256


@dataclass(frozen=True, slots=True)
class Document(Entry):
    """``source``: its text."""

    client_id: str
    source: str


NOW: Final = "ended_at is null"
"""What a name means; a text that was replaced may be answered by its id for some days more."""
ANSWERED: Final = f"({NOW} or ended_at > now())"

_FROM: Final = "select {} from trusted_document where client_id = $1"
_WHOLE: Final = _FROM.format("client_id, name, sha256, source, description")
_FIRST: Final = "order by ended_at desc nulls first limit 1"
BY_HASH: Final = f"{_WHOLE} and sha256 = $2 and {ANSWERED} {_FIRST}"
BY_WORD: Final = f"{_WHOLE} and (name = $2 and {NOW} or alias = $2 and {ANSWERED}) {_FIRST}"
ALL: Final = f"{_WHOLE} and {NOW} order by name"
LISTED: Final = f"{_FROM.format('name, sha256, description')} and {NOW} order by name"
ANY: Final = f"select exists ({_FROM.format('')} and {NOW})"


class TrustedDocuments:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TTLCache[tuple[str, str], tuple[Document | None]] = TTLCache(
            KEPT, SECONDS, getsizeof=_size
        )

    async def find(self, client_id: str, id_: str) -> Document | None:
        """By its hash, with ``sha256:`` before it or without, by its name, or by its alias."""
        if not ID.fullmatch(id_):
            return None
        digest = id_.removeprefix(SHA256)
        key = client_id, digest
        known: tuple[Document | None] | None = self._known.get(key)
        if known is None:
            row = await (await self._database.asking()).fetchrow(
                BY_HASH if HASH.fullmatch(digest) else BY_WORD, client_id, digest
            )
            known = self._known[key] = (Document(**row) if row else None,)
        return known[0]

    async def demand(self, client_id: str, digest: bytes) -> None:
        """NotTrusted unless the client registered the text of this SHA-256."""
        if await self.find(client_id, SHA256 + digest.hex()) is None:
            raise NotTrusted

    async def any(self, client_id: str) -> bool:
        """Whether the client has any that has a name now."""
        return bool(await (await self._database.asking()).fetchval(ANY, client_id))

    async def of(self, client_id: str) -> list[Document]:
        """Those that have a name now, by name."""
        return [Document(**row) for row in await self._database.fetch(ALL, client_id)]

    async def listed(self, client_id: str) -> list[Entry]:
        """As ``of``, without their texts, which may be megabytes."""
        return [Entry(**row) for row in await self._database.fetch(LISTED, client_id)]


def _size(known: tuple[Document | None]) -> int:
    return KEPT_EACH + (len(known[0].source) if known[0] else 0)
