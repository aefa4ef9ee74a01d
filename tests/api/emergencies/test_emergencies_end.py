"""An emergency access lives as long as what it rests on: the contractor's contract, client and user."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio

from hub.access.emergencies import NoEmergency
from hub.oauth.client_keys import new_key
from hub.oauth.clients import end_client, register_client
from hub.write.ending import end_accesses, end_until
from tests.support.county import TODAY
from tests.support.emergency import (
    BUREAU,
    CHILD,
    CLOSE,
    CONTRACTOR,
    OPEN,
    TOWNSHIP,
    at,
    emergencies,
    inside,
    opened,
    without_any,
)
from tests.support.following import Follower, streams_of
from tests.support.handing import id_of
from tests.support.reading import World

HOW: Final = "{ emergencyAccesses { nodes { closedAt endReason } } }"


@pytest_asyncio.fixture(loop_scope="session")
async def world(small: World) -> AsyncIterator[World]:
    """The contractor's contracts end with the day; it is in the evening."""
    ends = "update contract set status = 'ACTIVE', ends_on = $1 where contractor_id = 1"
    await small.database.owner.execute(ends, TODAY)
    made = await without_any(small)
    made.engine.clock = lambda: at(20)
    yield made
    await small.database.owner.execute(ends, TODAY + dt.timedelta(days=100))


async def how(world: World) -> Any:
    (found,) = (await world.ask(BUREAU, HOW))["emergencyAccesses"]["nodes"]
    return found


async def until_ended(world: World) -> None:
    for _ in range(1_000):
        if (await how(world))["endReason"]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody has looked")


async def test_it_ends_with_the_last_day_of_the_contract(world: World) -> None:
    made = await opened(world, CONTRACTOR, hours=24)
    world.engine.clock = lambda: at(0, 1) - dt.timedelta(seconds=1)
    there = await inside(world, CONTRACTOR, made)
    assert await end_accesses(world.database, world.engine.clock()) == 0
    world.engine.clock = lambda: at(0, 1)
    with pytest.raises(NoEmergency):
        await inside(world, CONTRACTOR, made)
    with pytest.raises(NoEmergency):
        await emergencies(world).left(there)
    assert await end_accesses(world.database, world.engine.clock()) == 1
    assert await how(world) == {"closedAt": "2026-06-16T08:00:00+08:00", "endReason": "CONTRACT_ENDED"}
    assert await world.code(CONTRACTOR, CLOSE, id=made) == "CONFLICT"


@pytest.mark.parametrize("change", ["status = 'TERMINATED'", "ends_on = ends_on - 1"])
async def test_it_ends_when_the_contract_does(world: World, change: str) -> None:
    """For requests at once, in the record when the worker has looked; a renewal does not bring it back."""
    made = await opened(world, CONTRACTOR)
    await opened(world, TOWNSHIP)
    owner = world.database.owner
    await owner.execute(f"update contract set {change} where contractor_id = 1")
    with pytest.raises(NoEmergency):
        await inside(world, CONTRACTOR, made)
    assert await end_accesses(world.database, world.engine.clock()) == 1
    told = "select entity, entity_id, operation from change order by sequence desc limit 1"
    number = int(made.partition(":")[2])
    assert [tuple(row) for row in await owner.fetch(told)] == [("emergency_access", number, "U")]
    await owner.execute("update contract set status = 'ACTIVE', ends_on = $1 where contractor_id = 1", TODAY)
    with pytest.raises(NoEmergency):
        await inside(world, CONTRACTOR, made)


async def test_a_contract_elsewhere_does_not_bear_it(world: World) -> None:
    made = await opened(world, CONTRACTOR)
    owner = world.database.owner
    elsewhere = "update contract set county_code = $1 where county_code = $2 and contractor_id = 1"
    await owner.execute(elsewhere, "350582", "450305")
    with pytest.raises(NoEmergency):
        await inside(world, CONTRACTOR, made)
    await owner.execute(elsewhere, "450305", "350582")
    assert await inside(world, CONTRACTOR, made)


async def test_a_stream_ends_with_the_day(world: World) -> None:
    """Though nothing has changed that would wake it."""
    there = await inside(world, CONTRACTOR, await opened(world, CONTRACTOR, hours=24))
    streams = streams_of(world)
    follower = Follower(world, streams, there, "beneficiary")
    async with aclosing(follower.events()) as events:
        world.engine.clock = lambda: at(0, 1) - dt.timedelta(milliseconds=1)
        assert (await anext(events))["operation"] == "CURRENT"
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        world.engine.clock = lambda: at(0, 1)
        with pytest.raises(NoEmergency):
            await waiting
    await streams.listener.stop()


async def test_the_worker_looks_until_it_is_told_to_stop(world: World) -> None:
    await opened(world, CONTRACTOR, hours=24)
    world.engine.clock = lambda: at(0, 1)
    stop = asyncio.Event()
    looking = asyncio.create_task(end_until(world.database, world.engine.clock, stop, 0.01))
    await until_ended(world)
    stop.set()
    await looking


async def test_a_look_that_fails_is_taken_again(world: World) -> None:
    await opened(world, CONTRACTOR, hours=24)
    world.engine.clock = lambda: at(0, 1)
    stop, owner = asyncio.Event(), world.database.owner
    await owner.execute("alter table change rename to change_away")
    looking = asyncio.create_task(end_until(world.database, world.engine.clock, stop, 0.01))
    await asyncio.sleep(0.1)
    assert not looking.done()
    await owner.execute("alter table change_away rename to change")
    await until_ended(world)
    stop.set()
    await looking


