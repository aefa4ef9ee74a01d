"""What a run of a source did reaches who follows, and what it did not do does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from graphql_schema.schema import EXECUTOR, audience
from hub.read.run import Engine
from hub.read.stream import Streams
from tests.store.sync_source import TOWNSHIP, County, batch, dibao
from tests.support.following import Follower, streams_of
from tests.support.postgres import fresh_database
from tests.support.reading import BUREAU, World, viewer

WAIT = 10.0
MOVED = "450305002000"


@pytest_asyncio.fixture(loop_scope="session")
async def county() -> AsyncIterator[County]:
    async with fresh_database() as database:
        county = County(database)
        await county.register()
        yield county


@pytest_asyncio.fixture(loop_scope="session")
async def world(county: County) -> World:
    return World(Engine(county.db, county.vault, audience, EXECUTOR), {}, county.db)


@pytest_asyncio.fixture(loop_scope="session")
async def streams(world: World) -> AsyncIterator[Streams]:
    made = streams_of(world)
    yield made
    await made.listener.stop()


async def test_a_run_is_told_as_soon_as_it_has_succeeded(
    county: County, world: World, streams: Streams
) -> None:
    follower = Follower(world, streams, BUREAU, "beneficiary")
    async with aclosing(follower.events()) as events:
        follower.take(await anext(events))
        await asyncio.sleep(0.2)
        await county.sync(batch("dibao", [dibao(1), dibao(2)]))
        told = [await asyncio.wait_for(anext(events), WAIT) for _ in range(2)]
    assert {event["operation"] for event in told} == {"UPSERT"}
    for event in told:
        follower.take(event)
    assert follower.held == await follower.listed()
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    assert await follower.catch_up() == [], "a run that found nothing new"


async def test_a_run_that_fails_is_not_told(county: County, world: World, streams: Streams) -> None:
    follower = Follower(world, streams, BUREAU, "beneficiary")
    await follower.begin()
    with pytest.raises(TypeError):  # at its very end, when it notes where the next one continues
        await county.sync(batch("dibao", [dibao(3)], checkpoint={"at": object()}))
    assert await follower.catch_up() == []


async def test_a_person_that_moves_is_gone_for_one_township_and_new_to_the_other(
    county: County, world: World, streams: Streams
) -> None:
    followers = {
        code: Follower(world, streams, viewer("township", code), "beneficiary") for code in (TOWNSHIP, MOVED)
    }
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    for follower in followers.values():
        await follower.begin()
    await county.sync(batch("dibao", [dibao(1, 区划代码=MOVED), dibao(2)]))
    told = {code: await follower.catch_up() for code, follower in followers.items()}
    (gone,), (new,) = told[TOWNSHIP], told[MOVED]
    assert (gone["operation"], gone["node"]) == ("GONE", None)
    assert (new["operation"], new["id"]) == ("UPSERT", gone["id"])
    for follower in followers.values():
        assert follower.held == await follower.listed()
