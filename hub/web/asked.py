"""The parameters of a GraphQL request, out of a body or out of a URL, with their types checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request

from hub.errors import BadBatch, BadDocument
from hub.web.accept import JSON, UTF8, with_parameters
from hub.web.refusals import (
    BodyTooLarge,
    BodyTooSlow,
    GivenTwice,
    Malformed,
    UnsupportedCoding,
    UnsupportedType,
)

BODY_SECONDS: Final = 20.0
"""From the head of a request to the end of its body."""

DIGITS: Final = 18
"""More than any length has; Python is slow with very long numbers, and refuses them at last."""


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


async def read(request: Request, most: int) -> Asked:
    """``most``: bytes of a body."""
    if request.method != "POST":
        return checked(_of_url(request))
    kind, parameters = with_parameters(request.headers.get("content-type", ""))
    if kind != JSON or parameters.get("charset", UTF8[0]) not in UTF8:
        raise UnsupportedType
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedCoding
    return checked(_json(await body_of(request, most)))


def _of_url(request: Request) -> dict[str, Any]:
    """Texts, and what they are JSON of; an empty one says nothing."""
    pairs = request.query_params.multi_items()
    given: dict[str, Any] = {name: text for name, text in pairs if text}
    if len(pairs) != len({name for name, _ in pairs}):
        raise GivenTwice
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name].encode())
    return given


async def body_of(request: Request, most: int) -> bytes:
    """The body, read no further than ``most`` bytes and no longer than ``BODY_SECONDS``."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > DIGITS or int(declared) > most):
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise BodyTooLarge
                parts.append(part)
    except TimeoutError:
        raise BodyTooSlow from None
    return b"".join(parts)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadDocument("Expected valid JSON.", zh="应为有效的 JSON") from None


def checked(given: Any) -> Asked:
    if isinstance(given, list):
        raise BadBatch
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise Malformed
    name, variables = given.get("operationName"), given.get("variables")
    if not isinstance(name, str | None) or not isinstance(variables, dict | None):
        raise Malformed
    if not isinstance(given.get("extensions"), dict | None):
        raise Malformed
    return Asked(given["query"], name or None, variables or {})
