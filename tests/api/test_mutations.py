"""What every mutation keeps: one transaction, in order, once for a key, logged, and told to who follows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import REQUEST_ID, make_viewer
from hub.audit.records import person_key, shown
from hub.read.changes import now, read_page
from hub.read.leaves import viewer_values
from hub.write import work
from hub.write.keys import forget_keys
from tests.support.county import TODAY
from tests.support.handing import (
    ACCEPT,
    BUREAU,
    CODES,
    COUNTY,
    DECLINE,
    NEIGHBOUR,
    PERSON,
    RECEIVER,
    REFER,
    SENDER,
    TO,
    TOWNSHIP,
    begin,
    handing_world,
    id_of,
    refer,
)
from tests.support.reading import World

ASKED: dict[str, Any] = {"person": id_of(PERSON), "kind": "TRANSFER", "to": CODES[2]}
UNDER = {"contract": f"Contract:{TO}"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin(made)


async def count(world: World, table: str = "referral") -> int:
    return int(await world.database.owner.fetchval(f"select count(*) from {table}"))


# ── once ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_same_key_is_the_same_record(world: World) -> None:
    answers = [await world.ask(SENDER, REFER, **ASKED, key="k-1") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    other = await world.ask(SENDER, REFER, **ASKED, key="k-2")
    assert other != answers[0]
    assert await count(world) == 2


async def test_a_repeat_shows_the_record_as_it_is_now(world: World) -> None:
    made = (await world.ask(SENDER, REFER, **ASKED, key="k"))["referBeneficiary"]
    await world.ask(RECEIVER, DECLINE, referral=made["id"])
    again = (await world.ask(SENDER, REFER, **ASKED, key="k"))["referBeneficiary"]
    assert again == {"id": made["id"], "status": "DECLINED"}


async def test_a_key_stands_for_one_thing_of_one_client_and_user(world: World) -> None:
    await world.ask(SENDER, REFER, **ASKED, key="k")
    assert await world.code(SENDER, REFER, **{**ASKED, "kind": "REFER"}, key="k") == "KEY_REUSED"
    for other in (replace(SENDER, client_id="another"), replace(SENDER, user_id=7)):
        await world.ask(other, REFER, **ASKED, key="k")
    assert await count(world) == 3


async def test_of_many_with_one_key_one_is_done(world: World) -> None:
    answers = await asyncio.gather(*(world.answer(SENDER, REFER, **ASKED, key="k") for _ in range(6)))
    assert len({answer.body for answer in answers}) == 1
    assert await count(world) == 1


async def test_what_failed_may_be_tried_with_the_same_key(world: World) -> None:
    wrong = {**ASKED, "to": "nobody"}
    assert await world.code(SENDER, REFER, **wrong, key="k") == "BAD_ARGUMENT"
    await world.ask(SENDER, REFER, **ASKED, key="k")


@pytest.mark.parametrize("key", ["", "x" * 65, "空", "a b", "a\0"])
async def test_a_key_has_a_form(world: World, key: str) -> None:
    assert await world.code(SENDER, REFER, **ASKED, key=key) == "BAD_ARGUMENT"
    assert await count(world) == 0


async def test_a_key_is_kept_for_a_month(world: World) -> None:
    await world.ask(SENDER, REFER, **ASKED, key="old")
    await world.database.owner.execute("update write_key set made_at = now() - interval '31 days'")
    await world.ask(SENDER, REFER, **ASKED, key="new")
    assert await forget_keys(world.database) == 1
    assert await world.database.owner.fetchval("select key from write_key") == "new"


# ── as a whole or not at all ─────────────────────────────────────────────────────────────────────────


async def state(world: World) -> list[int]:
    names = ("referral", "assignment", "change", "access_entry", "write_key", "source")
    return [await count(world, name) for name in names]


async def test_what_breaks_off_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even at the very end, when all rows are written."""
    made = await refer(world)
    before = await state(world)

    async def killed(each: work.Work, _: Any) -> None:
        pid = await each.own_row("select pg_backend_pid() as pid")
        await world.database.owner.execute("select pg_terminate_backend($1)", pid["pid"])
        await each.own_row("select 1")

    monkeypatch.setattr(work, "note_entry", killed)
    assert await world.code(RECEIVER, ACCEPT, referral=made, **UNDER, key="k") == "UNAVAILABLE"
    monkeypatch.undo()
    assert await state(world) == before
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER, key="k")


