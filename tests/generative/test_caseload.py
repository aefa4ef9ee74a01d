"""Copies against the lists themselves: who pulls holds what a list shows, whatever happens at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio

from hub.domain.dates import CHINA
from hub.read import copy_changes, pull
from hub.store.database import Connection
from hub.store.linking import regroup
from hub.tables import metadata
from tests.generative.test_streams import copy, drop, edit, one_row
from tests.support.copying import Copier
from tests.support.following import bring_up_to_date, note
from tests.support.reading import BUREAU, CONTRACTOR, PROVINCE, TOWNSHIP, World, small_world, without_minor

VIEWERS: Final = {
    "contractor": CONTRACTOR, "contractor-older": without_minor(CONTRACTOR), "bureau": BUREAU,
    "township": TOWNSHIP, "older": without_minor(PROVINCE),
}  # fmt: skip
ROUNDS: Final = int(os.environ.get("HUB_GENERATED", "60"))
SEED: Final = 23
COUNTIES: Final = ("450305", "350582")
FACTS: Final = ("visit", "category_membership", "warning")


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(seed=SEED, pool_size=12) as made:
        await bring_up_to_date(made)
        owner = made.database.owner
        await owner.execute(
            "update contract set status = 'ACTIVE', starts_on = now()::date - 99, ends_on = now()::date + 99"
        )
        # Half of all assignments are the contractor's, and no file is away.
        await owner.execute(
            "update assignment a set contractor_id = 1, ends_on = case when id % 3 = 0 then ends_on end,"
            " contract_id = (select k.id from contract k where k.contractor_id = 1"
            " order by (k.id + a.id) % 3, k.id limit 1) where id % 2 = 0"
        )
        await owner.execute("delete from identity_review")
        await owner.execute("delete from beneficiary_apart")
        yield made


# ── what may happen ──────────────────────────────────────────────────────────────────────────────────


async def end_contract(connection: Connection, rng: random.Random) -> None:
    """One of the contractor's ends, is terminated, or is live again."""
    [contract] = await connection.fetch(
        "select id, county_code from contract where contractor_id = 1 order by (id * $1) % 7, id limit 1",
        rng.randint(1, 6),
    )
    status, days = rng.choice([("ACTIVE", 99), ("TERMINATED", 99), ("ACTIVE", -1), ("ACTIVE", 1)])
    await connection.execute(
        "update contract set status = $2, ends_on = now()::date + $3::int where id = $1",
        contract["id"], status, days,
    )  # fmt: skip
    await note(connection, "U", "contract", contract["county_code"], contract["id"])


async def remove(connection: Connection, rng: random.Random) -> None:
    """A person, and all that is known."""
    person = await one_row(connection, rng, "beneficiary")
    if person is None:
        return
    key = person["county_code"], person["id"]
    for table in reversed(metadata.sorted_tables):
        if {"county_code", "beneficiary_id"} <= set(table.c.keys()):
            await connection.execute(
                f"delete from {table.name} where county_code = $1 and beneficiary_id = $2", *key
            )
    await connection.execute("delete from beneficiary where county_code = $1 and id = $2", *key)
    await note(connection, "D", "beneficiary", *key)


async def link(connection: Connection, rng: random.Random) -> None:
    """Two files become one, or what one had become comes apart."""
    county = rng.choice(COUNTIES)
    await connection.execute("select pg_advisory_xact_lock(1, hashtext($1))", county)
    linked = await connection.fetch(
        "select id, first_id, second_id from identity_review where county_code = $1 and status = 'LINKED'",
        county,
    )
    if linked and rng.random() < 0.6:
        chosen = rng.choice(linked)
        await connection.execute(
            "update identity_review set status = 'APART' where county_code = $1 and id = $2",
            county,
            chosen["id"],
        )
        await regroup(connection, county, (chosen["first_id"], chosen["second_id"]))
        return
    people = await connection.fetch(
        "select id from beneficiary where county_code = $1 order by id for update", county
    )
    first, second = sorted(row["id"] for row in rng.sample(people, 2))
    await connection.execute(
        "insert into identity_review (county_code, id, first_id, second_id, status, score, reasons, found_at,"
        " first_print, second_print) select $1, coalesce(max(id), 0) + 1, $2, $3, 'LINKED', 0.9, '{}', now(),"
        " '\\x00', '\\x01' from identity_review on conflict do nothing",
        county, first, second,
    )  # fmt: skip
    await regroup(connection, county, (first, second))


KINDS: Final = 15


