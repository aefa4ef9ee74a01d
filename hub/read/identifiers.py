"""The identifiers one row is found by: its id, what is unique in its table, and what sources call it.

They follow from the table: a unique column, one that is unique in a county, the keyed hash of an identity
number, and the records behind a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import strawberry
from sqlalchemy import Table, UniqueConstraint

from hub.access.slices import resource_of
from hub.access.viewer import Capability
from hub.domain.division import county_of
from hub.domain.names import camel
from hub.domain.refusal import Refused
from hub.errors import BadArgument
from hub.read import plan as p
from hub.read.bind import BoundType, Identifier, Written, hints, is_division
from hub.read.eligible import asked_of
from hub.read.leaves import Param, Request, blind_param, id_param, leaf_param, range_param, value_of
from hub.read.plan import Leaf
from hub.read.standing import numbers, standing
from hub.read.text import Row, cast_of, where
from hub.tables import RECORDS

if TYPE_CHECKING:
    from hub.read.sql import Writer

COUNTY: Final = "county_code"
HASH: Final = "id_number_hash"
TRIED: Final = 10
"""Questions that a look-up counts for where it could confirm a number that is not shown."""


@strawberry.input(description="A number that is unique in its county — 县内编号")
class NumberInCounty:
    county: str = strawberry.field(description="Code of the county, 6 digits or 12 — 县级区划代码")
    number: str = strawberry.field(description="The number — 编号")


@strawberry.input(description="What a source calls a record — 来源记录")
class SourceRecord:
    source: str = strawberry.field(description="Code of the source — 来源代码")
    key: str = strawberry.field(description="Key of the record in the source — 来源记录号")


def identifiers(bound_type: BoundType) -> dict[str, Identifier]:
    """By the name of the argument."""
    table, shown = bound_type.table, hints(bound_type.cls)
    found = {"id": Identifier("id")}
    for columns in _unique(table):
        name = columns[-1]
        if name in shown and name != "id" and columns in ([name], [COUNTY, name]):
            found[camel(name)] = Identifier("county" if columns[0] == COUNTY else "column", name)
    if any(i.columns.keys()[0] == HASH for i in table.indexes):
        found["idNumber"] = Identifier("number", HASH)
    if table.name in RECORDS:
        found["record"] = Identifier("record")
    return found


def _unique(table: Table[Any]) -> Iterable[list[str]]:
    keys = [k for k in table.constraints if isinstance(k, UniqueConstraint)]
    return ([str(c.name) for c in key.columns] for key in (table.primary_key, *keys))


def arguments_of(bound_type: BoundType) -> dict[str, tuple[Any, str]]:
    """Types and descriptions of the arguments, none of which is required by itself."""
    return {name: _argument(bound_type.table, each) for name, each in identifiers(bound_type).items()}


def _argument(table: Table[Any], identifier: Identifier) -> tuple[Any, str]:
    match identifier.kind:
        case "id":
            return strawberry.ID | None, "Global id — 全局编号"
        case "number":
            text = "Identity number; each counts as a question about a person — 身份证号，按人次限量"
            return str | None, text
        case "record":
            return SourceRecord | None, "What a source calls it — 来源记录"
    info = table.c[identifier.column].info
    type_ = NumberInCounty if identifier.kind == "county" else str
    return type_ | None, f"{info['en']} — {info['zh']}"


def chosen(bound_type: BoundType, given: Mapping[str, Any], offered: Iterable[str]) -> tuple[str, Identifier]:
    """The one identifier that is given; BadArgument for none or several."""
    names = [name for name in offered if given.get(name) is not None]
    if len(names) != 1:
        listed = ", ".join(offered)
        raise BadArgument(f"Expected exactly one of: {listed}.", zh=f"应且仅应给出一项：{listed}")
    return names[0], identifiers(bound_type)[names[0]]


def identified(writer: Writer, row: Row, bound_type: BoundType, node: p.Object) -> list[str]:
    """Tests that hold for the one row, if the viewer sees it."""
    leaf, identifier = node.key, node.by
    assert leaf is not None
    assert identifier is not None
    return [*_tests(writer, row, bound_type, identifier, leaf), *writer.visible(row, "its key")]


def _tests(writer: Writer, row: Row, bound_type: BoundType, by: Identifier, leaf: Leaf) -> list[str]:
    match by.kind:
        case "id":
            keys = list(bound_type.table.primary_key.columns)
            parts = [
                writer.put(id_param(leaf, bound_type.name, i, len(keys), cast_of(c)))
                for i, c in enumerate(keys)
            ]
            parts[-1] = standing(writer, row, parts[0], parts[-1])
            return [f"{row.column(c.name)} = {part}" for c, part in zip(keys, parts, strict=True)]
        case "number":
            return _numbered(writer, row, numbers(writer, row, writer.put(blind_param(leaf))))
        case "record":
            return [_recorded(writer, row, leaf)]
        case "county":
            column, number = row.readable.column(by.column), Leaf(leaf.slot, (*leaf.path, "number"))
            county = writer.put(county_param(Leaf(leaf.slot, (*leaf.path, "county"))))
            return [
                f"{row.column(COUNTY)} = {county}",
                f"{row.column(column.name)} = {writer.put(leaf_param(number, 'text'))}",
            ]
    column = row.readable.column(by.column)
    value = range_param(leaf, 0) if is_division(column) else leaf_param(leaf, "text")
    return [f"{row.column(column.name)} = {writer.put(value)}"]


def _numbered(writer: Writer, row: Row, number: str) -> list[str]:
    """Several counties may hold one person: the first of those that are visible."""
    other = Row(writer.alias(), row.readable)
    keys = [c.name for c in row.table.primary_key.columns]
    theirs, mine = (", ".join(r.column(name) for name in keys) for r in (other, row))
    tests = [
        f"{other.column(HASH)} = any ({number})",
        f"({theirs}) < ({mine})",
        *writer.visible(other, "its key"),
    ]
    return [
        f"{row.column(HASH)} = any ({number})",
        f"not exists (select from {other.table.name} {other.alias}{where(tests)})",
    ]


def _recorded(writer: Writer, row: Row, leaf: Leaf) -> str:
    said = Row(writer.alias(), writer.readable(RECORDS[row.table.name].name))
    source = Row(writer.alias(), writer.readable("source", under=resource_of(row.table.name)))
    code, key = (Leaf(leaf.slot, (*leaf.path, part)) for part in ("source", "key"))
    tests = [
        f"{source.column('code')} = {writer.put(leaf_param(code, 'text'))}",
        f"{said.column('source_id')} = {source.column('id')}",
        f"{said.column('record_key')} = {writer.put(leaf_param(key, 'text'))}",
        f"{said.column('entity_id')} = {row.column('id')}",
        *(
            [f"{said.column(COUNTY)} = {row.column(COUNTY)}"]
            if COUNTY in row.table.primary_key.columns
            else []
        ),
        *writer.visible(source, said.table.name),
        *writer.visible(said, row.table.name),
    ]
    return f"exists (select from {said.table.name} {said.alias}, source {source.alias}{where(tests)})"


def county_param(leaf: Leaf) -> Param:
    def read(request: Request) -> str:
        try:
            return county_of(value_of(request, leaf))
        except Refused:
            raise BadArgument(
                "Expected a division code of a county, 6 digits or more.", zh="应为县级及以下区划代码"
            ) from None

    return Param(("county", leaf), "text", read)


def questions_in(plan: p.Plan, capability: Capability, request: Request) -> int:
    """Persons asked about by their numbers or tokens.

    Who is not shown numbers could try them out: the mask of a person in sight leaves a few dozen.
    """
    tried = 1 if "credential" in capability.groups else TRIED
    weights = {p.Status: 1, p.Eligibility: 1, p.Object: tried}
    each = (n.asked.persons for _, n in plan.fields if isinstance(n, p.Eligibilities))
    many = sum(len(asked_of(request, persons).persons[0]) for persons in each)
    acts = [n.relation for _, n in plan.fields if isinstance(n, p.Object)]
    return (
        many
        + sum(act.questions for act in acts if isinstance(act, Written))
        + sum(
            weights[type(node)]
            for _, node in plan.fields
            if isinstance(node, p.Status | p.Eligibility)
            or (isinstance(node, p.Object) and node.by is not None and node.by.kind == "number")
        )
    )
