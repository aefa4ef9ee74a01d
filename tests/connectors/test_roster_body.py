"""What is a row of a list, and whose: nobody vanishes, and nobody is made of a remark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.roster_files import DIBAO, Read, dibao, person, save

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
