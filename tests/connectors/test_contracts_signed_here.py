"""A contract that was signed in the hub, and lists that speak of it later or from before: one contract."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from connectors.emulators.world import build_world
from graphql_schema.schema import EXECUTOR, audience
from hub.domain.dates import CHINA
from hub.read.run import Engine
from tests.connectors.hub_of import TODAY, Filled, hub_of
from tests.support.reading import BUREAU

COUNTY: Final = "450305"
SIGN: Final = """mutation ($code: String!, $station: ID!) {
    signContract(number: "七星2026-02", contractorCreditCode: $code, stations: [$station], title: "站点服务",
        signedOn: "2026-06-10", startsOn: "2026-07-01", endsOn: "2027-06-30", amount: "345000") { id } }"""
RENEW: Final = """mutation ($contract: ID!) {
    renewContract(contract: $contract, number: "七星2027-02", signedOn: "2026-06-10", startsOn: "2027-07-01",
        endsOn: "2028-06-30") { id } }"""
SIGNED_AT: Final = dt.datetime(2026, 6, 10, 9, tzinfo=CHINA)
HELD: Final = "select number, title, amount::int, status from contract order by number"


@pytest.fixture
async def hub() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as made:
        yield made


async def do(hub: Filled, query: str, **variables: Any) -> str:
    engine = Engine(hub.database, hub.vault, audience, EXECUTOR, clock=lambda: SIGNED_AT)
    body = orjson.loads((await engine.answer(BUREAU, query, None, variables, reading=False)).body)
    assert "errors" not in body, body
    ((made),) = body["data"].values()
    return str(made["id"])


async def signed(hub: Filled) -> tuple[str, str]:
    """Its id, and the credit code of its contractor."""
    code = build_world(seed=3, people=20, today=TODAY).contractors[0].credit_code
    await hub.open_stations()
    await hub.database.owner.execute("insert into contractor (credit_code, name) values ($1, '机构')", code)
    station = await hub.one("select min(id) from station")
    return await do(hub, SIGN, code=code, station=f"Station:{station}"), code


def write(folder: Path, code: str, day: dt.date, status: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / "合同登记表.csv"
    path.write_text(
        "合同编号,购买方区划代码,承接机构信用代码,开始日期,结束日期,合同金额（元）,合同状态\n"
        f"七星2026-02,450305000000,{code},2026-07-01,2027-06-30,300000,{status}\n",
        "utf-8",
    )
    moment = dt.datetime.combine(day, dt.time(12), CHINA).timestamp()
    os.utime(path, (moment, moment))


async def listed(hub: Filled, folder: Path, code: str, day: dt.date, *, status: str = "已终止") -> None:
    """The bureau's own list, of a day."""
    write(folder, code, day, status)
    await hub.register("roster", str(folder))
    await hub.sync()


async def held(hub: Filled) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await hub.database.owner.fetch(HELD)]


async def test_a_later_list_is_heard(hub: Filled, tmp_path: Path) -> None:
    _, code = await signed(hub)
    await listed(hub, tmp_path / "lists", code, dt.date(2026, 6, 12))
    assert await held(hub) == [("七星2026-02", "站点服务", 300_000, "TERMINATED")]
    assert await hub.one("select count(*) from contract_record") == 2


async def test_a_list_from_before_says_nothing_new(hub: Filled, tmp_path: Path) -> None:
    _, code = await signed(hub)
    await listed(hub, tmp_path / "lists", code, dt.date(2026, 6, 8))
    assert await held(hub) == [("七星2026-02", "站点服务", 345_000, "ACTIVE")]


async def test_what_was_renewed_here_stays_so_until_a_list_says_otherwise(
    hub: Filled, tmp_path: Path
) -> None:
    contract, code = await signed(hub)
    await listed(hub, tmp_path / "lists", code, dt.date(2026, 6, 8), status="履行中")
    await do(hub, RENEW, contract=contract)
    status = "select status from contract where number = '七星2026-02'"
    assert await hub.one(status) == "RENEWED"
    await listed(hub, tmp_path / "lists", code, dt.date(2026, 6, 9), status="履行中")
    assert await hub.one(status) == "RENEWED"
    await listed(hub, tmp_path / "lists", code, dt.date(2026, 6, 12))
    assert await hub.one(status) == "TERMINATED"