@pytest.mark.parametrize(
    ("table", "key", "why"),
    [("oauth_client", "client_id = 'test'", "CLIENT_SUSPENDED"), ("hub_user", "id = 77", "USER_SUSPENDED")],
)
async def test_it_ends_with_client_and_user(world: World, table: str, key: str, why: str) -> None:
    """And does not come back with them."""
    world.engine.clock = lambda: dt.datetime.now(dt.UTC)  # as the database has it
    owner = world.database.owner
    await owner.execute(
        "insert into oauth_client (client_id, name, role, division_code, scopes, jwks)"
        " values ('test', 'Test', 'township', $1, '{}', '{\"keys\": []}') on conflict do nothing",
        TOWNSHIP.division_code,
    )
    await owner.execute(
        "insert into hub_user (id, login, display_name, role, division_code, scopes, password_hash)"
        " overriding system value values (77, 'w', 'W', 'township', $1, '{}', '') on conflict do nothing",
        TOWNSHIP.division_code,
    )
    who = dataclasses.replace(TOWNSHIP, user_id=77)
    made = await opened(world, who)
    other = await opened(world, dataclasses.replace(BUREAU, user_id=78))
    assert await inside(world, who, made)
    for status in ("SUSPENDED", "ACTIVE"):
        await owner.execute(f"update {table} set status = $1 where {key}", status)
        with pytest.raises(NoEmergency):
            await inside(world, who, made)
    assert await inside(world, dataclasses.replace(BUREAU, user_id=78), other)
    nodes = (await world.ask(BUREAU, HOW))["emergencyAccesses"]["nodes"]
    assert sorted((n["endReason"] or "", bool(n["closedAt"])) for n in nodes) == [("", False), (why, True)]


LATER: Final = dt.timedelta(days=30)
KEYS: Final = {"keys": [new_key().as_dict(private=False)]}


async def registered(world: World, client_id: str, **given: Any) -> None:
    place = TOWNSHIP.division_code
    values = {"name": "x", "role": "township", "division_code": place, "jwks": KEYS, **given}
    await register_client(world.database, client_id, **values)


@pytest.mark.parametrize("ended", [dt.timedelta(minutes=-1), dt.timedelta(milliseconds=200)])
@pytest.mark.parametrize("again", ["prolonged", "registered"])
async def test_it_ends_with_the_registration(world: World, ended: dt.timedelta, again: str) -> None:
    """That ends at once or by itself, and is prolonged or made anew before a worker has looked."""
    world.engine.clock = lambda: dt.datetime.now(dt.UTC)  # as the database has it
    who = dataclasses.replace(TOWNSHIP, client_id=uuid4().hex)
    await registered(world, who.client_id)
    made = await opened(world, who)
    await end_client(world.database, who.client_id, world.engine.clock() + LATER)
    assert await inside(world, who, made)
    await end_client(world.database, who.client_id, world.engine.clock() + ended)
    await world.database.owner.execute("select pg_sleep(0.3)")
    if again == "prolonged":
        await end_client(world.database, who.client_id, world.engine.clock() + LATER)
    else:
        await registered(world, who.client_id, expires_at=world.engine.clock() + LATER, replace=True)
    with pytest.raises(NoEmergency):
        await inside(world, who, made)
    assert (await how(world))["endReason"] == "CLIENT_EXPIRED"
    assert await opened(world, who)


async def test_the_record_tells_that_the_registration_ended(world: World) -> None:
    """When the worker has looked."""
    now = dt.datetime.now(dt.UTC)  # as the database has it
    world.engine.clock = lambda: now
    who = dataclasses.replace(TOWNSHIP, client_id=uuid4().hex)
    await registered(world, who.client_id, expires_at=now + dt.timedelta(hours=2))
    await opened(world, who)
    for hours, ended in ((1, 0), (2, 1), (2, 0)):
        assert await end_accesses(world.database, now + dt.timedelta(hours=hours)) == ended
    assert (await how(world))["endReason"] == "CLIENT_EXPIRED"


@pytest.mark.parametrize(("closer", "why"), [(TOWNSHIP, "OPENER"), (BUREAU, "BUREAU")])
async def test_it_is_told_who_closed_it(world: World, closer: Any, why: str) -> None:
    closed = await world.ask(closer, CLOSE, id=await opened(world))
    assert closed["closeEmergencyAccess"]["endReason"] == why


async def test_nobody_opens_one_who_has_been_suspended_or_has_expired(world: World) -> None:
    """A token is known to be good for two seconds longer."""
    owner, status = world.database.owner, "update oauth_client set status = $1 where client_id = 'gone'"
    await owner.execute(
        "insert into oauth_client (client_id, name, role, division_code, scopes, jwks)"
        " values ('gone', 'x', 'township', '450305200000', '{}', '{}')"
    )
    await owner.execute(status, "SUSPENDED")
    gone = dataclasses.replace(TOWNSHIP, client_id="gone")
    assert await world.code(gone, OPEN, hours=4, people=[id_of(CHILD)]) == "FORBIDDEN"
    await owner.execute(status, "ACTIVE")
    await end_client(world.database, "gone", dt.datetime.now(dt.UTC))
    assert await world.code(gone, OPEN, hours=4, people=[id_of(CHILD)]) == "FORBIDDEN"
    await end_client(world.database, "gone", None)
    assert await opened(world, gone)
