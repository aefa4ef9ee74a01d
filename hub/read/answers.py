"""What leaves the engine: data and errors as bytes, and the status GraphQL over HTTP gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
import structlog
from graphql import GraphQLError

from hub.errors import BadArgument, HubError, Language
from hub.governance.deprecation import Days
from hub.read.discreet import discreet

log = structlog.get_logger(__name__)

PARTIAL: Final = 294
"""Executed, with errors of fields: "Status Codes" of GraphQL over HTTP."""


class Cost(NamedTuple):
    """In units (``hub.read.cost``): of the request, and what the client may spend.

    ``remaining``: of its minute; None where the request was refused before it was counted.
    """

    static: int
    actual: int
    per_request: int
    per_minute: int
    remaining: int | None


@dataclass(slots=True)
class Answer:
    """``executed`` is false where the request was refused; then the body holds no ``data``.

    ``retry_after``: seconds after which it would not be. ``cost``: what it cost. ``notice``: days of what is
    deprecated and was asked for.
    """

    body: bytes
    executed: bool
    status: int = 200
    retry_after: int | None = None
    cost: Cost | None = None
    notice: Days | None = None


def refused(errors: Sequence[Exception], language: Language, kind: type[HubError] | None = None) -> Answer:
    """``kind``: what it means that graphql-core refused the request."""
    first = errors[0]
    status = (kind or (type(first) if isinstance(first, HubError) else HubError)).status
    body = orjson.dumps({"errors": [shown(error, language, kind) for error in errors]})
    return Answer(body, False, status, first.retry_after if isinstance(first, HubError) else None)


def answered(data: Any, errors: Sequence[GraphQLError], language: Language) -> Answer:
    body: dict[str, Any] = {"data": data}
    if errors:
        body["errors"] = [shown(error, language) for error in errors]
    return Answer(orjson.dumps(body), True, PARTIAL if errors else 200)


def shown(error: Exception, language: Language, kind: type[HubError] | None = None) -> dict[str, Any]:
    """An entry of ``errors``."""
    made = _worded(error, language, kind)
    if isinstance(error, GraphQLError):
        if error.locations:
            made["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
        if error.path:
            made["path"] = error.path
    return made


def _worded(error: Exception, language: Language, kind: type[HubError] | None) -> dict[str, Any]:
    original: Exception | None = error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, HubError):
        return original.shown(language)
    if isinstance(error, GraphQLError) and (kind or original is None):
        return _of_graphql_core((kind or BadArgument)(discreet(error.message)), language)
    log.error("unexpected_error", kind=type(original or error).__name__)
    return HubError("Internal error.").shown(language)


def _of_graphql_core(error: HubError, language: Language) -> dict[str, Any]:
    """Its sentences are English; in Chinese the code's sentence stands for them, and they are its detail."""
    made = error.shown(language)
    if language != "en":
        made["extensions"]["detail"] = error.message
    return made
