"""People are handed on at random by anybody; after every step each sees what a naive second reading says."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from tests.support.county import TODAY
from tests.support.handing import CODES, begin, furnish
from tests.support.oracle import key_of
from tests.support.reading import DONGJIANG, JINJIANG, QIXING, World, small_world, viewer
from tests.support.whole import WholeOracle

SEEDS: Final = (1, 2)
STEPS: Final = 16
CONTRACTORS: Final = [viewer("contractor", None, number) for number in (1, 2, 3)]
OFFICES: Final = [viewer("bureau", QIXING), viewer("bureau", JINJIANG), viewer("township", DONGJIANG)]
ALL: Final = [*CONTRACTORS, *OFFICES]
WRITTEN: Final = ("assignment", "referral")
LISTS: Final = {
    "beneficiary": "beneficiaries", "assignment": "assignments", "referral": "referrals", "visit": "visits",
}  # fmt: skip
SEEN: Final = " ".join(f"{field}(first: 200) {{ nodes {{ id }} }}" for field in LISTS.values())
REFER: Final = """mutation ($person: ID!, $kind: ReferralKind!, $category: Category!, $to: String!) {
    done: referBeneficiary(
        beneficiary: $person, kind: $kind, category: $category, toCreditCode: $to) { id } }"""
DECIDE: Final = {
    "ACCEPTED": """mutation ($id: ID!, $under: ID) {
        done: acceptReferral(referral: $id, contract: $under) { id } }""",
    "DECLINED": 'mutation ($id: ID!) { done: declineReferral(referral: $id, reason: "满") { id } }',
    "WITHDRAWN": "mutation ($id: ID!) { done: withdrawReferral(referral: $id) { id } }",
}


@pytest_asyncio.fixture(params=SEEDS, loop_scope="session")
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with small_world(request.param) as made:
        await furnish(made)
        await begin(made)
        await reload(made)
        yield made


async def reload(world: World) -> None:
    for table in WRITTEN:
        world.rows[table] = [dict(row) for row in await world.database.owner.fetch(f"select * from {table}")]


async def code(world: World, who: Viewer, asked: str, **given: Any) -> str:
    """Empty where it was done."""
    body = orjson.loads((await world.answer(who, asked, **given)).body)
    return str(body["errors"][0]["extensions"]["code"]) if "errors" in body else ""


async def test_whatever_is_done_everybody_sees_their_own_part(world: World) -> None:
    rng, done = random.Random(len(world.rows["visit"])), dict.fromkeys(("", "FORBIDDEN", "BAD_ARGUMENT"), 0)
    for _ in range(STEPS):
        refers = rng.random() < 0.5 or not world.rows["referral"]
        found = await (_refer if refers else _decide)(world, rng)
        done[found] = done.get(found, 0) + 1
        await reload(world)
        for who in ALL:
            await _as_the_oracle_says(world, who)
    assert set(done) <= {"", "FORBIDDEN", "BAD_ARGUMENT", "CONFLICT"}
    assert done[""]
    assert done["FORBIDDEN"]


async def _refer(world: World, rng: random.Random) -> str:
    who, people = rng.choice(ALL), world.rows["beneficiary"]
    person = rng.choice(people[-2:] if rng.random() < 0.7 else people)
    given = {
        "person": f"Beneficiary:{person['county_code']}:{person['id']}",
        "kind": rng.choice(["TRANSFER", "REFER"]),
        "category": "DIBAO",
        "to": rng.choice(list(CODES.values())),
    }
    visible = WholeOracle(world.rows, who, TODAY).visible("beneficiary", person)
    found = await code(world, who, REFER, **given)
    assert (found == "FORBIDDEN") is not visible
    return found


async def _decide(world: World, rng: random.Random) -> str:
    row, status = rng.choice(world.rows["referral"]), rng.choice(list(DECIDE))
    who = rng.choice(CONTRACTORS)
    made = f"Referral:{row['county_code']}:{row['id']}"
    seen = WholeOracle(world.rows, who, TODAY).visible("referral", row)
    own = [k["id"] for k in world.rows["contract"] if WholeOracle(world.rows, who, TODAY).live(k["id"])]
    under = f"Contract:{rng.choice(own)}" if own and status == "ACCEPTED" else None
    found = await code(world, who, DECIDE[status], id=made, under=under)
    side = row["to_contractor_id" if status != "WITHDRAWN" else "from_contractor_id"]
    if not seen or (row["status"] == "PENDING" and side != who.organisation_id):
        assert found == "FORBIDDEN"
    elif row["status"] != "PENDING":
        assert found == "CONFLICT"
    return found


async def _as_the_oracle_says(world: World, who: Viewer) -> None:
    oracle = WholeOracle(world.rows, who, TODAY)
    seen = await world.ask(who, f"{{ {SEEN} }}")
    for table, field in LISTS.items():
        found = {tuple(node["id"].split(":")[1:]) for node in seen[field]["nodes"]}
        assert found == {tuple(map(str, key_of(table, row))) for row in oracle.seen(table)}, (who.role, table)
