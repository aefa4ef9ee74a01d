"""GraphQL over server-sent events, in the "distinct connections" mode of graphql-sse.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Every operation has a response of its own:
an event ``next`` for each result, then ``complete``. A stream whose client shall come back, with a new token
or to another process, ends without ``complete``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.errors import HubError, Language, Unavailable
from hub.governance.deprecation import Days
from hub.read.answers import Answer
from hub.read.refusals import REFUSALS, refusal
from hub.read.stream import Stream
from hub.web.accept import EVENTS
from hub.web.costs import body_of
from hub.web.heads import PURPOSE, heads
from hub.web.notice import notice_headers
from hub.web.streams import Desk, Standing, TokenExpired

PING_SECONDS: Final = 15.0
"""Proxies end what says nothing for a minute; a client that is gone is found out by it."""
PING: Final = b":\n\n"
COMPLETE: Final = b"event: complete\ndata:\n\n"
HEADERS: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
COME_BACK: Final = (TokenExpired, Unavailable)


def next_event(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"


def one_answer(answer: Answer) -> Response:
    """Of an operation that is no subscription, or was refused."""
    return Response(next_event(body_of(answer)) + COMPLETE, 200, _headers(answer.notice), EVENTS)


async def streamed(desk: Desk, request: Request, stream: Stream, spoken: Language) -> Response:
    """TooManyStreams where the client, or the process, has enough of them; or why its right has ended."""
    client_id = stream.viewer.client_id
    desk.allow(client_id)
    given = heads(request.scope)
    standing = await desk.standing(given.get("authorization"), given.get(PURPOSE.lower()))
    await standing.now()
    request.state.stream = True
    body = _body(stream, standing, desk.place(client_id, "sse"), spoken)
    return StreamingResponse(body, 200, _headers(stream.notice), EVENTS)


def _headers(notice: Days | None) -> dict[str, str]:
    return {**HEADERS, **notice_headers(notice)}


async def _body(
    stream: Stream, standing: Standing, place: AbstractContextManager[None], language: Language
) -> AsyncGenerator[bytes, None]:
    try:
        with place:
            async with aclosing(_with_pings(stream.told(), standing)) as parts:
                yield PING
                async for part in parts:
                    yield part
    except REFUSALS as error:
        yield next_event(refusal(error, language).body)
        if not isinstance(error, COME_BACK):
            yield COMPLETE


async def _with_pings(events: AsyncGenerator[bytes, None], standing: Standing) -> AsyncGenerator[bytes, None]:
    """Events as they come, pings in between; raises the reason when ``standing`` ends."""
    ended = asyncio.ensure_future(standing.ended())
    coming = asyncio.ensure_future(anext(events))
    try:
        while True:
            await asyncio.wait((coming, ended), timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise ended.result()
            if coming.done():
                yield next_event(coming.result())
                coming = asyncio.ensure_future(anext(events))
            else:
                yield PING
    finally:
        for task in (ended, coming):
            task.cancel()
            with suppress(asyncio.CancelledError, HubError):
                await task
        await events.aclose()
