"""The messages of ``graphql-transport-ws``, and what closes a socket that sends others.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from hub.errors import HubError
from hub.web.asked import Asked, checked

PROTOCOL: Final = "graphql-transport-ws"
MAX_ID: Final = 128
"""Characters of an operation's id."""


class Closing(Exception):
    """``reason`` has at most 123 bytes, and nothing of what the client sent."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Left(Exception):
    """The client is gone."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Closing where the client sends something else, Left where there is none any more."""

    socket: WebSocket

    async def accept(self) -> None:
        offered = PROTOCOL in self.socket.scope["subprotocols"]
        await self.socket.accept(PROTOCOL if offered else None)
        if not offered:
            raise Closing(4406, "Subprotocol not acceptable")

    async def receive(self) -> dict[str, Any]:
        """The next ``connection_init``, ``subscribe`` or ``complete``; a ping before it is answered."""
        while True:
            message = await self._any()
            match message["type"]:
                case "connection_init" | "subscribe" | "complete":
                    return message
                case "ping":
                    payload = payload_of(message)
                    pong = {"type": "pong", **({"payload": payload} if payload else {})}
                    await self._send(orjson.dumps(pong))
                case "pong":
                    payload_of(message)
                case _:
                    raise Closing(4400, "Expected a type of graphql-transport-ws")

    async def _any(self) -> dict[str, Any]:
        received = await self.socket.receive()
        if received["type"] == "websocket.disconnect":
            raise Left
        try:
            message = orjson.loads(received.get("text") or b"")
        except orjson.JSONDecodeError:
            raise Closing(4400, "Expected a text message of JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closing(4400, "Expected an object with a type")
        return message

    async def acknowledge(self) -> None:
        await self._send(b'{"type":"connection_ack"}')

    async def next(self, name: str, response: bytes) -> None:
        await self._send(_about(name, b"next", response))

    async def error(self, name: str, errors: Any) -> None:
        await self._send(_about(name, b"error", orjson.dumps(errors)))

    async def complete(self, name: str) -> None:
        await self._send(_about(name, b"complete"))

    async def _send(self, message: bytes) -> None:
        try:
            await self.socket.send({"type": "websocket.send", "text": message.decode()})
        except WebSocketDisconnect:
            raise Left from None

    async def close(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnect):
            await self.socket.close(code, reason)


def _about(name: str, kind: bytes, payload: bytes | None = None) -> bytes:
    """A message of the operation ``name``; ``payload`` is JSON."""
    said = b'{"id":' + orjson.dumps(name) + b',"type":"' + kind + b'"'
    return said + (b',"payload":' + payload if payload is not None else b"") + b"}"


def payload_of(message: Mapping[str, Any]) -> dict[str, Any]:
    payload = message.get("payload")
    if not isinstance(payload, dict | None):
        raise Closing(4400, "Expected payload to be an object")
    return payload or {}


def id_of(message: Mapping[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= MAX_ID:
        raise Closing(4400, f"Expected id to be a text of 1 to {MAX_ID} characters")
    return name


def asked_of(message: Mapping[str, Any]) -> Asked:
    try:
        return checked(message.get("payload"))
    except HubError:
        raise Closing(4400, "Expected payload to be a GraphQL request") from None
