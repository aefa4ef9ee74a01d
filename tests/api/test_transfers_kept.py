"""移交之后: the lists of the county still have the old assignment, in whatever way they write it."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import Connection

from connectors.roster import Roster
from hub.access.slices import OF_RUNS
from hub.domain.id_number import make_id_number
from hub.store.migrate import config, migrate
from hub.sync.registry import register_source
from hub.sync.run import RunReport, run_source
from tests.support.county import TODAY
from tests.support.handing import (
    ABOVE,
    ACCEPT,
    BUREAU,
    CODES,
    COUNTY,
    FROM,
    RECEIVER,
    REFER,
    SENDER,
    TO,
    add,
    begin,
    contract,
    handing_world,
    id_of,
    refer,
)
from tests.support.reading import DONGJIANG, QIXING, World

SOURCE: Final = "roster-of-transfers"
BEGAN: Final = TODAY - dt.timedelta(days=50)
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)
NUMBERS: Final = [make_id_number("459999", dt.date(1936, 3, 4), 900 + n) for n in range(3)]
HERE, THERE = DONGJIANG[:9], "450305200"
"""Stations."""
AGAIN: Final = 105
"""Another contract of the contractor that loses the person."""
NUMBERED: Final = ("beneficiary", "household", "category_membership", "sync_run", *OF_RUNS)
"""What the world has rows of already, with numbers of their own."""
PEOPLE: Final = ("姓名", "身份证号", "区划代码", "户编号", "起始日期")
LIST: Final = ("身份证号", "服务站区划代码", "合同编号", "开始日期", "结束日期")
HELD: Final = """
    select a.contract_id, a.starts_on, a.ends_on from assignment a
        join beneficiary b on b.county_code = a.county_code and b.id = a.beneficiary_id
    where b.id = $1 order by a.run_id = 0, a.starts_on, a.id"""
TOLD: Final = "{ quarantinedRows(where: {resolvedAt: {isNull: true}}) { nodes { reasonCodes reasons } } }"
"""What the bureau sees of it."""


def row(
    number: str = NUMBERS[0],
    contract: int = FROM,
    station: str = HERE,
    began: dt.date = BEGAN,
    ended: Any = "",
) -> tuple[str, ...]:
    return number, station, f"HT-{contract}", str(began), str(ended)


@dataclass
class Bureau:
    """A bureau that sends lists, and a person who stands on them."""

    world: World
    folder: Path
    person: int = 0

    async def sends(self, *rows: tuple[str, ...], numbers: tuple[str, ...] = tuple(NUMBERS[:1])) -> RunReport:
        people = [("甲某", number, HERE + "001", f"H{i}", "2020-01-01") for i, number in enumerate(numbers)]
        self._write("城乡低保对象名单.csv", PEOPLE, people)
        self._write("服务分派名单.csv", LIST, rows)
        return await run_source(
            self.world.database, self.world.engine.vault, {"roster": Roster()}, SOURCE, today=TODAY
        )

    def _write(self, name: str, header: tuple[str, ...], rows: Any) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    async def transferred(self) -> None:
        """To the other contractor, today."""
        made = await refer(self.world, BUREAU, number=self.person)
        await self.world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}")

    async def held(self) -> list[tuple[int, dt.date, dt.date | None]]:
        """Assignments of the person, those of the hub's own last."""
        return [tuple(each) for each in await self.world.database.owner.fetch(HELD, self.person)]

    async def told(self) -> list[list[str]]:
        found = await self.world.ask(BUREAU, TOLD)
        return [each["reasonCodes"] for each in found["quarantinedRows"]["nodes"]]

    async def sees(self, day: dt.date) -> bool:
        """Whether the old contractor sees the person on a day."""
        count = """select exists (select from assignment where beneficiary_id = $1 and contractor_id = 1
            and starts_on <= $2 and (ends_on is null or ends_on >= $2))"""
        return bool(await self.world.database.owner.fetchval(count, self.person, day))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        both = [{"contract_id": AGAIN, "station_id": s} for s in (1, 2)] + [
            {"contract_id": FROM, "station_id": 2}
        ]
        await add(world, {"contract": [contract(AGAIN, 1)], "contract_station": both})
        for table in NUMBERED:
            await world.database.owner.execute(
                f"select setval(pg_get_serial_sequence('{table}', 'id'), {ABOVE})"
            )
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def bureau(made: World, tmp_path: Path) -> Bureau:
    world = await begin(made)
    owner = world.database.owner
    await owner.execute("truncate quarantined_row, seen_row")
    await owner.execute(
        "delete from assignment where source_id = (select id from source where code = $1)", SOURCE
    )
    await register_source(
        world.database, code=SOURCE, name="名单", connector="roster", division_code=QIXING,
        location=str(tmp_path), max_age_hours=24,
    )  # fmt: skip
    sent = Bureau(world, tmp_path)
    report = await sent.sends(row())
    assert report.quarantined == 0
    sent.person = await owner.fetchval(
        "select id from beneficiary where id_number_hash = $1", world.engine.vault.blind(NUMBERS[0])
    )
    await owner.execute(f"delete from assignment where beneficiary_id = {sent.person} and run_id = 0")
    assert await sent.held() == [(FROM, BEGAN, None)]
    return sent


