"""Streams against the lists themselves: who follows holds what a list shows, whatever happens at once."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import asyncpg
import pytest_asyncio

from hub.read import changes, stream
from hub.store.database import Connection
from hub.store.listener import CHANGES
from tests.support.following import ROOTS, Follower, bring_up_to_date, note, streams_of
from tests.support.reading import BUREAU, CONTRACTOR, PROVINCE, TOWNSHIP, World, small_world, without_minor

VIEWERS: Final = {
    "bureau": BUREAU, "province": PROVINCE, "township": TOWNSHIP, "contractor": CONTRACTOR,
    "older": without_minor(PROVINCE), "contractor-older": without_minor(CONTRACTOR),
}  # fmt: skip
ROUNDS: Final = int(os.environ.get("HUB_GENERATED", "60"))
SEED: Final = 11

HANGING: Final = {
    "township": {"visit", "assignment", "contract"},
    "contractor": {"visit", "assignment", "household"},
    "older": {"visit", "assignment", "household"},
    "contractor-older": {"visit", "assignment", "household"},
}
"""What comes and goes with a person, or with a station, and is not told of one by one."""

TOWNS: Final = {"450305": ("450305001000", "450305200000"), "350582": ("350582001000", "350582103000")}

FREE: Final = (
    "(select code from division d where left(code, 6) = county_code and level = 'TOWNSHIP'"
    " and not exists (select from station s where s.division_code = d.code) order by {order} limit 1)"
)
"""A township has one station."""


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(seed=SEED, pool_size=12) as made:
        await bring_up_to_date(made)
        await made.database.owner.execute(
            "update contract set status = 'ACTIVE', starts_on = now()::date - 99, ends_on = now()::date + 99"
        )
        yield made


# ── what may happen ──────────────────────────────────────────────────────────────────────────────────


async def one_row(connection: Connection, rng: random.Random, table: str) -> Any:
    rows = await connection.fetch(f"select * from {table} order by 1, 2")
    return rng.choice(rows) if rows else None


async def edit(connection: Connection, rng: random.Random, table: str, **values: Any) -> None:
    """One row of ``table``, as a run would change it."""
    row = await one_row(connection, rng, table)
    if row is None:
        return
    county = row["county_code"]
    sets = ", ".join(f"{name} = {value}" for name, value in values.items())
    await connection.execute(
        f"update {table} set {sets} where id = $1 and county_code = $2", row["id"], county
    )
    await note(connection, "U", table, county, row["id"])


async def drop(connection: Connection, rng: random.Random, table: str) -> None:
    row = await one_row(connection, rng, table)
    if row is not None:
        await connection.execute(
            f"delete from {table} where id = $1 and county_code = $2", row["id"], row["county_code"]
        )
        await note(connection, "D", table, row["county_code"], row["id"])


async def copy(connection: Connection, rng: random.Random, table: str) -> None:
    """A new fact, about another person of the county."""
    row = await one_row(connection, rng, table)
    if row is None:
        return
    people = await connection.fetch("select id from beneficiary where county_code = $1", row["county_code"])
    values = {**row, "beneficiary_id": rng.choice(people)["id"], "record_key": f"n{rng.random()}"}
    for name in ("id", "made_at", "division_code", "shown_from_on"):  # the last two are of its person
        values.pop(name, None)
    names = ", ".join(values)
    marks = ", ".join(f"${i}" for i in range(1, len(values) + 1))
    number = await connection.fetchval(
        f"insert into {table} ({names}, id) overriding system value"
        f" select {marks}, (select max(id) + 1 from {table}) returning id",
        *values.values(),
    )
    await note(connection, "I", table, row["county_code"], number)


async def relink(connection: Connection, rng: random.Random) -> None:
    """Another station for a contract of the same county."""
    contract = await one_row(connection, rng, "contract")
    await connection.execute("delete from contract_station where contract_id = $1", contract["id"])
    await connection.execute(
        "insert into contract_station select $1, id from station where county_code = $2 and id % 2 = $3",
        contract["id"], contract["county_code"], rng.randint(0, 1),
    )  # fmt: skip
    await note(connection, "U", "contract", contract["county_code"], contract["id"])


async def happen(connection: Connection, rng: random.Random) -> None:
    town = "(case county_code when '450305' then '{}' else '{}' end)".format(
        *(rng.choice(TOWNS[county]) for county in ("450305", "350582"))
    )
    days = f"now()::date + {rng.randint(-3, 3)}"
    match rng.randrange(13):
        case 0:
            await edit(connection, rng, "beneficiary", risk_level=f"'LEVEL_{rng.randint(1, 3)}'")
        case 1:
            await edit(connection, rng, "beneficiary", division_code=town)
        case 2:
            await edit(connection, rng, "assignment", ends_on=rng.choice(["null", days]))
        case 3:
            contract = f"(select id from contract order by (id * {rng.randint(1, 9)}) % 7 limit 1)"
            await edit(connection, rng, "assignment", contract_id=contract)
        case 4:
            await drop(connection, rng, rng.choice(["assignment", "visit"]))
        case 5 | 6:
            await copy(connection, rng, rng.choice(["assignment", "visit"]))
        case 7:
            await edit(connection, rng, "personnel", employer_id=str(rng.randint(1, 3)), division_code=town)
        case 8:
            free = FREE.format(order=rng.choice(["code", "code desc"]))
            await edit(connection, rng, "station", name=f"'站{rng.randint(1, 9)}'", division_code=free)
        case 9:
            await edit(connection, rng, "household", division_code=town)
        case 10:
            await relink(connection, rng)
        case 11:
            away = rng.choice(["450305000000", "350582000000"])
            await edit(connection, rng, "contract", division_code=f"'{away}'")
        case 12:
            years = rng.choice([5, 50])
            await edit(connection, rng, "beneficiary", birth_on=f"now()::date - interval '{years} years'")


# ── one thing after the other: nobody is told too little or too much ─────────────────────────────────


async def test_every_viewer_is_told_what_came_what_went_and_nothing_else(world: World) -> None:
    rng = random.Random(SEED)
    streams = streams_of(world)
    followers = {
        (role, table): Follower(world, streams, who, table)
        for role, who in VIEWERS.items()
        for table in ROOTS
    }
    for follower in followers.values():
        await follower.begin()
    met = {"UPSERT": 0, "GONE": 0}
    for _ in range(ROUNDS):
        before = {key: set(await f.listed()) for key, f in followers.items()}
        async with world.database.transaction() as connection:
            for _ in range(rng.randint(1, 3)):
                await happen(connection, rng)
        for (role, table), follower in followers.items():
            after = await follower.listed()
            events = await follower.catch_up()
            told = {kind: {e["id"] for e in events if e["operation"] == kind} for kind in met}
            came, went = set(after) - before[role, table], before[role, table] - set(after)
            assert len(events) == len({e["id"] for e in events})
            assert told["UPSERT"] <= set(after), (role, table)
            assert told["GONE"] <= before[role, table] - set(after), (role, table)
            if table not in HANGING.get(role, ()):
                assert told["GONE"] == went, (role, table)
                assert came <= told["UPSERT"], (role, table)
                assert follower.held == after, (role, table)
            for kind, ids in told.items():
                met[kind] += len(ids)
    assert min(met.values()) > ROUNDS / 2
    await streams.listener.stop()


# ── everything at once: no gap ───────────────────────────────────────────────────────────────────────


async def test_who_comes_back_again_and_again_among_writers_holds_what_the_list_shows(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(changes, "PAGE", 3)
    monkeypatch.setattr(stream, "MAX_BYTES", 250)  # so that pages are told in parts
    changes.statement.cache_clear()
    rng = random.Random(SEED)
    streams = streams_of(world)
    watched = ["station", "beneficiary", "personnel"]
    followers = [Follower(world, streams, who, t) for who in VIEWERS.values() for t in watched]
    for follower in followers:
        await follower.begin()
    done = asyncio.Event()

    async def write(own: random.Random) -> None:
        for _ in range(ROUNDS // 3):
            try:
                async with world.database.transaction() as connection:
                    for _ in range(own.randint(1, 4)):
                        await happen(connection, own)
                        await asyncio.sleep(own.random() * 0.02)
                    if own.random() < 0.2:
                        raise LookupError  # nothing of it has happened
            except (LookupError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                pass

    async def read(follower: Follower, own: random.Random) -> None:
        while not done.is_set():
            left = own.randint(1, 6)
            async with aclosing(follower.events()) as events:
                async for event in events:
                    follower.take(event)
                    left -= 1
                    if not left or event["operation"] == "CURRENT":
                        break
            await asyncio.sleep(own.random() * 0.02)

    readers = [asyncio.create_task(read(f, random.Random(i))) for i, f in enumerate(followers)]
    await asyncio.gather(*(write(random.Random(rng.random())) for _ in range(5)))
    done.set()
    await asyncio.gather(*readers)
    for follower in followers:
        await follower.catch_up()
        assert follower.held == await follower.listed(), (follower.who.role, follower.table)
    changes.statement.cache_clear()
    await streams.listener.stop()


# ── everything at once: no double ────────────────────────────────────────────────────────────────────


async def test_each_change_is_told_once_in_whatever_order_it_is_committed(world: World) -> None:
    """Transactions that began early end late; the reader begins anew behind every event."""
    people = [r["id"] for r in world.rows["beneficiary"] if r["county_code"] == "450305"]
    streams = streams_of(world)
    follower = Follower(world, streams, BUREAU, "beneficiary")
    await follower.begin()
    rng = random.Random(SEED)

    async def write(numbers: list[int]) -> None:
        async with world.database.transaction() as connection:
            for number in numbers:
                await note(connection, "U", "beneficiary", "450305", number)
                await asyncio.sleep(rng.random() * 0.05)
        streams.listener.tell(CHANGES)

    writers = [asyncio.create_task(write(people[i::6])) for i in range(6)]
    told: list[str] = []
    while len(told) < len(people):
        async with aclosing(follower.events()) as events:
            async for event in events:
                follower.take(event)
                if event["operation"] != "CURRENT":
                    told.append(event["id"])
                    break
    await asyncio.gather(*writers)
    assert await follower.catch_up() == []
    assert sorted(told) == sorted(f"Beneficiary:450305:{number}" for number in people)
    await streams.listener.stop()


async def test_who_asks_for_some_rows_holds_those(world: World) -> None:
    rng = random.Random(SEED)
    streams = streams_of(world)
    where = "{ riskLevel: { eq: LEVEL_1 } }"
    followers = [Follower(world, streams, who, "beneficiary", where) for who in VIEWERS.values()]
    for follower in followers:
        await follower.begin()
    for _ in range(ROUNDS):
        async with world.database.transaction() as connection:
            await edit(connection, rng, "beneficiary", risk_level=f"'LEVEL_{rng.randint(1, 2)}'")
            await happen(connection, rng)
        for follower in followers:
            await follower.catch_up()
            assert follower.held == await follower.listed()
    await streams.listener.stop()
