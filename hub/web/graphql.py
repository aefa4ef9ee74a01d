"""``/graphql``: a GraphQL request over HTTP becomes the engine's arguments, and its answer a response."""

from __future__ import annotations

import re
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
METHODS: Final = ("GET", "HEAD", "POST")

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
        try:
            if request.method not in METHODS:
                raise WrongMethod
            if accepted is None:
                raise NotAcceptable
            viewer = await authenticate(request)
            asked = await read(request, max_body_bytes)
        except HubError as error:
            return refused(error, accepted or JSON)
        answer = await engine.answer(
            viewer, asked.query, asked.operation_name, asked.variables, reading=request.method != "POST"
        )
        return respond(answer, accepted)

    # All of them, so that a wrong one is answered as every other fault is.
    return [Route("/graphql", endpoint, methods=[*METHODS, "DELETE", "OPTIONS", "PATCH", "PUT"])]


def media_type(accept: str) -> str | None:
    """The media type the client likes best of the two, the first of equals; JSON where it names none."""
    if not accept.strip():
        return JSON
    liked: list[tuple[float, str]] = []
    for part in accept.split(","):
        kind, parameters = with_parameters(part)
        known = {GRAPHQL: GRAPHQL, JSON: JSON, "*/*": JSON, "application/*": JSON}.get(kind)
        weight = _weight(parameters.get("q", "1"))
        if known is not None and weight > 0:
            liked.append((weight, known))
    return max(liked, key=lambda entry: entry[0], default=(0, None))[1]


def with_parameters(value: str) -> tuple[str, dict[str, str]]:
    """A header value such as ``application/json; charset=utf-8``, in lower case."""
    head, *rest = value.lower().split(";")
    pairs = (part.partition("=") for part in rest)
    return head.strip(), {name.strip(): given.strip(' "') for name, _, given in pairs}


def _weight(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text) else 0


def respond(answer: Answer, accepted: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    if answer.status == 405:
        headers["Allow"] = "POST"
    return Response(answer.body, answer.status, media_type=f"{accepted}; charset=utf-8", headers=headers)


def refused(error: HubError, accepted: str) -> Response:
    body = orjson.dumps({"errors": [{"message": error.message, "extensions": error.extensions}]})
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = error.challenge
    if isinstance(error, TooOften):
        headers["Retry-After"] = "60"
    if isinstance(error, WrongMethod):
        headers["Allow"] = ", ".join(METHODS)
    return Response(body, error.status, media_type=f"{accepted}; charset=utf-8", headers=headers)


async def read(request: Request, max_body_bytes: int) -> Asked:
    if request.method != "POST":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in given:
                given[name] = _json(given[name].encode())
        return checked(given)
    kind, parameters = with_parameters(request.headers.get("content-type", ""))
    if kind != JSON or parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
        raise UnsupportedType
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedType
    return checked(_json(await body_of(request, max_body_bytes)))


class WrongMethod(BadDocument):
    """Expected GET or POST."""

    status, zh = 405, "仅支持 GET 与 POST"


class NotAcceptable(BadDocument):
    """The answer is of type application/graphql-response+json or application/json."""

    status, zh = 406, "响应类型仅为 application/graphql-response+json 或 application/json"


class UnsupportedType(BadDocument):
    """Expected a body of type application/json in UTF-8, not compressed."""

    status, zh = 415, "请求体应为 UTF-8 编码、未压缩的 application/json"


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
