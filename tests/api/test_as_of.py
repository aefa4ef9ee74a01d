"""``asOf``: who has it, what it refuses, what it costs, and what stands beside a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType

from hub.read.statistics import Column, Statistics
from tests.support.costs import price
from tests.support.county import TODAY
from tests.support.reading import BUREAU, CONTRACTOR, TOWNSHIP, World, schema, small_world, viewer

KNOWN: Final = "2026-06-01T00:00:00+08:00"
LIST: Final = """query ($first: Int, $after: String, $asOf: AsOf) {
    assignments(first: $first, after: $after, asOf: $asOf) { totalCount nodes { id startsOn endsOn }
        pageInfo { hasNextPage endCursor } } }"""
BESIDE: Final = """query ($asOf: AsOf!) { beneficiary(id: "Beneficiary:%s:%s") {
    memberships(asOf: $asOf) { nodes { monthlyAmount provenance { field source observedAt } } } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        await made.database.owner.execute("vacuum analyze")
        yield made


def lists_with(who: Any) -> set[str]:
    """Fields that can be asked as of a moment."""
    return {
        f"{name}.{field}"
        for name, type_ in schema(who).type_map.items()
        if isinstance(type_, GraphQLObjectType)
        for field, definition in type_.fields.items()
        if "asOf" in definition.args
    }


def test_lists_of_benefits_categories_and_assignments_have_it() -> None:
    lead = ("Beneficiary", "Station", "Personnel", "Contract", "Contractor", "Query")
    for who in (BUREAU, TOWNSHIP, CONTRACTOR):
        assert lists_with(who) == {"Beneficiary.memberships", *(f"{name}.assignments" for name in lead)}
    for other in (viewer("agency", "450305000000"), viewer("operator")):
        assert lists_with(other) == set()
        assert "AsOf" not in schema(other).type_map


async def test_a_day_alone_is_asked_of_what_is_known_now(world: World) -> None:
    active = '{ assignments(first: 200, where: {activeOn: "2026-02-01"}) { nodes { id } } }'
    as_of = '{ assignments(first: 200, asOf: {valid: "2026-02-01"}) { nodes { id } } }'
    found = await world.ask(BUREAU, as_of)
    assert found == await world.ask(BUREAU, active)
    assert found["assignments"]["nodes"]


async def test_nothing_was_known_before_it_was_told(world: World) -> None:
    long_ago = {"valid": "2026-02-01", "known": "1999-01-01T00:00:00Z"}
    assert (await world.ask(BUREAU, LIST, asOf=long_ago))["assignments"]["totalCount"] == 0


@pytest.mark.parametrize(
    "given",
    [
        {"valid": "2026-02-01", "known": (TODAY + dt.timedelta(days=2)).isoformat() + "T00:00:00+08:00"},
        {"valid": "0001-01-01", "known": KNOWN},
        {"valid": "2026-02-01", "known": "9999-12-31T23:59:59Z"},
    ],
)
async def test_what_is_to_come_nobody_knows(world: World, given: dict[str, str]) -> None:
    assert await world.code(BUREAU, LIST, asOf=given) == "BAD_ARGUMENT"


async def test_the_day_has_to_be_named(world: World) -> None:
    assert await world.code(BUREAU, LIST, asOf={"known": KNOWN}) == "BAD_USER_INPUT"


async def test_pages_of_the_past_go_on(world: World) -> None:
    await world.database.owner.execute("update assignment set known_from = '2020-01-01'")
    as_of = {"valid": "2026-02-01", "known": "2026-06-10T00:00:00Z"}
    whole = (await world.ask(BUREAU, LIST, first=200, asOf=as_of))["assignments"]
    found: list[Any] = []
    after = None
    while True:
        page = (await world.ask(BUREAU, LIST, first=3, after=after, asOf=as_of))["assignments"]
        found += page["nodes"]
        assert page["totalCount"] == whole["totalCount"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == whole["nodes"]
    assert len(found) == whole["totalCount"] > 3


async def test_a_version_tells_its_own_origin(world: World) -> None:
    owner = world.database.owner
    fact = await owner.fetchrow(
        "update category_membership set known_from = '2020-01-01', starts_on = '2020-01-01', ends_on = null"
        " where id = (select min(id) from category_membership where county_code = '450305')"
        " returning county_code, beneficiary_id, id"
    )
    assert fact is not None
    await owner.execute(
        "update category_membership set known_from = '2020-01-01', monthly_amount = 500,"
        " observed_at = '2021-01-01' where county_code = $1 and id = $2",
        fact["county_code"],
        fact["id"],
    )
    await owner.execute("delete from category_membership_history")
    await owner.execute(
        "update category_membership set monthly_amount = 600, observed_at = '2022-01-01'"
        " where county_code = $1 and id = $2",
        fact["county_code"],
        fact["id"],
    )
    await owner.execute(
        "update category_membership_history set known_from = '2020-01-01', known_until = '2021-06-01'"
    )
    query = BESIDE % (fact["county_code"], fact["beneficiary_id"])
    then = {"valid": "2021-01-01", "known": "2021-02-01T00:00:00Z"}
    (version,) = (await world.ask(BUREAU, query, asOf=then))["beneficiary"]["memberships"]["nodes"]
    assert version["monthlyAmount"] == "500.00"
    (origin,) = [each for each in version["provenance"] if each["field"] == "monthlyAmount"]
    assert origin["observedAt"].startswith("2021-01-01")
    assert origin["source"] == "roster-450305"


async def test_the_log_says_that_the_past_was_read(world: World) -> None:
    """And which people it was of, as of any list."""
    operation = world.engine.operation(BUREAU, LIST, None)
    values = operation.variables({"asOf": {"valid": "2026-02-01", "known": KNOWN}})
    statement = world.engine.way(BUREAU, operation, values).compiled.statement  # type: ignore[union-attr]
    assert {"assignment", "assignment_history"} <= set(statement.tables)
    assert [place.type_name for place in statement.places] == ["Assignment"]


# ── cost ─────────────────────────────────────────────────────────────────────────────────────────────


def test_versions_are_paid_for() -> None:
    def of(versions: int) -> Statistics:
        tables = {"beneficiary": 10_000, "assignment": 10_000, "assignment_history": versions}
        columns = {("assignment", "beneficiary_id"): Column(10_000, 1)}
        past = {("assignment_history", "beneficiary_id"): Column(10_000, versions / 10_000)}
        return Statistics(tables, columns | past)

    inside = "{ beneficiaries(first: 100) { nodes { assignments%s { totalCount nodes { id } } } } }"
    for query in ("{ assignments%s { totalCount nodes { id } } }", inside):
        then = query % f'(asOf: {{valid: "2026-02-01", known: "{KNOWN}"}})'
        on_the_day = query % '(asOf: {valid: "2026-02-01"})'
        assert price(then, statistics=of(100_000)) > price(then, statistics=of(10_000))
        assert price(then, statistics=of(10_000)) > price(on_the_day, statistics=of(10_000))
