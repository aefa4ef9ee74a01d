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
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    await owner.execute("update emergency_access set ends_at = $1", past)
    assert (await asked(hub, NAMES, {"Emergency-Access": access})).status_code == 403


@pytest.mark.parametrize("access", ["0", "", "x", "EmergencyAccess:99"])
async def test_one_that_is_none_is_refused(hub: Served, access: str) -> None:
    answer = await asked(hub, NAMES, {"Emergency-Access": access})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "NO_EMERGENCY")
