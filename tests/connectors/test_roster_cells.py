"""Cells and text files: what arrives as it is, what is refused, with file, row, code and column."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
import xlsxwriter

from connectors.roster.delimited import read_rows
from tests.connectors.roster_files import (
    DIBAO,
    TITLE,
    VILLAGE,
    Read,
    dibao,
    number,
    person,
    save,
    sheet_of,
    xls,
)

LIST = "城乡低保对象名单.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
ONE, TWO, THREE = person(1), person(2), person(3)

# --- cells, X22 X28 X34 ------------------------------------------------------------------------


def test_nothing_in_all_its_spellings(tmp_path: Path, read: Read) -> None:
    rows = [
        person(n, address=word) for n, word in enumerate(["无", " / ", "不详", "－", "　", "暂无", "NULL"], 1)
    ]
    save(tmp_path, dibao(*rows))
    got = read()
    assert len(got.rows) == 7
    assert all("家庭住址" not in row.values for row in got.rows)


def test_no_is_an_answer_where_the_header_asks(tmp_path: Path, read: Read) -> None:
    header = ["统一社会信用代码", "机构名称", "成立党组织"]
    save(tmp_path, sheet_of([header, ["x", "甲", "无"]]), "承接机构名册.xlsx")
    assert read().rows[0].values["成立党组织"] == "无"


def test_a_code_may_be_called_none(tmp_path: Path, read: Read) -> None:
    header = ["户编号", "姓名", "身份证号", "区划代码", "供养方式", "生活自理能力", "家庭住址", "起始日期"]
    row = ["H1", "王一", number(1), VILLAGE, "分散供养", "NONE", "NONE", "2024-01-01"]
    save(tmp_path, sheet_of([header, row]), "特困供养人员名单.xlsx")
    values = read().rows[0].values
    assert values["生活自理能力"] == "NONE"
    assert not {"家庭住址", "住址"} & values.keys()


def test_numbers_days_and_texts_arrive_as_they_are(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(person(1, id=int(number(1)[:17] + "0"), birth=18264)))
    values = read().rows[0].values
    assert isinstance(values["身份证号"], float), "digits are lost: the check must see a number"
    assert values["出生日期"] == 18264.0


def test_bare_serials_of_the_1904_system(tmp_path: Path, read: Read) -> None:
    book = xlsxwriter.Workbook(tmp_path / LIST, {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, DIBAO)
    sheet.write_row(1, 0, person(1, birth=16802, start=202303))
    book.close()
    values = read().rows[0].values
    assert values["出生日期"] == dt.date(1950, 1, 1)
    assert values["起始日期"] == 202303, "a month is no serial number"


def test_a_cell_of_ten_megabytes(tmp_path: Path, read: Read) -> None:
    lines = [",".join(DIBAO)]
    for n in (1, 2, 3):
        cells_ = person(
            n, birth="1950-01-01", start="2024-01-01", address="长" * (10_000_000 if n == 2 else 10)
        )
        lines.append(",".join(map(str, cells_)))
    (tmp_path / "低保.csv").write_text("\n".join(lines), "utf-8")
    got = read()
    assert got.refused == [("低保.csv", 3, "CELL_TOO_LONG", "家庭住址")]
    assert got.numbers() == [2, 4]
    raw = next(row.raw for b in got.batches for row, _ in b.refused)
    assert len(raw["家庭住址"]) < 3_000


def test_one_number_with_two_names(tmp_path: Path, read: Read) -> None:
    same = person(1)
    save(
        tmp_path,
        dibao(
            same,
            person(2, id=number(1), name="赵另"),
            THREE,
            person(4, name="阿里·买买提"),
            person(5, id=number(4), name="阿里•买买提"),
        ),
    )
    got = read()
    assert got.refused == [(LIST, 4, "ID_TWO_NAMES", "身份证号"), (LIST, 5, "ID_TWO_NAMES", "身份证号")]
    assert got.numbers() == [6, 7, 8], "another dot is the same name"


def test_a_name_nobody_can_read_hides_no_other(tmp_path: Path, read: Read) -> None:
    of_one = [person(1, name=name, household=f"H{n}") for n, name in enumerate(("9", "王一", "王二"), 1)]
    save(tmp_path, dibao(*of_one[:2], THREE))
    assert read().refused == []
    save(tmp_path, dibao(*of_one, THREE))
    assert [(number, code) for _, number, code, _ in read().refused] == [
        (4, "ID_TWO_NAMES"),
        (5, "ID_TWO_NAMES"),
        (6, "ID_TWO_NAMES"),
    ]


# --- text files, X31 ---------------------------------------------------------------------------

LINE = ["H001", "王一", "男", number(1), "1950-01-01", VILLAGE, "新建路1号", "500", "2024-01-01"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, read: Read, encoding: str, delimiter: str) -> None:
    text = "\r\n".join([TITLE + delimiter * 8, delimiter.join(DIBAO), delimiter.join(LINE)])
    (tmp_path / "低保.csv").write_bytes(text.encode(encoding))
    got = read()
    assert got.refused == []
    assert [got.rows[0].values[h] for h in DIBAO] == LINE


def test_a_rare_character_survives_gb18030(tmp_path: Path, read: Read) -> None:
    line = [*LINE]
    line[1] = "王𠮷䶮"
    (tmp_path / "低保.csv").write_bytes("\n".join([",".join(DIBAO), ",".join(line)]).encode("gb18030"))
    assert read().names == ["王𠮷䶮"]


def test_quoted_line_breaks_are_one_row(tmp_path: Path, read: Read) -> None:
    quoted = [*LINE]
    quoted[6] = '"新建路1号\n二楼, ""后门"""'
    rows = [",".join(DIBAO), ",".join(quoted), "", ",".join(LINE)]
    (tmp_path / "低保.csv").write_text("\n".join(rows), "utf-8", newline="")
    got = read()
    assert got.numbers() == [2, 4]
    assert got.rows[0].values["家庭住址"] == '新建路1号\n二楼, "后门"'


