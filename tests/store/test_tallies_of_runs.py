"""After a run of a source tallies tell what is there, one row for each kind; and the doctor says when not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner

from hub.cli import main
from hub.doctor import examine
from hub.store.database import Database
from tests.store.sync_source import (
    COUNTY,
    STATIONS,
    TOWNSHIP,
    VILLAGE,
    County,
    Told,
    batch,
    dibao,
    person,
)
from tests.support.postgres import FIELD_KEY, fresh_database, server
from tests.support.tallies import counted, folded, told


@pytest_asyncio.fixture(loop_scope="session")
async def county() -> AsyncIterator[County]:
    async with fresh_database() as database:
        made = County(database)
        await made.register()
        yield made


async def tallied(database: Database) -> dict[str, Any]:
    assert await folded(database)
    async with database.transaction() as connection:
        found = await told(connection)
        assert found == await counted(connection)
    return found


def visit(number: int, day: str) -> dict[str, str]:
    return {"探访编号": f"V{number}", "身份证号": person(number), "探访日期": day}


async def test_a_run_leaves_one_row_for_each_kind(county: County) -> None:
    people = [dibao(i, 服务站区划代码=TOWNSHIP) for i in range(1, 9)]
    await county.sync(batch("station", STATIONS), batch("dibao", people))
    station = await county.one("select id from station")
    kind = (COUNTY, VILLAGE, None, station)
    assert await tallied(county.db) == {"beneficiary": {kind: 8}, "visit": {}}

    visits = [visit(i, "2026-03-01") for i in range(1, 5)]
    report = await county.sync(batch("station", STATIONS), batch("dibao", people), batch("visit", visits))
    assert report.changed == 4
    assert sum((await tallied(county.db))["visit"].values()) == 4

    moved = [*people[:6], dibao(7, 区划代码=TOWNSHIP, 服务站区划代码=TOWNSHIP), dibao(8)]
    later = [visit(1, "2026-03-02"), *visits[1:]]
    await county.sync(batch("station", STATIONS), batch("dibao", moved), batch("visit", later))
    found = await tallied(county.db)
    assert found["beneficiary"] == {kind: 6, (COUNTY, TOWNSHIP, None, station): 1, (*kind[:3], None): 1}
    assert sorted(found["visit"].values()) == [1, 3]

    rows = "select xmin::text, ctid::text from beneficiary_tally"
    before = await county.all(rows)
    await county.sync(batch("station", STATIONS), batch("dibao", moved), batch("visit", later))
    assert await county.all(rows) == before, "nothing to fold, and nothing written"


async def test_a_run_that_fails_leaves_tallies_as_they_were(county: County) -> None:
    class Breaks(Told):
        async def extract(self, *_: Any) -> AsyncIterator[Any]:
            yield batch("dibao", [dibao(1), dibao(2)])
            raise ConnectionError

    await county.sync(batch("dibao", [dibao(1)]))
    before = await tallied(county.db)
    county.connector = Breaks()
    with pytest.raises(ConnectionError):
        await county.sync()
    assert await tallied(county.db) == before


async def test_the_doctor_finds_what_is_wrong_and_says_what_helps(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    settings = (await server()).settings(county.db.name)
    said: list[str] = []
    await examine(settings, said.append)
    assert "✓ tallies: as many as there are rows" in said
    await county.db.owner.execute("delete from beneficiary_tally")
    assert not await examine(settings, said.append)
    told = "✗ tallies: other numbers than there are rows: beneficiary_tally of 450305: run `hub recount`"
    assert told in said
    environment = {"HUB_DATABASE_URL": (await server()).dsn(county.db.name), "HUB_FIELD_KEY": FIELD_KEY}
    done = await asyncio.to_thread(CliRunner().invoke, main, ["recount"], env=environment)
    assert (done.exit_code, done.output) == (0, "The tallies are counted anew.\n")
    assert (await tallied(county.db))["beneficiary"] == {(COUNTY, VILLAGE, None, None): 2}
