"""Whether an operation relies on something deprecated, found once per document."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from hub.governance.deprecation import DEPRECATED, Days
from hub.governance.uses import reachable, walk


def notice_of(
    schema: GraphQLSchema, node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Days | None:
    """The earliest days of all that the document names; what only variables hold is not looked at."""
    marked: Mapping[str, Days] = schema.extensions.get(DEPRECATED) or {}
    if not marked:
        return None
    definitions = [node, *(fragments[name] for name in reachable(node, fragments))]
    names = {use.coordinate for definition in definitions for use in walk(schema, definition)}
    met = [marked[name] for name in names & marked.keys()]
    return Days(min(d.since for d in met), min(d.sunset for d in met)) if met else None
