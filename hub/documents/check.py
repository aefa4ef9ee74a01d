"""Whether a document may be trusted: it must be one query, and one that the client could ask as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLSchema, Visitor, visit

from graphql_schema.schema import audience
from hub.access.documents import HASH, NAME
from hub.access.viewer import Capability
from hub.documents.files import Offered
from hub.errors import BadArgument, HubError, StreamNeeded
from hub.read import operation
from hub.read.discreet import discreet


def check(capability: Capability, offered: list[Offered]) -> list[str | None]:
    """The descriptions of the documents; BadArgument with a line for each that is wrong."""
    schema = audience(capability)
    wrong: list[str] = []
    found: list[str | None] = []
    for one in offered:
        try:
            found.append(_description(one, _query(capability, schema, one)))
        except operation.Invalid as invalid:
            wrong += [f"{one.where}: {_placed(error)}" for error in invalid.errors]
        except HubError as error:
            wrong.append(f"{one.where}: {error.message}")
    wrong += [f"{name}: two documents have this name." for name in _twice([o.name for o in offered])]
    if wrong:
        raise BadArgument("\n".join(wrong))
    return found


def _query(capability: Capability, schema: GraphQLSchema, offered: Offered) -> operation.Operation:
    """The operation of the document, checked as if the client sent it."""
    if not NAME.fullmatch(offered.name) or HASH.fullmatch(offered.name):
        raise BadArgument("A document's name is 1 to 100 letters, digits and _ -, a letter first; no hash.")
    if "\0" in offered.source:
        raise BadArgument("The document holds a character that no text has.")
    key = operation.key_of(capability, offered.source)
    try:
        found = operation.Documents().operation(key, schema, offered.source, None)
    except StreamNeeded:
        raise BadArgument("A trusted document is a query or a mutation; subscriptions are not.") from None
    except operation.NoSuchOperation:
        raise BadArgument("Expected one operation; each becomes a document of its own.") from None
    for part in (found.node, *found.fragments.values()):
        visit(part, _NoIntrospection())
    return found


class _NoIntrospection(Visitor):
    """A client that may ask nothing but its documents shall not look around by one of them."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in ("__schema", "__type"):
            raise BadArgument("A trusted document asks for data, not for the schema.")


def _description(offered: Offered, found: operation.Operation) -> str | None:
    """What stands before the operation: its description, else the comment at the head of the text."""
    if found.node.description is not None:
        return found.node.description.value
    lines: list[str] = []
    for line in offered.source.lstrip("\ufeff").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    return " ".join(filter(None, lines)) or None


def _placed(error: GraphQLError) -> str:
    at = error.locations[0] if error.locations else None
    return (f"line {at.line}, column {at.column}: " if at else "") + discreet(error.message)


def _twice(names: list[str]) -> Iterator[str]:
    return (name for name in sorted(set(names)) if names.count(name) > 1)
