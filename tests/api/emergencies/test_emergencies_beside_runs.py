"""Emergencies are opened while a source is being merged, which has people in its hands until it is done."""

from __future__ import annotations

from hub.store.rotation import ALONE
from hub.write.ending import end_accesses
from tests.support.emergency import (
    CHILD,
    COUNTY,
    NEIGHBOUR,
    TOWNSHIP,
    opened,
)
from tests.support.handing import id_of
from tests.support.reading import World

MOVE = "update beneficiary set name = name where county_code = $1 and id = $2"


async def test_one_opens_while_a_run_has_changed_the_person(world: World) -> None:
    """Who may not see children does not see it before it is known that it is about none."""
    shown = "select shown_from_on = 'infinity' from emergency_access"
    async with world.database.transaction() as run:
        await run.execute(ALONE, COUNTY)
        await run.execute(MOVE, COUNTY, NEIGHBOUR)
        await opened(world, TOWNSHIP, people=[id_of(NEIGHBOUR)], reason="MISSING")
        await end_accesses(world.database, world.engine.clock())
        assert await world.database.owner.fetchval(shown)
    await end_accesses(world.database, world.engine.clock())
    assert not await world.database.owner.fetchval(shown)


async def test_neither_waits_for_the_other(world: World) -> None:
    """The run takes people in the order of its lists, an opening in that of their numbers."""
    async with world.database.transaction() as run:
        await run.execute(ALONE, COUNTY)
        await run.execute(MOVE, COUNTY, NEIGHBOUR)
        await opened(world, TOWNSHIP, people=[id_of(CHILD), id_of(NEIGHBOUR)])
        await run.execute(MOVE, COUNTY, CHILD)
