"""A small random world written straight into the golden tables, for tests of reading."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hub.domain.dates import CHINA
from hub.domain.id_number import make_id_number
from hub.domain.text import mask_id_number, mask_name
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import metadata
from tests.support.handed import hand_on
from tests.support.noted import note
from tests.support.station_work import work

TODAY = dt.date(2026, 6, 15)
TOWNSHIPS = ("450305001000", "450305200000", "350582001000", "350582103000")
Rows = dict[str, list[dict[str, Any]]]


def day(rng: random.Random, back: int = 400, ahead: int = 100) -> dt.date:
    return TODAY + dt.timedelta(days=rng.randint(-back, ahead))


def build(rng: random.Random, vault: Vault, people: int = 60) -> Rows:
    """Rows by table: two counties, four townships, three contractors, contracts dead, live and to come."""
    rows: Rows = {}
    stamp = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    rows["source"] = [
        {
            "id": i,
            "code": f"roster-{c}",
            "name": f"名单{c}",
            "connector": "roster",
            "division_code": f"{c}000000",
            "location": "/",
            "max_age_hours": 744,
        }
        for i, c in enumerate(("450305", "350582"), 1)
    ]
    rows["contractor"] = [
        {"id": i, "credit_code": f"5245030{i}", "name": f"机构{i}", "contact_name": "联系人"}
        for i in (1, 2, 3)
    ]
    rows["station"] = [
        {
            "id": i,
            "county_code": code[:6],
            "division_code": code,
            "name": f"服务站{i}",
            "kind": "CIVIL_AFFAIRS",
            "status": rng.choice(["OPERATING", "SUSPENDED"]),
            "operator_id": rng.choice([1, 2, 3, None]),
        }
        for i, code in enumerate(TOWNSHIPS, 1)
    ]
    rows["contract"] = [_contract(rng, i) for i in range(1, 13)]
    rows["contract_station"] = [
        {"contract_id": k["id"], "station_id": s["id"]}
        for k in rows["contract"]
        for s in rows["station"]
        if s["county_code"] == k["county_code"] and rng.random() < 0.7
    ]
    rows["personnel"] = [_person_on_post(rng, vault, i, rows) for i in range(1, 13)]
    rows["household"] = [
        {
            "county_code": code[:6],
            "id": i,
            "household_number": f"H{i}",
            "division_code": code,
            "address": f"地址{i}",
        }
        for i in range(1, 13)
        for code in (rng.choice(TOWNSHIPS),)
    ]
    rows["beneficiary"] = [_beneficiary(rng, vault, i, rows) for i in range(1, people + 1)]
    rows["category_membership"] = []
    rows["assignment"] = []
    rows["visit"] = []
    for person in rows["beneficiary"]:
        _work(rng, person, rows, stamp)
    _warn(random.Random(len(rows["visit"])), rows, stamp)
    _find(random.Random(len(rows["visit"]) + 1), rows, stamp)
    note(random.Random(len(rows["visit"]) + 2), vault, rows, stamp)
    hand_on(random.Random(len(rows["visit"])), rows)
    work(random.Random(len(rows["visit"]) + 2), rows, stamp)
    _check(random.Random(len(rows["visit"]) + 3), rows, stamp)
    return rows


def _contract(rng: random.Random, number: int) -> dict[str, Any]:
    county = rng.choice(["450305", "350582"])
    starts = day(rng)
    return {
        "id": number,
        "county_code": county,
        "number": f"HT-{number}",
        "division_code": f"{county}000000",
        "contractor_id": rng.randint(1, 3),
        "starts_on": starts,
        "ends_on": starts + dt.timedelta(days=rng.choice([0, 200, 365, 365, 700])),
        "amount": rng.randint(1, 900_000),
        "status": rng.choice(["ACTIVE", "ACTIVE", "RENEWED", "NOT_RENEWED", "TERMINATED", "DRAFT"]),
    }


def _numbers(vault: Vault, number: str | None) -> dict[str, Any]:
    if number is None:
        return {}
    return {
        "id_number": vault.seal(number),
        "id_number_hash": vault.blind(number),
        "id_number_masked": mask_id_number(number),
    }


def _person_on_post(rng: random.Random, vault: Vault, number: int, rows: Rows) -> dict[str, Any]:
    station = rng.choice(rows["station"])
    identity = make_id_number("459999", dt.date(1985, 1, 1), number)
    return {
        "id": number,
        "county_code": station["county_code"],
        "staff_number": f"S{number}",
        "name": f"社工{number}",
        "employer_id": rng.choice([1, 2, 3, None]),
        "station_id": station["id"],
        "division_code": station["division_code"],
        "kind": rng.choice(["RESIDENT", "STATION_HEAD", "SUPERVISOR"]),
        "phone": f"1380000{number:04d}",
        **_numbers(vault, identity),
    }


def _beneficiary(rng: random.Random, vault: Vault, number: int, rows: Rows) -> dict[str, Any]:
    code = rng.choice(TOWNSHIPS)
    born = dt.date(rng.randint(1940, 2022), rng.randint(1, 12), rng.randint(1, 28))
    homes = [h["id"] for h in rows["household"] if h["division_code"] == code]
    station = next(s for s in rows["station"] if s["division_code"] == code)
    name = f"张{number}"
    return {
        "county_code": code[:6],
        "id": number,
        "name": name,
        "name_masked": mask_name(name),
        "sex": rng.choice(["MALE", "FEMALE", None]),
        "birth_on": rng.choice([born, born, None]),
        "division_code": code,
        "address": f"住址{number}",
        "household_id": rng.choice([*homes, None]),
        "station_id": rng.choice([station["id"], None]),
        "risk_level": rng.choice(["LEVEL_1", "LEVEL_2", "LEVEL_3", None]),
        "guardian_name": rng.choice([f"监护人{number}", None]),
        "deceased_on": rng.choice([None, None, None, day(rng)]),
        **_numbers(vault, rng.choice([make_id_number("459999", born, number), None])),
    }


def _fact(person: dict[str, Any], table: str, rows: Rows, stamp: dt.datetime) -> dict[str, Any]:
    number = len(rows[table]) + 1
    return {
        "county_code": person["county_code"],
        "id": number,
        "beneficiary_id": person["id"],
        "source_id": 1 if person["county_code"] == "450305" else 2,
        "record_key": f"{table}:{number}",
        "content_hash": b"\0",
        "observed_at": stamp,
        "received_at": stamp,
        "run_id": 1,
    }


def _work(rng: random.Random, person: dict[str, Any], rows: Rows, stamp: dt.datetime) -> None:
    for _ in range(rng.randint(0, 2)):
        starts = day(rng)
        fact = _fact(person, "category_membership", rows, stamp)
        category = rng.choice(["DIBAO", "TEKUN", "ORPHAN", "LEFT_BEHIND_CHILD"])
        rows["category_membership"].append(
            {
                **fact,
                "category": "HARMED_CHILD" if fact["id"] % 9 == 4 else category,
                "starts_on": starts,
                "ends_on": rng.choice([None, starts + dt.timedelta(days=rng.randint(0, 400))]),
            }
        )
    contracts = [k for k in rows["contract"] if k["county_code"] == person["county_code"]]
    stations = [s for s in rows["station"] if s["county_code"] == person["county_code"]]
    for _ in range(rng.randint(0, 2) if contracts else 0):
        contract, starts = rng.choice(contracts), day(rng)
        rows["assignment"].append(
            {
                **_fact(person, "assignment", rows, stamp),
                "station_id": rng.choice(stations)["id"],
                "contract_id": contract["id"],
                "contractor_id": contract["contractor_id"],
                "worker_id": rng.choice([None, *(p["id"] for p in rows["personnel"])]),
                "starts_on": starts,
                "ends_on": rng.choice([None, starts + dt.timedelta(days=rng.randint(0, 400))]),
            }
        )
    for _ in range(rng.randint(0, 3)):
        under: dict[str, Any] | None = rng.choice([None, *contracts])
        rows["visit"].append(
            {
                **_fact(person, "visit", rows, stamp),
                "station_id": rng.choice([s["id"] for s in stations]),
                "contract_id": under["id"] if under else None,
                "contractor_id": under["contractor_id"] if under else None,
                "worker_id": rng.choice([None, *(p["id"] for p in rows["personnel"])]),
                "visited_on": day(rng),
                "kind": "HOME",
                "purpose": "OTHER",
            }
        )


def _warn(rng: random.Random, rows: Rows, stamp: dt.datetime) -> None:
    rows["warning"] = []
    for person in rows["beneficiary"]:
        for _ in range(rng.randint(0, 2)):
            raised = day(rng, ahead=0)
            rows["warning"].append(
                {
                    **_fact(person, "warning", rows, stamp),
                    "kind": rng.choice(["大额医疗支出", "结婚登记"]),
                    "department": rng.choice([None, "医保局"]),
                    "level": rng.choice([None, "LEVEL_1", "LEVEL_2"]),
                    "raised_on": raised,
                    "settled_on": rng.choice([None, raised + dt.timedelta(days=rng.randint(0, 60))]),
                }
            )


def _find(rng: random.Random, rows: Rows, stamp: dt.datetime) -> None:
    """On the street: stays of some people, and encounters with some of them and with others."""
    rows["relief_episode"] = []
    rows["street_encounter"] = []
    for person in rows["beneficiary"]:
        for _ in range(rng.choice([0, 0, 1, 2])):
            admitted = day(rng, ahead=0)
            left = rng.choice([None, admitted + dt.timedelta(days=rng.randint(0, 30))])
            number = f"JZ{len(rows['relief_episode'])}"
            stays = left is None or left > admitted + dt.timedelta(days=10)
            rows["relief_episode"].append(
                {
                    **_fact(person, "relief_episode", rows, stamp),
                    "number": number,
                    "noted_name": rng.choice([None, "无名氏"]),
                    "admitted_on": admitted,
                    "left_on": left,
                    "detained_from_on": admitted + dt.timedelta(days=11) if stays else None,
                }
            )
            led = rows["relief_episode"][-1]
            if rng.random() < 0.6:
                rows["street_encounter"].append(_encounter(rng, rows, stamp, person, led))
        if rng.random() < 0.3:
            rows["street_encounter"].append(_encounter(rng, rows, stamp, person, None))


def _encounter(
    rng: random.Random, rows: Rows, stamp: dt.datetime, person: dict[str, Any], led: dict[str, Any] | None
) -> dict[str, Any]:
    known = led is not None or rng.random() < 0.5
    minor = rng.choice([True, False, False])
    return {
        **_fact(person, "street_encounter", rows, stamp),
        "beneficiary_id": person["id"] if known else None,
        "division_code": rng.choice([t for t in TOWNSHIPS if t[:6] == person["county_code"]]),
        "contractor_id": rng.choice([None, 1, 2, 3]),
        "encountered_at": (stamp - dt.timedelta(hours=rng.randint(1, 9000))).astimezone(CHINA),
        "is_minor": minor,
        "actions": [] if minor else ["COUNSELLING"],
        "due_actions": ["CALL_110"] if minor else [],
        "report_state": rng.choice([None, "PENDING", "REFUSED"]) if led is None else "ACCEPTED",
        "national_system_number": led and led["number"],
        "relief_episode_id": led and led["id"],
    }


async def store(database: Database, rows: Rows) -> None:
    async with database.transaction() as connection:
        for table, entries in rows.items():
            computed = {c.name for c in metadata.tables[table].c if c.computed is not None}
            columns = sorted({c for row in entries for c in row} - computed)
            await connection.copy_records_to_table(
                table, columns=columns, records=[[row.get(c) for c in columns] for row in entries]
            )


def _check(rng: random.Random, rows: Rows, stamp: dt.datetime) -> None:
    """Samples of results and services, with the help of contractors and without."""
    rows["subsidy_check"] = []
    for number in range(1, 13):
        contract = rng.choice([None, *rows["contract"]])
        rows["subsidy_check"].append(
            {
                "id": number,
                "division_code": rng.choice(["450305000000", "350582000000"]),
                "contract_id": contract and contract["id"],
                "contractor_id": contract and contract["contractor_id"],
                "kind": rng.choice(["ASSESSMENT_RECHECK", "SERVICE_SPOT_CHECK"]),
                "checked_on": rng.choice([None, day(rng)]),
                "population_count": 101,
                "sample_count": 3,
                "drawn_numbers": [f"PG-{rng.randint(1, 101)}"],
                "deviating_numbers": [],
                "findings": [],
                "source_id": 1,
                "record_key": f"subsidy_check:{number}",
                "content_hash": b"\0",
                "observed_at": stamp,
                "received_at": stamp,
                "run_id": 1,
            }
        )
