"""The statements of a copy: a page of the walk, rows by their keys, and the checksum of the whole.

Each writes a line for a row, ``<county>:<number>:<entry>``; JSON holds no line break. The version of a row
is a hash of all that is selected of it, as PostgreSQL writes it: what is sealed by its sealed value, which
is the same as long as the value and the key are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graphql import FieldNode, OperationDefinitionNode, print_ast

from hub.access.copies import FOLLOWED, SHARED
from hub.access.viewer import Capability
from hub.audit.shape import Place as Shown
from hub.audit.shape import Shape
from hub.errors import BadSelection
from hub.read import bind
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.checks import checks_of
from hub.read.leaves import Param, nonce_param
from hub.read.operation import Operation
from hub.read.pricing import Price, price_of
from hub.read.shapes import place_of, shape_of
from hub.read.sql import Statement, Writer
from hub.read.text import ABOUT, Row
from hub.tables import PERSON

CODES, NUMBERS, CODE, NUMBER, LIMIT = "codes", "numbers", "code", "number", "limit"
"""Names of what a page is of, in the last slot of a request's arguments."""


@dataclass(frozen=True, slots=True)
class Copied:
    """``root``: response key. ``held``: what is asked of entries, as text. ``price``: of one row. ``tables``:
    followed beside the rows. The last place of ``shape`` is of rows that are gone, of which only the id is
    told."""

    root: str
    held: str
    node: p.Copy
    plan: p.Plan
    walk: Statement
    keyed: Statement
    whole: Statement | None
    shape: Shape
    counted: Shape
    price: Price
    checks: tuple[Param, ...]
    tables: tuple[str, ...]

    @property
    def target(self) -> str:
        return self.node.relation.target

    @property
    def entries(self) -> p.Fields | None:
        """None where nobody asks for them."""
        return next((node.fields for _, node in self.node.fields if isinstance(node, p.Entries)), None)


def compile_copy(plan: p.Plan, capability: Capability, operation: Operation) -> Copied:
    """BadSelection where it holds what a copy cannot keep in step; what is wrong with an argument."""
    for fault in plan.faults.values():
        raise fault
    if len(operation.node.selection_set.selections) != 1 or len(plan.fields) != 1:
        raise BadSelection("A query for a copy asks for nothing else.", zh="拉取副本的查询只能包含这一个字段")
    ((root, node),) = plan.fields
    assert isinstance(node, p.Copy)
    target = TYPES[node.relation.target]
    entries = [each.fields for _, each in node.fields if isinstance(each, p.Entries)]
    wholes = [each for _, each in node.fields if isinstance(each, p.Whole)]
    if len(entries) > 1 or len(wholes) > 1:
        raise BadSelection("Ask for entries, and for whole, once.", zh="entries 与 whole 只能各查询一次")
    chosen: p.Fields = entries[0] if entries else ()
    rows = [each.fields for _, each in chosen if isinstance(each, p.ChangedRow)]
    if len(rows) > 1:
        raise BadSelection("Ask for the record of an entry once.", zh="每个条目的记录只能查询一次")
    fields = rows[0] if rows else ()
    tables = tuple(dict.fromkeys(_followed(fields, target.table.name)))
    walk, keyed = (_entries(Writer(capability), plan, chosen, fields, keys) for keys in (False, True))
    whole = _whole(Writer(capability), plan, fields) if wholes else None
    priced = p.Changes(bind.RootChanges(target.name), (("", p.ChangedRow(fields)),), None, node.since)
    price = price_of(p.Plan(((root, priced),), plan.slots, plan.faults), capability, walk.params)
    gone = Shown(target.name, ("id",))
    shape = shape_of(operation.node, (*walk.places, gone), ())
    counted = shape_of(operation.node, (), (f"{target.name}.count",))
    checks = checks_of(plan, (*walk.params, *keyed.params))
    return Copied(
        root, _held(operation.node), node, plan, walk, keyed, whole, shape, counted, price, checks, tables
    )


def _held(node: OperationDefinitionNode) -> str:
    """Documents that ask for the same entries hold one copy, whatever else of a page they ask for."""
    assert node.loc is not None
    text, start, end = node.loc.source.body, node.loc.start, node.loc.end
    fragments = " ".join(f"{text[:start]} {text[end:]}".split())
    (root,) = node.selection_set.selections
    asked = getattr(root, "selection_set", None) or node.selection_set
    entries = [
        each for each in asked.selections if isinstance(each, FieldNode) and each.name.value == "entries"
    ]
    return f"{' '.join(map(print_ast, entries)) or print_ast(node)} {fragments}"


def _followed(fields: p.Fields, table: str) -> Iterator[str]:
    """Tables that are read beside the row; BadSelection for what is not followed."""
    for name, node in fields:
        match node:
            case p.Typename() | p.GlobalId() | p.Version() | p.Value() | p.Quoted():
                continue
            case p.Object(bind.One() as relation, inner) | p.Page(bind.Many() as relation, inner):
                there = TYPES[relation.target].table.name
                where, as_of = (getattr(node, of, None) for of in ("where", "as_of"))
                about = there in SHARED if isinstance(node, p.Object) else set(relation.pairs) >= ABOUT
                if table == PERSON and about and there in FOLLOWED and _plain(where) and as_of is None:
                    yield there
                    yield from _followed(_rows_of(inner), there)
                    continue
        raise BadSelection(
            f"A copy holds a record, and what is known about it alone: leave out {name}.",
            zh=f"副本仅包含记录本身及其直接相关的信息，请去掉 {name}",
        )


