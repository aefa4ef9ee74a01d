"""What a row of a list of people becomes, checked with the engine that checks every run."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.lists import parse
from tests.connectors.roster_rows import (
    BIRTH,
    CERTIFICATE,
    CONTEXT,
    NUMBER,
    OTHER,
    PERSON,
    VAULT,
    VILLAGE,
    read,
    refused,
)


def test_who_is_marked_as_dead_needs_a_last_day() -> None:
    """The mark names no day, and a benefit without end would be due to the dead."""
    dead = PERSON | {"姓名": "王小明（已故）", "老年人类别": "高龄老年人"}
    assert refused("elder", **dead) == [("DECEASED_WITHOUT_END", "终止日期")]
    assert refused("elder", **dead, 终止日期="长期") == [("DECEASED_WITHOUT_END", "终止日期")]
    assert read("elder", **dead, 终止日期="2024-05-01")["beneficiary"][0]["name"] == "王小明"


# --- people ------------------------------------------------------------------------------------


def test_a_dibao_row_is_a_household_a_person_and_a_membership() -> None:
    got = read(
        "dibao",
        **PERSON,
        户编号="H001",
        与户主关系="户主",
        性别="男",
        民族="壮",
        家庭住址="新建路1号",
        **{
            "联系电话": 13800000000.0,
            "家庭人口": "3人",
            "救助证号": "450305-0001",
            "月保障金额（元）": "1,234.50元",
        },
        终止日期="3000-01",
        核对日期=45000.0,
        出生日期="19500101",
    )
    assert got["household"] == [
        {
            "household_number": "H001",
            "division_code": VILLAGE,
            "address": "新建路1号",
            "registered_member_count": 3,
            "economic_status_checked_on": dt.date(2023, 3, 15),
        }
    ]
    assert got["beneficiary"] == [
        {
            "name": "王小明",
            "name_masked": "王**",
            "id_number": NUMBER,
            "id_number_hash": VAULT.blind(NUMBER),
            "id_number_masked": NUMBER[:3] + "*" * 14 + NUMBER[-1],
            "sex": "MALE",
            "birth_on": BIRTH,
            "ethnicity_code": "08",
            "division_code": VILLAGE,
            "address": "新建路1号",
            "phone": "13800000000",
            "household_relation_code": "02",
        }
    ]
    assert got["category_membership"] == [
        {
            "category": "DIBAO",
            "starts_on": dt.date(2024, 1, 1),
            "monthly_amount": Decimal("1234.50"),
            "certificate_number": "450305-0001",
        }
    ]


def test_a_tekun_row() -> None:
    got = read("tekun", **PERSON, 供养方式="分散供养", 生活自理能力="半护理")
    assert got["household"] == [], "no household number, no household"
    assert got["beneficiary"][0]["self_care"] == "PARTIAL"
    assert got["category_membership"][0]["support_mode"] == "SCATTERED"


@pytest.mark.parametrize(
    ("cell", "ability"),
    [("NONE", "NONE"), ("ＮＯＮＥ ", "NONE"), ("全护理", "NONE"), ("none", None), ("无", None)],
)
def test_none_is_a_code_where_there_is_one(cell: str, ability: str | None) -> None:
    """As programs write it in small letters it says nothing."""
    got = read("tekun", **PERSON, 供养方式="分散供养", 生活自理能力=cell)
    assert got["beneficiary"][0].get("self_care") == ability


def test_a_child_with_several_categories_and_no_number() -> None:
    cells = {k: v for k, v in PERSON.items() if k != "身份证号"} | {"档案编号": "C-001", "风险等级": "高"}
    got = read("child", **cells, 儿童类别="孤儿、留守儿童", 监护人姓名="李大", 监护人电话="0773-5812345")
    person = got["beneficiary"][0]
    assert person["file_number"] == "C-001"
    assert "id_number_hash" not in person
    assert (person["risk_level"], person["guardian_name"]) == ("LEVEL_1", "李大")
    assert [m["category"] for m in got["category_membership"]] == ["ORPHAN", "LEFT_BEHIND_CHILD"]


def test_a_label_that_holds_a_separator_is_one_category() -> None:
    got = read("child", **PERSON, 儿童类别="父母失联、缺位的困境儿童")
    assert [m["category"] for m in got["category_membership"]] == ["CHILD_IN_DIFFICULTY"]


def test_an_elder_a_vagrant_and_others() -> None:
    elder = read("elder", **PERSON, 老年人类别="空巢老人", 能力等级="2级", 评估标准="GB/T 42195-2022")
    assert elder["beneficiary"][0]["ability_level"] == "MODERATE"
    unknown = {
        "档案编号": "L-1",
        "姓名": "无名氏",
        "区划代码": "450305",
        "起始日期": "2026年3月",
        "对象类别": "流浪乞讨人员",
    }
    vagrant = read("vagrant", **unknown)
    assert vagrant["beneficiary"][0]["name_masked"] == "无名氏"
    assert vagrant["category_membership"][0]["starts_on"] == dt.date(2026, 3, 1)
    assert (
        read("other", **PERSON, 对象类别="留守妇女")["category_membership"][0]["category"]
        == "LEFT_BEHIND_WOMAN"
    )
    aid = read("temp_aid", **PERSON, **{"救助金额（元）": "800", "终止日期": "2024年1月"})
    assert aid["category_membership"][0]["ends_on"] == dt.date(2024, 1, 31)
    assert "monthly_amount" not in aid["category_membership"][0], "a single sum is no monthly one"


def test_a_certificate_tells_category_grade_and_person() -> None:
    cells = PERSON | {"残疾人证号": CERTIFICATE, "对象类别": "重度残疾人"}
    person = read("disability", **cells)["beneficiary"][0]
    assert (person["disability_category"], person["disability_grade"]) == ("PHYSICAL", 2)
    assert person["disability_certificate"] == CERTIFICATE
    alone = read("disability", **{k: v for k, v in cells.items() if k != "身份证号"})["beneficiary"][0]
    assert alone["id_number"] == NUMBER
    stated = read("disability", **cells, 残疾类别="视力", 残疾等级="三级")["beneficiary"][0]
    assert (stated["disability_category"], stated["disability_grade"]) == ("VISUAL", 3)


def test_a_certificate_of_somebody_else() -> None:
    cells = PERSON | {"身份证号": OTHER, "残疾人证号": CERTIFICATE, "对象类别": "残疾人"}
    assert refused("disability", **cells) == [("CONTRADICTION", "残疾人证号")]


def test_the_number_knows_sex_and_birth_better() -> None:
    """X25: no refusal, and the number's word stands."""
    person = read("other", **PERSON, 对象类别="残疾人", 性别="女", 出生日期="1951-02-03")["beneficiary"][0]
    assert (person["sex"], person["birth_on"]) == ("MALE", BIRTH)
    cells = PERSON | {"身份证号": "", "档案编号": "X1", "对象类别": "残疾人"}
    stated = read("vagrant", **cells, 性别="女", 出生日期="1951/2/3")["beneficiary"][0]
    assert (stated["sex"], stated["birth_on"]) == ("FEMALE", dt.date(1951, 2, 3))


