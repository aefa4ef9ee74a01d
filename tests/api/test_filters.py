"""Conditions beyond equality: no value, moments, codes of a list, and the days a row is good for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.county import TODAY
from tests.support.oracle import Oracle
from tests.support.reading import BUREAU, QIXING, World, schema, small_world, viewer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def test_no_value_is_a_condition_of_its_own(world: World) -> None:
    """One document, both answers: whether a value is wanted decides the statement."""
    document = "query($w: BeneficiaryWhere) { beneficiaries(where: $w) { totalCount } }"
    people = Oracle(world.rows, BUREAU, TODAY).seen("beneficiary")
    for wanted in (True, False, True):
        found = await world.ask(BUREAU, document, w={"riskLevel": {"isNull": wanted}})
        expected = sum((p.get("risk_level") is None) is wanted for p in people)
        assert found == {"beneficiaries": {"totalCount": expected}}
    inside = "query($n: Boolean!) { beneficiaries(where: {riskLevel: {isNull: $n}}) { totalCount } }"
    both = [(await world.ask(BUREAU, inside, n=n))["beneficiaries"]["totalCount"] for n in (True, False)]
    assert sum(both) == len(people)
    assert await world.code(BUREAU, document, w={"riskLevel": {"isNull": None}}) == "BAD_ARGUMENT"


async def test_refused_rows_are_found_by_state_list_and_reason(world: World) -> None:
    async def numbers(where: str, order: str = "quarantinedAt: ASC") -> list[int]:
        query = f"{{ quarantinedRows(where: {where}, orderBy: [{{{order}}}]) {{ nodes {{ rowNumber }} }} }}"
        return [row["rowNumber"] for row in (await world.ask(BUREAU, query))["quarantinedRows"]["nodes"]]

    assert await numbers("{}") == [3, 4, 5, 6]
    assert await numbers("{}", "quarantinedAt: DESC") == [6, 5, 4, 3]
    assert await numbers("{resolvedAt: {isNull: true}}") == [3, 4]
    assert await numbers('{resolvedAt: {gte: "2026-06-04T00:00:00Z"}}') == [6]
    assert await numbers('{listKind: {eq: "tekun"}, file: {eq: "名单.xlsx"}}') == [4, 6]
    assert await numbers('{reasonCodes: {has: "ID_NUMBER_CHECKSUM"}}') == [4, 6]
    assert await numbers('{reasonCodes: {has: "\' or true --"}}') == []


async def test_a_moment_without_an_offset_is_one_in_china(world: World) -> None:
    query = "query($t: DateTime!) { quarantinedRows(where: {quarantinedAt: {lte: $t}}) { totalCount } }"
    for moment, count in (
        ("2026-06-01T00:00:00Z", 1), ("2026-06-01T08:00:00", 1), ("2026-06-01T07:59:00", 0),
    ):  # fmt: skip
        assert (await world.ask(BUREAU, query, t=moment))["quarantinedRows"]["totalCount"] == count
    assert await world.code(BUREAU, query, t="1800-01-01T00:00:00Z") == "BAD_ARGUMENT"


async def test_runs_of_a_source_are_ordered(world: World) -> None:
    query = "{ sources { nodes { runs(first: 1, orderBy: [{startedAt: DESC}]) { nodes { status } } } } }"
    found = (await world.ask(BUREAU, query))["sources"]["nodes"]
    assert found[0]["runs"]["nodes"] == [{"status": "SUCCEEDED"}]


async def test_what_is_good_on_a_day(world: World) -> None:
    document = """query($day: Date!, $id: ID!) { beneficiary(id: $id) {
      memberships(where: {activeOn: $day}) { nodes { startsOn endsOn } }
      assignments(where: {activeOn: $day}) { nodes { startsOn endsOn } } } }"""
    oracle, told = Oracle(world.rows, BUREAU, TODAY), 0
    for person in oracle.seen("beneficiary"):
        who: Any = f"Beneficiary:{person['county_code']}:{person['id']}"
        found = (await world.ask(BUREAU, document, day=str(TODAY), id=who))["beneficiary"]
        for table, name in (("category_membership", "memberships"), ("assignment", "assignments")):
            own = [r for r in oracle.seen(table) if r["beneficiary_id"] == person["id"]]
            good = [r for r in own if r["starts_on"] <= TODAY and (not r["ends_on"] or r["ends_on"] >= TODAY)]
            assert len(found[name]["nodes"]) == len(good)
            told += len(good) < len(own)
    assert told


@pytest.mark.parametrize(
    ("scopes", "shown"), [(["beneficiary.rs"], False), (["beneficiary.rs", "field:care"], True)]
)
def test_days_that_are_hidden_are_no_condition(scopes: list[str], shown: bool) -> None:
    made: Any = schema(viewer("bureau", QIXING, scopes=scopes)).type_map.get("CategoryMembershipWhere")
    assert (made is not None and "activeOn" in made.fields) is shown
