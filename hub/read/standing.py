"""Rows that are linked: an id or a number of one that is away finds the one that stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.access.slices import SLICES
from hub.read.text import Row
from hub.tables import LINKABLE

if TYPE_CHECKING:
    from hub.read.sql import Writer

_APART, _COUNTY, _NUMBER = LINKABLE.apart.name, "county_code", LINKABLE.number[1]


def is_linkable(writer: Writer, row: Row) -> bool:
    """Whether rows of this table may be away, and the viewer may be told for which one stands."""
    return row.table is LINKABLE.golden and _APART in SLICES[writer.capability.reader]


def standing(writer: Writer, row: Row, county: str, number: str) -> str:
    """The number of the row that stands for the one with ``number``, which may be itself."""
    if not is_linkable(writer, row):
        return number
    away = f"a.{_COUNTY} = {county} and a.id = {number}"
    return f"coalesce((select a.linked_to from {_APART} a where {away}), {number})"


def numbers(writer: Writer, row: Row, hashes: str) -> str:
    """``hashes``, and those of the rows that stand for others with one of them."""
    if not is_linkable(writer, row):
        return hashes
    joined = f"s.{_COUNTY} = a.{_COUNTY} and s.id = a.linked_to"
    others = (
        f"select s.{_NUMBER} from {_APART} a join {LINKABLE.golden.name} s on {joined}"
        f" where a.{_NUMBER} = any ({hashes}) and s.{_NUMBER} is not null"
    )
    return f"{hashes} || array({others})"
