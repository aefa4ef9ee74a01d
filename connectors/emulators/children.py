"""A county's list of children behind a province's gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Final

from connectors.emulators.gateway import Cells, Gateway
from connectors.emulators.identity import years_before
from connectors.emulators.model import Membership, Person
from connectors.emulators.switches import Switches
from hub.domain.vocabulary import Category, RiskLevel, Sex

SERVICE: Final = "/gateway/api/001008/dataSharing/childRecords.htm"
TYPES: Final = {
    Category.ORPHAN: "01",
    Category.DE_FACTO_UNATTENDED: "02",
    Category.LEFT_BEHIND_CHILD: "03",
    Category.CHILD_IN_DIFFICULTY: "04",
    Category.MIGRANT_CHILD: "05",
    Category.DIBAO_CHILD: "06",
    Category.HARMED_CHILD: "07",
    Category.ADOPTED_CHILD: "08",
}
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
RISK: Final = {RiskLevel.LEVEL_1: "1", RiskLevel.LEVEL_2: "2", RiskLevel.LEVEL_3: "3", None: "0"}


class ChildGateway(Gateway):
    def __init__(self, switches: Switches, clock: Callable[[], dt.datetime]) -> None:
        super().__init__(
            switches, clock, {SERVICE: []}, lambda record: (record["CHILD_NO"], record["CHILD_TYPE"])
        )

    @property
    def records(self) -> list[Cells]:
        return self.lists[SERVICE]

    @records.setter
    def records(self, records: list[Cells]) -> None:
        self.lists[SERVICE] = records

    def publish(self, at: dt.datetime, people: Iterable[Person]) -> int:
        """The list becomes that of these people; how many records were written."""
        return self.replace(SERVICE, (record for person in people for record in self._records_of(person)), at)

    def _records_of(self, person: Person) -> Iterable[Cells]:
        for membership in person.memberships:
            if membership.list_kind == "child":
                record = _record(person, membership)
                number = record["CHILD_NO"]
                self.truth.tell("child", number, person, str(membership.category), file_number=number)
                yield record

    def _move(self, path: str) -> None:
        super()._move(path)
        if self.switches.strikes("x17-meaning"):
            left = {"LEAVE_DATE": f"{self.clock():%Y-%m-%d}", "LEAVE_REASON": "05"}
            self.write(path, self.records[0], self.clock(), **left)


def _record(person: Person, membership: Membership) -> Cells:
    guardian = person.guardian
    day, reason = _left(person, membership)
    who = person.id_number or person.file_number or person.name
    return {
        "CHILD_NO": f"{person.county_code}C{md5(who.encode(), usedforsecurity=False).hexdigest()[:8]}",
        "CHILD_TYPE": TYPES[membership.category],
        "NAME": person.name,
        "ID_CARD": person.id_number or "",
        "SEX": SEX[person.sex] if person.sex else "0",
        "BIRTHDAY": person.birth_on.isoformat() if person.birth_on else "",
        "NATION": person.ethnicity_code or "",
        "DIVISION_CODE": person.division_code,
        "ADDRESS": person.address or "",
        "GUARDIAN_NAME": guardian.name if guardian else "",
        "GUARDIAN_RELATION": guardian.relation if guardian else "",
        "GUARDIAN_TEL": guardian.phone if guardian else "",
        "SCHOOL": person.school or "",
        "RISK_LEVEL": RISK[person.risk_level],
        "REGISTER_DATE": person.dossier_opened_on.isoformat() if person.dossier_opened_on else "",
        "IN_DATE": membership.starts_on.isoformat(),
        "LEAVE_DATE": day,
        "LEAVE_REASON": reason,
        "BANK_ACCOUNT": f"62{who[-6:]:0>14}",
        "PHOTO": "/9j/4AAQ",
    }


def _left(person: Person, membership: Membership) -> tuple[str, str]:
    """One column, and what it is follows from the reason (X17)."""
    if membership.ends_on is None:
        return "", ""
    next_day = membership.ends_on + dt.timedelta(days=1)
    if person.birth_on and next_day in {years_before(person.birth_on, -age) for age in (16, 18)}:
        return next_day.isoformat(), "01"
    return membership.ends_on.isoformat(), "03" if person.deceased_on == membership.ends_on else "02"
