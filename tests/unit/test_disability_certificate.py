"""残疾人证号 = identity number + category + grade."""

import datetime as dt

import pytest

from hub.domain.disability_certificate import (
    CATEGORIES,
    make_disability_certificate,
    parse_disability_certificate,
)
from hub.domain.refusal import Refused
from hub.domain.vocabulary import DisabilityCategory

TODAY = dt.date(2026, 11, 22)
BORN = dt.date(1950, 1, 1)
VALID = make_disability_certificate("459999", BORN, 8, "4", 2)


def test_the_parts() -> None:
    read = parse_disability_certificate(f" '{VALID}", today=TODAY)
    assert (read.number, read.category, read.grade, read.reissue) == (VALID, "4", 2, 0)
    assert (read.id_number.birth_on, read.id_number.sex) == (BORN, "FEMALE")


def test_the_suffix_of_a_replacement_card() -> None:
    read = parse_disability_certificate(VALID + "b2", today=TODAY)
    assert (read.number, read.grade, read.reissue) == (VALID + "B2", 2, 2)


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_category_has_a_word(category: str) -> None:
    assert DisabilityCategory.parse(category) is not None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "REQUIRED"),
        ("无", "REQUIRED"),
        (VALID[:-1], "CERTIFICATE_LENGTH"),
        (VALID + "C1", "CERTIFICATE_LENGTH"),
        (VALID[:18] + "82", "CERTIFICATE_CATEGORY"),
        (VALID[:18] + "02", "CERTIFICATE_CATEGORY"),
        (VALID[:18] + "45", "CERTIFICATE_GRADE"),
        (VALID[:18] + "4一", "CERTIFICATE_GRADE"),
        ("1" + VALID[1:], "ID_CHECKSUM"),
        (4.59999195001010e19, "ID_LOST_DIGITS"),
    ],
)
def test_refusals(written: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_disability_certificate(written, today=TODAY)
    assert refused.value.code == code