def test_a_quote_never_closed_costs_one_row_at_most(tmp_path: Path, read: Read) -> None:
    broken = [*LINE]
    broken[6] = '"新建路1号'
    rows = [",".join(DIBAO), ",".join(LINE), ",".join(broken), *[",".join(LINE)] * 300]
    (tmp_path / "低保.csv").write_text("\n".join(rows), "utf-8")
    got = read()
    assert len(got.rows) == 302
    assert got.numbers()[-1] == 303


def test_a_delimiter_without_quotes_shifts_the_cells(tmp_path: Path, read: Read) -> None:
    shifted = [*LINE]
    shifted[6] = "桂林市,新建路1号"
    (tmp_path / "低保.csv").write_text("\n".join(map(",".join, [DIBAO, LINE, shifted, LINE])), "utf-8")
    got = read()
    assert got.refused == [("低保.csv", 3, "ROW_TOO_WIDE", "")]
    assert got.numbers() == [2, 4]


def test_cells_kept_from_excel_and_short_rows(tmp_path: Path, read: Read) -> None:
    line = [*LINE]
    line[3] = f'="{number(1)}"'
    (tmp_path / "低保.csv").write_text("\n".join([",".join(DIBAO), ",".join(line), "H2,王二"]), "utf-8")
    got = read()
    assert got.rows[0].values["身份证号"] == number(1)
    assert got.rows[1].values == {"户编号": "H2", "姓名": "王二"}


def test_scientific_notation_is_left_for_the_check(tmp_path: Path, read: Read) -> None:
    line = [*LINE]
    line[3] = "4.59999E+17"
    (tmp_path / "低保.csv").write_text("\n".join([",".join(DIBAO), ",".join(line)]), "utf-8")
    assert read().rows[0].values["身份证号"] == "4.59999E+17"


@pytest.mark.parametrize("content", [b"", b"   \n", b"\xff\xfe\x00", bytes(range(128, 256)) * 3])
def test_text_that_cannot_be_read(tmp_path: Path, read: Read, content: bytes) -> None:
    (tmp_path / "低保.csv").write_bytes(content)
    assert [r[:3] for r in read().refused] == [("低保.csv", 0, "UNREADABLE_FILE")]


def test_line_ends_inside_a_cell_do_not_split_it() -> None:
    assert read_rows("甲,乙\x0b\x0c\u2028,丙\n".encode()) == [["甲", "乙\x0b\x0c\u2028", "丙"]]


# --- .xls --------------------------------------------------------------------------------------


def test_a_workbook_of_excel_97(tmp_path: Path, read: Read) -> None:
    row = ["H001", "王一", "男", number(1), 18264.0, VILLAGE, "新建路1号", 500.0, "2024-01-01"]
    (tmp_path / "低保.xls").write_bytes(xls([DIBAO, row]))
    got = read()
    assert [got.rows[0].values[h] for h in DIBAO] == row
    assert got.rows[0].sheet == "名单"


# --- damaged and malformed texts ---------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_damaged_character_costs_its_row(tmp_path: Path, read: Read, encoding: str) -> None:
    lines = [",".join(line).encode(encoding) for line in (DIBAO, *[LINE] * 40)]
    lines[20] = lines[20].replace("新建路".encode(encoding), b"\xff\xff")
    (tmp_path / "低保.csv").write_bytes(b"\n".join(lines))
    got = read()
    assert got.refused == [("低保.csv", 21, "CHARACTER_LOST", "家庭住址")]
    assert len(got.rows) == 39


def test_an_empty_last_column_hides_no_delimiter_without_quotes(tmp_path: Path, read: Read) -> None:
    header, line = [*DIBAO, "联系电话"], [*LINE, ""]
    shifted = [*line]
    shifted[6] = "桂林市,新建路1号"
    (tmp_path / "低保.csv").write_text("\n".join(map(",".join, [header, line, shifted, line])), "utf-8")
    got = read()
    assert got.refused == [("低保.csv", 3, "ROW_TOO_WIDE", "")]
    assert got.numbers() == [2, 4]


def test_delimiters_at_the_end_of_every_row_are_the_way_of_a_program(tmp_path: Path, read: Read) -> None:
    lines = [",".join(DIBAO), *[",".join([*LINE, ""])] * 3]
    (tmp_path / "低保.csv").write_text("\n".join(lines), "utf-8")
    assert (read().refused, read().numbers()) == ([], [2, 3, 4])


def seconds_to_read(rows: int) -> float:
    lines = ["姓名,身份证号,备注", *['张三","459999195001011234","450305001001'] * rows]
    table = "\n".join(lines).encode()
    started = time.process_time()
    assert len(read_rows(table)) == rows + 1
    return time.process_time() - started


def test_a_quote_left_open_in_every_line_is_read_in_linear_time() -> None:
    few, many = (min(seconds_to_read(rows) for _ in range(3)) for rows in (500, 4_000))
    assert many < 8 * few * 4  # eight times the rows: what is quadratic takes 64 times as long


def test_a_serial_number_kept_as_text_counts_from_1904_too(tmp_path: Path, read: Read) -> None:
    book = xlsxwriter.Workbook(tmp_path / LIST, {"date_1904": True})
    sheet = book.add_worksheet()
    for row, cells in enumerate((DIBAO, person(1, birth="1950-01-01", start="43831"))):
        for column, value in enumerate(cells):
            sheet.write_string(row, column, str(value))
    book.close()
    assert read().rows[0].values["起始日期"] == dt.date(2024, 1, 2)
