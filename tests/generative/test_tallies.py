"""What a tally tells is what counting the rows tells, for whatever question it can answer."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.read.sql import Statement
from tests.generative.test_aggregates import COUNTING
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    DONGJIANG,
    GUANGXI,
    JINJIANG,
    PROVINCE,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

ROUNDS: Final = 40
EVERY: Final = {"Beneficiary": {"name": {"isNull": False}}, "Visit": {"beneficiary": {}}}
"""A condition that every row meets, and that no tally knows the columns of."""
KEYS: Final = {
    "Beneficiary": ["riskLevel", "station", "divisionCode"],
    "Visit": ["station", "visitedOnMonth", "visitedOnYear"],
}
ROOTS: Final = {"Beneficiary": "beneficiaries", "Visit": "visits"}
VIEWERS: Final = {
    "county": (BUREAU, list(ROOTS)),
    "province": (PROVINCE, list(ROOTS)),
    "elsewhere": (viewer("bureau", JINJIANG), list(ROOTS)),
    "township": (TOWNSHIP, ["Beneficiary"]),
}

CHANGES: Final = (
    "delete from visit where id % 7 = 1",
    "update visit set visited_on = visited_on + 40, station_id = null where id % 5 = 2",
    "update beneficiary set risk_level = case when id % 2 = 0 then 'LEVEL_1' end where id % 3 = 0",
    "update beneficiary set station_id = 1 + id % 4 where id % 5 = 1",
    "update beneficiary set division_code = '450305001000' where county_code = '450305' and id % 4 = 3",
    "update beneficiary set station_id = station_id % 4 + 1 where station_id is not null",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """After some writing, with what statements have appended as it is."""
    async with small_world(5) as made:
        for change in CHANGES:
            await made.database.owner.execute(change)
        yield made


def condition(rng: random.Random, type_name: str, depth: int = 2) -> dict[str, Any]:
    kind = rng.choice(["and", "or", "not", *["column"] * 4]) if depth else "column"
    if kind == "not":
        return {"not": condition(rng, type_name, depth - 1)}
    if kind in ("and", "or"):
        return {kind: [condition(rng, type_name, depth - 1) for _ in range(rng.randint(0, 3))]}
    if type_name == "Visit":
        day = f"202{rng.choice('56')}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        return {"visitedOn": {rng.choice(["eq", "lt", "lte", "gt", "gte"]): day}}
    return rng.choice(
        [
            {},
            {"riskLevel": {"isNull": rng.random() < 0.5}},
            {"riskLevel": {"in": rng.sample(["LEVEL_1", "LEVEL_2", "LEVEL_3"], rng.randint(0, 3))}},
            {"riskLevel": {"eq": rng.choice(["LEVEL_1", "LEVEL_2"])}},
            {"divisionCode": {"within": rng.choice([QIXING, GUANGXI, DONGJIANG, "3505"])}},
            {"divisionCode": {"eq": DONGJIANG}},
        ]
    )


def statement(world: World, who: Viewer, query: str, **given: Any) -> Statement:
    operation = world.engine.operation(who, query, None)
    way = world.engine.way(who, operation, operation.variables(given))
    assert way.compiled is not None
    return way.compiled.statement


def question(type_name: str, keys: list[str], place: str) -> str:
    root = ROOTS[type_name]
    groups = f"groups(by: [{' '.join(keys)}]) {{ key count }}" if keys else ""
    numbers = f"{root}(where: $w) {{ totalCount }} {root}Aggregate(where: $w) {{ count {groups} }}"
    whole = numbers if place == "top" else f"stations {{ nodes {{ id {numbers} }} }}"
    return f"query($w: {type_name}Where!) {{ {whole} }}"


@pytest.mark.parametrize(("who", "types"), VIEWERS.values(), ids=VIEWERS)
async def test_a_tally_tells_what_counting_tells(world: World, who: Viewer, types: list[str]) -> None:
    rng, some = random.Random(who.division_code), 0
    for _ in range(ROUNDS):
        type_name, place = rng.choice(types), rng.choice(["top", "top", "station"])
        query = question(type_name, rng.sample(KEYS[type_name], rng.randint(0, 3)), place)
        where = condition(rng, type_name)
        beyond = {"and": [where, EVERY[type_name]]}
        table = {"Beneficiary": "beneficiary", "Visit": "visit"}[type_name]
        told = statement(world, who, query, w=where)
        assert told.text.count(f" from {table}_tally ") == 2
        assert f" from {table} " not in told.text
        assert table in told.tables
        assert f"{table}_tally" not in told.tables, "the access log names what was asked about"
        assert "_tally" not in statement(world, who, query, w=beyond).text
        found = await world.ask(who, query, w=where)
        assert found == await world.ask(who, query, w=beyond), (query, where)
        some += "'count': 0" not in str(found)
    assert some > ROUNDS / 8, "the random questions hardly found anybody"


@pytest.mark.parametrize(
    ("who", "query"),
    [
        (BUREAU, '{ beneficiaries(where: {name: {eq: "x"}}) { totalCount } }'),
        (BUREAU, '{ beneficiaries(where: {search: "张"}) { totalCount } }'),
        (BUREAU, '{ beneficiaries(where: {not: {or: [{birthOn: {isNull: true}}]}}) { totalCount } }'),
        (BUREAU, '{ beneficiaries(where: {station: {name: {eq: "x"}}}) { totalCount } }'),
        (BUREAU, "{ beneficiariesAggregate { groups(by: [riskLevel birthOnYear]) { count } } }"),
        (BUREAU, "{ visitsAggregate { groups(by: [worker]) { count } } }"),
        (BUREAU, "{ beneficiaries { nodes { id } } }"),
        (BUREAU, "{ assignments { totalCount } }"),
        (BUREAU, "{ contracts { nodes { beneficiariesAggregate { count } visits { totalCount } } } }"),
        (BUREAU, "{ beneficiaries { nodes { visitsAggregate { count } } } }"),
        (TOWNSHIP, "{ visits { totalCount } visitsAggregate { count } }"),
        (CONTRACTOR, "{ visits { totalCount } beneficiariesAggregate { count } }"),
    ],
)  # fmt: skip
async def test_beyond_its_columns_rows_are_counted(world: World, who: Viewer, query: str) -> None:
    assert "_tally" not in statement(world, who, query).text
    await world.ask(who, query)


async def test_who_may_only_count_is_told_by_the_tally_and_roughly(world: World) -> None:
    query = "{ beneficiariesAggregate { count groups(by: [riskLevel]) { key count } } }"
    made = statement(world, COUNTING, query)
    assert " from beneficiary_tally " in made.text
    assert made.tables == ("beneficiary",)
    rough = (await world.ask(COUNTING, query))["beneficiariesAggregate"]
    exact = (await world.ask(BUREAU, query))["beneficiariesAggregate"]
    least = world.engine.smallest
    for group, same in zip(rough["groups"], exact["groups"], strict=True):
        count = same["count"]
        expected = None if count < least else int(count / least + 0.5) * least
        assert group == {"key": same["key"], "count": expected}
