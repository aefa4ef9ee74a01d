"""What is wrong with an HTTP request before anything in it is a GraphQL request, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson
from starlette.responses import Response

from hub.errors import BadDocument, HubError, Language, TooMuch, Unauthenticated
from hub.read.operation import PostNeeded
from hub.web.accept import GRAPHQL, JSON

METHODS: Final = ("GET", "HEAD", "POST")
EVERY_METHOD: Final = (*METHODS, "DELETE", "OPTIONS", "PATCH", "PUT")
"""Of a route that answers a wrong one as it answers every other fault."""


class WrongMethod(BadDocument):
    """Expected GET or POST."""

    status, zh = 405, "仅支持 GET 与 POST"


class NotRead(BadDocument):
    """Expected GET."""

    status, zh = 405, "仅支持 GET"


class NotAcceptable(BadDocument):
    """The answer is of type application/graphql-response+json, application/json or text/event-stream."""

    status, zh = 406, "响应类型仅为 application/graphql-response+json、application/json 或 text/event-stream"


class UnsupportedType(BadDocument):
    """Expected a body of type application/json in UTF-8."""

    status, zh = 415, "请求体应为 UTF-8 编码的 application/json"


class UnsupportedCoding(BadDocument):
    """Expected a body that is not compressed."""

    status, zh = 415, "请求体不得压缩"


class BodyTooLarge(BadDocument):
    """The body is larger than this hub accepts."""

    status, zh = 413, "请求体超出大小限制"


class TargetTooLong(TooMuch):
    """The URL is longer than this hub accepts; use POST."""

    status, zh = 414, "URL 超出长度限制，请使用 POST"


class HeadTooLarge(TooMuch):
    """The headers are more or larger than this hub accepts."""

    status, zh = 431, "请求头超出数量或大小限制"


class HostNeeded(BadDocument):
    """Expected one Host header."""

    zh = "应有且仅有一个 Host 请求头"


class HeadTooSlow(BadDocument):
    """The request did not arrive in time."""

    status, zh = 408, "请求未能及时到达"


class BodyTooSlow(BadDocument):
    """The body did not arrive in time."""

    status, zh = 408, "请求体未能及时到达"


class Malformed(BadDocument):
    """Expected a JSON object with the text member "query" or "documentId"."""

    status, zh = 422, "请求体应为含 query 或 documentId 文本的 JSON 对象"


class WrongHash(BadDocument):
    """Expected sha256Hash to be the SHA-256 of query in UTF-8."""

    status, zh = 422, "sha256Hash 应为 query 文本（UTF-8）的 SHA-256"


class GivenTwice(BadDocument):
    """Expected each parameter once."""

    status, zh = 422, "每个参数只能出现一次"


HEADERS: Final[Mapping[type[HubError], Mapping[str, str]]] = {
    WrongMethod: {"Allow": ", ".join(METHODS)},
    PostNeeded: {"Allow": "POST"},
    NotRead: {"Allow": ", ".join(METHODS[:2])},
    UnsupportedType: {"Accept": JSON},
    UnsupportedCoding: {"Accept-Encoding": "identity"},
}
"""What an answer with the status of this error has to say besides (RFC 9110, 15.5)."""


def again(seconds: int | None) -> dict[str, str]:
    """When to ask again (RFC 6585, 4)."""
    return {} if seconds is None else {"Retry-After": str(seconds)}


def refusal(error: HubError, language: Language, kind: str = GRAPHQL) -> Response:
    """Of the GraphQL media type for every client of GraphQL: so it differs from what a proxy says."""
    headers = {"Cache-Control": "no-store", **HEADERS.get(type(error), {}), **again(error.retry_after)}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = error.challenge
    body = orjson.dumps({"errors": [error.shown(language)]})
    return Response(body, error.status, headers, f"{kind}; charset=utf-8")
