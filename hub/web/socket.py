"""A client's WebSocket, with the bounds that uvicorn's own has not: it waits for who reads nothing."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hub.web.taking import Taking

MAX_MESSAGE: Final = 64 * 1024
"""Bytes; a document may have as many characters."""
PING_SECONDS: Final = 15.0
CLOSE_SECONDS: Final = 5.0


class Socket(Taking, WebSocketsSansIOProtocol):
    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._leave()

    def shutdown(self) -> None:
        super().shutdown()
        self._leave()

    def _leave(self) -> None:
        """Soon, whether the client takes what was sent or not."""
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)
