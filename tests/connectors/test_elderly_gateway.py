"""养老服务 behind a province's gateway: two lists of one source, in the words of an interface."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.elderly_care import ElderlyCareGateway
from connectors.emulators.drop import LEVELS
from connectors.emulators.elders import ASSESSMENTS, SERVICES, SUBSIDIES, ElderGateway
from connectors.emulators.gateway import Cells
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.gateway_lists import ListUnsteady
from connectors.lists.wording import SchemaDrift
from hub.domain.vocabulary import AbilityStandard
from hub.sync.withdrawal import MassDelete
from tests.connectors.dropping import everybody
from tests.connectors.gateway_of import Clock, reading
from tests.connectors.hub_of import Filled, moment

GB, MZ = AbilityStandard.GB_T_42195_2022, AbilityStandard.MZ_T_039_2013
LEVEL = "select id_number, ability_level, ability_standard from beneficiary where ability_level is not null"
PAID = """
    select b.id_number, m.legal_basis, m.category, m.monthly_amount::int as amount, m.starts_on, m.ends_on
        from category_membership m
        join beneficiary b on b.id = m.beneficiary_id and b.county_code = m.county_code"""
NAMES = {"01": "高龄津贴", "02": "养老护理补贴", "03": "养老服务补贴"}


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [person for person in everybody() if person.id_number]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(tmp_path: Path, clock: Clock, people: list[Person]) -> ElderGateway:
    there = ElderGateway(Switches(tmp_path), clock)
    there.publish(moment(1), people)
    return there


@pytest.fixture
async def hub(gateway: ElderGateway, clock: Clock) -> AsyncIterator[Filled]:
    connector = ElderlyCareGateway(clock=clock, page=20, per_second=1000)
    async with reading(gateway, connector, SERVICES) as filled:
        yield filled


async def levels(hub: Filled) -> dict[str, tuple[str, str]]:
    rows = await hub.database.owner.fetch(LEVEL)
    return {hub.vault.open(r["id_number"]): (r["ability_level"], r["ability_standard"]) for r in rows}


async def paid(hub: Filled) -> set[tuple[str, str, str]]:
    """Number, subsidy, first month."""
    rows = await hub.database.owner.fetch(PAID)
    return {(hub.vault.open(r["id_number"]), r["legal_basis"], f"{r['starts_on']:%Y%m}") for r in rows}


def on_the_list(gateway: ElderGateway) -> set[tuple[str, str, str]]:
    records = gateway.lists[SUBSIDIES]
    return {(r["ID_CARD"], NAMES[r["SUBSIDY_TYPE"]], r["BEGIN_MONTH"]) for r in records}


def assessed(gateway: ElderGateway) -> dict[str, str]:
    return {r["ID_CARD"]: LEVELS[int(r["LEVEL"])] for r in gateway.lists[ASSESSMENTS]}


async def stands(hub: Filled, gateway: ElderGateway) -> bool:
    told = {number: level for number, (level, _) in (await levels(hub)).items()}
    return (told, await paid(hub)) == (assessed(gateway), on_the_list(gateway))


def another(record: Cells, day: str, level: str, number: str) -> Cells:
    return {**record, "ASSESS_NO": number, "ASSESS_DATE": day, "LEVEL": level, "STANDARD": "2"}


async def test_both_lists_arrive_and_a_second_run_changes_nothing(gateway: ElderGateway, hub: Filled) -> None:
    report = await hub.sync()
    assert min(map(len, gateway.lists.values())) > 20, "some pages of each"
    assert (report.read, report.quarantined) == (sum(map(len, gateway.lists.values())), 0)
    assert await stands(hub, gateway)
    assert {standard for _, standard in (await levels(hub)).values()} == {GB, MZ}
    rows = await hub.database.owner.fetch(f"select distinct legal_basis, category, amount from ({PAID}) p")
    assert {tuple(row) for row in rows} == {
        ("高龄津贴", "ADVANCED_AGE_ELDER", 100),
        ("养老护理补贴", "DISABLED_DEMENTIA_ELDER", 200),
        ("养老服务补贴", "POOR_ELDER", 150),
    }
    again = await hub.sync()
    assert (again.unchanged, again.withdrawn, again.changed) == (again.read, 0, 0)


async def test_the_latest_assessment_stands_and_is_corrected_in_place(
    gateway: ElderGateway, hub: Filled
) -> None:
    record = gateway.lists[ASSESSMENTS][0]
    number = record["ID_CARD"]
    gateway.write(ASSESSMENTS, another(record, "2026-06-01", "4", "NP8"), moment(2))
    gateway.write(ASSESSMENTS, another(record, "2012-03-01", "1", "NP9"), moment(9))
    await hub.sync()
    assert (await levels(hub))[number] == ("COMPLETE", GB), "whenever the older one was written"
    newest = next(r for r in gateway.lists[ASSESSMENTS] if r["ASSESS_NO"] == "NP8")
    gateway.write(ASSESSMENTS, newest, moment(10), LEVEL="2")
    await hub.sync()
    assert (await levels(hub))[number] == ("MODERATE", GB)
    gateway.write(ASSESSMENTS, gateway.lists[ASSESSMENTS][-1], moment(11), ASSESS_DATE="2026-06-02")
    await hub.sync()
    count = "select count(*) from assessment"
    assert await hub.one(count) == len(gateway.lists[ASSESSMENTS]), "a corrected day leaves nothing behind"
    gateway.lists[ASSESSMENTS] = [r for r in gateway.lists[ASSESSMENTS] if r["ASSESS_NO"] != "NP8"]
    await hub.sync()
    assert (await levels(hub))[number][0] == LEVELS[int(record["LEVEL"])], "its level goes with it"


async def test_a_subsidy_ends_and_one_is_taken_back(gateway: ElderGateway, hub: Filled) -> None:
    await hub.sync()
    ended, gone = [r for r in gateway.lists[SUBSIDIES] if not r["END_MONTH"]][:2]
    gateway.write(SUBSIDIES, ended, moment(3), END_MONTH="202605")
    gateway.lists[SUBSIDIES].remove(gone)
    report = await hub.sync()
    assert report.withdrawn == 2, "the membership, and what the list said of the person"
    assert await stands(hub, gateway)
    assert dt.date(2026, 5, 31) in {r["ends_on"] for r in await hub.database.owner.fetch(PAID)}


@pytest.mark.parametrize("fault", ["x04-short", "x04-shift", "x04-swap"])
async def test_x4_pages_that_move_lose_nobody(gateway: ElderGateway, hub: Filled, fault: str) -> None:
    await hub.sync()
    gateway.spare = [gateway.lists[ASSESSMENTS].pop(), gateway.lists[ASSESSMENTS].pop()]
    gateway.switches.turn_on(fault, 2)
    await hub.sync()
    assert gateway.switches.count(fault) == 2
    assert await stands(hub, gateway)


async def test_x4_one_list_that_never_stands_still_stops_both(gateway: ElderGateway, hub: Filled) -> None:
    await hub.sync()
    before = await levels(hub), await paid(hub)
    gateway.write(ASSESSMENTS, gateway.lists[ASSESSMENTS][0], moment(3), LEVEL="0")
    gateway.switches.turn_on("x04-shift", 999)
    with pytest.raises(ListUnsteady):
        await hub.sync()
    assert (await levels(hub), await paid(hub)) == before
    gateway.switches.turn_off("x04-shift")
    await hub.sync()
    assert await stands(hub, gateway)


@pytest.mark.parametrize("fault", ["x05-half-open", "x06-error", "x07-request", "x07-refresh"])
async def test_x5_x6_x7_what_passes_is_asked_again(gateway: ElderGateway, hub: Filled, fault: str) -> None:
    gateway.switches.turn_on(fault, 1)
    await hub.sync()
    assert gateway.switches.count(fault) == 1
    assert await stands(hub, gateway)


@pytest.mark.parametrize("path", [ASSESSMENTS, SUBSIDIES])
async def test_x10_half_of_one_list_is_asked_about(gateway: ElderGateway, hub: Filled, path: str) -> None:
    await hub.sync()
    before = await levels(hub), await paid(hub)
    gateway.lists[path] = gateway.lists[path][::2]
    with pytest.raises(MassDelete):
        await hub.sync()
    assert (await levels(hub), await paid(hub)) == before


async def test_x13_a_field_that_is_needed_and_one_that_is_not(gateway: ElderGateway, hub: Filled) -> None:
    await hub.sync()
    before = await hub.one("select count(*) from beneficiary where phone is not null")
    for path, records in gateway.lists.items():
        gateway.lists[path] = [{k.lower(): v for k, v in r.items() if k != "TEL"} for r in records]
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone is not null") == before > 0
    gateway.lists[SUBSIDIES] = [
        {{"end_month": "stop_month"}.get(k, k): v for k, v in r.items()} for r in gateway.lists[SUBSIDIES]
    ]
    with pytest.raises(SchemaDrift, match=r"SUBSIDY lacks: END_MONTH\. Fields not known: STOP_MONTH\."):
        await hub.sync()


@pytest.mark.parametrize(
    ("path", "cells", "code"),
    [
        (ASSESSMENTS, {"LEVEL": "4", "STANDARD": "1"}, "CODE_UNKNOWN"),
        (ASSESSMENTS, {"LEVEL": "5", "STANDARD": "2"}, "CODE_UNKNOWN"),
        (ASSESSMENTS, {"STANDARD": ""}, "REQUIRED"),
        (ASSESSMENTS, {"ASSESS_DATE": "去年"}, "DATE_UNREADABLE"),
        (ASSESSMENTS, {"NAME": "另一人", "ASSESS_NO": "NP7"}, "ID_TWO_NAMES"),
        (SUBSIDIES, {"SUBSIDY_TYPE": "09"}, "CODE_UNKNOWN"),
        (SUBSIDIES, {"AMOUNT": "1**"}, "MONEY_MASKED"),
        (SUBSIDIES, {"AMOUNT": "101", "SUBSIDY_NO": "BT7"}, "DUPLICATE_KEY"),
    ],
)
async def test_what_is_refused_changes_nothing_and_is_mended(
    gateway: ElderGateway, hub: Filled, path: str, cells: Cells, code: str
) -> None:
    await hub.sync()
    before = await levels(hub), await paid(hub)
    good = gateway.lists[path][0]
    gateway.lists[path] = [{**good, **cells, "UPDATE_TIME": "2026-06-05 09:00:00"}, *gateway.lists[path][1:]]
    if {"ASSESS_NO", "SUBSIDY_NO"} & cells.keys():
        gateway.lists[path].append(good)
    report = await hub.sync()
    assert report.quarantined == (2 if good in gateway.lists[path] else 1)
    assert all(code in codes for codes in (await hub.reasons()).values())
    assert (await levels(hub), await paid(hub)) == before
    assert not [file for file in await hub.reasons() if good["ID_CARD"] in file]
    gateway.lists[path] = [{**good, "UPDATE_TIME": "2026-06-06 09:00:00"}, *gateway.lists[path][1:]]
    if gateway.lists[path][-1] is good:
        gateway.lists[path].pop()
    await hub.sync()
    assert await hub.reasons() == {}
    assert await stands(hub, gateway)


async def test_x35_accounts_reach_no_table(gateway: ElderGateway, hub: Filled) -> None:
    gateway.write(SUBSIDIES, gateway.lists[SUBSIDIES][0], moment(2), SUBSIDY_TYPE="09")
    await hub.sync()
    assert "6222020000000000000" not in hub.vault.open(await hub.one("select raw from quarantined_row"))
