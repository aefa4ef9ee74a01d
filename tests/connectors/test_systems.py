"""The systems of the demo: what one tells its county's rosters leave out, and days that pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from connectors import CONNECTORS
from connectors.emulators.geography import full_name
from connectors.emulators.model import Person
from connectors.emulators.moving import Moving
from connectors.emulators.rosters import publish
from connectors.emulators.running import Site
from connectors.emulators.systems import SYSTEMS, System, elsewhere
from connectors.emulators.world import World, build_world
from hub.domain.dates import CHINA
from hub.domain.id_number import parse_id_number
from tests.connectors.hub_of import TODAY

LATER: Final = TODAY + dt.timedelta(days=9)
MORNING: Final = dt.datetime.combine(TODAY, dt.time(8), CHINA)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=3, people=6000, today=TODAY)


TELLING = [system for system in SYSTEMS if system.told is not None]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.code)
def test_each_is_of_a_county_and_a_connector_that_are_there(system: System) -> None:
    assert system.connector in CONNECTORS
    assert full_name(f"{system.county}000000")
    assert [each.code for each in SYSTEMS].count(system.code) == 1


@pytest.mark.parametrize("system", TELLING, ids=lambda system: system.code)
async def test_it_tells_of_those_whom_the_rosters_leave_out(
    system: System, world: World, tmp_path: Path
) -> None:
    """Nobody twice, and nobody not at all."""
    if system.lacks:
        pytest.skip(f"{system.lacks} is not installed")
    assert system.told is not None
    people = list(world.people(system.county))
    left_out = {p.key for p in people for m in p.memberships if system.told(p, m)}
    async with system.start(
        Site(system.code, system.county, tmp_path, "http://127.0.0.1:9", world)
    ) as running:
        await running.publish(MORNING, people)
        benefits = [told for told in running.truth() if told.kind != "assessment"]
        assert {told.person for told in benefits} == left_out
        assert len(left_out) > 10
        assert running.faults()


def test_the_rosters_leave_it_out(world: World, tmp_path: Path) -> None:
    plain = publish(world, tmp_path / "plain").rows
    apart = publish(world, tmp_path / "apart", elsewhere=elsewhere(SYSTEMS)).rows
    assert apart["640104"]["dibao"] == apart["640104"]["tekun"] == apart["640324"]["disability"] == 0
    assert apart["450305"] == plain["450305"]
    assert apart["640104"]["vagrant"] == 0
    assert apart["640324"]["assignment"] == plain["640324"]["assignment"], "who serves them stays there"
    nameless = [p for p in world.people("640104") if p.id_number is None and p.list_kinds == {"vagrant"}]
    served = sum(len(person.assignments) for person in nameless)
    assert apart["640104"]["assignment"] == plain["640104"]["assignment"] - served, (
        "a list has no number for them"
    )
    assert served > 0
    assert not publish(world, tmp_path / "apart").skipped, "another way to tell the world is another folder"
    assert publish(world, tmp_path / "apart").skipped


# --- days -------------------------------------------------------------------------------------------


def after(world: World, days: int) -> Sequence[Person]:
    times = tuple(MORNING + dt.timedelta(days=number) for number in range(1, days + 1))
    return list(Moving(world, times).people("350582"))


def test_days_are_the_same_whenever_they_are_told(world: World) -> None:
    assert after(world, 0) == list(world.people("350582"))
    assert after(world, 3) == after(world, 3)


def test_a_day_brings_births_deaths_moves_and_ends(world: World) -> None:
    before = {person.key: person for person in after(world, 0)}
    now = {person.key: person for person in after(world, 2)}
    born = [person for key, person in now.items() if key not in before]
    assert before.keys() <= now.keys(), "nobody vanishes"
    assert born
    for child in born:
        assert child.id_number is not None
        assert parse_id_number(child.id_number, today=LATER).birth_on == child.birth_on
        assert child.household is not None
    numbers = [person.id_number for person in now.values() if person.id_number]
    assert len(set(numbers)) == len(numbers)
    changed = [(before[key], now[key]) for key in before if now[key] != before[key]]
    assert [b for a, b in changed if b.deceased_on and not a.deceased_on]
    assert [b for a, b in changed if b.division_code != a.division_code]
    assert [b for a, b in changed if b.phone != a.phone]
    assert [b for a, b in changed if b.memberships != a.memberships and not b.deceased_on]
    assert len(changed) < len(before) / 5
