"""Lists as of a day and a moment equal a naive model: all rows, kept whole after every transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from hub.access.viewer import Viewer
from hub.store.database import Connection
from tests.support.county import TODAY, Rows, day
from tests.support.oracle import Oracle
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    PROVINCE,
    TOWNSHIP,
    World,
    small_world,
    viewer,
    without_minor,
)

WHO: Final = {
    "province": PROVINCE,
    "bureau": BUREAU,
    "township": TOWNSHIP,
    "contractor": CONTRACTOR,
    "second contractor": viewer("contractor", None, 2),
    "bureau, no children": without_minor(BUREAU),
    "township, no children": without_minor(TOWNSHIP),
    "contractor, no children": without_minor(CONTRACTOR),
}
FACTS: Final = ("category_membership", "assignment")
MOVED: Final = {"known_from", "division_code", "shown_from_on"}
BACK: Final = "interval '2000 days'"
TRANSACTIONS: Final = 30
QUESTIONS: Final = 6

OF_PEOPLE: Final = """query ($valid: Date!, $known: DateTime) {
    beneficiaries(first: 200) { nodes { id
        memberships(first: 200, asOf: {valid: $valid, known: $known}) {
            totalCount nodes { id category startsOn endsOn monthlyAmount beneficiary { id } } }
        assignments(first: 200, asOf: {valid: $valid, known: $known}) {
            totalCount nodes { id startsOn endsOn beneficiary { id } } } } } }"""
OF_ALL: Final = """query ($valid: Date!, $known: DateTime) {
    assignments(first: 200, asOf: {valid: $valid, known: $known}) {
        totalCount nodes { id startsOn endsOn beneficiary { id } } } }"""


@dataclasses.dataclass
class Past:
    """The rows of each fact after each transaction, and when that was."""

    world: World
    kept: list[tuple[dt.datetime, Rows]] = dataclasses.field(default_factory=list)

    async def keep(self) -> None:
        owner = self.world.database.owner
        moment = await owner.fetchval("select clock_timestamp()")
        self.kept.append((moment, {fact: await self.rows(fact) for fact in FACTS}))

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.world.database.owner.fetch(f"select * from {table}")]

    async def move_back(self) -> None:
        """Rows are written at the time it is; the world is at its own day."""
        for fact in FACTS:
            await self.world.database.owner.execute(
                f"alter table {fact} disable trigger user;"
                f" update {fact} set known_from = known_from - {BACK};"
                f" update {fact}_history set known_from = known_from - {BACK},"
                f" known_until = known_until - {BACK}; alter table {fact} enable trigger user"
            )
        now = self.kept[-1][0]
        back = now - await self.world.database.owner.fetchval(f"select $1::timestamptz - {BACK}", now)
        self.kept = [(moment - back, rows) for moment, rows in self.kept]

    async def oracle(self, who: Viewer) -> Oracle:
        """Rights of today: by what stands in the tables now."""
        now = {name: rows for name, rows in self.world.rows.items() if name not in (*FACTS, "beneficiary")}
        for table in (*FACTS, "beneficiary"):
            now[table] = await self.rows(table)
        return Oracle(now, who, TODAY)


async def change(connection: Connection, rng: random.Random) -> None:
    """What a run or somebody's act may do to facts: new and late statements, corrections, withdrawals."""
    fact = rng.choice(FACTS)
    some = f"id % 7 = {rng.randrange(7)}"
    match rng.choice(("new", "dates", "person", "own", "same", "gone", "moves", "twice")):
        case "new":
            own = "category, support_mode" if fact == FACTS[0] else "station_id, contract_id, contractor_id"
            await connection.execute(
                f"insert into {fact} (county_code, beneficiary_id, {own}, starts_on, ends_on, source_id,"
                " record_key, content_hash, observed_at, received_at, run_id)"
                f" select county_code, beneficiary_id, {own}, $1, $2, source_id, md5(random()::text),"
                f" content_hash, observed_at, received_at, run_id from {fact} where {some}",
                start := day(rng),
                start + dt.timedelta(days=rng.choice([0, 30, 300])) if rng.random() < 0.7 else None,
            )
        case "dates":
            await connection.execute(
                f"update {fact} set starts_on = $1, ends_on = null where {some}",
                day(rng, ahead=0),
            )
        case "person":
            await connection.execute(
                f"update {fact} f set beneficiary_id = (select {rng.choice(('min', 'max'))}(b.id)"
                f" from beneficiary b where b.county_code = f.county_code) where {some}"
            )
        case "own":
            own = (
                "monthly_amount = coalesce(monthly_amount, 0) + 10"
                if fact == FACTS[0]
                else "contractor_id = 1 + contractor_id % 3, contract_id = (select max(k.id) from contract k"
                " where k.contractor_id = 1 + f.contractor_id % 3)"
            )
            await connection.execute(f"update {fact} f set {own} where {some}")
        case "same":
            await connection.execute(
                f"update {fact} set observed_at = now(), received_at = now(), content_hash = '\\x01'"
                f" where {some}"
            )
        case "gone":
            await connection.execute(f"delete from {fact} where id % 23 = {rng.randrange(23)}")
        case "moves":
            await connection.execute(
                "update beneficiary b set division_code = (select max(o.division_code) from beneficiary o"
                f" where o.county_code = b.county_code and o.id % 5 = {rng.randrange(5)}) where {some}"
            )
        case "twice":
            for starts in (day(rng, ahead=0), day(rng, ahead=0)):
                await connection.execute(f"update {fact} set starts_on = $1 where {some}", starts)


