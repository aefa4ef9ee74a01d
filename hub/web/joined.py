"""One write for an answer: its head waits for what follows it in the same turn of the loop.

uvicorn writes the head by itself, and uvloop hands every write to the system at once: two calls of it, and
two packets, for each short answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

HEAD: Final = b"HTTP/1.1 "


class Joined:
    """A transport, which does everything else as ``transport`` does."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self.transport.write(data)

    def close(self) -> None:
        self._flush()
        self.transport.close()

    def _flush(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self.transport.write(data)
