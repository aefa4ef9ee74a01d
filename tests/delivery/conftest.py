"""One hub for all tests of this folder, whose clients are told at a receiver on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.delivery import service, telling
from tests.support.delivery import OWN, Endpoint, receiving
from tests.support.serving import Served, serving
from tests.support.streaming import LIVE, commit


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(service, "SECONDS", 0.1)
        patched.setattr(telling, "PAUSE_SECONDS", 0.1)
        async with serving(webhook_networks=OWN, webhook_senders=8, webhook_seconds=2) as served:
            await commit(served.world.database, LIVE)
            yield served


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint(hub: Served) -> AsyncIterator[Endpoint]:
    async with receiving(hub.world) as made:
        yield made
        await hub.world.database.owner.execute("delete from webhook")
