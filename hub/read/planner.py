"""From a validated selection to a ``Plan``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
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

from hub.errors import BadArgument
from hub.read import bind
from hub.read.bind import BINDING
from hub.read.plan import (
    AllOf,
    AnyOf,
    Condition,
    Cursor,
    Edges,
    Fields,
    GlobalId,
    Leaf,
    Node,
    Nodes,
    Not,
    Object,
    OriginFact,
    Origins,
    Page,
    PageFact,
    PageInfo,
    Plan,
    Related,
    Slot,
    Sort,
    Status,
    StatusFact,
    Test,
    TotalCount,
    Typename,
    Value,
)

DEFINITION: Final = "strawberry-definition"


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
        if isinstance(node, VariableNode):
            return bool(self.variables.coerced[node.name.value])
        return bool(value_from_ast_untyped(node))


class Planner:
    """Builds one plan; ``variables`` give the shape of inputs, never a value that stays in the plan."""

    def __init__(self, selector: Selector) -> None:
        self.selector = selector
        self.variables = selector.variables
        self.slots: list[Slot] = []

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
        return len(self.slots) - 1, values

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
        where_type: Any = get_named_type(definition.args["where"].type)
        where = given.get("where")
        return Page(
            relation=binding,
            fields=self._connection_fields(connection, nodes),
            where=None if where is None else self._where(where_type, where, Leaf(slot, ("where",))),
            sorts=self._sorts(definition, given.get("orderBy") or []),
            limit=Leaf(slot, (limit,)) if limit in given else None,
            cursor=Leaf(slot, (cursor,)) if cursor in given else None,
            backward=backward,
        )

    def _sorts(self, definition: GraphQLField, given: list[dict[str, Any]]) -> tuple[Sort, ...]:
        if not given:
            return ()
        type_: Any = get_named_type(definition.args["orderBy"].type)
        sorts = []
        for entry in given:
            for name, input_field in type_.fields.items():
                direction = entry.get(input_field.out_name or name)
                if direction is not None:
                    column = input_field.extensions[DEFINITION].metadata[BINDING].column
                    sorts.append(Sort(column, _text(direction) == "desc"))
        return tuple(sorts)

    def _where(self, type_: GraphQLInputObjectType, given: Mapping[str, Any], at: Leaf) -> Condition:
        parts: list[Condition] = []
        for name, input_field in type_.fields.items():
            out = input_field.out_name or name
            if out not in given:
                continue
            value = _some(given[out], name)
            here = Leaf(at.slot, (*at.path, out))
            inner: Any = get_named_type(input_field.type)
            if name in ("and", "or"):
                each = tuple(
                    self._where(inner, v, Leaf(here.slot, (*here.path, i))) for i, v in enumerate(value)
                )
                parts.append(AllOf(each) if name == "and" else AnyOf(each))
            elif name == "not":
                parts.append(Not(self._where(inner, value, here)))
            else:
                parts.append(self._condition(input_field.extensions[DEFINITION], inner, value, here))
        return AllOf(tuple(parts))

    def _condition(self, field: Any, inner: GraphQLInputObjectType, value: Any, at: Leaf) -> Condition:
        binding = field.metadata[BINDING]
        if isinstance(binding, bind.One | bind.Many):
            return Related(binding, self._where(inner, value, at))
        tests: list[Condition] = [
            Test(binding.column, name, Leaf(at.slot, (*at.path, f.out_name or name)))
            for name, f in inner.fields.items()
            if (f.out_name or name) in value
            if _some(value[f.out_name or name], name) is not None
        ]
        return AllOf(tuple(tests))

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


def _has_variable(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    children = getattr(node, "values", None) or [f.value for f in getattr(node, "fields", None) or ()]
    return any(_has_variable(child) for child in children)


def arguments_of(plan: Plan, variables: VariableValues) -> list[dict[str, Any]]:
    """The argument values of each slot, for this request."""
    return [get_argument_values(s.definition, s.node, variables) for s in plan.slots]
