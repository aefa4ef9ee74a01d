"""What a document is answered with, as JSON Schema: read off its selection and the types of the schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)
from graphql.language import SelectionSetNode, VariableNode

from hub.web.openapi_types import Components, Schema, described, nullable

Part = tuple[SelectionSetNode, bool]
"""A selection, and whether a variable decides if it is there."""


@dataclass(slots=True)
class Met:
    """What stands under one key of an object; ``maybe``: no occurrence of it is there always."""

    nodes: list[tuple[FieldNode, bool]] = field(default_factory=list)

    @property
    def maybe(self) -> bool:
        return all(maybe for _, maybe in self.nodes)

    def below(self) -> list[Part]:
        """Of one field that may be missing, what is below is there whenever it is."""
        alone = len(self.nodes) == 1
        return [(n.selection_set, maybe and not alone) for n, maybe in self.nodes if n.selection_set]


class Answers:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], components: Components
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.components = components

    def of(self, type_: Any, parts: Iterable[Part]) -> Schema:
        """An object, or one of those that an interface or a union may be."""
        parts = list(parts)
        if is_abstract_type(type_):
            return {"anyOf": [self._object(one, parts) for one in self.schema.get_possible_types(type_)]}
        return self._object(type_, parts)

    def _object(self, type_: GraphQLObjectType, parts: list[Part]) -> Schema:
        found: dict[str, Met] = {}
        for selection, maybe in parts:
            self._collect(selection, type_, maybe, found)
        made: Schema = {
            "type": "object",
            "properties": {key: self._field(type_, met) for key, met in found.items()},
            "additionalProperties": False,
        }
        required = [key for key, met in found.items() if not met.maybe]
        return {**made, "required": required} if required else made

    def _collect(
        self, chosen: SelectionSetNode, type_: GraphQLObjectType, maybe: bool, found: dict[str, Met]
    ) -> None:
        for selection in chosen.selections:
            there = _included(selection)
            if there is False:
                continue
            unsure = maybe or there is None
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, Met()).nodes.append((selection, unsure))
            elif isinstance(selection, FragmentSpreadNode):
                self._fragment(self.fragments[selection.name.value], type_, unsure, found)
            elif isinstance(selection, InlineFragmentNode):
                self._fragment(selection, type_, unsure, found)

    def _fragment(self, fragment: Any, type_: GraphQLObjectType, maybe: bool, found: dict[str, Met]) -> None:
        condition = fragment.type_condition
        named: Any = self.schema.type_map[condition.name.value] if condition else type_
        if named is type_ or (is_abstract_type(named) and self.schema.is_sub_type(named, type_)):
            self._collect(fragment.selection_set, type_, maybe, found)

    def _field(self, type_: GraphQLObjectType, met: Met) -> Schema:
        name = met.nodes[0][0].name.value
        if name == "__typename":
            return {"type": "string", "const": type_.name}
        definition = type_.fields[name]
        return {**self._typed(definition.type, met), **described(definition)}

    def _typed(self, type_: Any, met: Met) -> Schema:
        if not is_composite_type(get_named_type(type_)):
            return self.components.of(type_)
        if not isinstance(type_, GraphQLNonNull):
            return nullable(self._typed(GraphQLNonNull(type_), met))
        inner = type_.of_type
        if isinstance(inner, GraphQLList):
            return {"type": "array", "items": self._typed(inner.of_type, met)}
        return self.of(inner, met.below())


def _included(selection: Any) -> bool | None:
    """None where a variable decides."""
    known: bool | None = True
    for directive in selection.directives or ():
        if directive.name.value in ("skip", "include"):
            value = directive.arguments[0].value
            if isinstance(value, VariableNode):
                known = None
            elif value_from_ast_untyped(value) is (directive.name.value == "skip"):
                return False
    return known
