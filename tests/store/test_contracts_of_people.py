"""A person's row knows its contracts, whatever statement changes the assignments."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Final

from hub.store.database import Connection
from tests.support.reading import small_world

CHANGES: Final = (
    "delete from assignment where id % 3 = $1 % 3",
    "update assignment set ends_on = null where id % 2 = $1 % 2",
    "update assignment set ends_on = starts_on + $1::int where id % 3 = $1 % 3",
    "update assignment set starts_on = starts_on - $1::int",
    "update assignment set contract_id = (select min(id) + $1 % count(*) from contract) where id % 4 = 1",
    # Somebody else's: a corrected identity number moves what hangs on a person.
    "update assignment a set beneficiary_id = (select max(b.id) from beneficiary b"
    " where b.county_code = a.county_code) where id % 5 = $1 % 5",
)


async def state(connection: Connection) -> dict[tuple[str, int], tuple[set[int], Any, set[int]]]:
    rows = await connection.fetch(
        "select county_code, id, open_contract_ids, open_since_on, dated_contract_ids from beneficiary"
    )
    return {(r[0], r[1]): (set(r[2]), r[3], set(r[4])) for r in rows}


async def expected(connection: Connection) -> dict[tuple[str, int], tuple[set[int], Any, set[int]]]:
    found: dict[tuple[str, int], tuple[set[int], Any, set[int]]] = {
        (r[0], r[1]): (set(), None, set())
        for r in await connection.fetch("select county_code, id from beneficiary")
    }
    for row in await connection.fetch("select * from assignment"):
        key = row["county_code"], row["beneficiary_id"]
        open_, since, dated = found[key]
        if row["ends_on"] is None:
            since = max(since or dt.date.min, row["starts_on"])
        (open_ if row["ends_on"] is None else dated).add(row["contract_id"])
        found[key] = open_, since, dated
    return found


async def test_every_statement_is_followed() -> None:
    rng = random.Random(5)
    async with small_world() as world, world.database.transaction() as connection:
        assert await state(connection) == await expected(connection)
        assert any(open_ for open_, _, _ in (await state(connection)).values())
        assert any(dated for _, _, dated in (await state(connection)).values())
        for _ in range(12):
            await connection.execute(rng.choice(CHANGES), rng.randrange(1, 400))
            assert await state(connection) == await expected(connection)


async def test_a_person_that_is_not_touched_is_not_written() -> None:
    async with small_world() as world, world.database.transaction() as connection:
        before = await connection.fetch("select id, xmin from beneficiary order by id")
        await connection.execute("update assignment set worker_id = worker_id, ends_on = ends_on")
        assert await connection.fetch("select id, xmin from beneficiary order by id") == before
