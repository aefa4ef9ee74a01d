"""A county's assessments of the elderly and their subsidies behind a province's gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from connectors.emulators import drop
from connectors.emulators.gateway import Cells, Gateway
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches

SERVICES: Final = "/gateway/api/001009/dataSharing/"
ASSESSMENTS: Final = f"{SERVICES}elderAssessments.htm"
SUBSIDIES: Final = f"{SERVICES}elderSubsidies.htm"
NAMES: Final[Mapping[str, str]] = {
    "姓名": "NAME",
    "身份证号": "ID_CARD",
    "区划代码": "DIVISION_CODE",
    "住址": "ADDRESS",
    "联系电话": "TEL",
    "评估编号": "ASSESS_NO",
    "评估日期": "ASSESS_DATE",
    "评估标准": "STANDARD",
    "评估等级": "LEVEL",
    "评估机构": "ASSESS_ORG",
    "补贴类别": "SUBSIDY_TYPE",
    "月补贴标准": "AMOUNT",
    "享受起始月": "BEGIN_MONTH",
    "享受终止月": "END_MONTH",
}
"""The fields of the interface by the columns that the system's files have."""


class ElderGateway(Gateway):
    def __init__(self, switches: Switches, clock: Callable[[], dt.datetime]) -> None:
        super().__init__(switches, clock, {ASSESSMENTS: [], SUBSIDIES: []}, _key)

    def publish(self, at: dt.datetime, people: Iterable[Person]) -> int:
        """Both lists become those of these people; how many records were written."""
        everybody = list(people)
        assessed = [r for p in everybody for r in self._told(p, ASSESSMENTS, drop.assessments(p))]
        paid = [r for p in everybody for r in self._told(p, SUBSIDIES, drop.elder_subsidies(p))]
        return self.replace(ASSESSMENTS, assessed, at) + self.replace(SUBSIDIES, paid, at)

    def _told(self, person: Person, path: str, rows: Iterable[drop.Cells]) -> Iterable[Cells]:
        for row in rows:
            record: Cells = {NAMES[column]: cell for column, cell in row.items()}
            record["BANK_ACCOUNT"] = "6222020000000000000"
            if path == SUBSIDIES:
                record["SUBSIDY_NO"] = f"BT{drop.number_of(person)[2:]}{row['补贴类别']}"
            kind, fact = (
                ("assessment", row["评估等级"]) if path == ASSESSMENTS else ("subsidy", row["补贴类别"])
            )
            self.truth.tell(kind, _key(record), person, fact)
            yield record


def _key(record: Cells) -> str:
    return str(record.get("ASSESS_NO") or record.get("SUBSIDY_NO"))
