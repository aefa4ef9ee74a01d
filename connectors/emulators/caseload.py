"""服务分派与探访: who looks after whom under which contract, and the visits of the last twelve months.

Visits follow the rhythms of R155 to R157 (children by risk level), R165 (elders in extreme hardship
and of advanced age every month) and R158 (orphans: a visit and a return visit), kept to nine times
out of ten. At most six a person are written down: the latest.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from connectors.emulators.model import Assignment, Contract, Person, Township, Visit, Worker
from hub.domain.vocabulary import Category, PersonnelKind, RiskLevel, VisitKind, VisitPurpose

UNASSIGNED: Final = 0.03
LEFT_UNDER_ENDED: Final = 0.02
"""Share of people nobody carried over into the current contract."""

MOST_VISITS: Final = 6
_VISITING: Final = frozenset({PersonnelKind.RESIDENT, PersonnelKind.PROJECT, PersonnelKind.VAGRANCY_RELIEF})
_MONTHLY_ELDERS: Final = frozenset({Category.TEKUN_ELDER, Category.ADVANCED_AGE_ELDER})
_COVERED: Final = frozenset({Category.ORPHAN, Category.DE_FACTO_UNATTENDED})
_RECORDS: Final = {
    VisitPurpose.CHILD_RISK: (
        "孩子精神状态良好，按时上学，监护人在家照料。",
        "与监护人谈话，提醒防溺水和用电安全。",
        "监护人外出务工，由祖辈照料，已告知村儿童主任。",
    ),
    VisitPurpose.ORPHAN_COVERAGE: (
        "核实监护和生活补贴发放情况，孩子学习稳定。",
        "回访上次反映的学习用品需求，已链接爱心家长。",
    ),
    VisitPurpose.ELDER_MONTHLY: (
        "老人精神尚可，家中整洁，已测血压。",
        "独自在家，提醒按时服药，检查燃气阀门。",
        "协助老人预约门诊，无其他需求。",
    ),
    VisitPurpose.HOUSEHOLD_SURVEY: ("家庭成员和收入与登记一致。", "了解就业和就医支出，已解释政策。"),
    VisitPurpose.GUARDIANSHIP: ("核对委托监护情况，监护人履行职责。", "督促签订委托监护确认书。"),
    VisitPurpose.OTHER: ("上门问候，暂无服务需求。", "链接康复资源，约定下次探访。"),
}


class _Rhythm(NamedTuple):
    days: int
    most: int
    purpose: VisitPurpose


_WEEKLY: Final = _Rhythm(7, 6, VisitPurpose.CHILD_RISK)
_EVERY_MONTH: Final = _Rhythm(30, 6, VisitPurpose.CHILD_RISK)
_QUARTERLY: Final = _Rhythm(91, 4, VisitPurpose.CHILD_RISK)
_BY_RISK: Final = {RiskLevel.LEVEL_1: _WEEKLY, RiskLevel.LEVEL_2: _EVERY_MONTH, RiskLevel.LEVEL_3: _QUARTERLY}
_ELDERS: Final = _Rhythm(30, 6, VisitPurpose.ELDER_MONTHLY)
_COVERAGE: Final = _Rhythm(150, 2, VisitPurpose.ORPHAN_COVERAGE)
_SURVEY: Final = _Rhythm(100, 3, VisitPurpose.HOUSEHOLD_SURVEY)
_NOW_AND_THEN: Final = _Rhythm(85, 4, VisitPurpose.OTHER)


class Caseload:
    """Assigns and visits the people of one township, in the order they come."""

    def __init__(
        self,
        township: Township,
        contracts: Sequence[Contract],
        workers: Sequence[Worker],
        seed: int,
        today: dt.date,
    ) -> None:
        self._chance = Random(f"{seed}:caseload:{township.code}")
        self._township, self._today = township, today
        here = [c for c in contracts if township.code in c.station_codes and c.starts_on <= today]
        core = [c for c in here if c.is_core]
        self._current = next((c for c in core if c.is_live(today)), None)
        self._previous = next((c for c in core if c.starts_on.year == today.year - 1), None)
        self._extras = [c for c in here if not c.is_core]
        self._workers = _by_contract(township, here, workers)
        self._visits = 0

    def serve(self, person: Person) -> Person:
        person.assignments = tuple(self._assignments(person))
        person.visits = tuple(self._visits_of(person)) if person.assignments else ()
        return person

    def _assignments(self, person: Person) -> list[Assignment]:
        roll = self._chance.random
        current, previous = self._current, self._previous
        if current is None or roll() < UNASSIGNED:
            return []
        first, last = _period(person, self._today)
        made = []
        stranded = previous is not None and first <= previous.ends_on and roll() < LEFT_UNDER_ENDED
        if previous and first <= previous.ends_on and (stranded or roll() < 0.35):
            ends_on = None if stranded else min(previous.ends_on, last or previous.ends_on)
            made.append(self._assignment(previous, first, ends_on))
        if not stranded and (last is None or last >= current.starts_on):
            made.append(self._assignment(current, first, last))
        if self._extras and roll() < 0.06 and last is None:
            extra = self._extras[int(roll() * len(self._extras))]
            made.append(self._assignment(extra, first, None))
        return [one for one in made if one.ends_on is None or one.starts_on <= one.ends_on]

    def _assignment(self, contract: Contract, first: dt.date, last: dt.date | None) -> Assignment:
        starts_on = max(first, contract.starts_on)
        worker = self._worker(contract, starts_on)
        return Assignment(contract, self._township.code, worker, starts_on, last)

    def _worker(self, contract: Contract, on: dt.date) -> str | None:
        """Somebody of the contractor who is on post then; None where a post is vacant."""
        team = self._workers[contract.number]
        chosen = team[int(self._chance.random() * len(team))] if team else None
        if chosen is not None and not chosen.is_on_post(on):
            chosen = next((worker for worker in team if worker.is_on_post(on)), None)
        return chosen.staff_number if chosen else None

    def _visits_of(self, person: Person) -> list[Visit]:
        chance, rhythm = self._chance, _rhythm(person)
        made: list[Visit] = []
        day = self._today.toordinal() - int(chance.random() * rhythm.days)
        for number in range(rhythm.most):
            visited_on = dt.date.fromordinal(day)
            if chance.random() < 0.9 and (assignment := _covering(person.assignments, visited_on)):
                made.append(self._visit(assignment, visited_on, _purpose(rhythm, number), number))
            day -= max(1, rhythm.days + int(chance.random() * 5) - 2)
        made.reverse()
        return made

    def _visit(self, assignment: Assignment, on: dt.date, purpose: VisitPurpose, number: int) -> Visit:
        chance = self._chance
        self._visits += 1
        return Visit(
            number=f"TF{self._township.code[:9]}-{self._visits:06d}",
            visited_on=on,
            kind=_kind(purpose, number, chance.random()),
            purpose=purpose,
            contract=assignment.contract,
            station_code=assignment.station_code,
            staff_number=assignment.staff_number,
            has_photos=chance.random() < 0.93,
            has_register_form=chance.random() < 0.95,
            text_record=chance.choice(_RECORDS[purpose]),
        )


def _by_contract(
    township: Township, contracts: Sequence[Contract], workers: Sequence[Worker]
) -> dict[str, list[Worker]]:
    """Who serves here under each contract: the contractor's staff at this station, else of the county."""
    teams: dict[str, list[Worker]] = defaultdict(list)
    for contract in contracts:
        code = contract.contractor.credit_code
        own = [w for w in workers if w.employer_credit_code == code and w.kind in _VISITING]
        here = [w for w in own if w.township_code == township.code and w.onboarded_on <= contract.ends_on]
        teams[contract.number] = here or [w for w in own if w.township_code is None]
    return teams


