"""Names that are made of divisions and rules, beside those that stations and people have."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.norms.names import badge_text, station_name, uniform_texts
from hub.domain.vocabulary.norm import NoName
from tests.support.reading import BUREAU, OPERATOR, PROVINCE, TOWNSHIP, World, schema, small_world, viewer

STATIONS: Final = """{ stations(first: 200) { nodes {
  name divisionCode expectedName noExpectedName isNamedByRule uniformTexts
} } }"""
SPACED: Final = "七星区七星区街道 民政服务站"
PEOPLE: Final = "{ personnel(first: 200) { nodes { name divisionCode badgeText } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        async with made.database.transaction() as connection:
            await connection.execute("update station set name = $1 where id = 1", SPACED)
        yield made


def today(world: World) -> dt.date:
    return world.engine.clock().date()


@pytest.mark.parametrize("who", [BUREAU, PROVINCE, TOWNSHIP, OPERATOR])
async def test_stations_are_told_their_names_and_whether_they_have_them(world: World, who: Viewer) -> None:
    found = (await world.ask(who, STATIONS))["stations"]["nodes"]
    assert found
    for told in found:
        expected = station_name(told["divisionCode"], today(world))
        missing = isinstance(expected, NoName)
        assert told["expectedName"] == (None if missing else expected)
        assert told["noExpectedName"] == (expected if missing else None)
        same = told["name"].replace(" ", "") == expected
        assert told["isNamedByRule"] is (None if missing else same)
        assert told["uniformTexts"] == list(uniform_texts(told["divisionCode"], today(world)))


async def test_one_is_named_by_rule_and_others_are_not(world: World) -> None:
    found = (await world.ask(PROVINCE, STATIONS))["stations"]["nodes"]
    assert [told["divisionCode"] for told in found if told["isNamedByRule"]] == ["450305001000"]
    assert len([told for told in found if told["isNamedByRule"] is False]) > 0


async def test_badges_hold_the_name_and_are_shown_to_whom_the_name_is(world: World) -> None:
    found = (await world.ask(BUREAU, PEOPLE))["personnel"]["nodes"]
    assert len([told for told in found if told["badgeText"]]) > 0
    for told in found:
        assert told["badgeText"] == badge_text(told["name"], told["divisionCode"], today(world))
    nameless = viewer("bureau", "450305000000", scopes=BUREAU.scopes - {"field:identity"})
    fields: Any = schema(nameless).type_map["Personnel"]
    assert not {"name", "badgeText"} & set(fields.fields)
    assert "divisionCode" in fields.fields
