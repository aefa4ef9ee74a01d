"""Runs of sources, and who writes people or what they are assigned to beside them."""

from __future__ import annotations

from typing import Final

from hub.store.database import Connection
from hub.store.rotation import ALONE, BESIDE

PERSON: Final = "select from beneficiary where county_code = $1 and id = $2 for no key update"


async def hold_county(connection: Connection, county: str, *, beside_others: bool = False) -> None:
    """Until the transaction ends no run merges what a source says of the county.

    A run takes people and facts as they come in its lists, so whoever takes two of them could wait for it
    while it waits for them. ``beside_others``: who takes one person and what belongs to it.
    """
    await connection.execute(BESIDE if beside_others else ALONE, county)


async def hold_person(connection: Connection, county: str | None, person: int) -> None:
    """Until the transaction ends nobody else hands the person on. To be held before any referral is."""
    await connection.execute(PERSON, county, person)
