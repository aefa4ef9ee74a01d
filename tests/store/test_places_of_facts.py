"""What is known of a person carries the division the person lives in, whatever statement changes either."""

from __future__ import annotations

import asyncio
import random
from typing import Final

from hub.store.database import Connection
from tests.support.reading import DONGJIANG, small_world

FACTS: Final = ("category_membership", "assignment", "visit")
SOMEWHERE_ELSE: Final = (
    "(select max(o.division_code) from beneficiary o"
    " where o.county_code = b.county_code and o.id % 7 = ($1 + b.id) % 7)"
)
CHANGES: Final = (
    f"update beneficiary b set division_code = coalesce({SOMEWHERE_ELSE}, division_code)"
    " where id % 3 = $1 % 3",
    *(
        f"update {fact} f set beneficiary_id = (select case $1 % 2 when 0 then max(b.id) else min(b.id) end"
        " from beneficiary b where b.county_code = f.county_code) where id % 5 = $1 % 5"
        for fact in FACTS
    ),
    """
    insert into visit (county_code, id, beneficiary_id, visited_on, kind, purpose, source_id, record_key,
        content_hash, observed_at, received_at, run_id)
    select county_code, 1000000 * $1::int + id, beneficiary_id, visited_on, kind, purpose, source_id,
        record_key || ' ' || $1::int, content_hash, observed_at, received_at, run_id
    from visit where id % 4 = $1::int % 4""",
)


async def astray(connection: Connection) -> list[str]:
    """Tables with a fact that is not where its person lives."""
    found = []
    for fact in FACTS:
        if await connection.fetchval(
            f"select exists (select from {fact} f left join beneficiary b on b.county_code = f.county_code"
            " and b.id = f.beneficiary_id where f.division_code is distinct from b.division_code)"
        ):
            found.append(fact)
    return found


async def test_every_statement_is_followed() -> None:
    rng = random.Random(9)
    async with small_world() as world, world.database.transaction() as connection:
        assert not await astray(connection)
        before = await connection.fetch("select division_code, count(*) from visit group by 1 order by 1")
        for step in range(20):
            await connection.execute(rng.choice(CHANGES), 1 + step)
            assert not await astray(connection), step
        assert before != await connection.fetch(
            "select division_code, count(*) from visit group by 1 order by 1"
        )


async def test_writers_of_one_person_wait_for_each_other_and_do_not_deadlock() -> None:
    """An assignment is written with its person's place, and writes the person's contracts."""
    async with small_world() as world:
        given = await world.database.owner.fetchval("select max(id) from assignment")

        async def write(number: int) -> None:
            await world.database.owner.execute(
                """
                insert into assignment (county_code, id, beneficiary_id, station_id, contract_id,
                    contractor_id, starts_on, source_id, record_key, content_hash, observed_at, received_at,
                    run_id)
                select county_code, $1::bigint, beneficiary_id, station_id, contract_id,
                    contractor_id, starts_on, source_id, $1::bigint::text, content_hash, observed_at,
                    received_at, run_id
                from assignment order by county_code, id limit 1""",
                number,
            )

        await asyncio.gather(*(write(given + 1 + number) for number in range(60)))
        async with world.database.transaction() as connection:
            assert not await astray(connection)


async def test_a_person_moves_after_what_is_being_written() -> None:
    """Neither sees the other's row; the one who moves waits."""
    async with small_world() as world:
        database = world.database
        visited = await database.owner.fetchrow(
            "select v.* from visit v join beneficiary b on b.county_code = v.county_code"
            " and b.id = v.beneficiary_id where b.division_code <> $1 and b.county_code = left($1, 6)"
            " limit 1",
            DONGJIANG,
        )
        assert visited is not None

        async def move() -> None:
            await database.owner.execute(
                "update beneficiary set division_code = $1 where county_code = $2 and id = $3",
                DONGJIANG,
                visited["county_code"],
                visited["beneficiary_id"],
            )

        async with database.transaction() as writing:
            await writing.execute(CHANGES[-1], 4 + visited["id"] % 4)
            moving = asyncio.create_task(move())
            await asyncio.sleep(0.2)
            assert not moving.done()
        await moving
        async with database.transaction() as connection:
            assert not await astray(connection)
