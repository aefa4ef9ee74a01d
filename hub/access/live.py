"""Contracts that are live: what a contractor may see begins and ends with them, to the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from cachetools import TTLCache

from hub.store.database import Database

SECONDS: Final = 2
"""How long a contract that was signed or ended may take to be noticed."""
KEPT: Final = 10_000

LIVE_CONTRACTS: Final = """
    select array(
        select id from contract
        where contractor_id = $1 and status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED')
            and starts_on <= $2 and ends_on >= $2
        order by id)"""


class LiveContracts:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TTLCache[tuple[int, dt.date], Sequence[int]] = TTLCache(KEPT, SECONDS)

    async def of(self, organisation: int | None, day: dt.date) -> Sequence[int]:
        """Numbers of the contracts ``organisation`` holds on ``day``; none for no organisation."""
        if organisation is None:
            return ()
        key = organisation, day
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = await self._database.owner.fetchval(LIVE_CONTRACTS, organisation, day)
        return found
