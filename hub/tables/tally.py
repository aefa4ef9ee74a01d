"""Tallies: how many rows of a table there are of each kind, kept beside it so that nobody need count them.

A tally is its base table with fewer columns and a number, so a filter, a group key or a slice that speaks
of these columns only says the same of both. Triggers append what a statement on the base table adds and
takes away (migration 0010); no row is ever changed in place, so writers never wait for each other. The
number of a kind is the sum over its rows; ``hub.sync.tallies`` folds several of one kind together.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Index, Integer, Table

from hub.tables._columns import internal, metadata
from hub.tables.beneficiary import beneficiary
from hub.tables.caseload import visit

COUNT: Final = "count"


def _tally(base: Table[Any], *kinds: str) -> Table[Any]:
    """``kinds``: columns of ``base``, with their types and labels, in the order in which slices walk them.

    One index holds all of a row, so that the table itself need not be read; the other leads from a station.
    """
    columns = [
        Column(c.name, c.type, nullable=c.nullable, comment=c.comment, info=c.info)
        for c in (base.c[name] for name in kinds)
    ]
    name, zh = f"{base.name}_tally", f"{base.info['zh']}（计数）"
    return Table(
        name,
        metadata,
        *columns,
        internal("增减数", "Rows more, or less", Integer, name=COUNT, nullable=False),
        Index(f"{name}_idx", *kinds, COUNT),
        Index(f"{name}_station_id_idx", "station_id"),
        comment=zh,
        info={"zh": zh, "en": f"How many there are of: {base.info['en']}"},
    )


TALLIES: Final[dict[str, Table[Any]]] = {
    "beneficiary": _tally(beneficiary, "county_code", "division_code", "risk_level", "station_id"),
    "visit": _tally(visit, "county_code", "visited_on", "station_id"),
}
"""By the name of the base table."""


def kinds(tally: Table[Any]) -> list[str]:
    """The columns by which its rows are told apart."""
    return [column.name for column in tally.c if column.name != COUNT]
