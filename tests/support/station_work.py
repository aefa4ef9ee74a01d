"""What is done at stations and under contracts of the small random world: some of each kind."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hub.domain.dates import CHINA

Row = dict[str, Any]
Rows = dict[str, list[Row]]
DAY = dt.date(2026, 6, 1)
VILLAGES = ("450305001001", "450305001000", "350582103000")
KINDS: dict[str, Row] = {
    "group_work": {"series": "小组"},
    "community_activity": {"theme": "活动", "held_on": DAY, "attendee_count": 30},
    "publicity_event": {"kind": "ASSISTANCE", "topics": ["FRAUD"], "held_on": DAY, "townships_covered": []},
    "patrol": {"patrolled_on": DAY, "team": []},
    "training_event": {"kind": "CONTINUING", "held_on": DAY, "hours": 2, "topics": []},
    "handover": {"handed_over_on": DAY},
    "incident": {"summary": "漏水", "occurred_at": dt.datetime(2026, 6, 1, 8, tzinfo=CHINA)},
    "archive_transfer": {"scope": "YEAR_CLOSE", "transferred_on": DAY, "listed_files": ["登记表"]},
    "report": {
        "kind": "MONTHLY", "sender": "CONTRACTOR", "recipient": "COUNTY_BUREAU", "is_copy": False,
        "period_starts_on": DAY, "period_ends_on": DAY, "status": "SUBMITTED",
    },
    "evaluation": {"kind": "ANNUAL", "evaluator": "局", "period_starts_on": DAY, "period_ends_on": DAY},
}  # fmt: skip
"""What a row has beside where it was done."""


def work(rng: random.Random, rows: Rows, stamp: dt.datetime) -> None:
    for table, told in KINDS.items():
        rows[table] = []
        for number in range(1, 16):
            rows[table].append(_stated(table, number, stamp) | _place(rng, rows) | told)
    staff = [each["id"] for each in rows["personnel"]]
    for row in rows["handover"]:
        row.update({"from_id": rng.choice(staff), "to_id": rng.choice([None, *staff])})
    for row in rows["report"]:
        county = row["division_code"][:6] + "000000"
        row["recipient_division_code"] = rng.choice([county, "450305001000"])
    rows["child_worker"] = [
        _stated("child_worker", number, stamp)
        | {"division_code": rng.choice(VILLAGES), "kind": "CHILD_DIRECTOR", "name": f"主任{number}"}
        for number in range(1, 9)
    ]
    rows["group_session"], rows["training_record"], rows["handover_item"] = [], [], []
    for number in range(1, 31):
        rows["group_session"].append(
            {"id": number, "group_work_id": rng.randint(1, 15), "held_on": DAY, "hours": 2}
        )
        rows["training_record"].append(
            {
                **_stated("training_record", number, stamp),
                "training_event_id": rng.randint(1, 15),
                "hours": 2,
                **rng.choice(
                    [
                        {"personnel_id": rng.choice(staff), "child_worker_id": None},
                        {"personnel_id": None, "child_worker_id": rng.randint(1, 8)},
                    ]
                ),
            }
        )
        rows["handover_item"].append(
            {
                "id": number,
                "handover_id": rng.randint(1, 15),
                "kind": "RECORDS",
                "description": "档案",
                "is_checked": rng.random() < 0.5,
            }
        )
    _money(rng, rows, stamp)


def _money(rng: random.Random, rows: Rows, stamp: dt.datetime) -> None:
    rows["fund_source"], rows["budget_line"], rows["expenditure"] = [], [], []
    contracts = [each["id"] for each in rows["contract"]]
    for number in range(1, 9):
        rows["fund_source"].append(
            {
                **_stated("fund_source", number, stamp),
                "division_code": rng.choice(["450305000000", "350582000000"]),
                "kind": "BUDGET",
                "year": 2026,
                "amount": number,
            }
        )
        rows["budget_line"].append(
            {
                **_stated("budget_line", number, stamp),
                "contract_id": rng.choice(contracts),
                "category": "ACTIVITY",
                "planned_amount": number,
            }
        )
    for number in range(1, 31):
        line = rng.choice([None, *rows["budget_line"]])
        rows["expenditure"].append(
            {
                **_stated("expenditure", number, stamp),
                "contract_id": line["contract_id"] if line else rng.choice(contracts),
                "budget_line_id": line["id"] if line else None,
                "fund_source_id": rng.choice([None, 1, 2, 3]),
                "spent_on": DAY,
                "amount": number,
                "is_civil_affairs_money": True,
            }
        )


def _stated(table: str, number: int, stamp: dt.datetime) -> Row:
    return {
        "id": number,
        "source_id": 1,
        "record_key": f"{table}:{number}",
        "content_hash": b"\0",
        "observed_at": stamp,
        "received_at": stamp,
        "run_id": 1,
    }


def _place(rng: random.Random, rows: Rows) -> Row:
    """At a station of the contract, or for it as a whole; or by an office, for its division."""
    contract = rng.choice([None, *rows["contract"], *rows["contract"]])
    if contract is None:
        code = rng.choice(["450305000000", "350582000000", *(s["division_code"] for s in rows["station"])])
        return {"division_code": code, "station_id": None, "contract_id": None, "contractor_id": None}
    stations = [each for each in rows["station"] if each["county_code"] == contract["county_code"]]
    station = rng.choice([None, *stations])
    return {
        "division_code": (station or contract)["division_code"],
        "station_id": station and station["id"],
        "contract_id": contract["id"],
        "contractor_id": contract["contractor_id"],
    }
