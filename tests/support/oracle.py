"""A naive second reading of who sees what: plain Python over all rows, written from the prose of
``docs/access.md`` and not from its SQL. Slow, obvious, and the judge of the read engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hub.access.viewer import Viewer
from hub.domain.division_changes import history
from hub.read import bind
from hub.tables import Counts, metadata
from tests.support.county import Rows

Row = dict[str, Any]
NOTED = ("dossier", "risk_assessment", "needs_record", "assessment", "protection_case", "guardian",
    "guardianship_confirmation", "beneficiary_verdict")  # fmt: skip
"""By staff or the hub itself, of a person."""
DONE = ("case_work", "hospital_escort")
"""Under a contract."""
WHOLES = {"case_session": "case_work", "visit_photo": "visit"}
PERSONAL = ("category_membership", "assignment", "visit", "warning", "relief_episode", *NOTED, *DONE, *WHOLES)
"""Of a person, and where the person lives."""
WORK = (
    "group_work", "community_activity", "publicity_event", "patrol", "training_event", "archive_transfer",
    "evaluation", "report", "handover", "incident",
)  # fmt: skip
PART_OF = {
    "group_session": ("group_work", "group_work_id"),
    "training_record": ("training_event", "training_event_id"),
    "handover_item": ("handover", "handover_id"),
    "expenditure": ("contract", "contract_id"),
    "budget_line": ("contract", "contract_id"),
}
"""What is seen with the row of another table that it belongs to."""


@dataclass
class Oracle:
    rows: Rows
    viewer: Viewer
    today: dt.date
    known: dict[tuple[str, int], bool] = field(default_factory=dict)

    @cached_property
    def prefix(self) -> str:
        return (self.viewer.division_code or "").rstrip("0")

    def __post_init__(self) -> None:
        self.rows.setdefault("former_division", [former._asdict() for former in history().former()])

    def visible(self, table: str, row: Row) -> bool:
        key = (table, id(row))
        if key not in self.known:
            rule: Callable[[str, Row], bool] = getattr(self, f"_{self.viewer.role}")
            if table in PART_OF:
                whole, by = PART_OF[table]
                return any(self.visible(whole, each) for each in self.rows[whole] if each["id"] == row[by])
            seen = table in ("division", "former_division") or rule(table, row)
            self.known[key] = seen and (self._sees_children() or self._is_shown(table, row))
        return self.known[key]

    def seen(self, table: str) -> list[Row]:
        return [row for row in self.rows[table] if self.visible(table, row)]

    def number(self, row: Row, counts: Counts) -> int:
        """How many rows it is about, of those that are seen."""
        return sum(
            each[counts.column] == row[counts.own]
            and all(each.get(name) is None for name in counts.empty)
            and (counts.unset is None or not each[counts.unset])
            and (counts.listed is None or each["id"] in row[counts.listed])
            for each in self.seen(counts.of)
        )

    # ── who holds no ``field:minor`` sees nobody under 14 and no child whose rights were violated ────

    def tells(self, table: str, row: Row) -> bool:
        """Whether it is of nobody whom the viewer may not see for being a child."""
        return self._sees_children() or self._is_shown(table, row)

    def _sees_children(self) -> bool:
        return "minor" in self.viewer.groups or self.viewer.role not in ("bureau", "township", "contractor")

    def _is_shown(self, table: str, row: Row) -> bool:
        if table == "beneficiary":
            return self._is_of_age(row)
        if table == "household":
            return any(
                self.visible("beneficiary", p)
                for p in self.rows["beneficiary"]
                if p["household_id"] == row["id"] and p["county_code"] == row["county_code"]
            )
        if table == "emergency_access":
            opened = [p for p in self.rows["beneficiary"] if p["id"] in row["person_ids"]]
            people = [p for p in opened if p["county_code"] == row["county_code"]]
            known = len(people) == len(row["person_ids"]) and all(map(self._is_of_age, people))
            own = (row["client_id"], row.get("user_id")) == (self.viewer.client_id, self.viewer.user_id)
            return own or (known and row["reason"] != "CHILD_IN_DANGER")
        if table.startswith("deletion_") and self.viewer.role == "contractor":
            return True
        if table == "deletion_duty":
            return any(p["deletion_duty_id"] == row["id"] for p in self.seen("deletion_duty_person"))
        if table == "deletion_certificate":
            lines = self.seen("deletion_duty_person")
            duty = row["deletion_duty_id"]
            return any(p["deletion_duty_id"] == duty and p["id"] in row["line_ids"] for p in lines)
        if table == "street_encounter":
            known = row["beneficiary_id"] is not None
            return not row["is_minor"] and (not known or self._is_of_age(self._person(row)))
        return "beneficiary_id" not in row or self._is_of_age(self._person(row))

    def _is_of_age(self, person: Row) -> bool:
        lists = {
            m["category"]
            for m in self.rows["category_membership"]
            if m["beneficiary_id"] == person["id"] and m["county_code"] == person["county_code"]
        }
        if "HARMED_CHILD" in lists:
            return False
        born = person.get("birth_on")
        if born is None:
            return not lists & {"ORPHAN", "LEFT_BEHIND_CHILD"}
        return (self.today.year - 14, self.today.month, self.today.day) >= (born.year, born.month, born.day)

    # ── a bureau sees its tree ───────────────────────────────────────────────────────────────────

    def _inside(self, code: str | None) -> bool:
        return code is not None and self._padded(code).startswith(self._prefix_of_level())

    def _prefix_of_level(self) -> str:
        code = self.viewer.division_code or "x" * 12
        for width in (2, 4, 6, 9, 12):
            if code[width:] == "0" * (12 - width):
                return code[:width]
        return code

    @staticmethod
    def _padded(code: str) -> str:
        return code.ljust(12, "0")

    def _bureau(self, table: str, row: Row) -> bool:
        if table in ("contractor", "contract_station"):
            return True
        if table in PERSONAL:
            return self._inside(row["county_code"])
        return self._inside(row["division_code"])

    # ── a township sees its station, its residents, and what is done for them ───────────────────

    def _township(self, table: str, row: Row) -> bool:
        if table in ("contractor", "contract_station"):
            return True
        if table == "contract":
            return any(self._inside(s["division_code"]) for s in self._stations_of(row))
        if table in PERSONAL:
            return self._inside(self._person(row)["division_code"])
        if table in ("deletion_duty", "deletion_certificate"):
            contract = next(k for k in self.rows["contract"] if k["id"] == row["contract_id"])
            return self._township("contract", contract)
        if table == "fund_source":
            return False
        if table == "report":
            return self._inside(row["division_code"]) or self._inside(row["recipient_division_code"])
        if table in WORK:
            served = [k for k in self.rows["contract"] if k["id"] == row["contract_id"]]
            as_whole = row["station_id"] is None and any(self._township("contract", k) for k in served)
            return self._inside(row["division_code"]) or as_whole
        if table == "source":
            return bool(row["division_code"][:6] == (self.viewer.division_code or "")[:6])
        return self._inside(row["division_code"])

    # ── a contractor sees what its live contracts and assignments reach ─────────────────────────

    def _contractor(self, table: str, row: Row) -> bool:
        own = self.viewer.organisation_id
        match table:
            case "source":
                return True
            case "contractor":
                return bool(row["id"] == own)
            case "contract" | "subsidy_check":
                return bool(row["contractor_id"] == own)
            case "contract_station":
                return any(
                    k["id"] == row["contract_id"] and k["contractor_id"] == own for k in self.rows["contract"]
                )
            case "station":
                return any(
                    link["station_id"] == row["id"] and self.live(link["contract_id"])
                    for link in self.rows["contract_station"]
                )
            case "personnel":
                return bool(row["employer_id"] == own)
            case "assignment":
                return self._on_the_day(row)
            case "beneficiary":
                return self._assigned(row)
            case "household":
                return any(
                    p["household_id"] == row["id"] and p["county_code"] == row["county_code"]
                    for p in self.rows["beneficiary"]
                    if self._assigned(p)
                )
            case "street_encounter":
                return own == row["contractor_id"] and any(self.live(k["id"]) for k in self.rows["contract"])
            case "category_membership" | "relief_episode":
                return self._assigned(self._person(row))
            case _ if table in NOTED:
                return self._assigned(self._person(row))
            case _ if table in DONE:
                return self.live(row["contract_id"]) and self._assigned(self._person(row))
            case _ if table in WHOLES:
                whole = WHOLES[table]
                return any(
                    w["id"] == row[f"{whole}_id"] and w["county_code"] == row["county_code"]
                    for w in self.rows[whole]
                    if self._contractor(whole, w)
                )
            case "visit":
                return (
                    row["contractor_id"] == own
                    and self.live(row["contract_id"])
                    and self._assigned(self._person(row))
                )
            case "referral":
                holds = any(self.live(k["id"]) for k in self.rows["contract"])
                return holds and own in (row["from_contractor_id"], row["to_contractor_id"])
            case "child_worker":
                return any(self.live(k["id"]) for k in self.rows["contract"] if _is_of(k, row))
            case "handover" | "incident":
                return own == row["contractor_id"] and any(self.live(k["id"]) for k in self.rows["contract"])
            case "deletion_duty" | "deletion_duty_person" | "deletion_certificate":
                return bool(row["contractor_id"] == own)
            case _ if table in WORK:
                return bool(row["contractor_id"] == own)
        return False

    def live(self, number: int | None) -> bool:
        return any(
            k["id"] == number
            and k["contractor_id"] == self.viewer.organisation_id
            and k["status"] in ("ACTIVE", "RENEWED", "NOT_RENEWED")
            and k["starts_on"] <= self.today <= k["ends_on"]
            for k in self.rows["contract"]
        )

    def _on_the_day(self, assignment: Row) -> bool:
        ends = assignment["ends_on"]
        return (
            assignment["contractor_id"] == self.viewer.organisation_id
            and assignment["starts_on"] <= self.today
            and (ends is None or ends >= self.today)
            and self.live(assignment["contract_id"])
        )

    def _assigned(self, person: Row) -> bool:
        return any(
            a["beneficiary_id"] == person["id"]
            and a["county_code"] == person["county_code"]
            and self._on_the_day(a)
            for a in self.rows["assignment"]
        )

    def _person(self, row: Row) -> Row:
        return next(
            p
            for p in self.rows["beneficiary"]
            if p["id"] == row["beneficiary_id"] and p["county_code"] == row["county_code"]
        )

    def _stations_of(self, contract: Row) -> list[Row]:
        numbers = {
            n["station_id"] for n in self.rows["contract_station"] if n["contract_id"] == contract["id"]
        }
        return [s for s in self.rows["station"] if s["id"] in numbers]

    # ── relations ────────────────────────────────────────────────────────────────────────────────

    def related(self, relation: bind.One | bind.Many, row: Row) -> list[Row]:
        """Visible rows a relation leads to from ``row``."""
        target = bind.TYPES[relation.target].table.name
        if isinstance(relation, bind.One) or relation.through is None:
            return [r for r in self.seen(target) if _joined(row, r, relation.pairs)]
        links = [r for r in self.seen(relation.through) if _joined(row, r, relation.pairs)]
        return [r for r in self.seen(target) if any(_joined(n, r, relation.through_pairs) for n in links)]


def _is_of(contract: Row, row: Row) -> bool:
    return bool(contract["county_code"] == row["division_code"][:6])


def _joined(here: Row, there: Row, pairs: bind.Pairs) -> bool:
    return all(here.get(a) is not None and here.get(a) == there.get(b) for a, b in pairs)


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[c.name] for c in metadata.tables[table].primary_key.columns)
