"""Who holds no ``field:minor`` learns of no child by an emergency access of somebody else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import aclosing
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer, make_viewer
from tests.support.emergency import (
    BUREAU,
    CHILD,
    CONTRACTOR,
    COUNTY,
    NEIGHBOUR,
    PROVINCE,
    REVIEW,
    TOWNSHIP,
    inside,
    opened,
    without_any,
)
from tests.support.following import streams_of
from tests.support.handing import id_of
from tests.support.reading import World, schema, without_minor

LIST: Final = "{ emergencyAccesses { totalCount nodes { id reason people personCount } } }"
BARE: Final = [without_minor(who) for who in (BUREAU, PROVINCE, TOWNSHIP, CONTRACTOR)]


@pytest_asyncio.fixture(loop_scope="session")
async def world(small: World) -> World:
    await small.database.owner.execute("delete from category_membership where beneficiary_id = $1", NEIGHBOUR)
    return await without_any(small)


def other(who: Viewer) -> Viewer:
    """Another client of the same place."""
    return dataclasses.replace(who, client_id="other")


async def seen(world: World, who: Viewer) -> list[str]:
    found = (await world.ask(who, LIST))["emergencyAccesses"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["id"] for each in found["nodes"]]


async def opened_by_each(world: World, **given: Any) -> list[str]:
    return [await opened(world, other(who), **given) for who in (TOWNSHIP, CONTRACTOR, BUREAU)]


async def test_one_for_a_child_is_not_there(world: World) -> None:
    asked = {"people": [id_of(CHILD), id_of(NEIGHBOUR)], "reason": "MISSING"}
    made = await opened_by_each(world, **asked)
    assert sorted(await seen(world, BUREAU)) == sorted(made)
    for who in BARE:
        assert await seen(world, who) == []
        node = await world.ask(who, f'{{ node(id: "{made[0]}") {{ id }} }}')
        assert node == {"node": None}
        counted = "{ emergencyAccessesAggregate { count } }"
        if "emergencyAccessesAggregate" in schema(who).query_type.fields:  # type: ignore[union-attr]
            assert (await world.ask(who, counted))["emergencyAccessesAggregate"]["count"] == 0
        explained = await world.ask(who, "{ explainList(of: {emergencyAccesses: {}}) { inSlice } }")
        assert explained == {"explainList": {"inSlice": 0}}
    assert await world.code(without_minor(BUREAU), REVIEW_ID, id=made[0], verdict="JUSTIFIED") == "FORBIDDEN"


REVIEW_ID: Final = REVIEW.replace(" reviewNote", "")


async def test_one_because_of_a_child_is_not_there_whomever_it_is_for(world: World) -> None:
    await opened_by_each(world, people=[id_of(NEIGHBOUR)], reason="CHILD_IN_DANGER")
    for who in BARE:
        assert await seen(world, who) == []


async def test_another_is_there_without_its_words(world: World) -> None:
    await opened_by_each(world, people=[id_of(NEIGHBOUR)], reason="MISSING")
    assert [len(await seen(world, who)) for who in BARE] == [3, 3, 1, 1]
    for who in BARE:
        fields: Any = schema(who).type_map["EmergencyAccess"]
        assert not {"note", "reviewNote"} & fields.fields.keys()
    why = (
        '{ viewer { access(type: "EmergencyAccess") { rows { rules { reason } }'
        " fields { name because { reason scope } } } } }"
    )
    said = (await world.ask(without_minor(BUREAU), why))["viewer"]["access"]
    assert [rule["reason"] for rule in said["rows"]["rules"]] == ["IN_DIVISION", "NO_YOUNGER_CHILDREN"]
    note = next(each for each in said["fields"] if each["name"] == "note")
    assert note["because"] == {"reason": "SCOPE_NOT_GRANTED", "scope": "field:minor"}


async def test_it_follows_what_becomes_of_the_person(world: World) -> None:
    await opened(world, other(TOWNSHIP), people=[id_of(NEIGHBOUR)], reason="MISSING")
    owner, who = world.database.owner, without_minor(BUREAU)
    for born, there in ((dt.date(2020, 1, 1), 0), (dt.date(1990, 1, 1), 1), (None, 1)):
        await owner.execute("update beneficiary set birth_on = $1 where id = $2", born, NEIGHBOUR)
        assert len(await seen(world, who)) == there
    await owner.execute(
        "insert into category_membership (county_code, id, beneficiary_id, category, starts_on, source_id,"
        " record_key, content_hash, observed_at, received_at, run_id)"
        " values ($1, 77001, $2, 'HARMED_CHILD', '2026-01-01', 1, 'h', '', now(), now(), 1)",
        COUNTY,
        NEIGHBOUR,
    )
    assert await seen(world, who) == []


@pytest.mark.parametrize("who", BARE)
async def test_who_opened_it_knows_it(world: World, who: Viewer) -> None:
    """Whoever it is for; another user of the same client does not."""
    own = dataclasses.replace(who, user_id=5)
    made = await opened(world, own)
    assert await seen(world, own) == [made]
    assert (await inside(world, own, made)).emergency is not None
    for stranger in (who, dataclasses.replace(who, user_id=6), other(own)):
        assert await seen(world, stranger) == []


async def test_nothing_of_it_is_followed(world: World) -> None:
    streams = streams_of(world)
    told = "subscription { emergencyAccessChanges { operation id } }"
    stream = await streams.subscribe(without_minor(BUREAU), told, None, {}, reading=False)
    assert stream is not None
    async with aclosing(stream.told()) as events:
        await anext(events)
        hidden = await opened(world)
        shown = await opened(world, people=[id_of(NEIGHBOUR)], reason="MISSING")
        event = await anext(events)
        assert shown.encode() in event
        assert hidden.encode() not in event
    await streams.listener.stop()


async def test_the_second_lock_holds_it_too(world: World) -> None:
    await opened(world, other(TOWNSHIP))
    pool = await world.database.reader("bureau_14")
    async with pool.acquire() as connection, connection.transaction():
        settings = {"lo": "4503", "hi": "4504", "client": "test", "user": "0", "today": "2026-06-15"}
        for name, value in settings.items():
            await connection.execute("select set_config($1, $2, true)", f"hub.{name}", value)
        assert await connection.fetchval("select count(*) from emergency_access") == 0
        await connection.execute("select set_config('hub.client', 'other', true)")
        assert await connection.fetchval("select count(*) from emergency_access") == 1


def test_these_viewers_are_of_their_own_readers() -> None:
    assert [who.reader for who in BARE] == ["bureau_14", "bureau_14", "township_14", "contractor_14"]
    assert isinstance(make_viewer("x", "bureau", BARE[0].scopes), Viewer)