@pytest.fixture(scope="module", params=(3, 5))
async def past(request: pytest.FixtureRequest) -> AsyncIterator[Past]:
    rng = random.Random(request.param)
    async with small_world(request.param) as world:
        made = Past(world)
        for fact in FACTS:
            await world.database.owner.execute(
                f"alter table {fact} alter id restart 100000; truncate {fact}_history"
            )
        await made.keep()
        for _ in range(TRANSACTIONS):
            async with world.database.transaction() as connection:
                await change(connection, rng)
                if rng.random() < 0.3:
                    await change(connection, rng)
            await made.keep()
        await made.move_back()
        yield made


def is_true(row: dict[str, Any], valid: dt.date) -> bool:
    return row["starts_on"] <= valid and (row["ends_on"] is None or row["ends_on"] >= valid)


def is_seen(oracle: Oracle, fact: str, version: dict[str, Any]) -> bool:
    """By who the viewer sees today; of assignments a contractor sees what it sees today, under its own."""
    now = [row for row in oracle.rows[fact] if row["id"] == version["id"]]
    if oracle.viewer.role == "contractor" and fact == "assignment":
        today = [
            r for r in now if r["beneficiary_id"] == version["beneficiary_id"] and oracle.visible(fact, r)
        ]
        if today and all(today[0][name] == version[name] for name in version if name not in MOVED):
            return True
        return bool(today) and oracle.live(version["contract_id"])
    person = next(p for p in oracle.rows["beneficiary"] if p["id"] == version["beneficiary_id"])
    return oracle.visible("beneficiary", person)


def shown(fact: str, row: dict[str, Any]) -> tuple[Any, ...]:
    type_name = "CategoryMembership" if fact == FACTS[0] else "Assignment"
    county = row["county_code"]
    said = [
        f"{type_name}:{county}:{row['id']}",
        row["starts_on"].isoformat(),
        row["ends_on"] and row["ends_on"].isoformat(),
        f"Beneficiary:{county}:{row['beneficiary_id']}",
    ]
    if fact == FACTS[0]:
        amount = row["monthly_amount"]
        said += [row["category"], None if amount is None else f"{amount:.2f}"]
    return tuple(said)


def told(node: dict[str, Any]) -> tuple[Any, ...]:
    said = [node["id"], node["startsOn"], node["endsOn"], node["beneficiary"]["id"]]
    if "category" in node:
        said += [node["category"], node["monthlyAmount"]]
    return tuple(said)


@pytest.mark.parametrize("who", WHO.values(), ids=list(WHO))
async def test_what_was_true_as_it_was_known(past: Past, who: Viewer) -> None:
    rng, oracle, seen = random.Random(7), await past.oracle(who), 0
    for _ in range(QUESTIONS):
        known, rows = rng.choice(past.kept)
        valid = day(rng)
        asked = {"valid": valid.isoformat(), "known": known.isoformat()}
        expected = {
            fact: sorted(
                (
                    shown(fact, row)
                    for row in rows[fact]
                    if is_true(row, valid) and is_seen(oracle, fact, row)
                ),
                key=str,
            )
            for fact in FACTS
        }
        people = (await past.world.ask(who, OF_PEOPLE, **asked))["beneficiaries"]["nodes"]
        found: dict[str, list[Any]] = {fact: [] for fact in FACTS}
        for person in people:
            for fact, name in zip(FACTS, ("memberships", "assignments"), strict=True):
                nodes = person[name]["nodes"]
                assert person[name]["totalCount"] == len(nodes)
                assert all(node["beneficiary"]["id"] == person["id"] for node in nodes)
                found[fact] += map(told, nodes)
        assert {fact: sorted(rows, key=str) for fact, rows in found.items()} == expected
        every = (await past.world.ask(who, OF_ALL, **asked))["assignments"]
        assert sorted(map(told, every["nodes"]), key=str) == expected["assignment"]
        assert every["totalCount"] == len(expected["assignment"])
        seen += sum(map(len, expected.values()))
    assert seen > 0 or not oracle.seen("beneficiary")


async def test_there_is_a_past_to_ask_about(past: Past) -> None:
    """Of every kind: versions replaced, rows gone, and rows that were said again and left nothing."""
    owner = past.world.database.owner
    for fact in FACTS:
        (counted,) = await owner.fetch(
            f"select count(*) filter (where f.id is not null), count(*) filter (where f.id is null)"
            f" from {fact}_history h left join {fact} f using (county_code, id)"
        )
        replaced, gone = counted
        assert replaced > 10
        assert gone > 1
        assert not await owner.fetchval(
            f"select exists (select from {fact}_history where known_from >= known_until)"
        )
        assert not await owner.fetchval(
            f"select exists (select from {fact}_history h join beneficiary b on b.county_code = h.county_code"
            " and b.id = h.beneficiary_id where (h.division_code, h.shown_from_on) is distinct from"
            " (b.division_code, b.shown_from_on))"
        )
