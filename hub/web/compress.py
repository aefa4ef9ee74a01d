"""Answers compressed as the client likes best: zstd, brotli or gzip.

Only whole answers: one that is sent in parts is a stream, whose parts must not wait for each other.
Why this gives nothing away: ``docs/security.md``.
"""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import brotli
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web.accept import REMEMBERED, weighed
from hub.web.heads import heads

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SMALLEST: Final = 1024
"""Bytes below which an answer fits a packet or two anyway, and a yes or no is never told by its size."""
VARY: Final = b"vary", b"Accept-Encoding"
LARGE: Final = 256 * 1024
"""Bytes above which compressing takes milliseconds, and is done beside the event loop."""

CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zstd": lambda body: zstd.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""First of what is liked equally: on our answers all are as small, and the first is the fastest."""


@lru_cache(REMEMBERED)
def coding(accept_encoding: str) -> str | None:
    """None: send it as it is."""
    weights = {name: weight for name, _, weight in weighed(accept_encoding) if name}
    others = weights.get("*", 0.0)
    liked = {name: weights.get(name, others) for name in CODINGS}
    best = max(liked, key=lambda name: liked[name])
    return best if liked[best] > 0 and liked[best] >= weights.get("identity", 0.0) else None


class Compressed:
    """Around a route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = coding(heads(scope).get("accept-encoding", ""))
        start: Message | None = None

        async def compressing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                message["headers"].append(VARY)
                return
            if start is not None:
                first, start = start, None
                if wanted and not message.get("more_body"):
                    await compress(wanted, first, message)
                await send(first)
            await send(message)

        await self.app(scope, receive, compressing)


async def compress(wanted: str, start: Message, message: Message) -> None:
    """Change both where there is something to gain."""
    headers, body = MutableHeaders(scope=start), message.get("body", b"")
    if len(body) < SMALLEST or "content-encoding" in headers:
        return
    pack = CODINGS[wanted]
    packed = pack(body) if len(body) < LARGE else await asyncio.to_thread(pack, body)
    headers["Content-Encoding"], headers["Content-Length"] = wanted, str(len(packed))
    message["body"] = packed