async def happen(connection: Connection, rng: random.Random, kind: int) -> None:
    days = f"now()::date + {rng.randint(-3, 5)}"
    match kind % KINDS:
        case 0:
            await edit(connection, rng, "beneficiary", risk_level=f"'LEVEL_{rng.randint(1, 3)}'")
        case 1 | 14:
            town = "(case county_code when '450305' then '450305001000' else '350582103000' end)"
            other = "(case county_code when '450305' then '450305200000' else '350582001000' end)"
            await edit(connection, rng, "beneficiary", division_code=rng.choice([town, other]))
        case 2 | 3:
            await edit(connection, rng, "assignment", ends_on=rng.choice(["null", days]))
        case 4:
            await edit(connection, rng, "assignment", starts_on=days, ends_on="null")
        case 5:
            contract = f"(select id from contract order by (id * {rng.randint(1, 9)}) % 7 limit 1)"
            await edit(connection, rng, "assignment", contract_id=contract)
        case 6:
            await drop(connection, rng, rng.choice(["assignment", "visit", "category_membership"]))
        case 7:
            await copy(connection, rng, rng.choice(["assignment", "visit"]))
        case 8:
            await edit(connection, rng, "visit", kind=f"'{rng.choice(['ONSITE', 'PHONE', 'VIDEO'])}'")
        case 9:
            await edit(connection, rng, "household", household_number=f"'H{rng.getrandbits(40)}'")
        case 10:
            years = rng.choice([5, 13, 50])
            await edit(connection, rng, "beneficiary", birth_on=f"now()::date - interval '{years} years'")
        case 11:
            await end_contract(connection, rng)
        case 12:
            await remove(connection, rng)
        case 13:
            await link(connection, rng)


# ── a plain oracle ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Seen:
    """At one moment: who a viewer sees, who there is, and under which contracts people are served then.
    ``given``: under contracts of the viewer's that are live or not."""

    listed: set[str]
    there: set[str]
    served: dict[str, set[int]]
    live: set[int]
    given: dict[str, set[int]]


async def seen(world: World, copier: Copier) -> Seen:
    owner, today = world.database.owner, world.engine.clock().date()
    people = await owner.fetch("select county_code, id from beneficiary")
    live = {
        row["id"]
        for row in await owner.fetch(
            "select id from contract where contractor_id = $1 and starts_on <= $2 and ends_on >= $2"
            " and status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED')", copier.who.organisation_id or 0, today,
        )
    }  # fmt: skip
    given: dict[str, set[int]] = {}
    for row in await owner.fetch(
        "select a.county_code, a.beneficiary_id, a.contract_id from assignment a"
        " join contract k on k.id = a.contract_id where k.contractor_id = $2"
        " and a.starts_on <= $1 and (a.ends_on is null or a.ends_on >= $1)",
        today, copier.who.organisation_id or 0,
    ):  # fmt: skip
        id_ = f"Beneficiary:{row['county_code']}:{row['beneficiary_id']}"
        given.setdefault(id_, set()).add(row["contract_id"])
    served = {id_: by & live for id_, by in given.items()}
    there = {f"Beneficiary:{row['county_code']}:{row['id']}" for row in people}
    return Seen(set(await copier.listed()), there, served, live, given)


def is_right(entry: Any, moments: list[Seen], contractor: bool) -> bool:
    """Whether the reason is true, and tells nothing of what happened after the viewer's right had ended."""
    id_, now = entry["id"], moments[-1]
    last = max(i for i, moment in enumerate(moments) if id_ in moment.listed)
    by = set().union(*(m.served.get(id_, set()) for m in moments if id_ in m.listed))
    match entry["reason"]:
        case "MERGED":
            return id_ not in now.there and entry["mergedInto"] in now.listed
        case "DELETED":
            return id_ not in moments[last + 1].there
        case "OUT_OF_SLICE":
            return not contractor or bool(now.served.get(id_))
        case "UNASSIGNED":
            return contractor and not now.served.get(id_) and bool(by & now.live)
        case "CONTRACT_ENDED":
            by |= now.given.get(id_, set())
            return contractor and not now.served.get(id_) and bool(by - now.live)
    return False


# ── one thing after the other ────────────────────────────────────────────────────────────────────────


@dataclass
class Reader:
    copier: Copier
    loses: bool = False
    moments: list[Seen] = field(default_factory=list)

    async def catch_up(self, rng: random.Random) -> list[Any]:
        """All there is; who loses answers asks again, and takes what comes then."""
        found, more = [], True
        while more:
            self.copier.first = rng.choice([1, 3, 7, 200])
            if self.loses and rng.random() < 0.5:
                await self.copier.page()
            page = await self.copier.page()
            self.copier.take(page)
            found += page["entries"]
            more = page["hasMore"]
        return found


