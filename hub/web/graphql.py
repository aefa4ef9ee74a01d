"""``/graphql``: a GraphQL request over HTTP becomes the engine's arguments, and its answer a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.viewer import Viewer
from hub.errors import BadDocument, HubError, TooOften, Unauthenticated
from hub.read.run import Answer, Engine

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"

Authenticate = Callable[[Request], Awaitable[Viewer]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request, with their types checked."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


def graphql_routes(engine: Engine, authenticate: Authenticate, max_body_bytes: int) -> list[Route]:
    async def endpoint(request: Request) -> Response:
        accepted = media_type(request.headers.get("accept", ""))
        if accepted is None:
            return Response(status_code=406, headers={"Accept": f"{GRAPHQL}, {JSON}"})
        try:
            viewer = await authenticate(request)
            asked = await read(request, max_body_bytes)
        except HubError as error:
            return refused(error, accepted)
        answer = await engine.answer(
            viewer, asked.query, asked.operation_name, asked.variables, reading=request.method == "GET"
        )
        return respond(answer, accepted)

    return [Route("/graphql", endpoint, methods=["GET", "POST"])]


def media_type(accept: str) -> str | None:
    """The better of the two media types the client takes; JSON where it names none."""
    wanted = [part.split(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    if not wanted:
        return JSON
    for kind in wanted:
        if kind in (GRAPHQL, JSON):
            return kind
        if kind in ("*/*", "application/*"):
            return JSON
    return None


def respond(answer: Answer, accepted: str) -> Response:
    return Response(
        answer.body,
        answer.status,
        media_type=f"{accepted}; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def refused(error: HubError, accepted: str) -> Response:
    body = orjson.dumps({"errors": [{"message": error.message, "extensions": error.extensions}]})
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = error.challenge
    if isinstance(error, TooOften):
        headers["Retry-After"] = "60"
    if error.status == 405:
        headers["Allow"] = "GET, POST"
    return Response(body, error.status, media_type=f"{accepted}; charset=utf-8", headers=headers)


async def read(request: Request, max_body_bytes: int) -> Asked:
    if request.method == "GET":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in given:
                given[name] = _json(given[name].encode())
        return checked(given)
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != JSON:
        raise UnsupportedType
    charset = parameters.partition("charset=")[2].strip(' "').lower()
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedType
    return checked(_json(await body_of(request, max_body_bytes)))


class UnsupportedType(BadDocument):
    """Expected a body of type application/json in UTF-8."""

    status, zh = 415, "请求体应为 UTF-8 编码的 application/json"


class BodyTooLarge(BadDocument):
    """The body is larger than this hub accepts."""

    status, zh = 413, "请求体超出大小限制"


class Malformed(BadDocument):
    """Expected a JSON object with the text member "query"."""

    status, zh = 422, "请求体应为含 query 文本的 JSON 对象"


async def body_of(request: Request, most: int) -> bytes:
    """The body, read no further than ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise BodyTooLarge
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadDocument("Expected valid JSON.", zh="应为有效的 JSON") from None


def checked(given: Any) -> Asked:
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise Malformed
    name, variables = given.get("operationName"), given.get("variables")
    if not isinstance(name, str | None) or not isinstance(variables, dict | None):
        raise Malformed
    if not isinstance(given.get("extensions"), dict | None):
        raise Malformed
    return Asked(given["query"], name or None, variables or {})
