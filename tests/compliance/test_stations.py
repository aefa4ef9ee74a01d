"""One fact changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from typing import Final

from hub.store.database import Database
from tests.compliance.facts import Facts, told

MAY: Final = dt.date(2026, 5, 1)
XIAMEN: Final = "350203", "350203003000"
JINJIANG: Final = "350582", "350582101000"
QIXING: Final = "450305", "450305003000"


async def facts_in(db: Database, place: tuple[str, str]) -> Facts:
    return Facts(db, *place)


async def test_a_station_of_xiamen(db: Database) -> None:
    facts = Facts(db, *XIAMEN)
    station = await facts.add("station", name="某站")
    head = await facts.add("station_role", station_id=station, role="HEAD")
    before = told(await facts.verdicts("station", station, MAY))
    assert before["R31 station.heads"] == "MET"
    assert before["R31 station.deputies"] == "NOT_MET"
    await facts.change("station_role", head, ends_on=dt.date(2026, 4, 30))
    after = told(await facts.verdicts("station", station, MAY))
    assert {key for key in before if before[key] != after[key]} == {"R31 station.heads"}
    assert told(await facts.verdicts("station", station, dt.date(2026, 4, 30))) == before
