"""What changed in the columns of a list, told from what a run saw and what the one before had left."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.lists.disclosed import field_class
from connectors.lists.wording import Field, Wording
from hub.domain.vocabulary import DriftKind, FieldClass
from hub.sync.drift import Change, Headers, Known, Seen, changes
from hub.sync.header import MOST, UNTOLD, Column, Header, forms_of

TEXT = frozenset({"text"})


def seen(*tables: Mapping[str, str | None], is_all: bool = True) -> Headers:
    """Tables of one list, each by its names and what they are read as."""
    headers = Headers()
    for number, table in enumerate(tables):
        columns = [Column(name, header, TEXT) for name, header in table.items()]
        headers.add("dibao", Header(f"table {number}", columns, is_all))
    return headers


def left(headers: Headers) -> dict[str, Known]:
    return {
        name: Known(each.column.header, each.column.forms, each.lacking, 0)
        for name, each in headers.seen("dibao").items()
    }


def changed(before: Headers, after: Headers, unknown: dict[str, int] | None = None) -> list[Change]:
    known, now = left(before), after.seen("dibao")
    gone = [] if "dibao" in after.open_ended else sorted(known.keys() - now.keys())
    return [*changes(known, now, gone, unknown or {})]


PLAIN = {"姓名": "姓名", "身份证号": "身份证号", "住址": "住址"}


def test_a_list_that_is_read_for_the_first_time_has_not_changed() -> None:
    assert changed(Headers({"dibao": {}}), seen(PLAIN)) == []
    assert changed(seen(PLAIN), seen(PLAIN)) == []


def test_another_name_for_the_same_is_no_loss() -> None:
    renamed = {**{k: v for k, v in PLAIN.items() if k != "身份证号"}, "公民身份号码": "身份证号"}
    assert changed(seen(PLAIN), seen(renamed)) == [
        Change(DriftKind.COLUMN_RENAMED, "公民身份号码", "身份证号", "身份证号", "公民身份号码")
    ]


def test_a_column_goes_and_a_strange_one_comes() -> None:
    strange = {"姓名": "姓名", "身份证号": "身份证号", "地址甲": None}
    assert changed(seen(PLAIN), seen(strange)) == [
        Change(DriftKind.COLUMN_GONE, "住址", "住址"),
        Change(DriftKind.COLUMN_CAME, "地址甲", None),
    ]


def test_one_table_of_three_loses_a_column() -> None:
    short = {"姓名": "姓名", "身份证号": "身份证号"}
    assert changed(seen(PLAIN, PLAIN, PLAIN), seen(PLAIN, short, PLAIN)) == [
        Change(DriftKind.COLUMN_LACKING, "住址", "住址", number=1)
    ]
    assert changed(seen(PLAIN, short), seen(PLAIN, short)) == []


def test_a_record_that_leaves_out_what_is_empty_has_lost_nothing() -> None:
    short = seen({"姓名": "姓名"}, is_all=False)
    assert changed(seen(PLAIN, is_all=False), short) == []
    assert [each.lacking for each in short.seen("dibao").values()] == [0]


def test_types_and_codes() -> None:
    known = {"金额": Known("金额", frozenset({"number"}), 0, 0), "类别": Known("类别", TEXT, 0, 2)}
    now = {
        "金额": Seen(Column("金额", "金额", frozenset({"text", "number"}))),
        "类别": Seen(Column("类别", "类别", TEXT)),
    }
    assert [*changes(known, now, [], {"类别": 3})] == [
        Change(DriftKind.TYPE_CHANGED, "金额", "金额", "number", "number text"),
        Change(DriftKind.CODES_UNKNOWN, "类别", "类别", number=3),
    ]
    assert [each.kind for each in changes(known, now, [], {"类别": 2})] == [DriftKind.TYPE_CHANGED]


def test_batches_of_one_table_count_their_own_cells() -> None:
    headers = Headers()
    for count in (2, 3):
        headers.add("dibao", Header("T", [Column("银行账号", None, TEXT, count, FieldClass.BANK)]))
    (account,) = headers.seen("dibao").values()
    assert (account.column.dropped, account.tables, headers.ignored) == (5, 1, 1)


def test_nothing_a_source_calls_its_columns_ends_a_run_or_fills_a_table() -> None:
    headers = Headers()
    odd = ["A\x00B", "\ud800", *(f"x{n}" for n in range(1_000))]
    headers.add("dibao", Header("T", [Column(name, dropped=1) for name in odd]))
    told = headers.seen("dibao")
    assert {"AB", "?", UNTOLD} <= told.keys()
    assert len(told) == MOST + 1
    assert sum(each.column.dropped for each in told.values()) == 1_002


def test_fields_of_records_are_told_by_name_and_their_cells_by_number() -> None:
    words = Wording({"NAME": Field("姓名")}, needed=frozenset({"NAME", "ID"}))
    records = [
        {"name": "王一", "id": 1, "faceId": "F1", "ACCOUNT_NO": ""},
        {"NAME": "王二", "ID": 2, "FACEID": "F2", "ACCOUNT_NO": "6222", "459999195001010011": "x"},
    ]
    header = words.header("T", records)
    assert {(c.name, c.header, c.dropped, c.field_class) for c in header.columns} == {
        ("NAME", "姓名", 0, None),
        ("ID", "ID", 0, None),
        ("FACEID", None, 2, FieldClass.BIOMETRIC),
        ("ACCOUNT_NO", None, 1, FieldClass.BANK),
        (UNTOLD, None, 1, FieldClass.OTHER),
    }
    assert "6222" not in str(header)


def test_what_columns_tell_of_people() -> None:
    told = {
        FieldClass.BANK: ("开户银行", "银行账号", "ＢＡＮＫ", "ACCOUNT_NAME", "银行卡号"),
        FieldClass.BIOMETRIC: ("DNA_NO", "dna比对结果", "人脸特征", "PHOTO", "指纹编号"),
        FieldClass.MEANS: ("核对报告", "家庭存款", "INCOME", "房产"),
        FieldClass.HEALTH: ("HEALTH_CODE", "疾病类型"),
        FieldClass.OTHER: ("备注", "序号", "SYNC_FLAG"),
    }
    assert {name: field_class(name) for names in told.values() for name in names} == {
        name: kind for kind, names in told.items() for name in names
    }


def test_empty_cells_have_no_type() -> None:
    assert forms_of(["", None, " ", 1, 2.5, "x", True]) == {"number", "text", "boolean"}
