"""Connections lent to one statement after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from hub.errors import Unavailable
from hub.store import lender as module
from hub.store.database import Database
from hub.store.lender import Lender
from tests.support.postgres import fresh_database, nothing

SLOW = "select pg_sleep($1::float8)::text || pg_backend_pid()"
BACKEND = "select pg_backend_pid()"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(nothing) as database:
        await database.ensure_roles()
        yield database


@pytest_asyncio.fixture(loop_scope="session")
async def lender(db: Database) -> AsyncIterator[Lender]:
    made = Lender(await db.reader("bureau"), 2)
    yield made
    await made.close()


async def test_one_after_the_other_uses_one_connection(lender: Lender) -> None:
    assert len({await lender.fetchval(BACKEND) for _ in range(5)}) == 1


async def test_no_more_than_allowed_are_out_and_nobody_is_forgotten(lender: Lender) -> None:
    backends = await asyncio.gather(*(lender.fetchval(SLOW, 0.01) for _ in range(20)))
    assert len(set(backends)) == 2


async def test_an_error_keeps_no_connection(lender: Lender) -> None:
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await lender.fetchval("select 1 / 0")
    assert await asyncio.gather(*(lender.fetchval("select 1") for _ in range(5))) == [1] * 5


async def test_who_is_cancelled_keeps_no_connection(lender: Lender) -> None:
    for _ in range(3):
        running = [asyncio.create_task(lender.fetchval(SLOW, 20)) for _ in range(4)]
        await asyncio.sleep(0.1)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert await asyncio.gather(*(lender.fetchval("select 1") for _ in range(5))) == [1] * 5


async def test_a_broken_connection_is_replaced(db: Database, lender: Lender) -> None:
    backend = await lender.fetchval(BACKEND)
    [connection] = [held for held, _ in lender._aside]
    connection.terminate()
    await asyncio.sleep(0.05)
    assert await lender.fetchval(BACKEND) != backend


async def test_who_waits_too_long_is_told(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    running = [asyncio.create_task(lender.fetchval(SLOW, 0.5)) for _ in range(2)]
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable):
        await lender.fetchval("select 1")
    await asyncio.gather(*running)
    assert await lender.fetchval("select 1") == 1


async def test_what_was_not_used_for_long_goes_back(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.gather(*(lender.fetchval(SLOW, 0.05) for _ in range(2)))
    assert len(lender._aside) == 2
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
    assert await lender.fetchval("select 1") == 1
    assert len(lender._aside) == 1


async def test_a_pool_that_is_closed_is_an_error_and_no_wait() -> None:
    async with fresh_database(nothing) as database:
        await database.ensure_roles()
        lender = await database.lender("agency")
        assert await lender.fetchval("select 1") == 1
    with pytest.raises(Unavailable):
        await lender.fetchval("select 1")
