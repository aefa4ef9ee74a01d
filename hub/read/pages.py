"""A page of a connection as one JSON text.

The rows come in order from a sub-select with a limit, and an aggregate takes them in the order in which
they come: above such a sub-select PostgreSQL has nothing to reorder and nothing to run in parallel. So they
are not sorted again, and are numbered only where somebody asks for what is at the ends of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.counting import listed, tallied_total
from hub.read.leaves import cursor_param, limit_param
from hub.read.text import Row, cast_of, order_by, person_around, spec_of, total_order, where

if TYPE_CHECKING:
    from hub.read.sql import Writer


@dataclass(frozen=True, slots=True)
class Window:
    """A page that is being written. ``more``: one row beyond it is read, to know whether there is one.

    ``sorted``: one of its aggregates needs an order of its own. PostgreSQL may then sort the rows by that
    order for all of them, so all say theirs.
    """

    node: p.Page
    rows: Row
    limit: str
    more: bool
    sorted: bool

    @property
    def keep(self) -> str:
        return f" filter (where {self.rows.alias}.rn <= {self.limit})" if self.more else ""

    def order(self, *, reversed: bool) -> str:
        return f" order by {self.rows.alias}.rn{' desc' if reversed else ''}" if self.sorted else ""

    def list(self, item: str) -> str:
        order = self.order(reversed=self.node.backward)
        return f"coalesce('[' || string_agg({item}, ','{order}){self.keep} || ']', '[]')"


def page(writer: Writer, node: p.Page, parent: Row | None) -> str:
    if all(isinstance(n, p.Typename) for _, n in node.fields):
        return writer.object([(k, writer.root(n)) for k, n in node.fields])
    target = TYPES[node.relation.target]
    order, around = total_order(target.table, node.sorts), person_around(parent, node.relation)
    row = Row(writer.alias(), writer.readable(target.table.name), order, around)
    counted, only = tallied_total(writer, node, parent), _only_total(node)
    if counted is not None and only:  # a list that is not written leaves no parameters behind
        return _total(writer, node, counted)
    source, tests = listed(writer, row, node, parent)
    total = counted or f"(select count(*)::text from {source}{where(tests)})"
    return _total(writer, node, total) if only else _rows(writer, node, row, source, tests, total)


def _only_total(node: p.Page) -> bool:
    return all(isinstance(n, p.TotalCount | p.Typename) for _, n in node.fields)


def _total(writer: Writer, node: p.Page, total: str) -> str:
    return writer.object(
        [(k, total if isinstance(n, p.TotalCount) else writer.root(n)) for k, n in node.fields]
    )


def _rows(writer: Writer, node: p.Page, row: Row, source: str, tests: list[str], total: str) -> str:
    limit = writer.put(limit_param(node.limit))
    if node.cursor is not None:
        tests = [*tests, _behind(writer, row, node.cursor, node.backward)]
    facts = {f.name for f in _facts(node)}
    more = ("hasPreviousPage" if node.backward else "hasNextPage") in facts
    ends = bool(facts & {"startCursor", "endCursor"})
    rows = Row(writer.alias(), row.readable, row.sorts, row.inside)
    window = Window(node, rows, limit, more, ends or node.backward)
    lists = [n for _, n in node.fields if isinstance(n, p.Nodes | p.Edges)]
    if node.single and len(lists) == 1 and not facts:
        item = _item(writer, window, lists[0])
        only = f"coalesce((select '[' || {item} || ']' from {_read(window, row, source, tests)}), '[]')"
        made = [(k, only if n is lists[0] else _field(writer, window, n, total)) for k, n in node.fields]
        return writer.object(made)
    made = [(key, _field(writer, window, child, total)) for key, child in node.fields]
    read = _read(window, row, source, tests)
    # ``having`` makes one row of the page even where no member is an aggregate.
    return f"(select {writer.object(made)} from {read} having true)"


def _facts(node: p.Page) -> Iterator[p.PageFact]:
    for _, child in node.fields:
        if isinstance(child, p.PageInfo):
            yield from (fact for _, fact in child.fields if isinstance(fact, p.PageFact))


def _read(window: Window, row: Row, source: str, tests: list[str]) -> str:
    """What the page is selected from: its rows in order, with their numbers where those are needed."""
    names = sorted(window.rows.used)
    shown = ", ".join(row.column(name) for name in names)
    order = order_by(row, window.node.backward)
    text = f"select {shown} from {source}{where(tests)} order by {order} limit {window.limit}"
    if window.more:
        text += " + 1"
    if window.more or window.sorted:
        text = f"select {', '.join([*names, 'row_number() over () as rn'])} from ({text}) {row.alias}"
    return f"({text}) {window.rows.alias}"


def _field(writer: Writer, window: Window, child: p.Node, total: str) -> str:
    match child:
        case p.Typename(name):
            return f"'\"{name}\"'"
        case p.TotalCount():
            return total
        case p.Nodes() | p.Edges():
            return window.list(_item(writer, window, child))
        case p.PageInfo(fields):
            return writer.object([(key, _fact(writer, window, n)) for key, n in fields])
    raise AssertionError(child)


def _item(writer: Writer, window: Window, child: p.Nodes | p.Edges) -> str:
    if isinstance(child, p.Nodes):
        return writer.shown(window.rows, window.node.relation.target, child.fields)
    return writer.object([(key, _edge_field(writer, window, n)) for key, n in child.fields])


def _edge_field(writer: Writer, window: Window, node: p.Node) -> str:
    match node:
        case p.Typename(name):
            return f"'\"{name}\"'"
        case p.Cursor():
            return _cursor(writer, window.rows)
        case p.Nodes(fields):
            return writer.shown(window.rows, window.node.relation.target, fields)
    raise AssertionError(node)


def _fact(writer: Writer, window: Window, fact: p.Node) -> str:
    if isinstance(fact, p.Typename):
        return f"'\"{fact.name}\"'"
    assert isinstance(fact, p.PageFact)
    node = window.node
    more = f"(count(*) > {window.limit})::text"
    behind = "'true'" if node.cursor is not None else "'false'"
    match fact.name:
        case "hasNextPage":
            return behind if node.backward else more
        case "hasPreviousPage":
            return more if node.backward else behind
    first = (fact.name == "startCursor") is not node.backward
    order = window.order(reversed=not first)
    return f"coalesce((array_agg({_cursor(writer, window.rows)}{order}){window.keep})[1], 'null')"


def _cursor(writer: Writer, rows: Row) -> str:
    keys = ", ".join(rows.column(s.column) for s in rows.sorts)
    payload = f"jsonb_build_array('{spec_of(rows.table, rows.sorts)}', {keys})::text"
    return writer.mark("c", f"encode(convert_to({payload}, 'UTF8'), 'hex')")


def _behind(writer: Writer, row: Row, leaf: p.Leaf, backward: bool) -> str:
    """Rows strictly behind the cursor, in list order; rows without a value sort last."""
    spec = spec_of(row.table, row.sorts)
    keys = []
    for i, sort in enumerate(row.sorts):
        column = row.table.c[sort.column]
        value = writer.put(cursor_param(leaf, spec, i, cast_of(column), column.type.python_type))
        keys.append((sort, column, row.column(sort.column), value))
    if len({s.descending for s, *_ in keys}) == 1 and not any(c.nullable for _, c, *_ in keys):
        sign = "<" if keys[0][0].descending is not backward else ">"
        mine, theirs = ", ".join(k[2] for k in keys), ", ".join(k[3] for k in keys)
        return f"({mine}) {sign} ({theirs})"
    test = "false"
    for sort, column, mine, theirs in reversed(keys):
        sign = "<" if sort.descending is not backward else ">"
        further = f"{mine} {sign} {theirs}"
        if column.nullable and backward:
            further = f"({further} or {theirs} is null and {mine} is not null)"
        elif column.nullable:
            further = f"({further} or {mine} is null and {theirs} is not null)"
        test = f"(coalesce({further}, false) or {mine} is not distinct from {theirs} and {test})"
    return test
