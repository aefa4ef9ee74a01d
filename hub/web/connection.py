"""A client's connection, with the bounds that uvicorn's own has not.

uvicorn takes a head of any size and waits for it for ever, queues whatever is sent behind a request, and
keeps an answer until it is read. A proxy in front of the hub stops most of that (``docs/operations.md``);
a hub without one must not fall over either.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from hub.errors import BadDocument, HubError, TooMuch
from hub.web.joined import Joined
from hub.web.refusals import BodyTooSlow, HeadTooLarge, HeadTooSlow, HostNeeded, TargetTooLong
from hub.web.taking import Taking

MAX_TARGET: Final = 16 * 1024
"""Bytes of path and query: more of a document goes into a POST."""
MAX_HEAD: Final = 32 * 1024
"""Bytes of all headers."""
MAX_HEADERS: Final = 64
MAX_WAITING: Final = 8
"""Requests sent behind one that is being answered. No client we know sends any."""
HEAD_SECONDS: Final = 10.0
MESSAGE_SECONDS: Final = 20.0
"""From the end of a head to the end of its body, and again for each of ``MORE_BODY`` bytes that came."""
MORE_BODY: Final = 1024 * 1024


class Connection(Taking, HttpToolsProtocol):
    """A fault of a head is raised from within the parser, which ends there."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.begun = self.in_head = False
        self.head_size = self.unended = self.body_size = 0
        """Bytes of headers that have ended, and of what may be the next; of a body since its time began."""
        self.refused: HubError | None = None
        self.awaited: float | None = None
        """Seconds that what is under way may take; None: nothing is, or the hub's own turn it is."""
        self.turn = 0
        self.watch: asyncio.TimerHandle | None = None

    # ── what a client sends ──────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self.transport = Joined(transport, self.loop)  # type: ignore[assignment]
        self._await(HEAD_SECONDS)
        self._arm()

    def data_received(self, data: bytes) -> None:
        turn = self.turn
        if self.in_head:
            self.unended += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.in_head and self.head_size + self.unended > MAX_TARGET + MAX_HEAD:
            self._refuse(HeadTooLarge())
        elif self.turn != turn:
            self._arm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.begun = self.in_head = True
        self.head_size = self.unended = 0
        self._await(HEAD_SECONDS)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_TARGET:
            self._stop(TargetTooLong())

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self.head_size, self.unended = self.head_size + len(name) + len(value), 0
        if len(self.headers) > MAX_HEADERS or self.head_size > MAX_HEAD:
            self._stop(HeadTooLarge())

    def on_headers_complete(self) -> None:
        # The hub does not believe it (hub.oauth.metadata); a proxy in front may go by either of two.
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._stop(HostNeeded())
        self.in_head = False
        super().on_headers_complete()
        self.body_size = 0
        self._await(MESSAGE_SECONDS)
        if len(self.pipeline) > MAX_WAITING:
            self._stop(
                TooMuch("Requests wait for the answers before them.", zh="请在收到应答后再发送下一个请求")
            )

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self.body_size += len(body)
        if self.body_size >= MORE_BODY and not self.cycle.response_complete:  # nobody reads on behind it
            self.body_size = 0
            self._await(MESSAGE_SECONDS)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.begun = False
        self._await(None)

    def handle_websocket_upgrade(self) -> None:
        self.transport = self.transport.transport  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()
        self._await(None)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.watch is not None:
            self.watch.cancel()

    def shutdown(self) -> None:
        """An event stream has no end to wait for: broken off, its client comes back to another process."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete and self._is_stream():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self.transport.close()

    def _is_stream(self) -> bool:
        return bool(self.cycle.scope["state"].get("stream"))

    # ── waiting for it ───────────────────────────────────────────────────────────────────────────

    def _await(self, seconds: float | None) -> None:
        self.awaited = seconds
        self.turn += 1

    def _arm(self) -> None:
        """Once for all that one piece of data brought: most requests come whole and need no timer."""
        if self.watch is not None:
            self.watch.cancel()
            self.watch = None
        if self.awaited is not None:
            self.watch = self.loop.call_later(self.awaited, self._too_slow)

    def _too_slow(self) -> None:
        if self.begun and self.in_head and (self.cycle is None or self.cycle.response_complete):
            self._refuse(HeadTooSlow())
        elif self.begun and self.cycle is not None and not self.cycle.response_started:
            self._refuse(BodyTooSlow())
        else:
            self.transport.abort()

    # ── refusing it ──────────────────────────────────────────────────────────────────────────────

    def _stop(self, error: HubError) -> None:
        self.refused = error
        raise error

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls for any error within the parser."""
        self._refuse(self.refused or BadDocument("Expected HTTP/1.1.", zh="应为 HTTP/1.1 请求"))

    def _refuse(self, error: HubError) -> None:
        """Between two answers; one that is under way is broken off."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = orjson.dumps({"errors": [error.shown()]})
            head = (
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[error.status] + head.encode() + body)
            self.transport.close()
        else:
            self.transport.abort()

    # ── clients that do not read ─────────────────────────────────────────────────────────────────

    def timeout_keep_alive_handler(self) -> None:
        """An idle connection; closing it would wait for what the client has not taken."""
        if self.stall is None and self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()
