"""Processes of their own: one is killed while its message is under way, and two share the work."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping

import pytest_asyncio
from joserfc.jwk import ECKey

from hub.delivery.places import LEASE_SECONDS
from hub.oauth.clients import register_client
from tests.support.delivery import COUNTY, OWN, Came, Endpoint, receiving
from tests.support.postgres import FIELD_KEY, server
from tests.support.process import free_port, serve
from tests.support.reading import QIXING, World, small_world
from tests.support.streaming import commit

ENDPOINTS = 10
LEVELS = ("LEVEL_1", "LEVEL_2", "LEVEL_3")
FREE = "update webhook_place set lease_until = now()"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """Without a hub in this process."""
    async with small_world() as made:
        key = ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)
        place = {"role": "bureau", "division_code": QIXING, "jwks": {"keys": [key]}}
        await register_client(made.database, "bureau", name="民政局", **place)  # type: ignore[arg-type]
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint(world: World) -> AsyncIterator[Endpoint]:
    async with receiving(world) as made:
        yield made
        await world.database.owner.execute("delete from webhook")


async def environment(world: World) -> Mapping[str, str]:
    here = await server()
    return {
        "HUB_DATABASE_URL": here.dsn(world.database.name),
        "HUB_DATA_DIR": str(here.directory / "webhooks"),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_WEBHOOK_NETWORKS": OWN,
    }


async def people(world: World, count: int) -> list[int]:
    rows = await world.database.owner.fetch(
        "select id from beneficiary where county_code = $1 order by id limit $2", COUNTY, count
    )
    return [row[0] for row in rows]


def numbers_of(came: list[Came]) -> list[int]:
    return [int(event["id"].rpartition(":")[2]) for each in came for event in each.events]


async def test_a_killed_process_loses_nothing(endpoint: Endpoint, world: World) -> None:
    numbers, given = await people(world, 7), await environment(world)
    await endpoint.add(max_events=2)
    endpoint.hold = asyncio.Event()
    async with serve(free_port(), given) as pid:
        await commit(world.database, beneficiary=numbers)
        [first] = await endpoint.messages(1)
        os.kill(pid, signal.SIGKILL)
    left = await world.database.owner.fetchval(
        "select extract(epoch from lease_until - now()) from webhook_place"
    )
    assert 0 < left <= LEASE_SECONDS  # nobody else sends meanwhile
    await commit(world.database, beneficiary=numbers[:1])  # of somebody in the message that was under way
    await world.database.owner.execute(FREE)
    endpoint.hold.set()
    endpoint.hold = None
    async with serve(free_port(), given):
        await endpoint.place(delivered_count=8, lease=None)
    second, *rest = endpoint.came[1:]
    assert (second.id, numbers_of([second])) == (first.id, numbers_of([first]))
    assert first.id not in {each.id for each in rest}
    # Each once behind the crash, and the one that changed again once more, behind.
    assert numbers_of(endpoint.came[1:]) == [*numbers, numbers[0]]


async def test_a_process_that_ends_gives_back_what_it_had_claimed_ahead(
    endpoint: Endpoint, world: World
) -> None:
    [number], given = await people(world, 1), {**await environment(world), "HUB_WEBHOOK_SENDERS": "1"}
    for n in range(3):
        await endpoint.add(name=f"e{n}")
    held = endpoint.hold = asyncio.Event()
    async with serve(free_port(), given):
        await commit(world.database, beneficiary=[number])
        await endpoint.messages(1)
        assert await world.database.owner.fetchval("select count(lease) from webhook_place") == 3
        asyncio.get_running_loop().call_later(0.5, held.set)
    assert len(endpoint.came) == 1
    assert await world.database.owner.fetchval("select count(lease) from webhook_place") == 0
    endpoint.hold = None
    async with serve(free_port(), given):
        await endpoint.messages(3)
        assert await _settled(world)
    assert len({each.message["data"]["webhook"] for each in endpoint.came}) == len(endpoint.came) == 3


async def test_two_processes_share_the_work_in_order(endpoint: Endpoint, world: World) -> None:
    numbers, given, chance = await people(world, 8), await environment(world), random.Random(7)
    for n in range(ENDPOINTS):
        await endpoint.add(name=f"e{n}", document="full", is_full=True, max_events=3)
    count = 0
    async with serve(free_port(), given), serve(free_port(), given):

        async def write(own: list[int]) -> None:
            nonlocal count
            for _ in range(12):
                number, level = chance.choice(own), chance.choice(LEVELS)
                statement = f"update beneficiary set risk_level = '{level}' where id = {number}"
                await commit(
                    world.database, f"{statement} and county_code = '{COUNTY}'", beneficiary=[number]
                )
                count += 1
                await asyncio.sleep(0.02)

        await asyncio.gather(*(write(numbers[n::4]) for n in range(4)))
        await commit(world.database, beneficiary=numbers)  # the last of each
        await endpoint.wait(lambda came: len(_last(came, numbers)) == ENDPOINTS)
        assert await _settled(world)
    assert count == 48
    rows = await world.database.owner.fetch(
        "select id, risk_level from beneficiary where county_code = $1 and id = any ($2)", COUNTY, numbers
    )
    final = {row["id"]: row["risk_level"] for row in rows}
    by_endpoint: dict[str, list[Came]] = defaultdict(list)
    for each in endpoint.came:
        by_endpoint[each.message["data"]["webhook"]].append(each)
    assert len(by_endpoint) == ENDPOINTS
    for came in by_endpoint.values():
        assert Counter(each.id for each in came).most_common(1)[0][1] == 1
        last = {int(e["id"].rpartition(":")[2]): e["node"]["riskLevel"] for each in came for e in each.events}
        assert last == final


async def _settled(world: World) -> bool:
    """Whether nothing is under way any more, soon."""
    for _ in range(200):
        if not await world.database.owner.fetchval(
            "select count(*) from webhook_place where lease is not null or ending is not null"
        ):
            return True
        await asyncio.sleep(0.05)
    return False


def _last(came: list[Came], numbers: list[int]) -> set[str]:
    """Endpoints that were told of the commit behind all."""
    told: dict[str, list[int]] = defaultdict(list)
    for each in came:
        told[each.message["data"]["webhook"]] += numbers_of([each])
    return {name for name, found in told.items() if set(found[-len(numbers) :]) == set(numbers)}
