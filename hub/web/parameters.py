"""The variables of a document out of a URL or a body, for clients that know no GraphQL.

A text of a URL becomes what the variable's type wants; whether it fits is left to the engine, which says so
as it says of every variable. What is not a leaf or a list of leaves is JSON, in one parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from graphql import (
    GraphQLInputType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    type_from_ast,
)
from starlette.requests import Request

from hub.errors import BadArgument, BadDocument
from hub.read.operation import Operation
from hub.web.asked import body_of, json_of
from hub.web.refusals import GivenTwice, UnsupportedType

NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
DECIMAL: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
WORDS: Final = {"true": True, "false": False}

Types = Mapping[str, GraphQLInputType]


class NotVariables(BadDocument):
    """Expected a JSON object of the document's variables."""

    status, zh = 422, "请求体应为文档变量组成的 JSON 对象"


def types_of(operation: Operation) -> Types:
    """The document's variables and their types."""
    return {
        definition.variable.name.value: type_from_ast(operation.schema, definition.type)  # type: ignore[misc]
        for definition in operation.node.variable_definitions or ()
    }


async def variables(request: Request, types: Types, most: int) -> dict[str, Any]:
    """``most``: bytes of a body. BadArgument for one that the document does not take."""
    pairs = request.query_params.multi_items()
    if request.method != "POST":
        return _of_url(pairs, types)
    if pairs:
        raise NotVariables
    given = await _of_body(request, most)
    _check_names(given, types)
    return given


async def _of_body(request: Request, most: int) -> dict[str, Any]:
    if "content-type" not in request.headers:
        if await body_of(request, most):
            raise UnsupportedType
        return {}
    given = await json_of(request, most)
    if not isinstance(given, dict):
        raise NotVariables
    return given


def _of_url(pairs: Iterable[tuple[str, str]], types: Types) -> dict[str, Any]:
    """An empty text says nothing."""
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        if text:
            texts.setdefault(name, []).append(text)
    _check_names(texts, types)
    return {name: _value(types[name], given) for name, given in texts.items()}


def _check_names(given: Iterable[str], types: Types) -> None:
    if not set(given) <= types.keys():
        names = ", ".join(types) or "none"
        raise BadArgument(f"The document takes these variables: {names}.", zh=f"该文档的变量为：{names}")


def _value(type_: GraphQLInputType, texts: list[str]) -> Any:
    inner = items_of(type_)
    if inner is not None:
        return [_leaf(inner, text) for text in texts]
    if len(texts) > 1:
        raise GivenTwice
    return _leaf(type_, texts[0])


def items_of(type_: GraphQLInputType) -> GraphQLInputType | None:
    """The type of the items, where it is a list of leaves: such a list repeats its parameter."""
    plain: Any = get_nullable_type(type_)
    if is_list_type(plain) and is_leaf_type(get_nullable_type(plain.of_type)):
        found: GraphQLInputType = plain.of_type
        return found
    return None


def _leaf(type_: GraphQLInputType, text: str) -> Any:
    plain: Any = get_nullable_type(type_)
    if not is_leaf_type(plain):
        return _json(text)
    if plain.name == "Boolean":
        return WORDS.get(text, text)
    if plain.name == "Int" and NUMBER.fullmatch(text):
        return int(text)
    if plain.name == "Float" and DECIMAL.fullmatch(text):
        return float(text)
    return text


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadDocument("Expected valid JSON.", zh="应为有效的 JSON") from None