async def test_without_its_entry_nothing_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise asyncpg.DiskFullError("no space")

    monkeypatch.setattr(work, "note_entry", full)
    assert await world.code(SENDER, REFER, **ASKED) == "UNAVAILABLE"
    assert await count(world) == 0


async def test_who_waits_too_long_for_a_record_is_told_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await refer(world)
    monkeypatch.setattr(work, "BOUNDS", "set local lock_timeout = '50ms'")
    async with world.database.transaction() as connection:
        await connection.execute("select from referral for update")
        [error] = await world.errors(RECEIVER, DECLINE, referral=made)
    assert (error["extensions"]["code"], error["extensions"]["retryAfter"]) == ("UNAVAILABLE", 1)


# ── in order ─────────────────────────────────────────────────────────────────────────────────────────


async def test_several_are_done_one_after_the_other_and_each_is_read_before_the_next(world: World) -> None:
    made = await refer(world)
    both = """mutation ($referral: ID!) {
        again: __typename
        first: withdrawReferral(referral: $referral) { status }
        second: withdrawReferral(referral: $referral) { status }
        third: referBeneficiary(
            beneficiary: "%s", kind: REFER, category: DIBAO, toCreditCode: "%s") { status } }"""
    answer = await world.answer(SENDER, both % (id_of(NEIGHBOUR), CODES[2]), referral=made)
    body = json.loads(answer.body)
    assert body["data"] == {
        "again": "Mutation",
        "first": {"status": "WITHDRAWN"},
        "second": None,
        "third": {"status": "PENDING"},
    }
    assert list(body["data"]) == ["again", "first", "second", "third"]
    [error] = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "CONFLICT")
    assert answer.status == 294


async def test_what_went_wrong_unforeseen_tells_nothing_and_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise LookupError("甲某")

    made = await refer(world)
    monkeypatch.setattr(work, "note_changes", broken)
    both = """mutation ($referral: ID!) {
        one: withdrawReferral(referral: $referral) { status } two: __typename }"""
    answer = await world.answer(SENDER, both, referral=made)
    body = json.loads(answer.body)
    assert body["data"] == {"one": None, "two": "Mutation"}
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "甲" not in answer.body.decode()


async def test_what_is_left_out_is_not_done(world: World) -> None:
    asked = REFER.replace("$key: String)", "$key: String, $no: Boolean = false)").replace(
        "key: $key)", "key: $key) @include(if: $no)"
    )
    assert await world.ask(SENDER, asked, **ASKED) == {}
    assert await count(world) == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("mutation { referBeneficiary { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { recordVisit { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { referBeneficiary(beneficiary: "B:1", kind: LEND, category: DIBAO) { id } }',
         "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { referBeneficiary(beneficiary: "B:1", kind: REFER, category: DIBAO) }',
         "GRAPHQL_VALIDATION_FAILED"),
    ],
)  # fmt: skip
async def test_what_is_no_mutation_is_refused(world: World, wrong: str, code: str) -> None:
    assert await world.code(SENDER, wrong) == code


async def test_a_variable_of_a_wrong_kind_is_refused_before_anything_is_done(world: World) -> None:
    assert await world.code(SENDER, REFER, **{**ASKED, "kind": "LEND"}) == "BAD_USER_INPUT"
    assert await count(world) == 0


