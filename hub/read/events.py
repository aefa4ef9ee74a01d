"""The events of a stream: one statement finds the rows of a page that the viewer may see, and writes them.

The statement gives a line for each visible row, ``<place in the page>:<event>``; without the event where the
row does not meet ``where``. JSON holds no line break. What is not known yet when the statement runs, the
position, leaves as a *mark* like those of ``hub.read.sql``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql.execution.values import VariableValues

from hub.access.viewer import Capability
from hub.audit.shape import Place, Shape
from hub.errors import BadSelection
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.changes import Key, Touched
from hub.read.checks import checks_of
from hub.read.compare import condition
from hub.read.leaves import Param
from hub.read.operation import Operation
from hub.read.planner import Planner
from hub.read.pricing import Price, price_of
from hub.read.selector import Selector
from hub.read.shapes import place_of, shape_of
from hub.read.sql import Statement, Writer
from hub.read.text import Row

POSITION: Final = "p"
CODES, NUMBERS = "codes", "numbers"
"""Names of the rows' keys in the last slot of a request's arguments."""


@dataclass(frozen=True, slots=True)
class Events:
    """``root``: response key of the field; ``type_name``: of the rows; ``price``: of one. The last
    place of ``shape`` is of rows that are gone, of which only the id is told."""

    root: str
    node: p.Changes
    type_name: str
    table: str
    statement: Statement
    shape: Shape
    price: Price

    def told(self, operation: str, key: Key | None, position: str) -> bytes:
        """The event of a row that is not shown."""
        id_ = None if key is None else ":".join(map(str, (self.type_name, *self.keyed(key))))
        facts: dict[str, Any] = {"operation": operation, "id": id_, "position": position}
        event = {
            name: node.name if isinstance(node, p.Typename) else facts.get(getattr(node, "name", ""))
            for name, node in self.node.fields
        }
        return orjson.dumps(event)

    def keyed(self, key: Key) -> Sequence[Any]:
        """The primary key of a row: tables of the small kind have no county in theirs."""
        return key if len(TYPES[self.type_name].table.primary_key.columns) > 1 else key[1:]


def keys_of(rows: Sequence[Touched]) -> Mapping[str, Any]:
    return {CODES: [row.key[0] for row in rows], NUMBERS: [row.key[1] for row in rows]}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A subscription. ``checks``: values that the statement does not need (``hub.read.checks``)."""

    plan: p.Plan
    events: Events
    checks: Sequence[Param]


def prepared(capability: Capability, operation: Operation, variables: VariableValues) -> Prepared:
    """BadSelection, or what is wrong with an argument."""
    selector = Selector(operation.fragments, variables, operation.schema)
    collected = selector.collect([operation.node.selection_set], operation.root)
    if len(collected) != 1:
        raise BadSelection("A subscription asks for one field.", zh="一个订阅只能包含一个字段")
    plan = Planner(selector, {}).root(operation.root, collected)
    for fault in plan.faults.values():
        raise fault
    events = compile_events(plan, capability, operation)
    return Prepared(plan, events, checks_of(plan, events.statement.params))


def compile_events(plan: p.Plan, capability: Capability, operation: Operation) -> Events:
    ((root, node),) = plan.fields
    assert isinstance(node, p.Changes)
    target = TYPES[node.relation.target]
    writer = Writer(capability)
    row = Row(writer.alias(), writer.readable(target.table.name))
    slot = len(plan.slots)
    keys = writer.alias()
    given = ", ".join(writer.put(_keys(slot, name, cast)) for name, cast in _COLUMNS)
    names = [column.name for column in target.table.primary_key.columns]
    found = " and ".join(f"{row.column(name)} = {keys}.{name}" for name in names)
    tests = [found, *writer.visible(row, "its key")]
    writer.count(row, place_of(target.name, node.fields))
    members = [(key, _member(writer, row, target.name, n)) for key, n in node.fields]
    event = writer.record(row, members)
    if node.where is not None:
        event = f"case when {condition(writer, row, node.where)} then {event} else '' end"
    text = (
        f"select coalesce(string_agg({keys}.n || ':' || {event}, chr(10) order by {keys}.n), '')"
        f" from unnest({given}) with ordinality {keys}(county_code, id, n)"
        f" join {target.table.name} {row.alias} on {' and '.join(tests)}"
    )
    made = writer.made(text)
    price = price_of(plan, capability, made.params)
    gone = Place(target.name, ("id",))
    shape = shape_of(operation.node, (*made.places, gone), ())
    return Events(root, node, target.name, target.table.name, made, shape, price)


_COLUMNS: Final = ((CODES, "text[]"), (NUMBERS, "bigint[]"))


def _keys(slot: int, name: str, cast: str) -> Param:
    return Param(("keys", name), cast, lambda request: request.arguments[slot][name])


def _member(writer: Writer, row: Row, type_name: str, node: p.Node) -> str:
    match node:
        case p.ChangedRow(fields):
            return writer.object(writer.fields(row, fields))
        case p.ChangeFact("operation"):
            return "'\"UPSERT\"'"
        case p.ChangeFact("id"):
            return writer.field(row, p.GlobalId(type_name))
        case p.ChangeFact():
            return writer.mark(POSITION, "''")
        case p.Typename(name):
            return f"'\"{name}\"'"
    raise AssertionError(node)
