"""By which identifiers a client may find a row: one it may not use is no argument."""

from __future__ import annotations

from copy import copy

from strawberry.types.field import StrawberryField

from hub.access.readable import Readable, numbered, readable
from hub.access.slices import resource_of
from hub.access.viewer import Capability
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import BINDING, TYPES
from hub.read.identifiers import identifiers
from hub.tables import RECORDS


def sourced(table: str, capability: Capability) -> bool:
    """Whether it is told which source says what of its rows."""
    record = RECORDS[table].name if table in RECORDS else table
    return (
        readable(capability, record) is not None
        and readable(capability, "source", under=resource_of(record)) is not None
    )


def identified(field: StrawberryField, capability: Capability) -> StrawberryField:
    """The field, with the identifiers only by which this client may find a row."""
    binding = field.metadata.get(BINDING)
    if not isinstance(binding, bind.RootOne) or isinstance(binding, bind.Written):
        return field
    target, field = TYPES[binding.target], copy(field)
    own, known = readable(capability, target.table.name), identifiers(target)
    field.arguments = [
        a
        for a in field.arguments
        if own is not None and _may_identify(known[camel(a.python_name)], own, capability)
    ]
    return field


def _may_identify(identifier: bind.Identifier, own: Readable, capability: Capability) -> bool:
    match identifier.kind:
        case "id":
            return True
        case "number":
            return numbered(capability, own)
        case "record":
            return sourced(own.table.name, capability)
    return own.shows(own.table.c[identifier.column])
