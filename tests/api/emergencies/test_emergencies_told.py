"""What the access log tells of emergency accesses to who holds no ``field:minor``: as if none were hidden."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, Final
from uuid import uuid4

import pytest

from hub.access.viewer import Viewer
from hub.read import who as reading
from tests.support.emergency import BUREAU, CHILD, NEIGHBOUR, OPEN, REVIEW, TOWNSHIP, inside, opened
from tests.support.handing import id_of
from tests.support.reading import World, schema, without_minor
from tests.support.sealed import seal_all

OLDER: Final = without_minor(BUREAU)
READ: Final = "{ beneficiaries { nodes { id name } } }"
USES: Final = """query ($id: ID!, $first: Int!) { accessLog(beneficiary: $id, first: $first) {
    clientId role emergencyAccess refused } }"""


@pytest.fixture
def opener() -> Viewer:
    """Whose entries no other test has made."""
    return dataclasses.replace(TOWNSHIP, client_id=uuid4().hex)


async def uses(world: World, asker: Viewer, opener: Viewer, first: int = 50) -> list[Any]:
    """Of the neighbour, without those who ask here: in which role, by which access, and why not."""
    entries = (await world.ask(asker, USES, id=id_of(NEIGHBOUR), first=first))["accessLog"]
    own = [each for each in entries if each.pop("clientId") == opener.client_id]
    return [tuple(each.values()) for each in own if each["role"] != "bureau"]


async def test_what_one_did_is_told_to_who_may_see_it(world: World, opener: Viewer) -> None:
    made = await opened(world, opener, people=[id_of(NEIGHBOUR)], reason="MISSING")
    await world.ask(await inside(world, opener, made), READ)
    for who in (BUREAU, OLDER):
        assert await uses(world, who, opener) == [("emergency", made, None), ("township", None, None)]


@pytest.mark.parametrize("sealed", [False, True])
async def test_nothing_of_one_that_may_be_for_a_child(world: World, opener: Viewer, sealed: bool) -> None:
    """Neither that it was opened nor that somebody read by it; and a page is full all the same."""
    await opened(world, opener, people=[id_of(NEIGHBOUR)], reason="MISSING")
    hidden = await opened(world, opener, people=[id_of(CHILD), id_of(NEIGHBOUR)], reason="MISSING")
    for _ in range(3):
        await world.ask(await inside(world, opener, hidden), READ)
        if sealed:
            await seal_all(world)
    every = [*[("emergency", hidden, None)] * 3, ("township", None, None), ("township", None, None)]
    assert await uses(world, BUREAU, opener) == every
    for first in (3, 50):  # the two newest are these questions
        assert await uses(world, OLDER, opener, first) == [("township", None, None)]
    own = dataclasses.replace(OLDER, client_id=opener.client_id)
    assert await uses(world, own, opener) == every
    birthday = dt.datetime(2032, 5, 5)
    world.engine.clock = lambda: birthday
    assert await uses(world, OLDER, opener) == every


async def test_a_refusal_tells_of_no_other(world: World, opener: Viewer) -> None:
    await world.ask(BUREAU, REVIEW, id=await opened(world, opener), verdict="UNJUSTIFIED")
    await world.code(opener, OPEN, hours=1, people=[id_of(NEIGHBOUR)])
    for who, code in ((BUREAU, "EMERGENCY_BARRED"), (OLDER, "FORBIDDEN")):
        assert await uses(world, who, opener) == [("township", None, code)]


async def test_a_read_is_told_whatever_access_it_shows_first(world: World, opener: Viewer) -> None:
    """Only what opened one begins with the access that it opened."""
    await opened(world)
    reader = dataclasses.replace(BUREAU, client_id=opener.client_id)
    seen = "query ($id: ID!) { first: emergencyAccesses { nodes { id } } beneficiary(id: $id) { name } }"
    assert (await world.ask(reader, seen, id=id_of(NEIGHBOUR)))["first"]["nodes"]
    for who in (BUREAU, OLDER):
        told = (await world.ask(who, USES, id=id_of(NEIGHBOUR), first=50))["accessLog"]
        assert [each["role"] for each in told if each["clientId"] == opener.client_id] == ["bureau"]


def test_words_that_somebody_chose_are_told_to_who_may_see_children() -> None:
    """``CHILD_IN_DANGER``, ``DIBAO_CHILD``, or the name of an operation: the person beside was a child."""
    chosen = {"operation", "document"}
    for who, told in ((BUREAU, chosen), (OLDER, set())):
        entry: Any = schema(who).type_map["AccessLogEntry"]
        assert chosen & entry.fields.keys() == told
        assert "fields" in entry.fields


async def test_it_is_read_on_for_who_is_not_told_everything(
    world: World, opener: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But only so far: then by whoever asks, from where it stopped."""
    await opened(world, opener, people=[id_of(NEIGHBOUR)], reason="MISSING")
    await seal_all(world)
    hidden = await opened(world, opener, people=[id_of(CHILD), id_of(NEIGHBOUR)], reason="MISSING")
    for _ in range(6):
        await seal_all(world)
        await world.ask(await inside(world, opener, hidden), READ)
    await seal_all(world)
    newest = await world.database.owner.fetchval("select max(sequence) from access_entry")
    monkeypatch.setattr(reading, "PORTION", 2)
    asked: dict[str, Any] = {"id": id_of(NEIGHBOUR), "before": str(newest + 1), "first": 1}
    question = """query ($id: ID!, $before: ID, $first: Int!) {
        accessLog(beneficiary: $id, first: $first, before: $before) { clientId emergencyAccess refused } }"""
    own = {"clientId": opener.client_id, "emergencyAccess": None, "refused": None}
    assert (await world.ask(OLDER, question, **asked))["accessLog"] == [own]
    monkeypatch.setattr(reading, "MOST_BATCHES", 4)
    [error] = await world.errors(OLDER, question, **asked)
    assert error["extensions"]["code"] == "BAD_ARGUMENT"
    lower = str(error["message"]).rpartition(": ")[2].rstrip(".")
    assert newest > int(lower)
    assert (await world.ask(OLDER, question, **{**asked, "before": lower}))["accessLog"] == [own]
    assert len((await world.ask(BUREAU, question, **{**asked, "first": 3}))["accessLog"]) == 3
    # What there is to be told before that is told, though the page is not full.
    monkeypatch.setattr(reading, "MOST_BATCHES", 8)
    some = (await world.ask(OLDER, question, **{**asked, "first": 50}))["accessLog"]
    assert own in some
    assert len(some) < 50
