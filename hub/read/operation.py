"""A document is parsed, measured and validated once per audience, then kept by its hash.

The measure (``hub.read.measure``) comes first: what is too large is never validated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cachetools import LRUCache
from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    get_operation_ast,
    parse,
    type_from_ast,
    validate,
)
from graphql.execution.values import VariableValues

from hub.errors import BadDocument, BadSelection, BadSyntax, BadUserInput, StreamNeeded, TooMuch
from hub.governance.deprecation import Days
from hub.read.bind import ITEM, types_named
from hub.read.coerced import MAX_ERRORS, Variables, is_of_texts
from hub.read.measure import measure, measure_values
from hub.read.notice import notice_of

MAX_SOURCE: Final = 64 * 1024
MAX_TOKENS: Final = 4_000
MAX_SHAPES: Final = 16
"""Shapes of the variables an operation keeps statements for."""
Form = Callable[[Any], Any]
"""From the value of a variable, or ``...``, to what of it decides the form of a statement."""
KEPT: Final = 400_000
"""Characters of all documents kept. A dense one takes 100 bytes for each, with its statements 250."""
KEPT_EACH: Final = 300
"""Characters a document counts for beyond its own."""


class PostNeeded(BadDocument):
    """GET answers queries only; use POST."""

    status, zh = 405, "GET 仅支持查询，请使用 POST"


class NoSuchOperation(BadDocument):
    """Expected operationName to name one of the document's operations."""

    status, zh = 422, "operationName 应为文档中的一个操作"


class Invalid(Exception):
    """What graphql-core finds wrong before anything runs; ``kind`` gives code and Chinese sentence."""

    def __init__(self, kind: type[BadUserInput], errors: list[GraphQLError]) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.errors = errors


@dataclass(slots=True)
class Operation:
    """One operation of a valid document; ``cached`` holds what the engine derives from it.

    ``digest``: SHA-256 of the document. ``notice``: it relies on something deprecated.
    """

    digest: bytes
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    schema: GraphQLSchema
    structural: tuple[tuple[str, Form], ...]
    declared: Variables
    notice: Days | None = None
    cached: LRUCache[Any, Any] = field(default_factory=lambda: LRUCache(maxsize=MAX_SHAPES))

    @property
    def root(self) -> GraphQLObjectType:
        found = self.schema.get_root_type(self.node.operation)
        assert found is not None
        return found

    def variables(self, given: Mapping[str, Any]) -> VariableValues:
        measure_values(given)
        values = self.declared.read(given)
        if isinstance(values, list):
            raise Invalid(BadUserInput, values)
        return values

    def shape(self, variables: VariableValues) -> tuple[Any, ...]:
        """What of the variables decides the form of the statement."""
        return tuple((name, form(variables.coerced.get(name, ...))) for name, form in self.structural)


Key = tuple[Any, bytes]
"""A document of an audience."""


@dataclass(frozen=True, slots=True)
class Kept:
    operations: dict[str | None, Operation]
    size: int


@dataclass(slots=True)
class Documents:
    """The audiences' documents, at most ``KEPT`` characters of them, least recently used out first."""

    cache: LRUCache[Any, Kept] = field(default_factory=lambda: LRUCache(KEPT, getsizeof=lambda k: k.size))

    def operation(
        self,
        key: Key,
        schema: GraphQLSchema,
        source: str,
        name: str | None,
        reading: bool = False,
        streaming: bool = False,
    ) -> Operation:
        """``key``: ``key_of`` the source. ``reading``: no mutation; ``streaming``: subscriptions too."""
        found = self.cache.get(key)
        if found is None:
            read = _read(schema, source, name, key[1], reading, streaming)
            found = self.cache[key] = Kept(read, len(source) + KEPT_EACH)
        operation = _named(found.operations, name)
        permit(operation.node, reading, streaming)
        return operation


def key_of(audience: Any, source: str) -> Key:
    return audience, hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()


def permit(node: OperationDefinitionNode | None, reading: bool, streaming: bool = False) -> None:
    """What no plain request, or no GET, is answered; whether it fits the schema does not matter."""
    kind = node.operation if node else OperationType.QUERY
    if kind is OperationType.SUBSCRIPTION and not streaming:
        raise StreamNeeded
    if reading and kind is OperationType.MUTATION:
        raise PostNeeded


def _read(
    schema: GraphQLSchema, source: str, name: str | None, digest: bytes, reading: bool, streaming: bool
) -> dict[str | None, Operation]:
    if len(source) > MAX_SOURCE:
        raise TooMuch(f"A document may have {MAX_SOURCE} characters.", zh=f"查询文本最多 {MAX_SOURCE} 个字符")
    try:
        document = parse(source, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise Invalid(BadSyntax, [error]) from None
    measure(document)
    permit(get_operation_ast(document, name), reading, streaming)
    errors = validate(schema, document, max_errors=MAX_ERRORS, hide_suggestions=True)
    if errors:
        raise Invalid(BadSelection, errors)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    return {
        d.name.value if d.name else None: Operation(
            digest,
            d,
            fragments,
            schema,
            _structural(schema, d),
            Variables(schema, d.variable_definitions or ()),
            notice_of(schema, d, fragments),
        )
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode)
    }


def _named(operations: dict[str | None, Operation], name: str | None) -> Operation:
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name is None or name not in operations:
        raise NoSuchOperation
    return operations[name]


def _structural(schema: GraphQLSchema, node: OperationDefinitionNode) -> tuple[tuple[str, Form], ...]:
    """Variables, and what of each matters: of booleans (``@include``), orders and groupings the whole value,
    of ids the types they name.

    Of the items of a mutation nothing does, nor of a person who is named in one way or another.
    """
    found: list[tuple[str, Form]] = []
    for definition in node.variable_definitions or ():
        type_: Any = get_named_type(type_from_ast(schema, definition.type))
        if type_.name.endswith(ITEM) or is_of_texts(type_):
            continue
        form: Form = _shape
        if type_.name == "Boolean" or type_.name.endswith(("OrderBy", "GroupBy", "Direction")):
            form = _value
        elif type_.name == "ID":
            form = _types
        found.append((definition.variable.name.value, form))
    return tuple(found)


def _types(value: Any) -> Any:
    return (_shape(value), types_named(value))


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((k, _value(v)) for k, v in sorted(value.items()))
    return tuple(_value(v) for v in value) if isinstance(value, list) else value


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((k, _shape(v)) for k, v in sorted(value.items()))
    if isinstance(value, list):
        inner = tuple(_shape(v) for v in value)
        return inner if any(isinstance(v, tuple) for v in inner) else "list"
    return value if value is None or value is ... or isinstance(value, bool) else "leaf"
