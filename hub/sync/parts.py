"""What a connector remembers of what it has read, so that it need not read it again.

It is kept in the transaction that merges what was read. To lose it costs time and nothing else.
"""

from __future__ import annotations

from typing import Final, Protocol

from hub.store.database import Connection
from hub.store.vault import Vault

RECALL: Final = "select content from read_part where source_id = $1 and name = $2"
KEEP: Final = """
    insert into read_part (source_id, name, content) values ($1, $2, $3)
    on conflict (source_id, name) do update set content = excluded.content"""
FORGET: Final = "delete from read_part where source_id = $1 and name <> all ($2)"


class Parts(Protocol):
    """``key``: 64 bytes for keyed hashes; what is kept holds nothing of a person but these."""

    @property
    def key(self) -> bytes: ...

    async def recall(self, name: str) -> bytes | None:
        """What was kept under this name, by a run that ended well or by this one."""

    async def keep(self, name: str, content: bytes) -> None: ...


class NoParts:
    """Where there is no hub."""

    key = bytes(64)

    async def recall(self, name: str) -> bytes | None:
        return None

    async def keep(self, name: str, content: bytes) -> None: ...


class StoredParts:
    """Of a source, on the connection of its run."""

    def __init__(self, connection: Connection, vault: Vault, source_id: int) -> None:
        self._connection, self._vault, self._source_id = connection, vault, source_id
        self.key = vault.derive("parts of files", 64)
        self._asked: set[bytes] = set()

    async def recall(self, name: str) -> bytes | None:
        blind = self._blind(name)
        self._asked.add(blind)
        found: bytes | None = await self._connection.fetchval(RECALL, self._source_id, blind)
        return found

    async def keep(self, name: str, content: bytes) -> None:
        await self._connection.execute(KEEP, self._source_id, self._blind(name), content)

    async def forget(self) -> None:
        """What this run did not ask for."""
        await self._connection.execute(FORGET, self._source_id, [*self._asked])

    def _blind(self, name: str) -> bytes:
        return self._vault.blind(ascii(name))  # names of files may hold bytes that are no text
