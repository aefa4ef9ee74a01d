"""Anybody notes needs and visits at random; who may is whom a naive second reading lets see the person."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from tests.support.county import TODAY
from tests.support.handing import begin, furnish
from tests.support.oracle import key_of
from tests.support.reading import DONGJIANG, JINJIANG, QIXING, World, small_world, viewer, without_minor
from tests.support.whole import WholeOracle

SEEDS: Final = (5, 6)
STEPS: Final = 30
CONTRACTORS: Final = [viewer("contractor", None, number) for number in (1, 2, 3)]
OFFICES: Final = [viewer("bureau", QIXING), viewer("bureau", JINJIANG), viewer("township", DONGJIANG)]
ALL: Final = [*CONTRACTORS, *OFFICES, without_minor(OFFICES[0]), without_minor(CONTRACTORS[0])]
WRITTEN: Final = {"needs_record": "needs", "visit": "visits"}
NOTE: Final = {
    "needs_record": "mutation ($person: ID!) { done: assessNeed(beneficiary: $person, kind: CARE) { id } }",
    "visit": """mutation ($person: ID!, $on: Date!) {
        done: recordVisit(beneficiary: $person, visitedOn: $on, kind: HOME, purpose: OTHER) { id } }""",
}
SEEN: Final = " ".join(f"{field}(first: 200) {{ totalCount nodes {{ id }} }}" for field in WRITTEN.values())


@pytest_asyncio.fixture(params=SEEDS, loop_scope="session")
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with small_world(request.param) as made:
        await furnish(made)
        await begin(made)
        for table in WRITTEN:
            await made.database.owner.execute(
                f"select setval(pg_get_serial_sequence('{table}', 'id'), 100000)"
            )
        await reload(made, "assignment", "contract")
        yield made


async def reload(world: World, *tables: str) -> None:
    for table in tables:
        world.rows[table] = [dict(row) for row in await world.database.owner.fetch(f"select * from {table}")]


async def test_whoever_sees_a_person_notes_what_everybody_sees_who_may(world: World) -> None:
    rng, done = random.Random(len(world.rows["visit"])), dict.fromkeys(("", "FORBIDDEN"), 0)
    for _ in range(STEPS):
        who, person = rng.choice(ALL), rng.choice(world.rows["beneficiary"])
        table = rng.choice(list(NOTE))
        found = await _note(world, who, table, person)
        done[found] = done.get(found, 0) + 1
        await reload(world, table)
    assert set(done) <= {"", "FORBIDDEN", "BAD_ARGUMENT"}
    assert min(done[""], done["FORBIDDEN"]) > 2
    for who in ALL:
        oracle, seen = WholeOracle(world.rows, who, TODAY), await world.ask(who, f"{{ {SEEN} }}")
        for table, field in WRITTEN.items():
            rows = oracle.seen(table)
            assert seen[field]["totalCount"] == len(rows), (who.role, table)
            found_ids = {tuple(node["id"].split(":")[1:]) for node in seen[field]["nodes"]}
            assert found_ids <= {tuple(map(str, key_of(table, row))) for row in rows}


async def _note(world: World, who: Viewer, table: str, person: dict[str, Any]) -> str:
    """The code, empty where it was done: a contractor may serve somebody under several contracts."""
    oracle = WholeOracle(world.rows, who, TODAY)
    given = {"person": ":".join(["Beneficiary", *map(str, key_of("beneficiary", person))])}
    body = orjson.loads((await world.answer(who, NOTE[table], **given, on=TODAY.isoformat())).body)
    code = str(body["errors"][0]["extensions"]["code"]) if "errors" in body else ""
    assert (code == "FORBIDDEN") is not oracle.visible("beneficiary", person), (who.role, table)
    if code == "":
        assert body["data"]["done"]["id"]
    return code
