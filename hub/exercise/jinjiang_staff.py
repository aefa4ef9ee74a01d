"""Staff of Jinjiang's stations whose number depends on who works there already."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Final

from hub.compliance.staff import CERTIFIED
from hub.exercise.jinjiang import ANHAI, BUREAU, CIZAO, DAY, END, JANUARY, ZONES
from hub.exercise.scene import Of, Row
from hub.store.database import Connection

PILOTS: Final = {ANHAI: 3, CIZAO: 4}
"""Residents of two pilot towns: as many as the rule asks for, and one more."""
SHARE: Final = Decimal("0.60")
"""What the two days stand on both sides of; the rule itself is held against them by the table."""
AT: Final = "coalesce(p.onboarded_on, '-infinity') <= $2 and coalesce(p.left_on, 'infinity') >= $2"
RESIDENTS: Final = f"""
    select count(*) from personnel p join station s on s.id = p.station_id
    where s.division_code = $1 and p.kind = 'RESIDENT' and {AT}"""
CERTIFIED_OF: Final = f"""
    select count(*) filter (where {CERTIFIED.replace("$3", "$2")}) as certified, count(*) as people
    from personnel p where p.county_code = left($1, 6) and p.kind = 'RESIDENT' and {AT}"""


async def more_staff(connection: Connection) -> AsyncIterator[Row]:
    """Rows to be written before the next is asked for."""
    for town, wanted in PILOTS.items():
        there = await connection.fetchval(RESIDENTS, town, DAY)
        for number in range(wanted - there):
            yield _resident(
                f"resident {number} of {town}", town, JANUARY, END - dt.timedelta(days=1), station=town
            )
    certified, people = await connection.fetchrow(CERTIFIED_OF, BUREAU, DAY) or (0, 0)
    added = sum(PILOTS.values())
    number = 0
    while certified + number < SHARE * (people + added + number):
        number += 1
        yield _resident(
            f"certified resident {number}", ZONES[0], JANUARY, END - dt.timedelta(days=1), certified=True
        )
    certified, people = await connection.fetchrow(CERTIFIED_OF, BUREAU, END) or (0, 0)
    number = 0
    while certified >= SHARE * (people + number):
        number += 1
        yield _resident(f"uncertified resident {number}", ZONES[0], END, END)


def _resident(
    name: str,
    division: str,
    first: dt.date,
    last: dt.date,
    *,
    certified: bool = False,
    station: str | None = None,
) -> Row:
    values = {
        "kind": "RESIDENT",
        "is_full_time": True,
        "onboarded_on": first,
        "left_on": last,
        "credential": "ASSISTANT" if certified else "OTHER",
        "credential_obtained_on": JANUARY if certified else None,
    }
    if station is not None:
        values["station_id"] = Of(f"station of {station}")
    return Row(Of(name), "personnel", division, values)
