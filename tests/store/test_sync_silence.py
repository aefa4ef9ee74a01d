"""What a whole source says no longer: replaced where its row is still there, kept where it may be lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.sync.connector import ListMapping
from tests.store import sync_source as source
from tests.store.sync_source import ELDER, LISTS, MAY, VILLAGE, County, Told, batch, dibao, elder, person

MEMBERSHIPS = """
    select b.name, m.category, m.starts_on::text from category_membership m
        join beneficiary b on b.id = m.beneficiary_id order by 1, 2, 3"""


def visit(number: int, key: str = "V1") -> dict[str, Any]:
    return {"探访编号": key, "身份证号": person(number), "探访日期": "2026-01-01"}


# --- facts -------------------------------------------------------------------------------------


async def test_a_row_that_says_something_else_takes_back_what_it_said(county: County) -> None:
    good, wrong = elder(1), elder(1, 起始日期="2026-02-01", 类别="DISABLED")
    for cells, said in ((good, ("ELDER", "2025-02-01")), (wrong, ("DISABLED", "2026-02-01"))) * 2:
        await county.sync(batch("elder", [cells, elder(2)]))
        assert await county.all(MEMBERSHIPS) == [("测试1", *said), ("测试2", "ELDER", "2025-02-01")]
    told = await county.all("select operation from change where entity = 'category_membership'")
    assert [operation for (operation,) in told].count("D") == 3


async def test_one_of_several_values_of_a_cell_is_taken_back(county: County) -> None:
    await county.sync(batch("elder", [elder(1, 类别="ELDER、DISABLED")]))
    await county.sync(batch("elder", [elder(1)]))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER", "2025-02-01")]


async def test_a_row_refused_for_a_while_takes_back_what_it_said_when_it_is_mended(county: County) -> None:
    for start in ("2025-02-01", "gestern", "2026-02-01"):
        await county.sync(batch("elder", [elder(1, 起始日期=start)]))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER", "2026-02-01")]


async def test_several_rows_of_a_person_are_all_replaced(county: County) -> None:
    await county.sync(batch("elder", [elder(1), elder(1, 类别="DISABLED", 起始日期="2025-03-01")]))
    await county.sync(
        batch("elder", [elder(1, 起始日期="2026-01-01"), elder(1, 类别="DISABLED", 起始日期="2026-03-01")])
    )
    assert [row[1:] for row in await county.all(MEMBERSHIPS)] == [
        ("DISABLED", "2026-03-01"),
        ("ELDER", "2026-01-01"),
    ]


@pytest.mark.parametrize("second", [None, elder(1, 类别="DISABLED", 起始日期="gestern")])
async def test_a_row_that_is_lost_or_refused_takes_nothing_along(county: County, second: Any) -> None:
    """Though another row of the same person changes in the same run."""
    await county.sync(batch("elder", [elder(1), elder(1, 类别="DISABLED", 起始日期="2025-03-01")]))
    rows = [elder(1, 联系电话="1"), *([second] if second else [])]
    await county.sync(batch("elder", rows))
    assert [row[1] for row in await county.all(MEMBERSHIPS)] == ["DISABLED", "ELDER"]


async def test_nobody_who_is_absent_loses_anything(county: County) -> None:
    await county.sync(batch("elder", [elder(1), elder(2)]), batch("dibao", [dibao(1)]))
    await county.sync(batch("elder", [elder(2, 起始日期="2026-01-01")]))
    assert await county.all(MEMBERSHIPS) == [
        ("测试1", "DIBAO", "2025-01-01"),
        ("测试1", "ELDER", "2025-02-01"),
        ("测试2", "ELDER", "2026-01-01"),
    ]


async def test_what_is_new_takes_nothing_back(county: County) -> None:
    """A source that goes on from a checkpoint sends news, not all it has to say."""
    await county.sync(batch("elder", [elder(1)], checkpoint={"at": 1}))
    await county.sync(batch("elder", [elder(1, 起始日期="2026-01-01")], checkpoint={"at": 2}))
    assert len(await county.all(MEMBERSHIPS)) == 2


async def test_of_events_a_later_row_replaces_none(county: County) -> None:
    events: ListMapping = replace(ELDER, targets=[ELDER.targets[0], replace(ELDER.targets[1], goes_on=True)])
    county.connector = Told({**LISTS, "elder": events})
    await county.sync(batch("elder", [elder(1)]))
    await county.sync(batch("elder", [elder(1, 起始日期="2026-01-01")]))
    assert len(await county.all(MEMBERSHIPS)) == 2
    # But an event is no other one because the number of the person was corrected.
    await county.sync(batch("elder", [elder(1, 身份证号=person(9), 起始日期="2026-01-01")]))
    assert await county.one("select count(*) from beneficiary") == 1
    assert len(await county.all(MEMBERSHIPS)) == 2


# --- identity ----------------------------------------------------------------------------------


async def test_a_corrected_number_is_the_same_person(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2)]), batch("visit", [visit(1)]))
    corrected = dibao(1, 身份证号=person(8))
    await county.sync(batch("dibao", [corrected, dibao(2)]), batch("visit", [visit(1)]))
    people = await county.all("select name, id_number_hash from beneficiary order by 1")
    assert people == [("测试1", county.vault.blind(person(8))), ("测试2", county.vault.blind(person(2)))]
    assert [row[0] for row in await county.all(MEMBERSHIPS)] == ["测试1", "测试2"]
    assert await county.one("select count(*) from visit join beneficiary b on b.id = beneficiary_id") == 1
    assert await county.one("select count(*) from household_record") == 2


async def test_a_number_corrected_in_every_list_leaves_nobody_behind(county: County) -> None:
    def lists(number: int) -> list[Any]:
        theirs = {"姓名": "测试1", "身份证号": person(number)}
        return [
            batch("dibao", [dibao(1) | theirs]),
            batch("elder", [elder(1) | theirs]),
            batch("visit", [visit(number)]),
        ]

    await county.sync(*lists(1))
    await county.sync(*lists(8))
    assert await county.all("select id_number_hash from beneficiary") == [(county.vault.blind(person(8)),)]
    assert [row[1] for row in await county.all(MEMBERSHIPS)] == ["DIBAO", "ELDER"]
    assert (await county.sync(*lists(8))).changed == 0


async def test_a_number_another_list_still_states_keeps_its_person_without_the_benefit(
    county: County,
) -> None:
    """Who is right nobody can tell; but the corrected list names the old number no more."""
    await county.sync(batch("dibao", [dibao(1)]), batch("elder", [elder(1)]))
    await county.sync(batch("dibao", [dibao(1, 身份证号=person(8))]), batch("elder", [elder(1)]))
    found = await county.all(
        "select b.id_number_hash, m.category from category_membership m"
        " join beneficiary b on b.id = beneficiary_id order by 2"
    )
    assert found == [(county.vault.blind(person(8)), "DIBAO"), (county.vault.blind(person(1)), "ELDER")]


async def test_a_nameless_person_who_is_identified_gets_the_name(county: County) -> None:
    nameless = elder(5, 姓名="无名氏", 身份证号=None, 档案编号="F1")
    await county.sync(batch("elder", [nameless]))
    await county.sync(batch("elder", [elder(5, 姓名="甲乙", 档案编号="F1")]))
    assert await county.all("select name from beneficiary") == [("甲乙",)]
    assert await county.one("select count(*) from beneficiary_record") == 1
    assert len(await county.all(MEMBERSHIPS)) == 1


async def test_two_who_may_be_one_another_stay_apart(county: County) -> None:
    def same_name(number: int, household: str) -> dict[str, Any]:
        return dibao(number, household, 姓名="王伟")

    await county.sync(batch("dibao", [same_name(1, "H1"), same_name(2, "H2")]))
    await county.sync(batch("dibao", [same_name(3, "H3"), same_name(4, "H4")]))
    assert await county.one("select count(*) from beneficiary") == 4
    assert len(await county.all(MEMBERSHIPS)) == 4


async def test_a_file_number_given_to_somebody_else_is_no_correction(county: County) -> None:
    await county.sync(batch("elder", [elder(1, 档案编号="F1")]))
    await county.sync(batch("elder", [elder(2, 档案编号="F1", 区划代码="450305002000")]))
    assert await county.one("select count(*) from beneficiary") == 2


async def test_a_row_taken_back_is_heard_when_it_comes_again(county: County) -> None:
    good, wrong = batch("dibao", [dibao(1)]), batch("dibao", [dibao(1, 身份证号=person(8))], at=MAY)
    await county.sync(good)
    state = await county.all(MEMBERSHIPS)
    await county.sync(wrong)
    await county.sync(good)
    assert await county.all("select id_number_hash from beneficiary") == [(county.vault.blind(person(1)),)]
    assert await county.all(MEMBERSHIPS) == state
    assert (await county.sync(good)).changed == 0
    assert await county.one("select count(*) from beneficiary where division_code = $1", VILLAGE) == 1


# --- columns and cells -------------------------------------------------------------------------


async def test_a_column_that_is_gone_says_nothing_and_an_empty_cell_does(county: County) -> None:
    ended = elder(1, 终止日期="2025-12-31", 联系电话="1", 服务站区划代码=source.TOWNSHIP)
    held = "select ends_on::text, phone, station_id from category_membership, beneficiary"
    await county.sync(batch("station", source.STATIONS), batch("elder", [ended]))
    bare = {k: v for k, v in ended.items() if k not in ("终止日期", "联系电话", "服务站区划代码")}
    without = replace(batch("elder", [bare]), absent=("终止日期", "联系电话", "服务站区划代码"))
    for _ in range(2):
        await county.sync(batch("station", source.STATIONS), without)
        assert await county.all(held) == [("2025-12-31", "1", 1)]
    await county.sync(batch("station", source.STATIONS), batch("elder", [bare]))
    assert await county.all(held) == [(None, None, None)]


async def test_links_go_with_an_emptied_cell_and_stay_with_a_column_that_is_gone(county: County) -> None:
    registers = [batch("contractor", source.CONTRACTORS), batch("station", source.STATIONS)]
    contract = source.CONTRACTS[0]
    bare = {k: v for k, v in contract.items() if k != "服务站"}
    links = "select count(*) from contract_station"
    await county.sync(*registers, batch("contract", [contract]))
    await county.sync(*registers, replace(batch("contract", [bare]), absent=("服务站",)))
    assert await county.one(links) == 1
    report = await county.sync(*registers, batch("contract", [bare]))
    assert await county.one(links) == 0
    assert report.changed == 1


async def test_rows_that_are_gone_are_not_remembered(county: County) -> None:
    both = batch("elder", [elder(1), elder(2)])
    await county.sync(both)
    await county.sync(batch("elder", [elder(1)]))
    assert await county.one("select count(*) from seen_row") == 1
    assert (await county.sync(both)).changed == 0
    assert (await county.sync(both)).unchanged == 2
