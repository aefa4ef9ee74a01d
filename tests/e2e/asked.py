"""What is asked of a thing: fields, their arguments as written, and what is asked below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

PAGE: Final = frozenset({"totalCount", "nodes"})


@dataclass(frozen=True, slots=True)
class Asked:
    name: str
    arguments: str = ""
    below: tuple[Asked, ...] = ()

    def __str__(self) -> str:
        return self.name + self.arguments + (f" {{ {' '.join(map(str, self.below))} }}" if self.below else "")


def asked(text: str) -> tuple[Asked, ...]:
    """From GraphQL: fields only."""
    (operation,) = parse(f"{{ {text} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return tuple(_read(operation.selection_set))


def _read(selection: SelectionSetNode | None) -> Iterator[Asked]:
    for node in selection.selections if selection else ():
        assert isinstance(node, FieldNode)
        arguments = ", ".join(map(print_ast, node.arguments or ()))
        yield Asked(node.name.value, f"({arguments})" if arguments else "", tuple(_read(node.selection_set)))


def page_of(root: str, below: tuple[Asked, ...], where: str = "") -> str:
    """A document that reads a root list page by page."""
    extra = f", where: {where}" if where else ""
    return (
        f"query($first: Int!, $after: String) {{ {root}(first: $first, after: $after{extra}) {{"
        f" totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {' '.join(map(str, below))} }} }} }}"
    )
