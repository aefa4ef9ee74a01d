"""Binding types to tables: a slip of the pen stops start-up, and says where it is."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)

from hub import tables as hub_tables
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import BINDING, TYPES, Connection, bound, many, one, provenance
from hub.read.finish import finish
from hub.read.indexes import leading


def column(name: str, kind: Any, *rest: Any, group: str = "public", **options: Any) -> Column[Any]:
    info = {"group": group, "zh": "列", "en": "Column", **options.pop("info", {})}
    return Column(name, kind, *rest, info=info, **options)


def key(name: str = "id") -> Column[Any]:
    return column(name, BigInteger, primary_key=True, group="internal")


def tables() -> tuple[Table, Table, Table]:
    """A parent, a child that points at it once by ``parent_id``, and a link between both."""
    metadata, info = MetaData(), {"zh": "表", "en": "Table"}
    parent = Table(
        "parent",
        metadata,
        key(),
        column("name", Text, nullable=False),
        column("note", Text),
        column("secret", Text, group="internal"),
        column("number", LargeBinary, info={"sealed": True}),
        Index("parent_name_idx", "name"),
        info=info,
    )
    child = Table(
        "child",
        metadata,
        key(),
        column("county_code", Text, nullable=False, group="internal"),
        column("parent_id", BigInteger, ForeignKey("parent.id"), group="internal"),
        column("born_on", Date),
        column("paid", Numeric(14, 2)),
        column("code", Text, nullable=False),
        Index("child_born_idx", "county_code", "born_on"),
        UniqueConstraint("code", "paid"),
        info=info,
    )
    link = Table(
        "link",
        metadata,
        column("parent_id", BigInteger, ForeignKey("parent.id"), primary_key=True, group="internal"),
        column("child_id", BigInteger, ForeignKey("child.id"), primary_key=True, group="internal"),
        info=info,
    )
    return parent, child, link


PARENT, CHILD, LINK = tables()


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Bound types are kept in one place; these tests have it to themselves, and give it back."""
    kept, names = dict(TYPES), set(sys.modules[__name__].__dict__)
    TYPES.clear()
    yield
    TYPES.clear()
    TYPES.update(kept)
    for name in set(sys.modules[__name__].__dict__) - names:
        del sys.modules[__name__].__dict__[name]


def binding(cls: Any, name: str) -> Any:
    fields = cls.__strawberry_definition__.fields
    return next(f for f in fields if f.python_name == name).metadata.get(BINDING)


def test_columns_and_relations_are_found_by_name() -> None:
    @bound(PARENT)
    class Parent:
        id: strawberry.ID
        name: str
        note: str | None
        number: str | None
        children: Connection[Child] = many("Children", "子")
        linked: Connection[Child] = many("Linked", "连", through=LINK)
        provenance: list[str] = provenance()

    @bound(CHILD)
    class Child:
        id: strawberry.ID
        born_on: dt.date | None
        paid: Decimal | None
        code: str
        parent: Parent | None = one("Parent", "父")

    finish()
    assert binding(Parent, "id") == bind.Id()
    assert binding(Parent, "name") == bind.Scalar("name", False)
    assert binding(Parent, "number") == bind.Scalar("number", True)
    assert binding(Parent, "children") == bind.Many("Child", (("id", "parent_id"),))
    assert binding(Parent, "linked") == bind.Many(
        "Child", (("id", "parent_id"),), "link", (("child_id", "id"),)
    )
    assert binding(Parent, "provenance") == bind.Provenance()
    assert binding(Child, "parent") == bind.One("Parent", (("parent_id", "id"),))
    assert TYPES["Child"].sort_keys == {"bornOn": "born_on", "code": "code"}
    assert {f.python_name for f in TYPES["Child"].where.__strawberry_definition__.fields} == {  # type: ignore[union-attr]
        "born_on", "code", "parent", "and_", "or_", "not_"
    }  # fmt: skip


