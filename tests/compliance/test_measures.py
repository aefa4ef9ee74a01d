"""Which bounds of the rules that a machine can decide are decided."""

from __future__ import annotations

import re
from typing import Final

from hub.compliance import contractors, contracts, divisions, people, projects, reports, staff, stations
from hub.compliance.evaluate import measure_of
from hub.compliance.measure import Events
from hub.compliance.measures import MEASURES
from hub.domain.norms import RULES, Bound, Rule


def _numbers(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(f"R{number}" for first, last in ranges for number in range(first, last + 1))


DECIDABLE: Final = _numbers(
    *((5, 8), (11, 11), (30, 36), (39, 40), (42, 42), (44, 44), (46, 47), (49, 49), (51, 51), (55, 57)),
    *((79, 79), (85, 89), (97, 97), (99, 99), (104, 108), (112, 112), (114, 114), (117, 117), (119, 137)),
    *((153, 153), (155, 158), (165, 165), (169, 170), (172, 172), (199, 203), (205, 213), (216, 216)),
)
"""Rules whose numbers a machine can check."""


def _is_part(rule: Rule, bound: Bound) -> bool:
    """Whether another measure of the rule asks for it: which things count, or from when."""
    measures = [measure_of(rule, other) for other in rule.bounds if other is not bound]
    texts = [each.sql + (each.spans if isinstance(each, Events) else "") for each in measures if each]
    return any(re.search(rf"\|{re.escape(bound.quantity)}\}}", text) for text in texts)


def test_what_can_be_decided_is_decided() -> None:
    bounds = [(rule, bound) for rule in RULES if rule.key in DECIDABLE for bound in rule.bounds]
    assert len(bounds) > len(DECIDABLE) / 2
    found = {
        f"{rule.document.code} {rule.key} {bound.quantity}"
        for rule, bound in bounds
        if measure_of(rule, bound) is None and not _is_part(rule, bound)
    }
    assert found == set()


def test_each_measure_is_of_one_room_and_of_some_bound() -> None:
    rooms = (contractors, contracts, divisions, people, projects, reports, staff, stations)
    assert sum(len(room.MEASURES) for room in rooms) == len(MEASURES)
    used = [measure_of(rule, bound) for rule in RULES for bound in rule.bounds]
    assert {key for key, each in MEASURES.items() if not any(each is one for one in used)} == set()
