"""Which bound binds where several are in force: by what meets them, and never across what differs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.norms import DOCUMENTS, RULES, Bound, Rule, rules_of
from hub.domain.norms.strictness import Standing, relation_of, standings
from hub.domain.vocabulary.norm import (
    BoundRelation,
    BoundStanding,
    Force,
    NormComparator,
    NormPeriod,
    NormScope,
)

PROVINCE: Final = dataclasses.replace(
    next(r for r in RULES if r.document.code == "GX"), key="R900", force=Force.MUST, bounds=()
)
COUNTY: Final = dataclasses.replace(PROVINCE, key="R901", document=DOCUMENTS["QX"])
FLIPPED: Final = {
    BoundRelation.STRICTER: BoundRelation.LOOSER,
    BoundRelation.LOOSER: BoundRelation.STRICTER,
}
RELATIONS: Final = [
    ("AT_LEAST", "2", "AT_LEAST", "3", "LOOSER"),
    ("AT_LEAST", "2", "AT_LEAST", "2", "EQUAL"),
    ("MORE_THAN", "50", "AT_LEAST", "50", "STRICTER"),
    ("AT_MOST", "0.02", "AT_MOST", "0.03", "STRICTER"),
    ("LESS_THAN", "3", "AT_MOST", "3", "STRICTER"),
    ("EXACTLY", "3", "AT_LEAST", "2", "STRICTER"),
    ("EXACTLY", "1", "AT_LEAST", "2", "CONTRADICTS"),
    ("EXACTLY", "1", "EXACTLY", "2", "CONTRADICTS"),
    ("AT_LEAST", "2", "AT_MOST", "3", "TOGETHER"),
    ("AT_LEAST", "3", "AT_MOST", "3", "TOGETHER"),
    ("MORE_THAN", "3", "AT_MOST", "3", "CONTRADICTS"),
    ("MORE_THAN", "3", "LESS_THAN", "3", "CONTRADICTS"),
]


def number(comparator: str, value: str | None, **more: Any) -> Bound:
    return Bound("things", NormComparator(comparator), None if value is None else Decimal(value), **more)


def found(own: Bound, other: Bound, *, one_year: bool = False) -> BoundRelation:
    return relation_of((COUNTY, own), (PROVINCE, other), one_year=one_year)


@pytest.mark.parametrize(("comparator", "value", "than", "other", "relation"), RELATIONS)
def test_the_stricter_of_two_numbers(
    comparator: str, value: str, than: str, other: str, relation: str
) -> None:
    own, theirs, expected = number(comparator, value), number(than, other), BoundRelation(relation)
    assert found(own, theirs) is expected
    assert found(theirs, own) is FLIPPED.get(expected, expected)


def test_days_and_words_are_sets_too() -> None:
    early, late = (Bound("day", NormComparator.AT_MOST, dt.date(2021, n, 30)) for n in (9, 12))
    assert found(early, late) is BoundRelation.STRICTER
    methods = Bound("method", NormComparator.ONE_OF, ("OPEN_TENDER", "INQUIRY"))
    tender = Bound("method", NormComparator.ONE_OF, ("OPEN_TENDER",))
    assert found(tender, methods) is BoundRelation.STRICTER
    assert found(Bound("method", NormComparator.READS, "SINGLE"), methods) is BoundRelation.CONTRADICTS
    few, many = (Bound("parts", NormComparator.ALL_OF, words) for words in (("A",), ("A", "B")))
    assert found(few, many) is BoundRelation.LOOSER
    assert found(few, Bound("parts", NormComparator.CONTAINS, "B")) is BoundRelation.TOGETHER
    college, bachelor = (
        Bound("education", NormComparator.AT_LEAST, word, "DEGREE") for word in ("COLLEGE", "BACHELOR")
    )
    assert found(college, college) is BoundRelation.EQUAL
    assert found(bachelor, college) is BoundRelation.STRICTER
    loud, louder = (Bound("voice", NormComparator.AT_LEAST, word, "NOISE") for word in ("LOUD", "LOUDER"))
    assert found(loud, loud) is BoundRelation.EQUAL
    assert found(loud, louder) is BoundRelation.NO_ORDER


@pytest.mark.parametrize(
    ("own", "relation"),
    [
        ({"base": "EXPENDITURE"}, "OTHER_BASE"),
        ({"when": "PILOT_TOWN"}, "OTHER_CASE"),
        ({"unit": "HOUR"}, "OTHER_UNIT"),
        ({"period": NormPeriod.MONTH}, "OTHER_PERIOD"),
    ],
)
def test_what_is_counted_otherwise_is_not_compared(own: Mapping[str, Any], relation: str) -> None:
    assert found(number("AT_MOST", "2", **own), number("AT_MOST", "3")) is BoundRelation(relation)
    assert found(number("AT_MOST", "3"), number("AT_MOST", "2", **own)) is BoundRelation(relation)


def test_a_year_and_a_project_of_a_year_are_one_period() -> None:
    yearly = number("AT_LEAST", "6", period=NormPeriod.YEAR)
    project = number("AT_LEAST", "5", period=NormPeriod.PROJECT)
    assert found(yearly, project) is BoundRelation.OTHER_PERIOD
    assert found(yearly, project, one_year=True) is BoundRelation.STRICTER
    monthly = number("AT_LEAST", "1", period=NormPeriod.MONTH)
    assert found(monthly, project, one_year=True) is BoundRelation.OTHER_PERIOD


def test_no_value_is_no_number() -> None:
    assert found(number("AT_LEAST", None), number("AT_LEAST", "1")) is BoundRelation.NO_VALUE


def test_what_is_only_a_principle_does_not_replace_what_must_be() -> None:
    soft = dataclasses.replace(COUNTY, force=Force.PRIN)
    three, two = number("AT_LEAST", "3"), number("AT_LEAST", "2")
    assert relation_of((soft, three), (PROVINCE, two)) is BoundRelation.OTHER_FORCE
    assert relation_of((PROVINCE, two), (soft, three)) is BoundRelation.OTHER_FORCE
    assert relation_of((soft, two), (PROVINCE, three)) is BoundRelation.LOOSER


def placed(own: Bound, other: Bound, **rule: Any) -> tuple[Standing, Standing]:
    county = dataclasses.replace(COUNTY, bounds=(own,), **rule)
    ((upper,), (lower,)) = standings([dataclasses.replace(PROVINCE, bounds=(other,)), county])
    return lower, upper


def test_a_district_is_bound_by_the_stricter_bound_and_shown_both() -> None:
    """Whichever of the two it is that is stricter."""
    lower, upper = placed(number("AT_LEAST", "3"), number("AT_LEAST", "2"))
    assert (lower.standing, upper.standing) == (BoundStanding.BINDS, BoundStanding.YIELDS)
    assert [(c.rule.key, c.bound.value) for c in upper.compared] == [("R901", Decimal(3))]
    lower, upper = placed(number("AT_LEAST", "1"), number("AT_LEAST", "2"))
    assert (lower.standing, upper.standing) == (BoundStanding.YIELDS, BoundStanding.BINDS)
    assert [(c.rule.key, c.bound.value) for c in lower.compared] == [("R900", Decimal(2))]


def test_bounds_that_cannot_be_compared_both_stand() -> None:
    both = placed(number("AT_LEAST", "6"), number("AT_LEAST", "2"), scope=NormScope.PROJECT)
    assert {each.standing for each in both} == {BoundStanding.BESIDE}
    assert {c.relation for each in both for c in each.compared} == {BoundRelation.OTHER_SCOPE}


def test_what_is_asked_of_somebody_else_is_no_other_bound() -> None:
    both = placed(number("AT_LEAST", "6"), number("AT_LEAST", "2"), subject="COUNTY")
    assert {each.standing for each in both} == {BoundStanding.ALONE}


def in_force(code: str, on: dt.date) -> dict[tuple[str, str], list[tuple[BoundStanding, Rule]]]:
    rules = rules_of(code, on)
    return {
        (rule.key, each.bound.quantity): [(each.standing, c.rule) for c in each.compared]
        for rule, bounds in zip(rules, standings(rules), strict=True)
        for each in bounds
        if each.compared
    }


def test_of_the_rules_of_qixing_one_yields() -> None:
    """R55 binds and R56 yields (A1); what is asked for children and for the elderly stands side by side."""
    told = in_force("450305001000", dt.date(2026, 6, 1))
    assert {key: standing for key, [(standing, _)] in told.items()} == {
        ("R55", "training.child_workers"): BoundStanding.BINDS,
        ("R56", "training.child_workers"): BoundStanding.YIELDS,
        ("R151", "dossier.count"): BoundStanding.BESIDE,
        ("R164", "dossier.count"): BoundStanding.BESIDE,
        ("R158", "visit.records"): BoundStanding.BESIDE,
        ("R165", "visit.records"): BoundStanding.BESIDE,
    }
    assert in_force("640104001000", dt.date(2026, 6, 1)) == {}


BOUNDS: Final = st.builds(
    Bound,
    st.just("things"),
    st.sampled_from(
        [NormComparator(each) for each in ("AT_LEAST", "MORE_THAN", "AT_MOST", "LESS_THAN", "EXACTLY")]
    ),
    st.integers(0, 4).map(Decimal),
)


def meets(value: Decimal, bound: Bound) -> bool:
    limit = bound.value
    assert isinstance(limit, Decimal)
    return {
        NormComparator.AT_LEAST: value >= limit,
        NormComparator.MORE_THAN: value > limit,
        NormComparator.AT_MOST: value <= limit,
        NormComparator.LESS_THAN: value < limit,
        NormComparator.EXACTLY: value == limit,
    }[bound.comparator]


@given(BOUNDS, BOUNDS)
def test_a_relation_says_what_trying_values_says(own: Bound, other: Bound) -> None:
    values = [Decimal(n) / 2 for n in range(-2, 12)]
    first, second = ({v for v in values if meets(v, bound)} for bound in (own, other))
    if first == second:
        expected = BoundRelation.EQUAL
    elif first < second:
        expected = BoundRelation.STRICTER
    elif first > second:
        expected = BoundRelation.LOOSER
    else:
        expected = BoundRelation.TOGETHER if first & second else BoundRelation.CONTRADICTS
    assert found(own, other) is expected
