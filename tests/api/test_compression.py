"""Answers compressed as the client likes best, and only those that gain by it and give nothing away."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import AsyncIterator, Callable

import brotli
import httpx
import pytest
import pytest_asyncio
from graphql import get_introspection_query
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hub.web.compress import SMALLEST, Compressed, coding
from tests.support.http import BODY
from tests.support.serving import Served, serving

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
LONG = json.dumps({"query": get_introspection_query()})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


async def raw(
    http: httpx.AsyncClient, method: str, path: str, **options: object
) -> tuple[httpx.Response, bytes]:
    """The answer and its body as it was sent."""
    async with http.stream(method, path, **options) as answer:  # type: ignore[arg-type]
        return answer, b"".join([part async for part in answer.aiter_raw()])


async def asked(hub: Served, content: str, accepted: str) -> tuple[httpx.Response, bytes]:
    headers = {**hub.bearer(), "Content-Type": "application/json", "Accept-Encoding": accepted}
    return await raw(hub.http, "POST", "/graphql", content=content, headers=headers)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
        ("zstd;q=0, br;q=0, gzip;q=0", None),
        ("gzip;q=0, *;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate, compress", None),
        ("gzip;q=2", None),
        ("gzipx", None),
        (";;;,,,", None),
    ],
)
async def test_the_coding_is_the_one_liked_best(hub: Served, accepted: str, chosen: str | None) -> None:
    assert coding(accepted) == chosen
    answer, body = await asked(hub, LONG, accepted)
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == chosen
    assert answer.headers["content-length"] == str(len(body))
    assert "accept-encoding" in answer.headers["vary"].lower()
    plain = UNPACK[chosen](body) if chosen else body
    assert json.loads(plain)["data"]["__schema"]["queryType"]["name"] == "Query"
    assert not chosen or len(body) < len(plain) / 5


@pytest.mark.parametrize("chosen", UNPACK)
async def test_a_large_answer_is_compressed_beside_the_loop(
    hub: Served, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await asked(hub, LONG, chosen)
    monkeypatch.setattr("hub.web.compress.LARGE", 0)
    there = await asked(hub, LONG, chosen)
    first, second = (json.loads(UNPACK[chosen](body))["data"] for _, body in (here, there))
    assert first == second


async def test_a_small_answer_and_a_refusal_are_sent_as_they_are(hub: Served) -> None:
    for content in (BODY, "{", '{"query": "{ nothing }"}'):
        answer, body = await asked(hub, content, "gzip, br, zstd")
        assert len(body) < SMALLEST
        assert "content-encoding" not in answer.headers
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert json.loads(body)


async def test_a_token_is_never_compressed(hub: Served) -> None:
    """It is a secret beside text the client chose, which is what BREACH needs."""
    form = {"grant_type": "client_credentials", "scope": "x" * 9000}
    answer, _ = await raw(
        hub.http, "POST", "/oauth/token", data=form, headers={"Accept-Encoding": "gzip, br, zstd"}
    )
    assert "content-encoding" not in answer.headers


async def test_a_stream_and_what_is_packed_already_are_passed_on() -> None:
    async def stream(_: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"data: " + b"x" * SMALLEST + b"\n\n"

        return StreamingResponse(parts(), media_type="text/event-stream")

    async def packed(_: Request) -> Response:
        return Response(gzip.compress(bytes(5000)) + bytes(SMALLEST), headers={"Content-Encoding": "gzip"})

    wrapped = [Middleware(Compressed)]
    routes = [Route("/stream", stream, middleware=wrapped), Route("/packed", packed, middleware=wrapped)]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        headers = {"Accept-Encoding": "zstd"}
        answer, body = await raw(http, "GET", "/stream", headers=headers)
        assert "content-encoding" not in answer.headers
        assert body.count(b"data: ") == 3
        answer, _ = await raw(http, "GET", "/packed", headers=headers)
        assert answer.headers["content-encoding"] == "gzip"
