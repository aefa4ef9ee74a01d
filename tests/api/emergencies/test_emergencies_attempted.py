"""Who tried to open an emergency access and was refused before anybody was looked for: who, and why not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio

from hub.access.limits import Allowance
from hub.access.viewer import Viewer
from hub.audit.entries import newest, told
from hub.errors import TooOften
from hub.oauth.purposes import need_purpose
from hub.read import refusals
from hub.read.refusals import watched
from tests.support.emergency import CHILD, NUMBER, OPEN, TOWNSHIP
from tests.support.handing import id_of
from tests.support.reading import AGENCY, World
from tests.support.serving import Served, serving
from tests.support.streaming import streaming
from tests.support.trusted import register

PEOPLE: Final[dict[str, Any]] = {"hours": 4, "people": [id_of(CHILD)]}
HOURS: Final = OPEN.replace("$hours: Int!", "$hours: Int = 4")
ENTRIES: Final = """
    select e.*, s.content from access_entry e join access_shape s on s.digest = e.shape
    where s.content like '%"refused"%' and e.client_id = $1 order by e.sequence"""


def said(rows: list[Any]) -> list[Any]:
    return [json.loads(row["content"]) for row in rows]


async def logged(world: World, who: Viewer) -> list[Any]:
    return list(await world.database.owner.fetch(ENTRIES, who.client_id))


def somebody(who: Viewer = TOWNSHIP, **given: Any) -> Viewer:
    return dataclasses.replace(who, client_id=uuid4().hex, **given)


@pytest.mark.parametrize(
    ("who", "query", "given", "code"),
    [
        (somebody(), f'mutation {{ openEmergencyAccess(idNumbers: ["{NUMBER}"', {}, "GRAPHQL_PARSE_FAILED"),
        (somebody(), OPEN.replace("endsAt", "endsWhen"), PEOPLE, "GRAPHQL_VALIDATION_FAILED"),
        (somebody(AGENCY), OPEN, PEOPLE, "GRAPHQL_VALIDATION_FAILED"),
        (somebody(), OPEN, {**PEOPLE, "hours": "many"}, "BAD_USER_INPUT"),
        (somebody(), HOURS, {**PEOPLE, "hours": None}, "BAD_ARGUMENT"),
        (somebody(documents_only=True), OPEN, PEOPLE, "DOCUMENT_NOT_TRUSTED"),
        (somebody(allowance=Allowance(cost_per_request=1)), OPEN, PEOPLE, "COST_EXCEEDED"),
    ],
    ids=["syntax", "selection", "role", "variable", "argument", "document", "cost"],
)
async def test_it_is_there_with_nobodys_data(
    world: World, who: Viewer, query: str, given: dict[str, Any], code: str
) -> None:
    assert await world.code(who, query, **given) == code
    (entry,) = await logged(world, who)
    assert (entry["role"], entry["tables"]) == (who.role, ["emergency_access"])
    assert (entry["records"], entry["asked"]) == (None, None)
    (shape,) = said([entry])
    assert shape == {
        "document": "",
        "operation": None,
        "places": [],
        "others": ["Mutation.openEmergencyAccess"],
        "refused": code,
    }
    line, *more = told((await newest(world.database, who.client_id, 1))[0])
    assert who.client_id in line
    assert f"    refused: {code}" in more


def test_nothing_is_watched_only_where_nothing_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched() == {"openEmergencyAccess": "emergency_access"}
    monkeypatch.setattr(refusals, "_WATCHED", {})
    with pytest.raises(RuntimeError, match="not loaded"):
        watched()


async def test_too_many_questions(world: World) -> None:
    async def count(_: object, questions: int, __: object) -> None:
        raise TooOften

    who = somebody()
    world.engine.count_questions = count
    try:
        assert await world.code(who, OPEN, **PEOPLE) == "RATE_LIMITED"
    finally:
        world.engine.count_questions = None
    assert [each["refused"] for each in said(await logged(world, who))] == ["RATE_LIMITED"]


async def test_another_refusal_has_no_entry(world: World) -> None:
    who = somebody()
    assert await world.code(who, "{ emergencyAccess") == "GRAPHQL_PARSE_FAILED"
    assert await logged(world, who) == []


async def test_one_that_was_refused_when_it_was_done_has_one_entry(world: World) -> None:
    who = somebody()
    assert await world.code(who, OPEN, **{**PEOPLE, "hours": 99}) == "BAD_ARGUMENT"
    assert len(await logged(world, who)) == 1


async def test_nothing_is_told_where_it_cannot_be_written(world: World) -> None:
    owner = world.database.owner
    await owner.execute("alter table access_entry rename to entry_away")
    try:
        codes = [
            await world.code(somebody(), query, **given)
            for query, given in ((OPEN.replace("endsAt", "x"), PEOPLE), (HOURS, {**PEOPLE, "hours": None}))
        ]
    finally:
        await owner.execute("alter table entry_away rename to access_entry")
    assert codes == ["UNAVAILABLE", "UNAVAILABLE"]


# ── ways in ──────────────────────────────────────────────────────────────────────────────────────────

WRITTEN: Final = """mutation Open($people: [ID!]) {
    openEmergencyAccess(reason: MISSING, hours: 1, note: "x", people: $people) { id } }"""


@pytest_asyncio.fixture(loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    """Whose bureau states a purpose in every request."""
    async with serving() as served:
        await register(served.world.database, "bureau", open=WRITTEN)
        await need_purpose(served.world.database, "bureau", True)
        yield served


async def test_every_way_in_tells_of_a_purpose_that_is_missing(hub: Served) -> None:
    body = {"query": WRITTEN, "variables": {"people": []}}
    usual = {"Content-Type": "application/json", **hub.bearer("bureau")}
    answers = [
        await hub.http.post("/graphql", json=body, headers=usual),
        await hub.http.post("/documents/open", json={"people": []}, headers=usual),
        await hub.http.post("/graphql", content="[", headers=usual),
        await hub.http.get("/documents", headers=usual),
        await hub.http.post("/documents/none", json={}, headers=usual),
    ]
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["PURPOSE_REQUIRED"] * 5
    rows = await hub.world.database.owner.fetch(ENTRIES, "bureau")
    assert [each["refused"] for each in said(list(rows))] == ["PURPOSE_REQUIRED"] * 2


async def test_so_do_those_of_streams() -> None:
    wrong = WRITTEN.replace("{ id }", "{ number }")
    async with streaming() as hub:
        owner = hub.served.world.database.owner
        events = {"Accept": "text/event-stream"}
        await hub.served.post(json.dumps({"query": wrong}), role="township", headers=events)
        async with hub.socket("township") as socket:
            await socket.subscribe("a", wrong)
            assert (await socket.hear())["type"] == "error"
        await need_purpose(hub.served.world.database, "bureau", True)
        async with hub.socket("bureau") as socket:
            await socket.subscribe("a", WRITTEN)
            assert (await socket.hear())["type"] == "error"
        found = [said(list(await owner.fetch(ENTRIES, role))) for role in ("township", "bureau")]
        codes = [[each["refused"] for each in entries] for entries in found]
        assert codes == [["GRAPHQL_VALIDATION_FAILED"] * 2, ["PURPOSE_REQUIRED"]]
