"""Null where a field's arguments are wrong, and an error at its path; the rest is answered.

The statement has null in the field's place already. Here it goes up to where the schema allows one, row by
row, as the specification has it ("Handling Execution Errors").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)
from graphql.language import FieldNode, SelectionSetNode

from hub.errors import HubError, TooMuch
from hub.read.plan import Key, key_of
from hub.read.selector import Selector

MAX_ERRORS: Final = 100
"""Errors of one answer: a field of every row of a list may have one."""

Path = tuple[str | int, ...]


class Bubble(Exception):
    """Null where the schema has none: what is around it becomes null."""


Places = Mapping[str, Sequence["Place"]]
"""By response key, one for each type the row may be of."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field with a fault, or one with places ``below`` it."""

    type: GraphQLOutputType
    nodes: Sequence[FieldNode]
    fault: Exception | None
    below: Places


@dataclass(slots=True)
class Settler:
    selector: Selector
    faults: Mapping[Key, Exception]
    errors: list[GraphQLError] = field(default_factory=list)

    def settle(
        self, query: GraphQLObjectType, sets: Sequence[SelectionSetNode | None], data: dict[str, Any]
    ) -> dict[str, Any] | None:
        """``data`` as the client gets it; ``errors`` holds why something of it is missing."""
        try:
            self._fill(self._places([query], sets), data, ())
        except Bubble:
            return None
        return data

    def _places(
        self, types: Sequence[GraphQLObjectType], sets: Sequence[SelectionSetNode | None]
    ) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for type_ in types:
            for key, nodes in self.selector.collect(sets, type_).items():
                if nodes[0].name.value in type_.fields:
                    place = self._place(type_.fields[nodes[0].name.value].type, nodes)
                    if place.fault or place.below:
                        found.setdefault(key, []).append(place)
        return found

    def _place(self, type_: GraphQLOutputType, nodes: list[FieldNode]) -> Place:
        fault, below = self.faults.get(key_of(nodes)), {}
        if fault is None:
            types = self.selector.objects(get_named_type(type_))
            below = self._places(types, [node.selection_set for node in nodes])
        return Place(type_, nodes, fault, below)

    def _fill(self, places: Places, value: dict[str, Any], path: Path) -> None:
        for key, found in places.items():
            for place in found if key in value else ():
                # A row of another type has a value here: no field that takes arguments is null by itself.
                if (place.fault is None) is (value[key] is not None):
                    value[key] = self._value(place.type, place, value[key], (*path, key))

    def _value(self, type_: GraphQLOutputType, place: Place, value: Any, path: Path) -> Any:
        if isinstance(type_, GraphQLNonNull):
            value = self._value(type_.of_type, place, value, path)
            if value is None:
                raise Bubble
            return value
        try:
            return self._nullable(type_, place, value, path)
        except Bubble:
            return None

    def _nullable(self, type_: GraphQLOutputType, place: Place, value: Any, path: Path) -> Any:
        if place.fault is not None:
            self._note(place.fault, place, path)
            return None
        if isinstance(type_, GraphQLList) and value is not None:
            return [self._value(type_.of_type, place, item, (*path, i)) for i, item in enumerate(value)]
        if value is not None:
            self._fill(place.below, value, path)
        return value

    def _note(self, fault: Exception, place: Place, path: Path) -> None:
        if len(self.errors) >= MAX_ERRORS:
            raise TooMuch(
                f"An argument is wrong in more than {MAX_ERRORS} places of the answer.",
                zh=f"参数错误涉及的记录超过 {MAX_ERRORS} 条",
            )
        if isinstance(fault, HubError):
            self.errors.append(
                GraphQLError(fault.message, place.nodes, path=list(path), original_error=fault)
            )
        else:
            message = fault.message if isinstance(fault, GraphQLError) else str(fault)
            self.errors.append(GraphQLError(message, place.nodes, path=list(path)))