WRITTEN_AGAIN: Final = {
    "as it was": row(),
    "with a later end": row(ended=TODAY + dt.timedelta(days=90)),
    "at another station": row(station=THERE),
    "under another contract of the contractor": row(contract=AGAIN),
    "elsewhere with a later end": row(station=THERE, ended=TOMORROW),
}
"""After the transfer; all but the first two delete the assignment and add another."""


@pytest.mark.parametrize("written", WRITTEN_AGAIN.values(), ids=WRITTEN_AGAIN)
async def test_who_was_handed_on_is_not_given_back(bureau: Bureau, written: tuple[str, ...]) -> None:
    await bureau.transferred()
    for _ in range(2):
        report = await bureau.sends(written)
        [(_, starts_on, ends_on), (new, _, open_end)] = await bureau.held()
        assert (starts_on, ends_on, new, open_end) == (BEGAN, TODAY, TO, None)
        assert (report.quarantined, await bureau.told()) == (1, [["HANDED_ON"]])
    assert report.changed == 0, "each run would tell of a change"
    assert not await bureau.sees(TOMORROW)


async def test_written_again_and_again_it_stays_ended(bureau: Bureau) -> None:
    await bureau.transferred()
    for station, under in ((THERE, FROM), (HERE, AGAIN), (THERE, AGAIN), (HERE, FROM)):
        await bureau.sends(row(station=station, contract=under))
        assert [ends_on for _, _, ends_on in await bureau.held()] == [TODAY, None]


async def test_under_a_corrected_number_of_the_person_it_stays_ended(bureau: Bureau) -> None:
    await bureau.transferred()
    await bureau.sends(row(NUMBERS[1]), numbers=(NUMBERS[1],))
    assert [(under, ends_on) for under, _, ends_on in await bureau.held()] == [(FROM, TODAY), (TO, None)]
    assert await bureau.told() == [["HANDED_ON"]]


async def test_taken_out_and_put_back_it_stays_ended(bureau: Bureau) -> None:
    await bureau.transferred()
    await bureau.sends(row(began=BEGAN + dt.timedelta(days=9), ended=YESTERDAY))
    assert len(await bureau.held()) == 2
    await bureau.sends(row())
    assert [(starts, ends) for _, starts, ends in await bureau.held()] == [(BEGAN, TODAY), (TODAY, None)]


# ── what follows ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([row(ended=TODAY)], [(FROM, BEGAN, TODAY)]),
        ([row(ended=YESTERDAY)], [(FROM, BEGAN, YESTERDAY)]),
        ([row(contract=TO)], [(TO, BEGAN, None)]),
        ([row(contract=TO, began=TODAY)], [(TO, TODAY, None)]),
        ([row(began=TOMORROW)], [(FROM, TOMORROW, None)]),
        ([row(ended=TODAY), row(contract=AGAIN, began=TODAY)], [(FROM, BEGAN, TODAY), (AGAIN, TODAY, None)]),
    ],
    ids=["ended", "ended sooner", "the new contract", "the new contract from then", "another start", "both"],
)
async def test_a_list_that_follows_or_says_something_else_holds(bureau: Bureau, rows: Any, held: Any) -> None:
    await bureau.transferred()
    await bureau.sends(row())
    assert await bureau.told() == [["HANDED_ON"]]
    await bureau.sends(*rows)
    assert (await bureau.held())[:-1] == held
    assert await bureau.told() == []