async def test_every_copy_is_what_the_list_shows_and_every_reason_is_true(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_changes, "SCANNED", 9)
    monkeypatch.setattr(pull, "PARTED", 7)
    copy_changes.following.cache_clear()
    rng, met, days = random.Random(SEED), Counter[str](), 0
    readers = [
        Reader(Copier(world, who), loses)
        for name, who in VIEWERS.items()
        for loses in ((False, True) if name.startswith("contractor") else (False,))
    ]
    for reader in readers:
        await reader.catch_up(rng)
        reader.moments = [await seen(world, reader.copier)]
    for number in range(ROUNDS):
        if rng.random() < 0.1 and days < 20:
            days += 1
            later = dt.timedelta(days=days)
            world.engine.clock = lambda later=later: dt.datetime.now(CHINA) + later  # type: ignore[misc]
        else:
            async with world.database.transaction() as connection:
                for kind in {number, *(rng.randrange(KINDS) for _ in range(rng.choice([0, 0, 1, 3])))}:
                    await happen(connection, rng, kind)
        for reader in readers:
            copier, moments = reader.copier, reader.moments
            moments.append(await seen(world, copier))
            if rng.random() < 0.4 and number < ROUNDS - 1:
                continue
            contractor = copier.who.organisation_id is not None
            ever = set().union(*(moment.listed for moment in moments))
            for entry in await reader.catch_up(rng):
                if entry["id"] not in ever:
                    # Somebody who was given to a contract of the viewer's own that has ended meanwhile.
                    assert entry["reason"] == "CONTRACT_ENDED", (number, copier.who.reader, entry)
                    assert any(m.given.get(entry["id"], set()) - m.live for m in moments), entry
                elif entry["operation"] == "TOMBSTONE":
                    assert is_right(entry, moments, contractor), (number, copier.who.reader, entry)
                    met[entry["reason"]] += 1
            assert copier.held == await copier.listed(), (number, copier.who.reader)
            await copier.assert_whole()
            reader.moments = moments[-1:]
    copy_changes.following.cache_clear()
    assert set(met) == {"DELETED", "UNASSIGNED", "CONTRACT_ENDED", "MERGED", "OUT_OF_SLICE"}, met


async def test_a_narrowed_registration_takes_younger_children_away_and_gives_them_back(world: World) -> None:
    copier = Copier(world, CONTRACTOR)
    await copier.catch_up()
    before = dict(copier.held)
    copier.who = without_minor(CONTRACTOR)
    told = await copier.catch_up()
    left = await copier.listed()
    gone = set(before) - set(left)
    assert gone
    assert {e["id"]: e["reason"] for e in told if e["operation"] == "TOMBSTONE"} == dict.fromkeys(
        gone, "MASKED"
    )
    assert copier.held == left
    await copier.assert_whole()
    copier.who = CONTRACTOR
    await copier.catch_up()
    assert copier.held == before


# ── everything at once ───────────────────────────────────────────────────────────────────────────────


async def test_copies_pulled_among_writers_are_the_list_once_all_is_still(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_changes, "SCANNED", 5)
    monkeypatch.setattr(pull, "PARTED", 2)
    copy_changes.following.cache_clear()
    rng, done = random.Random(SEED), asyncio.Event()
    readers = [Reader(Copier(world, who), loses) for who in VIEWERS.values() for loses in (False, True)]

    async def write(own: random.Random) -> None:
        for _ in range(max(10, ROUNDS // 3)):
            try:
                async with world.database.transaction() as connection:
                    kinds = [own.randrange(KINDS) for _ in range(own.randint(1, 4))]
                    for kind in kinds:
                        await happen(connection, own, kind)
                        await asyncio.sleep(own.random() * 0.02)
                    if own.random() < 0.2:
                        raise LookupError  # nothing of it has happened
            except (
                LookupError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError,
                asyncpg.ForeignKeyViolationError,
            ):  # fmt: skip
                pass

    async def read(reader: Reader, own: random.Random) -> None:
        while not done.is_set():
            reader.copier.first = own.choice([1, 2, 5, 20])
            page = await reader.copier.page(whole=own.random() < 0.3)
            if not reader.loses or own.random() < 0.7:
                reader.copier.take(page)
                if page.get("whole"):
                    copier = reader.copier
                    assert page["whole"]["count"] == len(copier.held), copier.who.reader
            await asyncio.sleep(own.random() * 0.02)

    reading = [asyncio.create_task(read(r, random.Random(i))) for i, r in enumerate(readers)]
    await asyncio.gather(*(write(random.Random(rng.random())) for _ in range(5)))
    done.set()
    await asyncio.gather(*reading)
    for reader in readers:
        await reader.copier.catch_up()
        assert reader.copier.held == await reader.copier.listed(), reader.copier.who.reader
        await reader.copier.assert_whole()
    copy_changes.following.cache_clear()
