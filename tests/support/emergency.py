"""Emergency accesses in a small county: who opens them, of whom, and how they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from hub.access.emergencies import Emergencies
from hub.access.viewer import Viewer, make_viewer
from hub.domain.id_number import make_id_number
from hub.store.vault import Vault
from tests.support.county import TODAY
from tests.support.handing import FROM, add, contract, fact, id_of, person
from tests.support.reading import GUANGXI, QIXING, World, small_world, viewer

COUNTY, ELSEWHERE = "450305", "350582"
SCOPES: Final = [
    "beneficiary.rs", "visit.rs", "assignment.rs", "household.rs", "station.rs", "contractor.rs",
    "division.rs", "field:identity", "field:care", "emergency.crs",
]  # fmt: skip
TOWNSHIP: Final = viewer("township", "450305200000")
CONTRACTOR: Final = viewer("contractor", None, 1, scopes=SCOPES)
BUREAU: Final = make_viewer("county", "bureau", viewer("bureau", QIXING).scopes, division_code=QIXING)
PROVINCE: Final = viewer("bureau", GUANGXI)
CHILD, NEIGHBOUR, FAR = 3001, 3002, 3003
NUMBER: Final = make_id_number("459999", dt.date(2018, 5, 5), 31)
OPEN: Final = """mutation ($people: [ID!], $numbers: [String!], $hours: Int!, $key: String,
        $reason: EmergencyReason = CHILD_IN_DANGER, $note: String = "邻居报告") {
    openEmergencyAccess(reason: $reason, hours: $hours, note: $note, people: $people,
        idNumbers: $numbers, key: $key) { id reason people endsAt } }"""
CLOSE: Final = "mutation ($id: ID!) { closeEmergencyAccess(access: $id) { closedAt endReason } }"
REVIEW: Final = """mutation ($id: ID!, $verdict: EmergencyVerdict!) {
    reviewEmergencyAccess(access: $id, verdict: $verdict, note: "已核实") { verdict reviewNote } }"""


def at(hour: int, days: int = 0) -> dt.datetime:
    return dt.datetime.combine(TODAY, dt.time(hour), dt.UTC) + dt.timedelta(days=days)


@asynccontextmanager
async def emergency_world() -> AsyncIterator[World]:
    """With a child, a neighbour and somebody of another county; the contractor 1 works in the county."""
    vault = Vault(bytes(range(32)))
    own = {"id_number": vault.seal(NUMBER), "id_number_hash": vault.blind(NUMBER)}
    child = {**person(CHILD, "童某"), **own, "birth_on": dt.date(2018, 5, 5)}
    far = {**person(FAR, "远某"), "county_code": ELSEWHERE, "division_code": "350582001000"}
    visit = {**fact(3900, CHILD), "visited_on": TODAY, "kind": "HOME", "purpose": "OTHER"}
    async with small_world() as made:
        people = [child, person(NEIGHBOUR, "邻某"), far]
        await add(made, {"contract": [contract(FROM, 1)], "beneficiary": people, "visit": [visit]})
        yield made


async def without_any(world: World) -> World:
    """At nine o'clock, and nothing was opened yet."""
    world.engine.clock = lambda: at(9)
    await world.database.owner.execute("truncate emergency_access restart identity")
    return world


def emergencies(world: World) -> Emergencies:
    return Emergencies(world.database, world.engine.clock)


async def opened(world: World, who: Viewer = TOWNSHIP, **given: Any) -> str:
    asked = {"hours": 4, "people": [id_of(CHILD)], **given}
    return str((await world.ask(who, OPEN, **asked))["openEmergencyAccess"]["id"])


async def inside(world: World, who: Viewer, access: str) -> Viewer:
    return await emergencies(world).entered(who, access)
