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
    made = Lender(await db.reader("bureau"), 2, 60)
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


async def test_what_takes_too_long_is_cut(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else ends it, and the others go on."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    lender = Lender(await db.reader("bureau"), 2, 0.5)
    try:
        slow = asyncio.create_task(lender.fetchval(SLOW, 2))
        until = asyncio.get_running_loop().time() + 10
        for _ in range(1000):
            if slow.done() or asyncio.get_running_loop().time() > until:
                break
            assert await lender.fetchval("select 1") == 1
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await asyncio.wait_for(slow, 1)
        assert await asyncio.gather(*(lender.fetchval("select 1") for _ in range(5))) == [1] * 5
    finally:
        await lender.close()


async def test_what_was_not_used_for_long_goes_back(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not anybody asks again."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    assert len(set(await asyncio.gather(*(lender.fetchval(SLOW, 0.05) for _ in range(2))))) == 2
    for used in (1, 0):
        for _ in range(1000):
            if lender.pool.get_size() - lender.pool.get_idle_size() <= used:
                break
            if used:
                assert await lender.fetchval("select 1") == 1
            await asyncio.sleep(0.01)
        assert len(lender._aside) <= used
    assert await lender.fetchval("select 1") == 1


async def test_a_pool_that_is_closed_is_an_error_and_no_wait() -> None:
    async with fresh_database(nothing) as database:
        await database.ensure_roles()
        lender = await database.lender("agency")
        assert await lender.fetchval("select 1") == 1
    with pytest.raises(Unavailable):
        await lender.fetchval("select 1")


async def test_what_goes_back_is_closed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a role nobody asks as keeps no connection of PostgreSQL's."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr("hub.store.database.GIVEN_BACK_SECONDS", 0.05)
    async with fresh_database(nothing) as database:
        await database.ensure_roles()
        for lender in (await database.lender("agency"), await database.asking()):
            backend = await lender.fetchval(BACKEND)
            here = "select count(*) from pg_stat_activity where pid = $1"
            for _ in range(500):
                if not await database.owner.fetchval(here, backend):
                    break
                await asyncio.sleep(0.02)
            assert not await database.owner.fetchval(here, backend)


async def test_what_waits_to_be_noted_keeps_no_question_waiting(db: Database) -> None:
    """As it does for a standby that is gone: every request asks something."""
    noting = await db.noting()
    waiting = [asyncio.create_task(noting.fetchval(f"{SLOW} -- {i}", 0.5)) for i in range(4)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(0.3):
        assert await (await db.asking()).fetchval("select 1") == 1
    assert not any(each.done() for each in waiting)
    await asyncio.gather(*waiting)


async def test_what_is_out_when_it_closes_goes_back_to_the_pool(db: Database) -> None:
    made = Lender(await db.reader("bureau"), 2, 5)
    asking = asyncio.create_task(made.fetchval(SLOW, 0.2))
    await asyncio.sleep(0.05)
    await made.close()
    await asking
    assert not made._aside
