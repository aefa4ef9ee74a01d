"""Amounts in figures and in capitals."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.domain.money import LIMIT, agree, parse_money, to_capital
from hub.domain.refusal import Refused

amounts = st.decimals(0, LIMIT - 1, places=2)


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("1,234.50元", "1234.50"),
        ("￥345000.00", "345000"),
        ("人民币：345000元整", "345000"),
        ("34.5万元", "345000"),
        ("34.5万", "345000"),
        ("2亿", "200000000"),
        ("100分", "1"),
        ("１，２００．００", "1200"),
        (" 5 000.00", "5000"),
        ("0", "0"),
        (1234.5, "1234.50"),
        (0.1 + 0.2, "0.30"),
        (345000, "345000"),
        (Decimal("12.30"), "12.30"),
        ("叁拾肆万伍仟元整", "345000"),
        ("人民币（大写）：叁拾肆万伍仟圆正", "345000"),
        ("壹仟贰佰元伍角", "1200.50"),
        ("三十四万五千元整", "345000"),
        ("贰拾元零伍分", "20.05"),
        ("叁拾肆万伍仟零佰零拾零元零角零分", "345000"),
        ("拾万元整", "100000"),
        ("壹亿零伍万元整", "100050000"),
        ("零元整", "0"),
        ("伍分", "0.05"),
    ],
)
def test_readings(written: object, yuan: str) -> None:
    assert parse_money(written) == Decimal(yuan)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "REQUIRED"),
        ("无", "REQUIRED"),
        ("34****元", "MONEY_MASKED"),
        ("34XX00", "MONEY_MASKED"),
        ("叁拾×万元", "MONEY_MASKED"),
        ("12.345元", "MONEY_PRECISION"),
        (12.345, "MONEY_PRECISION"),
        (-5, "MONEY_OUT_OF_RANGE"),
        ("-5元", "MONEY_OUT_OF_RANGE"),
        (10**12, "MONEY_OUT_OF_RANGE"),
        pytest.param(10**5000, "MONEY_OUT_OF_RANGE", id="huge number"),
        pytest.param("9" * 5000, "MONEY_OUT_OF_RANGE", id="many digits"),
        pytest.param("9" * 40_000, "TEXT_TOO_LONG", id="huge text"),
        (Decimal("NaN"), "MONEY_UNREADABLE"),
        (float("nan"), "MONEY_UNREADABLE"),
        (True, "MONEY_UNREADABLE"),
        ([1], "MONEY_UNREADABLE"),
        ("345,00.00", "MONEY_UNREADABLE"),
        ("1.234,50", "MONEY_UNREADABLE"),
        ("3.45E+05", "MONEY_UNREADABLE"),
        ("约5元", "MONEY_UNREADABLE"),
        ("650元/月", "MONEY_UNREADABLE"),
        ("元整", "MONEY_UNREADABLE"),
        ("万元整", "MONEY_UNREADABLE"),
        ("壹亿贰亿元整", "MONEY_UNREADABLE"),
        ("玖拾玖佰元整", "MONEY_UNREADABLE"),
    ],
)
def test_refusals(written: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_money(written)
    assert refused.value.code == code


@pytest.mark.parametrize("written", ["壹仟伍元整", "叁万伍元整", "叁仟伍万元整", "壹亿伍万元"])
def test_a_digit_that_two_people_read_differently_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_money(written)
    assert refused.value.code == "MONEY_UNREADABLE"


def test_the_unit_of_a_column_counts_where_the_cell_names_none() -> None:
    assert parse_money("34.5", unit="万元") == parse_money("345000元", unit="万元") == 345000
    assert parse_money(3450, unit="分") == Decimal("34.50")


@pytest.mark.parametrize(
    ("amount", "capital"),
    [
        ("345000", "叁拾肆万伍仟元整"),
        ("1200.5", "壹仟贰佰元伍角"),
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("100050000", "壹亿零伍万元整"),
        ("20000001", "贰仟万零壹元整"),
        ("10010", "壹万零壹拾元整"),
        ("0.05", "伍分"),
        ("0", "零元整"),
    ],
)
def test_capitals_as_the_rules_write_them(amount: str, capital: str) -> None:
    assert to_capital(Decimal(amount)) == capital


@given(amounts)
@example(Decimal("1000100010.01"))
@example(Decimal("100000000"))
@example(Decimal("999999999999.99"))
def test_capitals_are_read_back(amount: Decimal) -> None:
    assert parse_money(to_capital(amount)) == amount


@given(amounts)
def test_figures_are_read_back(amount: Decimal) -> None:
    assert parse_money(f"￥{amount:,.2f}元") == amount
    assert repr(parse_money(f"{amount:.2f}")) == repr(parse_money(f"￥{amount:.2f}"))


@given(amounts, amounts)
def test_agreement_is_equality(one: Decimal, other: Decimal) -> None:
    assert agree(f"{one:.2f}", to_capital(other)) is (one == other)


@pytest.mark.parametrize("amount", ["-1", "1e12", "0.001"])
def test_amounts_without_capitals(amount: str) -> None:
    with pytest.raises(Refused):
        to_capital(Decimal(amount))
