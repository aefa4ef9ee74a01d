"""What one process does reaches tokens at every other one: two processes, one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.clients import resume_client, suspend_client
from tests.support.hubs import Hubs, two_hubs


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hubs() -> AsyncIterator[Hubs]:
    async with two_hubs() as hubs:
        yield hubs


async def statuses(hubs: Hubs, token: str) -> list[int]:
    return [(await hubs.ask(which, token)).status_code for which in (0, 1)]


async def test_a_suspension_reaches_every_process(hubs: Hubs) -> None:
    await hubs.register("suspended")
    token = await hubs.token(0, "suspended")
    assert await statuses(hubs, token) == [200, 200]
    await suspend_client(hubs.database, "suspended")
    await asyncio.sleep(VIEWER_SECONDS)
    assert await statuses(hubs, token) == [401, 401]
    assert (await hubs.post(1, "/oauth/token", "suspended")).status_code == 400
    await resume_client(hubs.database, "suspended")
    assert await statuses(hubs, token) == [200, 200]
