"""What ordinary fields ask beside the request: documents of the hub's own, whose price is the request's.

A field says so itself, by ``ASKS`` in its metadata: explanations, which graphql-core answers, wherever they
stand in an operation and under whichever alias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import FieldNode

from hub.access.viewer import Capability
from hub.read.conditions import DEFINITION
from hub.read.selector import Collected, Selector

ASKS: Final = "asks"


class Question(NamedTuple):
    """A document, and its variables."""

    source: str
    given: Mapping[str, Any]


class Aside(NamedTuple):
    """A field of an operation that asks something beside it."""

    asks: Asks
    definition: GraphQLField
    node: FieldNode
    schema: GraphQLSchema

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """GraphQLError for what graphql-core will refuse."""
        return get_argument_values(self.definition, self.node, variables)

    def questions(self, capability: Capability, variables: VariableValues) -> Iterable[Question]:
        return self.asks.questions(self, capability, variables)


def _nothing(_: Aside, __: Capability, ___: VariableValues) -> Iterable[Question]:
    return ()


class Asks(NamedTuple):
    """``units``: of the answer itself; ``questions``: what it will ask, as far as its arguments are right."""

    units: float = 0.0
    questions: Callable[[Aside, Capability, VariableValues], Iterable[Question]] = _nothing


def asides_of(selector: Selector, type_: GraphQLObjectType, collected: Collected) -> Iterator[Aside]:
    """Every such field, each alias for itself; ``collected``: of ``type_``, and left to graphql-core."""
    for nodes in collected.values():
        definition = type_.fields.get(nodes[0].name.value)
        if definition is None:
            continue  # introspection
        field = definition.extensions.get(DEFINITION)
        if field is not None and ASKS in field.metadata:
            yield Aside(field.metadata[ASKS], definition, nodes[0], selector.schema)
        below = get_named_type(definition.type)
        if isinstance(below, GraphQLObjectType):
            inside = selector.collect([node.selection_set for node in nodes], below)
            yield from asides_of(selector, below, inside)
