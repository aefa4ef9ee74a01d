"""The header ``Emergency-Access``: over HTTP, over a socket, and refused where it names none."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.serving import Served, serving

NAMES = "{ viewer { role } beneficiaries { totalCount } }"
OPEN = """mutation ($people: [ID!]) {
    openEmergencyAccess(reason: MISSING, hours: 1, note: "走失", people: $people) { id } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


async def asked(hub: Served, query: str, headers: dict[str, str], **variables: Any) -> Any:
    content = json.dumps({"query": query, "variables": variables})
    return await hub.post(content, role="bureau", headers=headers)


def code(answer: Any) -> Any:
    return answer.json()["errors"][0]["extensions"]["code"]


async def test_the_header_makes_it_a_request_for_these_people(hub: Served) -> None:
    rows, owner = hub.world.rows["beneficiary"], hub.world.database.owner
    await owner.execute("select setval(pg_get_serial_sequence('emergency_access', 'id'), 100)")
    person = next(row for row in rows if row["county_code"] == "450305")
    made = await asked(hub, OPEN, {}, people=[f"Beneficiary:450305:{person['id']}"])
    access = made.json()["data"]["openEmergencyAccess"]["id"]
    there = (await asked(hub, NAMES, {"Emergency-Access": access})).json()["data"]
    assert there == {"viewer": {"role": "emergency"}, "beneficiaries": {"totalCount": 1}}
    usual = (await asked(hub, NAMES, {})).json()["data"]
    assert usual["viewer"]["role"] == "bureau"
    assert usual["beneficiaries"]["totalCount"] > 1
    assert "hub_emergency_accesses" in (await hub.http.get("/metrics")).text
    usual = [("Content-Type", "application/json"), *hub.bearer("bureau").items()]
    twice = [*usual, *[("Emergency-Access", access)] * 2]
    refused = await hub.http.post("/graphql", content=json.dumps({"query": NAMES}), headers=twice)
    assert (refused.status_code, code(refused)) == (403, "NO_EMERGENCY")
    for role in ("township", "contractor"):
        other = await hub.post(json.dumps({"query": NAMES}), role=role, headers={"Emergency-Access": access})
        assert (other.status_code, code(other)) == (403, "NO_EMERGENCY")
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    await owner.execute("update emergency_access set ends_at = $1", past)
    assert (await asked(hub, NAMES, {"Emergency-Access": access})).status_code == 403


@pytest.mark.parametrize("access", ["0", "", "x", "EmergencyAccess:99"])
async def test_one_that_is_none_is_refused(hub: Served, access: str) -> None:
    answer = await asked(hub, NAMES, {"Emergency-Access": access})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "NO_EMERGENCY")


async def test_one_that_was_closed_is_refused_at_once(hub: Served) -> None:
    person = next(row for row in hub.world.rows["beneficiary"] if row["county_code"] == "450305")
    made = await asked(hub, OPEN, {}, people=[f"Beneficiary:450305:{person['id']}"])
    access = made.json()["data"]["openEmergencyAccess"]["id"]
    inside = {"Emergency-Access": access}
    assert (await asked(hub, NAMES, inside)).status_code == 200
    close = "mutation ($id: ID!) { closeEmergencyAccess(access: $id) { endReason } }"
    refused = await asked(hub, close, inside, id=access)
    assert code(refused) == "GRAPHQL_VALIDATION_FAILED"  # nothing is done from inside
    closed = (await asked(hub, close, {}, id=access)).json()
    assert closed["data"]["closeEmergencyAccess"] == {"endReason": "OPENER"}
    assert code(await asked(hub, NAMES, inside)) == "NO_EMERGENCY"
