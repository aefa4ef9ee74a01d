"""From a validated selection to a ``Plan``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
)
from graphql.execution.values import VariableValues
from graphql.language import FieldNode, IntValueNode

from hub.access.mutation import ITEMS
from hub.errors import BadArgument, BadUserInput, TooMuch
from hub.read import bind
from hub.read.bind import TYPES, types_named
from hub.read.coerced import Arguments
from hub.read.conditions import Conditions, binding_of, sorts_of
from hub.read.identifiers import chosen
from hub.read.plan import (
    Aggregate,
    AllOf,
    Among,
    AsOf,
    ChangedRow,
    ChangeFact,
    Changes,
    Condition,
    Copy,
    CopyFact,
    CountFact,
    Cursor,
    Edges,
    Eligibilities,
    Eligibility,
    EligibilityItems,
    Entries,
    Faulty,
    Fields,
    GlobalId,
    Groups,
    Key,
    Leaf,
    Made,
    Node,
    Nodes,
    Number,
    Object,
    OriginFact,
    Origins,
    Page,
    PageFact,
    PageInfo,
    Plan,
    Quoted,
    RefusedPersons,
    Rivals,
    Rows,
    Slot,
    Sort,
    Status,
    StatusFact,
    TotalCount,
    Typename,
    Value,
    Version,
    Whole,
    key_of,
)
from hub.read.selector import Collected, Selector

MAX_LISTS: Final = 100
"""Lists and questions in one operation: each may cost PostgreSQL a scan."""

WRITTEN: Final = "\0"
"""In place of an argument's name: the global id of the record that a mutation was about."""

MAX_KEYS: Final = 3
"""Keys one grouping may have."""


class OfMutation(Arguments):
    """With an id of nobody, or one for each item, until the mutation tells which."""

    def __init__(self, definition: GraphQLField, node: FieldNode, target: str) -> None:
        super().__init__(definition, node)
        keys = len(TYPES[target].table.primary_key.columns)
        self._nobody = ":".join((target, *("0" * keys)))

    def read(self, variables: VariableValues) -> dict[str, Any]:
        given = super().read(variables)
        return {**given, WRITTEN: [self._nobody] * len(given[ITEMS]) if ITEMS in given else self._nobody}


class NotCompiled(Exception):
    """This root field is answered by its ordinary resolver."""


