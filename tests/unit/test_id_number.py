"""公民身份号码: every slip of the pen that the check character can catch is caught."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.id_number import (
    IdNumber,
    check_character,
    make_id_number,
    parse_id_number,
    plain_numbers,
)
from hub.domain.refusal import REFUSALS, Refused

TODAY = dt.date(2026, 11, 22)
VALID = make_id_number("459999", dt.date(1950, 1, 1), 12)
WITH_X = "45999919500101008X"

numbers = st.builds(
    make_id_number, st.just("459999"), st.dates(dt.date(1900, 1, 1), TODAY), st.integers(0, 999)
)


def read(raw: object) -> IdNumber:
    return parse_id_number(raw, today=TODAY)


def refusal(raw: object) -> str:
    with pytest.raises(Refused) as refused:
        read(raw)
    return refused.value.code


@given(numbers)
def test_the_formula_of_iso_7064(number: str) -> None:
    """MOD 11-2: the characters, X being 10, weighted by falling powers of 2, sum to 1 modulo 11."""
    values = [10 if c == "X" else int(c) for c in number]
    assert sum(v * 2 ** (17 - i) for i, v in enumerate(values)) % 11 == 1


@given(st.dates(dt.date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_made_numbers_are_read_back(born: dt.date, sequence: int) -> None:
    number = make_id_number("459999", born, sequence)
    found = read(number)
    assert (found.number, found.birth_on, found.region_code) == (
        number,
        born,
        "459999",
    )
    assert found.sex == ("MALE" if sequence % 2 else "FEMALE")


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_caught(number: str, place: int, character: str) -> None:
    wrong = number[:place] + character + number[place + 1 :]
    if wrong != number:
        assert refusal(wrong) in {"ID_CHECKSUM", "ID_FORM", "ID_LOST_DIGITS"}


@given(numbers, st.integers(0, 16))
def test_every_swap_of_neighbours_is_caught(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        assert refusal(wrong) in {"ID_CHECKSUM", "ID_FORM", "ID_LOST_DIGITS"}


@given(numbers, st.integers(0, 16), st.sampled_from("OoIl"))
def test_letters_that_look_like_digits_are_reported_not_guessed(number: str, place: int, letter: str) -> None:
    assert refusal(number[:place] + letter + number[place + 1 :]) == "ID_LOOKALIKE"


@pytest.mark.parametrize(
    "written",
    [
        WITH_X,
        WITH_X.lower(),
        WITH_X[:-1] + "Ｘ",
        WITH_X[:-1] + "\u0425",
        WITH_X[:-1] + "\u0445",
        WITH_X[:-1] + "\u03a7",
        WITH_X[:-1] + "\u03c7",
        "'" + WITH_X,
        " 459999 19500101 008X\u3000",
        "\u200b" + WITH_X + "\ufeff",
        "４５９９９９１９５００１０１００８Ｘ",
    ],
)
def test_harmless_dress_is_taken_off(written: str) -> None:
    assert read(written).number == WITH_X


@pytest.mark.parametrize("written", ["459999500101123", 459999500101123, 459999500101123.0])
def test_fifteen_digits_are_upgraded(written: object) -> None:
    born = dt.date(1950, 1, 1)
    assert read(written) == IdNumber("459999195001011234", born, "MALE", "459999")


@pytest.mark.parametrize(
    "written",
    [
        WITH_X[:-1],
        "4.59999E+17",
        "4.59999195001011E+17",
        "4E17",
        4.59999195001010e17,
        int(VALID),
        "459999195001010000",
        float("inf"),
    ],
)
def test_lost_digits_cannot_be_brought_back(written: object) -> None:
    assert refusal(written) == "ID_LOST_DIGITS"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "REQUIRED"),
        ("", "REQUIRED"),
        ("无", "REQUIRED"),
        ("身份证", "ID_LENGTH"),
        (VALID + "1", "ID_LENGTH"),
        (12345, "ID_LENGTH"),
        (VALID[:17] + "Y", "ID_FORM"),
        (True, "ID_FORM"),
        (dt.date(1950, 1, 1), "ID_FORM"),
        ("459999********0127", "ID_MASKED"),
        ("459999XXXXXXXX0127", "ID_MASKED"),
        (make_id_number("459999", TODAY + dt.timedelta(days=1), 1), "ID_BIRTH_DATE"),
        (make_id_number("459999", dt.date(1895, 12, 31), 1), "ID_BIRTH_DATE"),
        ("459999500230123", "ID_BIRTH_DATE"),
        ("45999919501301" + "001" + check_character("45999919501301001"), "ID_BIRTH_DATE"),
    ],
)
def test_refusals(written: object, code: str) -> None:
    assert refusal(written) == code


def sentence(raw: object) -> str:
    try:
        return read(raw).number
    except Refused as refused:
        return str(refused)


@given(numbers, st.integers(0, 17), st.characters(codec="gb18030"))
def test_a_refusal_never_repeats_the_number(number: str, place: int, character: str) -> None:
    found = sentence(number[:place] + character + number[place + 1 :])
    assert found == number or found in {f"{code}: {words.en}" for code, words in REFUSALS.items()}


@pytest.mark.parametrize("born", [dt.date(1925, 6, 1), dt.date(1950, 1, 1), TODAY])
def test_the_old_and_the_new_born_are_people_too(born: dt.date) -> None:
    """A check of the county code against the birth year would refuse nearly all of the elderly."""
    assert read(make_id_number("459999", born, 1)).birth_on == born


@pytest.mark.parametrize(
    ("region", "sequence"), [("45999", 1), ("45999a", 1), ("459999", 1000), ("459999", -1)]
)
def test_what_cannot_be_made(region: str, sequence: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        make_id_number(region, dt.date(1950, 1, 1), sequence)


def test_many_at_once_are_read_as_one_by_one() -> None:
    """Of numbers that are right, or wrong in one place, the quick way says the same as the careful one."""
    chance, today = random.Random(5), dt.date(2026, 6, 15)
    texts = [
        "",
        "1",
        "４59999195003070019",
        "45999919500307001x",
        " 459999195003070019",
        "459999195003070019 ",
    ]
    for _ in range(3_000):
        born = dt.date(1890, 1, 1) + dt.timedelta(days=chance.randrange(52_000))
        number = make_id_number("459999", born, chance.randrange(1000))
        texts.append(number)
        place = chance.randrange(18)
        texts.append(number[:place] + chance.choice("0123456789X") + number[place + 1 :])
        wrong = (
            f"{number[:6]}{chance.randrange(1800, 2100)}{chance.randrange(14):02}{chance.randrange(33):02}001"
        )
        texts.append(wrong + check_character(wrong))

    def careful(text: str) -> bool:
        try:
            return parse_id_number(text, today=today).number == text
        except Refused:
            return False

    assert plain_numbers(texts, today=today) == [careful(text) for text in texts]
    assert plain_numbers([], today=today) == []
