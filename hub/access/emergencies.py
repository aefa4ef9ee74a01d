"""Emergency access: a request that names one reads the people it was opened for, and no others.

The viewer of such a request has a role of its own (``EMERGENCY`` of ``SLICES``) and the client's own groups
of columns. Nothing is remembered: it ends to the minute, for requests and for streams, and with the contract
it rests on, to the day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hub.access.live import LIVE
from hub.access.slices import CONTRACTOR
from hub.access.viewer import Emergency, Viewer
from hub.errors import Forbidden
from hub.store.database import Database
from hub.store.roles import EMERGENCY

HELD: Final = f"""
    (e.opener_role <> '{CONTRACTOR}' or exists (
        select from contract where contractor_id = e.organisation_id and county_code = e.county_code
            and {LIVE.format(day="{day}")}))"""
"""Whether who opened ``e`` works in the county: a contractor by a contract that is live on ``{day}``."""
OPEN: Final = f"""
    select county_code, person_ids, ends_at from emergency_access e
    where id = $1 and client_id = $2 and user_id is not distinct from $3
        and closed_at is null and ends_at > $4 and coalesce(verdict, 'JUSTIFIED') = 'JUSTIFIED'
        and opener_role = $5 and opener_division_code is not distinct from $6
        and organisation_id is not distinct from $7 and {HELD.format(day="$8")}"""  # noqa: S608
SCOPE: Final = "emergency.c"
"""What it takes to open one, and to go on reading by it."""
FORM: Final = re.compile("(EmergencyAccess:)?[0-9]{1,18}", re.ASCII)


class NoEmergency(Forbidden):
    """Expected the id of an emergency access of yours that is open."""

    code, zh = "NO_EMERGENCY", "没有进行中的紧急访问，或不属于您"


class Emergencies:
    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database, self._clock = database, clock

    async def entered(self, viewer: Viewer, given: str | None) -> Viewer:
        """The viewer with what the header names; as it is without one. NoEmergency."""
        if given is None:
            return viewer
        if not FORM.fullmatch(given) or SCOPE not in viewer.scopes:
            raise NoEmergency
        number = int(given.rpartition(":")[2])
        now = self._clock()
        opener = viewer.role, viewer.division_code, viewer.organisation_id
        who = viewer.client_id, viewer.user_id
        rows = await self._database.fetch(OPEN, number, *who, now, *opener, now.date())
        if not rows:
            raise NoEmergency
        [row] = rows
        # All else is the viewer's own: an emergency opens no group that only a purpose does.
        return replace(
            viewer,
            role=EMERGENCY,
            division_code=f"{row['county_code']}000000",
            organisation_id=None,
            emergency=Emergency(number, tuple(row["person_ids"]), row["ends_at"], opener),
        )

    async def left(self, viewer: Viewer) -> float:
        """Seconds until it ends; NoEmergency where it has."""
        assert viewer.emergency is not None
        own, now = viewer.emergency, self._clock()
        who = viewer.client_id, viewer.user_id
        if not await self._database.fetch(OPEN, own.number, *who, now, *own.opener, now.date()):
            raise NoEmergency
        return (own.ends_at - now).total_seconds()
