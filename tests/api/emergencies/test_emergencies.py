"""紧急访问: who may open one, what it shows, how it ends, what is written down, and who judges it."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import aclosing
from typing import Any, Final

import pytest

from hub.access.emergencies import NoEmergency
from hub.access.viewer import Viewer, make_viewer
from hub.domain.id_number import make_id_number
from tests.support.emergency import (
    BUREAU,
    CHILD,
    CLOSE,
    CONTRACTOR,
    COUNTY,
    ELSEWHERE,
    FAR,
    NEIGHBOUR,
    NUMBER,
    OPEN,
    PROVINCE,
    REVIEW,
    TOWNSHIP,
    at,
    inside,
    opened,
)
from tests.support.following import Follower, streams_of
from tests.support.handing import id_of
from tests.support.reading import DONGJIANG, QIXING, World, schema, viewer, without_minor

NAMES: Final = "{ beneficiaries(first: 200) { totalCount nodes { id name } } }"


@pytest.mark.parametrize("who", [TOWNSHIP, CONTRACTOR, BUREAU, PROVINCE, without_minor(TOWNSHIP)])
async def test_an_emergency_shows_whom_it_was_opened_for_and_nobody_else(world: World, who: Viewer) -> None:
    made = await opened(world, who, people=None, numbers=[NUMBER])
    there = await inside(world, who, made)
    found = (await world.ask(there, NAMES))["beneficiaries"]
    assert (found["totalCount"], [n["name"] for n in found["nodes"]]) == (1, ["童某"])
    seen = await world.ask(there, "{ visits { totalCount nodes { beneficiary { id } } } }")
    assert seen["visits"] == {"totalCount": 1, "nodes": [{"beneficiary": {"id": id_of(CHILD)}}]}
    assert (await world.ask(there, f'{{ beneficiary(id: "{id_of(NEIGHBOUR)}") {{ id }} }}')) == {
        "beneficiary": None
    }
    assert there.groups == who.groups


async def test_the_fields_are_those_of_the_clients_scopes(world: World) -> None:
    there = await inside(world, CONTRACTOR, await opened(world, CONTRACTOR))
    query: Any = schema(there).type_map["Beneficiary"]
    assert {"name", "riskLevel"} <= query.fields.keys()
    assert not {"idNumber", "phone", "guardianName"} & query.fields.keys()
    assert schema(there).mutation_type is None
    assert "sources" not in schema(there).query_type.fields  # type: ignore[union-attr]


@pytest.mark.parametrize("who", [TOWNSHIP, CONTRACTOR, BUREAU])
async def test_people_of_another_county_and_of_none_are_refused_alike(world: World, who: Viewer) -> None:
    for person_id in (f"Beneficiary:{ELSEWHERE}:{FAR}", id_of(999_999)):
        for people in ([person_id], [id_of(CHILD), person_id]):
            assert await world.code(who, OPEN, hours=4, people=people) == "FORBIDDEN"
    stranger = make_id_number("459999", dt.date(1990, 1, 1), 9)
    assert await world.code(who, OPEN, hours=4, numbers=[stranger]) == "FORBIDDEN"


@pytest.mark.parametrize(
    "given",
    [{"hours": 0}, {"hours": 25}, {"people": []}, {"people": [id_of(CHILD)] * 11}, 
     {"people": ["Visit:450305:1"]}, {"people": None, "numbers": ["12"]}],
)  # fmt: skip
async def test_what_is_asked_is_checked(world: World, given: dict[str, Any]) -> None:
    assert (
        await world.code(TOWNSHIP, OPEN, **{"hours": 4, "people": [id_of(CHILD)], **given}) == "BAD_ARGUMENT"
    )


def test_who_may_open_review_and_read() -> None:
    def fields(who: Viewer) -> set[str]:
        made = schema(who)
        return {name for root in (made.query_type, made.mutation_type) if root for name in root.fields}

    opens, reviews = (
        {"openEmergencyAccess", "closeEmergencyAccess", "emergencyAccesses"},
        "reviewEmergencyAccess",
    )
    assert opens | {reviews} <= fields(BUREAU)
    for who in (TOWNSHIP, CONTRACTOR):
        assert opens <= fields(who)
        assert reviews not in fields(who)
    default = viewer("contractor", None, 1)
    every = ["emergency.crsx", "status.r", "division.rs"]
    for who in (default, viewer("agency", QIXING, scopes=every), viewer("operator", scopes=every)):
        assert not (opens | {reviews}) & fields(who)


async def test_it_is_the_openers_own_and_ends_to_the_minute(world: World) -> None:
    made = await opened(world)
    for other in (BUREAU, viewer("township", DONGJIANG)):
        stranger = make_viewer("other", other.role, other.scopes, division_code=other.division_code)
        with pytest.raises(NoEmergency):
            await inside(world, stranger, made)
    for wrong in ("0", "Visit:450305:1", "x", "1 or true"):
        with pytest.raises(NoEmergency):
            await inside(world, TOWNSHIP, wrong)
    assert await inside(world, TOWNSHIP, made.rpartition(":")[2])
    world.engine.clock = lambda: at(13) - dt.timedelta(seconds=1)
    assert await inside(world, TOWNSHIP, made)
    world.engine.clock = lambda: at(13)
    with pytest.raises(NoEmergency):
        await inside(world, TOWNSHIP, made)
    assert await world.code(TOWNSHIP, CLOSE, id=made) == "CONFLICT"


@pytest.mark.parametrize("closer", [TOWNSHIP, BUREAU])
async def test_a_stream_ends_when_it_is_closed(world: World, closer: Viewer) -> None:
    made = await opened(world)
    there = await inside(world, TOWNSHIP, made)
    streams = streams_of(world)
    follower = Follower(world, streams, there, "beneficiary")
    async with aclosing(follower.events()) as events:
        assert (await anext(events))["operation"] == "CURRENT"
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert (await world.ask(closer, CLOSE, id=made))["closeEmergencyAccess"]["closedAt"]
        with pytest.raises(NoEmergency):
            await waiting
    with pytest.raises(NoEmergency):
        await inside(world, TOWNSHIP, made)
    await streams.listener.stop()


async def test_a_stream_ends_by_itself(world: World) -> None:
    there = await inside(world, TOWNSHIP, await opened(world))
    streams = streams_of(world)
    follower = Follower(world, streams, there, "beneficiary")
    async with aclosing(follower.events()) as events:
        assert (await anext(events))["operation"] == "CURRENT"
        left = iter([at(13) - dt.timedelta(milliseconds=200)])
        world.engine.clock = lambda: next(left, at(13))
        with pytest.raises(NoEmergency):
            await anext(events)
    await streams.listener.stop()


async def test_every_read_and_the_opening_are_in_the_log(world: World) -> None:
    made = await opened(world)
    await world.ask(await inside(world, TOWNSHIP, made), NAMES)
    number = made.rpartition(":")[2]
    entries = await world.database.owner.fetch(
        "select role, purpose, records from access_entry order by sequence desc limit 3"
    )
    assert tuple(entries[0])[:2] == ("emergency", f"emergency:{number}")
    assert f"{COUNTY}:{CHILD}/" in entries[0]["records"]
    assert any(
        row["role"] == "township" and f"{COUNTY}:{CHILD}/" in (row["records"] or "") for row in entries[1:]
    )
    log = f'{{ accessLog(beneficiary: "{id_of(CHILD)}") {{ role roleLabel purpose emergencyAccess }} }}'
    uses = (await world.ask(BUREAU, log))["accessLog"]
    told = {"role": "emergency", "roleLabel": "紧急访问", "purpose": None, "emergencyAccess": made}
    assert told in uses
    stored = await world.database.owner.fetchval("select note from emergency_access")
    assert "邻居".encode() not in stored


async def test_the_bureau_sees_it_at_once_and_reviews_it(world: World) -> None:
    streams = streams_of(world)
    told = """subscription { emergencyAccessChanges { operation node { id reason note people verdict } } }"""
    stream = await streams.subscribe(BUREAU, told, None, {}, reading=False)
    assert stream is not None
    async with aclosing(stream.told()) as events:
        await anext(events)
        made = await opened(world)
        async with asyncio.timeout(10):
            assert made.encode() in await anext(events)
    await streams.listener.stop()
    waiting = "{ emergencyAccesses(where: {verdict: {isNull: true}}) { nodes { id note people } } }"
    [seen] = (await world.ask(BUREAU, waiting))["emergencyAccesses"]["nodes"]
    assert seen == {"id": made, "note": "邻居报告", "people": [id_of(CHILD)]}
    assert (await world.ask(viewer("bureau", f"{ELSEWHERE}000000"), waiting))["emergencyAccesses"][
        "nodes"
    ] == []
    found = await world.ask(BUREAU, REVIEW, id=made, verdict="JUSTIFIED")
    assert found["reviewEmergencyAccess"] == {"verdict": "JUSTIFIED", "reviewNote": "已核实"}
    assert await opened(world) != made


async def test_nobody_reviews_what_is_his_own_or_not_of_his_place(world: World) -> None:
    made = await opened(world, BUREAU)
    assert await world.code(BUREAU, REVIEW, id=made, verdict="JUSTIFIED") == "FORBIDDEN"
    assert await world.code(viewer("bureau", f"{ELSEWHERE}000000"), REVIEW, id=made, verdict="JUSTIFIED") == (
        "FORBIDDEN"
    )
    assert await world.code(TOWNSHIP, CLOSE, id=made) == "FORBIDDEN"
    assert await world.ask(PROVINCE, REVIEW, id=made, verdict="JUSTIFIED")


async def test_who_opened_one_without_reason_opens_no_other_until_that_is_settled(world: World) -> None:
    made = await opened(world)
    await world.ask(BUREAU, REVIEW, id=made, verdict="UNJUSTIFIED")
    assert await world.code(TOWNSHIP, OPEN, hours=1, people=[id_of(CHILD)]) == "EMERGENCY_BARRED"
    other = make_viewer("other", "township", TOWNSHIP.scopes, division_code=TOWNSHIP.division_code)
    await opened(world, other)
    await world.ask(BUREAU, REVIEW, id=made, verdict="SETTLED")
    await opened(world)


async def test_two_openings_with_one_key_are_one(world: World) -> None:
    made = await asyncio.gather(*(opened(world, key="once") for _ in range(4)))
    assert len(set(made)) == 1
    assert await world.database.owner.fetchval("select count(*) from emergency_access") == 1


async def test_an_opening_counts_as_questions(world: World) -> None:
    counted: list[int] = []

    async def count(_: object, questions: int, __: object) -> None:
        counted.append(questions)

    world.engine.count_questions = count
    await opened(world)
    world.engine.count_questions = None
    assert counted == [10]


async def test_without_the_access_the_login_shows_nobody(world: World) -> None:
    pool = await world.database.reader("emergency")
    async with pool.acquire() as connection:
        for table in ("beneficiary", "visit", "assignment", "category_membership", "household"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        for opened_for, seen in ((f"{{{CHILD}}}", 1), ("{}", 0), ("", 0)):
            async with connection.transaction():
                await connection.execute("select set_config('hub.lo6', '450305', true)")
                await connection.execute("select set_config('hub.opened', $1, true)", opened_for)
                assert await connection.fetchval("select count(*) from beneficiary") == seen


async def test_unjustified_ends_the_access_that_was_judged(world: World) -> None:
    made = await opened(world)
    await world.ask(BUREAU, REVIEW, id=made, verdict="UNJUSTIFIED")
    with pytest.raises(NoEmergency):
        await inside(world, TOWNSHIP, made)
    await world.ask(BUREAU, REVIEW, id=made, verdict="SETTLED")
    with pytest.raises(NoEmergency):
        await inside(world, TOWNSHIP, made)


async def test_who_was_moved_elsewhere_or_lost_the_scope_reads_by_it_no_more(world: World) -> None:
    made = await opened(world)
    moved = make_viewer("test", "agency", TOWNSHIP.scopes, division_code=f"{ELSEWHERE}000000")
    bare = make_viewer(
        "test", "township", TOWNSHIP.scopes - {"emergency.c"}, division_code=TOWNSHIP.division_code
    )
    for who in (moved, bare):
        with pytest.raises(NoEmergency):
            await inside(world, who, made)
