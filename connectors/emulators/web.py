"""Emulators that speak HTTP: an application on a port of the loopback, with the faults of transport.

What goes wrong inside a protocol is the application's own matter. ``catalogue`` says what each fault is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.emulators.switches import Switches

TRANSPORT: Final = ("x05-500", "x05-slow", "x05-half-open", "x06-page", "x08-too-often")
SLOW_SECONDS: Final = 60.0


class Faulty:
    """An application whose answers are what its switches say."""

    def __init__(self, app: ASGIApp, switches: Switches) -> None:
        self._app, self._switches = app, switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (instead := self._instead()) is not None:
            await instead(scope, receive, send)
        elif self._switches.strikes("x05-slow"):
            await asyncio.sleep(SLOW_SECONDS)
        elif self._switches.strikes("x05-half-open"):
            await self._app(scope, receive, _cut(send))
            raise ConnectionAbortedError
        else:
            await self._app(scope, receive, send)

    def _instead(self) -> Response | None:
        if self._switches.strikes("x05-500"):
            return PlainTextResponse("ORA-00060: deadlock detected", 500)
        if self._switches.strikes("x06-page"):
            return HTMLResponse("<!DOCTYPE html><title>统一身份认证</title><form>请登录</form>")
        if self._switches.strikes("x08-too-often"):
            return PlainTextResponse("QPS", 429, {"retry-after": "1"})
        return None


def _cut(send: Send) -> Send:
    """Half of the first piece of a body, and then nothing."""

    async def cutting(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
        elif body := message.get("body"):
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})

    return cutting


class _Server(uvicorn.Server):
    """Leaves signals to the process: several of these run in one, and none of them is what Ctrl-C is for."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The address, while it is served."""
    server = _Server(
        # Its logging is the process's own affair: a level set here would be that of the hub as well.
        uvicorn.Config(
            app, port=0, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
