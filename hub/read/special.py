"""Two answers that are no plain column or relation: provenance, and the status question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column

from hub.access.slices import resource_of
from hub.domain.names import camel
from hub.read import plan as p
from hub.read.leaves import blind_param, day_param, leaf_param
from hub.read.text import Row, origin_fields, where
from hub.tables import FACTS, RECORDS
from hub.tables.records import WINNER_ORDER

if TYPE_CHECKING:
    from hub.read.sql import Writer

STATEMENT: Final = ("source_id", "record_key", "observed_at", "received_at")
"""What stands beside a statement of a source, whether it is a fact or a record."""


def origins(writer: Writer, row: Row, fields: p.Fields) -> str:
    """For every shown column, the source whose value stands there (``hub.tables.records``)."""
    if not stated(row):
        return "'[]'"
    if row.table.name in FACTS:
        said, record, source, tests, order = row, row.column, "", [], []
    else:
        said = Row(writer.alias(), writer.readable(RECORDS[row.table.name].name))
        record = said.column
        keys = [(c.name, "entity_id" if c.name == "id" else c.name) for c in row.table.primary_key.columns]
        source = f"{said.table.name} {said.alias} cross join lateral "
        tests = [f"{said.column(b)} = {row.column(a)}" for a, b in keys]
        order = [f"{record(name)} {direction}" for name, direction in WINNER_ORDER]
    system = Row(writer.alias(), writer.readable("source", under=resource_of(row.table.name)))
    shown, made = writer.alias(), writer.alias()
    values = ", ".join(f"('{camel(c.name)}', {said.column(c.name)} is not null)" for c in stated(row))
    says = ", ".join(f"{record(name)} as {name}" for name in STATEMENT)
    # The winner is found before its source is: one that the viewer may not see leaves no second-best.
    winners = (
        f"select distinct on ({shown}.field) {shown}.field, {says} from {source}(values {values})"
        f" {shown}(field, stated){where([*tests, f'{shown}.stated'])}"
        f" order by {', '.join([f'{shown}.field', *order])}"
    )
    items = writer.array(writer.object(origin_fields(made, system, fields)), f"{made}.field")
    return (
        f"(select {items} from ({winners}) {made}"
        f" join source {system.alias} on {system.column('id')} = {made}.source_id)"
    )


def stated(row: Row) -> list[Column[Any]]:
    """Columns a client may see and a source may state."""
    keys = {"source_id", "record_key"}
    return [
        c
        for c in row.table.c
        if row.readable.shows(c) and c.info["group"] != "internal" and c.name not in keys
    ]


def status(writer: Writer, node: p.Status) -> str:
    """Only what is shown is asked of PostgreSQL, which cannot tell the type of a value that nothing uses."""
    facts = {
        "entitled": lambda: f"({_entitled(writer, node)})::text",
        "programme": lambda: f"to_json({writer.put(leaf_param(node.programme, 'text'))})::text",
        "on": lambda: f"to_json({writer.put(day_param(node.on))})::text",
    }
    named = [(key, n.name) for key, n in node.fields if isinstance(n, p.Typename | p.StatusFact)]
    return writer.object([(key, facts[name]() if name in facts else f"'\"{name}\"'") for key, name in named])


def _entitled(writer: Writer, node: p.Status) -> str:
    person = Row(writer.alias(), writer.readable("beneficiary", under="status"))
    member = Row(writer.alias(), writer.readable("category_membership", under="status"))
    on = writer.put(day_param(node.on))
    programme = writer.put(leaf_param(node.programme, "text"))
    tests = [
        f"{person.column('id_number_hash')} = any ({writer.put(blind_param(node.id_number))})",
        f"({person.column('deceased_on')} is null or {person.column('deceased_on')} >= {on})",
        f"{member.column('county_code')} = {person.column('county_code')}",
        f"{member.column('beneficiary_id')} = {person.column('id')}",
        f"{member.column('category')} = {programme}",
        f"{member.column('starts_on')} <= {on}",
        f"({member.column('ends_on')} is null or {member.column('ends_on')} >= {on})",
        *writer.visible(person),
        *writer.visible(member),
    ]
    return (
        f"exists (select from beneficiary {person.alias}, category_membership {member.alias}{where(tests)})"
    )
