"""Boards: which bounds people are told of together, and how far each has been reached.

A board is verdicts, and a few figures more. Which bounds stand on which is declared here and nowhere else, by
what the name of their quantity begins with; a bound may stand on two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from decimal import ROUND_DOWN, ROUND_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from hub.compliance.evaluate import Decided, Verdict, decided
from hub.domain.norms import Bound, Rule
from hub.domain.vocabulary import NormComparator, NormSubject


class Board(StrEnum):
    QUOTAS = "quotas"
    REPORTS = "reportsDue"
    STAFF = "staffGaps"
    FUNDS = "funds"
    MILESTONES = "milestones"
    VISITS = "dueVisits"


ON: Final[Mapping[Board, tuple[str, ...]]] = {
    Board.QUOTAS: (
        *("training.child_workers", "training.supervision", "dossier.coverage", "dossier.designated"),
        *("visit.designated", "subsidy.", "patrol", "publicity.", "adoption_assessment", "case.", "group."),
        *("activity.", "volunteer.", "media.", "bulletin", "supervision"),
    ),
    Board.REPORTS: ("report.", "bulletin", "supervision", "incident.", "evaluation."),
    Board.STAFF: (
        *("station.heads", "station.deputies", "station.workers", "station.resident", "vacancy."),
        *("project.", "supervisor.", "person.", "training.pre_job", "training.continuing"),
        *("training.by_city", "county.certified_share"),
    ),
    Board.FUNDS: ("budget.", "fund.", "contract.amount"),
    Board.MILESTONES: (
        *("station.renamed_on", "station.staffed_on", "station.opened_on", "guidance_centre."),
        *("contract.starts_on", "contract.ends_on", "evaluation.STAGE_INSPECTION", "evaluation.ANNUAL"),
    ),
    Board.VISITS: ("visit.level_1", "visit.level_2", "visit.level_3", "visit.elder"),
}
"""By what quantities begin with. Visits: weekly, monthly and quarterly by the risk a child is at (R155–R157),
and monthly to elders (R165)."""
ON_NONE: Final = (
    *("station.per_township", "station.name", "station.equipment", "station.institutions", "sign."),
    *("contract.purchaser", "contract.method", "contract.length", "contract.cycle", "contractor."),
    *("renewal.", "service.division", "core_project."),
    *(
        "dossier.count",
        "dossier.parts",
        "protection.",
        "visit.records",
        "visit.orphans_reached",
        "guardianship.",
        "escort",
    ),
)
"""On no board, because nothing is counted down or falls due at a time: ``compliance`` tells of them, and of
people ``overdue``."""

RUNNING: Final = ("vacancy.", "person.uncertified_for")
"""Gaps from their first day, though they are within the time that is allowed until ``due_on``."""

_LIMITS: Final = frozenset({NormComparator.AT_MOST, NormComparator.LESS_THAN})
_COUNTS: Final = frozenset({NormComparator.AT_LEAST, NormComparator.MORE_THAN, NormComparator.EXACTLY})
SHARE: Final = "SHARE"


def boards_of(quantity: str) -> Collection[Board]:
    return [board for board, named in ON.items() if quantity.startswith(named)]


def on_board(board: Board, rules: Collection[Rule], subjects: Collection[NormSubject]) -> Iterator[Decided]:
    """What is decided of these subjects and stands on the board."""
    for each in decided([*rules], subjects):
        if board in boards_of(each.bound.quantity):
            yield each


def remaining(each: Verdict) -> Decimal | None:
    """How much more there must be; of a bound that limits, how much more there may be. Never below 0.

    Null where the value or the target is no number, or not known.
    """
    value, target = _number(each.value), _needed(each.bound, each.target)
    return None if value is None or target is None else max(target - value, Decimal(0))


def percent(each: Verdict) -> Decimal | None:
    """Of a number that must be reached, how much there is, cut off to a tenth: 100.0 only once it is met.

    Null for limits, and for shares, which are percentages themselves.
    """
    value, target = _number(each.value), _needed(each.bound, each.target)
    if value is None or not target or each.bound.comparator not in _COUNTS or each.bound.unit == SHARE:
        return None
    return (100 * value / target).quantize(Decimal("0.1"), ROUND_DOWN)


def expected(each: Verdict, first: dt.date | None, day: dt.date) -> Decimal | None:
    """What there would be at the end of the day, in whole ones, if spread evenly since ``first``.

    The hub's own reading: no document asks for it."""
    target, last = _needed(each.bound, each.target), each.due_on
    if first is None or last is None or target is None or each.bound.comparator not in _COUNTS:
        return None
    if each.bound.unit == SHARE or not first <= day:
        return None
    gone, all_days = (min(day, last) - first).days + 1, (last - first).days + 1
    return (target * gone / all_days).quantize(Decimal(1), ROUND_UP)


def _needed(bound: Bound, target: str | None) -> Decimal | None:
    """The least that meets the bound, or the most: a bound that is strict means one more or less of what is
    counted in whole ones. Shares and amounts have no next one."""
    number = _number(target)
    if number is None or bound.unit in (SHARE, "CNY"):
        return number
    match bound.comparator:
        case NormComparator.MORE_THAN:
            return number + 1
        case NormComparator.LESS_THAN:
            return number - 1
    return number if bound.comparator in _COUNTS | _LIMITS else None


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