def _period(person: Person, today: dt.date) -> tuple[dt.date, dt.date | None]:
    """First day of the first membership, and last day of the last; None while one is open."""
    first = min(membership.starts_on for membership in person.memberships)
    ends = [membership.ends_on for membership in person.memberships]
    known = [end for end in ends if end is not None and end < today]
    return first, max(known) if len(known) == len(ends) else None


def _covering(assignments: tuple[Assignment, ...], on: dt.date) -> Assignment | None:
    for assignment in assignments:
        contract = assignment.contract
        last = min(contract.ends_on, assignment.ends_on or contract.ends_on)
        if contract.is_core and assignment.starts_on <= on <= last:
            return assignment
    return None


def _rhythm(person: Person) -> _Rhythm:
    covered = bool(person.categories & _COVERED)
    if person.risk_level is not None and not (covered and person.risk_level is RiskLevel.LEVEL_3):
        return _BY_RISK[person.risk_level]
    if covered:
        return _COVERAGE
    if person.categories & _MONTHLY_ELDERS:
        return _ELDERS
    if Category.DIBAO in person.categories:
        return _SURVEY
    return _NOW_AND_THEN


def _purpose(rhythm: _Rhythm, number: int) -> VisitPurpose:
    """Every fourth visit to a child looks after the guardianship (R159)."""
    if rhythm.purpose is VisitPurpose.CHILD_RISK and number % 4 == 3:
        return VisitPurpose.GUARDIANSHIP
    return rhythm.purpose


def _kind(purpose: VisitPurpose, number: int, roll: float) -> VisitKind:
    if purpose is VisitPurpose.ORPHAN_COVERAGE:
        return VisitKind.HOME if number else VisitKind.RETURN
    if roll < 0.72:
        return VisitKind.HOME
    return VisitKind.ROUND if roll < 0.9 else VisitKind.CALL
