"""Who changes what somebody else has changed meanwhile: the error shows what stands beside what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from unittest.mock import patch

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.read.mutate import Doing
from hub.settings import Settings
from tests.support.casework import SECRET, STRANGERS, begin_casework, count
from tests.support.handing import PERSON, SENDER, TOWNSHIP, handing_world, id_of
from tests.support.logs import captured_logs
from tests.support.reading import World

OPEN: Final = """mutation ($person: ID!, $kind: DossierKind!) {
    openDossier(beneficiary: $person, kind: $kind, problems: "缺少照料") { id version } }"""
SHOWN: Final = "id version problems supportGoals beneficiary { id } syncedWithTownshipAt"
UPDATE: Final = f"""mutation ($dossier: ID!, $version: String!, $goals: String, $at: DateTime,
        $key: String) {{
    updateDossier(dossier: $dossier, version: $version, supportGoals: $goals, syncedWithTownshipAt: $at,
        key: $key) {{ {SHOWN} }} }}"""
UPDATES: Final = (
    f"""mutation ($items: [UpdateDossierItem!]!) {{ updateDossiers(items: $items) {{ {SHOWN} }} }}"""
)
NEED: Final = """mutation ($person: ID!) {
    assessNeed(beneficiary: $person, kind: CARE, description: "每周两次") { id version } }"""
FOLLOW: Final = """mutation ($items: [FollowNeedItem!]!) {
    done: followNeeds(items: $items) { id version status description } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin_casework(made)


async def opened(world: World, kind: str = "ELDER") -> dict[str, str]:
    """A dossier as somebody read it, before the township changed it."""
    made = (await world.ask(SENDER, OPEN, person=id_of(PERSON), kind=kind))["openDossier"]
    read = {"dossier": made["id"], "version": made["version"]}
    await world.ask(TOWNSHIP, UPDATE, **read, goals="每日送餐")
    return read


async def told(world: World, who: Viewer, query: str, **given: Any) -> tuple[Any, list[Any]]:
    body = orjson.loads((await world.answer(who, query, **given)).body)
    (data,) = body["data"].values()
    return data, body.get("errors", [])


async def test_what_stands_is_shown_beside_what_was_asked(world: World) -> None:
    read = await opened(world)
    at = "2026-01-02T03:04:05+00:00"
    with captured_logs(Settings()) as logs:
        data, (error,) = await told(world, SENDER, UPDATE, **read, goals=SECRET, at=at, key="k-1")
    logs.has_no_sentinel()
    assert data is None
    assert error["path"] == ["updateDossier"]
    assert error["extensions"]["code"] == "STALE"
    assert SECRET not in error["message"]
    conflict = error["extensions"]["conflict"]
    assert set(conflict) == {"stored", "asked"}
    assert conflict["asked"] == {**read, "supportGoals": SECRET, "syncedWithTownshipAt": at}
    (stands,) = (await world.ask(SENDER, f"{{ dossiers {{ nodes {{ {SHOWN} }} }} }}"))["dossiers"]["nodes"]
    assert conflict["stored"] == stands
    assert (stands["supportGoals"], stands["version"] != read["version"]) == ("每日送餐", True)


async def test_the_key_of_a_conflict_is_free(world: World) -> None:
    """Nothing was done under it, so that it may stand for another version; then it stands for that."""
    read = await opened(world)
    _, (error,) = await told(world, SENDER, UPDATE, **read, goals="另一目标", key="k-2")
    again = {**read, "version": error["extensions"]["conflict"]["stored"]["version"]}
    done, none = await told(world, SENDER, UPDATE, **again, goals="另一目标", key="k-2")
    assert (done["supportGoals"], none) == ("另一目标", [])
    assert await told(world, SENDER, UPDATE, **again, goals="另一目标", key="k-2") == (done, [])
    _, (error,) = await told(world, SENDER, UPDATE, **read, goals="另一目标", key="k-2")
    assert error["extensions"]["code"] == "KEY_REUSED"
    assert "conflict" not in error["extensions"]


async def test_each_of_many_has_its_conflict_at_its_place(world: World) -> None:
    read, other = await opened(world), await opened(world, "OTHER")
    (newest,) = (await world.ask(SENDER, "{ dossiers(where: {kind: {eq: ELDER}}) { nodes { version } } }"))[
        "dossiers"
    ]["nodes"]
    fresh = {**read, **newest, "supportGoals": "一", "key": "1"}
    items = [
        {**other, "supportGoals": "二", "key": "2"},
        fresh,
        {**fresh, "supportGoals": "三", "key": "3"},  # of the version before the item above it
        {**read, "dossier": "Dossier:450305:999", "key": "4"},
    ]
    data, errors = await told(world, SENDER, UPDATES, items=items)
    assert [each and each["supportGoals"] for each in data] == [None, "一", None, None]
    codes = {error["path"][1]: error["extensions"]["code"] for error in errors}
    assert codes == {0: "STALE", 2: "STALE", 3: "FORBIDDEN"}
    conflicts = {e["path"][1]: e["extensions"]["conflict"] for e in errors if e["path"][1] != 3}
    assert conflicts[0]["stored"]["supportGoals"] == "每日送餐"
    assert conflicts[0]["asked"] == {**other, "supportGoals": "二"}
    assert conflicts[2]["stored"] == data[1]
    assert await count(world, "write_key") == 1


async def test_many_needs_are_followed(world: World) -> None:
    need = (await world.ask(SENDER, NEED, person=id_of(PERSON)))["assessNeed"]
    item = {"need": need["id"], "version": need["version"], "status": "MET"}
    data, errors = await told(world, SENDER, FOLLOW, items=[item, item])
    assert [each and each["status"] for each in data] == ["MET", None]
    assert errors[0]["path"] == ["done", 1]
    assert errors[0]["extensions"]["conflict"] == {"stored": data[0], "asked": item}


async def test_of_many_who_change_it_at_once_one_does_and_the_others_see_what(world: World) -> None:
    read = await opened(world)
    (newest,) = (await world.ask(SENDER, "{ dossiers { nodes { version } } }"))["dossiers"]["nodes"]
    asked = {**read, **newest}
    answers = await asyncio.gather(
        *(told(world, SENDER, UPDATE, **asked, goals=f"目标{n}") for n in range(6))
    )
    (done,) = (data for data, errors in answers if not errors)
    shown = [errors[0]["extensions"]["conflict"]["stored"] for _, errors in answers if errors]
    assert shown == [done] * 5


@pytest.mark.parametrize("who", STRANGERS)
async def test_who_does_not_see_it_is_shown_nothing(world: World, who: Viewer) -> None:
    read = await opened(world)
    _, (error,) = await told(world, who, UPDATE, **read, goals="另一目标")
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "conflict" not in error["extensions"]


async def test_who_has_lost_the_person_meanwhile_is_shown_nothing(world: World) -> None:
    """The rights are those of the moment in which it is read: between the two the person may be handed on."""
    read = await opened(world)
    reading = Doing._read_back

    async def later(self: Doing, *given: Any) -> Any:
        await world.database.owner.execute(
            "update assignment set ends_on = starts_on where beneficiary_id = $1", PERSON
        )
        return await reading(self, *given)

    with patch.object(Doing, "_read_back", later):
        _, (error,) = await told(world, SENDER, UPDATE, **read, goals="另一目标")
    assert (error["extensions"]["code"], "conflict" in error["extensions"]) == ("FORBIDDEN", False)
