"""From the ``where`` and ``orderBy`` of a request to conditions and sorts of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import GraphQLField, GraphQLInputObjectType, get_named_type

from hub.errors import BadArgument, TooMuch
from hub.read import bind
from hub.read.bind import BINDING
from hub.read.plan import (
    ActiveOn,
    AllOf,
    AnyOf,
    Condition,
    Leaf,
    Named,
    Not,
    Null,
    Related,
    Sort,
    Test,
    Traced,
)

DEFINITION: Final = "strawberry-definition"
MAX_CONDITIONS: Final = 200
"""Conditions in one operation."""
MAX_RELATIONS: Final = 20
"""Of them on related rows, or searches: PostgreSQL plans 20 in a tenth of a second, 100 not in its time."""


class Conditions:
    """Reads the conditions of one operation, and counts them."""

    def __init__(self) -> None:
        self.count = 0
        self.relations = 0

    def read(self, type_: GraphQLInputObjectType, given: Mapping[str, Any], at: Leaf) -> Condition:
        self._one_more()
        parts = [
            self._part(name, input_field, given[out], Leaf(at.slot, (*at.path, out)))
            for name, input_field in type_.fields.items()
            for out in (input_field.out_name or name,)
            if out in given
        ]
        return AllOf(tuple(parts))

    def _part(self, name: str, field: Any, value: Any, at: Leaf) -> Condition:
        inner: Any = get_named_type(field.type)
        value = _some(value, name)
        if name in ("and", "or"):
            each = tuple(self.read(inner, v, Leaf(at.slot, (*at.path, i))) for i, v in enumerate(value))
            return AllOf(each) if name == "and" else AnyOf(each)
        if name == "not":
            return Not(self.read(inner, value, at))
        binding = binding_of(field)
        if isinstance(binding, bind.One | bind.Many):
            self._one_more_relation()
            return Related(binding, self.read(inner, value, at))
        if isinstance(binding, bind.Provenance):
            self._one_more_relation()
            return Traced(tuple(self._facts(inner, value, at)))
        if isinstance(binding, bind.Search):
            self._one_more_relation()
            return Named(at)
        if isinstance(binding, bind.Span):
            return ActiveOn(binding, at)
        return AllOf(tuple(self._tests(binding.column, inner, value, at)))

    def _tests(
        self, column: str, type_: GraphQLInputObjectType, given: Mapping[str, Any], at: Leaf
    ) -> list[Test | Null]:
        tests: list[Test | Null] = []
        for name, field in type_.fields.items():
            out = field.out_name or name
            if out in given:
                self._one_more()
                value = _some(given[out], name)
                leaf = Leaf(at.slot, (*at.path, out))
                tests.append(Null(column, value) if name == "isNull" else Test(column, name, leaf))
        return tests

    def _facts(
        self, type_: GraphQLInputObjectType, given: Mapping[str, Any], at: Leaf
    ) -> Iterator[Test | Null]:
        """Of a field's provenance: each by a filter, or whether it is so."""
        for name, field in type_.fields.items():
            out = field.out_name or name
            if out in given:
                inner: Any = get_named_type(field.type)
                value, leaf = _some(given[out], name), Leaf(at.slot, (*at.path, out))
                if isinstance(inner, GraphQLInputObjectType):
                    yield from self._tests(name, inner, value, leaf)
                else:
                    self._one_more()
                    yield Test(name, "eq", leaf)

    def _one_more(self) -> None:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            raise TooMuch(
                f"A query may hold {MAX_CONDITIONS} conditions.", zh=f"一次查询最多 {MAX_CONDITIONS} 个条件"
            )

    def _one_more_relation(self) -> None:
        self.relations += 1
        if self.relations > MAX_RELATIONS:
            raise TooMuch(
                f"A query may hold {MAX_RELATIONS} conditions on related records and searches.",
                zh=f"一次查询最多 {MAX_RELATIONS} 个关联或检索条件",
            )


def sorts_of(definition: GraphQLField, given: list[dict[str, Any]]) -> tuple[Sort, ...]:
    """One sort for each column: named again, it has nothing left to decide."""
    if not given:
        return ()
    type_: Any = get_named_type(definition.args["orderBy"].type)
    sorts: dict[str, Sort] = {}
    for entry in given:
        for name, field in type_.fields.items():
            direction = entry.get(field.out_name or name)
            if direction is not None:
                column = binding_of(field).column
                sorts.setdefault(column, Sort(column, _text(direction) == "desc"))
    return tuple(sorts.values())


def binding_of(definition: Any) -> Any:
    """The binding of a field of the graphql-core schema, or None for an ordinary one."""
    field = definition.extensions.get(DEFINITION)
    return field.metadata.get(BINDING) if field is not None else None


def _some(value: Any, name: str) -> Any:
    """A condition that is given says something: dropping one that is null would widen the answer."""
    if value is None:
        raise BadArgument(f"Expected a value for {name}, or no {name}.", zh=f"{name} 不能为 null，可省略")
    return value


def _text(direction: Any) -> str:
    return str(getattr(direction, "value", direction))
