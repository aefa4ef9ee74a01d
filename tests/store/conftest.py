"""A county whose sources say what a test lets them say; tests of one module share its database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.store.database import Database
from tests.store import sync_source as source
from tests.store.sync_source import County
from tests.support.postgres import fresh_database


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(source.tables) as database:
        yield database


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    county = County(db)
    await county.register()
    return county
