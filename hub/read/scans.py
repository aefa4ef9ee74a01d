"""Rows that are looked at and not shown: how many a slice and a condition leave, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, prod
from typing import Final, NamedTuple

from hub.access.readable import Readable
from hub.access.rows import looked_up
from hub.read import bind
from hub.read import cost as c
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.counting import MAX_GROUPS
from hub.read.statistics import COUNTY, LEAST_SUPPOSED, Part, Statistics

SOME: Final = 0.5
"""The share of rows that a range or a list of values leaves."""
FOUND: Final = 5_000
"""Rows that a search by name is priced as, where there are more: a common surname has as many in a county."""

BELOW: Final = 2_000
"""Rows under one row of another table, of those that may be counted and not seen."""

TRACED: Final = 30
"""In rows: what a condition on provenance looks up for one, each field of each of its records."""

ALL: Final = -1
COUNTIES: Final = Part._fields.index("counties")
SUPPOSED: Final = Part._fields.index("supposed")
"""How many rows of a table are looked at: all, or what a ``Part`` says, by its place there."""

Under = tuple[str, tuple[str, ...], str]
"""Table, foreign key, and the table it points to."""


@dataclass(frozen=True, slots=True)
class Scan:
    """``units``: for each row.

    ``tests``: columns that narrow the rows down, to one value or to ``SOME``. ``walked``: they are looked at
    in order, and no further than to the end of the page. ``within``: of which rows, see ``ALL``. ``sought``:
    a search finds them; the relations from what it finds to the rows.
    Without a ``table`` they are the rows of a list inside another; ``under``: where they are of another
    table than the list.
    """

    table: str
    units: float
    tests: tuple[tuple[str, bool], ...] = ()
    groups: tuple[str, ...] = ()
    walked: bool = False
    within: int = ALL
    sought: tuple[Under, ...] | None = None
    under: Under | None = None


class Look(NamedTuple):
    """A scan in numbers. ``reach``: rows for each that is shown, 0 for all of them; ``most``: of ``rows``."""

    rows: float
    reach: float
    most: float
    units: float
    within: int


def scan_of(
    table: str,
    own: Readable | None,
    where: p.Condition | None,
    groups: tuple[str, ...] = (),
    walked: bool = False,
) -> Scan:
    sought = found_by(where, table)
    units = (c.SCANNED if sought is None else c.FETCHED) + probed(own, where) + (c.GROUPED if groups else 0.0)
    return Scan(table, units, tests_of(where), groups, walked, within(own), sought)


def look_of(scan: Scan, statistics: Statistics, under: float) -> Look:
    """``under``: rows of the list, where it lies inside another."""
    if scan.within == SUPPOSED:
        return _supposed(scan)
    if scan.under is not None:
        under = statistics.children(*scan.under)
    if not scan.table:  # of a table that nothing is known of, only the rows shown are counted
        return Look(under if under < inf else 0.0, 0.0, inf, scan.units, ALL)
    kept = prod(SOME if some else 1 / statistics.distinct(scan.table, name) for name, some in scan.tests)
    rows = statistics.rows.get(scan.table, 0.0) * kept
    groups = min(prod(statistics.distinct(scan.table, name) for name in scan.groups), MAX_GROUPS, rows)
    units = scan.units + (groups * c.GROUP / rows if rows and scan.groups else 0.0)
    most = inf if scan.sought is None else FOUND * prod(statistics.children(*each) for each in scan.sought)
    return Look(rows, 1 / kept if scan.walked else 0.0, most, units, scan.within)


def _supposed(scan: Scan) -> Look:
    """Of a table whose rows may not be seen nothing is told, neither by its size nor by its values."""
    if not scan.table:
        return Look(BELOW, 0.0, inf, scan.units, ALL)
    groups = MAX_GROUPS * c.GROUP / LEAST_SUPPOSED if scan.groups else 0.0
    return Look(SOME ** len(scan.tests), 0.0, inf, scan.units + groups, SUPPOSED)


def within(own: Readable | None) -> int:
    """Which rows are looked at; those of the viewer's counties where an index leads to them by the county."""
    if own is None or own.withheld:
        return SUPPOSED
    return COUNTIES if own.rows and COUNTY in own.table.c else ALL


def probed(own: Readable | None, where: p.Condition | None) -> float:
    """Units of what is looked up elsewhere for one row."""
    return c.PROBED * (probes(own) + related(where))


def probes(own: Readable | None) -> float:
    """Rows of other tables that are looked up to see whether a row lies in the slice."""
    return looked_up(own.rows) if own else 0.0


def related(where: p.Condition | None) -> int:
    """Conditions on other rows."""
    match where:
        case p.AllOf(parts) | p.AnyOf(parts):
            return sum(map(related, parts))
        case p.Not(part):
            return related(part)
        case p.Related(_, part):
            return 1 + related(part)
        case p.Traced():
            return TRACED
    return 0


def tests_of(where: p.Condition | None) -> tuple[tuple[str, bool], ...]:
    """Columns that narrow rows down, and whether to several values of them."""
    match where:
        case p.AllOf(parts):
            return tuple(test for part in parts for test in tests_of(part))
        case p.Test(column, operator) if operator != "within":
            return ((column, operator != "eq"),)
    return ()


def evenly(where: p.Condition | None) -> bool:
    """Whether the statistics say how many rows meet it, so that a page is full after a known number."""
    match where:
        case p.AllOf(parts):
            return all(map(evenly, parts))
        case None | p.Test():
            return True
    return False


def found_by(where: p.Condition | None, table: str) -> tuple[Under, ...] | None:
    """The way from the rows a search finds to those of ``table``, where one drives (``compare.drives``)."""
    match where:
        case p.AllOf(parts):
            return next((way for part in parts if (way := found_by(part, table)) is not None), None)
        case p.Related(relation, part):
            target = TYPES[relation.target].table.name
            way = found_by(part, target)
            return None if way is None else (*way, *_back(relation, table, target))
        case p.Named():
            return ()
    return None


def _back(relation: bind.One | bind.Many, table: str, target: str) -> tuple[Under, ...]:
    """From a row of ``target`` to those that refer to it; to the one that it lies under, nothing."""
    if isinstance(relation, bind.Many):
        return ()
    return ((table, tuple(here for here, _ in relation.pairs), target),)


def under_of(relation: bind.Many, parent: str) -> Under:
    target = relation.through or TYPES[relation.target].table.name
    return target, tuple(there for _, there in relation.pairs), parent
