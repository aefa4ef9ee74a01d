"""What columns a table of a source has: names and types, never cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

FORMS: Final[Mapping[type, str]] = {bool: "boolean", int: "number", float: "number", str: "text"}
"""Of the types a cell may have; any other is told by its own name: ``date``, ``datetime``, ``Decimal``."""


UNTOLD: Final = "…"
"""In place of a name that may be a cell, and of those beyond ``MOST``."""
MOST: Final = 200
"""Columns of a table whose cells are dropped that are told by name; the hub's own number."""


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: as the source writes it. ``header``: ours, that it is read as; None where it is dropped.

    ``forms``: types of its cells. ``dropped``: its cells that were not empty and that nobody asked for;
    ``field_class``: what these tell of people.
    """

    name: str
    header: str | None = None
    forms: frozenset[str] = frozenset()
    dropped: int = 0
    field_class: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Of one table: a sheet, a table of a database, the answers of a service.

    Batches of one table name the same ``table``, and each counts its own ``dropped``. ``is_all`` is False
    where a column that is not there may yet be one of the table: a record that leaves out what is empty.
    """

    table: str
    columns: Sequence[Column]
    is_all: bool = True


def printable(name: str) -> str:
    """As PostgreSQL can hold it."""
    return name.replace("\x00", "").encode("utf-8", "replace").decode()


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def forms_of(cells: Iterable[Any]) -> frozenset[str]:
    """Types of the cells that are not empty."""
    held = list(cells)
    found = set(map(type, held)) - {type(None)}
    if str in found and not any(type(cell) is str and cell.strip() for cell in held):
        found.remove(str)
    return frozenset(FORMS.get(each, each.__name__) for each in found)
