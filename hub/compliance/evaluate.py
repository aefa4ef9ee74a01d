"""Verdicts on records: which rules are about them, and what the facts say of each bound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from hub.compliance.judging import verdicts
from hub.compliance.measure import Measure, Measures
from hub.compliance.measures import MEASURES
from hub.domain.norms import Bound, Rule, rules_of
from hub.domain.vocabulary import DivisionLevel, NormSubject, VerdictStatus
from hub.store.database import Fetch


@dataclass(frozen=True, slots=True)
class Verdict:
    """On the record ``id``. ``value`` and ``target`` are texts; ``from_on``, ``due_on``: first and last day
    of the window that runs, the first only where things are counted.

    ``inputs``: the records it was made of, as ``table:id`` or ``table:county:id``, the newest first.
    """

    id: int
    rule: Rule
    bound: Bound
    status: VerdictStatus
    value: str | None
    target: str | None
    from_on: dt.date | None
    due_on: dt.date | None
    inputs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Decided:
    """A bound that a measure decides."""

    rule: Rule
    bound: Bound
    measure: Measure


def measure_of(rule: Rule, bound: Bound, measures: Measures = MEASURES) -> Measure | None:
    """The one for its case or for the rule's subject before the one for all."""
    cases = (f"{bound.quantity}@{case}" for case in (bound.when, rule.subject.value))
    return next((measures[key] for key in (*cases, bound.quantity) if key in measures), None)


def decided(rules: Sequence[Rule], subjects: Collection[NormSubject]) -> Iterator[Decided]:
    """What is decided of records of these subjects.

    A measure may be of another subject than its rule: reports of a contractor are due by contract.
    """
    for rule in rules:
        for bound in rule.bounds:
            measure = measure_of(rule, bound)
            if measure is not None and measure.subject in subjects:
                yield Decided(rule, bound, measure)


async def evaluate(
    fetch: Fetch,
    subjects: Collection[NormSubject],
    division_code: str,
    ids: Sequence[int],
    day: dt.date,
    keys: Collection[str] | None = None,
) -> list[Verdict]:
    """Verdicts on records of one division, as of a day and by the rules of that day, in their order.

    ``fetch``: with the hub's own rights. ``division_code``: 12 digits. ``keys``: of these rules only. The
    id of a county, a prefecture or a province is its code, as a number.
    """
    rules = [rule for rule in rules_of(division_code, day) if keys is None or rule.key in keys]
    return [
        verdict
        for each in decided(rules, subjects)
        for verdict in await judged(fetch, each, division_code, ids, day)
    ]


async def judged(
    fetch: Fetch, each: Decided, division_code: str, ids: Sequence[int], day: dt.date
) -> list[Verdict]:
    """Verdicts by one bound, in the order of the records."""
    rows = await fetch(verdicts(each.rule, each.bound, each.measure), division_code[:6], list(ids), day)
    return [verdict_of(each, row) for row in sorted(rows, key=lambda row: row["id"])]


def verdict_of(each: Decided, row: asyncpg.Record) -> Verdict:
    """Of a row of a statement of ``hub.compliance.judging``."""
    return Verdict(
        row["id"],
        each.rule,
        each.bound,
        VerdictStatus(row["status"]),
        row["value"],
        row["target"],
        row["from_on"],
        row["due_on"],
        row["inputs"],
    )


SUBJECTS: Final = {
    "station": (NormSubject.STATION,),
    "personnel": (NormSubject.PERSONNEL,),
    "beneficiary": (NormSubject.BENEFICIARY,),
    "contract": (NormSubject.CONTRACT,),
    "contractor": (NormSubject.CONTRACTOR,),
}
"""Of what a record of a table is the subject."""
LEVELS: Final = {
    DivisionLevel.COUNTY: (NormSubject.COUNTY,),
    DivisionLevel.PREFECTURE: (NormSubject.PREFECTURE,),
    DivisionLevel.PROVINCE: (NormSubject.PROVINCE,),
}
"""Of what a division of a level is the subject."""
