"""The statements of a copy: a part of the walk, rows by their keys, and the checksum of the whole.

Rows by their keys are lines, ``<county>:<number>:<entry>``; JSON holds no line break. A part of the walk is
``<count>:<county>:<number>:<entry>,<entry>…`` with the key of its last row. The version of a row
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

CODES, NUMBERS = "codes", "numbers"
CODE, NUMBER, LAST_CODE, LAST_NUMBER, LIMIT = "code", "number", "last_code", "last_number", "limit"
"""Names of what a page is of, in the last slot of a request's arguments."""


@dataclass(frozen=True, slots=True)
class Copied:
    """``root``: response key. ``held``: what is asked of entries, as text. ``middle``: the key of the row so
    far along the walk, ``<county>:<number>``, which is shown to nobody. ``price``: of one row. ``tables``:
    followed beside the rows. The last place of ``shape`` is of rows that are gone, of which only the id is
    told."""

    root: str
    held: str
    node: p.Copy
    plan: p.Plan
    walk: Statement
    middle: Statement
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
    walk = _walk(Writer(capability), plan, chosen, fields)
    keyed = _keyed(Writer(capability), plan, chosen, fields)
    middle = _middle(Writer(capability), plan)
    whole = _whole(Writer(capability), plan, fields) if wholes else None
    priced = p.Changes(bind.RootChanges(target.name), (("", p.ChangedRow(fields)),), None, node.since)
    price = price_of(p.Plan(((root, priced),), plan.slots, plan.faults), capability, walk.params)
    gone = Shown(target.name, ("id",))
    shape = shape_of(operation.node, (*walk.places, gone), ())
    counted = shape_of(operation.node, (), (f"{target.name}.count",))
    checks = checks_of(plan, (*walk.params, *keyed.params))
    held = _held(operation.node)
    return Copied(root, held, node, plan, walk, middle, keyed, whole, shape, counted, price, checks, tables)


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


def _walk(writer: Writer, plan: p.Plan, entry: p.Fields, fields: p.Fields) -> Statement:
    row = _row(writer, plan)
    last = f"({_put(writer, plan, LAST_CODE, 'text')}, {_put(writer, plan, LAST_NUMBER, 'bigint')})"
    source = f"{_behind(writer, plan, row)} and {_key(row)} <= {last}"
    source += f" order by {_order(row)} limit {_put(writer, plan, LIMIT, 'int')}"
    rows, told, one = _told(writer, plan, entry, fields, row, source)
    key = " || ':' || ".join(f"(array_agg({told}.{name}))[count(*)]" for name in ("county_code", "id"))
    text = f"select count(*) || ':' || {key} || ':' || string_agg({one}, ',') from {rows} {told}"  # noqa: S608 - of names
    return writer.made(f"select coalesce(({text}), '')", wide=True)


def _middle(writer: Writer, plan: p.Plan) -> Statement:
    row = _row(writer, plan)
    source = f"{_behind(writer, plan, row)} order by {_order(row)} limit 1"
    key = f"{row.column('county_code')} || ':' || {row.column('id')}"
    text = f"select {key} from {source} offset {_put(writer, plan, LIMIT, 'int')}"  # noqa: S608 - of names
    return replace(writer.made(f"select coalesce(({text}), '')", wide=True), tables=())


def _keyed(writer: Writer, plan: p.Plan, entry: p.Fields, fields: p.Fields) -> Statement:
    row = _row(writer, plan)
    given = f"unnest({_put(writer, plan, CODES, 'text[]')}, {_put(writer, plan, NUMBERS, 'bigint[]')}) k"
    tests = [f"{_key(row)} = (k.county_code, k.id)", *writer.visible(row, "its key")]
    source = f"{given} (county_code, id) join {row.table.name} {row.alias} on {' and '.join(tests)}"
    rows, told, one = _told(writer, plan, entry, fields, row, source)
    lines = f"string_agg({told}.county_code || ':' || {told}.id || ':' || {one}, chr(10))"
    return writer.made(f"select coalesce({lines}, '') from {rows} {told}")  # noqa: S608 - of names


def _row(writer: Writer, plan: p.Plan) -> Row:
    return Row(writer.alias(), writer.readable(_target(plan).table.name))


def _key(row: Row) -> str:
    return f"({_order(row)})"


def _order(row: Row) -> str:
    return f"{row.alias}.county_code, {row.alias}.id"


def _put(writer: Writer, plan: p.Plan, name: str, cast: str) -> str:
    slot = len(plan.slots)
    return writer.put(Param(("copy", name), cast, lambda request: request.arguments[slot][name]))


def _behind(writer: Writer, plan: p.Plan, row: Row) -> str:
    """Rows that are seen, behind a key."""
    key = f"({_put(writer, plan, CODE, 'text')}, {_put(writer, plan, NUMBER, 'bigint')})"
    tests = [*writer.visible(row), f"{_key(row)} > {key}"]
    return f"{row.table.name} {row.alias} where {' and '.join(tests)}"


def _told(
    writer: Writer, plan: p.Plan, entry: p.Fields, fields: p.Fields, row: Row, source: str
) -> tuple[str, str, str]:
    """Rows, their name, and the entry of one."""
    target, told = _target(plan), writer.alias()
    rows = _read(writer, fields, target.name, row, source)
    shown = replace(row, alias=told)
    one = writer.record(shown, [(name, _member(writer, told, target.name, node)) for name, node in entry])
    return rows, told, one


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
    said = f"replace({said}, {writer.put(nonce_param())}, '')" if writer.marks else said
    halves = (f'int8send(hashtextextended({said} collate "C", {seed}))' for seed in (0, 1))
    return f"encode({' || '.join(halves)}, 'hex')"


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
