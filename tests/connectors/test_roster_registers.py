"""What a row of a register becomes, and single cells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.lists import parse
from hub.domain.refusal import Refused
from hub.domain.text import EMPTY, clean, clean_name, fold_cell
from hub.sync.connector import Row
from tests.connectors.roster_rows import (
    CHECKS,
    CONTEXT,
    CREDIT,
    NUMBER,
    VAULT,
    read,
    refused,
)

# --- registers ---------------------------------------------------------------------------------


def test_a_contractor() -> None:
    got = read(
        "contractor",
        统一社会信用代码=CREDIT.lower(),
        机构名称="七星区某社工中心",
        机构类型="社会组织",
        登记管理机关="民政部门",
        评估等级="4A",
        成立党组织="无",
        登记地区划代码="450300",
        联系人="李 四",
        联系电话="0773－5812345",
    )
    assert got["contractor"][0] | {"name": ""} == {
        "credit_code": CREDIT,
        "name": "",
        "kind": "SOCIAL_ORGANIZATION",
        "registration_authority": "CIVIL_AFFAIRS",
        "grade": "GRADE_4A",
        "has_party_organisation": False,
        "division_code": "450300000000",
        "contact_name": "李四",
        "contact_phone": "0773-5812345",
    }


def test_a_station() -> None:
    cells = {
        "区划代码": "450305001",
        "服务站名称": "七星街道民政服务站",
        "类型": "民政服务站",
        "运行状态": "正常运行",
    }
    got = read("station", **cells, 依托场所="党群服务中心", 启用日期="2025.6.1")
    assert got["station"][0]["division_code"] == "450305001000"
    assert got["station"][0]["status"] == "OPERATING"
    assert refused("station", **(cells | {"区划代码": "450305"})) == [("DIVISION_TOO_HIGH", "区划代码")]


CONTRACT = {
    "合同编号": "QX-2026-001",
    "购买方区划代码": "450305",
    "承接机构信用代码": CREDIT,
    "开始日期": "2026-01-01",
    "结束日期": "2026-12-31",
    "合同状态": "履行中",
    "合同金额（元）": 345000.0,
    "合同金额（大写）": "叁拾肆万伍仟元整",
    "服务站区划代码": "450305001、450305002000",
}


def test_a_contract() -> None:
    statements, refusals = CHECKS["contract"].read(Row("f", "s", 1, CONTRACT, {}), CONTEXT)
    assert not refusals
    assert statements[0][0].links == [("450305001000", "450305002000")]
    assert read("contract", **CONTRACT)["contract"][0]["amount"] == Decimal("345000.00")


def test_an_amount_in_capitals_only() -> None:
    cells = {k: v for k, v in CONTRACT.items() if k != "合同金额（元）"}
    assert read("contract", **cells)["contract"][0]["amount"] == Decimal("345000.00")


def test_amounts_that_disagree_and_days_that_run_backwards() -> None:
    assert refused("contract", **(CONTRACT | {"合同金额（元）": 354000.0})) == [
        ("MONEY_DISAGREE", "合同金额（大写）")
    ]
    assert refused("contract", **(CONTRACT | {"结束日期": "2025-12-31"})) == [("PERIOD_REVERSED", "结束日期")]
    assert refused("contract", **(CONTRACT | {"合同编号": "4.5E+12"})) == [("DIGITS_LOST", "合同编号")]


def test_a_member_of_staff() -> None:
    cells = {
        "工号": 1001.0,
        "姓名": "张三",
        "身份证号": NUMBER,
        "服务地区划代码": "450305001",
        "岗位类别": "驻站社工",
    }
    got = read("personnel", **cells, 专职="兼职", 低保核查员="√", 学历="本科", 户籍地区划代码="110101001")
    staff = got["personnel"][0]
    assert (staff["staff_number"], staff["is_full_time"], staff["is_low_income_verifier"]) == (
        "1001",
        False,
        True,
    )
    assert "hukou_division_code" not in staff, "the hub's list of divisions does not reach so far"
    assert refused("personnel", **(cells | {"户籍地区划代码": "450305777"})) == [
        ("DIVISION_UNKNOWN", "户籍地区划代码")
    ]


def test_work_refers_to_people_contracts_and_staff() -> None:
    cells = {"身份证号": NUMBER, "服务站区划代码": "450305001", "合同编号": "QX-1", "责任社工工号": "1001"}
    statements, refusals = CHECKS["assignment"].read(
        Row("f", "s", 1, cells | {"开始日期": "2026-01-01"}, {}), CONTEXT
    )
    assert not refusals
    assert [v for v in statements[0][0].seeks if v is not None] == [
        VAULT.blind(NUMBER),
        "450305001000",
        "QX-1",
        "1001",
    ]
    assert NUMBER not in statements[0][0].record_key
    visit = {
        "探访编号": "T1",
        "探访日期": "2026/3/1",
        "档案编号": "C-1",
        "探访方式": "入户探访",
        "探访目的": "其他",
    }
    got = read("visit", **visit, 图片记录="3张", 探访登记表="无", 文字记录="情况良好")
    assert got["visit"][0]["has_photos"] is True
    assert got["visit"][0]["has_register_form"] is False
    assert ("REQUIRED", "身份证号") in refused("visit", **{k: v for k, v in visit.items() if k != "档案编号"})


# --- single parsers ----------------------------------------------------------------------------


def test_texts_and_codes_take_no_short_cut() -> None:
    """The quick way for plain text must give what the rules give."""
    for word in ["无", "null", "none", "新建路1号", "＝A1", " 张 三 ", "abc", "A-1", "NULL", "Ａ１"]:
        assert parse.text(word, CONTEXT) == clean(word), word
    for word in ["null", "none", "12345", "(null)", "ABC-1234", "１２３４５"]:
        expected = fold_cell(word)
        assert parse.code(word, CONTEXT) == (None if expected.casefold() in EMPTY else expected)
    for word in ["张三", "不详", "暂无", "欧阳小明", "张 三"]:
        assert parse.name(word, CONTEXT) == clean_name(word)


@pytest.mark.parametrize(
    "written", ["1900-01-01", "1899-12-31", "2099-12-31", "2020-W01-1", "2023-02-30", "2023-13-01"]
)
def test_days_take_no_short_cut(written: str) -> None:
    with pytest.raises(Refused):
        parse.day(written, CONTEXT)


@pytest.mark.parametrize(
    "written", [13800000000.0, "1380000", "0773-5812345转8001", "13800000000、13900000000", "+86 13800000000"]
)
def test_telephones(written: Any) -> None:
    assert parse.phone(written, CONTEXT)


@pytest.mark.parametrize(("written", "number"), [("4人", 4), (3.0, 3), ("1年", 1), ("-", None)])
def test_counts(written: Any, number: int | None) -> None:
    assert parse.count(written, CONTEXT) == number
