"""Streams where they meet the database: what they cost, what they survive, and what is forgotten."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hub.access.limits import Limits
from hub.errors import TooMuch, Unavailable
from hub.read import changes, stream
from hub.read.stream import AccessChanged, Streams
from hub.store.listener import CHANGES
from hub.sync.changes import forget_changes
from hub.sync.schedule import tidy
from tests.support.following import Follower, bring_up_to_date, note, streams_of
from tests.support.reading import BUREAU, CONTRACTOR, World, small_world

WAIT = 10.0
LAST_STATEMENT = """
    select max(state_change) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        await bring_up_to_date(made)
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def streams(world: World) -> AsyncIterator[Streams]:
    made = streams_of(world)
    yield made
    await made.listener.stop()


@pytest.fixture
def people(world: World) -> list[int]:
    return [row["id"] for row in world.rows["beneficiary"] if row["county_code"] == "450305"]


async def changed(world: World, streams: Streams, *numbers: int) -> None:
    async with world.database.transaction() as connection:
        await note(connection, "U", "beneficiary", "450305", *numbers)
    streams.listener.tell(CHANGES)


async def test_idle_streams_ask_the_database_nothing(world: World, streams: Streams) -> None:
    followers = [Follower(world, streams, who, "beneficiary") for who in (BUREAU, CONTRACTOR) * 50]
    events = [follower.events() for follower in followers]
    for each in events:
        assert (await anext(each))["operation"] == "CURRENT"
    waiting = [asyncio.ensure_future(anext(each)) for each in events]
    await asyncio.sleep(0.5)  # the listener's own beginning wakes them once
    own = await world.database.connect()
    before = await own.fetchval(LAST_STATEMENT)
    await asyncio.sleep(1.5)
    assert await own.fetchval(LAST_STATEMENT) == before
    await own.close()
    for task, each in zip(waiting, events, strict=True):
        task.cancel()
        await asyncio.wait([task])
        await each.aclose()


