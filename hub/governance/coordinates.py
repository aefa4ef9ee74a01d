"""Schema coordinates (GraphQL, September 2025, section 3.10): the name of every element of a schema.

============================ =======================================
``Beneficiary``              a type
``Beneficiary.riskLevel``    a field, an input field or an enum value
``Query.stations(first:)``   an argument
``@oneOf``                   a directive
============================ =======================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

Elements = Mapping[str, Any]
"""Coordinate → the type, field, argument, value or directive of graphql-core."""


def elements(schema: GraphQLSchema) -> Elements:
    """What a schema declares itself, without what every schema has."""
    return dict(_elements(schema))


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_
        match type_:
            case GraphQLEnumType():
                yield from ((f"{name}.{value}", made) for value, made in type_.values.items())
            case GraphQLInputObjectType():
                yield from ((f"{name}.{field}", made) for field, made in type_.fields.items())
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field, made in type_.fields.items():
                    yield f"{name}.{field}", made
                    yield from ((f"{name}.{field}({a}:)", arg) for a, arg in made.args.items())
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive
            yield from ((f"@{directive.name}({a}:)", arg) for a, arg in directive.args.items())


def above(coordinate: str) -> str | None:
    """The element that holds it: the field of an argument, the type of a field."""
    field, argument, _ = coordinate.partition("(")
    if argument:
        return field
    type_, dot, _ = coordinate.partition(".")
    return type_ if dot else None