async def test_what_the_hub_began_ends_where_a_list_ends_it(bureau: Bureau) -> None:
    await bureau.transferred()
    await bureau.sends(row(contract=TO, began=TODAY))
    assert await bureau.held() == [(TO, TODAY, None), (TO, TODAY, None)]
    ended = TODAY + dt.timedelta(days=20)
    for day in (BEGAN, ended, ended + dt.timedelta(days=9)):  # the first is of an assignment before it
        began = BEGAN if day == BEGAN else TODAY
        await bureau.sends(row(contract=TO, began=began, ended=day))
        assert (await bureau.held())[-1] == (TO, TODAY, None if day == BEGAN else ended)
    told = "select count(*) from change where entity = 'assignment' and operation = 'U' and run_id is null"
    assert await bureau.world.database.owner.fetchval(told) == 2  # with the one that the transfer ended


async def test_of_several_from_one_day_the_one_is_kept(bureau: Bureau) -> None:
    """And the other is its list's alone, whatever it says of it."""
    await bureau.sends(row(), row(station=THERE))
    await bureau.world.database.owner.execute(
        "update assignment set ends_on = $1 where beneficiary_id = $2 and station_id = 2",
        TODAY,
        bureau.person,
    )
    named = await bureau.world.database.owner.fetchval(
        "select id from assignment where beneficiary_id = $1 and station_id = 1", bureau.person
    )
    asked = """mutation ($person: ID!, $assignment: ID!) {
        referBeneficiary(beneficiary: $person, kind: TRANSFER, category: DIBAO, assignment: $assignment
            toCreditCode: "52450302") { id } }"""
    ids = {"person": f"Beneficiary:{COUNTY}:{bureau.person}", "assignment": f"Assignment:{COUNTY}:{named}"}
    made = (await bureau.world.ask(BUREAU, asked, **ids))["referBeneficiary"]["id"]
    await bureau.world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}")
    await bureau.sends(row(), row(station=THERE, ended=TOMORROW))
    assert [ends_on for _, _, ends_on in await bureau.held()] == [TODAY, TOMORROW, None]
    assert await bureau.told() == [["HANDED_ON"]]


async def test_who_is_only_referred_stays_with_the_list(bureau: Bureau) -> None:
    made = await refer(bureau.world, BUREAU, kind="REFER", number=bureau.person)
    await bureau.world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}")
    await bureau.sends(row(station=THERE))
    assert (await bureau.held())[0] == (FROM, BEGAN, None)
    assert await bureau.told() == []


async def test_a_list_without_last_days_is_told_and_ends_nothing_later(bureau: Bureau) -> None:
    await bureau.transferred()
    await bureau.sends(row(ended=YESTERDAY))
    bureau._write("服务分派名单.csv", LIST[:-1], [row()[:-1]])
    await run_source(
        bureau.world.database, bureau.world.engine.vault, {"roster": Roster()}, SOURCE, today=TODAY
    )
    assert (await bureau.held())[0] == (FROM, BEGAN, YESTERDAY)
    assert await bureau.told() == [["HANDED_ON"]]


async def test_transfers_of_before_are_kept_too(bureau: Bureau) -> None:
    def down(connection: Connection) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0022")

    database = bureau.world.database
    await bureau.transferred()
    await bureau.sends(row())
    await database.owner.execute(
        "insert into seen_row select source_id, content_hash, now() from assignment"
        " where beneficiary_id = $1 and run_id <> 0",
        bureau.person,
    )  # as a hub of before had it
    for _ in range(2):  # there, and back, and there again
        async with database.engine.begin() as connection:
            await connection.run_sync(down)
        await migrate(database)
    assert (await bureau.sends(row())).unchanged == 1, "only the person"
    await bureau.sends(row(station=THERE))
    assert (await bureau.held())[0] == (FROM, BEGAN, TODAY)
    assert await bureau.told() == [["HANDED_ON"]]


async def test_who_comes_back_on_the_same_day_stays(bureau: Bureau) -> None:
    """By another contract, of which the list then writes from the first day there was, without an end."""
    await bureau.transferred()
    given = {"person": id_of(bureau.person), "kind": "TRANSFER", "to": CODES[1]}
    made = (await bureau.world.ask(RECEIVER, REFER, **given))["referBeneficiary"]["id"]
    accept = ACCEPT.replace("contract: $contract, key", 'contract: $contract, station: "Station:1", key')
    await bureau.world.ask(SENDER, accept, referral=made, contract=f"Contract:{AGAIN}")
    await bureau.sends(row(contract=AGAIN))
    assert await bureau.sees(TOMORROW)