NUMBERS = {
    "４５９９９９" + NUMBER[6:]: None,
    f"'{NUMBER[:6]} {NUMBER[6:]}\u200b": None,
    NUMBER[:6] + NUMBER[8:17]: None,
    4.59999e17: "ID_LOST_DIGITS",
    "4.59999E+17": "ID_LOST_DIGITS",
    NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2"): "ID_CHECKSUM",
    NUMBER[:10].replace("0", "O") + NUMBER[10:]: "ID_LOOKALIKE",
    NUMBER[:6] + "********" + NUMBER[14:]: "ID_MASKED",
    NUMBER[:12]: "ID_LENGTH",
}


@pytest.mark.parametrize(("written", "code"), NUMBERS.items())
def test_identity_numbers(written: Any, code: str | None) -> None:
    """X18–X22: repaired where the number is certain, refused where it is not."""
    cells = PERSON | {"身份证号": written, "对象类别": "残疾人"}
    if code is None:
        assert read("other", **cells)["beneficiary"][0]["id_number"] == NUMBER
    else:
        assert refused("other", **cells) == [(code, "身份证号")]


def test_a_person_nobody_can_tell() -> None:
    cells = PERSON | {"身份证号": "", "对象类别": "残疾人"}
    assert ("PERSON_UNIDENTIFIED", "身份证号") in refused("other", **cells)


