"""Dates as spreadsheets and people write them."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.dates import parse_date, parse_end_date, parse_month_end, parse_month_start
from hub.domain.refusal import Refused

NEW_YEAR_1950 = dt.date(1950, 1, 1)
days = st.dates(dt.date(1900, 3, 1), dt.date(2098, 12, 31))


def refusal(parse: Callable[[object], object], raw: object) -> str:
    with pytest.raises(Refused) as refused:
        parse(raw)
    return refused.value.code


@pytest.mark.parametrize(
    "written",
    [
        "1950-01-01",
        "1950/1/1",
        "1950.1.1",
        "1950–1–1",
        "19500101",
        19500101,
        19500101.0,
        "1950年1月1日",
        "1950年01月01号",
        " 1950 年 1 月 1 日 ",
        "１９５０－０１－０１",
        "'1950-01-01",
        "1950-01-01 00:00:00",
        "1950/1/1 0:00",
        "1950-01-01T08:30:00.000",
        18264,
        18264.0,
        18264.75,
        "18264",
        "18264.75",
        NEW_YEAR_1950,
        dt.datetime(1950, 1, 1, 23, 59),
    ],
)
def test_one_day_in_many_dresses(written: object) -> None:
    assert parse_date(written) == NEW_YEAR_1950
    assert parse_month_start(written) == parse_month_end(written) == parse_end_date(written) == NEW_YEAR_1950


@given(days)
def test_serial_numbers_of_both_date_systems(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    if not 1900 <= serial <= 2100 and serial != 9999:
        assert parse_date(serial) == parse_date(str(serial)) == day
    shifted = (day - dt.date(1904, 1, 1)).days
    if shifted > 0 and not 1900 <= shifted <= 2100 and shifted != 9999:
        assert parse_date(shifted, epoch_1904=True) == day


@pytest.mark.parametrize(
    ("serial", "day"), [(2, dt.date(1900, 1, 2)), (59, dt.date(1900, 2, 28)), (61, dt.date(1900, 3, 1))]
)
def test_around_the_day_that_never_was(serial: int, day: dt.date) -> None:
    assert parse_date(serial) == day
    assert refusal(parse_date, 60) == "DATE_UNREADABLE"
    assert parse_date(60, epoch_1904=True) == dt.date(1904, 3, 1)


@given(
    days,
    st.sampled_from(
        ["{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y%m%d}", "{0.year}年{0.month}月{0.day}日"]
    ),
)
def test_every_day_in_every_form(day: dt.date, form: str) -> None:
    assert parse_date(form.format(day)) == day


@pytest.mark.parametrize(
    "written", ["2024年2月", "202402", 202402, "2024-02", "2024/2", "2024.2", 2024.2, "2024.02"]
)
def test_months(written: object) -> None:
    assert parse_month_start(written) == dt.date(2024, 2, 1)
    assert parse_month_end(written) == parse_end_date(written) == dt.date(2024, 2, 29)
    assert refusal(parse_date, written) == "DATE_INCOMPLETE"


@pytest.mark.parametrize("written", ["2023.1", 2023.1, "1950.1"])
def test_a_month_that_may_be_january_or_october(written: object) -> None:
    assert refusal(parse_month_start, written) == "DATE_AMBIGUOUS"


def test_october_with_its_zero() -> None:
    assert parse_month_start("2023.10") == dt.date(2023, 10, 1)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "无",
        "长期",
        "至今",
        "3000-01",
        "9999-12-31",
        "9999/12/31 0:00:00",
        "9999-12-31T00:00:00Z",
        "300001",
        "99991231",
        2958465,
        "9999",
        "2099-12-31",
        dt.date(9999, 12, 31),
        dt.datetime(9999, 12, 31),
    ],
)
def test_open_ends(written: object) -> None:
    assert parse_end_date(written) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-31T16:00:00Z", dt.date(2026, 4, 1)),
        ("2026-03-31T16:00:00.000+00:00", dt.date(2026, 4, 1)),
        ("2026-04-01 00:00:00+0800", dt.date(2026, 4, 1)),
        (dt.datetime(2026, 3, 31, 16, tzinfo=dt.UTC), dt.date(2026, 4, 1)),
        ("2026-03-31T15:59:59Z", dt.date(2026, 3, 31)),
    ],
)
def test_a_moment_is_the_day_it_is_in_china(written: object, day: dt.date) -> None:
    assert parse_date(written) == day


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "REQUIRED"),
        ("暂无", "REQUIRED"),
        ("1900-01-00", "DATE_PLACEHOLDER"),
        ("1900/1/0", "DATE_PLACEHOLDER"),
        ("1900-01-01", "DATE_PLACEHOLDER"),
        ("0000-00-00", "DATE_PLACEHOLDER"),
        (0, "DATE_PLACEHOLDER"),
        (1, "DATE_PLACEHOLDER"),
        (dt.datetime(1899, 12, 31), "DATE_PLACEHOLDER"),
        ("农历1950年正月初一", "DATE_LUNAR"),
        ("1950年腊月廿三", "DATE_LUNAR"),
        ("1950年3月初五", "DATE_LUNAR"),
        ("3000-01-01", "DATE_OUT_OF_RANGE"),
        ("1899-01-01", "DATE_OUT_OF_RANGE"),
        (9999999, "DATE_OUT_OF_RANGE"),
        ("1950", "DATE_INCOMPLETE"),
        (1950, "DATE_INCOMPLETE"),
        ("1950年", "DATE_INCOMPLETE"),
        ("2023-02-29", "DATE_UNREADABLE"),
        ("2023-13-01", "DATE_UNREADABLE"),
        ("20231301", "DATE_UNREADABLE"),
        ("2023-03-31 25:00Z", "DATE_UNREADABLE"),
        ("50/1/1", "DATE_UNREADABLE"),
        ("1/31/2023", "DATE_UNREADABLE"),
        ("2023-1/1", "DATE_UNREADABLE"),
        ("长期", "DATE_UNREADABLE"),
        ("2023-03-31至2024-03-31", "DATE_UNREADABLE"),
        ("昨天", "DATE_UNREADABLE"),
        (True, "DATE_UNREADABLE"),
        (["2023-03-31"], "DATE_UNREADABLE"),
        (float("nan"), "DATE_UNREADABLE"),
        (1e20, "DATE_UNREADABLE"),
        pytest.param(10**5000, "DATE_UNREADABLE", id="huge number"),
        pytest.param(" " * 10**6 + "Z", "DATE_UNREADABLE", id="huge text"),
        (-5, "DATE_UNREADABLE"),
    ],
)
def test_refusals(written: object, code: str) -> None:
    assert refusal(parse_date, written) == code


@pytest.mark.parametrize("written", ["2023-13", "202313", "2023年0月", "1950"])
def test_months_that_are_none(written: str) -> None:
    assert refusal(parse_month_end, written).startswith("DATE_")


def outcome(parse: Callable[[object], object], raw: object) -> object:
    try:
        return parse(raw)
    except Refused as refused:
        return refused.code


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.none()))
def test_anything_is_read_or_refused(raw: object) -> None:
    for parse in (parse_date, parse_month_start, parse_month_end, parse_end_date):
        found = outcome(parse, raw)
        if isinstance(found, str):
            assert found.startswith(("DATE_", "REQUIRED"))
        elif isinstance(found, dt.date):
            assert 1900 <= found.year <= 2098
        else:
            assert found is None
            assert parse is parse_end_date
