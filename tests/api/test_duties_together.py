"""Several at work on one duty: its numbers and its status are those of its people, whoever comes first."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.store.database import Connection
from hub.store.rotation import ALONE
from hub.write import duties as work
from hub.write.deletion import LINES, OPEN_AGAIN
from hub.write.duties import issue_duties
from hub.write.settling import HOLD, settling
from tests.support.county import TODAY
from tests.support.handing import (
    ACCEPT,
    BUREAU,
    COUNTY,
    FROM,
    NEIGHBOUR,
    PERSON,
    RECEIVER,
    SENDER,
    TO,
    add,
    assignment,
    id_of,
    refer,
)
from tests.support.owing import (
    CERTIFY,
    DAYS,
    RENEWAL,
    SEND_BACK,
    TAKE,
    begin_owing,
    duties,
    end_contract,
    owed,
    owing_world,
)
from tests.support.reading import World

TOMORROW: Final = TODAY + dt.timedelta(days=1)
WAITING: Final = """
    select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and state = 'active')"""
OF_PEOPLE: Final = f"""
    select b.id from beneficiary b where b.county_code = '{COUNTY}' and b.id = any ($1::bigint[])
    order by b.id for update nowait"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with owing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin_owing(made)


async def served_again(world: World, person: int) -> None:
    await add(world, {"assignment": [assignment(6010 + person, person, RENEWAL, 1)]})


async def waiting(world: World, other: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """``other``, once it waits for a lock."""
    task = asyncio.create_task(other)
    async with asyncio.timeout(20):
        while not await world.database.owner.fetchval(WAITING):
            assert not task.done(), "nothing kept it waiting"
            await asyncio.sleep(0.01)
    return task


async def counted(world: World) -> tuple[str, int]:
    """Status of a duty, and how many of its people are open."""
    row = await world.database.owner.fetchrow(
        """
        select d.status, count(p.id) filter (
            where p.released_on is null and p.deletion_certificate_id is null)
        from deletion_duty d join deletion_duty_person p on p.deletion_duty_id = d.id
        where d.contract_id = $1 group by d.id""",
        FROM,
    )
    assert row is not None
    return row[0], row[1]


async def certified(world: World, duty: str, *people: int) -> str:
    given = [id_of(each) for each in people] or None
    asked = await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY), people=given)
    return str(asked["certifyDeletion"]["id"])


async def test_the_round_counts_what_is_sent_back_beside_it(world: World) -> None:
    duty = await owed(world)
    made = int((await certified(world, duty, NEIGHBOUR)).partition(":")[2])
    await served_again(world, PERSON)
    async with world.database.transaction() as bureau:
        await bureau.execute(HOLD, [int(duty.partition(":")[2])])
        task = await waiting(world, issue_duties(world.database, TOMORROW, DAYS))
        await bureau.execute("update deletion_certificate set decision = 'REJECTED' where id = $1", made)
        await bureau.execute(OPEN_AGAIN, made)
    await task
    assert await counted(world) == ("OPEN", 1)


async def test_the_round_and_who_certifies_take_locks_in_one_order(world: World) -> None:
    """Each goes on with what the other waits behind: the round holds no line before it holds the duty."""
    number = int((await owed(world)).partition(":")[2])
    await served_again(world, PERSON)
    async with world.database.transaction() as contractor:
        await contractor.execute(HOLD, [number])
        task = await waiting(world, issue_duties(world.database, TOMORROW, DAYS))
        assert len(await contractor.fetch(LINES, number)) == 2
    await task
    assert await counted(world) == ("OPEN", 1)


async def test_duties_are_held_the_lowest_number_first(world: World) -> None:
    await end_contract(world)
    await add(world, {"assignment": [assignment(6020, PERSON, RENEWAL, 1)]})
    await issue_duties(world.database, TODAY, DAYS)
    await world.database.owner.execute("update contract set status = 'CLOSED' where id = $1", RENEWAL)
    await issue_duties(world.database, TOMORROW, DAYS)
    numbers = [row[0] for row in await world.database.owner.fetch("select id from deletion_duty order by 1")]
    assert len(numbers) > 1
    async with world.database.transaction() as free:
        async with world.database.transaction() as first:
            await first.execute(HOLD, numbers[:1])
            task = await waiting(world, world.database.owner.execute(HOLD, numbers[::-1]))
            await free.execute("select from deletion_duty where id = any ($1) for update nowait", numbers[1:])
            await free.execute("rollback")
        await task


