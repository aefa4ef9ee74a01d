"""GraphQL types as JSON Schema, in the dialect of OpenAPI 3.1. Named ones stand once, in ``components``."""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    Undefined,
)

Schema = dict[str, Any]

SCALARS: Final[dict[str, Schema]] = {
    "ID": {"type": "string"},
    "String": {"type": "string"},
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number", "format": "double"},
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Decimal": {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"},
}
"""Any other scalar may be any JSON value."""


def nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, str):
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


class Components:
    """Enums and inputs that were met."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def of(self, type_: Any) -> Schema:
        """Of an input type, or of a leaf in an answer."""
        if isinstance(type_, GraphQLNonNull):
            return self._present(type_.of_type)
        return nullable(self._present(type_))

    def _present(self, type_: Any) -> Schema:
        if isinstance(type_, GraphQLList):
            return {"type": "array", "items": self.of(type_.of_type)}
        if isinstance(type_, GraphQLEnumType | GraphQLInputObjectType):
            if type_.name not in self.schemas:
                self.schemas[type_.name] = {}  # inputs hold each other
                self.schemas[type_.name] = (
                    self._enum(type_) if isinstance(type_, GraphQLEnumType) else self._input(type_)
                )
            return {"$ref": f"#/components/schemas/{type_.name}"}
        return SCALARS.get(type_.name, {})

    @staticmethod
    def _enum(type_: GraphQLEnumType) -> Schema:
        lines = [
            f"- `{name}`: {value.description}" for name, value in type_.values.items() if value.description
        ]
        description = "\n".join([*described(type_).values(), *lines])
        return {"type": "string", "enum": list(type_.values), "description": description}

    def _input(self, type_: GraphQLInputObjectType) -> Schema:
        made = {
            "type": "object",
            **described(type_),
            "properties": {name: self._field(field) for name, field in type_.fields.items()},
            "additionalProperties": False,
        }
        required = [
            name
            for name, field in type_.fields.items()
            if isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined
        ]
        if required:
            made["required"] = required
        if type_.is_one_of:
            made |= {"minProperties": 1, "maxProperties": 1}
        return made

    def _field(self, field: GraphQLInputField) -> Schema:
        return {**self.of(field.type), **described(field)}


def described(thing: GraphQLNamedType | Any) -> Schema:
    return {"description": thing.description} if thing.description else {}
