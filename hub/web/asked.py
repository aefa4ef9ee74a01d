"""The parameters of a GraphQL request, out of a body or out of a URL, with their types checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from hub.errors import BadBatch, BadDocument
from hub.web.accept import is_json
from hub.web.heads import heads
from hub.web.refusals import (
    BodyTooLarge,
    GivenTwice,
    Malformed,
    UnsupportedCoding,
    UnsupportedType,
)

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
    given = heads(request.scope)
    if not is_json(given.get("content-type", "")):
        raise UnsupportedType
    if given.get("content-encoding", "identity").lower() != "identity":
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
    """The body, read no further than ``most`` bytes. How long it may take: ``hub.web.connection``."""
    declared = heads(request.scope).get("content-length", "")
    if declared.isdecimal() and (len(declared) > DIGITS or int(declared) > most):
        raise BodyTooLarge
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size, more = size + len(part), message.get("more_body", False)
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
