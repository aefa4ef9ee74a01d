"""One database for a module; each test has counties of its own to put facts into, or empties what it made."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.store.database import Database
from hub.sync.registry import register_source
from tests.compliance.facts import SOURCE
from tests.support.postgres import everything, fresh_database


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(everything) as database:
        await register_source(
            database,
            code="s",
            name="来源",
            connector="roster",
            division_code="450305000000",
            location="/",
            max_age_hours=24,
        )
        await database.owner.execute(
            "update source set id = $1; insert into sync_run (id, source_id, started_at, status)"
            " overriding system value values (1, $1, now(), 'SUCCEEDED')".replace("$1", str(SOURCE))
        )
        yield database
