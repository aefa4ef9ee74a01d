"""Clients that do not read: a connection whose client takes nothing of what is sent is given up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

STALL_SECONDS: Final = 10.0
LEAST_TAKEN: Final = 10 * 1024
"""Bytes of a long answer to be taken in ``STALL_SECONDS``, or it is given up."""

if TYPE_CHECKING:

    class _Protocol(asyncio.Protocol):
        loop: asyncio.AbstractEventLoop
        transport: asyncio.Transport

        def pause_writing(self) -> None: ...
        def resume_writing(self) -> None: ...
else:
    _Protocol = object


class Taking(_Protocol):
    """Before a protocol of uvicorn: a client that does not take what is sent is left."""

    stall: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._see_later()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    def _forget(self) -> None:
        if self.stall is not None:
            self.stall.cancel()
            self.stall = None

    def _see_later(self) -> None:
        left = self.transport.get_write_buffer_size()
        self.stall = self.loop.call_later(STALL_SECONDS, self._see, left)

    def _see(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < LEAST_TAKEN:
            self.transport.abort()
        else:
            self._see_later()
