"""An answer that is no column or relation: the status question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.read import plan as p
from hub.read.leaves import blind_param, day_param, leaf_param
from hub.read.standing import numbers
from hub.read.text import Row, where

if TYPE_CHECKING:
    from hub.read.sql import Writer


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
    asked = numbers(writer, person, writer.put(blind_param(node.id_number)))
    tests = [
        f"{person.column('id_number_hash')} = any ({asked})",
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
