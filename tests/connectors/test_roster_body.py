"""What is a row of a list, and whose: nobody vanishes, and nobody is made of a remark."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.connectors.roster_files import (
    DIBAO,
    TITLE,
    VILLAGE,
    Read,
    Reading,
    dibao,
    number,
    person,
    save,
    sheet_of,
)

ONE, TWO, THREE = person(1), person(2), person(3)


@pytest.mark.parametrize(
    "remark", ["说明：身份证正在补办", "备注：户口未落实", "单位：桂林某厂退休", "单位宿舍：3栋201"]
)
def test_a_remark_makes_no_person_vanish(tmp_path: Path, read: Read, remark: str) -> None:
    header = ("备注", *DIBAO)
    before = person(1, household="", id="")
    inside = [*person(2, id="", address=remark)]
    save(tmp_path, dibao([remark, *before], ["", *inside], [remark, *THREE], header=header))
    got = read()
    assert got.numbers() == [4, 5, 6]
    assert got.refused == []


def test_a_visit_without_a_number_stays_whatever_its_record_begins_with(tmp_path: Path, read: Read) -> None:
    text = "探访编号,探访日期,身份证号,探访方式,探访目的,文字记录\nT1,2026-01-01,,入户,日常,备注：不在家\n"
    (tmp_path / "探访台账.csv").write_text(text, "utf-8")
    assert read().numbers() == [2]


@pytest.mark.parametrize(
    "row",
    [
        ["合计：35户，78人，金额12345元"],
        ["共100户"],
        ["领导签字"],
        ["第 1 页 共 3 页"],
        ["七星区街道"],
        ["合计", "35户", "", "", "78人", "", "", "12,345.00", ""],
        ["填表人：", "李四", "", "审核人：", "王五", "", "日期：", "2026-03-31", ""],
    ],
)
def test_what_stands_between_people_is_nobody(tmp_path: Path, read: Read, row: list[str]) -> None:
    save(tmp_path, dibao(ONE, row, TWO))
    got = read()
    assert got.numbers() == [4, 6]
    assert got.refused == []


def test_somebody_called_like_a_total_stays_without_a_number(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(person(1, household="", name="王小计", id=""), person(2, household="共计1", id="")))
    assert read().numbers() == [4, 5]


# --- one key, several rows ---------------------------------------------------------------------


STAFF = ("工号", "姓名", "身份证号", "服务地区划代码", "岗位类别", "备注")


def staff(key: str, name: str, remark: str = "") -> list[str]:
    return [key, name, "", VILLAGE, "驻站社工", remark]


def test_a_staff_number_given_twice_is_refused_in_both_rows(tmp_path: Path, read: Read) -> None:
    rows = [STAFF, staff("G1", "王一"), staff("G2", "李二"), staff(" G1", "赵三"), staff("G3", "钱四")]
    save(tmp_path, sheet_of(rows), "驻站人员名单.xlsx")
    got = read()
    assert got.refused == [("驻站人员名单.xlsx", n, "DUPLICATE_KEY", "工号") for n in (2, 4)]
    assert got.numbers() == [3, 5]


def test_a_row_written_twice_is_no_contradiction(tmp_path: Path, read: Read) -> None:
    """Columns that are dropped do not count."""
    save(tmp_path, sheet_of([STAFF, staff("G1", "王一", "a"), staff("G1", "王一", "b")]), "驻站人员名单.xlsx")
    got = read()
    assert (got.numbers(), got.refused) == ([2, 3], [])


def test_a_visit_number_given_twice_loses_no_visit(tmp_path: Path, read: Read) -> None:
    head = "探访编号,探访日期,身份证号,探访方式,探访目的"
    lines = [head, f"T1,2026-01-01,{number(1)},入户,日常", f"T1,2026-01-01,{number(2)},入户,日常"]
    (tmp_path / "探访台账.csv").write_text("\n".join(lines), "utf-8")
    assert [refused[1:3] for refused in read().refused] == [(2, "DUPLICATE_KEY"), (3, "DUPLICATE_KEY")]


def test_a_benefit_that_ends_and_does_not_end_is_a_contradiction(tmp_path: Path, read: Read) -> None:
    header = (*DIBAO, "终止日期")
    ended, other = [*person(1), dt.date(2025, 1, 1)], [*person(2, household="H001"), ""]
    save(tmp_path, dibao([*person(1), ""], other, ended, header=header))
    got = read()
    assert [refused[1:3] for refused in got.refused] == [(4, "DUPLICATE_KEY"), (6, "DUPLICATE_KEY")]
    assert got.numbers() == [5], "the members of a household share its number"


def test_the_same_benefit_twice_in_turn_is_none(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(person(1, start=dt.date(2020, 1, 1)), person(1)))
    assert read().refused == []


# --- columns that go, headers that are not there -----------------------------------------------


def sentences(got: Reading) -> list[tuple[str, str]]:
    return [(r.code, r.expected_zh) for b in got.batches for _, refusals in b.refused for r in refusals]


def test_a_last_day_under_a_name_nobody_knows_makes_no_benefit_endless(tmp_path: Path, read: Read) -> None:
    header = (*DIBAO, "待遇中止日")
    save(tmp_path, dibao([*person(1), "2025-01-01"], header=header))
    got = read()
    assert got.rows == []
    assert sentences(got) == [("HEADER_MISSING", "名单缺少必需的列：终止日期；未识别的列：待遇中止日")]


@pytest.mark.parametrize("word", ["停止享受日期", "停发时间", "退出时间"])
def test_other_words_for_the_last_day_are_known(tmp_path: Path, read: Read, word: str) -> None:
    save(tmp_path, dibao([*person(1), "2025-01-01"], header=(*DIBAO, word)))
    assert read().rows[0].values["终止日期"] == "2025-01-01"


def test_a_list_may_do_without_last_days(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao([*person(1), "x"], header=(*DIBAO, "开户银行")))
    got = read()
    assert got.numbers() == [4]
    assert "终止日期" in got.batches[0].absent


def test_the_columns_nobody_knows_are_named_where_one_is_missing(tmp_path: Path, read: Read) -> None:
    header = tuple("起算" if h == "起始日期" else h for h in DIBAO)
    save(tmp_path, dibao(person(1), header=header))
    assert sentences(read()) == [("HEADER_MISSING", "名单缺少必需的列：起始日期；未识别的列：起算")]


def test_a_list_without_header_is_told_so(tmp_path: Path, read: Read) -> None:
    save(tmp_path, sheet_of([[TITLE], person(1), person(2)]), "附件.xlsx")
    assert sentences(read()) == [
        ("LIST_UNKNOWN", "未找到表头，应含：户编号、姓名、身份证号、区划代码、起始日期")
    ]
