"""Four eyes: who opened an emergency access, or may have, does not review it, and is barred by a verdict."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Final

import pytest

from hub.access.viewer import Viewer
from tests.support.emergency import (
    BUREAU,
    CHILD,
    OPEN,
    REVIEW,
    TOWNSHIP,
    opened,
)
from tests.support.handing import id_of
from tests.support.reading import World

Hands = tuple[str, int | None]
SAME: Final[list[tuple[Hands, Hands, bool]]] = [
    (("a", None), ("a", None), True),
    (("a", None), ("a", 1), True),
    (("a", 1), ("a", None), True),
    (("a", 1), ("a", 1), True),
    (("a", 1), ("b", 1), True),
    (("a", 1), ("a", 2), False),
    (("a", 1), ("b", 2), False),
    (("a", None), ("b", None), False),
    (("a", None), ("b", 1), False),
    (("a", 1), ("b", None), False),
]
"""Client and user that opened, client and user that come afterwards, and whether they may be the same."""


def by(who: Viewer, hands: Hands) -> Viewer:
    return dataclasses.replace(who, client_id=hands[0], user_id=hands[1])


@pytest.mark.parametrize(("opener", "reviewer", "same"), SAME)
async def test_a_review_takes_other_eyes(world: World, opener: Hands, reviewer: Hands, same: bool) -> None:
    made = await opened(world, by(BUREAU, opener))
    who = by(BUREAU, reviewer)
    if same:
        assert await world.code(who, REVIEW, id=made, verdict="JUSTIFIED") == "FORBIDDEN"
        assert await world.database.owner.fetchval("select verdict from emergency_access") is None
    else:
        assert (await world.ask(who, REVIEW, id=made, verdict="JUSTIFIED"))["reviewEmergencyAccess"]


@pytest.mark.parametrize(("opener", "later", "same"), SAME)
async def test_who_was_judged_is_barred_by_whichever_client(
    world: World, opener: Hands, later: Hands, same: bool
) -> None:
    made = await opened(world, by(TOWNSHIP, opener))
    await world.ask(BUREAU, REVIEW, id=made, verdict="UNJUSTIFIED")
    who = by(TOWNSHIP, later)
    if same:
        assert await world.code(who, OPEN, hours=1, people=[id_of(CHILD)]) == "EMERGENCY_BARRED"
        await world.ask(BUREAU, REVIEW, id=made, verdict="SETTLED")
    assert await opened(world, who)


@pytest.mark.parametrize("later", [("a", 1), ("b", 1)])
async def test_an_opening_waits_for_a_verdict_on_the_same_user(world: World, later: Hands) -> None:
    """So that no opening is made on what was so a moment before."""
    await opened(world, by(TOWNSHIP, ("a", 1)))
    judge = "update emergency_access set verdict = 'UNJUSTIFIED'"
    async with world.database.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(hashtext('hub emergency of user 1'))")
        opening = asyncio.ensure_future(world.code(by(TOWNSHIP, later), OPEN, hours=1, people=[id_of(CHILD)]))
        await asyncio.sleep(0.3)
        assert not opening.done()
        await connection.execute(judge)
    assert await opening == "EMERGENCY_BARRED"
