"""The rules as data: every one is there, quotes its document, and invents nothing."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

import pytest

from hub.domain.norms import AMBIGUITIES, DOCUMENTS, RULES, Bound, Rule, rules_of, source_text
from hub.domain.norms.met import ORDERS
from hub.domain.vocabulary import CredentialKind, Education, MediaLevel, OrganizationGrade, Rating
from hub.domain.vocabulary.norm import Force, NormComparator
from hub.domain.vocabulary.term import Term

GIVEN = [(rule, bound) for rule in RULES for bound in rule.bounds if isinstance(bound.value, Decimal)]
WORDS = {
    **dict.fromkeys(("一", "每周", "每月", "月度", "每年", "每半年", "中期", "中、终期", "末期"), 1),
    **dict.fromkeys(("全", "逐项", "设置", "多种形式"), 1),
    "两": 2,
    "三": 3,
}
"""Words that say a number: one a month, all of them, at least one of several forms."""


def named(rule: Rule) -> str:
    return f"{rule.key}-{rule.document.code}"


def test_every_rule_and_every_ambiguity_is_there() -> None:
    assert {rule.key for rule in RULES} == {f"R{number}" for number in range(1, 223)}
    assert len({named(rule) for rule in RULES}) == len(RULES)
    assert set(AMBIGUITIES) == {f"A{number}" for number in range(1, 28)}
    assert {key for rule in RULES for key in rule.ambiguities} <= AMBIGUITIES.keys()


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_quotes_its_document_word_for_word(rule: Rule) -> None:
    assert rule.quotes
    for quote in rule.quotes:
        assert quote in source_text(rule.document.code)


@pytest.mark.parametrize(
    ("rule", "bound"), GIVEN, ids=lambda each: named(each) if isinstance(each, Rule) else ""
)
def test_a_number_stands_in_the_quote(rule: Rule, bound: Bound) -> None:
    """No number is invented: it is written there, or as a word for it (一年, 每周, 全覆盖)."""
    said = unicodedata.normalize("NFKC", "".join(rule.quotes)).replace(" ", "").replace("\n", "")
    value = bound.value
    assert isinstance(value, Decimal)
    shown = {f"{value.normalize():f}", f"{value:f}"}
    if bound.unit == "SHARE":
        shown |= {f"{(value * 100).normalize():f}%"}
    if value >= 10_000:
        shown |= {f"{(value / 10_000).normalize():f}万"}
    numbers = set(re.findall(r"[0-9.]+[%万]?", said)) | {
        n.rstrip("%万") for n in re.findall(r"[0-9.]+[%万]?", said)
    }
    words = {Decimal(number) for word, number in WORDS.items() if word in said}
    if rule.key == "R108":
        shares = [b.value for r, b in GIVEN if r.key in ("R104", "R105", "R106", "R107")]
        words = {sum((share for share in shares if isinstance(share, Decimal)), Decimal(0))}
    assert shown & numbers or value in words or value == 0, (rule.key, bound.quantity)


def test_what_no_document_numbers_has_no_number() -> None:
    open_ones = {rule.key for rule in RULES for bound in rule.bounds if bound.value is None}
    assert open_ones == {"R101", "R129", "R132", "R177", "R181"}, "A7 and A8"


def test_strict_and_inclusive_bounds_are_kept_apart() -> None:
    strict = {rule.key for rule, bound in GIVEN if bound.comparator is NormComparator.MORE_THAN}
    assert strict == {"R114", "R205", "R206", "R207", "R208"}
    assert {b.value for r, b in GIVEN if r.key == "R39"} == {Decimal(45)}
    assert next(b.comparator for r, b in GIVEN if r.key == "R39") is NormComparator.AT_MOST


@pytest.mark.parametrize(
    ("unit", "terms"),
    [
        ("DEGREE", Education),
        ("GRADE", CredentialKind),
        ("RESULT", Rating),
        ("RATING", OrganizationGrade),
        ("LEVEL", MediaLevel),
    ],
)
def test_words_that_have_an_order_are_codes_of_the_hub(unit: str, terms: type[Term]) -> None:
    assert set(ORDERS[unit]) <= {term.value for term in terms}
    assert {bound.value for rule in RULES for bound in rule.bounds if bound.unit == unit} <= set(ORDERS[unit])


def test_a_district_inherits_from_its_region_and_no_longer_than_a_document_lasts() -> None:
    qixing = {rule.document.code for rule in rules_of("450305001000", dt.date(2026, 6, 1))}
    assert qixing == {"GX", "QX"}
    assert {r.document.code for r in rules_of("450305001000", dt.date(2025, 6, 1))} == {"GX"}
    assert {r.document.code for r in rules_of("350582101000", dt.date(2024, 6, 1))} == {"JJ"}
    assert not rules_of("350582101000", dt.date(2025, 1, 1))
    assert {r.document.code for r in rules_of("350203001000", dt.date(2025, 6, 1))} == {"XM"}
    assert {r.document.code for r in rules_of("640104001000", dt.date(2026, 6, 1))} == {"NX"}
    assert not rules_of("110101001000", dt.date(2026, 6, 1))


def test_documents_and_forces() -> None:
    assert {code: len([r for r in RULES if r.document.code == code]) for code in DOCUMENTS} == {
        "GX": 58,
        "XM": 29,
        "JJ": 41,
        "NX": 41,
        "QX": 57,
    }
    assert {rule.force for rule in RULES} == set(Force)
