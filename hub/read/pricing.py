"""The static cost of a plan, worked out once: what is left for a request is to put its page sizes in.

A plan becomes the lists in it; a list and the statistics become a *step*, which is numbers.
The formula and its unit: ``hub.read.cost``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, NamedTuple

from hub.access.mutation import ITEMS
from hub.access.readable import countable, readable
from hub.access.viewer import Capability
from hub.read import bind
from hub.read import cost as c
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.eligible import count_param as count_of
from hub.read.leaves import Param, limit_param
from hub.read.refetch import count_param, most_of
from hub.read.scans import (
    Look,
    Scan,
    Under,
    evenly,
    look_of,
    probed,
    probes,
    scan_of,
    under_of,
    within,
)
from hub.read.statistics import Part, Statistics
from hub.read.tallies import tally_of
from hub.tables import HISTORIES, Counts, metadata

ANY: Final = "node"
"""In place of a table: rows of several."""


@dataclass(slots=True)
class List:
    """A list of the answer; the first of a price is the answer itself. ``row`` and ``each`` are units.

    ``path``: response keys of lists and objects, without ``nodes`` and ``edges``. ``around``: place of the
    list whose rows it belongs to. ``limit``: place of the parameter that ends it, None where no row is shown.
    ``under``: table, foreign key and table it points to; None at the top. ``past``: the table of former
    versions that are listed too.
    """

    path: tuple[str, ...]
    around: int
    table: str = ""
    limit: int | None = None
    argument: str = "first"
    under: Under | None = None
    past: str | None = None
    row: float = 0.0
    each: float = c.LIST
    scans: list[Scan] = field(default_factory=list)


class Step(NamedTuple):
    """A list in numbers. ``limit``: place of the parameter, -1 for none. ``most``: rows there are."""

    around: int
    limit: int
    most: float
    row: float
    each: float
    scans: tuple[Look, ...]


@dataclass(slots=True)
class Price:
    """Of one plan for one capability."""

    lists: Sequence[List]
    steps: Sequence[Step] = ()
    known: Statistics | None = None

    def of(self, statistics: Statistics, given: Sequence[Any], part: Part) -> float:
        """Units of a request with these values of the statement's parameters."""
        if statistics is not self.known:
            self.steps, self.known = [step_of(each, statistics) for each in self.lists], statistics
        return sum(apart(self.steps, given, part))


def apart(steps: Iterable[Step], given: Sequence[Any], part: Part) -> list[float]:
    """Units of each list, without the lists in it."""
    rows: list[float] = []
    units: list[float] = []
    for around, limit, most, row, each, scans in steps:
        times = rows[around] if rows else 1.0
        here = most if limit < 0 or most < given[limit] else given[limit]
        spent = each + here * row
        for number, reach, bound, weight, where in scans:
            seen = number if where < 0 else number * part[where]
            seen = bound if bound < seen else seen
            if reach:
                walked = here * reach if where < 0 else here * reach / part.density
                seen = walked if walked < seen else seen
            spent += seen * weight
        rows.append(times * here)
        units.append(times * spent)
    return units


def step_of(each: List, statistics: Statistics) -> Step:
    most = _most(each, each.table, statistics) if each.table or each.under else 1.0
    if each.past is not None:
        most += _most(each, each.past, statistics)
    scans = tuple(look_of(scan, statistics, most) for scan in each.scans)
    if each.limit is None and each.table:
        return Step(each.around, -1, 0.0, 0.0, each.each, scans)
    return Step(each.around, -1 if each.limit is None else each.limit, most, each.row, each.each, scans)


def _most(of: List, table: str, statistics: Statistics) -> float:
    if of.under is None:
        return statistics.rows.get(table, inf)
    own, columns, parent = of.under
    return statistics.children(table if table == of.past else own, columns, parent)


def price_of(plan: p.Plan, capability: Capability, params: Sequence[Param]) -> Price:
    """``params``: of the plan's statement, whose values ``Price.of`` is given."""
    pricing = Pricing(capability, {param.key: place for place, param in enumerate(params)})
    pricing.lists[0].row = pricing.row_of(plan.fields, "", 0, ())
    return Price(pricing.lists)


