"""A record that has moved on since the client read it: its error shows what stands now beside what was asked.

What stands is read like the record of a mutation that was done: by the same selection, under the slices,
locks and access log of the same viewer. What the client had read is not here: the client has it, and the hub
keeps no former versions of such records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_nullable_type,
    is_list_type,
)

from hub.access.mutation import ITEMS
from hub.errors import Stale

CONFLICT: Final = "conflict"
KEY: Final = "key"
"""Argument that says nothing of the record."""


def to_show(target: str, made: str | Exception, nobody: str) -> str:
    """Global id of the record that was written, or has moved on; ``nobody`` where it is neither."""
    if isinstance(made, Stale):
        return f"{target}:{made.record}"
    return f"{target}:{made}" if isinstance(made, str) else nobody


def explained(
    shown: Any,
    refused: dict[tuple[int, ...], Exception],
    definition: GraphQLField,
    given: Mapping[str, Any],
) -> Any:
    """``shown`` without records that moved on: they stand in their errors, which ``refused`` holds by place.

    Where nothing of one is shown any more, its error is that of what is not there. ``given``: the arguments.
    """
    for place, error in refused.items():
        if not isinstance(error, Stale):
            continue
        stored, asked = shown, _asked(definition, given)
        for at in place:
            stored, asked, shown[at] = stored[at], asked[at], None
        if stored is None:
            refused[place] = error.unseen
        else:
            error.details[CONFLICT] = {"stored": stored, "asked": asked}
    return None if () in refused else shown


def _asked(definition: GraphQLField, given: Mapping[str, Any]) -> Any:
    """Arguments as the client gave them, or of many those of each."""
    if ITEMS in definition.args:
        return _as_given(definition.args[ITEMS].type, given[ITEMS])
    types = {name: argument.type for name, argument in definition.args.items()}
    return _members(types, given)


def _members(types: Mapping[str, GraphQLInputType], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _as_given(type_, given[name]) for name, type_ in types.items() if name in given and name != KEY
    }


def _as_given(type_: GraphQLInputType, value: Any) -> Any:
    """As JSON has it."""
    of: Any = get_nullable_type(type_)
    if value is None:
        return None
    if is_list_type(of):
        return [_as_given(of.of_type, each) for each in value]
    if isinstance(of, GraphQLInputObjectType):
        return _members({name: field.type for name, field in of.fields.items()}, value)
    return of.coerce_output_value(value)
