"""What a contractor owes when it serves people no more: the worker's round, certificates, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from hub.access.viewer import Viewer
from hub.write.duties import issue_duties
from tests.support.county import TODAY
from tests.support.handing import FROM, SENDER, add, begin, contract, handing_world
from tests.support.reading import World

DAYS: Final = 30
RENEWAL: Final = 104
"""A contract of the sender that takes people over."""
OF_SENDER: Final = f'contract: {{number: {{eq: "HT-{FROM}"}}}}'
DUTIES: Final = f"""{{ deletionDuties(where: {{{OF_SENDER}}}) {{ nodes {{
    id reason status lostOn issuedOn dueOn personCount openCount contractor {{ id }}
    people {{ nodes {{ person wasShown releasedOn beneficiary {{ id }} certificate {{ id }} }} }} }} }} }}"""
LATE: Final = f"""query ($day: Date!) {{
    deletionDuties(where: {{status: {{eq: OPEN}}, dueOn: {{lt: $day}}, {OF_SENDER}}}) {{ totalCount }} }}"""
CERTIFY: Final = """mutation ($duty: ID!, $people: [ID!], $day: Date!, $key: String) {
    certifyDeletion(duty: $duty, people: $people, method: DELETED, statement: "已删除全部副本"
        signerName: "李某", signedOn: $day, key: $key) {
        id decision personCount duty { status openCount } } }"""
TAKE: Final = """mutation ($certificate: ID!) {
    acceptDeletionCertificate(certificate: $certificate) { decision duty { status openCount } } }"""
SEND_BACK: Final = """mutation ($certificate: ID!) {
    rejectDeletionCertificate(certificate: $certificate, reason: "缺少备份的说明") {
        decision decisionReason duty { status openCount } } }"""


@asynccontextmanager
async def owing_world() -> AsyncIterator[World]:
    async with handing_world() as world:
        station = {"contract_id": RENEWAL, "station_id": 1}
        await add(world, {"contract": [contract(RENEWAL, 1)], "contract_station": [station]})
        yield world


async def begin_owing(world: World) -> World:
    """As if nothing had been done yet."""
    await world.database.owner.execute(
        "update contract set contractor_id = 1, status = 'ACTIVE' where id = any ($1)", [FROM, RENEWAL]
    )
    return await begin(world)


async def issue(world: World, days_on: int = 0) -> int:
    """The worker's daily round on a later day; how many duties it issued about the sender's contract."""
    day, count = (
        TODAY + dt.timedelta(days=days_on),
        "select count(*) from deletion_duty where contract_id = $1",
    )
    before = await world.database.owner.fetchval(count, FROM)
    await issue_duties(world.database, day, DAYS)
    world.engine.clock = lambda: dt.datetime.combine(day, dt.time(9))
    return int(await world.database.owner.fetchval(count, FROM) - before)


async def duties(world: World, who: Viewer = SENDER) -> list[Any]:
    found = (await world.ask(who, DUTIES))["deletionDuties"]["nodes"]
    return list(found)


async def end_contract(world: World, status: str = "TERMINATED") -> None:
    await world.database.owner.execute("update contract set status = $2 where id = $1", FROM, status)


async def owed(world: World) -> str:
    """The id of a duty about both people."""
    await end_contract(world)
    assert await issue(world) == 1
    [duty] = await duties(world)
    return str(duty["id"])
