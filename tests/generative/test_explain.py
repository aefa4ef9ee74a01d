"""``explainAccess`` and ``explainList`` against the rows of random worlds, for every role."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.read.bind import TYPES
from tests.support.county import TODAY, Rows, store
from tests.support.oracle import key_of
from tests.support.reading import (
    AGENCY,
    CONTRACTOR,
    VIEWERS,
    World,
    schema,
    small_world,
    without_minor,
)
from tests.support.whole import WholeOracle

OLDER: Final = {f"older {name}": without_minor(VIEWERS[name]) for name in ("bureau", "contractor")}
ASKERS: Final = {**VIEWERS, **OLDER}
AT_ONCE: Final = 40
TYPES_OF: Final = {
    "beneficiaries": "Beneficiary",
    "assignments": "Assignment",
    "stations": "Station",
    "divisions": "Division",
}
RECORD: Final = """fragment Told on RecordAccess { visible because { reason sentence sentenceZh } until
  grounds { divisionCode contract { number live } assignedFrom assignedUntil until }
  access { readable rows { rules { sentence } contracts { number status live } } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        yield made


async def explained(world: World, who: Viewer, ids: list[str]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        given = ", ".join(f"$i{n}: ID!" for n in range(len(part)))
        asked = " ".join(f"a{n}: explainAccess(id: $i{n}) {{ ...Told }}" for n in range(len(part)))
        data = await world.ask(
            who, f"query({given}) {{ {asked} }} {RECORD}", **{f"i{n}": each for n, each in enumerate(part)}
        )
        found += data.values()
    return found


def some_records(world: World, seed: str, each: int = 14) -> list[tuple[str, Any, Any]]:
    """Id, type and row of some records of every type."""
    rng = random.Random(seed)
    return [
        (":".join([name, *map(str, key_of(bound_type.table.name, row))]), bound_type, row)
        for name, bound_type in TYPES.items()
        for rows in (world.rows.get(bound_type.table.name, []),)
        for row in rng.sample(rows, min(each, len(rows)))
    ]


@pytest.mark.parametrize("who", ASKERS.values(), ids=ASKERS)
async def test_a_record_is_said_to_be_seen_where_it_is(world: World, who: Viewer) -> None:
    oracle, known = WholeOracle(world.rows, who, TODAY), set(schema(who).type_map)
    asked = some_records(world, who.role)
    found = await explained(world, who, [id_ for id_, _, _ in asked])
    query, ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", [id_ for id_, _, _ in asked]
    parts = [
        await world.ask(who, query, ids=part)
        for part in (ids[at : at + 200] for at in range(0, len(ids), 200))
    ]
    nodes = [node for part in parts for node in part["nodes"]]
    for (id_, bound_type, row), said, node in zip(asked, found, nodes, strict=True):
        seen = bound_type.name in known and oracle.visible(bound_type.table.name, row)
        assert said["visible"] is seen is (node is not None), id_
        assert (said["because"][0]["reason"] == "NOT_SEEN") is not seen
    assert who is AGENCY or sum(said["visible"] for said in found) > 10


@pytest.mark.parametrize("who", ASKERS.values(), ids=ASKERS)
async def test_a_foreign_record_and_none_at_all_are_told_the_same(world: World, who: Viewer) -> None:
    oracle, known = WholeOracle(world.rows, who, TODAY), set(schema(who).type_map)
    tried = 0
    for name, bound_type in TYPES.items():
        table = bound_type.table.name
        rows = [
            row for row in world.rows.get(table, ()) if name not in known or not oracle.visible(table, row)
        ]
        foreign = [":".join([name, *map(str, key_of(table, row))]) for row in rows[:3]]
        parts = len(bound_type.table.primary_key.columns)
        absent = [f"{name}{':450305' * (parts - 1)}:{number}" for number in (987654321, 10**17)]
        odd = [f"{name}:999999:1", f"{name}:1"] if parts == 2 else [f"{name}:1:1"]
        query = f"query($id: ID!) {{ explainAccess(id: $id) {{ id ...Told }} }} {RECORD}"
        bodies = {
            (await world.answer(who, query, id=id_)).body.replace(f'"{id_}"'.encode(), b"ID")
            for id_ in (*foreign, *absent, *odd)
        }
        assert len(bodies) == 1, name
        tried += len(foreign)
    assert tried > 5


async def test_until_is_the_last_day_the_record_is_seen(world: World) -> None:
    """Of people, by the assignments of today; a later one may begin before the last of them ends."""
    oracle = WholeOracle(world.rows, CONTRACTOR, TODAY)
    people = oracle.seen("beneficiary")
    ids = [f"Beneficiary:{row['county_code']}:{row['id']}" for row in people]
    ends = {k["id"]: k["ends_on"] for k in world.rows["contract"]}
    for row, said in zip(people, await explained(world, CONTRACTOR, ids), strict=True):
        own = [a for a in oracle.seen("assignment") if a["beneficiary_id"] == row["id"]]
        last = max(min(ends[a["contract_id"]], a["ends_on"] or dt.date.max) for a in own)
        assert said["until"] == last.isoformat()
        assert len(said["grounds"]) == len(own)
        assert all(ground["contract"]["live"] for ground in said["grounds"])
        then = WholeOracle(world.rows, CONTRACTOR, last)
        assert then.visible("beneficiary", row)
    assert len(people) > 5


@pytest.mark.parametrize("who", ASKERS.values(), ids=ASKERS)
async def test_the_steps_of_a_list_are_counts_of_the_viewers_own_list(world: World, who: Viewer) -> None:
    if who is AGENCY or who.role == "operator":
        lists: dict[str, Any] = (
            {"divisions": {}} if who is AGENCY else {"stations": {"status": {"eq": "OPERATING"}}}
        )
    else:
        lists = {
            "beneficiaries": {
                "riskLevel": {"in": ["LEVEL_1", "LEVEL_2"]},
                "station": {"status": {"eq": "OPERATING"}},
            },
            "assignments": {"startsOn": {"gte": "2026-01-01"}, "not": {"activeOn": "2026-03-01"}},
            "stations": {},
        }
    for name, where in lists.items():
        count = f"query($w: {TYPES_OF[name]}Where) {{ {name}(where: $w) {{ totalCount }} }}"
        told = (
            f"query($w: {TYPES_OF[name]}Where!) {{ explainList(of: {{{name}: $w}})"
            " { inSlice count steps { condition count } } }"
        )
        said = (await world.ask(who, told, w=where))["explainList"]
        first: dict[str, Any] = {}
        assert said["inSlice"] == (await world.ask(who, count))[name]["totalCount"]
        for (key, condition), step in zip(where.items(), said["steps"], strict=True):
            first[key] = condition
            expected = (await world.ask(who, count, w=first))[name]["totalCount"]
            assert step == {"condition": key, "count": expected}
        assert said["count"] == (await world.ask(who, count, w=where))[name]["totalCount"]


def foreign(rows: Rows, who: Viewer, table: str) -> list[dict[str, Any]]:
    oracle = WholeOracle(rows, who, TODAY)
    return [row for row in rows[table] if not oracle.visible(table, row)]


async def all_that_is_told(world: World, who: Viewer) -> list[bytes]:
    """Of every kind of record, of some records, and of the lists."""
    oracle, known = WholeOracle(world.rows, who, TODAY), set(schema(who).type_map)
    types = " ".join(
        f'{name}: access(type: "{name}") {{ readable rows {{ rules {{ sentence }}'
        " contracts { number live } } fields { name visible because { sentence } } }"
        for name in TYPES
    )
    asked: list[tuple[str, dict[str, Any]]] = [(f"{{ viewer {{ {types} }} }}", {})]
    one = f"query($id: ID!) {{ explainAccess(id: $id) {{ id ...Told }} }} {RECORD}"
    for name, bound_type in TYPES.items():
        table = bound_type.table.name
        if name in known:
            rows = [row for row in world.rows.get(table, ()) if oracle.visible(table, row)][:4]
            asked += [(one, {"id": ":".join([name, *map(str, key_of(table, row))])}) for row in rows]
    asked += [(one, {"id": f"Beneficiary:450305:{number}"}) for number in (1, 5000, 5001)]
    lists = {
        "beneficiaries": "{riskLevel: {eq: LEVEL_1}}",
        "visits": "{}",
        "stations": "{}",
        "contracts": "{}",
    }
    for name, where in lists.items():
        if name in schema(who).query_type.fields:  # type: ignore[union-attr]
            asked.append(
                (f"{{ explainList(of: {{{name}: {where}}}) {{ inSlice count steps {{ count }} }} }}", {})
            )
    return [(await world.answer(who, document, None, **given)).body for document, given in asked]


@pytest.mark.parametrize("name", ["township", "contractor", "older bureau"])
async def test_nothing_outside_the_slice_changes_what_is_told(name: str) -> None:
    who = ASKERS[name]
    async with small_world(11) as world:
        before = await all_that_is_told(world, who)
        await _change_what_is_foreign(world, who, ASKERS[name.removeprefix("older ")])
        world.engine.live._known.clear()
        after = await all_that_is_told(world, who)
        async with world.database.transaction() as connection:
            await connection.execute("update beneficiary set risk_level = 'LEVEL_1'")
        assert await all_that_is_told(world, who) != after  # it would be noticed
    assert len(before) > 20
    assert [orjson.loads(body) for body in after] == [orjson.loads(body) for body in before]
    assert after == before


async def _change_what_is_foreign(world: World, who: Viewer, whole: Viewer) -> None:
    """Foreign facts go, foreign people change and get company, other contractors' contracts move.

    What is foreign to ``who`` and not to ``whole`` only changes: a category tells which child is shown.
    """
    people, strangers = (foreign(world.rows, each, "beneficiary") for each in (who, whole))
    assert strangers
    async with world.database.transaction() as connection:
        for table in (
            "street_encounter",
            "relief_episode",
            "visit",
            "category_membership",
            "assignment",
            "warning",
        ):
            gone = [(row["county_code"], row["id"]) for row in foreign(world.rows, whole, table)]
            assert gone
            await connection.executemany(f"delete from {table} where county_code = $1 and id = $2", gone)
        await connection.executemany(
            "update beneficiary set risk_level = 'LEVEL_1', name = '李某' where county_code = $1 and id = $2",
            [(row["county_code"], row["id"]) for row in people],
        )
        await connection.executemany(
            "update contract set ends_on = ends_on + 40, status = 'ACTIVE' where id = $1",
            [(row["id"],) for row in foreign(world.rows, who, "contract")],
        )
    numbers = ("id_number", "id_number_hash", "id_number_masked")
    new = [
        {**{k: v for k, v in row.items() if k not in numbers}, "id": 5000 + n}
        for n, row in enumerate(strangers[:8])
    ]
    await store(world.database, {"beneficiary": new})
