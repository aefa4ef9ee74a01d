"""HTTP/1.1 as bytes: requests made beforehand, and one answer read in peace for the comparison."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.read.load import whole


class Refused(Exception):
    """An answer that is none: not 200, or with errors."""


def get(path: str, parameters: Mapping[str, Any]) -> bytes:
    return f"GET {path}?{urlencode(parameters)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, content: Any, headers: Mapping[str, str] | None = None) -> bytes:
    body = orjson.dumps(content)
    given = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def ask(port: int, request: bytes) -> Any:
    """The JSON of the answer; Refused when it is not a good one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        answer = b""
        while not whole(answer):
            part = await reader.read(1 << 16)
            if not part:
                raise Refused(f"the connection was closed after {answer[:2000]!r}")
            answer += part
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    content = orjson.loads(_joined(body) if b"chunked" in head.lower() else body)
    if not head.startswith(b"HTTP/1.1 200") or "errors" in content:
        raise Refused(answer.decode(errors="replace")[:2000])
    return content


def _joined(chunks: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        size, _, chunks = chunks.partition(b"\r\n")
        if not int(size, 16):
            return b"".join(parts)
        parts.append(chunks[: int(size, 16)])
        chunks = chunks[int(size, 16) + 2 :]
