"""What becomes of rows that are refused, and of those whose references find nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.doctor import _waiting
from hub.errors import HubError, NotFound
from hub.settings import Settings
from hub.store.database import Database
from hub.sync.connector import UNKNOWN_LIST, Batch, Refusal, Row
from hub.sync.quarantine import refused_now
from hub.sync.refused import refused_row, shape
from tests.store import sync_source as source
from tests.store.sync_source import (
    CONTRACTORS,
    CONTRACTS,
    MARCH,
    STATIONS,
    TOWNSHIP,
    County,
    batch,
    dibao,
    elder,
    person,
)
from tests.support.postgres import server

OPEN = "select row_number, reason_codes from quarantined_row where resolved_at is null order by 1"


async def test_all_refusals_of_a_row_and_no_half_of_it(county: County) -> None:
    bad = dibao(1, 身份证号="123", 起始日期="gestern", 家庭人口="99999", 区划代码=None)
    report = await county.sync(batch("dibao", [bad, dibao(2)]))
    assert (report.accepted, report.quarantined) == (1, 1)
    row = await county.db.owner.fetchrow("select * from quarantined_row")
    assert row is not None
    assert set(row["reason_codes"]) == {"ID_LENGTH", "DATE_UNREADABLE", "VALUE_UNSUITABLE", "REQUIRED"}
    assert (row["file"], row["sheet"], row["row_number"], row["list_kind"]) == (
        "dibao.xlsx",
        "Sheet1",
        2,
        "dibao",
    )
    assert row["division_code"] == "450305000000"
    assert json.loads(county.vault.open(row["raw"]))["身份证号"] == "123"
    assert not [reason for reason in row["reasons"] if "123" in reason or "gestern" in reason]
    assert await county.one("select count(*) from household") == 1


@pytest.mark.parametrize("poison", ["a\x00b", "a\ud800b", "x" * 50_000 + "\x00"])
async def test_no_text_ends_a_run(county: County, poison: str) -> None:
    report = await county.sync(batch("dibao", [dibao(1, 住址=poison), dibao(2)], file="\udcff.xlsx"))
    assert (report.accepted, report.quarantined) == (1, 1)
    assert await county.all(OPEN) == [(2, ["VALUE_UNSUITABLE"])]


async def test_a_parse_that_fails_refuses_its_row_only(county: County) -> None:
    report = await county.sync(batch("dibao", [dibao(1, 家庭人口="drei"), dibao(2)]))
    assert (report.accepted, report.quarantined) == (1, 1)


async def test_refusing_twice_is_refusing_once(county: County) -> None:
    bad = batch("dibao", [dibao(1, 身份证号="123")])
    await county.sync(bad)
    first = await county.all("select id, quarantined_at, run_id from quarantined_row")
    report = await county.sync(bad, bad)
    assert report.quarantined == 2
    assert await county.all("select id, quarantined_at, run_id from quarantined_row") == first


async def test_corrected_vanished_and_reopened(county: County) -> None:
    wrong = [dibao(1, 身份证号="1"), dibao(2, 身份证号="2")]
    await county.sync(batch("dibao", wrong))
    await county.sync(batch("dibao", [dibao(1)]))
    assert await county.all(OPEN) == []
    assert await county.one("select count(*) from quarantined_row where resolved_at is not null") == 2
    await county.sync(batch("dibao", [dibao(1), wrong[1]]))
    assert await county.all(OPEN) == [(3, ["ID_LENGTH"])]


async def test_a_file_that_cannot_be_read_corrects_nothing(county: County) -> None:
    wrong = [dibao(1, 身份证号="1"), dibao(2, 身份证号="2")]
    await county.sync(batch("dibao", wrong))
    refusal = Refusal("UNREADABLE_FILE", "", "A workbook is expected.", "应为电子表格")
    await county.sync(Batch(UNKNOWN_LIST, MARCH, (), [(Row("dibao.xlsx", "", 0, {}, {}), [refusal])]))
    assert await county.all(OPEN) == [
        (0, ["UNREADABLE_FILE"]),
        (2, ["ID_LENGTH"]),
        (3, ["ID_LENGTH"]),
    ]
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    assert await county.all(OPEN) == []


async def test_a_file_that_is_missing_corrects_nothing(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1, 身份证号="1")], file="三月.xlsx"), batch("elder", [elder(2)]))
    await county.sync(batch("elder", [elder(2)]))
    assert await county.all(OPEN) == [(2, ["ID_LENGTH"])]
    await county.sync(batch("dibao", [dibao(1)], file="四月.xlsx"), batch("elder", [elder(2)]))
    assert await county.all(OPEN) == [], "the list has come under another name"


async def test_the_sentence_follows_the_reason(county: County) -> None:
    for header in ("姓名", "区划代码"):
        refusal = Refusal("HEADER_MISSING", header, "A column.", f"名单缺少必需的列：{header}")
        await county.sync(Batch("dibao", MARCH, (), [(Row("x.xlsx", "", 0, {}, {}), [refusal])]))
    assert await county.all("select reasons, run_id from quarantined_row") == [
        (
            ["区划代码：名单缺少必需的列：区划代码 / A column."],
            await county.one("select max(id) from sync_run"),
        )
    ]


async def test_files_not_delivered_keep_their_entries_when_a_source_goes_on_from_a_checkpoint(
    county: County,
) -> None:
    wrong = dibao(1, 身份证号="1")
    await county.sync(
        batch("dibao", [wrong], file="a.xlsx"), batch("dibao", [wrong], file="b.xlsx", checkpoint={"at": 1})
    )
    await county.sync(batch("dibao", [dibao(1)], file="b.xlsx", checkpoint={"at": 2}))
    assert await county.all("select file from quarantined_row where resolved_at is null") == [("a.xlsx",)]
    assert county.connector.asked == [None, {"at": 1}]


async def test_a_file_that_cannot_be_read(county: County) -> None:
    refusal = Refusal("UNREADABLE_FILE", "", "A workbook is expected.", "应为电子表格")
    report = await county.sync(Batch(UNKNOWN_LIST, MARCH, (), [(Row("x.xlsx", "", 0, {}, {}), [refusal])]))
    assert (report.read, report.quarantined) == (1, 1)
    assert await county.all(OPEN) == [(0, ["UNREADABLE_FILE"])]


async def test_a_required_reference_holds_back_its_target_and_is_tried_again(county: County) -> None:
    visit = {"探访编号": "V1", "身份证号": person(1), "探访日期": "2026-01-01"}
    report = await county.sync(batch("visit", [visit]))
    assert (report.accepted, report.quarantined) == (0, 1)
    assert await county.all(OPEN) == [(2, ["REFERENCE_UNKNOWN"])]
    report = await county.sync(batch("dibao", [dibao(1)]), batch("visit", [visit]))
    assert (report.accepted, report.quarantined) == (2, 0)
    assert await county.all(OPEN) == []
    assert await county.one("select count(*) from visit") == 1


async def test_the_other_targets_of_the_row_are_merged(county: County) -> None:
    nowhere = dibao(1, 区划代码="450305999999")
    report = await county.sync(batch("dibao", [nowhere]))
    assert report.quarantined == 1
    assert await county.one("select count(*) from beneficiary") == 0
    contract = {**CONTRACTS[0], "服务站": f"{TOWNSHIP}、450305002000"}
    await county.sync(
        batch("contractor", CONTRACTORS), batch("station", STATIONS), batch("contract", [contract])
    )
    assert await county.one("select count(*) from contract") == 1
    assert await county.one("select count(*) from contract_station") == 1
    refused = "select file, reason_codes from quarantined_row where resolved_at is null order by 1"
    assert await county.all(refused) == [
        (f"{kind}.xlsx", ["REFERENCE_UNKNOWN"]) for kind in ("contract", "dibao")
    ]


async def test_an_optional_reference_is_filled_when_its_row_comes(county: County) -> None:
    people = batch("dibao", [dibao(1, 服务站区划代码=TOWNSHIP)])
    assert (await county.sync(people)).accepted == 1
    assert await county.one("select station_id from beneficiary") is None
    assert (await county.sync(people)).changed == 0
    report = await county.sync(batch("station", STATIONS), people)
    assert await county.one("select station_id from beneficiary") == 1
    assert report.changed == 2
    assert (await county.sync(batch("station", STATIONS), people)).unchanged == 2


async def test_an_unknown_division_in_an_optional_column_is_left_empty(county: County) -> None:
    report = await county.sync(batch("contractor", [{**CONTRACTORS[0], "登记地区划代码": "999999000000"}]))
    assert report.accepted == 1
    assert await county.one("select division_code from contractor") is None


async def test_a_statement_that_lacks_columns_founds_nobody(county: County) -> None:
    report = await county.sync(batch("phones", [{"身份证号": person(1), "联系电话": "1"}]))
    assert report.quarantined == 1
    assert await county.one("select count(*) from beneficiary") == 0


async def test_a_station_outside_the_county_is_refused(county: County) -> None:
    await county.sync(batch("station", [{"区划代码": source.ELSEWHERE, "名称": "别处"}]))
    assert await county.all(OPEN) == [(2, ["DIVISION_OUTSIDE"])]


async def test_rules_over_several_cells_and_targets_that_do_not_apply(county: County) -> None:
    await county.sync(batch("elder", [elder(1, 终止日期="2020-01-01"), elder(2, 起始日期=None)]))
    assert await county.all(OPEN) == [(2, ["PERIOD_REVERSED"])]
    assert await county.one("select count(*) from beneficiary") == 1
    assert await county.one("select count(*) from category_membership") == 0


async def test_what_is_refused_is_counted_by_reason_without_a_cell(county: County) -> None:
    rows = [dibao(1, 身份证号="123"), dibao(2, 身份证号="123", 家庭人口="drei"), dibao(3)]
    await county.sync(batch("dibao", rows), batch("elder", [elder(4, 身份证号="1")]))
    found = await refused_now(county.db, county.code)
    assert [(each.list_kind, each.rows, each.place) for each in found] == [
        ("dibao", 2, "dibao.xlsx / Sheet1 : 2"),
        ("dibao", 1, "dibao.xlsx / Sheet1 : 3"),
        ("elder", 1, "elder.xlsx / Sheet1 : 2"),
    ]
    assert not any("123" in each.reason or "drei" in each.reason for each in found)
    assert await refused_now(county.db, "another") == []
    assert await refused_now(county.db, None) == found
    numbers = {row[0] for row in await county.all("select id from quarantined_row")}
    assert {each.first for each in found} <= numbers


async def test_a_row_is_looked_at_by_its_shape_and_a_look_is_logged(county: County) -> None:
    bad = dibao(1, 身份证号="4.5030５E+17", 住址="桂林路 8号", 起始日期="2025年3月")
    await county.sync(batch("dibao", [bad]))
    number = await county.one("select id from quarantined_row")
    act = "select content::jsonb->>'operation', content::jsonb->'act'->>'on', content::jsonb->'act'->'after'"
    logged = f"{act} from access_entry e join access_shape s on s.digest = e.shape order by sequence"
    before = await county.all(logged)
    command = await Database.open((await server()).settings(county.db.name), "tester")
    try:
        row = await refused_row(command, county.vault, number)
        opened = await refused_row(command, county.vault, number, opened_for="核对身份证号")
        with pytest.raises(NotFound):
            await refused_row(command, county.vault, number + 1)
    finally:
        await command.close()
    assert row.masked
    assert row.cells["身份证号"] == "9.9999９A+99"
    assert row.cells["住址"] == "文文文 9文"
    assert row.cells["起始日期"] == "9999文9文"
    assert row.cells["姓名"] == "文文9"
    assert not opened.masked
    assert opened.cells["身份证号"] == "4.5030５E+17"
    assert not any("5030" in reason for reason in row.reasons)
    assert (await county.all(logged))[len(before) :] == [
        ("look at quarantined_row", str(number), "null"),
        ("open quarantined_row", str(number), '{"reason": "核对身份证号"}'),
    ]


async def test_the_doctor_says_what_waits_too_long(county: County, tmp_path: Path) -> None:
    here = Settings(data_dir=tmp_path, waiting_days=10)
    await county.sync(batch("dibao", [dibao(1, 身份证号="123"), dibao(2, 身份证号="123")]))
    assert await _waiting(here, county.db) == (
        "2 refused rows and 0 messages without a receipt, none for more than 10 days"
    )
    late = "now() - interval '11 days'"
    await county.one(f"update quarantined_row set quarantined_at = {late} where row_number = 2")
    await county.one(
        "insert into outgoing (name, entity, county_code, entity_id, source_id, made_at) select 'm' || n,"
        f" 'beneficiary', '450305', n, case n when 1 then id end, {late} from source, generate_series(1, 2) n"
        " where code = $1",
        county.code,
    )
    with pytest.raises(HubError, match=r"1 refused rows of .*, 1 messages without a receipt of "):
        await _waiting(here, county.db)
    await county.one("delete from outgoing")


def test_no_shape_tells_what_a_cell_says() -> None:
    assert shape("O0l1Ｏ０李𠮷，(已故)\x00") == "A9a9Ａ９文文，(文文)?"
    assert shape("9" * 201) == "9" * 200 + "…"
