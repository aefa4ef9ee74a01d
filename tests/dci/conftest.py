"""One hub for all tests of this folder, with parties that are answered at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.dci import exchange, subscriptions
from tests.support.dci import Party, party
from tests.support.serving import Served, serving


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    with pytest.MonkeyPatch.context() as patched:
        for module in (exchange, subscriptions):
            patched.setattr(module, "SECONDS", 0.2)
        async with serving() as served:
            yield served


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def bureau(hub: Served) -> Party:
    return await party(hub, "bureau")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def agency(hub: Served) -> Party:
    return await party(hub, "agency")