@pytest.mark.parametrize(
    ("header", "written", "code"),
    [
        ("姓名", "王?明", "NAME_LOST_CHARACTER"),
        ("姓名", "=HYPERLINK(1)", "NAME_NOT_A_NAME"),
        ("区划代码", "450302001000", "DIVISION_OUTSIDE"),
        ("区划代码", "七星街道", "DIVISION_FORM"),
        ("区划代码", "450305777777", "DIVISION_UNKNOWN"),
        ("起始日期", "农历正月初一", "DATE_LUNAR"),
        ("起始日期", "2023.1", "DATE_AMBIGUOUS"),
        ("起始日期", "1900-01-00", "DATE_PLACEHOLDER"),
        ("出生日期", "去年春天", "DATE_UNREADABLE"),
        ("性别", "男女", "CODE_UNKNOWN"),
        ("民族", "火星族", "CODE_UNKNOWN"),
        ("联系电话", "见备注", "PHONE_UNREADABLE"),
        ("对象类别", "不存在的类别", "CODE_UNKNOWN"),
        ("对象类别", "残疾人、不存在的类别", "CODE_UNKNOWN"),
    ],
)
def test_cells_that_cannot_be_read(header: str, written: str, code: str) -> None:
    assert refused("other", **(PERSON | {"对象类别": "残疾人", header: written})) == [(code, header)]


@pytest.mark.parametrize("header", ["姓名", "区划代码", "起始日期", "对象类别"])
def test_cells_that_must_not_be_empty(header: str) -> None:
    cells = PERSON | {"对象类别": "残疾人"}
    del cells[header]
    assert ("REQUIRED", header) in refused("other", **cells)


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    cells = PERSON | {"对象类别": "残疾人", "性别": "?", "民族": "?", "身份证号": "1"}
    assert {header for _, header in refused("other", **cells)} == {"性别", "民族", "身份证号"}


def test_an_end_before_the_start() -> None:
    """X32."""
    cells = PERSON | {"终止日期": "2023-12-31", "对象类别": "残疾人"}
    assert refused("other", **cells) == [("PERIOD_REVERSED", "终止日期")]


@pytest.mark.parametrize("written", ["1,234.50元", 1234.5, "￥1234.50", "壹仟贰佰叁拾肆元伍角"])
def test_money(written: Any) -> None:
    """X29."""
    got = read("dibao", **PERSON, **{"户编号": "H1", "月保障金额（元）": written})
    assert got["category_membership"][0]["monthly_amount"] == Decimal("1234.50")


@pytest.mark.parametrize("written", ["1950年1月", "1950.01", "195001", "1950.1", 1950.1])
def test_a_month_of_birth_is_no_error_and_no_day(written: Any) -> None:
    cells = {
        "档案编号": "L-1",
        "姓名": "无名氏",
        "区划代码": VILLAGE,
        "起始日期": "2026-01-01",
        "对象类别": "流浪乞讨人员",
    }
    assert "birth_on" not in read("vagrant", **cells, 出生日期=written)["beneficiary"][0]


def test_people_of_the_county_itself_belong_to_no_station() -> None:
    assert parse.township_if_any("450305000000", CONTEXT) is None
    assert parse.township_if_any("450305", CONTEXT) is None
    assert parse.township_if_any(VILLAGE, CONTEXT) == "450305001000"