async def test_many_rows_of_one_wake_up_are_one_statement(
    world: World, streams: Streams, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    fetch = type(world.engine)._fetch

    async def counted(self: Any, *given: Any, **named: Any) -> Any:
        asked.append(given)
        return await fetch(self, *given, **named)

    monkeypatch.setattr(type(world.engine), "_fetch", counted)
    follower = Follower(world, streams, BUREAU, "beneficiary")
    await follower.catch_up()
    await changed(world, streams, *people)
    assert len(await follower.catch_up()) == len(people)
    assert len(asked) == 1
    noted = await world.database.owner.fetch("select client_id, tables from access_entry")
    assert [(row["client_id"], row["tables"]) for row in noted] == [("test", ["beneficiary"])]


async def test_a_slow_reader_gets_the_newest_of_what_it_has_not_taken(
    world: World, streams: Streams, people: list[int]
) -> None:
    follower = Follower(world, streams, BUREAU, "beneficiary")
    async with aclosing(follower.events()) as events:
        await anext(events)
        for level in ("LEVEL_1", "LEVEL_2", "LEVEL_3"):
            await world.database.owner.execute("update beneficiary set risk_level = $1", level)
            await changed(world, streams, *people)
        told = [await anext(events) for _ in people]
    assert {event["node"]["riskLevel"] for event in told} == {"LEVEL_3"}
    assert len({event["id"] for event in told}) == len(people)


async def test_an_answer_too_large_is_made_in_parts(
    world: World, streams: Streams, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(world, streams, BUREAU, "beneficiary")
    await follower.catch_up()
    await changed(world, streams, *people)
    monkeypatch.setattr(stream, "MAX_BYTES", 1500)
    assert len(await follower.catch_up()) == len(people)
    await changed(world, streams, *people)
    monkeypatch.setattr(stream, "MAX_BYTES", 10)
    with pytest.raises(TooMuch):
        await follower.catch_up()
    monkeypatch.setattr(stream, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(world.engine.till, "limits", Limits(cost_per_request=1))
    nested = "subscription { beneficiaryChanges { node { visits(first: 200) { nodes { id } } } } }"
    made = await streams.subscribe(BUREAU, nested, None, {}, reading=False)
    assert made is not None
    async with aclosing(made.told()) as told:
        await anext(told)
        await changed(world, streams, people[0])
        with pytest.raises(TooMuch):
            await anext(told)


async def test_a_new_day_is_a_new_slice_for_whom_slices_go_by_the_day(
    world: World, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "day_end", lambda _: 0.05)
    contractor, bureau = (Follower(world, streams, who, "station") for who in (CONTRACTOR, BUREAU))
    async with aclosing(contractor.events()) as events:
        contractor.take(await anext(events))
        today = world.engine.clock()
        world.engine.clock = lambda: today + dt.timedelta(days=1)
        with pytest.raises(AccessChanged):
            await anext(events)
    await bureau.catch_up()
    with pytest.raises(Exception, match="position"):
        await contractor.catch_up()
    world.engine.clock = lambda: today
    await contractor.catch_up()


async def test_entries_brought_along_from_another_cluster_are_old(world: World, people: list[int]) -> None:
    """Of a dump: their transactions have numbers that do not exist here yet."""
    async with world.database.transaction() as connection:
        await note(connection, "U", "beneficiary", "450305", people[0])
        await connection.execute("update change set xact = 1::bigint << 40")
    streams = streams_of(world)
    follower = Follower(world, streams, BUREAU, "beneficiary")
    assert await follower.catch_up() == []
    await changed(world, streams, people[1])
    assert [event["id"] for event in await follower.catch_up()] == [f"Beneficiary:450305:{people[1]}"]
    await streams.listener.stop()


async def test_changes_are_forgotten_once_no_position_can_be_behind_them(
    world: World, streams: Streams, people: list[int]
) -> None:
    await changed(world, streams, *people[:3])
    held = await world.database.owner.fetchval("select count(*) from change")
    await world.database.owner.execute(
        "update change set changed_at = now() - interval '7 days 23 hours' where entity_id = $1", people[0]
    )
    assert await forget_changes(world.database, 7) == 0
    await world.database.owner.execute(
        "update change set changed_at = now() - interval '8 days 1 hour' where entity_id = $1", people[0]
    )
    stop = asyncio.Event()
    tidying = asyncio.create_task(tidy(world.database, 7, stop))
    for _ in range(500):
        if await world.database.owner.fetchval("select count(*) from change") < held:
            break
        await asyncio.sleep(0.02)
    stop.set()
    await tidying
    gone = "select count(*) from change where changed_at < now() - interval '8 days'"
    assert await world.database.owner.fetchval(gone) == 0


async def test_a_database_that_is_away_ends_a_stream_and_keeps_the_tidier(
    world: World, streams: Streams, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    follower = Follower(world, streams, BUREAU, "beneficiary")
    async with aclosing(follower.events()) as events:
        await anext(events)
        await changed(world, streams, people[0])
        monkeypatch.setattr(stream, "read_page", away)
        with pytest.raises(Unavailable):
            await anext(events)
    monkeypatch.setattr(changes, "now", away)
    with pytest.raises(Unavailable):
        await Follower(world, streams, BUREAU, "beneficiary").catch_up()
    monkeypatch.setattr("hub.sync.schedule.forget_changes", away)
    stop = asyncio.Event()
    tidying = asyncio.create_task(tidy(world.database, 7, stop))
    await asyncio.sleep(0.05)
    stop.set()
    await tidying


async def test_sealed_values_and_cursors_of_an_event_are_opened(
    world: World, streams: Streams, people: list[int]
) -> None:
    query = (
        "subscription { beneficiaryChanges { a: node { idNumber } p: position position"
        " b: node { visits(first: 1) { edges { cursor } } } } }"
    )
    made = await streams.subscribe(BUREAU, query, None, {}, reading=True)
    assert made is not None
    async with aclosing(made.told()) as told:
        await anext(told)
        await changed(world, streams, *people)
        events = [json.loads(await anext(told))["data"]["beneficiaryChanges"] for _ in people]
    assert all(list(event) == ["a", "p", "position", "b"] for event in events)
    assert all(event["p"] == event["position"] for event in events)
    assert any(str(event["a"]["idNumber"]).startswith("459999") for event in events)
    assert any(event["b"]["visits"]["edges"] for event in events)
