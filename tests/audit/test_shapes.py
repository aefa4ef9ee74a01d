"""Shapes of entries go with them: what an administrator's act was at once, others with the last of theirs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest_asyncio
from alembic import command
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import Connection

from hub.audit.chain import Check
from hub.audit.export import check_database
from hub.audit.heads import Opener
from hub.audit.prune import SHAPES, prune
from hub.audit.seal import Sealer
from hub.audit.shape import keep
from hub.store.database import Database
from hub.store.migrate import config
from tests.support.reading import BUREAU, World, small_world

KEYS = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
ISSUER = "https://hub.example"
LATER = dt.timedelta(days=400)
VISITS = "{ visits(first: 2) { nodes { visitedOn } } }"
STATIONS = "{ stations(first: 1) { nodes { name } } }"


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def sealed(world: World, age: dt.timedelta = dt.timedelta()) -> None:
    await Sealer(world.database, ISSUER, lambda: KEYS, "sha256", lambda: dt.datetime.now(dt.UTC) - age).seal()


async def whole(world: World) -> int:
    return (await check_database(world.database, Check(ISSUER, Opener(KEYS)))).entries


async def act(world: World, login: str, name: str) -> None:
    """As a command would."""
    connection = await asyncpg.connect(world.database._dsn, server_settings={"application_name": "hub by wu"})
    try:
        await connection.execute(
            "insert into hub_user (login, display_name, role) values ($1, $2, 'operator')"
            " on conflict (login) do update set display_name = $2",
            login, name,
        )  # fmt: skip
    finally:
        await connection.close()


async def contents(database: Database) -> str:
    found = await database.owner.fetchval("select string_agg(content, '') from access_shape")
    return str(found or "")


async def aged(world: World, days: int) -> None:
    """All that is there was so many days ago. The log is only added to, but by who owns it."""
    async with world.database.transaction() as connection:
        await connection.execute("alter table access_entry disable trigger keep_access_log")
        for table, at in (("access_entry", "at"), ("access_shape", "last_at")):
            await connection.execute(f"update {table} set {at} = {at} - make_interval(days => $1)", days)
        await connection.execute("alter table access_entry enable trigger keep_access_log")


async def test_what_an_act_was_goes_with_its_entry(world: World) -> None:
    await act(world, "first", "甲处")
    await world.ask(BUREAU, VISITS)
    await world.ask(BUREAU, STATIONS)
    await aged(world, 400)
    await sealed(world, LATER)
    world.engine.asker.audit._known.clear()  # as in a process that began since
    await act(world, "second", "乙处")
    await world.ask(BUREAU, VISITS)
    await sealed(world)
    assert "甲处" in await contents(world.database)
    assert await prune(world.database, 500) == 0
    assert "甲处" in await contents(world.database)
    assert await prune(world.database, 365) == 3
    kept = await contents(world.database)
    assert "甲处" not in kept
    assert "乙处" in kept
    assert "visits" in kept, "it was asked again"
    assert "stations" not in kept
    assert await whole(world) == 2


async def test_the_same_act_again_is_kept_while_one_of_its_entries_is(world: World) -> None:
    for name in ("甲处", "乙处", "甲处", "乙处"):
        await act(world, "same", name)
    await aged(world, 400)
    await sealed(world, LATER)
    await act(world, "same", "甲处")
    await sealed(world)
    assert await prune(world.database, 365) == 4
    assert await whole(world) == 1
    assert "甲处" in await contents(world.database)
    assert "insert hub_user" not in await contents(world.database)


async def test_what_was_pruned_before_the_upgrade_goes_too(world: World) -> None:
    def moved(to: str) -> Callable[[Connection], None]:
        def move(connection: Connection) -> None:
            alembic = config()
            alembic.attributes["connection"] = connection
            (command.upgrade if to == "head" else command.downgrade)(alembic, to)

        return move

    async with world.database.engine.begin() as connection:
        await connection.run_sync(moved("0022"))
    for login in ("gone", "kept"):
        await act(world, login, f"{login}处")
    await world.database.owner.execute(
        'insert into access_shape (digest, content) values (\'x\', \'{"document":"{ \\"act\\": { a }"}\')'
    )
    async with world.database.transaction() as here:
        await here.execute("select set_config('hub.prunes', 'on', true)")
        await here.execute(
            "delete from access_entry where sequence = (select min(sequence) from access_entry)"
        )
    async with world.database.engine.begin() as connection:
        await connection.run_sync(moved("head"))
    await prune(world.database, 365)
    left = await contents(world.database)
    assert "gone处" not in left
    assert "kept处" in left
    assert "document" in left, "a process of before may refer to it for a while"
    times = await world.database.owner.fetch(
        "select e.at = s.last_at as same from access_entry e join access_shape s on s.digest = e.shape"
    )
    assert [row["same"] for row in times] == [True]


async def test_pruning_waits_for_nobody_and_takes_nothing_from_who_writes(world: World) -> None:
    """A shape that somebody is just about to use again, and more of them than one statement takes."""
    digests = [number.to_bytes(32) for number in range(SHAPES + 5)]
    await world.database.owner.execute(
        "insert into access_shape select d, '{}', now() - interval '1 year' from unnest($1::bytea[]) d",
        digests,
    )
    source = "(values ($1::bytea, $2::text))"
    async with world.database.transaction() as connection:
        await connection.execute(keep(source), digests[3], "{}")
        async with asyncio.timeout(10):
            await prune(world.database, 365)
    left = await world.database.owner.fetch("select digest, last_at > now() as good from access_shape")
    assert [tuple(row) for row in left] == [(digests[3], True)]
    # Who has a shape that is good for long locks nothing, and waits for nobody who does.
    async with world.database.transaction() as connection:
        await connection.execute("select from access_shape for update")
        async with asyncio.timeout(10):
            await world.database.owner.execute(keep(source), digests[3], "{}")
