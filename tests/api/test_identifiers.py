"""One row by any of its identifiers: whoever sees it finds it, and nobody else does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import GraphQLSchema

from hub.access.viewer import Viewer
from hub.domain.id_number import make_id_number
from hub.read.bind import TYPES
from tests.support.county import TODAY
from tests.support.oracle import key_of
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    OPERATOR,
    PROVINCE,
    QIXING,
    TOWNSHIP,
    VIEWERS,
    World,
    schema,
    small_world,
    viewer,
)
from tests.support.whole import WholeOracle

ROOTS: Final = {
    "station": "Station", "contractor": "Contractor", "contract": "Contract", "household": "Household",
    "beneficiary": "Beneficiary",
}  # fmt: skip
BY_NUMBER: Final = "query($v: String) { beneficiary(idNumber: $v) { id } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


def arguments(made: GraphQLSchema, root: str) -> dict[str, str]:
    """Name and type of every identifier the audience is offered."""
    query = made.query_type
    assert query is not None
    return {name: str(a.type) for name, a in query.fields[root].args.items()} if root in query.fields else {}


def value(world: World, type_name: str, row: dict[str, Any], argument: str) -> Any:
    table = TYPES[type_name].table.name
    match argument:
        case "id":
            return ":".join([type_name, *map(str, key_of(table, row))])
        case "divisionCode":
            return row["division_code"]
        case "creditCode":
            return row["credit_code"]
        case "number" | "householdNumber":
            name = "number" if argument == "number" else "household_number"
            return {"county": row["county_code"], "number": row[name]}
        case "idNumber":
            return world.engine.vault.open(row["id_number"]) if row.get("id_number") else None
    source = "roster-350582" if row.get("county_code") == "350582" else "roster-450305"
    return {"source": source, "key": f"{table}:{row['id']}"}


@pytest.mark.parametrize("who", VIEWERS.values(), ids=VIEWERS)
async def test_every_identifier_finds_the_row_of_whoever_sees_it(world: World, who: Viewer) -> None:
    oracle, found = WholeOracle(world.rows, who, TODAY), set()
    for root, type_name in ROOTS.items():
        for argument, kind in arguments(schema(who), root).items():
            document = f"query($v: {kind}) {{ {root}({argument}: $v) {{ id }} }}"
            for row in world.rows[TYPES[type_name].table.name]:
                given = value(world, type_name, row, argument)
                if given is None:
                    continue
                told = (await world.ask(who, document, v=given))[root]
                visible = oracle.visible(TYPES[type_name].table.name, row)
                if argument == "record" and visible:
                    code = given["source"]
                    visible = any(s["code"] == code for s in oracle.seen("source"))
                expected = {"id": value(world, type_name, row, "id")} if visible else None
                assert told == expected, (argument, row)
                found |= {argument} if told else set()
    assert who is not BUREAU or found == {a for root in ROOTS for a in arguments(schema(who), root)}


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        (BUREAU, {"id", "idNumber", "record"}),
        (TOWNSHIP, {"id", "idNumber", "record"}),
        (CONTRACTOR, {"id", "record"}),
        (viewer("bureau", QIXING, scopes=["beneficiary.rs", "field:credential"]), {"id", "record"}),
        (VIEWERS["agency"], set()),
        (OPERATOR, set()),
    ],
    ids=lambda v: v.role if isinstance(v, Viewer) else None,
)
def test_who_may_find_a_person_by_what(who: Viewer, offered: set[str]) -> None:
    assert arguments(schema(who), "beneficiary").keys() == offered


async def test_a_division_by_its_code(world: World) -> None:
    document = "query($v: String) { division(code: $v) { code } }"
    for code in ("450305", QIXING):
        assert await world.ask(BUREAU, document, v=code) == {"division": {"code": QIXING}}
    by_id = '{ division(id: "Division:450305000000") { code } }'
    assert await world.ask(BUREAU, by_id) == {"division": {"code": QIXING}}


async def test_exactly_one_identifier(world: World) -> None:
    document = "query($i: ID, $c: String) { contractor(id: $i, creditCode: $c) { id } }"
    one = {"contractor": {"id": "Contractor:1"}}
    assert await world.ask(BUREAU, document, i="Contractor:1") == one
    assert await world.ask(BUREAU, document, c="52450301", i=None) == one
    for given in ({}, {"i": None}, {"i": "Contractor:1", "c": "52450301"}):
        (error,) = await world.errors(BUREAU, document, **given)
        assert error["extensions"]["code"] == "BAD_ARGUMENT"
        assert error["message"] == "Expected exactly one of: id, creditCode, record."


async def test_a_wrong_number_is_not_repeated(world: World) -> None:
    for number in ("459999195003070010", "4599991950", "張三", ""):
        (error,) = await world.errors(BUREAU, BY_NUMBER, v=number)
        assert error["extensions"]["code"] == "BAD_ARGUMENT"
        assert not number or number not in json.dumps(error, ensure_ascii=False)
    county = "query($v: NumberInCounty) { contract(number: $v) { id } }"
    for code in ("45", "4503", "x", ""):
        assert await world.code(BUREAU, county, v={"county": code, "number": "HT-1"}) == "BAD_ARGUMENT"


async def test_each_number_counts_as_a_question(world: World) -> None:
    asked: list[int] = []

    async def count(_: object, number: int, __: object) -> None:
        asked.append(number)

    world.engine.count_questions = count
    two = "query($v: String) { a: beneficiary(idNumber: $v) { id } b: beneficiary(idNumber: $v) { id } }"
    number = make_id_number("459999", TODAY.replace(year=1950), 7)
    try:
        for who in (BUREAU, TOWNSHIP):
            await world.ask(who, two, v=number)
            await world.ask(who, '{ beneficiary(id: "Beneficiary:450305:1") { id } }')
    finally:
        world.engine.count_questions = None
    assert asked == [2, 20], "who is not shown numbers may try out fewer of them"


async def test_a_person_of_two_counties_is_the_first_that_is_seen(world: World) -> None:
    person = next(p for p in world.rows["beneficiary"] if p["county_code"] == "450305" and p.get("id_number"))
    async with world.database.transaction() as connection:
        await connection.execute(
            "insert into beneficiary (county_code, name, name_masked, division_code, id_number_hash)"
            " select '450302', name, name_masked, '450302000000', id_number_hash from beneficiary"
            " where county_code = '450305' and id = $1",
            person["id"],
        )
    number = value(world, "Beneficiary", person, "idNumber")
    for who, county in ((PROVINCE, "450302"), (BUREAU, "450305")):
        found = (await world.ask(who, BY_NUMBER, v=number))["beneficiary"]["id"]
        assert found.startswith(f"Beneficiary:{county}:")
    async with world.database.transaction() as connection:
        await connection.execute("delete from beneficiary where county_code = '450302'")


async def test_a_statement_is_of_the_types_that_ids_name(world: World) -> None:
    """One document, now of one type and now of another; of many it reads all tables."""
    document = "query($of: [ID!]!) { nodes(ids: $of) { id __typename } }"
    stations = [f"Station:{n}" for n in (1, 2)]
    contract = (await world.ask(BUREAU, "{ contracts(first: 1) { nodes { id } } }"))["contracts"]["nodes"][0]
    person = (await world.ask(BUREAU, "{ beneficiaries(first: 1) { nodes { id } } }"))["beneficiaries"]
    some = [*stations, contract["id"], person["nodes"][0]["id"]]
    mixed = [*some, "Visit:450305:999999", "Nothing:1"]
    operation = world.engine.operation(BUREAU, document, None)
    read = {}
    for name, of in {"one": stations, "three": some, "many": mixed, "none": ["Nothing:1"]}.items():
        way = world.engine.way(BUREAU, operation, operation.variables({"of": of}))
        assert way.compiled is not None
        read[name] = {*way.compiled.statement.tables}
        nodes = (await world.ask(BUREAU, document, of=of))["nodes"]
        assert [node and node["id"] for node in nodes] == [each if each in some else None for each in of]
    assert read["one"] == {"station"}
    assert read["three"] == {"station", "contract", "beneficiary"}
    assert len(read["many"]) > 40
    assert read["none"] == read["many"]