async def test_a_duty_of_whom_nobody_is_left_is_released(world: World) -> None:
    number = int((await owed(world)).partition(":")[2])
    async with world.database.transaction() as connection, settling(connection, number):
        await connection.execute("delete from deletion_duty_person where deletion_duty_id = $1", number)
    [duty] = await duties(world)
    assert (duty["status"], duty["openCount"]) == ("RELEASED", 0)


async def test_all_at_once_leave_a_duty_as_its_people_are(world: World) -> None:
    duty = await owed(world)
    made = await certified(world, duty, NEIGHBOUR)
    await served_again(world, PERSON)
    day = str(TODAY)
    rounds = [issue_duties(world.database, TOMORROW, DAYS) for _ in range(2)]
    *answers, _ = await asyncio.gather(
        world.answer(SENDER, CERTIFY, duty=duty, day=day),
        world.answer(SENDER, CERTIFY, duty=duty, day=day, people=[id_of(PERSON)]),
        world.answer(BUREAU, SEND_BACK, certificate=made),
        world.answer(BUREAU, TAKE, certificate=made),
        asyncio.gather(*rounds),
    )
    bodies = [orjson.loads(each.body) for each in answers]
    codes = {error["extensions"]["code"] for body in bodies for error in body.get("errors", ())}
    assert codes <= {"CONFLICT", "BAD_ARGUMENT"}
    status, people = await counted(world)
    assert (status == "OPEN") == (people > 0)


async def test_nobody_is_held_while_the_log_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For two contractors: what is issued to the one must not wait for what was shown to the other."""
    await world.ask(RECEIVER, ACCEPT, referral=await refer(world), contract=f"Contract:{TO}")
    await end_contract(world)
    await world.database.owner.execute("update contract set status = 'CLOSED' where id = $1", TO)
    read, found = work._shown, []

    async def looked_at(connection: Connection, contractor: int) -> list[int]:
        async with world.database.transaction() as other:
            found.append(len(await other.fetch("select from beneficiary for update nowait")))
        return await read(connection, contractor)

    monkeypatch.setattr(work, "_shown", looked_at)
    await issue_duties(world.database, TOMORROW, DAYS)
    everybody = await world.database.owner.fetchval("select count(*) from beneficiary")
    assert len(found) > 1
    assert set(found) == {everybody}
    listed = "select count(*) from deletion_duty_person where contract_id = any ($1)"
    assert await world.database.owner.fetchval(listed, [FROM, TO]) == 3


async def test_people_are_held_in_the_order_of_their_keys(world: World) -> None:
    await end_contract(world)
    async with world.database.transaction() as other:
        await other.execute(OF_PEOPLE, [PERSON])
        task = await waiting(world, issue_duties(world.database, TODAY, DAYS))
        assert await other.fetch(OF_PEOPLE, [NEIGHBOUR])
    await task
    [duty] = await duties(world)
    assert duty["personCount"] == 2


async def test_who_is_served_again_meanwhile_is_owed_nothing(world: World) -> None:
    await end_contract(world)
    async with world.database.transaction() as other:
        await other.execute(OF_PEOPLE, [PERSON])
        task = await waiting(world, issue_duties(world.database, TODAY, DAYS))
        await other.execute("update contract set status = 'ACTIVE' where id = 101")
    await task
    assert not await duties(world)


async def test_the_round_and_a_run_of_a_source_wait_for_each_other_once(world: World) -> None:
    """A run takes people in the order of its lists: it has the county for itself."""
    await end_contract(world)
    async with world.database.transaction() as run:
        await run.execute(ALONE, COUNTY)
        await run.execute(OF_PEOPLE, [NEIGHBOUR])
        task = await waiting(world, issue_duties(world.database, TODAY, DAYS))
        await run.execute(OF_PEOPLE, [PERSON])
    await task
    assert len(await duties(world)) == 1


async def test_who_accepts_does_not_wait_for_a_run_that_waits_for_it(world: World) -> None:
    made = await refer(world)
    async with world.database.transaction() as run:
        await run.execute(ALONE, COUNTY)
        task = await waiting(world, world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}"))
        await run.execute("select from referral for update nowait")
        await run.execute(OF_PEOPLE, [PERSON])
        await run.execute("select from assignment where beneficiary_id = $1 for update nowait", PERSON)
    await task
