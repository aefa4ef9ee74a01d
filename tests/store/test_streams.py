"""Streams where they meet the database: what they cost, what they survive, and what is forgotten."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hub.access.limits import Allowance, Limits
from hub.access.purposes import Purpose
from hub.access.viewer import Viewer
from hub.errors import TooDear, TooMuch, Unavailable
from hub.read import stream
from hub.read.stream import AccessChanged, Streams
from hub.store.cache import MemoryCache
from hub.store.listener import CHANGES
from hub.sync.changes import forget_changes
from hub.sync.schedule import tidy
from hub.web.limits import Budget
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
    fetch = type(world.engine.asker)._fetch

    async def counted(self: Any, *given: Any, **named: Any) -> Any:
        asked.append(given)
        return await fetch(self, *given, **named)

    monkeypatch.setattr(type(world.engine.asker), "_fetch", counted)
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


async def test_events_that_cost_more_than_a_request_may_end_a_stream_and_begin_none(
    world: World, streams: Streams, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(world, streams, BUREAU, "beneficiary")
    async with aclosing(follower.events()) as events:
        await anext(events)
        monkeypatch.setattr(world.engine.till, "limits", Limits(cost_per_request=12))
        await changed(world, streams, *people)
        for _ in people:  # a few at a time
            await anext(events)
        monkeypatch.setattr(world.engine.till, "limits", Limits(cost_per_request=10))
        await changed(world, streams, people[0])
        with pytest.raises(TooDear):  # prices grow with the data
            await anext(events)
    with pytest.raises(TooDear):
        await follower.catch_up()


# ── the minute ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def budget(world: World, monkeypatch: pytest.MonkeyPatch) -> Budget:
    """In a minute that does not end; who has spent it tries again soon."""
    made = Budget(MemoryCache())
    monkeypatch.setattr("hub.web.limits.now", lambda: 6_000_000_000)
    monkeypatch.setattr(Budget, "seconds_left", lambda _: 0.05)
    monkeypatch.setattr(world.engine.till, "counter", made)
    return made


def with_minute(client_id: str, units: int) -> Viewer:
    return dataclasses.replace(BUREAU, client_id=client_id, allowance=Allowance(cost_per_minute=units))


async def test_a_stream_that_has_spent_its_minute_goes_on_in_the_next_and_loses_nothing(
    world: World, streams: Streams, people: list[int], budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(world, streams, with_minute("test", 13), "beneficiary")
    told: list[str] = []
    minutes = 0
    async with aclosing(follower.events()) as events:
        await anext(events)
        await changed(world, streams, *people)
        coming = asyncio.ensure_future(anext(events))
        while len(told) < len(people):
            if (await asyncio.wait([coming], timeout=0.5))[0]:
                told.append(coming.result()["id"])
                coming = asyncio.ensure_future(anext(events))
            else:
                minutes += 1
                monkeypatch.setattr("hub.web.limits.now", lambda at=minutes: 6_000_000_000 + 60 * at)
        coming.cancel()
        await asyncio.wait([coming])
    assert told == [f"Beneficiary:450305:{number}" for number in people]
    assert minutes >= 2


async def test_who_waits_for_the_next_minute_holds_up_nobody(
    world: World, streams: Streams, people: list[int], budget: Budget
) -> None:
    spent = [Follower(world, streams, with_minute(name, 20), "beneficiary") for name in "ab"]
    other = Follower(world, streams, with_minute("c", 1_000), "beneficiary")
    all_events = [follower.events() for follower in (*spent, other)]
    for events in all_events:
        await anext(events)
    await budget.spend("a", 20)
    await budget.spend("b", 20)
    waiting = [asyncio.ensure_future(anext(events)) for events in all_events[:2]]
    for number in people[:3]:
        await changed(world, streams, number)
        assert (await anext(all_events[2]))["id"] == f"Beneficiary:450305:{number}"
    assert not any(task.done() for task in waiting)
    for task, events in zip(waiting, all_events, strict=False):
        task.cancel()
        await asyncio.wait([task])
        await events.aclose()
    await all_events[2].aclose()


async def test_events_of_one_statement_are_charged_as_one_request(
    world: World, streams: Streams, people: list[int], budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    charged: list[tuple[str, int]] = []
    spend = budget.spend

    async def noted(_: Budget, who: str, units: int) -> int:
        charged.append((who, units))
        return await spend(who, units)

    monkeypatch.setattr(Budget, "spend", noted)
    relief = Purpose("relief", "救助", "Relief", units=5_000)
    for count, who in (
        (1, BUREAU),
        (len(people), dataclasses.replace(BUREAU, stated=relief)),
    ):
        follower = Follower(world, streams, who, "beneficiary")
        await follower.catch_up()
        await changed(world, streams, *people[:count])
        await follower.catch_up()
    (client, one), (its_purpose, all_) = charged
    assert (client, its_purpose) == ("test", "test:relief")
    assert one == 11
    assert 10 + len(people) / 2 < all_ <= 10 + len(people)


async def test_a_new_day_is_a_new_slice_for_whom_slices_go_by_the_day(
    world: World, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.read.stream.day_end", lambda _: 0.05)
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
        monkeypatch.setattr("hub.store.database.acquire", away)
        with pytest.raises(Unavailable):
            await anext(events)
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
