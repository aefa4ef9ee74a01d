"""What PostgreSQL tells reaches whoever waits, over one connection, and again after that one was lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from hub.store import listener as module
from hub.store.database import Database
from hub.store.listener import ACCESS, CHANGES, Listener
from tests.support.postgres import fresh_database, nothing

WAIT = 10.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(nothing) as database:
        yield database


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Listener]:
    made = Listener(database)
    made.start()
    made.start()
    try:
        yield made
    finally:
        await made.stop()
        await made.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def listener(db: Database) -> AsyncIterator[Listener]:
    async with listening(db) as made:
        await looks(made, 1)  # connected
        yield made


async def looks(listener: Listener, count: int) -> None:
    """So many, with nobody giving notice."""
    for _ in range(count):
        turn = listener.turn(CHANGES)
        await listener.after(CHANGES, turn, WAIT)
        assert listener.turn(CHANGES) > turn


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


async def test_one_connection_listens_and_a_lost_one_is_replaced_at_once(
    db: Database, listener: Listener
) -> None:
    turn = listener.turn(CHANGES)
    await db.owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and query = 'LISTEN \"hub_listener\"'"
    )
    await listener.after(CHANGES, turn, WAIT)
    assert listener.turn(CHANGES) > turn, "what was missed meanwhile is looked for"
    turn = listener.turn(CHANGES)
    await db.owner.execute("select pg_notify('hub_change', '')")
    await listener.after(CHANGES, turn, WAIT)
    assert listener.turn(CHANGES) > turn


async def test_a_connection_that_hears_is_kept(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CALL_SECONDS", 0.02)
    async with listening(db) as listener:
        await looks(listener, 1)
        await db.owner.execute("select pg_notify('hub_listener', 'another process')")
        turn = listener.turn(CHANGES)
        await listener.after(CHANGES, turn, 0.3)
        assert listener.turn(CHANGES) == turn, "nobody was woken"


class Forgetful(asyncpg.Connection):
    """Behind a pooler that lends a session for one transaction, LISTEN is another session's."""

    async def add_listener(self, channel: str, callback: Any) -> None:
        await super().add_listener(channel, callback)
        await self.execute("unlisten *")


async def test_while_nothing_is_heard_those_who_wait_look_by_themselves(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEAF_SECONDS", 0.1)
    options = db._owner_options()
    monkeypatch.setattr(db, "_owner_options", lambda: {**options, "connection_class": Forgetful})
    with capture_logs() as lines:
        async with listening(db) as listener:
            await looks(listener, 4)
    assert lines == [{"event": "listener_lost", "kind": "Deaf", "log_level": "warning"}], "said once"


async def test_who_cannot_connect_looks_where_others_can(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full() -> None:
        raise asyncpg.TooManyConnectionsError

    monkeypatch.setattr(module, "DEAF_SECONDS", 0.1)
    monkeypatch.setattr(db, "connect", full)

    class Gone:
        async def execute(self, *_: object) -> None:
            raise asyncpg.InvalidCatalogNameError

    async with listening(db) as listener:
        await looks(listener, 3)
        monkeypatch.setattr(db, "owner", Gone())
        await asyncio.sleep(0.2)
        turn = listener.turn(CHANGES)
        await listener.after(CHANGES, turn, 0.5)
        assert listener.turn(CHANGES) == turn, "a stream that looked now would end"
        monkeypatch.undo()
        await looks(listener, 1)
