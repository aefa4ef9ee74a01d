"""Which documents a job can ask: those with one list in them, and a variable that moves along it.

=========== =================== ==================================== ===========================
kind        variable that moves what the list must select            a row
=========== =================== ==================================== ===========================
of persons  ``$persons``        ``items``, ``refused { index code }`` a person that was given
of pages    ``$after``          ``nodes``,                           a node
                                ``pageInfo { hasNextPage endCursor }``
=========== =================== ==================================== ===========================

The columns of a table of the rows follow from the document and its schema, before any row is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from hub.errors import BadArgument
from hub.read.operation import Operation

PERSONS, AFTER, FIRST = "persons", "after", "first"
PAGE: Final = 200
"""Rows of a page: as many as a list gives."""
TYPED: Final = frozenset({"Int", "Float", "Boolean", "Date", "DateTime", "Decimal"})
TEXT, JSON = "String", "JSON"
LINE, REFERENCE, REFUSED = "line", "reference", "refused"
"""Of a row about a person, before what the document selects: its place among those given, from 1; what the
client calls it; why it was refused."""
_PERSONS: Final = {"items": set[str](), "refused": {"index", "code"}}
_PAGES: Final = {"nodes": set[str](), "pageInfo": {"hasNextPage", "endCursor"}}
_NESTED: Final = 20


@dataclass(frozen=True, slots=True)
class Column:
    """``path``: where its value is in a row. ``kind``: one of ``TYPED``, ``TEXT`` or ``JSON``."""

    path: tuple[str, ...]
    kind: str

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def of(self, row: Any) -> Any:
        for key in self.path:
            row = row.get(key) if isinstance(row, dict) else None
        return row


@dataclass(frozen=True, slots=True)
class Listing:
    """What a job asks. ``key``: of the list in the answer."""

    key: str
    of_persons: bool
    takes_first: bool
    columns: tuple[Column, ...]


def listing_of(operation: Operation) -> Listing:
    """BadArgument for a document that no job can ask."""
    fields = operation.node.selection_set.selections
    declared = {d.variable.name.value for d in operation.node.variable_definitions or ()}
    if len(fields) == 1 and isinstance(fields[0], FieldNode) and fields[0].selection_set:
        field, type_ = fields[0], _type(operation.root, fields[0].name.value)
        key = field.alias.value if field.alias else field.name.value
        for moved, needed in ((PERSONS, _PERSONS), (AFTER, _PAGES)):
            if moved in declared and _selects(fields[0].selection_set, needed):
                rows = next(iter(needed))
                columns = _columns(operation, get_named_type(type_.fields[rows].type), rows, fields[0])
                return Listing(key, moved == PERSONS, FIRST in declared, columns)
    raise BadArgument(
        "Expected a query of one list: with $persons, `items` and `refused { index code }`; or with $after,"
        " `nodes` and `pageInfo { hasNextPage endCursor }`.",
        zh="应为单一列表查询：含 $persons、items 与 refused { index code }，"
        "或含 $after、nodes 与 pageInfo { hasNextPage endCursor }",
    )


def _type(parent: Any, name: str) -> Any:
    return get_named_type(parent.fields[name].type)


def _selects(selected: SelectionSetNode, needed: Mapping[str, set[str]]) -> bool:
    """By their own names, and not in fragments: what the hub reads has to be where it looks."""
    plain = {
        node.name.value: node
        for node in selected.selections
        if isinstance(node, FieldNode) and node.alias is None and not node.directives
    }
    return all(
        name in plain and below <= {n.name.value for n in _fields(plain[name]) if n.alias is None}
        for name, below in needed.items()
    )


def _fields(node: FieldNode) -> Iterator[FieldNode]:
    selections = node.selection_set.selections if node.selection_set else ()
    return (each for each in selections if isinstance(each, FieldNode))


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────


def _columns(operation: Operation, type_: Any, rows: str, root: FieldNode) -> tuple[Column, ...]:
    found: dict[tuple[str, ...], str] = {}
    if rows == "items":
        found = {(LINE,): "Int", (REFERENCE,): TEXT, (REFUSED,): TEXT}
    for node in _fields(root):
        if node.name.value == rows and node.selection_set:
            for path, kind in _walk(operation, type_, node.selection_set, ()):
                found.setdefault(path, kind)
    return tuple(Column(path, kind) for path, kind in found.items())


def _walk(
    operation: Operation, type_: Any, selected: SelectionSetNode, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield from _field(operation, type_, node, path)
        elif isinstance(node, InlineFragmentNode):
            inner = _named(operation.schema, node.type_condition) or type_
            yield from _walk(operation, inner, node.selection_set, path)
        elif isinstance(node, FragmentSpreadNode):
            fragment = operation.fragments[node.name.value]
            inner = _named(operation.schema, fragment.type_condition)
            yield from _walk(operation, inner, fragment.selection_set, path)


def _field(
    operation: Operation, type_: Any, node: FieldNode, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    name = node.name.value
    path = (*path, node.alias.value if node.alias else name)
    if name == "__typename":
        yield path, TEXT
        return
    given = get_nullable_type(type_.fields[name].type)
    named = get_named_type(given)
    if is_list_type(given):
        yield path, JSON
    elif is_composite_type(named) and node.selection_set and len(path) < _NESTED:
        yield from _walk(operation, named, node.selection_set, path)
    else:
        yield path, named.name if named.name in TYPED else TEXT


def _named(schema: GraphQLSchema, condition: Any) -> Any:
    return None if condition is None else schema.get_type(condition.name.value)
