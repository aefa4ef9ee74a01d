"""Whether a value meets a bound: strict and inclusive are apart, and without a number nothing is decided."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from hub.domain.norms import RULES, Bound
from hub.domain.norms.met import Told, met, years
from hub.domain.norms.model import Value
from hub.domain.vocabulary.norm import NormComparator

C = NormComparator
FIFTY = Decimal(50)


@pytest.mark.parametrize(
    ("comparator", "value", "told", "expected"),
    [
        (C.MORE_THAN, FIFTY, Decimal(50), False),
        (C.MORE_THAN, FIFTY, Decimal(51), True),
        (C.AT_LEAST, FIFTY, Decimal(50), True),
        (C.AT_LEAST, FIFTY, Decimal(49), False),
        (C.AT_MOST, FIFTY, Decimal(50), True),
        (C.LESS_THAN, FIFTY, Decimal(50), False),
        (C.EXACTLY, Decimal(1), Decimal("1.01"), False),
        (C.LESS_THAN, dt.date(2025, 4, 10), dt.date(2025, 4, 9), True),
        (C.ONE_OF, ("OPEN_TENDER",), "INQUIRY", False),
        (C.ALL_OF, ("A", "B"), {"A", "B", "C"}, True),
        (C.ALL_OF, ("A", "B"), {"A"}, False),
        (C.CONTAINS, "社会工作", "社会工作服务", True),
        (C.CONTAINS, "社会工作", "养老服务", False),
        (C.WITHIN, "450305", "450305001000", True),
        (C.WITHIN, "450305", "450304001000", False),
        (C.WITHIN, ("2025-07-01", "2025-09-30"), dt.date(2025, 7, 1), True),
        (C.WITHIN, ("2025-07-01", "2025-09-30"), dt.date(2025, 10, 1), False),
        (C.READS, "民政服务站", "社工站", False),
        (C.AT_LEAST, None, Decimal(1), None),
    ],
)
def test_a_value_and_a_bound(
    comparator: NormComparator, value: Value | None, told: Told, expected: bool | None
) -> None:
    assert met(Bound("q", comparator, value), told) is expected


def test_results_are_ordered_from_the_worst_to_the_best() -> None:
    (bound,) = next(rule for rule in RULES if rule.key == "R88").bounds
    assert [met(bound, each) for each in ("UNQUALIFIED", "QUALIFIED", "EXCELLENT")] == [False, True, True]


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("2026-07-01", "2027-06-30", 1),
        ("2024-02-29", "2025-02-28", 1),
        ("2024-03-01", "2025-02-28", 1),
        ("2026-01-01", "2028-12-31", 3),
    ],
)
def test_whole_years_are_from_day_to_day(first: str, last: str, whole: int) -> None:
    begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert years(begins, ends) == whole
    day = dt.timedelta(days=1)
    assert whole - 1 < years(begins, ends - day) < whole < years(begins, ends + day) < whole + 1
