"""What one persona should be told, by the prose of who sees what: plain Python over the world's things.

A bureau sees its tree; a province everything of it but who and where people are, and no child under 14 or
whose rights were violated, since it may not see what only children have. A township sees its
station, the people who live there, and what is done for them. A contractor sees its contracts and staff,
the stations of contracts that are live today, and the people assigned to it under these, today. The
operator sees the state of the sources, stations and contractors. An agency asks and lists nobody.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from connectors.emulators.personas import PersonaSpec
from tests.e2e.asked import PAGE, Asked
from tests.e2e.running import Clock
from tests.e2e.truth import FIELDS, RELATIONS, THROUGH_ASSIGNMENTS, Thing, Truth, shown

PEOPLE: Final = {"Household", "Beneficiary", "CategoryMembership", "Assignment", "Visit"}
WORK: Final = {"Division", "Station", "Personnel", "Contractor", "Contract"}
TYPES: Final[Mapping[str, set[str]]] = {
    "bureau": WORK | PEOPLE | {"Source", "SyncRun", "QuarantinedRow"},
    "township": WORK | PEOPLE | {"Source"},
    "contractor": WORK | PEOPLE,
    "agency": {"Division"},
    "operator": {"Division", "Station", "Contractor", "Source", "SyncRun"},
}
"""What exists at all for a role."""

GROUPS: Final[Mapping[str, set[str]]] = {
    "bureau": {"public", "identity", "contact", "credential", "care", "minor"},
    "province": {"public", "care"},
    "township": {"public", "identity", "contact", "care", "minor"},
    "contractor": {"public", "identity", "contact", "care", "minor"},
    "agency": {"public"},
    "operator": {"public"},
}
COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda have, want: have == want,
    "in": lambda have, want: have in want,
    "within": lambda have, want: have.startswith(area(want)),
    "lte": lambda have, want: have is not None and have <= want,
    "gte": lambda have, want: have is not None and have >= want,
}


ADULT: Final = 14
OF_CHILDREN: Final = {
    "ORPHAN", "DE_FACTO_UNATTENDED", "DIBAO_CHILD", "LEFT_BEHIND_CHILD", "HARMED_CHILD", "MIGRANT_CHILD",
    "CHILD_IN_DIFFICULTY", "VAGRANT_MINOR",
}  # fmt: skip
"""Lists that make a child of somebody without a day of birth."""


def years(born: dt.date, day: dt.date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def area(code: str) -> str:
    """The digits that all divisions of a tree begin with."""
    for width in (2, 4, 6, 9):
        if not code[width:].strip("0"):
            return code[:width]
    return code


class Eyes:
    def __init__(self, truth: Truth, spec: PersonaSpec, clock: Clock) -> None:
        self.truth, self.spec, self.clock = truth, spec, clock
        self.types = TYPES[spec.role]
        self.groups = GROUPS["province" if spec.name.startswith("province") else spec.role]
        self.area = area(spec.division_code) if spec.division_code else "nowhere"
        self._sees: dict[tuple[Any, int], bool] = {}
        self._met: dict[tuple[int, int], bool] = {}

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def sees(self, thing: Thing) -> bool:
        key = (self.clock.day, id(thing))
        if key not in self._sees:
            rule = getattr(self, f"_{self.spec.role}")
            seen = thing.kind == "Division" or bool(rule(thing))
            self._sees[key] = seen and ("minor" in self.groups or self._shown(thing))
        return self._sees[key]

    def all(self, kind: str) -> list[Thing]:
        return [thing for thing in self.truth.things[kind] if self.sees(thing)]

    def _shown(self, thing: Thing) -> bool:
        match thing.kind:
            case "Beneficiary":
                lists = {each.fact.category.value for each in thing.many["memberships"]}
                born = thing.fact.birth_on
                child = bool(lists & OF_CHILDREN) if born is None else years(born, self.clock.day) < ADULT
                return "HARMED_CHILD" not in lists and not child
            case "Household":
                return any(map(self.sees, thing.many["members"]))
            case "Assignment" | "Visit" | "CategoryMembership":
                return self.sees(_one(thing, "beneficiary"))
        return True

    def _lies_inside(self, thing: Thing) -> bool:
        return str(thing.fact.division_code).startswith(self.area)

    def _bureau(self, thing: Thing) -> bool:
        if thing.kind in ("Assignment", "Visit", "CategoryMembership"):
            return thing.county.startswith(self.area)
        return thing.kind == "Contractor" or self._lies_inside(thing)

    def _township(self, thing: Thing) -> bool:
        if thing.kind in ("Assignment", "Visit", "CategoryMembership"):
            return self.sees(_one(thing, "beneficiary"))
        if thing.kind == "Contract":
            return any(code.startswith(self.area) for code in thing.fact.station_codes)
        return thing.kind == "Contractor" or self._lies_inside(thing)

    def _operator(self, thing: Thing) -> bool:
        return thing.kind in self.types

    def _agency(self, thing: Thing) -> bool:
        return False

    def _contractor(self, thing: Thing) -> bool:
        own = self.spec.contractor_credit_code
        match thing.kind:
            case "Contractor":
                return bool(thing.fact.credit_code == own)
            case "Contract":
                return bool(thing.fact.contractor.credit_code == own)
            case "Personnel":
                return bool(thing.fact.employer_credit_code == own)
            case "Station":
                return any(self._live(contract.fact) for contract in thing.many["contracts"])
            case "Assignment":
                last, today = thing.fact.ends_on, self.clock.day
                covers = thing.fact.starts_on <= today and (last is None or today <= last)
                return covers and self._live(thing.fact.contract)
            case "Beneficiary":
                return any(map(self.sees, thing.many["assignments"]))
            case "Household":
                return any(map(self.sees, thing.many["members"]))
            case "CategoryMembership":
                return self.sees(_one(thing, "beneficiary"))
            case "Visit":
                return self._live(thing.fact.contract) and self.sees(_one(thing, "beneficiary"))
        return False

    def _live(self, contract: Any) -> bool:
        own = contract.contractor.credit_code == self.spec.contractor_credit_code
        return own and bool(contract.is_live(self.clock.day))

    def related(self, thing: Thing, name: str) -> list[Thing]:
        over = THROUGH_ASSIGNMENTS.get((thing.kind, name))
        if over is None:
            found = thing.many[name] if name in thing.many or name not in thing.one else [thing.one[name]]
            return [there for there in found if there is not None and self.sees(there)]
        links = [link for link in thing.many["assignments"] if self.sees(link)]
        ends = {id(end): end for link in links if (end := link.one[over]) is not None}
        return [end for end in ends.values() if self.sees(end)]

    def meets(self, thing: Thing, where: Mapping[str, Any]) -> bool:
        """Whether a filter holds, as far as this persona can know."""
        key = (id(where), id(thing))
        if key not in self._met:
            self._met[key] = all(self._test(thing, name, given) for name, given in where.items())
        return self._met[key]

    def found(self, kind: str, where: Mapping[str, Any]) -> list[Thing]:
        self._met.clear()
        return [thing for thing in self.all(kind) if self.meets(thing, where)]

    def _test(self, thing: Thing, name: str, given: Any) -> bool:
        if name in ("and", "or"):
            return (all if name == "and" else any)(self.meets(thing, part) for part in given)
        if name == "not":
            return not self.meets(thing, given)
        if name in RELATIONS[thing.kind]:
            return any(self.meets(there, given) for there in self.related(thing, name))
        have = self.value(thing, name)
        return all(COMPARE[operator](have, want) for operator, want in given.items())

    # ── columns ──────────────────────────────────────────────────────────────────────────────────

    def value(self, thing: Thing, name: str) -> Any:
        getter = next(fields[name] for fields in FIELDS[thing.kind].values() if name in fields)
        return shown(getter(thing.fact))

    def has(self, kind: str, name: str) -> bool:
        """Whether the field exists for this persona."""
        if name in RELATIONS[kind]:
            return RELATIONS[kind][name] in self.types
        return any(name in fields for group, fields in FIELDS[kind].items() if group in self.groups)

    # ── answers ──────────────────────────────────────────────────────────────────────────────────

    def own(self, kind: str, fields: Iterable[Asked]) -> tuple[Asked, ...]:
        """What is asked, without the fields that do not exist for this persona."""
        return tuple(
            replace(each, below=self._own(kind, each)) for each in fields if self.has(kind, each.name)
        )

    def _own(self, kind: str, field: Asked) -> tuple[Asked, ...]:
        there = RELATIONS[kind].get(field.name)
        if there is None:
            return ()
        if any(each.name in PAGE for each in field.below):
            return tuple(replace(each, below=self.own(there, each.below)) for each in field.below)
        return self.own(there, field.below)

    def page(self, kind: str, fields: Sequence[Asked], where: Mapping[str, Any] | None = None) -> Any:
        """The whole of a root list, as ``Hub.everything`` gives it."""
        rows = self.found(kind, where or {})
        return self._connection(rows, (Asked("totalCount"), Asked("nodes", "", tuple(fields))))

    def _connection(self, rows: Sequence[Thing], fields: Sequence[Asked]) -> dict[str, Any]:
        return {
            each.name: [self._object(row, each.below) for row in rows] if each.below else len(rows)
            for each in fields
        }

    def _object(self, thing: Thing, fields: Sequence[Asked]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in fields:
            if not each.below:
                found[each.name] = self.value(thing, each.name)
            elif each.name in thing.one:
                there = thing.one[each.name]
                found[each.name] = self._object(there, each.below) if there and self.sees(there) else None
            else:
                found[each.name] = self._connection(self.related(thing, each.name), each.below)
        return found


def _one(thing: Thing, name: str) -> Thing:
    there = thing.one[name]
    assert there is not None
    return there


def unordered(value: Any) -> Any:
    """Pages as sets: their order is another test's matter."""
    if isinstance(value, dict):
        return {key: unordered(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted((unordered(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def same(answer: Any, truth: Any, at: str = "") -> None:
    """Fails with the first place where the answer is not the truth; a diff of all would take minutes."""
    if isinstance(answer, dict) and isinstance(truth, dict) and answer.keys() == truth.keys():
        for key in answer:
            same(answer[key], truth[key], f"{at}.{key}")
    elif isinstance(answer, list) and isinstance(truth, list) and len(answer) == len(truth):
        for number, (one, other) in enumerate(zip(answer, truth, strict=True)):
            same(one, other, f"{at}[{number}]")
    elif answer != truth:
        raise AssertionError(f"at {at}: answered {str(answer)[:300]}, expected {str(truth)[:300]}")
