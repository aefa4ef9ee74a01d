"""What of a schema a document uses, and where: every field, argument, value and type it names or reads.

A definition is walked once, so that a document costs what it is long; what a fragment uses counts for every
operation that spreads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    type_from_ast,
    visit,
)
from graphql.language import get_location

Mode = Literal["names", "reads", "sends", "may send"]
"""``names``: it stands in the document. ``reads``: a field answers with the type. ``sends``: an argument is
of the type. ``may send``: a variable is, so that the request decides what of it is sent."""


@dataclass(frozen=True, slots=True)
class Use:
    """``path``: of response keys, or behind ``...Name`` of a fragment."""

    coordinate: str
    mode: Mode
    operation: str
    path: str
    line: int
    column: int


def uses(schema: GraphQLSchema, document: DocumentNode) -> list[Use]:
    """Of a valid document, operation by operation."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walked: dict[str, list[Use]] = {}
    found: list[Use] = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            name = node.name.value if node.name else ""
            spread = reachable(node, fragments)
            for fragment in spread - walked.keys():
                walked[fragment] = walk(schema, fragments[fragment], f"...{fragment}")
            own = [*walk(schema, node), *(use for f in sorted(spread) for use in walked[f])]
            found += [replace(use, operation=name) for use in own]
    return found


def reachable(node: Node, fragments: Mapping[str, FragmentDefinitionNode]) -> set[str]:
    """Fragments that ``node`` spreads, and those spread in them."""
    found: set[str] = set()
    open_ = [node]
    while open_:
        fresh = _spreads(open_.pop()) & fragments.keys() - found
        found |= fresh
        open_ += [fragments[name] for name in fresh]
    return found


def _spreads(node: Node) -> set[str]:
    found: set[str] = set()

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: Any) -> None:
            found.add(spread.name.value)

    visit(node, Spreads())
    return found


def walk(schema: GraphQLSchema, definition: Node, start: str = "") -> list[Use]:
    """What stands in one operation or fragment itself."""
    info = TypeInfo(schema)
    walker = Walker(schema, info, start)
    visit(definition, TypeInfoVisitor(info, walker))
    return walker.found


class Walker(Visitor):
    def __init__(self, schema: GraphQLSchema, info: TypeInfo, start: str) -> None:
        super().__init__()
        self.schema, self.info = schema, info
        self.path = [start] if start else []
        self.fields: list[str] = []
        self.found: list[Use] = []

    def add(self, coordinate: str, mode: Mode, node: Node) -> None:
        line, column = get_location(node.loc.source, node.loc.start) if node.loc else (0, 0)
        self.found.append(Use(coordinate, mode, "", ".".join(self.path), line, column))

    def enter_field(self, node: Any, *_: Any) -> None:
        self.path.append((node.alias or node.name).value)
        self.fields.append(node.name.value)
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        if parent and field and not node.name.value.startswith("__"):
            self.add(f"{parent.name}.{node.name.value}", "names", node)
            self.add(get_named_type(field.type).name, "reads", node)

    def leave_field(self, *_: Any) -> None:
        self.path.pop()
        self.fields.pop()

    def enter_argument(self, node: Any, *_: Any) -> None:
        parent, directive = self.info.get_parent_type(), self.info.get_directive()
        if directive:
            self.add(f"@{directive.name}({node.name.value}:)", "names", node)
        elif parent:
            self.add(f"{parent.name}.{self.fields[-1]}({node.name.value}:)", "names", node)

    def enter_directive(self, node: Any, *_: Any) -> None:
        self.add(f"@{node.name.value}", "names", node)

    def enter_object_value(self, node: Any, *_: Any) -> None:
        type_ = self.info.get_input_type()
        if type_:
            self.add(get_named_type(type_).name, "sends", node)

    def enter_object_field(self, node: Any, *_: Any) -> None:
        parent = self.info.get_parent_input_type()
        if parent:
            self.add(f"{get_named_type(parent).name}.{node.name.value}", "names", node)

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        type_ = get_named_type(self.info.get_input_type())
        if isinstance(type_, GraphQLEnumType):
            self.add(type_.name, "sends", node)
            self.add(f"{type_.name}.{node.value}", "names", node)

    def enter_named_type(self, node: Any, _key: Any, parent: Any, *_: Any) -> None:
        if isinstance(parent, FragmentDefinitionNode | InlineFragmentNode):
            self.add(node.name.value, "names", node)

    def enter_variable_definition(self, node: Any, *_: Any) -> None:
        type_ = get_named_type(type_from_ast(self.schema, node.type))
        if type_:
            self.add(type_.name, "may send", node)


def sendable(schema: GraphQLSchema, name: str) -> set[str]:
    """Every coordinate that a value of the input type ``name`` may hold."""
    seen: set[str] = set()
    open_ = [schema.type_map.get(name)]
    while open_:
        type_ = open_.pop()
        if type_ is None or type_.name in seen:
            continue
        seen.add(type_.name)
        if isinstance(type_, GraphQLEnumType):
            seen |= {f"{type_.name}.{value}" for value in type_.values}
        if isinstance(type_, GraphQLInputObjectType):
            seen |= {f"{type_.name}.{field}" for field in type_.fields}
            open_ += [get_named_type(field.type) for field in type_.fields.values()]
    return seen
