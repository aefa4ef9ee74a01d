"""``/graphql``: a GraphQL request over HTTP becomes the engine's arguments, and its answer a response.

What it accepts and answers: ``docs/graphql-over-http.md``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.access.viewer import Viewer
from hub.errors import HubError
from hub.read.answers import PARTIAL, Answer
from hub.read.refusals import REFUSALS
from hub.read.run import Engine
from hub.web import sse
from hub.web.accept import GRAPHQL, JSON, language, media_type, stream_weight
from hub.web.asked import Asked, read
from hub.web.compress import Compressed
from hub.web.cors import cors
from hub.web.costs import body_of
from hub.web.heads import DOCUMENT, VIEWER, heads
from hub.web.notice import notice_headers
from hub.web.receipts import Receipts, receipted
from hub.web.refusals import EVERY_METHOD, METHODS, NotAcceptable, WrongMethod, again, refusal
from hub.web.streams import Desk, TooManyStreams
from hub.web.trusted import Sources

HEADERS: Final[Mapping[int, Mapping[str, str]]] = {405: {"Allow": "POST"}}
"""Of what the engine refuses."""

GRAPHQL_PATH: Final = "/graphql"

Authenticate = Callable[[Request], Awaitable[Viewer]]


def graphql_routes(
    engine: Engine,
    authenticate: Authenticate,
    max_body_bytes: int,
    origins: Sequence[str] = (),
    sources: Sources | None = None,
    desk: Desk | None = None,
    receipts: Receipts | None = None,
) -> list[Route]:
    """``origins``: sites whose pages may ask. ``desk``: of event streams; ``receipts``: if there are any."""
    sources = sources or Sources(engine.trusted)

    async def text(request: Request, viewer: Viewer) -> tuple[Asked, str]:
        asked = await read(request, max_body_bytes)
        source = await sources.of(viewer, asked)
        if asked.document_id:
            request.scope[DOCUMENT] = source
        return asked, source

    async def barred(request: Request, error: HubError) -> HubError:
        """Of somebody who is known, and has not the purpose or the emergency access the request names."""
        viewer = request.scope.get(VIEWER)
        if viewer is None:
            return error
        try:
            _, source = await text(request, viewer)
        except HubError:
            return error
        return await engine.attempted(viewer, source, error)

    async def endpoint(request: Request) -> Response:
        given = heads(request.scope)
        accept = given.get("accept", "")
        accepted, (streams, liked) = media_type(accept), stream_weight(accept)
        spoken = language(given.get("accept-language", ""))
        try:
            if request.method not in METHODS:
                raise WrongMethod
            if accepted is None and not streams:
                raise NotAcceptable
            viewer = await authenticate(request)
        except HubError as error:
            return refusal(await barred(request, error), spoken)
        try:
            asked, source = await text(request, viewer)
        except HubError as error:
            return refusal(error, spoken)
        reading, answer = request.method != "POST", None
        if streams and desk is not None and request.method != "HEAD":
            try:
                stream = await desk.streams.subscribe(
                    viewer, source, asked.operation_name, asked.variables, reading=reading
                )
                if stream is not None:
                    return await sse.streamed(desk, request, stream, spoken)
            except TooManyStreams as error:
                return refusal(error, spoken)
            except REFUSALS as error:
                answer = await desk.streams.refused(viewer, source, error, spoken)
        if answer is None:
            answer = await engine.answer(
                viewer, source, asked.operation_name, asked.variables, reading=reading, language=spoken
            )
            await sources.keep(viewer, asked, answer)
        request.scope.setdefault("state", {})["cost"] = answer.cost
        return sse.one_answer(answer) if accepted is None or liked else respond(answer, accepted)

    around = [*cors(origins), Middleware(Compressed), *receipted(receipts)]
    return [Route(GRAPHQL_PATH, Plain(endpoint), methods=EVERY_METHOD, middleware=around)]


class Plain:
    """An endpoint without what Starlette wraps around one for exceptions, which ``Observed`` answers."""

    def __init__(self, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._endpoint(Request(scope, receive))
        await response(scope, receive, send)


def respond(answer: Answer, accepted: str) -> Response:
    """A client of the older media type knows no status 294, and is told of errors in the newer one."""
    status = 200 if answer.status == PARTIAL and accepted == JSON else answer.status
    headers = HEADERS.get(answer.status)
    if answer.retry_after is not None or answer.notice:
        headers = {**(headers or {}), **again(answer.retry_after), **notice_headers(answer.notice)}
    return Finished(body_of(answer), status, headers, accepted if answer.executed else GRAPHQL)


class Finished(Response):
    """Bytes whose headers are known beforehand; Starlette would look each of them up again."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str] | None, kind: str) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *KINDS[kind]]
        if headers:
            self.headers.update(headers)


KINDS: Final = {
    kind: ((b"content-type", f"{kind}; charset=utf-8".encode()), (b"cache-control", b"no-store"))
    for kind in (GRAPHQL, JSON)
}
