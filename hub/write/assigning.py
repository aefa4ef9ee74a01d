"""服务分派: a bureau gives a person to a contract, at one of its stations (R151)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from hub.errors import BadArgument
from hub.tables import assignment as assignments
from hub.tables import station as stations
from hub.write.deciding import HELD, SERVED_AT, AlreadyAssigned
from hub.write.noting import hold, note, seen_person, seen_worker
from hub.write.place import seen_contract
from hub.write.work import Key, Work, key_in

FURTHEST: Final = dt.timedelta(days=366)
"""Ahead of today: contracts are signed for a year at a time (R87)."""


async def assign(
    work: Work,
    *,
    beneficiary: str,
    contract: str,
    station: str | None = None,
    worker: str | None = None,
    starts_on: dt.date | None = None,
) -> Key:
    """From today, or a day to come within the contract's term; BadArgument, AlreadyAssigned."""
    person, under = await seen_person(work, beneficiary), await seen_contract(work, contract)
    day = work.today if starts_on is None else starts_on
    if not work.today <= day <= work.today + FURTHEST:
        raise BadArgument("Expected startsOn from today.", zh="开始日期应为当日或以后")
    if not under["starts_on"] <= day <= under["ends_on"]:
        raise BadArgument("Expected a day within the term of the contract.", zh="开始日期应在合同期内")
    wanted = None if station is None else key_in(station, stations).id
    found = await work.viewer_rows(SERVED_AT, under["id"], person.county, wanted)
    if len(found) != 1:
        raise BadArgument(
            "Expected station: one of the person's county that the contract is served at.",
            zh="请以 station 指明合同服务的、对象所在县（区）的一个服务站",
        )
    await hold(work, person)
    if await work.own_row(HELD, person.county, person.id, under["id"], day):
        raise AlreadyAssigned
    given = {
        "station_id": found[0]["station_id"],
        "contract_id": under["id"],
        "contractor_id": under["contractor_id"],
        "worker_id": await seen_worker(work, worker),
        "starts_on": day,
    }
    # Triggers keep what follows in the person's own row, which no viewer writes.
    return await note(work, assignments, person.key, given, as_hub=True)
