"""Files, titles, headers and the shape of a sheet: no fault costs a neighbour its place."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import xlsxwriter

from hub.domain.vocabulary import FieldClass
from hub.sync.connector import UNKNOWN_LIST
from tests.connectors.roster_files import (
    DATE_LINE,
    DIBAO,
    TITLE,
    VILLAGE,
    Read,
    dibao,
    fill,
    names,
    number,
    only,
    person,
    save,
    sheet_of,
)

LIST = "城乡低保对象名单.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
ONE, TWO, THREE = person(1), person(2), person(3)

# --- a proper list -----------------------------------------------------------------------------


def test_a_proper_list(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(ONE, TWO))
    got = read()
    assert [b.list_kind for b in got.batches] == ["dibao"]
    assert got.batches[0].observed_at == dt.datetime(2026, 3, 30, 16, tzinfo=dt.UTC)
    assert got.refused == []
    assert got.rows[0].values["身份证号"] == number(1)
    assert got.rows[0].values["出生日期"] == "1950-01-01"
    assert (got.rows[0].file, got.rows[0].sheet, got.rows[0].number) == (LIST, "Sheet1", 4)
    assert got.rows[0].raw["月保障金额（元）"] == "500"
    assert got.names == names(ONE, TWO)


def test_without_a_date_line_the_files_own_time_counts(tmp_path: Path, read: Read) -> None:
    path = save(tmp_path, sheet_of([DIBAO, ONE]))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    got = read()
    assert got.batches[0].observed_at == dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)
    assert got.numbers() == [2]


def test_a_date_to_come_is_not_believed(tmp_path: Path, read: Read) -> None:
    path = save(tmp_path, sheet_of([["制表日期：2090年1月1日"], DIBAO, ONE]))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read().batches[0].observed_at.year == 2023


def test_the_date_may_stand_in_the_signature_or_in_a_cell_of_its_own(tmp_path: Path, read: Read) -> None:
    foot = ["填表人：李四", "", "审核人：王五", "", "填报日期：2025.6.30"]
    save(tmp_path, sheet_of([DIBAO, ONE, TWO, foot]), "低保一.xlsx")
    save(tmp_path, sheet_of([["制表日期：", dt.date(2025, 5, 31)], DIBAO, ONE]), "低保二.xlsx")
    got = read()
    assert {b.observed_at.astimezone(dt.timezone(dt.timedelta(hours=8))).date() for b in got.batches} == {
        dt.date(2025, 6, 30),
        dt.date(2025, 5, 31),
    }
    assert got.names == names(ONE, TWO, ONE)


def test_files_come_by_kind_and_batches_are_bounded(tmp_path: Path, read: Read) -> None:
    header = ("统一社会信用代码", "机构名称", "联系人")
    save(tmp_path, sheet_of([header, ["x", "甲社工中心", "王一"]]), "承接机构名册.xlsx")
    save(tmp_path, dibao(*(person(n) for n in range(1, 10))))
    visits = ["探访编号", "探访日期", "身份证号", "探访方式", "探访目的"]
    lines = [visits, *([f"T{n}", "2026-01-01", number(1), "入户探访", "其他"] for n in range(4_500))]
    (tmp_path / "探访台账.csv").write_text("\n".join(map(",".join, lines)), "gb18030")
    assert [(b.list_kind, len(b.rows)) for b in read().batches] == [
        ("contractor", 1),
        ("dibao", 9),
        ("visit", 2_000),
        ("visit", 2_000),
        ("visit", 500),
    ]


# --- schema, X13 -------------------------------------------------------------------------------


def test_synonyms_order_and_extra_columns(tmp_path: Path, read: Read) -> None:
    header = [
        "序号",
        "*对象姓名",
        "公民身份号码",
        "户号",
        "行政区划\n代码",
        "起始时间",
        "银行账号",
        "备注",
        "户籍性质",
    ]
    row = [1, "王一", number(1), "H1", VILLAGE, "2024-01-01", "6222000011112222", "见附件", "农业"]
    save(tmp_path, sheet_of([[TITLE], [DATE_LINE], header, row]))
    got = read()
    assert got.rows[0].values == {
        "姓名": "王一",
        "身份证号": number(1),
        "户编号": "H1",
        "区划代码": VILLAGE,
        "起始日期": "2024-01-01",
    }
    assert "6222000011112222" not in str(got.rows[0].raw), "what nobody asked for goes nowhere"
    columns = got.batches[0].header.columns if got.batches[0].header else ()
    assert [(c.name, c.dropped, c.field_class) for c in columns if c.header is None] == [
        ("序号", 1, FieldClass.OTHER),
        ("银行账号", 1, FieldClass.BANK),
        ("备注", 1, FieldClass.OTHER),
        ("户籍性质", 1, FieldClass.OTHER),
    ]


def test_a_missing_column_refuses_the_file_and_no_other(tmp_path: Path, read: Read) -> None:
    save(tmp_path, sheet_of([[TITLE], [h for h in DIBAO if h != "区划代码"], ONE]), "低保甲.xlsx")
    save(tmp_path, dibao(TWO), "低保乙.xlsx")
    got = read()
    assert got.refused == [("低保甲.xlsx", 0, "HEADER_MISSING", "区划代码")]
    assert got.names == names(TWO)
    assert got.batches[1].list_kind == "dibao"
    whole, lacking = (batch.header for batch in got.batches)
    assert lacking is not None
    assert whole is not None
    assert lacking.table != whole.table
    assert {c.header for c in whole.columns} - {c.header for c in lacking.columns} == {"区划代码"}


def test_a_list_of_unknown_kind(tmp_path: Path, read: Read) -> None:
    save(tmp_path, sheet_of([["2026年情况表"], DIBAO, ONE]), "情况.xlsx")
    save(tmp_path, sheet_of([["甲", "乙", "丙"], [1, 2, 3], [4, 5, 6]]), "数字.xlsx")
    got = read()
    assert got.refused == [("情况.xlsx", 0, "LIST_UNKNOWN", ""), ("数字.xlsx", 0, "LIST_UNKNOWN", "")]
    assert {b.list_kind for b in got.batches} == {UNKNOWN_LIST}


def test_the_kind_is_confirmed_by_the_columns(tmp_path: Path, read: Read) -> None:
    """The title names two kinds; only one has its columns here."""
    save(
        tmp_path,
        sheet_of(
            [
                ["七星区民政服务站驻站人员名单（含低保核查员）"],
                ["工号", "姓名", "服务地区划代码", "岗位类别"],
                ["Q1", "王一", "450305001", "驻站社工"],
            ]
        ),
        "名单.xlsx",
    )
    assert [b.list_kind for b in read().batches] == ["personnel"]


# --- the shape of a sheet, X30 -----------------------------------------------------------------


def test_two_header_rows_with_merged_groups(tmp_path: Path, read: Read) -> None:
    top = ["户编号", "姓名", "身份证号", "家庭住址", "", "监护人", "", "起始日期"]
    low = ["", "", "", "区划代码", "详细地址", "姓名", "联系电话", ""]
    row = ["H1", "王一", number(1), VILLAGE, "新建路1号", "李大", "13800000000", "2024-01-01"]
    merged = ["A1:H1", "A2:A3", "B2:B3", "C2:C3", "H2:H3", "D2:E2", "F2:G2"]
    save(tmp_path, sheet_of([[TITLE], top, low, row], merged=merged))
    got = read()
    assert got.refused == []
    values = got.rows[0].values
    assert values["姓名"] == "王一", "the guardian's name stands under 监护人 and is not the person's"
    assert values["区划代码"] == VILLAGE
    assert values["家庭住址"] == "新建路1号"
    assert values["起始日期"] == "2024-01-01"
    assert got.numbers() == [4]


def test_two_header_rows_in_a_text_file(tmp_path: Path, read: Read) -> None:
    head = "户编号,姓名,身份证号,家庭住址,,起始日期\n,,,区划代码,详细地址,\n"
    text = f"{head}H1,王一,{number(1)},{VILLAGE},新建路,2024-01-01\n"
    (tmp_path / "低保.csv").write_text(text, "utf-8")
    got = read()
    assert got.rows[0].values["区划代码"] == VILLAGE
    assert got.rows[0].values["家庭住址"] == "新建路"


def test_a_hidden_row_of_field_codes_above_the_header(tmp_path: Path, read: Read) -> None:
    codes = ["HBH", "XM", "XB", "SFZH", "CSRQ", "QHDM", "ZZ", "JE", "QSRQ"]
    book = sheet_of([[TITLE], codes, DIBAO, ONE])
    only(book).row_dimensions[2].hidden = True
    save(tmp_path, book)
    got = read()
    assert got.refused == []
    assert got.names == names(ONE)


def test_merged_body_cells_repeat_their_value_but_no_sum(tmp_path: Path, read: Read) -> None:
    wife = person(2, household="", division="", amount="", address="")
    child = person(3, household="", division="", amount="", address="")
    merged = ["A4:A5", "F4:F5", "G4:G5", "H4:H5"]
    book = dibao(ONE, wife, child)
    for ref in merged:
        only(book).merge_cells(ref)
    save(tmp_path, book)
    first, second, third = (row.values for row in read().rows)
    assert second["户编号"] == first["户编号"] == "H001"
    assert second["区划代码"] == VILLAGE
    assert "月保障金额（元）" not in second, "the household's sum counts once"
    assert "户编号" not in third, "a blank outside the range is blank"


def test_hidden_rows_and_sheets_are_data(tmp_path: Path, read: Read) -> None:
    book = dibao(ONE, TWO)
    only(book).row_dimensions[5].hidden = True
    hidden = book.create_sheet("低保续")
    fill(hidden, [DIBAO, THREE])
    hidden.sheet_state = "hidden"
    options = book.create_sheet("选项")
    fill(options, [["汉族", "男", "户主"], ["壮族", "女", "配偶"]])
    options.sheet_state = "hidden"
    save(tmp_path, book)
    got = read()
    assert got.names == names(ONE, TWO, THREE)
    assert got.refused == []


def test_totals_signatures_and_empty_rows_are_no_rows(tmp_path: Path, read: Read) -> None:
    book = dibao(
        ["甲", "乙", "丙", 1, 2, 3, 4, 5, 6],
        ONE,
        ["朝阳乡小计", "", "", "", "", "", "", 500, ""],
        [],
        TWO,
        ["合 计", "", "", "", "", "", "", 1000, ""],
        ["填表人：李四", "", "", "审核人：王五", "", "", "", "", ""],
        ["注：本表一式两份", "", "", "", "", "", "", "", ""],
    )
    save(tmp_path, book)
    got = read()
    assert got.numbers() == [5, 8]
    assert got.refused == []


def test_a_person_called_like_a_total_stays(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(person(1, household="合计1", name="注明")))
    assert read().numbers() == [4]


def test_an_incomplete_row_is_kept_for_the_check(tmp_path: Path, read: Read) -> None:
    """Which cell is missing the engine says; the reader must not lose the row."""
    save(tmp_path, dibao(ONE, person(2, name=""), THREE))
    assert read().numbers() == [4, 5, 6]


def test_two_tables_in_one_sheet(tmp_path: Path, read: Read) -> None:
    tekun = ["户编号", "姓名", "身份证号", "区划代码", "供养方式", "起始日期"]
    book = dibao(ONE, TWO)
    fill(
        only(book),
        [
            [],
            ["七星区2026年特困人员名单"],
            ["制表日期：2026年2月28日"],
            tekun,
            ["H9", "赵九", number(9), VILLAGE, "分散供养", "2024-01-01"],
        ],
    )
    save(tmp_path, book)
    got = read()
    assert [(b.list_kind, [r.number for r in b.rows]) for b in got.batches] == [
        ("dibao", [4, 5]),
        ("tekun", [10]),
    ]
    assert got.batches[0].observed_at != got.batches[1].observed_at


def test_a_header_printed_on_every_page(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(ONE, DIBAO, TWO, DIBAO, THREE))
    got = read()
    assert got.numbers() == [4, 6, 8]
    assert got.refused == []


def test_a_second_table_that_lacks_a_column_is_refused_where_it_stands(tmp_path: Path, read: Read) -> None:
    book = dibao(ONE)
    fill(
        only(book),
        [["特困人员名单"], ["户编号", "姓名", "身份证号", "区划代码"], ["H9", "赵九", number(9), VILLAGE]],
    )
    save(tmp_path, book)
    got = read()
    assert got.refused == [(LIST, 6, "HEADER_MISSING", "供养方式")]
    assert got.names == names(ONE)


def test_several_sheets_of_several_kinds(tmp_path: Path, read: Read) -> None:
    book = sheet_of([DIBAO, ONE], name="低保")
    fill(book.create_sheet("填表说明"), [["一、按户填写"], ["二、金额以元为单位"]])
    fill(book.create_sheet("其他"), [["甲", "乙", "丙"], [1, 2, 3], [4, 5, 6]])
    save(tmp_path, book, "七星区名单.xlsx")
    got = read()
    assert got.names == names(ONE)
    assert got.refused == [("七星区名单.xlsx", 0, "LIST_UNKNOWN", "")]


def test_formulas_without_a_value(tmp_path: Path, read: Read) -> None:
    save(tmp_path, dibao(ONE, person(2, amount="=100*4"), person(3, division="=A1")))
    got = read()
    assert got.refused == [
        (LIST, 5, "FORMULA_WITHOUT_VALUE", "月保障金额（元）"),
        (LIST, 6, "FORMULA_WITHOUT_VALUE", "区划代码"),
    ]
    assert got.names == names(ONE)


def test_formulas_with_a_value_and_errors(tmp_path: Path, read: Read) -> None:
    book = xlsxwriter.Workbook(tmp_path / LIST)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, DIBAO)
    for row, (formula, value) in enumerate(
        [("=1", 500), ("=1/0", "#DIV/0!"), ("=VLOOKUP(1,A1,1)", "#N/A")], 1
    ):
        sheet.write_row(row, 0, person(row, birth="1950-01-01", start="2024-01-01"))
        sheet.write_formula(row, 7, formula, None, value)
    book.close()
    got = read()
    assert got.refused == [(LIST, 3, "FORMULA_WITHOUT_VALUE", "月保障金额（元）")]
    assert got.numbers() == [2, 4]
    assert got.rows[0].values["月保障金额（元）"] == 500
    assert "月保障金额（元）" not in got.rows[1].values, "#N/A says that there is nothing"


def test_a_formula_in_a_column_nobody_asked_for(tmp_path: Path, read: Read) -> None:
    save(tmp_path, sheet_of([(*DIBAO, "备注"), [*ONE, "=A1"]]))
    assert read().names == names(ONE)
