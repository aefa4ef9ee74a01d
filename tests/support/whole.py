"""The oracle for every table a slice names, also those that no test of the read engine reaches."""

from __future__ import annotations

from typing import Any

from hub.access.slices import OF_RUNS
from hub.tables import HISTORIES, RECORDS
from tests.support.oracle import Oracle, Row

FACTS = {past.name: fact for fact, past in HISTORIES.items()}
GOLDEN = {record.name: golden for golden, record in RECORDS.items()}


class WholeOracle(Oracle):
    def visible(self, table: str, row: Row) -> bool:
        if table == "precedence_rule":
            return True
        if table in ("field_override", "correction_request"):
            own = table == "field_override" or self.viewer.role != "contractor"
            seen = self.visible("beneficiary", self._person(row))
            return seen and (own or row["organisation_id"] == self.viewer.organisation_id)
        if table == "beneficiary_apart":
            return self.visible("beneficiary", self._standing(row, row["id"]))
        if table == "identity_review":
            sides = [self._standing(row, row[name]) for name in ("first_id", "second_id")]
            return all(self.visible("beneficiary", person) for person in sides)
        if table in GOLDEN:
            return self.visible(GOLDEN[table], self._golden(table, row))
        if table in FACTS:
            return self._visible_version(FACTS[table], row)
        return super().visible(table, row)

    def _visible_version(self, fact: str, version: Row) -> bool:
        """By whom it is of, today; a contractor sees of an assignment what it sees today, under its own."""
        if self.viewer.role != "contractor" or fact != "assignment":
            return super().visible(fact, version)
        told = ("county_code", "id", "beneficiary_id")
        now = [r for r in self.seen(fact) if all(r[name] == version[name] for name in told)]
        return bool(now) and self.live(version["contract_id"])

    def _standing(self, row: Row, number: int) -> Row:
        """The person a file is shown as, which may be another one's."""
        county = row["county_code"]
        apart = (a for a in self.rows["beneficiary_apart"] if a["county_code"] == county)
        shown_as = {a["id"]: a["linked_to"] for a in apart}.get(number, number)
        return self._person({"beneficiary_id": shown_as, "county_code": county})

    def _golden(self, table: str, record: Row) -> Row:
        golden = self.rows[GOLDEN[table]]
        return next(
            row
            for row in golden
            if row["id"] == record["entity_id"] and row.get("county_code") == record.get("county_code")
        )

    def _bureau(self, table: str, row: Row) -> bool:
        if table in ("sync_run", "reconciliation", *OF_RUNS):
            return self.visible("source", self._source(row))
        if table == "source" and row["division_code"] is None:
            return True  # of no division: a catalogue that is everybody's
        return super()._bureau(table, row)

    def _township(self, table: str, row: Row) -> bool:
        if table == "emergency_access":
            return row["opener_role"] == "township" and self._inside(row["opener_division_code"])
        if table == "source":
            county = (self.viewer.division_code or "")[:6]
            return bool(row["division_code"] == f"{county}000000")
        return super()._township(table, row)

    def _contractor(self, table: str, row: Row) -> bool:
        if table == "emergency_access":
            return bool(row["organisation_id"] == self.viewer.organisation_id)
        return super()._contractor(table, row)

    def _emergency(self, table: str, row: Row) -> bool:
        """The people it was opened for, who serves them, and the stations of the county."""
        own = self.viewer.emergency
        match table:
            case "station":
                return bool(row["county_code"] == (self.viewer.division_code or "")[:6])
            case "contractor":
                served = (a for a in self.rows["assignment"] if self._emergency("assignment", a))
                return any(a["contractor_id"] == row["id"] for a in served)
            case "household":
                return any(
                    self.visible("beneficiary", p)
                    for p in self.rows["beneficiary"]
                    if p["household_id"] == row["id"] and p["county_code"] == row["county_code"]
                )
        person = row if table == "beneficiary" else self._person(row)
        here = (self.viewer.division_code or "")[:6]
        return own is not None and person["id"] in own.people and person["county_code"] == here

    def _agency(self, table: str, row: Row) -> bool:
        """Asked about, and never shown; its own watches are shown."""
        if table == "watch":
            return bool(row["client_id"] == self.viewer.client_id)
        person = row if table == "beneficiary" else self._person(row)
        return self._inside(person["division_code"])

    def _operator(self, table: str, row: Row) -> bool:
        return True

    def _source(self, row: dict[str, Any]) -> Row:
        return next(s for s in self.rows["source"] if s["id"] == row["source_id"])
