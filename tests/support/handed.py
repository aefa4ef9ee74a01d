"""Referrals, duties to delete and certificates in a small county: any mix of them, sensible or not."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Final

Row = dict[str, Any]
Rows = dict[str, list[Row]]

AT: Final = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
PARTIES: Final = ("COUNTY_BUREAU", "TOWNSHIP", "CONTRACTOR")


def hand_on(rng: random.Random, rows: Rows) -> None:
    people = [rng.choice(rows["beneficiary"]) for _ in range(40)]
    rows["referral"] = [_referral(rng, number, who, rows) for number, who in enumerate(people, 1)]
    rows["deletion_duty"] = [_duty(rng, k, number) for number, k in enumerate(rows["contract"], 1)]
    rows["deletion_certificate"] = [
        _certificate(rng, rng.choice(rows["deletion_duty"]), number) for number in range(1, 9)
    ]
    rows["deletion_duty_person"] = [
        _line(rng, rng.choice(rows["beneficiary"]), rng.choice(rows["deletion_duty"]), number, rows)
        for number in range(1, 41)
    ]


def _referral(rng: random.Random, number: int, who: Row, rows: Rows) -> Row:
    left, taken = rng.choice([None, *rows["contract"]]), rng.choice([None, *rows["contract"]])
    return {
        "county_code": who["county_code"],
        "id": number,
        "beneficiary_id": who["id"],
        "division_code": who["division_code"],
        "township_division_code": who["division_code"][:9] + "000",
        "kind": rng.choice(["TRANSFER", "REFER"]),
        "status": rng.choice(["PENDING", "ACCEPTED", "DECLINED", "WITHDRAWN", "OVERTAKEN"]),
        "category": rng.choice(["DIBAO", "ORPHAN"]),
        "need": rng.choice([None, "CARE"]),
        "referrer": rng.choice(PARTIES),
        "referrer_name": rng.choice(["甲机构", "乙镇"]),
        "from_contractor_id": left and left["contractor_id"],
        "from_contract_id": left and left["id"],
        "to_contractor_id": taken["contractor_id"] if taken else rng.randint(1, 3),
        "to_contract_id": taken and taken["id"],
        "to_station_id": rng.choice([None, 1, 3]),
        "made_at": AT + dt.timedelta(hours=number),
        "decided_at": rng.choice([None, AT + dt.timedelta(days=1)]),
    }


def _duty(rng: random.Random, contract: Row, number: int) -> Row:
    issued = AT.date() - dt.timedelta(days=rng.randint(0, 60))
    return {
        "id": number,
        "contract_id": contract["id"],
        "contractor_id": contract["contractor_id"],
        "division_code": contract["division_code"],
        "reason": rng.choice(["CONTRACT_ENDED", "ASSIGNMENT_ENDED"]),
        "status": rng.choice(["OPEN", "FILED", "DONE", "RELEASED"]),
        "lost_on": issued - dt.timedelta(days=1),
        "issued_on": issued,
        "due_on": issued + dt.timedelta(days=30),
    }


def _certificate(rng: random.Random, duty: Row, number: int) -> Row:
    return {
        "id": number,
        "deletion_duty_id": duty["id"],
        "contract_id": duty["contract_id"],
        "contractor_id": duty["contractor_id"],
        "division_code": duty["division_code"],
        "method": rng.choice(["RETURNED", "DELETED"]),
        "statement": "已删除",
        "signer_name": f"签{number}",
        "signed_on": AT.date(),
        "filed_at": AT,
        "line_ids": list(range(number, number + 10)),
        "decision": rng.choice(["PENDING", "ACCEPTED", "REJECTED"]),
    }


def _line(rng: random.Random, who: Row, duty: Row, number: int, rows: Rows) -> Row:
    own = [c["id"] for c in rows["deletion_certificate"] if c["deletion_duty_id"] == duty["id"]]
    return {
        "county_code": who["county_code"],
        "id": number,
        "beneficiary_id": who["id"],
        "person": f"Beneficiary:{who['county_code']}:{who['id']}",
        "division_code": who["division_code"],
        "deletion_duty_id": duty["id"],
        "contract_id": duty["contract_id"],
        "contractor_id": duty["contractor_id"],
        "lost_on": duty["lost_on"],
        "was_shown": rng.random() < 0.5,
        "released_on": rng.choice([None, None, AT.date()]),
        "deletion_certificate_id": rng.choice([None, *own]),
    }
