"""转介、移交: who may hand on whom, what the receiver sees before and after, and who comes first."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.handing import (
    ACCEPT,
    RECEIVER,
    TO,
    handing_world,
    refer,
)
from tests.support.reading import World


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with handing_world() as made:
        yield made


SHOWN = """{ referrals { nodes {
    status category need referrerName township { name } beneficiary { id } toContractor { id } } } }"""


async def test_a_receiver_sees_what_it_needs_to_decide_and_then_the_person(world: World) -> None:
    made = await refer(world)
    [seen] = (await world.ask(RECEIVER, SHOWN))["referrals"]["nodes"]
    assert seen["beneficiary"] is None
    assert (seen["status"], seen["category"], seen["need"]) == ("PENDING", "DIBAO", "CARE")
    assert seen["referrerName"]
    assert seen["township"]["name"]
    taken = (await world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}"))["acceptReferral"]
    assert taken["beneficiary"]["name"] == "甲某"
    assert taken["toContract"]["id"] == f"Contract:{TO}"
