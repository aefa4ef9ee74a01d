"""From a validated selection to a ``Plan``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

from hub.errors import BadArgument, TooMuch
from hub.read import bind
from hub.read.bind import TYPES
from hub.read.conditions import Conditions, binding_of, sorts_of
from hub.read.plan import (
    Aggregate,
    Condition,
    CountFact,
    Cursor,
    Edges,
    Fields,
    GlobalId,
    Groups,
    Leaf,
    Node,
    Nodes,
    Object,
    OriginFact,
    Origins,
    Page,
    PageFact,
    PageInfo,
    Plan,
    Slot,
    Status,
    StatusFact,
    TotalCount,
    Typename,
    Value,
)

MAX_LISTS: Final = 100
"""Lists and questions in one operation: each may cost PostgreSQL a scan."""

MAX_KEYS: Final = 3
"""Keys one grouping may have."""


class NotCompiled(Exception):
    """This root field is answered by its ordinary resolver."""


Collected = dict[str, list[FieldNode]]


class Selector:
    """Field collection of the specification: fragments, merging, ``@skip`` and ``@include``."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues) -> None:
        self.fragments = fragments
        self.variables = variables

    def collect(self, sets: Sequence[SelectionSetNode | None], type_name: str) -> Collected:
        found: Collected = {}
        for selection_set in sets:
            if selection_set is not None:
                self._collect(selection_set, type_name, found, set())
        return found

    def _collect(
        self, selection_set: SelectionSetNode, type_name: str, found: Collected, seen: set[str]
    ) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection, type_name):
                    self._collect(selection.selection_set, type_name, found, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._applies(fragment, type_name):
                    self._collect(fragment.selection_set, type_name, found, seen)

    @staticmethod
    def _applies(fragment: InlineFragmentNode | FragmentDefinitionNode, type_name: str) -> bool:
        """All types are objects: a condition on another type never holds."""
        condition = fragment.type_condition
        return condition is None or condition.name.value == type_name

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


class Planner:
    """Builds one plan; ``variables`` give the shape of inputs, never a value that stays in the plan."""

    def __init__(self, selector: Selector) -> None:
        self.selector = selector
        self.variables = selector.variables
        self.slots: list[Slot] = []
        self.conditions = Conditions()

    def root(self, query: GraphQLObjectType, collected: Collected) -> Plan:
        fields = tuple((key, self._root_field(query, nodes)) for key, nodes in collected.items())
        return Plan(fields, tuple(self.slots))

    def _root_field(self, query: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        if nodes[0].name.value == "__typename":
            return Typename(query.name)
        definition = query.fields.get(nodes[0].name.value)
        binding = binding_of(definition) if definition else None
        if binding is None or definition is None:
            raise NotCompiled(nodes[0].name.value)
        return self._bound(binding, definition, nodes)

    def _fields(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_.name)
        return tuple((key, self._field(type_, found)) for key, found in collected.items())

    def _field(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        definition = type_.fields[name]
        binding = binding_of(definition)
        if binding is None:
            raise NotCompiled(f"{type_.name}.{name}")
        if isinstance(binding, bind.Id):
            return GlobalId(type_.name)
        return self._bound(binding, definition, nodes)

    def _bound(
        self, binding: bind.Relation | bind.Scalar, definition: GraphQLField, nodes: list[FieldNode]
    ) -> Node:
        named: Any = get_named_type(definition.type)
        match binding:
            case bind.Scalar(column, sealed):
                return Value(column, sealed)
            case bind.One():
                return Object(binding, self._fields(named, nodes))
            case bind.Provenance():
                return Origins(self._facts(named, nodes, OriginFact))
            case bind.RootOne():
                slot, _ = self._slot(definition, nodes[0])
                key = next(iter(definition.args))
                return Object(binding, self._fields(named, nodes), Leaf(slot, (key,)))
            case bind.RootStatus():
                slot, _ = self._slot(definition, nodes[0])
                leaves = [Leaf(slot, (name,)) for name in ("idNumber", "programme", "on")]
                return Status(self._facts(named, nodes, StatusFact), *leaves)
            case bind.RootAggregate():
                slot, given = self._slot(definition, nodes[0])
                fields = self._counted(TYPES[binding.target], named, nodes)
                return Aggregate(binding, fields, self._where(definition, given, slot))
            case bind.Many() | bind.RootMany():
                return self._page(binding, definition, named, nodes)

    def _facts(self, type_: GraphQLObjectType, nodes: list[FieldNode], fact: Any) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_.name)
        return tuple(
            (key, Typename(type_.name) if n[0].name.value == "__typename" else fact(n[0].name.value))
            for key, n in collected.items()
        )

    def _slot(self, definition: GraphQLField, node: FieldNode) -> tuple[int, dict[str, Any]]:
        values = get_argument_values(definition, node, self.variables)
        varies = any(_has_variable(argument.value) for argument in node.arguments or ())
        self.slots.append(Slot(definition, node, varies))
        if len(self.slots) > MAX_LISTS:
            raise TooMuch(f"A query may hold {MAX_LISTS} lists.", zh=f"一次查询最多包含 {MAX_LISTS} 个列表")
        return len(self.slots) - 1, values

    def _counted(self, target: bind.BoundType, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_.name)
        return tuple((key, self._counted_field(target, type_, n)) for key, n in collected.items())

    def _counted_field(
        self, target: bind.BoundType, type_: GraphQLObjectType, nodes: list[FieldNode]
    ) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        if name == "count":
            return CountFact(name)
        definition: Any = type_.fields[name]
        by = get_argument_values(definition, nodes[0], self.variables)["by"]
        if not 1 <= len(by) <= MAX_KEYS:
            raise BadArgument(
                f"Expected 1 to {MAX_KEYS} keys to group by.", zh=f"分组依据应为 1 至 {MAX_KEYS} 项"
            )
        keys = tuple(target.group_keys[each.value] for each in by)
        return Groups(keys, self._facts(get_named_type(definition.type), nodes, CountFact))

    def _where(self, definition: GraphQLField, given: Mapping[str, Any], slot: int) -> Condition | None:
        where = given.get("where")
        if where is None:
            return None
        type_: Any = get_named_type(definition.args["where"].type)
        return self.conditions.read(type_, where, Leaf(slot, ("where",)))

    def _page(
        self,
        binding: bind.Many | bind.RootMany,
        definition: GraphQLField,
        connection: GraphQLObjectType,
        nodes: list[FieldNode],
    ) -> Page:
        slot, given = self._slot(definition, nodes[0])
        given = {k: v for k, v in given.items() if v is not None}
        backward = "last" in given or "before" in given
        if backward and ("first" in given or "after" in given):
            raise BadArgument(
                "Page forward with first/after or backward with last/before, not both.",
                zh="first/after 与 last/before 不能同时使用",
            )
        limit, cursor = ("last", "before") if backward else ("first", "after")
        return Page(
            relation=binding,
            fields=self._connection_fields(connection, nodes),
            where=self._where(definition, given, slot),
            sorts=sorts_of(definition, given.get("orderBy") or []),
            limit=Leaf(slot, (limit,)) if limit in given else None,
            cursor=Leaf(slot, (cursor,)) if cursor in given else None,
            backward=backward,
        )

    def _connection_fields(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_.name)
        return tuple((key, self._connection_field(type_, n)) for key, n in collected.items())

    def _connection_field(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        inner: Any = get_named_type(type_.fields[name].type)
        match name:
            case "totalCount":
                return TotalCount()
            case "nodes":
                return Nodes(self._fields(inner, nodes))
            case "pageInfo":
                return PageInfo(self._facts(inner, nodes, PageFact))
            case _:
                collected = self.selector.collect([n.selection_set for n in nodes], inner.name)
                return Edges(tuple((key, self._edge_field(inner, n)) for key, n in collected.items()))

    def _edge_field(self, edge: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        match nodes[0].name.value:
            case "__typename":
                return Typename(edge.name)
            case "cursor":
                return Cursor()
            case _:
                inner: Any = get_named_type(edge.fields["node"].type)
                return Nodes(self._fields(inner, nodes))


def _has_variable(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    children = getattr(node, "values", None) or [f.value for f in getattr(node, "fields", None) or ()]
    return any(_has_variable(child) for child in children)


def arguments_of(plan: Plan, variables: VariableValues) -> list[dict[str, Any]]:
    """The argument values of each slot, for this request."""
    return [get_argument_values(s.definition, s.node, variables) for s in plan.slots]
