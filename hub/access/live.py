"""Contracts that are live: what a contractor may see begins and ends with them, to the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from cachetools import TTLCache

from hub.store.database import Database

SECONDS: Final = 2
"""How long a contract that was signed or ended may take to be noticed."""
KEPT: Final = 10_000

LIVE: Final = "status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED') and starts_on <= {day} and ends_on >= {day}"
"""Of a contract, on a day."""

# Of each contract the first and the last county of its people are the two ends of one index.
HELD: Final = f"""
    with live as (
        select id from contract where contractor_id = $1 and {LIVE.format(day="$2")})
    select array(select id from live order by id),
        (select min(c) from live, lateral (
            select min(a.county_code) as c from assignment a where a.contract_id = live.id) first),
        (select max(c) from live, lateral (
            select max(a.county_code) as c from assignment a where a.contract_id = live.id) last)"""


class Held(NamedTuple):
    """Live contracts, and the half-open range of 6-digit codes of the counties they serve people in."""

    contracts: Sequence[int]
    counties: tuple[str, str]


NONE: Final = Held((), ("~", "~"))


class LiveContracts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TTLCache[tuple[int, dt.date], Held] = TTLCache(KEPT, SECONDS)

    async def of(self, organisation: int | None, day: dt.date) -> Held:
        """What ``organisation`` holds on ``day``; nothing for no organisation."""
        if organisation is None:
            return NONE
        key = organisation, day
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = await self._ask(organisation, day)
        return found

    async def now(self, organisation: int | None, day: dt.date) -> Held:
        """As ``of``, but asked anew; what is found is known from then on."""
        if organisation is None:
            return NONE
        found = self._known[organisation, day] = await self._ask(organisation, day)
        return found

    async def _ask(self, organisation: int, day: dt.date) -> Held:
        row = await (await self._database.asking()).fetchrow(HELD, organisation, day)
        if row is None or row[1] is None:
            return Held(row[0] if row else (), NONE.counties)
        return Held(row[0], (row[1], row[2] + "~"))
