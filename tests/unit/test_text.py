"""Cells as people fill them: emptiness, names, masks, headers."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.id_number import make_id_number
from hub.domain.refusal import Refused
from hub.domain.text import (
    CELL_LIMIT,
    EMPTY,
    clean,
    clean_name,
    fold,
    header_key,
    is_empty,
    is_marked_deceased,
    mask_id_number,
    mask_name,
)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "\u3000",
        "无",
        "暂无",
        "不详",
        "-",
        "－",
        "--",
        "——",
        "/",
        "／",
        "null",
        "NULL",
        "N/A",
        "'",
        "\ufeff",
    ],
)
def test_the_many_ways_to_write_nothing(written: str) -> None:
    assert clean(written) is None
    assert is_empty(written)
    assert clean_name(written) is None


@pytest.mark.parametrize("written", ["0", "无名氏", "无锡路1号", "-5", "没有"])
def test_what_only_looks_like_nothing_stays(written: str) -> None:
    assert clean(written) == written
    assert not is_empty(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" ａｂｃ１２３ ", "abc123"),
        ("朝阳乡（原大河乡），１号", "朝阳乡（原大河乡），1号"),
        ("'0773-5812345", "0773-5812345"),
        ("\ufeff地址\u200b\x00", "地址"),
        ("一\r\n二\r三", "一\n二\n三"),
        (13800000000.0, "13800000000"),
        (42, "42"),
        (1.5, "1.5"),
        (dt.date(2023, 3, 31), "2023-03-31"),
        (dt.datetime(2023, 3, 31, 8, 30), "2023-03-31"),
        (None, None),
    ],
)
def test_clean(written: object, read: str | None) -> None:
    assert clean(written) == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param("长" * (CELL_LIMIT + 1), "TEXT_TOO_LONG", id="huge text"),
        (10**400, "DIGITS_LOST"),
        (4.59999195001010e17, "DIGITS_LOST"),
        (float("nan"), "DIGITS_LOST"),
        (True, "TEXT_EXPECTED"),
        (["a"], "TEXT_EXPECTED"),
    ],
)
def test_clean_refuses(written: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean(written)
    assert refused.value.code == code


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert once is None or once[:1] in "'‘’`＇" or clean(once) == once


@given(st.text(max_size=30))
def test_cleaned_text_can_be_stored(text: str) -> None:
    """PostgreSQL takes no NUL, and a form feed has no business in an address."""
    assert all(c == "\n" or c == "\t" or unicodedata.category(c) != "Cc" for c in clean(text) or "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("欧阳 娜娜", "欧阳娜娜"),
        ("张 小 明", "张小明"),
        ("张三（已故）", "张三"),
        ("张三(户主)", "张三"),
        ("张三（曾用名：李四）", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ・ 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉‧买买提", "阿卜杜拉·买买提"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("John  Smith", "John Smith"),
        ("O'Neil", "O'Neil"),
        ("张䶮", "张䶮"),
        ("𠮷田", "𠮷田"),
        ("〇三", "〇三"),
        ("⼀二", "一二"),
        ("无名氏", "无名氏"),
    ],
)
def test_names(written: str, read: str) -> None:
    assert clean_name(written) == read


@pytest.mark.parametrize(
    "written",
    ["?三", "张？", "张□", "张\ue863", "张\ufffd", "张〓", "张*", "张×", "张○○", "张●●", "张(龙天)", "张··"],
)
def test_a_lost_character_is_never_guessed(written: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_name(written)
    assert refused.value.code == "NAME_LOST_CHARACTER"


@pytest.mark.parametrize(
    "written",
    [
        "=cmd|' /C calc'!A0",
        "+1",
        "-张",
        "@张",
        "<b>张三</b>",
        "张三2",
        "张三、李四",
        "张三\n李四",
        "张小三 李小四",
        "张" * 51,
        "（已故）",
        "张三 李四",
        12,
    ],
)
def test_what_is_no_name_is_refused(written: object) -> None:
    with pytest.raises(Refused) as refused:
        clean_name(written)
    assert refused.value.code == "NAME_NOT_A_NAME"


@pytest.mark.parametrize(
    ("written", "marked"),
    [("张三（已故）", True), ("张三(去世) ", True), ("张三（户主）", False), ("张三", False), (None, False)],
)
def test_the_remark_of_a_death_is_seen(written: object, marked: bool) -> None:
    assert is_marked_deceased(written) is marked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小三", "张**"),
        ("阿卜杜拉·买买提", "阿**"),
        ("张", "*"),
        ("无名氏", "无名氏"),
        ("", "*"),
    ],
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 999))
def test_a_masked_number_with_birth_date_and_county_leaves_dozens_of_candidates(
    born: dt.date, sequence: int
) -> None:
    masked = mask_id_number(make_id_number("459999", born, sequence))
    assert len(masked) == 18
    candidates = (make_id_number("459999", born, n) for n in range(sequence % 2, 1000, 2))
    assert sum(mask_id_number(number) == masked for number in candidates) >= 40


def test_the_mask_shows_three_and_one() -> None:
    assert mask_id_number("45999919500101008X") == "459**************X"
    assert mask_id_number("12345678") == "********"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("*月保障金额\n(元)：", "月保障金额（元）"),
        ("身 份 证 号", "身份证号"),
        ("金额〔元〕*", "金额（元）"),
        ("ID_CARD", "id_card"),
        ("区划代码:", "区划代码"),
        ("＊姓名", "姓名"),
    ],
)
def test_headers_that_are_the_same(one: str, other: str) -> None:
    assert header_key(one) == header_key(other)


def test_a_header_of_ten_megabytes_is_only_a_header() -> None:
    assert header_key("长" * 10**7) != header_key("姓名")


def test_headers_that_differ() -> None:
    assert header_key("合同金额（元）") != header_key("合同金额（大写）")


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[\d\s无/nul-]{1,9}", fullmatch=True)))
def test_emptiness_is_that_of_folded_text(text: str) -> None:
    assert is_empty(text) == (fold(text).casefold() in EMPTY)


@given(st.text())
def test_folded_text_has_no_white_space(text: str) -> None:
    assert not any(c.isspace() for c in fold(text))
