"""An opening that was refused is in the access log: who tried, about whom, and why not; its words are not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import pytest

from hub.access.viewer import Viewer
from hub.audit.entries import Cause, cause_of, newest, told
from hub.domain.id_number import make_id_number
from tests.support.emergency import (
    BUREAU,
    CHILD,
    CONTRACTOR,
    ELSEWHERE,
    FAR,
    NUMBER,
    OPEN,
    REVIEW,
    TOWNSHIP,
    opened,
)
from tests.support.handing import id_of
from tests.support.reading import World

STRANGER: Final = make_id_number("459999", dt.date(1990, 1, 1), 9)
FAR_ID: Final = f"Beneficiary:{ELSEWHERE}:{FAR}"
LAST: Final = """
    select e.*, s.content from access_entry e join access_shape s on s.digest = e.shape
    where s.content like '%openEmergencyAccess%' and e.client_id = $1 order by e.sequence desc"""
LOG: Final = """query ($id: ID!) { accessLog(beneficiary: $id) {
    clientId userId role refused fields askedByNumber emergencyAccess purpose } }"""


async def logged(world: World, who: Viewer) -> list[Any]:
    return list(await world.database.owner.fetch(LAST, who.client_id))


@pytest.mark.parametrize(
    ("given", "code", "people", "asked"),
    [
        ({"note": "  "}, "BAD_ARGUMENT", f"0:450305:{CHILD}/", 0),
        ({"hours": 99}, "BAD_ARGUMENT", f"0:450305:{CHILD}/", 0),
        ({"people": [FAR_ID, id_of(999_999)]}, "FORBIDDEN", f"0:{ELSEWHERE}:{FAR}/", 0),
        ({"people": [id_of(10**17)]}, "FORBIDDEN", None, 0),
        ({"people": ["Visit:450305:1", "x"]}, "BAD_ARGUMENT", None, 0),
        ({"people": None, "numbers": [STRANGER, STRANGER, "12"]}, "BAD_ARGUMENT", None, 1),
        ({"people": None, "numbers": [STRANGER]}, "FORBIDDEN", None, 1),
        ({"people": [id_of(CHILD)] * 11}, "BAD_ARGUMENT", f"0:450305:{CHILD}/", 0),
    ],
)
async def test_what_was_refused_is_there(
    world: World, given: Mapping[str, Any], code: str, people: str | None, asked: int
) -> None:
    who = dataclasses.replace(TOWNSHIP, client_id=uuid4().hex, user_id=4)
    note = {"note": "邻居家的孩子", **given}
    assert await world.code(who, OPEN, **{"hours": 4, "people": [id_of(CHILD)], **note}) == code
    (entry,) = await logged(world, who)
    assert (entry["user_id"], entry["role"]) == (4, "township")
    said = json.loads(entry["content"])
    assert (said["refused"], said["others"]) == (code, ["Mutation.openEmergencyAccess"])
    assert (entry["records"], len(entry["asked"] or ())) == (people, asked)
    assert "邻居家" not in str(tuple(entry))
    (line, *more) = told((await newest(world.database, None, 1))[0])
    assert f"{who.client_id} user 4 as township" in line
    assert f"    refused: {code}" in more


async def test_who_is_barred_and_who_has_no_contract(world: World) -> None:
    barred = dataclasses.replace(TOWNSHIP, client_id="barred")
    made = await opened(world, barred)
    await world.ask(BUREAU, REVIEW, id=made, verdict="UNJUSTIFIED")
    assert await world.code(barred, OPEN, hours=1, people=[id_of(CHILD)]) == "EMERGENCY_BARRED"
    idle = dataclasses.replace(CONTRACTOR, client_id="idle", organisation_id=999)
    assert await world.code(idle, OPEN, hours=1, people=[id_of(CHILD)]) == "FORBIDDEN"
    for who, refused in ((barred, ["EMERGENCY_BARRED", None, None]), (idle, ["FORBIDDEN"])):
        assert [json.loads(e["content"]).get("refused") for e in await logged(world, who)] == refused


async def test_the_bureau_is_told_who_tried(world: World) -> None:
    who = dataclasses.replace(TOWNSHIP, client_id="tries")
    await world.code(who, OPEN, hours=99, people=[id_of(CHILD)])
    await world.code(who, OPEN, hours=99, people=None, numbers=[NUMBER])
    uses = (await world.ask(BUREAU, LOG, id=id_of(CHILD)))["accessLog"]
    tries = [use for use in uses if use["clientId"] == "tries"]
    usual: dict[str, Any] = {
        "clientId": "tries",
        "userId": None,
        "role": "township",
        "refused": "BAD_ARGUMENT",
        "fields": [],
    }
    no_cause = {"emergencyAccess": None, "purpose": None}
    assert tries == [{**usual, "askedByNumber": by, **no_cause} for by in (True, False)]


async def test_nothing_is_told_where_it_cannot_be_written(world: World) -> None:
    owner = world.database.owner
    await owner.execute("alter table access_shape rename to shape_away")
    try:
        code = await world.code(TOWNSHIP, OPEN, hours=99, people=[id_of(CHILD)])
    finally:
        await owner.execute("alter table shape_away rename to access_shape")
    assert code == "INTERNAL_ERROR"


def test_a_cause_is_told_apart() -> None:
    for text, cause in (
        (None, Cause(None, None)),
        ("relief", Cause(None, "relief")),
        ("emergency:5", Cause(5, None)),
        ("emergency:5 relief", Cause(5, "relief")),
    ):
        assert cause_of(text) == cause
