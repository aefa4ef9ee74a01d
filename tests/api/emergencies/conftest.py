"""The county in which emergencies happen: one for each file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.emergency import emergency_world, without_any
from tests.support.reading import World


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small() -> AsyncIterator[World]:
    async with emergency_world() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def world(small: World) -> World:
    """The access log only grows: a test that reads it asks by clients of its own."""
    return await without_any(small)
