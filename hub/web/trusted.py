"""Which text a request asks: the one it holds, a trusted document's, or one it sent before.

Two ways to name a text: ``documentId`` (GraphQL over HTTP, "Persisted Documents") and Apollo's
``extensions.persistedQuery``. Whether a client may ask a text is not decided here but in the engine.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any, Final

from hub.access.documents import TrustedDocuments
from hub.access.viewer import Viewer
from hub.errors import NoDocuments, UnknownDocument
from hub.read.answers import Answer
from hub.read.operation import key_of
from hub.web.asked import Asked
from hub.web.refusals import WrongHash

KEPT_SECONDS: Final = 3600
"""How long a text that a client sent is remembered; after that it sends it again."""
LONGEST: Final = 16 * 1024
"""Bytes of such a text."""
MOST: Final = 30
"""Texts a client may have remembered in a minute: with the two above, 30 MB of one client's at any time."""
MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Automatic:
    """Automatic persisted queries. ``cache``: ``hub.store.cache.open_cache``.

    Each client has its own, so that none can try out what another asks. What comes out is compared with
    its hash: who can write into the cache could otherwise put another question in.
    """

    cache: Any

    async def find(self, client_id: str, digest: str) -> str | None:
        found = await self.cache.get(_key(client_id, digest))
        if found is None or hashlib.sha256(found).hexdigest() != digest:
            return None
        return str(found, "utf-8")

    async def keep(self, client_id: str, digest: str, source: str) -> None:
        text = source.encode()
        if len(text) > LONGEST or await self.find(client_id, digest) is not None:
            return
        minute = int(time.time()) // MINUTE
        if await self.cache.increment(f"documents:{client_id}:{minute}", 1) <= MOST:
            await self.cache.set(_key(client_id, digest), text, ttl=KEPT_SECONDS)


def _key(client_id: str, digest: str) -> str:
    return f"document:{client_id}:{digest}"


@dataclass(frozen=True, slots=True)
class Sources:
    """``automatic``: None where texts that clients send are not remembered."""

    documents: TrustedDocuments
    automatic: Automatic | None = None

    async def of(self, viewer: Viewer, asked: Asked) -> str:
        """The text; UnknownDocument where it is not here, WrongHash where text and hash differ."""
        if asked.query or not asked.document_id:
            if asked.digest and key_of(None, asked.query)[1].hex() != asked.digest:
                raise WrongHash
            return asked.query
        found = await self.documents.find(viewer.client_id, asked.document_id)
        if found is not None:
            return found.source
        if not asked.digest or viewer.documents_only:
            raise UnknownDocument
        if self.automatic is None:
            raise UnknownDocument if await self.documents.any(viewer.client_id) else NoDocuments
        source = await self.automatic.find(viewer.client_id, asked.digest)
        if source is None:
            raise UnknownDocument
        return source

    async def keep(self, viewer: Viewer, asked: Asked, answer: Answer) -> None:
        """Remember a text that came with its hash and was answered."""
        if asked.query and asked.digest and answer.executed and self.automatic and not viewer.documents_only:
            await self.automatic.keep(viewer.client_id, asked.digest, asked.query)
