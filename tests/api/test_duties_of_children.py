"""What a duty to delete tells who may not see children: as if it were about nobody else than it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.write.deletion import SEEN
from tests.support.county import TODAY
from tests.support.handing import BUREAU, NEIGHBOUR, PERSON, SENDER, TOWNSHIP, id_of
from tests.support.owing import CERTIFY, DUTIES, SEND_BACK, TAKE, begin_owing, owed, owing_world
from tests.support.reading import PROVINCE, World, schema, without_minor

OLDER: Final = [without_minor(who) for who in (BUREAU, TOWNSHIP)]
BORN: Final = "update beneficiary set birth_on = $1 where id = $2"
TURNS_14: Final = TODAY.replace(year=TODAY.year - 14) + dt.timedelta(days=1)
LINES: Final = "people { totalCount nodes { person lostOn releasedOn certificate { id } } }"
ALL: Final = f"""{{
    deletionDuties {{ totalCount nodes {{
        id reason divisionCode issuedOn dueOn personCount openCount {LINES}
        certificates {{ nodes {{ id }} }} }} }}
    deletionCertificates {{ totalCount nodes {{
        id method signerName signedOn filedAt personCount decision decidedAt duty {{ id }} {LINES} }} }} }}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with owing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> AsyncIterator[World]:
    """``PERSON`` is a child and turns 14 tomorrow."""
    await made.database.owner.execute(BORN, TURNS_14, PERSON)
    yield await begin_owing(made)
    await made.database.owner.execute(BORN, None, PERSON)


async def certified(world: World, duty: str, *people: int) -> str:
    given: dict[str, Any] = {"duty": duty, "day": str(TODAY), "people": [id_of(each) for each in people]}
    return str((await world.ask(SENDER, CERTIFY, **given))["certifyDeletion"]["id"])


async def only_of_the_child(world: World) -> None:
    await world.database.owner.execute("delete from deletion_duty_person where beneficiary_id <> $1", PERSON)


@pytest.mark.parametrize("who", OLDER)
async def test_nothing_that_becomes_of_a_child_is_told(world: World, who: Viewer) -> None:
    duty = await owed(world)
    told = [await world.ask(who, ALL)]
    assert [each["personCount"] for each in told[0]["deletionDuties"]["nodes"] if each["id"] == duty] == [1]
    sent_back = await certified(world, duty, PERSON)
    told.append(await world.ask(who, ALL))
    await world.ask(BUREAU, SEND_BACK, certificate=sent_back)
    told.append(await world.ask(who, ALL))
    await world.database.owner.execute(
        "update deletion_duty_person set released_on = lost_on where beneficiary_id = $1", PERSON
    )
    told.append(await world.ask(who, ALL))
    assert told == [told[0]] * 4


@pytest.mark.parametrize("who", OLDER)
async def test_what_follows_from_everybody_is_not_there(world: World, who: Viewer) -> None:
    """Open for a child, with nobody open who is shown, would tell of the child."""
    for name, hidden in (
        ("DeletionDuty", {"status", "lostOn"}),
        ("DeletionCertificate", {"statement", "decisionReason"}),
    ):
        fields: Any = schema(who).type_map[name]
        assert not hidden & fields.fields.keys()
    assert await world.code(who, DUTIES) == "GRAPHQL_VALIDATION_FAILED"
    filtered = "{ deletionDuties(where: {status: {eq: OPEN}}) { totalCount } }"
    assert await world.code(who, filtered) == "GRAPHQL_VALIDATION_FAILED"
    said = await world.ask(
        who, '{ viewer { access(type: "DeletionDuty") { fields { name visible because { scope } } } } }'
    )
    fields_said = {each.pop("name"): each for each in said["viewer"]["access"]["fields"]}
    assert fields_said["status"] == {"visible": False, "because": {"scope": "field:minor"}}
    assert fields_said["dueOn"]["visible"]


@pytest.mark.parametrize("who", OLDER)
async def test_one_about_a_child_alone_is_there_from_the_birthday(world: World, who: Viewer) -> None:
    duty = await owed(world)
    await certified(world, duty, PERSON)
    await only_of_the_child(world)
    counts = "{ deletionDuties { totalCount } deletionCertificates { totalCount } }"
    node = f'{{ node(id: "{duty}") {{ id }} }}'
    moments = [dt.datetime.combine(TODAY + dt.timedelta(days), dt.time()) for days in (0, 1)]
    for number, moment in enumerate(moments):
        world.engine.clock = partial(dt.datetime.replace, moment)
        found = await world.ask(who, counts)
        assert [each["totalCount"] for each in found.values()] == [number, number]
        assert bool((await world.ask(who, node))["node"]) is bool(number)


async def test_its_certificate_is_not_decided_by_who_does_not_see_it(world: World) -> None:
    duty = await owed(world)
    await certified(world, duty, PERSON, NEIGHBOUR)
    fields: Any = schema(without_minor(BUREAU)).mutation_type
    assert not {"acceptDeletionCertificate", "rejectDeletionCertificate"} & fields.fields.keys()
    pool = await world.database.reader("bureau_14")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.fetch(SEEN, 0)


@pytest.mark.parametrize("decide", [TAKE, SEND_BACK])
async def test_nor_by_who_does_not_see_everybody_it_is_about(world: World, decide: str) -> None:
    """The neighbour lives in another county of the province now."""
    duty = await owed(world)
    made = await certified(world, duty, PERSON, NEIGHBOUR)
    moved = "update deletion_duty_person set division_code = $1 where beneficiary_id = $2"
    await world.database.owner.execute(moved, "450302001000", NEIGHBOUR)
    told = [await world.errors(BUREAU, decide, certificate=each) for each in (made, f"{made}9")]
    assert [each["extensions"] for each in told[0]] == [each["extensions"] for each in told[1]]
    assert told[0][0]["extensions"]["code"] == "FORBIDDEN"
    assert "decision" in str(await world.ask(PROVINCE, decide, certificate=made))


async def test_the_contractor_sees_what_it_owes(world: World) -> None:
    duty = await owed(world)
    await only_of_the_child(world)
    for who in (SENDER, without_minor(SENDER)):
        [own] = (await world.ask(who, DUTIES))["deletionDuties"]["nodes"]
        assert (own["id"], own["status"], own["lostOn"], own["openCount"]) == (duty, "OPEN", str(TODAY), 1)


async def test_the_second_lock_holds_it_too(world: World) -> None:
    number = int((await owed(world)).partition(":")[2])
    pool = await world.database.reader("bureau_14")
    own = {"lo": "4503", "hi": "4504", "lo6": "4503", "hi6": "4504", "today": str(TODAY)}
    async with pool.acquire() as connection:
        for column in ("status", "lost_on"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select {column} from deletion_duty")
        shown = []
        for some in (False, True):
            if some:
                await only_of_the_child(world)
            async with connection.transaction():
                for name, value in own.items():
                    await connection.execute("select set_config($1, $2, true)", f"hub.{name}", value)
                found = await connection.fetch("select from deletion_duty where id = $1", number)
                shown.append(len(found))
    assert shown == [1, 0]
