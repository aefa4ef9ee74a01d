"""Whatever a client can see in the schema says what it is, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from graphql_schema.schema import whole

GRADES = ("OrganizationGrade.", "AbilityStandard.")
"""1A to 5A, and numbers of standards, which are the same in both."""
CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{2}")


def described() -> Iterator[tuple[str, str | None]]:
    for name, type_ in whole()._schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", made.description) for value, made in type_.values.items())
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", made.description) for field, made in type_.fields.items())
        if isinstance(type_, GraphQLObjectType):
            for field, made in type_.fields.items():
                yield f"{name}.{field}", made.description
                yield from ((f"{name}.{field}({a}:)", arg.description) for a, arg in made.args.items())


def test_everything_is_described_in_both_languages() -> None:
    found = list(described())
    assert len(found) > 800
    parts = {name: (text or "").rpartition(" — ") for name, text in found}
    assert [name for name, (en, _, zh) in parts.items() if not en or not zh] == []
    plain = {name: part for name, part in parts.items() if not name.startswith(GRADES)}
    assert [name for name, (en, _, _) in plain.items() if not ENGLISH.search(en)] == []
    assert [name for name, (_, _, zh) in plain.items() if not CHINESE.search(zh)] == []
