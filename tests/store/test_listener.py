"""What PostgreSQL tells reaches whoever waits, over one connection, and again after that one was lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.store import listener as module
from hub.store.database import Database
from hub.store.listener import ACCESS, CHANGES, Listener
from tests.support.postgres import fresh_database, nothing

WAIT = 10.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(nothing) as database:
        yield database


@pytest_asyncio.fixture(loop_scope="session")
async def listener(db: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    monkeypatch.setattr(module, "BREATH_SECONDS", 0.05)
    made = Listener(db, look_seconds=0.1)
    turn = made.turn(ACCESS)
    made.start()
    made.start()
    await made.after(ACCESS, turn, WAIT)  # connected
    yield made
    await made.stop()
    await made.stop()


async def test_a_notice_wakes_who_waits_on_its_channel_alone(db: Database, listener: Listener) -> None:
    turns = listener.turn(CHANGES), listener.turn(ACCESS)
    waiting = [asyncio.create_task(listener.after(CHANGES, turns[0])) for _ in range(3)]
    other = asyncio.create_task(listener.after(ACCESS, turns[1]))
    await db.owner.execute("select pg_notify('hub_change', '')")
    await asyncio.wait_for(asyncio.gather(*waiting), WAIT)
    assert not other.done()
    await db.owner.execute("select pg_notify('hub_access', '')")
    await asyncio.wait_for(other, WAIT)


async def test_who_asks_late_does_not_wait(db: Database, listener: Listener) -> None:
    turn = listener.turn(CHANGES)
    await db.owner.execute("select pg_notify('hub_change', '')")
    await asyncio.wait_for(listener.after(CHANGES, turn), WAIT)
    await asyncio.wait_for(listener.after(CHANGES, turn), WAIT)


async def test_who_waits_for_some_time_only_is_let_go(listener: Listener) -> None:
    turn, started = listener.turn(CHANGES), time.monotonic()
    await listener.after(CHANGES, turn, 0.1)
    assert time.monotonic() - started >= 0.1
    assert listener.turn(CHANGES) == turn


async def test_one_connection_listens_and_a_lost_one_is_replaced(db: Database, listener: Listener) -> None:
    await asyncio.sleep(0.3)  # it has been asked meanwhile whether it lives
    turn = listener.turn(CHANGES)
    await db.owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
        " and query in ('select 1', 'LISTEN \"hub_access\"')"
    )
    await listener.after(CHANGES, turn, WAIT)
    assert listener.turn(CHANGES) > turn, "what was missed meanwhile is looked for"
    turn = listener.turn(CHANGES)
    await db.owner.execute("select pg_notify('hub_change', '')")
    await asyncio.wait_for(listener.after(CHANGES, turn), WAIT)
