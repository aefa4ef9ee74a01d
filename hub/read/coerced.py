"""Values of variables and arguments, read the way that was found when the document was new.

graphql-core asks for the type of every variable and every argument anew with each request. What is usual,
a scalar in a variable and a variable in an argument, is read here at once; whatever is not, or is wrong, is
left to graphql-core, and so are its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values
from graphql.language import FieldNode, ObjectValueNode, ValueNode, VariableDefinitionNode, VariableNode
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

MAX_ERRORS: Final = 5

Values = Mapping[str, Any]


class Unusual(Exception):
    """Left to graphql-core."""


class NotOne(Exception):
    """An input object that must have one member has another number of them, or null; ``place``: in a list."""

    place = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """``read``: what makes of a given value, which is not null, one of its type; None where it is left to
    graphql-core."""

    signature: GraphQLVariableSignature
    read: Callable[[Any], Any] | None
    required: bool


class Variables:
    """Those of one operation."""

    def __init__(self, schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._known = [_variable(schema, node) for node in nodes]

    def read(self, given: Values) -> VariableValues | list[GraphQLError]:
        try:
            return self._usual(given)
        except Exception:  # of a scalar that refuses a value; graphql-core says which, and why
            return get_variable_values(
                self._schema, self._nodes, dict(given), MAX_ERRORS, hide_suggestions=True
            )

    def _usual(self, given: Values) -> VariableValues | list[GraphQLError]:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for node, known in zip(self._nodes, self._known, strict=True):
            name = known.signature.name
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(known.signature, value)
            if value is Undefined and not known.required:
                continue
            if known.read is None or value is Undefined or value is None:
                raise Unusual
            try:
                coerced[name] = known.read(value)
            except NotOne as error:
                return [GraphQLError(f"Variable '${name}' has invalid value{error.place}: {error}", node)]
        return VariableValues(sources, coerced)


def _variable(schema: GraphQLSchema, node: VariableDefinitionNode) -> Variable:
    signature = cast(GraphQLVariableSignature, get_variable_signature(schema, node))
    read = _reader(get_nullable_type(signature.type))
    return Variable(signature, read, is_non_null_type(signature.type) or signature.default is not None)


def _reader(type_: Any) -> Callable[[Any], Any] | None:
    """Of scalars and enums, and of lists of objects of texts, such as persons."""
    if is_leaf_type(type_):
        leaf: GraphQLLeafType = type_
        return leaf.coerce_input_value
    if is_of_texts(type_):
        return _texts(type_)
    inner = type_.of_type if is_list_type(type_) else None
    if is_non_null_type(inner) and is_of_texts(inner.of_type):
        return _each(_texts(inner.of_type))
    return None


def is_of_texts(type_: Any) -> bool:
    """An input object of texts, any of which may be left out."""
    return isinstance(type_, GraphQLInputObjectType) and all(
        field.type is GraphQLString and field.default_value is Undefined for field in type_.fields.values()
    )


def _texts(type_: GraphQLInputObjectType) -> Callable[[Any], Any]:
    names = {name: field.out_name or name for name, field in type_.fields.items()}
    make = type_.out_type

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise Unusual
        found = {}
        for name, text in value.items():
            if not (text is None or type(text) is str) or name not in names:
                raise Unusual
            found[names[name]] = text
        try:
            return make(found)
        except GraphQLError as error:
            raise NotOne(error.message) from None

    return read


def _each(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """There may be thousands: graphql-core takes ten times as long to find out the same of each."""

    def read_all(values: Any) -> list[Any]:
        if type(values) is not list:
            raise Unusual
        found: list[Any] = []
        try:
            found.extend(read(value) for value in values)
        except NotOne as error:
            error.place = f" at [{len(found)}]"
            raise
        return found

    return read_all


class Arguments:
    """Those of one field."""

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        try:
            self._read = _members(definition.args, given)
        except Unusual:
            self._read = _unusual

    def read(self, variables: VariableValues) -> dict[str, Any]:
        """By the names Python has for them; GraphQLError as graphql-core has it."""
        try:
            found: dict[str, Any] = self._read(variables)
            return found
        except Unusual:
            return get_argument_values(self._definition, self._node, variables)


Read = Callable[[VariableValues], Any]


def _members(definitions: Mapping[str, Any], given: Mapping[str, ValueNode]) -> Read:
    """Arguments of a field, or members of an input object: constant ones, those in variables, and others."""
    constant: dict[str, Any] = {}
    direct: list[tuple[str, str, bool, Any]] = []
    nested: list[tuple[str, Read]] = []
    for name, definition in definitions.items():
        out, node = definition.out_name or name, given.get(name)
        default = coerce_default_value(definition)
        if isinstance(node, VariableNode):
            direct.append((out, node.name.value, is_non_null_type(definition.type), default))
        elif node is not None and _varies(node):
            nested.append((out, _literal(node, definition.type)))
        else:
            value = default if node is None else coerce_input_literal(node, definition.type)
            if value is not Undefined:
                constant[out] = value
            elif node is not None or is_non_null_type(definition.type):
                raise Unusual

    def read(variables: VariableValues) -> dict[str, Any]:
        found = constant.copy()
        for out, name, required, default in direct:
            value = variables.coerced.get(name, default)
            if required and (value is None or value is Undefined):
                raise Unusual
            if value is not Undefined:
                found[out] = value
        for out, read_one in nested:
            found[out] = read_one(variables)
        return found

    return read


def _literal(node: ValueNode, type_: GraphQLInputType) -> Read:
    """A literal that holds variables."""
    of = get_nullable_type(type_)
    if isinstance(node, ObjectValueNode) and isinstance(of, GraphQLInputObjectType) and not of.is_one_of:
        fields: Mapping[str, GraphQLInputField] = of.fields
        members = _members(fields, {field.name.value: field.value for field in node.fields})
        make = of.out_type
        return lambda variables: make(members(variables))

    def read(variables: VariableValues) -> Any:
        value = coerce_input_literal(node, type_, variables)
        if value is Undefined:
            raise Unusual
        return value

    return read


def _unusual(_: VariableValues) -> Any:
    raise Unusual


def _varies(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    children = getattr(node, "values", None) or [f.value for f in getattr(node, "fields", None) or ()]
    return any(_varies(child) for child in children)
