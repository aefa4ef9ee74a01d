"""A condition of a plan as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column

from hub.read import bind
from hub.read import plan as p
from hub.read.bind import TYPES, is_division
from hub.read.leaves import leaf_param, range_param
from hub.read.naming import named
from hub.read.origins import traced
from hub.read.text import Row, cast_of, join, where

if TYPE_CHECKING:
    from hub.read.sql import Writer

COMPARE: Final = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def drives(asked: p.Condition | None) -> bool:
    """Whether a search finds the few rows that everything else is then tested on."""
    match asked:
        case p.AllOf(parts):
            return any(map(drives, parts))
        case p.Related(_, part):
            return drives(part)
    return isinstance(asked, p.Named)


def condition(writer: Writer, row: Row, asked: p.Condition, driving: bool = False) -> str:
    """``driving``: nothing else leads to the rows, so that a search may."""
    match asked:
        case p.AllOf(parts):
            return "(" + (" and ".join(condition(writer, row, c, driving) for c in parts) or "true") + ")"
        case p.AnyOf(parts):
            return "(" + (" or ".join(condition(writer, row, c) for c in parts) or "false") + ")"
        case p.Not(part):
            return f"({condition(writer, row, part)}) is not true"
        case p.Null(name, wanted):
            column = row.readable.column(name)
            return f"{row.column(column.name)} is {'' if wanted else 'not '}null"
        case p.Among(name, codes):
            column, words = row.readable.column(name), ", ".join(f"'{code}'" for code in codes)
            return f"{row.column(column.name)} in ({words})"
        case p.ActiveOn(span, leaf):
            return active_on(writer, row, span, leaf)
        case p.Named(leaf):
            return named(writer, row, leaf, driving)
        case p.Test(name, operator, leaf):
            return test(writer, row, row.readable.column(name), operator, leaf)
        case p.Related(relation, part):
            return related(writer, row, relation, part, driving)
        case p.Traced(tests):
            return traced(writer, row, tests)


def test(writer: Writer, row: Row, column: Column[Any], operator: str, leaf: p.Leaf) -> str:
    source, cast = row.column(column.name), cast_of(column)
    if operator == "in":
        return f"{source} = any ({writer.put(leaf_param(leaf, cast + '[]'))})"
    if operator == "within":
        lo, hi = writer.put(range_param(leaf, 0)), writer.put(range_param(leaf, 1))
        return f"({source} >= {lo} and {source} < {hi})"
    if operator == "has":
        return f"{source} @> array[{writer.put(leaf_param(leaf, 'text'))}]"
    if is_division(column):
        return f"{source} = {writer.put(range_param(leaf, 0))}"
    return f"{source} {COMPARE[operator]} {writer.put(leaf_param(leaf, cast))}"


def active_on(writer: Writer, row: Row, span: bind.Span, leaf: p.Leaf) -> str:
    starts, ends = (row.column(row.readable.column(name).name) for name in (span.starts, span.ends))
    day = writer.put(leaf_param(leaf, "date"))
    begun = f"{starts} <= {day}"
    if row.table.c[span.starts].nullable:
        begun = f"({starts} is null or {begun})"
    return f"({begun} and ({ends} is null or {ends} >= {day}))"


def related(
    writer: Writer, row: Row, relation: bind.One | bind.Many, part: p.Condition, driving: bool
) -> str:
    there = Row(writer.alias(), writer.readable(TYPES[relation.target].table.name))
    if isinstance(relation, bind.One):
        source, tests = f"{there.table.name} {there.alias}", join(there, row, relation.pairs)
    else:
        source, tests = writer.reached(there, row, relation)
    tests = [*tests, *writer.visible(there, row.table.name), condition(writer, there, part, driving)]
    return f"exists (select from {source}{where(tests)})"
