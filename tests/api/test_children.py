"""Children under 14, and children whose rights were violated, for who holds no ``field:minor``: not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.policies import granted
from hub.access.viewer import Viewer
from hub.domain.id_number import make_id_number
from hub.errors import HubError
from hub.store.roles import OLDER as OLDER_LOGINS
from hub.store.vault import Vault
from hub.tables import metadata
from tests.support.county import TODAY
from tests.support.following import Follower, bring_up_to_date, note, streams_of
from tests.support.handing import REFER, add, fact, id_of, person
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    DONGJIANG,
    QIXING,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)

OLDER: Final = without_minor(BUREAU)
YOUNG, TODAY_14, HARMED, UNKNOWN = 2001, 2002, 2003, 2004
NAMES: Final = {YOUNG: "童一一", TODAY_14: "童二二", HARMED: "童三三", UNKNOWN: "童四四"}
TOMORROW_14: Final = TODAY.replace(year=TODAY.year - 14) + dt.timedelta(days=1)
NUMBER: Final = make_id_number("459999", TOMORROW_14, 77)
HOME: Final = 500


def child(number: int, born: dt.date | None, **more: Any) -> dict[str, Any]:
    return {**person(number, NAMES[number]), "birth_on": born, "household_id": HOME, "station_id": 1, **more}


def member(number: int, category: str) -> dict[str, Any]:
    return {**fact(7000 + number, number), "category": category, "starts_on": TODAY - dt.timedelta(days=9)}


@pytest.fixture
def world(small: World) -> World:
    """As it was in the beginning, but for the last tests here, which change rows."""
    small.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9))
    small.engine.smallest = 10
    return small


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small() -> AsyncIterator[World]:
    vault = Vault(bytes(range(32)))
    async with small_world() as made:
        home = {"county_code": "450305", "id": HOME, "household_number": "H500", "division_code": DONGJIANG}
        own = {"id_number": vault.seal(NUMBER), "id_number_hash": vault.blind(NUMBER)}
        people = [
            child(YOUNG, TOMORROW_14, **own),
            child(TODAY_14, TOMORROW_14 - dt.timedelta(days=1)),
            child(HARMED, dt.date(2009, 1, 1)),
            child(UNKNOWN, None),
        ]
        lists = {YOUNG: "DIBAO", TODAY_14: "DIBAO", HARMED: "HARMED_CHILD", UNKNOWN: "CHILD_IN_DIFFICULTY"}
        await add(
            made,
            {
                "household": [home],
                "beneficiary": people,
                "category_membership": [member(*each) for each in lists.items()],
                "visit": [
                    {**fact(7000 + n, n), "visited_on": TODAY, "kind": "HOME", "purpose": "OTHER"}
                    for n in NAMES
                ],
            },
        )
        yield made


LISTED: Final = """{
    beneficiaries(first: 200, where: {search: "童"}) { totalCount nodes { id } }
    beneficiariesAggregate(where: {search: "童"}) { count }
    visits(first: 200, where: {beneficiary: {search: "童"}}) { totalCount nodes { beneficiary { id } } }
    households(where: {householdNumber: {eq: "H500"}}) { nodes { members { totalCount nodes { id } } } }
}"""


async def seen(world: World, who: Any) -> dict[str, set[int]]:
    """Of the children here, those that each list shows; the counts are theirs."""
    data = await world.ask(who, LISTED)
    found = {
        "people": [node["id"] for node in data["beneficiaries"]["nodes"]],
        "visited": [node["beneficiary"]["id"] for node in data["visits"]["nodes"]],
        "at home": [m["id"] for home in data["households"]["nodes"] for m in home["members"]["nodes"]],
    }
    assert data["beneficiaries"]["totalCount"] == len(found["people"])
    assert data["beneficiariesAggregate"]["count"] == len(found["people"])
    assert data["visits"]["totalCount"] == len(found["visited"])
    return {name: {int(each.rsplit(":")[-1]) for each in ids} for name, ids in found.items()}


async def test_who_may_see_what_children_have_sees_all_of_them(world: World) -> None:
    assert await seen(world, BUREAU) == {name: set(NAMES) for name in ("people", "visited", "at home")}


async def test_nobody_under_14_is_there_and_the_birthday_is_the_day(world: World) -> None:
    assert await seen(world, OLDER) == {name: {TODAY_14} for name in ("people", "visited", "at home")}
    tomorrow = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time())
    world.engine.clock = lambda: tomorrow
    assert (await seen(world, OLDER))["people"] == {TODAY_14, YOUNG}


@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP, CONTRACTOR])
async def test_a_home_does_not_say_how_many_live_in_it(world: World, who: Viewer) -> None:
    """More than its members would tell of a child."""
    asked = '{ households(where: {householdNumber: {eq: "H500"}}) { nodes { registeredMemberCount } } }'
    assert "nodes" in (await world.ask(who, asked))["households"]
    assert await world.code(without_minor(who), asked) == "GRAPHQL_VALIDATION_FAILED"
    for name in ("household", "household_record"):
        own = granted(metadata.tables[name], OLDER_LOGINS[who.role])
        assert "registered_member_count" not in own
        assert "economic_status_checked_on" in own


async def test_numbers_are_those_of_the_rows_where_a_tally_would_tell(world: World) -> None:
    """The tally knows no ages."""
    query = """{ beneficiaries { totalCount } visits { totalCount }
        beneficiariesAggregate { groups(by: [riskLevel]) { count } } }"""
    whole, part = await world.ask(BUREAU, query), await world.ask(OLDER, query)
    for name in ("beneficiaries", "visits"):
        assert part[name]["totalCount"] < whole[name]["totalCount"]
    counted = sum(group["count"] for group in part["beneficiariesAggregate"]["groups"])
    assert counted == part["beneficiaries"]["totalCount"]


@pytest.mark.parametrize(
    "query",
    [
        f'{{ beneficiary(idNumber: "{NUMBER}") {{ id }} }}',
        f'{{ beneficiary(id: "{id_of(YOUNG)}") {{ id }} }}',
        f'{{ beneficiary: node(id: "{id_of(YOUNG)}") {{ id }} }}',
        f'{{ beneficiary: node(id: "Visit:450305:{7000 + YOUNG}") {{ id }} }}',
    ],
)
async def test_no_key_finds_one(world: World, query: str) -> None:
    assert (await world.ask(BUREAU, query))["beneficiary"]
    assert (await world.ask(OLDER, query))["beneficiary"] is None


async def test_nobody_uses_a_child_who_may_not_see_it(world: World) -> None:
    given = {"person": id_of(YOUNG), "kind": "REFER", "to": "52450302"}
    assert await world.code(OLDER, REFER, **given) == "FORBIDDEN"


def test_a_refused_row_has_no_age_so_it_is_not_opened() -> None:
    for who, opened in ((BUREAU, True), (OLDER, False)):
        refused: Any = schema(who).type_map["QuarantinedRow"]
        assert ("raw" in refused.fields) is opened


async def test_an_agency_is_answered_about_a_child_and_counts_none(world: World) -> None:
    asked = f'{{ beneficiaryStatus(idNumber: "{NUMBER}", programme: DIBAO) {{ entitled }} }}'
    agency = viewer("agency", QIXING, scopes=["status.r", "statistics.s"])
    assert (await world.ask(agency, asked))["beneficiaryStatus"]["entitled"]
    world.engine.smallest = 1
    counted = "{ beneficiariesAggregate { count } }"
    rough = (await world.ask(agency, counted))["beneficiariesAggregate"]["count"]
    assert rough == (await world.ask(OLDER, counted))["beneficiariesAggregate"]["count"]
    opened = viewer("agency", QIXING, scopes=["status.r", "statistics.s", "field:minor"])
    assert (await world.ask(opened, counted))["beneficiariesAggregate"]["count"] > rough


async def test_a_stream_ends_with_the_day_on_which_others_turn_14(world: World) -> None:
    streams = streams_of(world)
    follower = Follower(world, streams, OLDER, "beneficiary")
    stream = await streams.subscribe(OLDER, follower.query, None, {}, reading=False)
    assert stream is not None
    async with aclosing(stream.told()) as told:
        await anext(told)
        tomorrow = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time())
        world.engine.clock = lambda: tomorrow
        streams.listener.tell("hub_change")
        with pytest.raises(HubError) as ended:
            await anext(told)
    assert ended.value.code == "ACCESS_CHANGED"
    await streams.listener.stop()


async def test_who_follows_is_told_that_a_child_is_gone_and_nothing_of_one_that_was_not_there(
    world: World,
) -> None:
    await bring_up_to_date(world)
    owner, streams = world.database.owner, streams_of(world)
    follower = Follower(world, streams, OLDER, "beneficiary")
    await follower.begin()
    assert id_of(TODAY_14) in follower.held
    await owner.execute(
        f"update category_membership set category = 'HARMED_CHILD' where id = {7000 + TODAY_14}"
    )
    await owner.execute(f"update beneficiary set division_code = '450305200000' where id = {UNKNOWN}")
    async with world.database.transaction() as connection:
        await note(connection, "U", "beneficiary", "450305", UNKNOWN, TODAY_14)
    [event] = await follower.catch_up()
    assert (event["operation"], event["id"]) == ("GONE", id_of(TODAY_14))
    assert follower.held == await follower.listed()
    await streams.listener.stop()
