"""Whether a value meets a bound of a rule."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from hub.domain.norms.model import Bound
from hub.domain.vocabulary.norm import NormComparator

Told = Decimal | dt.date | str | Collection[str]
ORDERS: Final[Mapping[str, Sequence[str]]] = {
    "DEGREE": ("BELOW_COLLEGE", "COLLEGE", "BACHELOR", "MASTER_OR_ABOVE"),
    "GRADE": ("ASSISTANT", "SOCIAL_WORKER", "SENIOR"),
    "RESULT": ("UNQUALIFIED", "QUALIFIED", "EXCELLENT"),
    "RATING": ("GRADE_1A", "GRADE_2A", "GRADE_3A", "GRADE_4A", "GRADE_5A"),
    "LEVEL": ("CITY", "PROVINCE", "NATIONAL"),
}
"""Words that have an order, by the unit of their bounds, the lowest first."""

_ORDERED: Final[Mapping[NormComparator, Callable[[Any, Any], bool]]] = {
    NormComparator.AT_LEAST: operator.ge,
    NormComparator.MORE_THAN: operator.gt,
    NormComparator.AT_MOST: operator.le,
    NormComparator.LESS_THAN: operator.lt,
    NormComparator.EXACTLY: operator.eq,
    NormComparator.READS: operator.eq,
    NormComparator.CONTAINS: lambda told, value: value in told,
    NormComparator.ONE_OF: lambda told, values: told in values,
    NormComparator.ALL_OF: lambda told, values: set(values) <= set(told),
    NormComparator.WITHIN: lambda told, bounds: _within(told, bounds),
}


def met(bound: Bound, told: Told) -> bool | None:
    """None where the document gives no value, so that nobody can say.

    ``told``: of the form of the bound's value; of several that it must have all of, those there are.
    """
    if bound.value is None:
        return None
    if order := ORDERS.get(bound.unit or ""):
        return _ORDERED[bound.comparator](order.index(str(told)), order.index(str(bound.value)))
    return _ORDERED[bound.comparator](told, bound.value)


def _within(told: Any, bounds: Any) -> bool:
    """A division in a region; a day from the first to the last of two."""
    if isinstance(told, dt.date):
        first, last = map(dt.date.fromisoformat, bounds)
        return first <= told <= last
    return bool(told.startswith(bounds))


def years(first: dt.date, last: dt.date) -> Decimal:
    """From the first day to the last, both included: a whole number of years only from day to day."""
    after, count = last + dt.timedelta(days=1), last.year - first.year + 1
    while _anniversary(first, count) > after:
        count -= 1
    return count + Decimal((after - _anniversary(first, count)).days) / 366


def _anniversary(first: dt.date, count: int) -> dt.date:
    """Of a day that a year has not, the day after."""
    try:
        return first.replace(year=first.year + count)
    except ValueError:
        return dt.date(first.year + count, 3, 1)
