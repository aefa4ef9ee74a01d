"""The parameters of a GraphQL request, out of a body or out of a URL, with their types checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from hub.access.documents import HASH
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


PERSISTED: Final = "persistedQuery"
"""Member of ``extensions`` in which Apollo's clients send the hash of a text, with the text or without."""


@dataclass(slots=True)
class Asked:
    """``query`` is empty where a document is named; ``digest``: the hash that Apollo's clients send."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    document_id: str = ""
    digest: str = ""


async def read(request: Request, most: int) -> Asked:
    """``most``: bytes of a body."""
    return checked(_of_url(request) if request.method != "POST" else await json_of(request, most))


async def json_of(request: Request, most: int) -> Any:
    """The JSON of a body."""
    given = heads(request.scope)
    if not is_json(given.get("content-type", "")):
        raise UnsupportedType
    if given.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedCoding
    return _json(await body_of(request, most))


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
    if not isinstance(given, dict):
        raise Malformed
    name, variables = given.get("operationName"), given.get("variables")
    if not isinstance(name, str | None) or not isinstance(variables, dict | None):
        raise Malformed
    query, document_id = given.get("query"), given.get("documentId")
    digest = _digest(given.get("extensions"))
    if not isinstance(query, str | None) or not isinstance(document_id, str | None):
        raise Malformed
    if (document_id and (query or digest)) or (query is None and not (document_id or digest)):
        raise Malformed
    return Asked(query or "", name or None, variables or {}, document_id or digest, digest)


def _digest(extensions: Any) -> str:
    """The hash that Apollo's clients send, of version 1; empty where there is none."""
    if not isinstance(extensions, dict | None):
        raise Malformed
    persisted = (extensions or {}).get(PERSISTED)
    if persisted is None:
        return ""
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise Malformed
    found = persisted.get("sha256Hash")
    if not isinstance(found, str) or not HASH.fullmatch(found):
        raise Malformed
    return found
