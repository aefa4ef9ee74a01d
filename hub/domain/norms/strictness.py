"""Which of two bounds is the stricter one: it binds, and the other yields, as a district inherits.

A bound is the set of what meets it. One is stricter where its set lies within that of the other: exactly 5
within at least 2, more than 50 within at least 50, two methods of purchase within six. They are compared only
where the same is counted, over one scope, period and base, in the same unit, for the same case; otherwise
both stand. A stricter bound that is less binding (原则上, 鼓励) does not take the place of what must be.

Of words those are measured that have an order (``met.ORDERS``); others are equal or cannot be compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hub.domain.norms.met import ORDERS
from hub.domain.norms.model import Bound, Rule
from hub.domain.vocabulary.norm import BoundRelation, BoundStanding, Force, NormComparator, NormPeriod

_BINDING: Final = {Force.FACT: 3, Force.MUST: 3, Force.PRIN: 2, Force.ENC: 1, Force.MAY: 0}
_YEARS: Final = frozenset(
    {NormPeriod.YEAR, NormPeriod.CONTRACT_YEAR, NormPeriod.CONTRACT, NormPeriod.PROJECT}
)
"""One and the same where a contract lasts a year (A26)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A bound that limits the same, whose it is, and how the one it is told of is to it."""

    rule: Rule
    bound: Bound
    relation: BoundRelation


@dataclass(frozen=True, slots=True)
class Standing:
    """A bound among all that are in force."""

    bound: Bound
    standing: BoundStanding
    compared: Sequence[Compared]


def standings(rules: Sequence[Rule]) -> Sequence[Sequence[Standing]]:
    """Of each of the rules that are in force together, its bounds."""
    one_year = any(_lasts_a_year(bound) for rule in rules for bound in rule.bounds)
    return [[_standing(rule, bound, rules, one_year) for bound in rule.bounds] for rule in rules]


def relation_of(a: tuple[Rule, Bound], b: tuple[Rule, Bound], *, one_year: bool = False) -> BoundRelation:
    """How ``a`` is to ``b``, of one quantity and subject. ``one_year``: contracts there last a year."""
    (rule, bound), (other_rule, other) = a, b
    if rule.scope is not other_rule.scope:
        return BoundRelation.OTHER_SCOPE
    if bound.when != other.when:
        return BoundRelation.OTHER_CASE
    if bound.base != other.base:
        return BoundRelation.OTHER_BASE
    if bound.unit != other.unit:
        return BoundRelation.OTHER_UNIT
    if not _same_period(bound.period, other.period, one_year):
        return BoundRelation.OTHER_PERIOD
    if bound.value is None or other.value is None:
        return BoundRelation.NO_VALUE
    found = _by_what_meets_them(bound, other)
    surplus = _BINDING[rule.force] - _BINDING[other_rule.force]
    less_binding = (found is BoundRelation.STRICTER and surplus < 0) or (
        found is BoundRelation.LOOSER and surplus > 0
    )
    return BoundRelation.OTHER_FORCE if less_binding else found


def _standing(rule: Rule, bound: Bound, rules: Sequence[Rule], one_year: bool) -> Standing:
    compared = [
        Compared(other, theirs, relation_of((rule, bound), (other, theirs), one_year=one_year))
        for other in rules
        if other is not rule and other.subject is rule.subject
        for theirs in other.bounds
        if theirs.quantity == bound.quantity
    ]
    found = {each.relation for each in compared}
    if BoundRelation.LOOSER in found:
        standing = BoundStanding.YIELDS
    elif found & {BoundRelation.STRICTER, BoundRelation.EQUAL}:
        standing = BoundStanding.BINDS
    else:
        standing = BoundStanding.BESIDE if found else BoundStanding.ALONE
    return Standing(bound, standing, tuple(compared))


def _lasts_a_year(bound: Bound) -> bool:
    return (bound.quantity, bound.comparator, bound.value, bound.unit, bound.when) == (
        "contract.length",
        NormComparator.EXACTLY,
        Decimal(1),
        "YEAR",
        None,
    )


def _same_period(a: NormPeriod | None, b: NormPeriod | None, one_year: bool) -> bool:
    return a is b or (one_year and a in _YEARS and b in _YEARS)


# --- sets --------------------------------------------------------------------------------------

Point = tuple[Any, int]
"""A number or a day, and a step below (-1) or above it (1)."""


class _Range(NamedTuple):
    """From ``low`` to ``high``, both within; None for no end."""

    low: Point | None
    high: Point | None

    def within(self, other: _Range) -> bool:
        low = other.low is None or (self.low is not None and self.low >= other.low)
        return low and (other.high is None or (self.high is not None and self.high <= other.high))

    def meets(self, other: _Range) -> bool:
        return _reaches(self.low, other.high) and _reaches(other.low, self.high)


def _reaches(low: Point | None, high: Point | None) -> bool:
    return low is None or high is None or low <= high


def _by_what_meets_them(a: Bound, b: Bound) -> BoundRelation:
    ranges = _range(a), _range(b)
    if ranges[0] is not None and ranges[1] is not None:
        return _related(ranges[0].within(ranges[1]), ranges[1].within(ranges[0]), ranges[0].meets(ranges[1]))
    allowed = _words(a, _ALLOWED), _words(b, _ALLOWED)
    if allowed[0] is not None and allowed[1] is not None:
        return _related(allowed[0] <= allowed[1], allowed[1] <= allowed[0], bool(allowed[0] & allowed[1]))
    needed = _words(a, _NEEDED), _words(b, _NEEDED)
    if needed[0] is not None and needed[1] is not None:
        return _related(needed[0] >= needed[1], needed[1] >= needed[0], True)
    same = (a.comparator, a.value) == (b.comparator, b.value)
    return BoundRelation.EQUAL if same else BoundRelation.NO_ORDER


def _related(within: bool, around: bool, meets: bool) -> BoundRelation:
    """``within``: the first set lies in the second; ``around``: the second in the first."""
    if within and around:
        return BoundRelation.EQUAL
    if within:
        return BoundRelation.STRICTER
    if around:
        return BoundRelation.LOOSER
    return BoundRelation.TOGETHER if meets else BoundRelation.CONTRADICTS


def _range(bound: Bound) -> _Range | None:
    """None where it is no number, no day and no word that has an order."""
    value, order = bound.value, ORDERS.get(bound.unit or "", ())
    if value in order:
        value = Decimal(order.index(str(value)))
    if not isinstance(value, Decimal | dt.date):
        return None
    match bound.comparator:
        case NormComparator.AT_LEAST:
            return _Range((value, 0), None)
        case NormComparator.MORE_THAN:
            return _Range((value, 1), None)
        case NormComparator.AT_MOST:
            return _Range(None, (value, 0))
        case NormComparator.LESS_THAN:
            return _Range(None, (value, -1))
        case NormComparator.EXACTLY:
            return _Range((value, 0), (value, 0))
    return None


_ALLOWED: Final = frozenset({NormComparator.ONE_OF, NormComparator.READS, NormComparator.EXACTLY})
_NEEDED: Final = frozenset({NormComparator.ALL_OF, NormComparator.CONTAINS})


def _words(bound: Bound, comparators: frozenset[NormComparator]) -> frozenset[str] | None:
    """None where it is no word, or compared otherwise."""
    value = (bound.value,) if isinstance(bound.value, str) else bound.value
    return frozenset(value) if isinstance(value, tuple) and bound.comparator in comparators else None
