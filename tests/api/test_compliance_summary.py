"""``complianceSummary``: numbers that are those of the verdicts, and each office's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio

from hub.access.viewer import Viewer
from hub.compliance.following import look
from tests.support.county import TODAY
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

ASKED: Final = """query($division: String, $by: DivisionLevel, $entity: [NormSubject!], $rules: [String!]) {
    complianceSummary(division: $division, by: $by, entity: $entity, rules: $rules) {
        division asOf judgedAt settled
        sums { division entity rule quantity comparator target unit period met notMet due unknown
            basis { document { code } article quote } } } }"""
NUMBERS: Final = {"MET": "met", "NOT_MET": "notMet", "DUE": "due", "UNKNOWN": "unknown"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        await made.database.owner.execute("truncate beneficiary_verdict")  # of random people
        await look(made.database, TODAY)
        yield made


async def asked(world: World, who: Viewer, **given: Any) -> Any:
    return (await world.ask(who, ASKED, **given))["complianceSummary"]


def added(sums: list[Any], *keys: str) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for each in sums:
        for name in NUMBERS.values():
            found[(*(each[key] for key in keys), name)] += each[name]
    return +found


async def test_numbers_are_those_of_the_verdicts(world: World) -> None:
    document = """query($of: [ID!]!) { compliance(of: $of) { rule quantity target status } }"""
    for root, entity in (
        ("stations", "STATION"),
        ("beneficiaries", "BENEFICIARY"),
        ("contracts", "CONTRACT"),
    ):
        listed = await world.ask(BUREAU, f"{{ {root}(first: 200) {{ nodes {{ id }} }} }}")
        ids = [node["id"] for node in listed[root]["nodes"]]
        verdicts = (await world.ask(BUREAU, document, of=ids))["compliance"]
        counted = Counter(
            (each["rule"], each["quantity"], NUMBERS[each["status"]])
            for each in verdicts
            if each["status"] in NUMBERS
        )
        told = await asked(world, BUREAU, entity=[entity])
        assert (told["division"], told["asOf"], told["settled"]) == (QIXING, TODAY.isoformat(), True)
        assert counted
        assert added(told["sums"], "rule", "quantity") == counted
        assert all(each["basis"]["quote"] for each in told["sums"])


async def test_a_level_below_divides_the_same_numbers(world: World) -> None:
    whole, parts = await asked(world, BUREAU), await asked(world, BUREAU, by="TOWNSHIP")
    assert added(whole["sums"], "entity", "rule") == added(parts["sums"], "entity", "rule")
    places = {each["division"] for each in parts["sums"] if each["entity"] == "BENEFICIARY"}
    assert len(places) > 1
    assert all(place[:6] == "450305" and place[6:9] != "000" for place in places)
    own = await asked(world, TOWNSHIP)
    mine = [each for each in parts["sums"] if each["division"] == own["division"]]
    assert added(own["sums"], "entity", "rule") == added(mine, "entity", "rule")
    assert (await asked(world, BUREAU, rules=["R30"]))["sums"] == [
        each for each in whole["sums"] if each["rule"] == "R30"
    ]


async def test_each_is_told_of_its_own_division(world: World) -> None:
    for who, division in ((BUREAU, "450302"), (BUREAU, "45"), (TOWNSHIP, QIXING), (BUREAU, "640104")):
        assert await world.code(who, ASKED, division=division) == "BAD_ARGUMENT"
    assert await world.code(BUREAU, ASKED, by="PROVINCE") == "BAD_ARGUMENT"
    assert await world.code(BUREAU, ASKED, rules=["R999"]) == "BAD_ARGUMENT"
    for who in (CONTRACTOR, AGENCY):
        field = "{ complianceSummary { settled } }"
        assert await world.code(who, field) == "GRAPHQL_VALIDATION_FAILED"


async def test_numbers_of_people_are_for_who_may_see_what_they_tell(world: World) -> None:
    nameless = viewer("bureau", QIXING, scopes=["station.rs", "personnel.rs", "beneficiary.rs"])
    told = {each["entity"] for each in (await asked(world, nameless))["sums"]}
    assert told
    assert not told & {"BENEFICIARY", "PERSONNEL"}


async def test_a_change_that_waits_is_told_of(world: World) -> None:
    await world.database.owner.execute(
        "insert into change (entity, county_code, entity_id, operation) values ('visit', '450305', 1, 'U')"
    )
    assert not (await asked(world, BUREAU))["settled"]
    await look(world.database, TODAY)
    assert (await asked(world, BUREAU))["settled"]


async def test_a_county_is_as_of_its_own_day(world: World) -> None:
    """And not of that of the county whose code follows."""
    owner = world.database.owner
    await owner.execute("insert into judged_county (county_code, day, edition) values ('450306', null, '')")
    try:
        told = await asked(world, BUREAU)
        assert (told["asOf"], told["settled"]) == (TODAY.isoformat(), True)
    finally:
        await owner.execute("delete from judged_county where county_code = '450306'")