def _rows_of(fields: p.Fields) -> p.Fields:
    """What is asked of the rows of a connection, or of one record."""
    found: list[tuple[str, p.Node]] = []
    for name, node in fields:
        match node:
            case p.Nodes(inner):
                found += inner
            case p.Edges(inner):
                found += _rows_of(inner)
            case p.PageInfo() | p.TotalCount() | p.Cursor():
                pass
            case _:
                found.append((name, node))
    return tuple(found)


def _plain(condition: p.Condition | None) -> bool:
    """It speaks of the rows' own columns."""
    match condition:
        case p.Related() | p.Traced():
            return False
        case p.AllOf(parts) | p.AnyOf(parts):
            return all(map(_plain, parts))
        case p.Not(part):
            return _plain(part)
    return True


# ── statements ───────────────────────────────────────────────────────────────────────────────────────


def _read(writer: Writer, fields: p.Fields, target: str, row: Row, source: str) -> str:
    """Rows with their keys and all that is selected of them, each made once (``offset 0``)."""
    writer.count(row, place_of(target, (("id", p.GlobalId(target)), *fields)))
    body = writer.object(writer.fields(row, fields))
    keys = f"{row.column('county_code')}, {row.column('id')}"
    return f"(select {keys}, {body} as body from {source} offset 0)"  # noqa: S608 - of names


def _entries(writer: Writer, plan: p.Plan, entry: p.Fields, fields: p.Fields, keyed: bool) -> Statement:
    target, slot = _target(plan), len(plan.slots)
    row, told = Row(writer.alias(), writer.readable(target.table.name)), writer.alias()
    own, key = f"{target.table.name} {row.alias}", f"({row.alias}.county_code, {row.alias}.id)"

    def put(name: str, cast: str) -> str:
        return writer.put(Param(("copy", name), cast, lambda request: request.arguments[slot][name]))

    if keyed:
        given = f"unnest({put(CODES, 'text[]')}, {put(NUMBERS, 'bigint[]')}) k (county_code, id)"
        tests = [f"{key} = (k.county_code, k.id)", *writer.visible(row, "its key")]
        source = f"{given} join {own} on {' and '.join(tests)}"
    else:
        tests = [*writer.visible(row), f"{key} > ({put(CODE, 'text')}, {put(NUMBER, 'bigint')})"]
        order = f"order by {row.alias}.county_code, {row.alias}.id limit {put(LIMIT, 'int')}"
        source = f"{own} where {' and '.join(tests)} {order}"
    rows = _read(writer, fields, target.name, row, source)
    shown = replace(row, alias=told)
    line = writer.record(shown, [(name, _member(writer, told, target.name, node)) for name, node in entry])
    lines = f"string_agg({told}.county_code || ':' || {told}.id || ':' || {line}, chr(10))"
    text = f"select coalesce({lines}, '') from {rows} {told}"  # noqa: S608 - of names
    return writer.made(text, wide=not keyed)


def _target(plan: p.Plan) -> bind.BoundType:
    ((_, node),) = plan.fields
    assert isinstance(node, p.Copy)
    return TYPES[node.relation.target]


def _member(writer: Writer, told: str, type_name: str, node: p.Node) -> str:
    match node:
        case p.ChangedRow():
            return f"{told}.body"
        case p.CopyFact("operation"):
            return "'\"UPSERT\"'"
        case p.CopyFact("id"):
            return f"'\"' || {_id(told, type_name)} || '\"'"
        case p.CopyFact("version"):
            return f"'\"' || {_version(writer, told)} || '\"'"
        case p.CopyFact():
            return "'null'"
        case p.Typename(name):
            return f"'\"{name}\"'"
    raise AssertionError(node)


def _id(told: str, type_name: str) -> str:
    return f"'{type_name}:' || {told}.county_code || ':' || {told}.id"


def _version(writer: Writer, told: str) -> str:
    """Without the nonce of marks, which each process has of its own."""
    said = f"{told}.body"
    return _hash(f"replace({said}, {writer.put(nonce_param())}, '')" if writer.marks else said)


def _hash(text: str) -> str:
    """The first half of SHA-256, in hexadecimal digits."""
    return f"encode(substr(sha256(convert_to({text}, 'UTF8')), 1, 16), 'hex')"


def _whole(writer: Writer, plan: p.Plan, fields: p.Fields) -> Statement:
    """How many rows, and the exclusive or of what is hashed of each; in whatever order they come."""
    target = _target(plan)
    row, told = Row(writer.alias(), writer.readable(target.table.name)), writer.alias()
    tests = writer.visible(row) or ["true"]
    rows = _read(
        writer, fields, target.name, row, f"{target.table.name} {row.alias} where {' and '.join(tests)}"
    )
    each = _hash(f"{_id(told, target.name)} || ' ' || {_version(writer, told)}")
    halves = [
        f"lpad(to_hex(coalesce(bit_xor(('x' || substr(w.hash, {start}, 16))::bit(64)::bigint), 0)), 16, '0')"
        for start in (1, 17)
    ]
    text = (
        f"select count(*) || ' ' || {' || '.join(halves)}"  # noqa: S608 - of names
        f" from (select {each} as hash from {rows} {told}) w"
    )
    return writer.made(text, wide=True)
