"""Every bound that is decided has its place on boards, and figures on them are exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import pytest

from hub.compliance.boards import ON, ON_NONE, Board, boards_of, expected, percent, remaining
from hub.compliance.duties import DUTIES, UNDATED, duty_of
from hub.compliance.evaluate import Verdict, decided
from hub.compliance.money import CATEGORIES
from hub.domain.norms import RULES, Bound
from hub.domain.vocabulary import NormComparator, NormSubject, VerdictStatus

DECIDED: Final = [*decided(RULES, set(NormSubject))]
QUANTITIES: Final = {each.bound.quantity for each in DECIDED}


def test_every_bound_is_on_a_board_or_meant_to_be_on_none() -> None:
    on, none = (
        {each for each in QUANTITIES if boards_of(each)},
        {each for each in QUANTITIES if each.startswith(ON_NONE)},
    )
    assert on | none == QUANTITIES, "neither on a board nor meant not to be"
    assert on & none == set()
    for prefix in (*ON_NONE, *(each for named in ON.values() for each in named)):
        assert any(each.startswith(prefix) for each in QUANTITIES), f"{prefix} is nothing"
    assert (len(on), len(none)) == (86, 29)


def test_every_report_has_a_sender() -> None:
    due = [each for each in DECIDED if Board.REPORTS in boards_of(each.bound.quantity)]
    told = {duty_of(each.rule.key, each.bound.quantity) for each in due}
    assert len(due) == 29
    assert told <= {*DUTIES.values()}
    used = {f"{each.rule.key} {each.bound.quantity}" for each in due} | {each.rule.key for each in due}
    assert {*DUTIES} <= used


def test_what_has_no_day_has_no_bound() -> None:
    undated = [rule for rule in RULES if rule.key in UNDATED]
    assert {rule.key for rule in undated} == {*UNDATED}
    assert [rule.key for rule in undated if rule.bounds] == []


def test_money_is_of_what_is_on_the_board() -> None:
    assert {*CATEGORIES} == {each for each in QUANTITIES if each.startswith(("budget.", "contract.amount"))}


AT_LEAST, MORE, MOST, LESS, EXACTLY = (
    NormComparator.AT_LEAST,
    NormComparator.MORE_THAN,
    NormComparator.AT_MOST,
    NormComparator.LESS_THAN,
    NormComparator.EXACTLY,
)
Figures = tuple[str | None, str | None, str | None]


def verdict(comparator: NormComparator, value: str | None, target: str | None, unit: str) -> Verdict:
    bound = Bound("x", comparator, unit=unit)
    last = dt.date(2026, 12, 31)
    return Verdict(1, RULES[0], bound, VerdictStatus.DUE, value, target, None, last, ())


CASES: Final[Sequence[tuple[NormComparator, str | None, str | None, str, Figures]]] = (
    # On 2 July half of the year is gone: 183 of 365 days.
    (AT_LEAST, "499", "500", "VISIT", ("1", "99.8", "251")),
    (AT_LEAST, "4999", "5000", "DOSSIER", ("1", "99.9", "2507")),
    (AT_LEAST, "500", "500", "VISIT", ("0", "100.0", "251")),
    (AT_LEAST, "0", "6", "SESSION", ("6", "0.0", "4")),
    (MORE, "50", "50", "PERSON", ("1", "98.0", "26")),
    (MORE, "51", "50", "PERSON", ("0", "100.0", "26")),
    (EXACTLY, "0", "1", "REPORT", ("1", "0.0", "1")),
    (MOST, "1", "2", "CASE", ("1", None, None)),
    (MOST, "3", "2", "CASE", ("0", None, None)),
    (LESS, "1", "2", "CASE", ("0", None, None)),
    (AT_LEAST, "0.015", "0.02", "SHARE", ("0.005", None, None)),
    (MORE, "0", "0", "CNY", ("0", None, "0")),
    (AT_LEAST, None, "6", "SESSION", (None, None, "4")),
    (AT_LEAST, "2", None, "REPORT", (None, None, None)),
    (EXACTLY, "2026-01-01", "2026-01-01", "DATE", (None, None, None)),
)


@pytest.mark.parametrize(("comparator", "value", "target", "unit", "figures"), CASES)
def test_figures(
    comparator: NormComparator, value: str | None, target: str | None, unit: str, figures: Figures
) -> None:
    each = verdict(comparator, value, target, unit)
    found = remaining(each), percent(each), expected(each, dt.date(2026, 1, 1), dt.date(2026, 7, 2))
    assert found == tuple(None if figure is None else Decimal(figure) for figure in figures)


def test_nothing_is_expected_before_its_time_or_without_one() -> None:
    each = verdict(AT_LEAST, "0", "500", "VISIT")
    assert expected(each, None, dt.date(2026, 7, 2)) is None
    assert expected(each, dt.date(2026, 7, 3), dt.date(2026, 7, 2)) is None
    assert expected(each, dt.date(2026, 1, 1), dt.date(2027, 7, 2)) == 500
