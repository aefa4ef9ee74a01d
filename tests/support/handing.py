"""A small county in which two contractors hold contracts today, and one of them serves two people there."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tests.support.county import TODAY
from tests.support.reading import DONGJIANG, QIXING, World, small_world, viewer

SENDER: Final = viewer("contractor", None, 1)
RECEIVER: Final = viewer("contractor", None, 2)
OTHER: Final = viewer("contractor", None, 3)
BUREAU: Final = viewer("bureau", QIXING)
TOWNSHIP: Final = viewer("township", DONGJIANG)
FROM, TO, TO_TOO = 101, 102, 103
"""Contracts: the sender's, and two of the receiver's; the last is served in the other county."""
PERSON, NEIGHBOUR = 1001, 1002
COUNTY: Final = "450305"
MADE: Final = "referral, deletion_duty, deletion_duty_person, deletion_certificate, write_key, change"
"""What the tests make themselves."""
ABOVE: Final = 20_000
CODES: Final = {1: "52450301", 2: "52450302", 3: "52450303"}


def contract(number: int, contractor: int, county: str = COUNTY) -> dict[str, Any]:
    return {
        "id": number,
        "county_code": county,
        "number": f"HT-{number}",
        "division_code": f"{county}000000",
        "contractor_id": contractor,
        "starts_on": TODAY - dt.timedelta(days=100),
        "ends_on": TODAY + dt.timedelta(days=100),
        "amount": 1,
        "status": "ACTIVE",
    }


def fact(number: int, person: int) -> dict[str, Any]:
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    return {
        "county_code": COUNTY,
        "id": number,
        "beneficiary_id": person,
        "source_id": 1,
        "record_key": f"handing:{number}",
        "content_hash": b"\0",
        "observed_at": at,
        "received_at": at,
        "run_id": 1,
    }


def assignment(number: int, person: int, contract: int, contractor: int) -> dict[str, Any]:
    return {
        **fact(number, person),
        "station_id": 1,
        "contract_id": contract,
        "contractor_id": contractor,
        "starts_on": TODAY - dt.timedelta(days=50),
        "ends_on": None,
    }


async def add(world: World, rows: dict[str, list[dict[str, Any]]]) -> None:
    """To the database, and to what an oracle knows."""
    async with world.database.transaction() as connection:
        for table, entries in rows.items():
            for row in entries:
                named, places = ", ".join(row), ", ".join(f"${i}" for i in range(1, len(row) + 1))
                await connection.execute(f"insert into {table} ({named}) values ({places})", *row.values())
            world.rows.setdefault(table, []).extend(entries)


def person(number: int, name: str) -> dict[str, Any]:
    return {
        "county_code": COUNTY,
        "id": number,
        "division_code": DONGJIANG,
        "name": name,
        "name_masked": "某*",
    }


ASSIGNED: Final = [assignment(6001, PERSON, FROM, 1), assignment(6002, NEIGHBOUR, FROM, 1)]


async def furnish(world: World) -> None:
    await add(
        world,
        {
            "contract": [contract(FROM, 1), contract(TO, 2), contract(TO_TOO, 2, "350582")],
            "contract_station": [
                {"contract_id": FROM, "station_id": 1},
                {"contract_id": TO, "station_id": 1},
                {"contract_id": TO_TOO, "station_id": 3},
            ],
            "beneficiary": [person(PERSON, "甲某"), person(NEIGHBOUR, "乙某")],
            "category_membership": [
                {
                    **fact(5000 + number, number),
                    "category": "DIBAO",
                    "starts_on": TODAY - dt.timedelta(days=300),
                }
                for number in (PERSON, NEIGHBOUR)
            ],
        },
    )
    for table in ("source", "assignment"):  # rows of tests have numbers of their own
        await world.database.owner.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), {ABOVE})")


@asynccontextmanager
async def handing_world() -> AsyncIterator[World]:
    async with small_world() as world:
        await furnish(world)
        yield world


async def begin(world: World) -> World:
    """As if nothing had been done yet."""
    await world.database.owner.execute(f"""
        truncate {MADE} restart identity;
        delete from assignment where beneficiary_id in ({PERSON}, {NEIGHBOUR});
        update contract set status = 'CLOSED' where contractor_id = 2 and id not in ({TO}, {TO_TOO});
        update contract set status = 'ACTIVE', ends_on = starts_on + 200
        where id in ({FROM}, {TO}, {TO_TOO})""")
    world.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9))
    world.engine.live._known.clear()
    await add(world, {"assignment": ASSIGNED})
    return world


def id_of(number: int, kind: str = "Beneficiary") -> str:
    return f"{kind}:{COUNTY}:{number}"


REFER: Final = """mutation ($person: ID!, $kind: ReferralKind!, $to: String, $contract: ID, $key: String) {
    referBeneficiary(
        beneficiary: $person, kind: $kind, category: DIBAO, need: CARE, toCreditCode: $to
        toContract: $contract, key: $key) { id status }
}"""


async def refer(world: World, who: Any = SENDER, kind: str = "TRANSFER", number: int = PERSON) -> str:
    data = await world.ask(who, REFER, person=id_of(number), kind=kind, to=CODES[2])
    return str(data["referBeneficiary"]["id"])


OFFICE_REFERS: Final = """mutation ($person: ID!, $to: String!) {
    refer: referBeneficiary(beneficiary: $person, kind: REFER, category: DIBAO, toCreditCode: $to) { status }
}"""
ACCEPT: Final = """mutation ($referral: ID!, $contract: ID, $key: String) {
    acceptReferral(referral: $referral, contract: $contract, key: $key) {
        id status toContract { id } toStation { id }
        beneficiary { id name assignments { nodes { startsOn endsOn } } }
    }
}"""
DECLINE: Final = """mutation ($referral: ID!) {
    declineReferral(referral: $referral, reason: "人手不足") { status declineReason }
}"""
WITHDRAW: Final = "mutation ($referral: ID!) { withdrawReferral(referral: $referral) { status } }"
