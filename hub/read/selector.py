"""Which fields of a selection are answered, under which keys: fragments, merging, directives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, value_from_ast_untyped
from graphql.execution.values import VariableValues
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

from hub.errors import BadArgument

Collected = dict[str, list[FieldNode]]


class Selector:
    """Field collection of the specification: fragments, merging, ``@skip`` and ``@include``."""

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        schema: GraphQLSchema,
    ) -> None:
        self.fragments = fragments
        self.variables = variables
        self.schema = schema

    def collect(self, sets: Sequence[SelectionSetNode | None], type_: GraphQLObjectType) -> Collected:
        found: Collected = {}
        for selection_set in sets:
            if selection_set is not None:
                self._collect(selection_set, type_, found, set())
        return found

    def objects(self, type_: Any) -> Sequence[GraphQLObjectType]:
        """The object types a value of this type may have: itself, or those of an interface."""
        if isinstance(type_, GraphQLInterfaceType):
            return self.schema.get_possible_types(type_)
        return (type_,) if isinstance(type_, GraphQLObjectType) else ()

    def _collect(
        self, selection_set: SelectionSetNode, type_: GraphQLObjectType, found: Collected, seen: set[str]
    ) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection, type_):
                    self._collect(selection.selection_set, type_, found, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._applies(fragment, type_):
                    self._collect(fragment.selection_set, type_, found, seen)

    @staticmethod
    def _applies(fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        names = {type_.name, *(interface.name for interface in type_.interfaces)}
        return condition is None or condition.name.value in names

    def _included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            if directive.name.value in ("skip", "include"):
                value = self._boolean(directive.arguments[0].value)
                if value is (directive.name.value == "skip"):
                    return False
        return True

    def _boolean(self, node: Any) -> bool:
        if not isinstance(node, VariableNode):
            return bool(value_from_ast_untyped(node))
        value = self.variables.coerced.get(node.name.value)
        if value is None:
            raise BadArgument(f"Expected true or false for ${node.name.value}.", zh="应为 true 或 false")
        return bool(value)
