"""A schema as a subgraph of Apollo Federation 2.

Other subgraphs may refer to whatever has an ``id`` and add fields of their own to it. The hub is never asked
to resolve such a reference (``resolvable: false``), so that it needs no ``_entities``; and whatever composes
reads this text, so that it needs no ``_service``. ``PageInfo`` is shared, as every Relay subgraph has it.
Federation does not know ``@oneOf``; the hub refuses several fields all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from graphql import (
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
    print_schema,
)

LINK: Final = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])

"""
_MARKS: Final[Any] = parse('type A @key(fields: "id", resolvable: false) @shareable { a: Int }').definitions[
    0
]
KEY, SHARED = _MARKS.directives


def subgraph(schema: GraphQLSchema) -> str:
    document = parse(print_schema(schema))
    marked = replace(document, definitions=tuple(_marked(node) for node in document.definitions))
    return LINK + print_ast(marked) + "\n"


def _marked(node: Any) -> Any:
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(node, directives=())
    if not isinstance(node, ObjectTypeDefinitionNode):
        return node
    if node.name.value == "PageInfo":
        return replace(node, directives=(SHARED,))
    named = any(field.name.value == "id" for field in node.fields or ())
    return replace(node, directives=(KEY,)) if named else node
