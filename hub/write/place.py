"""Where and under which contract something was done: what every record of a station's work has."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from hub.errors import BadArgument
from hub.tables import contract as contracts
from hub.tables import personnel
from hub.tables import station as stations
from hub.write.checks import come
from hub.write.work import NotYours, Work, key_in

CONTRACT: Final = """
    select id, county_code, division_code, contractor_id, starts_on, ends_on from contract where id = $1"""
SERVED_AT: Final = """
    select s.id, s.division_code from contract_station l join station s on s.id = l.station_id
    where l.contract_id = $1 and ($2::bigint is null or s.id = $2) order by s.id limit 2"""
STATION: Final = "select id, division_code, operator_id from station where id = $1"


class NoContract(BadArgument):
    """Expected the contract it is under: you hold none today, or several."""

    zh = "请指明所属合同"


class Place(NamedTuple):
    """``division_code``: of the station, else of the contract's purchaser, else the viewer's own."""

    division_code: str
    station_id: int | None = None
    contract_id: int | None = None
    contractor_id: int | None = None


async def seen_contract(work: Work, given: str) -> Any:
    """A contract the viewer sees; NotYours."""
    row = await work.viewer_row(CONTRACT, key_in(given, contracts).id)
    if row is None:
        raise NotYours
    return row


async def own_contract(work: Work, given: str | None) -> Any:
    """The contract that is given, else the only one the contractor holds today; NoContract."""
    held = work.values["contracts"]
    if given is None and len(held) != 1:
        raise NoContract
    return await seen_contract(work, given if given is not None else f"Contract:{held[0]}")


async def place_of(work: Work, contract: Any, station: str | None, *, as_whole: bool = False) -> Place:
    """Of a contract and one of its stations.

    Without ``station`` it is the only one of the contract; ``as_whole``: none.
    """
    number = None if station is None else key_in(station, stations).id
    found = [] if as_whole and station is None else await work.own_rows(SERVED_AT, contract["id"], number)
    if number is not None and not found:
        raise BadArgument("Expected a station the contract is served at.", zh="应为合同所列的服务站")
    at = found[0] if len(found) == 1 else None
    return Place(
        at["division_code"] if at else contract["division_code"],
        at["id"] if at else None,
        contract["id"],
        contract["contractor_id"],
    )


async def work_place(
    work: Work, name: str, on: dt.date, zh: str, contract: str | None, station: str | None
) -> Place:
    """Of work done on a day under an own contract, within its term."""
    under = await own_contract(work, contract)
    come(work, name, on, zh)
    if not under["starts_on"] <= on <= under["ends_on"]:
        raise BadArgument(f"Expected {name} within the term of the contract.", zh=f"{zh}应在合同期内")
    return await place_of(work, under, station)


async def seen_staff(work: Work, given: list[str], table: Table[Any] = personnel) -> list[int]:
    """Numbers of members of staff, or of others, that the viewer sees, each once; NotYours."""
    numbers = list(dict.fromkeys(key_in(each, table).id for each in given))
    found = await work.viewer_rows(f"select id from {table.name} where id = any ($1)", numbers)
    if len(found) != len(numbers):
        raise NotYours
    return numbers
