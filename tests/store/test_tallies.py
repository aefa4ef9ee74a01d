"""Tallies tell as many as there are, whatever statement writes, and while they are folded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import Connection as Engine

from hub.settings import Settings
from hub.store.database import Connection, Database
from hub.store.migrate import config, migrate
from hub.sync.tallies import fold_after_run, fold_tallies, miscounted, recount
from hub.tables import TALLIES
from hub.tables.apart import LINKABLE
from tests.support.logs import captured_logs
from tests.support.reading import World, small_world
from tests.support.tallies import counted, folded, told

COUNTIES: Final = ("450305", "350582")
PERSON: Final = "county_code, name, name_masked, division_code, station_id, risk_level"
VISIT: Final = (
    "county_code, beneficiary_id, station_id, visited_on, kind, purpose, source_id, record_key, content_hash,"
    " observed_at, received_at, run_id"
)
RISK: Final = "(array['LEVEL_1', 'LEVEL_2', null])[1 + (id + $1) % 3]"

# What others refer to stays: only people that the test has added are taken away.
CHANGES: Final = (
    f"insert into beneficiary ({PERSON}) select {PERSON} from beneficiary where id % 5 = $1 % 5",
    f"insert into visit ({VISIT}) select {VISIT.replace('record_key', 'gen_random_uuid()::text')}"
    " from visit where id % 3 = $1 % 3",
    f"update beneficiary set risk_level = {RISK} where id % 4 = $1 % 4",
    "update beneficiary set station_id = case when id % 2 = 0 then 1 + (id + $1) % 4 end"
    " where id % 3 = $1 % 3",
    "update beneficiary set division_code = case when division_code = '450305001000' then '450305200000'"
    " else '450305001000' end where county_code = '450305' and id % 2 = $1 % 2",
    "update beneficiary set phone = id::text, station_id = station_id where id % 2 = $1 % 2",
    "update beneficiary set county_code = case county_code when '450305' then '350582' else '450305' end"
    " where id > 60 and id % 7 = $1 % 7 and household_id is null"
    " and not exists (select from visit v where v.beneficiary_id = beneficiary.id)",
    "update visit set visited_on = visited_on + $1 % 3 where id % 3 = $1 % 3",
    "update visit set station_id = null where id % 5 = $1 % 5",
    "update visit set kind = 'CALL' where id % 2 = $1 % 2",
    "delete from visit where id % 4 = $1 % 4",
    "delete from beneficiary b where id > 60 and id % 3 = $1 % 3"
    " and not exists (select from visit v where v.beneficiary_id = b.id)",
)


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with prepared(8) as made:
        yield made


@asynccontextmanager
async def prepared(seed: int, **options: Any) -> AsyncIterator[World]:
    """A small world that can be added to: its rows have been given numbers from 1."""
    async with small_world(seed, **options) as made:
        for table in TALLIES:
            await made.database.owner.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), 1000)")
        yield made


async def tallies_are_right(connection: Connection) -> None:
    assert await told(connection) == await counted(connection)


async def test_every_statement_is_followed(world: World) -> None:
    rng, seen = random.Random(4), set()
    async with world.database.transaction() as connection:
        await tallies_are_right(connection)
        for _ in range(40):
            change = rng.choice(CHANGES)
            done = await connection.execute(change, rng.randrange(1, 400))
            seen.add((change, done.rsplit(maxsplit=1)[-1] != "0"))
            await tallies_are_right(connection)
            if rng.random() < 0.3:
                await fold_tallies(connection, rng.choice(COUNTIES))
                await tallies_are_right(connection)
    assert seen >= {(change, True) for change in CHANGES}


async def test_a_statement_appends_one_row_for_each_kind(world: World) -> None:
    """And none where no row has become of another kind, nor where a row is not written after all."""
    async with world.database.transaction() as connection:
        number = "select count(*) from beneficiary_tally"
        before = await connection.fetchval(number)
        await connection.execute("update beneficiary set address = 'x', risk_level = risk_level")
        await connection.execute(
            f"insert into beneficiary (id, {PERSON}) overriding system value"
            f" select id, {PERSON} from beneficiary on conflict do nothing"
        )
        assert await connection.fetchval(number) == before
        kinds = await connection.fetchval(
            "with added as (insert into beneficiary (county_code, name, name_masked, division_code)"
            " select '450305', 'x', 'x', '450305001000' from generate_series(1, 500) returning 1)"
            " select count(*) from added"
        )
        assert kinds == 500
        assert await connection.fetchval(number) == before + 1


async def test_a_tally_is_emptied_with_its_table(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute("truncate beneficiary cascade")
        assert await told(connection) == {"beneficiary": {}, "visit": {}}


async def test_of_everything_deleted_nothing_is_left(world: World) -> None:
    owner = world.database.owner
    for table in LINKABLE.referring.keys() - {"visit", "assignment", "category_membership"}:
        await owner.execute(f"truncate {table} cascade")
    for table in ("visit", "assignment", "category_membership", "beneficiary"):
        await owner.execute(f"delete from {table}")
    async with world.database.transaction() as connection:
        assert await told(connection) == {"beneficiary": {}, "visit": {}}
        for county in COUNTIES:
            await fold_tallies(connection, county)
    assert [await owner.fetchval(f"select count(*) from {t.name}") for t in TALLIES.values()] == [0, 0]


async def test_folding_writes_only_what_has_become_several_rows(world: World) -> None:
    async with world.database.transaction() as connection:
        for county in COUNTIES:
            await fold_tallies(connection, county)
    assert await folded(world.database)
    rows = "select xmin::text, ctid::text, t::text from visit_tally t order by 3, 2"
    before = {tuple(row) for row in await world.database.owner.fetch(rows)}
    await fold_after_run(world.database, "roster", "450305")
    assert {tuple(row) for row in await world.database.owner.fetch(rows)} == before
    kind = "visited_on = (select min(visited_on) from visit where county_code = '450305')"
    await world.database.owner.execute(
        f"insert into visit ({VISIT}) select {VISIT.replace('record_key', 'gen_random_uuid()::text')}"
        f" from visit where county_code = '450305' and {kind} limit 1"
    )
    assert not await folded(world.database)
    await fold_after_run(world.database, "roster", "350582")
    assert not await folded(world.database), "another county is left alone"
    await fold_after_run(world.database, "roster", "450305")
    assert await folded(world.database)
    after = {tuple(row) for row in await world.database.owner.fetch(rows)}
    assert (len(before - after), len(after - before)) == (1, 1)


class Traffic:
    """Several writers, each with people of its own, and who reads, folds and counts anew meanwhile."""

    WRITERS: Final = 4
    ROUNDS: Final = 25

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.rng = random.Random(seed)
        self.writing = self.WRITERS
        self.looks = self.folds = 0

    async def run(self) -> None:
        writers = [self._write(i) for i in range(self.WRITERS)]
        async with asyncio.timeout(60):
            await asyncio.gather(*writers, self._look(), self._fold(), self._fold(), self._recount())

    async def _write(self, number: int) -> None:
        rng = random.Random(self.rng.random())
        connection = await self.database.connect()
        try:
            for _ in range(self.ROUNDS):
                transaction = connection.transaction()
                await transaction.start()
                for _ in range(rng.randint(1, 3)):
                    await self._change(connection, rng, number)
                await (transaction.rollback() if rng.random() < 0.3 else transaction.commit())
        finally:
            await connection.close()
            self.writing -= 1

    async def _change(self, connection: Any, rng: random.Random, number: int) -> None:
        change = rng.choice(CHANGES)
        key = "beneficiary_id" if "visit" in change.split()[:3] else "id"
        own = f"where {key} % {self.WRITERS} = {number} and "
        await connection.execute(change.replace("where ", own, 1), rng.randrange(1, 400))

    async def _look(self) -> None:
        while self.writing:
            async with (
                self.database.owner.acquire() as connection,
                connection.transaction(isolation="repeatable_read"),
            ):
                await tallies_are_right(connection)
            self.looks += 1

    async def _fold(self) -> None:
        while self.writing:
            async with self.database.transaction() as connection:
                await fold_tallies(connection, self.rng.choice(COUNTIES))
            self.folds += 1
            await asyncio.sleep(0)

    async def _recount(self) -> None:
        while self.writing:
            await recount(self.database)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", range(2))
async def test_every_snapshot_is_right_while_others_write_and_fold(seed: int) -> None:
    async with prepared(seed, pool_size=8) as world:
        before = await told(world.database.owner)  # type: ignore[arg-type]
        traffic = Traffic(world.database, seed)
        await traffic.run()
        assert traffic.looks > 10
        assert traffic.folds > 10
        async with world.database.transaction() as connection:
            await tallies_are_right(connection)
            assert await told(connection) != before
            for county in COUNTIES:
                await fold_tallies(connection, county)
            await tallies_are_right(connection)
        assert await folded(world.database)


async def test_writers_of_one_kind_do_not_wait_for_each_other(world: World) -> None:
    add = (
        "insert into beneficiary (county_code, name, name_masked, division_code)"
        " values ('450305', 'x', 'x', '450305001000')"
    )
    async with world.database.transaction() as one, world.database.transaction() as other:
        await one.execute(add)
        await other.execute("set local lock_timeout = '5s'")
        await other.execute(add)
        async with world.database.transaction() as third:  # nor a fold for them
            await third.execute("set local lock_timeout = '5s'")
            await fold_tallies(third, "450305")
    async with world.database.transaction() as connection:
        await tallies_are_right(connection)


async def test_the_migration_counts_what_is_there(world: World) -> None:
    def downgrade(connection: Engine) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0009")

    owner = world.database.owner
    async with world.database.engine.begin() as connection:
        await connection.run_sync(downgrade)
    assert await owner.fetchval("select to_regclass('visit_tally')") is None
    await owner.execute("delete from visit where id % 3 = 0")
    await migrate(world.database)
    async with world.database.transaction() as inside:
        await tallies_are_right(inside)
        assert (await told(inside))["visit"]
    assert await folded(world.database)


async def test_what_is_wrong_is_found_and_counted_anew(world: World) -> None:
    assert await miscounted(world.database) == []
    owner = world.database.owner
    await owner.execute("update beneficiary_tally set count = count + 1 where county_code = '350582'")
    await owner.execute("delete from visit_tally where county_code = '450305'")
    assert await miscounted(world.database) == ["beneficiary_tally of 350582", "visit_tally of 450305"]
    await recount(world.database)
    async with world.database.transaction() as connection:  # past the triggers, and as many as before
        await connection.execute("alter table beneficiary disable trigger user")
        await connection.execute("update beneficiary set risk_level = 'LEVEL_1' where county_code = '450305'")
        await connection.execute("alter table beneficiary enable trigger user")
    assert await miscounted(world.database) == ["beneficiary_tally of 450305"]
    await recount(world.database)
    assert await miscounted(world.database) == []
    assert await folded(world.database)


async def test_a_fold_that_fails_is_told_and_loses_nothing(world: World) -> None:
    owner = world.database.owner
    await owner.execute("delete from visit where id % 2 = 0")
    await owner.execute("alter table visit_tally rename column count to number")
    with captured_logs(Settings()) as captured:
        await fold_after_run(world.database, "roster-450305", "450305")
    (line,) = captured.lines()
    assert (line["event"], line["source"], line["kind"]) == (
        "tallies_not_folded", "roster-450305", "UndefinedColumnError",
    )  # fmt: skip
    await owner.execute("alter table visit_tally rename column number to count")
    assert await miscounted(world.database) == []
