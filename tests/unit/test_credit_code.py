"""统一社会信用代码: both check characters, and every registering department."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.credit_code import (
    ALPHABET,
    CreditCode,
    make_credit_code,
    organisation_check_character,
    parse_credit_code,
)
from hub.domain.credit_code import check_character as outer
from hub.domain.refusal import Refused

KNOWN = "91110000600037341L"

codes = st.builds(
    make_credit_code,
    st.sampled_from("159ANY"),
    st.sampled_from("1239"),
    st.just("459999"),
    st.text(ALPHABET, min_size=8, max_size=8),
)


def refusal(raw: object) -> str:
    with pytest.raises(Refused) as refused:
        parse_credit_code(raw)
    return refused.value.code


@pytest.mark.parametrize(
    "written", [KNOWN, KNOWN.lower(), " 9111 0000 6000 3734 1L", "９1110000600037341Ｌ", f"'{KNOWN}"]
)
def test_a_published_code(written: str) -> None:
    assert parse_credit_code(written) == CreditCode(KNOWN, "9", "1", "110000", "600037341")


@given(codes)
def test_made_codes_are_read_back(code: str) -> None:
    assert parse_credit_code(code).code == code


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(code: str, place: int, character: str) -> None:
    wrong = code[:place] + character + code[place + 1 :]
    if wrong != code:
        assert refusal(wrong).startswith("CREDIT_CODE_")


@given(codes, st.integers(0, 16))
def test_every_swap_of_neighbours_is_caught(code: str, place: int) -> None:
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if wrong != code:
        assert refusal(wrong).startswith("CREDIT_CODE_")


def test_the_inner_organisation_code_has_its_own_check() -> None:
    body = "60003734"
    wrong = next(d for d in "0123456789X" if d != organisation_check_character(body))
    code = f"91110000{body}{wrong}"
    assert refusal(code + outer(code)) == "CREDIT_CODE_ORGANISATION"


def test_the_check_of_an_organisation_code_may_be_x() -> None:
    assert "X" in {organisation_check_character(f"0000000{d}") for d in "0123456789"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "REQUIRED"),
        ("暂无", "REQUIRED"),
        (KNOWN[:-1], "CREDIT_CODE_LENGTH"),
        (12345, "CREDIT_CODE_LENGTH"),
        (KNOWN[:16] + "IL", "CREDIT_CODE_FORM"),
        ("9111000A600037341L", "CREDIT_CODE_FORM"),
        ("B" + KNOWN[1:], "CREDIT_CODE_DEPARTMENT"),
        (KNOWN[:-1] + "M", "CREDIT_CODE_CHECKSUM"),
        (911100006000373414, "CREDIT_CODE_LOST_DIGITS"),
        ("9.111E+17", "CREDIT_CODE_LOST_DIGITS"),
        ("911100006000373000", "CREDIT_CODE_LOST_DIGITS"),
    ],
)
def test_refusals(written: object, code: str) -> None:
    assert refusal(written) == code


def test_only_valid_codes_can_be_made() -> None:
    with pytest.raises(Refused):
        make_credit_code("B", "1", "459999", "MA000001")
