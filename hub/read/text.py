"""Pieces of SQL text: rows in scope, joins, orders, and values as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Boolean, Column, Integer, Table
from sqlalchemy.dialects import postgresql

from hub.access.readable import Readable
from hub.read import bind
from hub.read import plan as p
from hub.tables import OF_PERSON, PERSON

ABOUT: Final = {("county_code", "county_code"), ("id", OF_PERSON)}
"""Columns of a person and of a fact about that person."""

DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Row:
    """A row in scope: where it is selectable from (``alias``) and as what it is readable.

    ``inside``: the person whose JSON holds it, where it is a fact about that person. ``place``: where the
    access log counts it (``hub.audit.records``), None for what is about nobody.
    """

    alias: str
    readable: Readable
    sorts: tuple[p.Sort, ...] = ()
    inside: Row | None = None
    used: set[str] = field(default_factory=set)
    place: int | None = None

    @property
    def table(self) -> Table[Any]:
        return self.readable.table

    def column(self, name: str) -> str:
        self.used.add(name)
        return f"{self.alias}.{name}"


def where(tests: Sequence[str]) -> str:
    return " where " + " and ".join(tests) if tests else ""


def join(there: Row, here: Row, pairs: bind.Pairs) -> list[str]:
    """``pairs`` are columns of ``here`` and of ``there``."""
    return [f"{there.column(b)} = {here.column(a)}" for a, b in pairs]


def person_around(here: Row | None, relation: bind.One | bind.Many | bind.RootMany) -> Row | None:
    """``here``, if it is a person and the rows of ``relation`` are facts about that person."""
    if here is None or here.table.name != PERSON or isinstance(relation, bind.RootMany):
        return None
    return here if set(relation.pairs) >= ABOUT else None


def order_by(row: Row, backward: bool) -> str:
    return ", ".join(
        row.column(s.column)
        + (" desc" if s.descending is not backward else "")
        + ((" nulls first" if backward else " nulls last") if row.table.c[s.column].nullable else "")
        for s in row.sorts
    )


def total_order(table: Table[Any], sorts: tuple[p.Sort, ...]) -> tuple[p.Sort, ...]:
    """The asked order, made total by the primary key, in one direction so that one index gives both."""
    asked = {s.column for s in sorts}
    down = bool(sorts) and sorts[-1].descending
    keys = [p.Sort(c.name, down) for c in table.primary_key.columns if c.name not in asked]
    return (*sorts, *keys)


def spec_of(table: Table[Any], sorts: tuple[p.Sort, ...]) -> str:
    """What a cursor belongs to: a table and an order."""
    return ",".join([table.name, *(f"{s.column}{'-' if s.descending else ''}" for s in sorts)])


def cast_of(column: Column[Any]) -> str:
    kind = column.type.python_type
    return "text" if kind is str else str(column.type.compile(DIALECT)).lower()


def json_text(source: str, column: Column[Any]) -> str:
    """A column's value as JSON text; NULL stays NULL."""
    kind = column.type
    if isinstance(kind, Integer | Boolean):
        return f"{source}::text"
    python = kind.python_type
    if python is dt.date:
        return f"'\"' || {source}::text || '\"'"
    if python is Decimal:
        return f"'\"' || {source}::text || '\"'"
    return f"to_json({source})::text"
