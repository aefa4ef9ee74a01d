"""Aggregates: one scan groups by every key that is asked for, and each member adds up what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.read import plan as p
from hub.read.bind import TYPES, Counted, GroupKey, Many
from hub.read.compare import condition, drives
from hub.read.leaves import smallest_param
from hub.read.past import true_on, versions
from hub.read.tallies import number_of, tally_of
from hub.read.text import Row, join, where
from hub.tables import Counts

if TYPE_CHECKING:
    from hub.read.sql import Writer

MAX_GROUPS: Final = 5_000
"""Groups in one list; an answer with more is refused like any that is too large."""
TOO_LONG: Final = "repeat(' ', 2000000000 + count(*)::int)"
"""A text that PostgreSQL refuses to make: a null would drop the row around it from its list."""

SHAPES: Final = {
    "plain": "{}",
    "row": "{}",
    "month": "to_char({}, 'YYYY-MM')",
    "year": "to_char({}, 'YYYY')",
}


def aggregate(writer: Writer, node: p.Aggregate, parent: Row | None) -> str:
    keys = list(dict.fromkeys(k for _, n in node.fields if isinstance(n, p.Groups) for k in n.keys))
    own = writer.countable(TYPES[node.relation.target].table.name)
    tally = tally_of(writer.capability, node.relation, node.where, [key.column for key in keys])
    row = Row(writer.alias(), tally or own)
    source, tests = listed(writer, row, node, parent)
    shown = "".join(f"{_shape(row, key)} as k{i}, " for i, key in enumerate(keys))
    by = f" group by {', '.join(str(i) for i in range(1, len(keys) + 1))}" if keys else ""
    number = number_of(row) if tally else "count(*)"
    if tally and keys:
        by += f" having {number} <> 0"
    counted = f"select {shown}{number} as n from {source}{where(tests)}{by}"
    made = writer.alias()
    asked = Row(row.alias, own)  # whichever tells: rounding and what lies within the slice are the table's
    members = [(key, _member(writer, asked, made, keys, n)) for key, n in node.fields]
    return f"(with {made} as materialized ({counted}) select {writer.object(members)})"


def tallied_total(writer: Writer, node: p.Page, parent: Row | None) -> str | None:
    """How many rows the whole list of a page has, where a tally tells."""
    tally = tally_of(writer.capability, node.relation, node.where)
    if tally is None or node.as_of or not any(isinstance(n, p.TotalCount) for _, n in node.fields):
        return None
    row = Row(writer.alias(), tally)
    source, tests = listed(writer, row, node, parent)
    return f"(select coalesce({number_of(row)}, 0)::text from {source}{where(tests)})"


def listed(writer: Writer, row: Row, node: p.Aggregate | p.Page, parent: Row | None) -> tuple[str, list[str]]:
    """The rows of a list, as the source of a ``select`` and its conditions."""
    source, tests = f"{row.table.name} {row.alias}", list[str]()
    relation = node.relation.relation if isinstance(node.relation, Counted) else node.relation
    if parent is not None:
        assert isinstance(relation, Many)
        source, tests = writer.reached(row, parent, relation)
    searched = drives(node.where)
    reached_from = parent.table.name if parent else "its name" if searched else None
    as_of = node.as_of if isinstance(node, p.Page) else None
    if as_of is not None and as_of.known is not None:
        source = versions(writer, row, as_of, reached_from)
    else:
        tests += writer.visible(row, reached_from)
    if as_of is not None:
        tests += true_on(writer, row, as_of)
    if node.where is not None:
        tests.append(condition(writer, row, node.where, searched))
    return source, tests


def seen(writer: Writer, row: Row, counts: Counts) -> str:
    """A number that a row has of others, as far as the viewer sees those."""
    there = Row(writer.alias(), writer.readable(counts.of))
    tests = join(there, row, ((counts.own, counts.column),))
    tests += [f"{there.column(name)} is null" for name in counts.empty]
    if counts.unset is not None:
        tests.append(f"not {there.column(counts.unset)}")
    if counts.listed is not None:
        tests.append(f"{there.column('id')} = any ({row.column(counts.listed)})")
    tests += writer.visible(there, row.table.name)
    return f"(select count(*)::text from {there.table.name} {there.alias}{where(tests)})"


def _shape(row: Row, key: GroupKey) -> str:
    column = row.readable.table.c[key.column] if key.form == "row" else row.readable.column(key.column)
    return SHAPES[key.form].format(row.column(column.name))


def _member(writer: Writer, row: Row, source: str, keys: list[GroupKey], node: p.Node) -> str:
    match node:
        case p.Typename(name):
            return f"'\"{name}\"'"
        case p.Faulty():
            return "'null'"
        case p.CountFact():
            return f"(select {_number(writer, row, 'coalesce(sum(n), 0)')} from {source})"
        case p.Groups():
            return _groups(writer, row, source, keys, node)
    raise AssertionError(node)


def _groups(writer: Writer, row: Row, source: str, keys: list[GroupKey], node: p.Groups) -> str:
    group = writer.alias()
    places = [f"g{i}" for i in range(len(node.keys))]
    values = [_value(writer, row, source, key, f"k{keys.index(key)}") for key in node.keys]
    shown = ", ".join(f"{value} as {place}" for value, place in zip(values, places, strict=True))
    by = ", ".join(str(i) for i in range(1, len(places) + 1))
    items = writer.object([(key, _fact(writer, row, node, n)) for key, n in node.fields])
    order = ", ".join(f"{place} nulls last" for place in places)
    return (
        f"(select case when count(*) <= {MAX_GROUPS} then {writer.array(items, order)}"
        f" else {TOO_LONG} end"
        f" from (select {shown}, sum(n) as n from {source} group by {by}) {group})"
    )


def _value(writer: Writer, row: Row, source: str, key: GroupKey, column: str) -> str:
    """A row that the viewer may not see counts as none."""
    if key.target is None:
        return f"{source}.{column}"
    there = Row(writer.alias(), writer.readable(TYPES[key.target].table.name))
    tests = writer.visible(there, row.table.name)
    if not tests:
        return f"{source}.{column}"
    tests.insert(0, f"{there.column('id')} = {source}.{column}")
    visible = f"exists (select from {there.table.name} {there.alias}{where(tests)})"
    return f"case when {visible} then {source}.{column} end"


def _fact(writer: Writer, row: Row, node: p.Groups, fact: p.Node) -> str:
    match fact:
        case p.Typename(name):
            return f"'\"{name}\"'"
        case p.CountFact("count"):
            return _number(writer, row, "n")
        case p.CountFact():
            return " || ',' || ".join(_key(key, f"g{i}") for i, key in enumerate(node.keys)).join(
                ("'[' || ", " || ']'")
            )
    raise AssertionError(fact)


def _key(key: GroupKey, place: str) -> str:
    if key.target is not None:
        return f"coalesce('\"{key.target}:' || {place}::text || '\"', 'null')"
    return f"coalesce(to_json({place})::text, 'null')"


def _number(writer: Writer, row: Row, number: str) -> str:
    if not row.readable.withheld:
        return f"({number})::text"
    smallest = writer.put(smallest_param())
    rough = f"(round({number} / {smallest}) * {smallest})::bigint"
    return f"coalesce(case when {number} >= {smallest} then {rough}::text end, 'null')"