@dataclass(slots=True)
class Pricing:
    """Walks a plan; ``numbers``: place of a parameter by its key."""

    capability: Capability
    numbers: Mapping[Any, int]
    lists: list[List] = field(default_factory=lambda: [List((), 0, each=c.REQUEST)])

    def row_of(self, fields: p.Fields, table: str, at: int, path: tuple[str, ...]) -> float:
        """Units of one row of list ``at``; the lists in it become lists of their own."""
        return sum(self.value_of(node, table, at, (*path, key)) for key, node in fields)

    def value_of(self, node: p.Node, table: str, at: int, path: tuple[str, ...]) -> float:
        match node:
            case p.Faulty():
                return 0.0
            case p.Value(name, sealed):
                if sealed and metadata.tables[table].c[name].info.get("long"):
                    return c.LONG
                return c.SEALED if sealed else c.FIELD
            case p.Quoted() | p.Made():
                return c.SEALED
            case p.Number(_, counts):
                self.number(counts, table, at, path)
                return c.FIELD
            case p.Object(relation, fields):
                target = TYPES[relation.target].table.name
                return self.read(target) + self.row_of(fields, target, at, path)
            case p.Origins(fields):
                return c.PROVENANCE + (c.RIVALS if any(map(_is_more, fields)) else 0.0)
            case p.Status() | p.Eligibility():
                return c.QUESTION
            case p.Eligibilities(_, asked):
                limit = self.numbers.get(count_of(asked.persons).key)
                if limit is None:
                    return c.QUESTION
                made = List(path, at, ANY, limit=limit, argument="persons", row=c.QUESTION / 2)
                self.lists.append(made)
                return 0.0
            case p.Rows():
                return self.rows(node, at, path)
            case p.Changes(relation, fields):
                return self.row_of(fields, TYPES[relation.target].table.name, at, path)
            case p.ChangedRow(fields):
                return self.read(table) + self.row_of(fields, table, at, path)
            case p.Page():
                self.page(node, table, at, path)
                return 0.0
            case p.Aggregate():
                self.aggregate(node, table, at, path)
                return 0.0
        return c.FIELD

    def read(self, table: str) -> float:
        """Units of reading one row by its key."""
        return c.ROW + c.PROBED * probes(readable(self.capability, table))

    def rows(self, node: p.Rows, at: int, path: tuple[str, ...]) -> float:
        """Units of one row of whichever type costs most, and lists as if it were of all of them."""
        here = at
        if node.relation.argument == "ids":
            here = len(self.lists)
            limit = self.numbers[count_param(node.ids, most_of(node)).key]
            argument = ITEMS if isinstance(node.relation, bind.WrittenEach) else "ids"
            self.lists.append(List(path, at, ANY, limit=limit, argument=argument))
        types = ((TYPES[name].table.name, n.fields) for name, n in node.fields if isinstance(n, p.Nodes))
        units = [self.read(table) + self.row_of(fields, table, here, path) for table, fields in types]
        if here == at:
            return max(units, default=0.0)
        item = c.ITEM if isinstance(node.relation, bind.WrittenEach) else 0.0
        self.lists[here].row = item + max(units, default=0.0)
        return 0.0

    def page(self, node: p.Page, parent: str, at: int, path: tuple[str, ...]) -> None:
        target, relation = TYPES[node.relation.target].table.name, node.relation
        here, made = len(self.lists), List(path, at, target, argument="last" if node.backward else "first")
        self.lists.append(made)
        if isinstance(relation, bind.Many):
            made.under = under_of(relation, parent)
        if node.as_of is not None and node.as_of.known is not None:
            made.past = HISTORIES[target].name
        for _, child in node.fields:
            match child:
                case p.TotalCount():
                    made.scans += self.total(made, node)
                case p.Nodes(fields):
                    made.row += self.read(target) + self.row_of(fields, target, here, path)
                case p.Edges(fields):
                    made.row += self.read(target) + self.edge(fields, target, here, path)
                case p.PageInfo(fields):
                    made.each += sum(map(_of_page_info, fields))
        if not all(isinstance(child, p.TotalCount | p.Typename) for _, child in node.fields):
            made.limit = self.numbers[limit_param(node.limit).key]
            made.scans += self.scans(made, node)

    def edge(self, fields: p.Fields, table: str, at: int, path: tuple[str, ...]) -> float:
        nodes = (node for _, node in fields if isinstance(node, p.Nodes))
        signed = sum(c.CURSOR for _, node in fields if isinstance(node, p.Cursor))
        return signed + sum(self.row_of(node.fields, table, at, path) for node in nodes)

    def scans(self, of: List, node: p.Page, *, to_the_end: bool = False) -> list[Scan]:
        """Of the rows of the list, and of their former versions."""
        walked = not to_the_end and node.as_of is None and evenly(node.where)
        return [
            self.scan(of, table, node.where, walked) for table in (of.table, of.past) if table is not None
        ]

    def scan(self, of: List, table: str, where: p.Condition | None, walked: bool) -> Scan:
        own = readable(self.capability, table)
        if of.under is None:
            return scan_of(table, own, where, walked=walked)
        under = (table, *of.under[1:]) if table == of.past else None
        return Scan("", c.FETCHED + probed(own, where), under=under)

    def total(self, of: List, node: p.Page) -> list[Scan]:
        counted = of.under is not None or node.as_of is not None
        tally = None if counted else tally_of(self.capability, node.relation, node.where)
        if tally is None:
            return self.scans(of, node, to_the_end=True)
        return [scan_of(tally.table.name, tally, node.where)]

    def number(self, counts: Counts, parent: str, at: int, path: tuple[str, ...]) -> None:
        made = List(path, at, counts.of, under=(counts.of, (counts.column,), parent))
        made.scans.append(Scan("", c.FETCHED + probed(readable(self.capability, counts.of), None)))
        self.lists.append(made)

    def aggregate(self, node: p.Aggregate, parent: str, at: int, path: tuple[str, ...]) -> None:
        target = TYPES[node.relation.target].table.name
        own = countable(self.capability, target)
        keys = [key.column for _, n in node.fields if isinstance(n, p.Groups) for key in n.keys]
        tally = tally_of(self.capability, node.relation, node.where, keys)
        if tally is not None:
            target, own = tally.table.name, tally
        made = List(path, at, target)
        self.lists.append(made)
        if isinstance(node.relation, bind.Counted):
            made.under = under_of(node.relation.relation, parent)
            units = c.FETCHED + c.SCANNED + probed(own, node.where) + (c.GROUPED if keys else 0.0)
            made.scans.append(Scan("", units, within=within(own)))
        else:
            made.scans.append(scan_of(target, own, node.where, groups=tuple(dict.fromkeys(keys))))


def _is_more(entry: tuple[str, p.Node]) -> bool:
    return isinstance(entry[1], p.Rivals) or entry[1] == p.OriginFact("value")


def _of_page_info(entry: tuple[str, p.Node]) -> float:
    node = entry[1]
    return c.CURSOR if isinstance(node, p.PageFact) and node.name.endswith("Cursor") else c.FIELD
