"""Two answers that are no plain column or relation: provenance, and the status question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column

from hub.access.slices import resource_of
from hub.read import bind
from hub.read import plan as p
from hub.read.leaves import blind_param, day_param, leaf_param
from hub.read.text import Row, origin_fields, where
from hub.tables import FACTS, RECORDS

if TYPE_CHECKING:
    from hub.read.sql import Writer


def origins(writer: Writer, row: Row, fields: p.Fields) -> str:
    """For every shown column, the source whose value stands there (``hub.tables.records``)."""
    if row.table.name in FACTS:
        said, record = row, row.column
        source, tests, order = "", [], ""
    else:
        said = Row(writer.alias(), writer.readable(RECORDS[row.table.name].name))
        record = said.column
        keys = [(c.name, "entity_id" if c.name == "id" else c.name) for c in row.table.primary_key.columns]
        source = f"{said.table.name} {said.alias} cross join "
        tests = [f"{said.column(b)} = {row.column(a)}" for a, b in keys]
        order = f", {record('precedence')}, {record('observed_at')} desc, {record('record_key')}"
    system, shown = (
        Row(writer.alias(), writer.readable("source", under=resource_of(row.table.name))),
        writer.alias(),
    )
    values = ", ".join(f"('{bind.camel(c.name)}', {said.column(c.name)} is not null)" for c in stated(row))
    tests += [f"{shown}.stated", f"{system.column('id')} = {record('source_id')}"]
    inner = (
        f"select distinct on ({shown}.field) {shown}.field, {system.column('code')} as source,"
        f" {system.column('name')} as source_name, {record('record_key')} as record_key,"
        f" {record('observed_at')} as observed_at, {record('received_at')} as received_at"
        f" from {source}source {system.alias} cross join lateral (values {values}) {shown}(field, stated)"
        f"{where(tests)} order by {shown}.field{order}"
    )
    made = writer.alias()
    items = writer.array(writer.object(origin_fields(made, fields)), f"{made}.field")
    return f"(select {items} from ({inner}) {made})"


def stated(row: Row) -> list[Column[Any]]:
    """Columns a client may see and a source may state."""
    keys = {"source_id", "record_key"}
    return [
        c
        for c in row.table.c
        if row.readable.shows(c) and c.info["group"] != "internal" and c.name not in keys
    ]


def status(writer: Writer, node: p.Status) -> str:
    person = Row(writer.alias(), writer.readable("beneficiary", under="status"))
    member = Row(writer.alias(), writer.readable("category_membership", under="status"))
    on = writer.put(day_param(node.on))
    programme = writer.put(leaf_param(node.programme, "text"))
    tests = [
        f"{person.column('id_number_hash')} = {writer.put(blind_param(node.id_number))}",
        f"({person.column('deceased_on')} is null or {person.column('deceased_on')} >= {on})",
        f"{member.column('county_code')} = {person.column('county_code')}",
        f"{member.column('beneficiary_id')} = {person.column('id')}",
        f"{member.column('category')} = {programme}",
        f"{member.column('starts_on')} <= {on}",
        f"({member.column('ends_on')} is null or {member.column('ends_on')} >= {on})",
        *writer.visible(person),
        *writer.visible(member),
    ]
    entitled = (
        f"exists (select from beneficiary {person.alias}, category_membership {member.alias}{where(tests)})"
    )
    facts = {
        "entitled": f"({entitled})::text",
        "programme": f"to_json({programme})::text",
        "on": f"to_json({on})::text",
    }
    named = [(key, n.name) for key, n in node.fields if isinstance(n, p.Typename | p.StatusFact)]
    return writer.object([(key, facts.get(name, f"'\"{name}\"'")) for key, name in named])
