"""The shape of an answer: the document without its values, and which fields each kind of record in it has.

It is a constant of an operation and a capability, so the access log keeps it once, by its hash, and an entry
refers to it. What somebody asks about stands in values: they leave the text here, and variables never come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graphql import TokenKind
from graphql.language import OperationDefinitionNode, Token

from hub.audit.shape import Place, Shape, shape
from hub.domain.names import camel
from hub.read import plan as p

VALUES: Final = {
    TokenKind.STRING: '""',
    TokenKind.BLOCK_STRING: '""',
    TokenKind.INT: "0",
    TokenKind.FLOAT: "0",
}
SILENT: Final = {TokenKind.COMMENT, TokenKind.SOF, TokenKind.EOF}


def shape_of(node: OperationDefinitionNode, places: tuple[Place, ...], others: tuple[str, ...]) -> Shape:
    """``others``: fields that are of no record, as ``Type.field``: numbers, answers to a question."""
    return shape(without_values(node), node.name.value if node.name else None, places, others)


def without_values(node: OperationDefinitionNode) -> str:
    """The whole document that holds ``node``."""
    assert node.loc is not None
    first: Token = node.loc.start_token
    while first.prev is not None:
        first = first.prev
    return " ".join(_words(first))


def _words(first: Token) -> Iterator[str]:
    token: Token | None = first
    while token is not None:
        if token.kind not in SILENT:
            yield VALUES.get(token.kind) or token.value or token.kind.value
        token = token.next


def place_of(type_name: str, fields: p.Fields) -> Place:
    return Place(type_name, tuple(dict.fromkeys(_names(fields))))


def _names(fields: p.Fields) -> Iterator[str]:
    for _, node in fields:
        match node:
            case p.GlobalId():
                yield "id"
            case p.Version():
                yield "version"
            case p.Value(name) | p.Number(name):
                yield camel(name)
            case p.Quoted(binding):
                yield camel(binding.column)
            case p.Made(made):
                yield camel(made.name)
            case p.Origins(inner):
                yield "provenance"
                yield from (f"provenance.{name}" for name in _values_in(inner))
            case p.ChangeFact("id"):
                yield "id"
            case p.ChangedRow(inner):
                yield from _names(inner)


def _values_in(fields: p.Fields) -> Iterator[str]:
    """With a value every field of the record that the viewer may see is shown, and what others say of it."""
    for _, node in fields:
        match node:
            case p.OriginFact("value"):
                yield "value"
            case p.Rivals(inner):
                yield from (f"competing.{name}" for name in _values_in(inner))


def others_of(fields: p.Fields) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_others(fields)))


def _others(fields: p.Fields) -> Iterator[str]:
    for _, node in fields:
        match node:
            case p.Page(relation, inner):
                if any(isinstance(n, p.TotalCount) for _, n in inner):
                    yield f"{relation.target}Connection.totalCount"
                yield from _others(inner)
            case p.Aggregate(relation, inner):
                yield f"{relation.target}Aggregate.count"
                keys = [key.column for _, n in inner if isinstance(n, p.Groups) for key in n.keys]
                yield from (f"{relation.target}Aggregate.groups.{camel(key)}" for key in dict.fromkeys(keys))
            case p.Status(inner):
                yield from (f"BeneficiaryStatus.{n.name}" for _, n in inner if isinstance(n, p.StatusFact))
            case p.Eligibility(inner) | p.EligibilityItems(inner):
                yield from (f"Eligibility.{n.name}" for _, n in inner if isinstance(n, p.StatusFact))
            case p.Eligibilities(inner):
                yield from _others(inner)
            case p.Object(_, inner) | p.Rows(_, inner) | p.Edges(inner) | p.Nodes(inner):
                yield from _others(inner)
            case p.Changes(_, inner) | p.ChangedRow(inner):
                yield from _others(inner)
