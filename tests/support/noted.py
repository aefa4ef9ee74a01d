"""What staff has noted of the people of a random county: dossiers, assessments, guardians, cases."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any, Final

from hub.store.vault import Vault

Rows = dict[str, list[dict[str, Any]]]
FIRST: Final = dt.date(2026, 6, 1)
TABLES: Final = (
    "dossier", "risk_assessment", "needs_record", "assessment", "guardian", "guardianship_confirmation",
    "protection_case", "case_work", "case_session", "hospital_escort", "visit_photo",
    "beneficiary_verdict",
)  # fmt: skip


def note(rng: random.Random, vault: Vault, rows: Rows, stamp: dt.datetime) -> None:
    for table in TABLES:
        rows[table] = []
    for person in rows["beneficiary"]:
        for table, said in _said(rng).items():
            if rng.random() < 0.4:
                _fact(rows, table, person, stamp, said)
        if rows["guardian"] and rng.random() < 0.5:
            own = [g for g in rows["guardian"] if g["beneficiary_id"] == person["id"]]
            for each in own:
                said = {"guardian_id": each["id"], "confirmed_on": FIRST, "document": None}
                _fact(rows, "guardianship_confirmation", person, stamp, said)
        _under_contract(rng, rows, person, stamp)
        _judged(rng, rows, person)
    for visit in rows["visit"]:
        if rng.random() < 0.3:
            picture = {
                "visit_id": visit["id"],
                "kind": "JPEG",
                "byte_count": 3,
                "content": vault.seal("/9j/"),
                "digest": b"\0",
                "caption": rng.choice([None, "门前"]),
            }
            _part(rows, "visit_photo", visit, picture)


def _said(rng: random.Random) -> dict[str, dict[str, Any]]:
    day = FIRST - dt.timedelta(days=rng.randint(0, 300))
    return {
        "dossier": {"kind": rng.choice(["CHILD", "ELDER"]), "opened_on": day, "problems": "缺少照料"},
        "risk_assessment": {"level": rng.choice(["LEVEL_1", "LEVEL_3"]), "assessed_on": day},
        "needs_record": {"kind": "CARE", "status": rng.choice(["OPEN", "MET"]), "assessed_on": day},
        "assessment": {"kind": "ELDER_ABILITY", "assessed_on": day, "result": "轻度失能"},
        "guardian": {"kind": "GUARDIAN", "name": "监护人甲"},
        "protection_case": {
            "trigger": "VISIT",
            "step": rng.choice(["MONITOR_PREVENT", "JOINT_HANDLING"]),
            "opened_on": day,
            "is_mandatory_report": False,
        },
    }


def _under_contract(rng: random.Random, rows: Rows, person: dict[str, Any], stamp: dt.datetime) -> None:
    contracts = [k["id"] for k in rows["contract"] if k["county_code"] == person["county_code"]]
    under = {"contract_id": rng.choice([None, *contracts])}
    if rng.random() < 0.5:
        case = {**under, "kind": "CONSULT", "session_count": 1, "hours": Decimal("2.0"), "opened_on": FIRST}
        made = _fact(rows, "case_work", person, stamp, case)
        _part(
            rows,
            "case_session",
            made,
            {"case_work_id": made["id"], "held_on": FIRST, "hours": Decimal("2.0")},
        )
    if rng.random() < 0.3:
        _fact(rows, "hospital_escort", person, stamp, {**under, "starts_on": FIRST, "carers": ["护工甲"]})


def _fact(rows: Rows, table: str, person: dict[str, Any], stamp: dt.datetime, said: Any) -> dict[str, Any]:
    number = len(rows[table]) + 1
    row = {
        "county_code": person["county_code"],
        "id": number,
        "beneficiary_id": person["id"],
        "source_id": 1,
        "record_key": f"{table}:{number}",
        "content_hash": b"\0",
        "observed_at": stamp,
        "received_at": stamp,
        "run_id": 1,
        **said,
    }
    rows[table].append(row)
    return row


def _part(rows: Rows, table: str, whole: dict[str, Any], said: dict[str, Any]) -> None:
    keys = {name: whole[name] for name in ("county_code", "beneficiary_id")}
    rows[table].append({**keys, "id": len(rows[table]) + 1, **said})


def _judged(rng: random.Random, rows: Rows, person: dict[str, Any]) -> None:
    for bound, quantity in enumerate(rng.sample(["visit.level_1", "visit.elder", "dossier.count"], 2)):
        judged = {
            "beneficiary_id": person["id"],
            "document": "QX",
            "rule": "R155",
            "bound": bound,
            "quantity": quantity,
            "status": rng.choice(["MET", "NOT_MET", "DUE"]),
            "value": "0",
            "target": "1",
            "due_on": FIRST + dt.timedelta(days=rng.randrange(9)),
            "since_on": FIRST,
        }
        number = len(rows["beneficiary_verdict"]) + 1
        rows["beneficiary_verdict"].append({"county_code": person["county_code"], "id": number, **judged})
