"""The only maker of what the read engine may select from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Column, Table

from hub.access.slices import COUNTED, NEEDED_AT_ALL, NUMBERED, SLICES, resource_of
from hub.access.tallies import TALLIED, speaks_of
from hub.access.viewer import Capability
from hub.store.roles import EMERGENCY, OLDER
from hub.tables import TALLIES, Group, metadata

STATUS: Final = "status"
"""The resource of the question whether a person is entitled."""

PARTIAL: Final = {*OLDER.values(), EMERGENCY}
"""Readers of only some of the people of their place."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A table as one kind of viewer may read it; ``rows``, ``tallied``, ``left_out``: see ``Slice``."""

    table: Table[Any]
    rows: str
    groups: frozenset[Group]
    within: Mapping[str, str]
    tested: frozenset[str] = frozenset()
    tallied: str | None = None
    withheld: bool = False
    """Numbers of rows are told only roughly, and small ones not at all."""
    left_out: frozenset[str] = frozenset()

    def column(self, name: str) -> Column[Any]:
        """The column, for a value to show, filter or sort by; ``PermissionError`` outside the groups."""
        column: Column[Any] = self.table.c[name]
        if not self.shows(column):
            raise PermissionError(f"{self.table.name}.{name}")
        return column

    def shows(self, column: Column[Any]) -> bool:
        grouped = column.info["group"] in self.groups and column.name not in self.left_out
        return grouped or column.name in self.tested

    def quotes(self, name: str) -> bool:
        """Whether words about a column of another table are shown, to whom that column is."""
        column = self.table.c[name]
        return column.info["group"] == "internal" or self.shows(column)


def readable(capability: Capability, table: str, *, under: str | None = None) -> Readable | None:
    """``table`` for this capability, or None.

    ``under``: the scope resource it is read for, where that is not its own: the source of a field
    is read for the record it belongs to, a person's category for the status question.
    """
    slice_ = SLICES.get(capability.reader, {}).get(table)
    resource = under or resource_of(table)
    if slice_ is None or resource not in capability.resources or slice_.under not in (None, resource):
        return None
    if resource == STATUS and slice_.under is None and capability.reader in PARTIAL:
        return None  # it would say no of every child, or stranger: about anybody, or not at all
    groups = slice_.groups & capability.groups
    if table in NEEDED_AT_ALL and NEEDED_AT_ALL[table] not in groups:
        return None
    return Readable(
        metadata.tables[table],
        slice_.rows,
        groups,
        slice_.within,
        tallied=slice_.tallied,
        left_out=slice_.left_out,
    )


def countable(capability: Capability, table: str) -> Readable | None:
    """``table`` for counting: as it is readable, else as ``COUNTED`` has it, else None."""
    found = readable(capability, table)
    if found is not None:
        return found
    slice_ = COUNTED.get(capability.reader, {}).get(table)
    if slice_ is None or slice_.under not in capability.resources:
        return None
    return Readable(metadata.tables[table], slice_.rows, frozenset(), {}, slice_.tested, slice_.tallied, True)


def tallied(capability: Capability, base: str) -> Readable | None:
    """The tally of ``base`` for this capability, or None where rows must be counted."""
    own = countable(capability, base) if base in TALLIED.get(capability.reader, ()) else None
    if own is None:
        return None
    tally = TALLIES[base]
    within = {name: rows for name, rows in own.within.items() if speaks_of(tally, rows)}
    return replace(own, table=tally, rows=own.tallied or own.rows, within=within)


def numbered(capability: Capability, own: Readable) -> bool:
    """Whether a row of ``own`` may be found by the identity number of the person."""
    return capability.role in NUMBERED and "identity" in own.groups
