"""A document is parsed, measured and validated once per audience, then kept by its hash.

The measure comes first: graphql-core's validation is quadratic in places, so size, depth and the
number of fields after expanding fragments are bounded by one linear pass before it runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    parse,
    type_from_ast,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import FieldNode, FragmentSpreadNode, SelectionSetNode

from hub.errors import BadDocument, TooMuch

MAX_SOURCE: Final = 64 * 1024
MAX_TOKENS: Final = 4_000
MAX_DEPTH: Final = 20
MAX_FIELDS: Final = 1_000
MAX_DOCUMENTS: Final = 1_000
MAX_ERRORS: Final = 20


class Invalid(Exception):
    """The document does not parse or is not valid in this audience's schema."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


@dataclass(slots=True)
class Operation:
    """One operation of a valid document; ``cached`` holds what the engine derives from it."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    schema: GraphQLSchema
    structural: tuple[tuple[str, bool], ...]
    cached: LRUCache[Any, Any] = field(default_factory=lambda: LRUCache(maxsize=32))

    @property
    def is_query(self) -> bool:
        return self.node.operation is OperationType.QUERY

    def variables(self, given: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(
            self.schema, self.node.variable_definitions or (), dict(given), MAX_ERRORS, hide_suggestions=True
        )
        if isinstance(values, list):
            raise Invalid("BAD_USER_INPUT", values)
        return values

    def shape(self, variables: VariableValues) -> tuple[Any, ...]:
        """What of the variables decides the form of the statement."""
        return tuple(
            (name, _value(found) if whole else _shape(found))
            for name, whole in self.structural
            for found in (variables.coerced.get(name, ...),)
        )


@dataclass(slots=True)
class Documents:
    """The audiences' documents, at most ``MAX_DOCUMENTS``, least recently used out first."""

    cache: LRUCache[Any, Any] = field(default_factory=lambda: LRUCache(maxsize=MAX_DOCUMENTS))

    def operation(self, audience: Any, schema: GraphQLSchema, source: str, name: str | None) -> Operation:
        key = (audience, hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest())
        found = self.cache.get(key)
        if found is None:
            found = self.cache[key] = _read(schema, source)
        return _named(found, name)


def _read(schema: GraphQLSchema, source: str) -> dict[str | None, Operation]:
    if len(source) > MAX_SOURCE:
        raise TooMuch(f"A document may have {MAX_SOURCE} characters.", zh=f"查询文本最多 {MAX_SOURCE} 个字符")
    try:
        document = parse(source, max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        raise Invalid("GRAPHQL_PARSE_FAILED", [error]) from None
    except GraphQLError as error:
        raise Invalid("GRAPHQL_PARSE_FAILED", [error]) from None
    measure(document)
    errors = validate(schema, document, max_errors=MAX_ERRORS, hide_suggestions=True)
    if errors:
        raise Invalid("GRAPHQL_VALIDATION_FAILED", errors)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    return {
        d.name.value if d.name else None: Operation(d, fragments, schema, _structural(schema, d))
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode)
    }


def _named(operations: dict[str | None, Operation], name: str | None) -> Operation:
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name is None or name not in operations:
        raise BadDocument(
            "Expected operationName to name one of the document's operations.",
            zh="operationName 应为文档中的一个操作",
        )
    return operations[name]


def _structural(schema: GraphQLSchema, node: OperationDefinitionNode) -> tuple[tuple[str, bool], ...]:
    """Variables and whether their whole value matters: booleans (``@include``) and orders do."""
    found = []
    for definition in node.variable_definitions or ():
        type_: Any = get_named_type(type_from_ast(schema, definition.type))
        whole = type_.name == "Boolean" or type_.name.endswith("OrderBy") or type_.name == "Direction"
        found.append((definition.variable.name.value, whole))
    return tuple(found)


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
    return value if value is None or value is ... else "leaf"


def measure(document: DocumentNode) -> None:
    """Depth and fields with every fragment expanded, each fragment walked once."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    known: dict[str, tuple[int, int]] = {}
    for definition in document.definitions:
        selection_set = getattr(definition, "selection_set", None)
        if selection_set is not None:
            depth, fields = _measured(selection_set, fragments, known, ())
            if depth > MAX_DEPTH:
                raise TooMuch(f"A query may be {MAX_DEPTH} levels deep.", zh=f"查询最多嵌套 {MAX_DEPTH} 层")
            if fields > MAX_FIELDS:
                raise TooMuch(
                    f"A query may select {MAX_FIELDS} fields.", zh=f"查询最多选择 {MAX_FIELDS} 个字段"
                )


def _measured(
    selection_set: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    known: dict[str, tuple[int, int]],
    inside: tuple[str, ...],
) -> tuple[int, int]:
    depth = fields = 0
    for selection in selection_set.selections:
        if isinstance(selection, FragmentSpreadNode):
            below = _fragment(selection.name.value, fragments, known, inside)
            own = 0
        else:
            inner = getattr(selection, "selection_set", None)
            below = _measured(inner, fragments, known, inside) if inner else (0, 0)
            own = 1 if isinstance(selection, FieldNode) else 0
        depth = max(depth, below[0] + own)
        fields += below[1] + own
        if fields > MAX_FIELDS or depth > MAX_DEPTH:
            break
    return depth, fields


def _fragment(
    name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    known: dict[str, tuple[int, int]],
    inside: tuple[str, ...],
) -> tuple[int, int]:
    if name in known:
        return known[name]
    if name in inside or name not in fragments:
        return 0, 0
    known[name] = _measured(fragments[name].selection_set, fragments, known, (*inside, name))
    return known[name]
