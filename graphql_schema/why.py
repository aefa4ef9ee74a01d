"""Why a field of a record is shown or not: from what it is bound to, for any field of the whole schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from strawberry.types.field import StrawberryField

from hub.access.explain import why_column, why_counted, why_table
from hub.access.reasons import Because
from hub.access.rights import Rights
from hub.access.slices import resource_of
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import BINDING, TYPES, BoundType
from hub.tables import RECORDS, Group


def fields_of(bound_type: BoundType) -> dict[str, StrawberryField]:
    """Every field of the type in the whole schema, by its GraphQL name."""
    made: Any = bound_type.cls
    return {camel(field.python_name): field for field in made.__strawberry_definition__.fields}


def group_of(bound_type: BoundType, field: StrawberryField) -> Group | None:
    """The group of the column behind it; None where it is no column."""
    binding = field.metadata.get(BINDING)
    if not isinstance(binding, bind.Scalar):
        return None
    return cast(Group, bound_type.table.c[binding.column].info["group"])


def why_field(rights: Rights, bound_type: BoundType, field: StrawberryField) -> Because:
    """The first reason that hides it; where none does, the last that shows it."""
    for because in _reasons(rights, bound_type, field):
        if not because.shows:
            break
    return because


def _reasons(rights: Rights, bound_type: BoundType, field: StrawberryField) -> Iterator[Because]:
    table = bound_type.table.name
    yield why_table(rights, table)
    match field.metadata.get(BINDING):
        case bind.Scalar(column, _):
            yield why_column(rights, bound_type.table.c[column])
        case bind.Quoted(column) if bound_type.table.c[column].info["group"] != "internal":
            yield why_column(rights, bound_type.table.c[column])
        case bind.Made(_, columns):
            yield from (why_column(rights, bound_type.table.c[column]) for column in columns)
        case bind.Number(_, counts):
            yield why_table(rights, counts.of)
        case bind.One(target):
            yield why_table(rights, TYPES[target].table.name)
        case bind.Many(target, _, through):
            yield from _through(rights, through)
            yield why_table(rights, TYPES[target].table.name)
        case bind.Counted(bind.Many(target, _, through)):
            yield from _through(rights, through)
            yield why_counted(rights, TYPES[target].table.name)
        case bind.Provenance():
            record = RECORDS[table].name if table in RECORDS else table
            yield why_table(rights, record)
            yield why_table(rights, "source", under=resource_of(record))


def _through(rights: Rights, through: str | None) -> Iterator[Because]:
    if through is not None:
        yield why_table(rights, through)