async def test_a_wrong_argument_in_what_is_shown_is_null_there(world: World) -> None:
    asked = ACCEPT.replace("assignments {", "assignments(first: 9999) {").replace(
        "name assign", "file: name assign"
    )
    answer = json.loads((await world.answer(RECEIVER, asked, referral=await refer(world), **UNDER)).body)
    assert answer["data"]["acceptReferral"]["beneficiary"] is None
    assert answer["errors"][0]["path"] == ["acceptReferral", "beneficiary", "assignments"]
    assert answer["data"]["acceptReferral"]["status"] == "ACCEPTED"


async def test_the_payload_is_the_viewers_own_part(world: World) -> None:
    """Who refers a person without the group of names is not shown the name."""
    held = frozenset(SENDER.scopes - {"field:identity"})
    who = make_viewer("less", "contractor", held, organisation_id=1)
    asked = REFER.replace("{ id status }", "{ beneficiary { id name } }")
    assert await world.code(who, asked, **ASKED) == "GRAPHQL_VALIDATION_FAILED"
    shown_of = REFER.replace("{ id status }", "{ beneficiary { id } toStation { id } }")
    answer = await world.ask(who, shown_of, **ASKED)
    assert answer["referBeneficiary"] == {"beneficiary": {"id": id_of(PERSON)}, "toStation": None}


async def test_a_mutation_has_its_price(world: World) -> None:
    bill = (await world.answer(SENDER, REFER, **ASKED)).cost
    asked = await world.answer(
        SENDER, "query ($id: ID!) { referral(id: $id) { id status } }", id="Referral:450305:1"
    )
    assert bill is not None
    assert asked.cost is not None
    assert bill.static == asked.cost.static + 500
    assert bill.actual <= bill.static
    dear = replace(SENDER, allowance=replace(SENDER.allowance, cost_per_request=100))
    assert await world.code(dear, REFER, **ASKED) == "COST_EXCEEDED"
    assert await count(world) == 1


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_mutation_is_in_the_access_log(world: World) -> None:
    made = await refer(world)
    last = await count(world, "access_entry")
    REQUEST_ID.set("of-this-request")
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    entries = await world.database.owner.fetch(
        "select e.*, s.content from access_entry e join access_shape s on s.digest = e.shape"
        " order by sequence offset $1",
        last,
    )
    wrote, read = entries
    content = orjson.loads(wrote["content"])
    assert content["others"] == ["Mutation.acceptReferral"]
    assert id_of(PERSON) not in content["document"]
    assert [place["type"] for place in content["places"]] == ["Referral", "Assignment", "Assignment"]
    assert wrote["tables"] == ["assignment", "referral"]
    assert (wrote["client_id"], wrote["role"], wrote["request_id"]) == (
        "test",
        "contractor",
        "of-this-request",
    )
    assert {each.person for each in shown(wrote["records"])} == {person_key(COUNTY, PERSON)}
    assert "Beneficiary" in [place["type"] for place in orjson.loads(read["content"])["places"]]


async def test_a_person_is_told_of_it(world: World) -> None:
    await refer(world)
    log = "query ($id: ID!) { accessLog(beneficiary: $id, first: 9) { role fields } }"
    told = (await world.ask(BUREAU, log, id=id_of(PERSON)))["accessLog"]
    assert ["Referral.kind", "Referral.category", "Referral.need"] in [each["fields"] for each in told]


async def test_the_sequence_of_changes_tells_both_sides(world: World) -> None:
    made = await refer(world)
    position = await now(world.database)
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    seen = {}
    for who in (SENDER, RECEIVER, TOWNSHIP):
        held = await world.engine.live.now(who.organisation_id, TODAY)
        values = viewer_values(who, held, TODAY)
        pages = [
            await read_page(world.database, who.role, table, position, values)
            for table in ("referral", "assignment", "beneficiary")
        ]
        seen[who.role, who.organisation_id] = [[row.key for row in page.rows] for page in pages]
    referral, begun = (COUNTY, int(made.split(":")[2])), None
    for rows in seen.values():
        assert rows[0] == [referral]
        assert (COUNTY, 6001) in rows[1]
        begun = begun or max(rows[1])
        assert begun in rows[1]
    assert (COUNTY, PERSON) in seen["contractor", 2][2]