class Planner:
    """Builds one plan; ``variables`` give the shape of inputs, never a value that stays in the plan.

    ``refused``: errors of fields whose arguments this request has wrong, by ``id`` of their nodes.
    """

    def __init__(self, selector: Selector, refused: Mapping[int, Exception]) -> None:
        self.selector = selector
        self.refused = refused
        self.faults: dict[Key, Exception] = {}
        self.variables = selector.variables
        self.slots: list[Slot] = []
        self.conditions = Conditions()

    def root(self, query: GraphQLObjectType, collected: Collected) -> Plan:
        fields = tuple((key, self._root_field(query, nodes)) for key, nodes in collected.items())
        return Plan(fields, tuple(self.slots), self.faults)

    def _root_field(self, query: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        if nodes[0].name.value == "__typename":
            return Typename(query.name)
        definition = query.fields.get(nodes[0].name.value)
        binding = binding_of(definition) if definition else None
        if binding is None or definition is None:
            raise NotCompiled(nodes[0].name.value)
        return self._tried(nodes, partial(self._bound, binding, definition))

    def _tried(self, nodes: list[FieldNode], read: Callable[[list[FieldNode]], Node]) -> Node:
        """The field, or ``Faulty`` where its arguments are wrong."""
        try:
            return read(nodes)
        except (BadUserInput, GraphQLError) as error:
            self.faults[key_of(nodes)] = bare(error)
            return Faulty()

    def _fields(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
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
        if isinstance(binding, bind.Version):
            return Version()
        return self._tried(nodes, partial(self._bound, binding, definition))

    def _bound(
        self,
        binding: bind.Relation | bind.Scalar | bind.Number | bind.Quoted | bind.Made,
        definition: GraphQLField,
        nodes: list[FieldNode],
    ) -> Node:
        named: Any = get_named_type(definition.type)
        match binding:
            case bind.Scalar(column, sealed):
                return Value(column, sealed)
            case bind.Number(name, counts):
                return Number(name, counts)
            case bind.Quoted():
                return Quoted(binding)
            case bind.Made():
                return Made(binding)
            case bind.One():
                return Object(binding, self._fields(named, nodes))
            case bind.Provenance():
                return Origins(self._origins(named, nodes))
            case bind.Written(target):
                slot, _ = self._slot(nodes[0], OfMutation(definition, nodes[0], target))
                by = bind.Identifier("id")
                return Object(binding, self._fields(named, nodes), Leaf(slot, (WRITTEN,)), by)
            case bind.WrittenEach(target=target):
                slot, _ = self._slot(nodes[0], OfMutation(definition, nodes[0], target))
                shown = ((target, Nodes(self._fields(named, nodes))),)
                return Rows(binding, shown, Leaf(slot, (WRITTEN,)))
            case bind.RootOne():
                slot, given = self._slot(nodes[0], Arguments(definition, nodes[0]))
                key, by = chosen(TYPES[binding.target], given, definition.args)
                return Object(binding, self._fields(named, nodes), Leaf(slot, (key,)), by)
            case bind.RootNode(argument):
                slot, given = self._slot(nodes[0], Arguments(definition, nodes[0]))
                types = sorted(self.selector.objects(named), key=lambda type_: type_.name)
                asked = types_named(given.get(argument))
                types = [type_ for type_ in types if asked is None or type_.name in asked] or types
                each = tuple((type_.name, Nodes(self._fields(type_, nodes))) for type_ in types)
                return Rows(binding, each, Leaf(slot, (argument,)))
            case bind.RootStatus():
                slot, _ = self._slot(nodes[0], Arguments(definition, nodes[0]))
                leaves = [Leaf(slot, (name,)) for name in ("idNumber", "programme", "on")]
                return Status(self._facts(named, nodes, StatusFact), *leaves)
            case bind.RootEligibility(many):
                slot, _ = self._slot(nodes[0], Arguments(definition, nodes[0]))
                names = ("persons" if many else "person", "programme", "on")
                places = [Leaf(slot, (name,)) for name in names]
                if many:
                    return Eligibilities(self._batch(named, nodes), Eligibility((), *places))
                return Eligibility(self._facts(named, nodes, StatusFact), *places)
            case bind.RootAggregate() | bind.Counted():
                slot, given = self._slot(nodes[0], Arguments(definition, nodes[0]))
                fields = self._counted(TYPES[binding.target], named, nodes)
                return Aggregate(binding, fields, self._where(definition, given, slot))
            case bind.RootChanges():
                slot, given = self._slot(nodes[0], Arguments(definition, nodes[0]))
                where = self._where(definition, given, slot)
                return Changes(binding, self._event(named, nodes), where, Leaf(slot, ("after",)))
            case bind.RootCopy():
                slot, _ = self._slot(nodes[0], Arguments(definition, nodes[0]))
                since, first = Leaf(slot, ("since",)), Leaf(slot, ("first",))
                return Copy(binding, self._copied(named, nodes), since, first)
            case bind.Many() | bind.RootMany():
                return self._page(binding, definition, named, nodes)

    def _facts(self, type_: GraphQLObjectType, nodes: list[FieldNode], fact: Any) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple(
            (key, Typename(type_.name) if n[0].name.value == "__typename" else fact(n[0].name.value))
            for key, n in collected.items()
        )

    def _batch(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple((key, self._batch_part(type_, found)) for key, found in collected.items())

    def _batch_part(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        inner: Any = get_named_type(type_.fields[name].type)
        facts = self._facts(inner, nodes, StatusFact)
        return EligibilityItems(facts) if name == "items" else RefusedPersons(facts)

    def _origins(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple((key, self._origin(type_, found)) for key, found in collected.items())

    def _origin(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        match nodes[0].name.value:
            case "__typename":
                return Typename(type_.name)
            case "competing":
                inner: Any = get_named_type(type_.fields["competing"].type)
                return Rivals(self._facts(inner, nodes, OriginFact))
            case name:
                return OriginFact(name)

    def _event(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple((key, self._event_field(type_, n)) for key, n in collected.items())

    def _event_field(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        match nodes[0].name.value:
            case "__typename":
                return Typename(type_.name)
            case "node":
                inner: Any = get_named_type(type_.fields["node"].type)
                return ChangedRow(self._fields(inner, nodes))
            case name:
                return ChangeFact(name)

    def _copied(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        """Of a page, of its entries, and of the whole."""
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple((key, self._copied_field(type_, n)) for key, n in collected.items())

    def _copied_field(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        inner: Any = get_named_type(type_.fields[name].type)
        if binding_of(type_.fields[name]) is not None:
            return ChangedRow(self._fields(inner, nodes))
        if not isinstance(inner, GraphQLObjectType):
            return CopyFact(name)
        return (Whole if name == "whole" else Entries)(self._copied(inner, nodes))

    def _slot(self, node: FieldNode, arguments: Arguments) -> tuple[int, dict[str, Any]]:
        if id(node) in self.refused:
            raise self.refused[id(node)]
        slot = Slot(node, arguments)
        values = slot.arguments.read(self.variables)
        self.slots.append(slot)
        if len(self.slots) > MAX_LISTS:
            raise TooMuch(f"A query may hold {MAX_LISTS} lists.", zh=f"一次查询最多包含 {MAX_LISTS} 个列表")
        return len(self.slots) - 1, values

    def _counted(self, target: bind.BoundType, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
        return tuple((key, self._counted_field(target, type_, n)) for key, n in collected.items())

    def _counted_field(
        self, target: bind.BoundType, type_: GraphQLObjectType, nodes: list[FieldNode]
    ) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(type_.name)
        if name == "count":
            return CountFact(name)
        return self._tried(nodes, partial(self._groups, target, type_.fields[name]))

    def _groups(self, target: bind.BoundType, definition: GraphQLField, nodes: list[FieldNode]) -> Groups:
        by = Arguments(definition, nodes[0]).read(self.variables)["by"]
        if not 1 <= len(by) <= MAX_KEYS:
            raise BadArgument(
                f"Expected 1 to {MAX_KEYS} keys to group by.", zh=f"分组依据应为 1 至 {MAX_KEYS} 项"
            )
        keys = tuple(target.group_keys[each.value] for each in by)
        named: Any = get_named_type(definition.type)
        return Groups(keys, self._facts(named, nodes, CountFact))

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
        slot, given = self._slot(nodes[0], Arguments(definition, nodes[0]))
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
            where=_among(binding, self._where(definition, given, slot)),
            sorts=sorts_of(definition, given.get("orderBy") or []) or _usual(binding),
            limit=Leaf(slot, (limit,)) if limit in given else None,
            cursor=Leaf(slot, (cursor,)) if cursor in given else None,
            backward=backward,
            single=any(_is_one(a.value) for a in nodes[0].arguments or () if a.name.value == limit),
            as_of=_as_of(given.get("asOf"), slot),
        )

    def _connection_fields(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Fields:
        collected = self.selector.collect([n.selection_set for n in nodes], type_)
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
                collected = self.selector.collect([n.selection_set for n in nodes], inner)
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


def _as_of(given: Mapping[str, Any] | None, slot: int) -> AsOf | None:
    if given is None:
        return None
    known = None if given.get("known") is None else Leaf(slot, ("asOf", "known"))
    return AsOf(Leaf(slot, ("asOf", "valid")), known)


def _is_one(node: Any) -> bool:
    return isinstance(node, IntValueNode) and node.value == "1"


def bare(error: Exception) -> Exception:
    """Without its trace, which would keep the values of a request as long as the plan."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def arguments_of(plan: Plan, variables: VariableValues) -> list[dict[str, Any]]:
    """The argument values of each slot, for this request."""
    return [slot.arguments.read(variables) for slot in plan.slots]


def _among(binding: bind.Many | bind.RootMany, asked: Condition | None) -> Condition | None:
    """What is asked for, within what the field is about."""
    if isinstance(binding, bind.Many) or not binding.only:
        return asked
    always = (Among(column, codes) for column, codes in binding.only)
    return AllOf((*always, *([] if asked is None else [asked])))


def _usual(binding: bind.Many | bind.RootMany) -> tuple[Sort, ...]:
    by = binding.by if isinstance(binding, bind.RootMany) else None
    return () if by is None else (Sort(by, descending=False),)