def refused(sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        finish()


def test_a_column_that_does_not_exist() -> None:
    @bound(PARENT)
    class Parent:
        id: strawberry.ID
        nmae: str

    refused(r"Parent\.nmae: parent has no such column")


def test_a_column_that_may_be_null_and_is_said_not_to_be() -> None:
    @bound(PARENT)
    class Parent:
        note: str

    refused(r"Parent\.note: nullability")


def test_a_column_that_is_never_null_and_is_said_to_be() -> None:
    @bound(PARENT)
    class Parent:
        name: str | None

    refused(r"Parent\.name: nullability")


def test_an_internal_column() -> None:
    @bound(PARENT)
    class Parent:
        secret: str | None

    refused(r"Parent\.secret is an internal column")


def test_a_relation_without_a_foreign_key() -> None:
    @bound(PARENT)
    class Parent:
        child: Child | None = one("Child", "子")

    @bound(CHILD)
    class Child:
        id: strawberry.ID

    refused(r"Parent\.child: 0 foreign keys from parent to child, expected one")


def test_a_list_without_a_foreign_key() -> None:
    @bound(CHILD)
    class Child:
        parents: Connection[Parent] = many("Parents", "父")

    @bound(PARENT)
    class Parent:
        id: strawberry.ID

    refused(r"Child\.parents: 0 foreign keys from parent to child, expected one")


def two_keys() -> Table:
    return Table(
        "pair",
        PARENT.metadata,
        key(),
        column("first_id", BigInteger, group="internal"),
        column("second_id", BigInteger, group="internal"),
        ForeignKeyConstraint(["first_id"], [PARENT.c.id]),
        ForeignKeyConstraint(["second_id"], [PARENT.c.id]),
        info={"zh": "对", "en": "Pair"},
        extend_existing=True,
    )


def test_a_relation_with_two_foreign_keys_must_say_which() -> None:
    @bound(two_keys())
    class Pair:
        first: Parent | None = one("First", "一")

    @bound(PARENT)
    class Parent:
        id: strawberry.ID

    refused(r"Pair\.first: 2 foreign keys from pair to parent, expected one")


def test_a_relation_that_says_which_of_two() -> None:
    @bound(two_keys())
    class Pair:
        second: Parent | None = one("Second", "二", via="second_id")

    @bound(PARENT)
    class Parent:
        id: strawberry.ID

    finish()
    assert binding(Pair, "second") == bind.One("Parent", (("second_id", "id"),))


def test_a_relation_by_a_key_that_is_none() -> None:
    @bound(two_keys())
    class Pair:
        third: Parent | None = one("Third", "三", via="third_id")

    @bound(PARENT)
    class Parent:
        id: strawberry.ID

    refused(r"Pair\.third: 0 foreign keys")


def test_a_relation_to_a_type_that_is_not_bound() -> None:
    class Stranger:
        pass

    @bound(CHILD)
    class Child:
        parent: Stranger | None = one("Parent", "父")

    refused("names no bound type")


def test_a_link_table_that_leads_nowhere() -> None:
    @bound(PARENT)
    class Parent:
        children: Connection[Child] = many("Children", "子", through=two_keys())

    @bound(CHILD)
    class Child:
        id: strawberry.ID

    refused(r"Parent\.children: 2 foreign keys from pair to parent")


def test_a_required_relation_along_a_key_that_may_be_null() -> None:
    """It would answer null where the schema promises a row."""

    @bound(CHILD)
    class Child:
        parent: Parent = one("Parent", "父")

    @bound(PARENT)
    class Parent:
        id: strawberry.ID

    refused(r"Child\.parent: its foreign key may be null")


def test_a_required_relation_across_the_border_of_a_slice() -> None:
    """Who sees an assignment need not see its station."""

    @bound(hub_tables.assignment)
    class Assignment:
        station: Station = one("Station", "站")

    @bound(hub_tables.station)
    class Station:
        division: Division = one("Division", "区划")

    @bound(hub_tables.division)
    class Division:
        id: strawberry.ID

    refused(r"Assignment\.station: may be outside the slice of (bureau|township|contractor)")


def test_a_filter_needs_an_index() -> None:
    assert leading(PARENT) == ["name"]
    assert leading(CHILD) == ["born_on", "code"]  # second behind the county, first of the unique key


def test_names_become_those_of_graphql() -> None:
    assert [camel(n) for n in ("id", "id_number", "is_pilot_town", "has_photos")] == [
        "id", "idNumber", "isPilotTown", "hasPhotos"
    ]  # fmt: skip
