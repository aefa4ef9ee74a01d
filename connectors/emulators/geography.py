"""Where the synthetic people live: real townships and villages of six real counties."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from random import Random
from typing import Final, NamedTuple

from connectors.emulators.model import County, Rules, Township
from hub.domain.division import STATION_KINDS, DivisionRow, load_divisions

LANES: Final = 97
"""More than there are townships: birth dates are dealt to townships by their remainder."""

STAFF_LANE: Final = LANES - 1


class _Plan(NamedTuple):
    code: str
    slug: str
    rules: Rules
    urban: bool
    share: int


_PLANS: Final = (
    _Plan("450305", "QX", "QX", urban=True, share=25),
    _Plan("350582", "JJ", "JJ", urban=False, share=35),
    _Plan("350203", "SM", "XM", urban=True, share=10),
    _Plan("350212", "TA", "XM", urban=False, share=10),
    _Plan("640104", "XQ", "NX", urban=True, share=10),
    _Plan("640324", "TX", "NX", urban=False, share=10),
)
"""七星区, 晋江市, 思明区, 同安区, 兴庆区, 同心县; shares of all people in per cent."""

PROVINCES: Final = {"45": "GX", "35": "FJ", "64": "NX"}


def counties(seed: int, people: int) -> tuple[County, ...]:
    """The six counties with exactly ``people`` people dealt to their townships."""
    rows, below = _tree()
    chance = Random(f"{seed}:townships")
    numbers = iter(range(STAFF_LANE))
    result = []
    for plan, share in zip(_PLANS, apportion(people, [plan.share for plan in _PLANS]), strict=True):
        county = rows[plan.code + "000000"]
        towns = [row for row in below[county.code] if row.kind in STATION_KINDS]
        sizes = apportion(share, [chance.uniform(0.6, 1.4) for _ in towns])
        townships = tuple(
            Township(row, tuple(below[row.code]), next(numbers), size)
            for row, size in zip(towns, sizes, strict=True)
        )
        result.append(County(county, plan.slug, plan.rules, plan.urban, townships))
    return tuple(result)


def apportion(total: int, weights: list[float] | list[int]) -> list[int]:
    """``total`` dealt by weight, largest remainders first, so that the parts sum to it."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts


@cache
def _tree() -> tuple[dict[str, DivisionRow], dict[str, list[DivisionRow]]]:
    rows = {row.code: row for row in load_divisions()}
    below: dict[str, list[DivisionRow]] = defaultdict(list)
    for row in rows.values():
        below[row.parent_code or ""].append(row)
    return rows, below


def full_name(code: str) -> str:
    return _tree()[0][code].full_name
