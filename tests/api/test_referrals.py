"""转介、移交: who may hand on whom, what the receiver sees before and after, and who comes first."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.sync import schedule
from hub.tables.ledger import OWN
from tests.support.county import TODAY
from tests.support.handing import (
    ACCEPT,
    BUREAU,
    CODES,
    COUNTY,
    DECLINE,
    FROM,
    NEIGHBOUR,
    OTHER,
    PERSON,
    RECEIVER,
    REFER,
    SENDER,
    TO,
    TO_TOO,
    TOWNSHIP,
    WITHDRAW,
    add,
    assignment,
    begin,
    handing_world,
    id_of,
    refer,
)
from tests.support.reading import AGENCY, GUANGXI, OPERATOR, QIXING, World, viewer

SHOWN = """query ($id: ID!) { referral(id: $id) {
    status category need referrer referrerName declineReason township { name }
    beneficiary { id } fromContractor { id } toContractor { id } } }"""
UNDER = {"contract": f"Contract:{TO}"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin(made)


async def shown(world: World, who: Viewer, referral: str) -> Any:
    return (await world.ask(who, SHOWN, id=referral))["referral"]


async def assigned(world: World) -> list[tuple[int, dt.date, dt.date | None]]:
    """Contract, first and last day of each assignment of the person."""
    rows = await world.database.owner.fetch(
        "select contract_id, starts_on, ends_on from assignment"
        " where county_code = $1 and beneficiary_id = $2"
        " order by id",
        COUNTY,
        PERSON,
    )
    return [tuple(row) for row in rows]


# ── what is seen, and when ───────────────────────────────────────────────────────────────────────────


async def test_a_receiver_sees_what_it_needs_to_decide_and_then_the_person(world: World) -> None:
    made = await refer(world)
    seen = await shown(world, RECEIVER, made)
    name = await world.database.owner.fetchval("select name from contractor where id = 1")
    assert seen.pop("township")["name"]
    assert seen == {
        "status": "PENDING", "category": "DIBAO", "need": "CARE", "referrer": "CONTRACTOR",
        "referrerName": name, "declineReason": None, "beneficiary": None, "fromContractor": None,
        "toContractor": {"id": "Contractor:2"},
    }  # fmt: skip
    person = "query ($id: ID!) { beneficiary(id: $id) { name } }"
    assert (await world.ask(RECEIVER, person, id=id_of(PERSON)))["beneficiary"] is None
    taken = (await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER))["acceptReferral"]
    assert taken["beneficiary"]["name"] == "甲某"
    assert taken["toContract"]["id"] == f"Contract:{TO}"
    assert (await world.ask(RECEIVER, person, id=id_of(PERSON)))["beneficiary"] == {"name": "甲某"}


@pytest.mark.parametrize(
    "where",
    [
        '{name: {eq: "甲某"}}',
        '{search: "甲"}',
        '{divisionCode: {within: "450305001"}}',
        "{riskLevel: {isNull: true}}",
    ],
)
async def test_a_receiver_finds_out_nothing_by_conditions(world: World, where: str) -> None:
    made = await refer(world)
    asked = f"{{ referrals(where: {{beneficiary: {where}}}) {{ totalCount }} }}"
    assert (await world.ask(SENDER, asked))["referrals"]["totalCount"] == 1
    assert (await world.ask(RECEIVER, asked))["referrals"]["totalCount"] == 0
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    assert (await world.ask(RECEIVER, asked))["referrals"]["totalCount"] == 1


async def test_a_transfer_ends_the_one_and_begins_the_other_the_same_day(world: World) -> None:
    made = await refer(world)
    assert await assigned(world) == [(FROM, TODAY - dt.timedelta(days=50), None)]
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    assert await assigned(world) == [
        (FROM, TODAY - dt.timedelta(days=50), TODAY),
        (TO, TODAY, None),
    ]


async def test_from_the_next_day_the_sender_sees_nobody(world: World) -> None:
    made = await refer(world)
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    tomorrow = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(9))
    world.engine.clock = lambda: tomorrow
    asked = "query ($id: ID!) { beneficiary(id: $id) { id } }"
    assert (await world.ask(SENDER, asked, id=id_of(PERSON)))["beneficiary"] is None
    assert (await world.ask(RECEIVER, asked, id=id_of(PERSON)))["beneficiary"] is not None


async def test_who_is_referred_stays_with_the_one_and_comes_to_the_other(world: World) -> None:
    made = await refer(world, kind="REFER")
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    assert [(contract, ends) for contract, _, ends in await assigned(world)] == [(FROM, None), (TO, None)]


async def test_declined_and_withdrawn_nothing_changes(world: World) -> None:
    declined, withdrawn = await refer(world), await refer(world)
    answer = (await world.ask(RECEIVER, DECLINE, referral=declined))["declineReferral"]
    assert answer == {"status": "DECLINED", "declineReason": "人手不足"}
    assert (await world.ask(SENDER, WITHDRAW, referral=withdrawn))["withdrawReferral"][
        "status"
    ] == "WITHDRAWN"
    assert await assigned(world) == [(FROM, TODAY - dt.timedelta(days=50), None)]
    for done in (declined, withdrawn):
        assert await world.code(RECEIVER, ACCEPT, referral=done, **UNDER) == "CONFLICT"


async def test_a_list_that_still_has_the_old_assignment_does_not_begin_it_again(world: World) -> None:
    made = await refer(world)
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    change = "update assignment set ends_on = $2, worker_id = null where id = $1 and county_code = '450305'"
    await world.database.owner.execute(change, 6001, None)
    assert (await assigned(world))[0][2] == TODAY
    await world.database.owner.execute(change, 6001, TODAY - dt.timedelta(days=3))
    assert (await assigned(world))[0][2] == TODAY - dt.timedelta(days=3)


async def test_the_hub_is_a_source_that_nobody_reads(world: World) -> None:
    await world.ask(RECEIVER, ACCEPT, referral=await refer(world), **UNDER)
    claimed = []
    while code := await schedule._claim(world.database, dt.timedelta(days=9)):
        claimed.append(code)
    assert claimed
    assert OWN not in claimed
    asked = """query ($id: ID!) {
        beneficiary(id: $id) { assignments { nodes { provenance { source recordKey } } } } }"""
    [begun] = (await world.ask(RECEIVER, asked, id=id_of(PERSON)))["beneficiary"]["assignments"]["nodes"]
    assert {each["source"] for each in begun["provenance"]} == {OWN}


@pytest.mark.parametrize(
    ("division", "party"),
    [(QIXING, "COUNTY_BUREAU"), ("450300000000", "PREFECTURE_BUREAU"), (GUANGXI, "PROVINCE_DEPARTMENT")],
)
async def test_an_office_is_called_by_its_level_and_name(world: World, division: str, party: str) -> None:
    made = await refer(world, viewer("bureau", division), "REFER")
    seen = await shown(world, RECEIVER, made)
    assert seen["referrer"] == party
    name = await world.database.owner.fetchval("select full_name from division where code = $1", division)
    assert seen["referrerName"] == name


async def test_a_worker_of_the_receivers_own_may_be_named(world: World) -> None:
    own, other = (
        next(each["id"] for each in world.rows["personnel"] if (each["employer_id"] == 2) is mine)
        for mine in (True, False)
    )
    asked = ACCEPT.replace("$key: String)", "$key: String, $worker: ID)").replace(
        "key: $key)", "key: $key, worker: $worker)"
    )
    made = await refer(world)
    code = await world.code(RECEIVER, asked, referral=made, **UNDER, worker=f"Personnel:{other}")
    assert code == "FORBIDDEN"
    await world.ask(RECEIVER, asked, referral=made, **UNDER, worker=f"Personnel:{own}")
    begun = "select worker_id from assignment where beneficiary_id = $1 and contract_id = $2"
    assert await world.database.owner.fetchval(begun, PERSON, TO) == own


# ── who may ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", [SENDER, TOWNSHIP, BUREAU], ids=["contractor", "township", "bureau"])
async def test_who_sees_the_person_may_refer_and_take_it_back(world: World, who: Viewer) -> None:
    made = await refer(world, who, "TRANSFER")
    seen = await shown(world, SENDER, made)
    assert seen["fromContractor"] == {"id": "Contractor:1"}
    assert (await world.ask(who, WITHDRAW, referral=made))["withdrawReferral"]["status"] == "WITHDRAWN"


@pytest.mark.parametrize(
    "who", [RECEIVER, OTHER, viewer("bureau", "350582000000")], ids=["receiver", "other", "elsewhere"]
)
async def test_who_does_not_see_the_person_may_not(world: World, who: Viewer) -> None:
    asked = {"kind": "REFER", "to": CODES[2]}
    there = await world.errors(who, REFER, person=id_of(PERSON), **asked)
    nobody = await world.errors(who, REFER, person=id_of(999_999), **asked)
    assert there[0]["extensions"]["code"] == "FORBIDDEN"
    assert [error["message"] for error in there] == [error["message"] for error in nobody]


@pytest.mark.parametrize("who", [AGENCY, OPERATOR], ids=["agency", "operator"])
async def test_for_others_there_is_nothing_to_be_done(world: World, who: Viewer) -> None:
    assert await world.code(who, REFER, person=id_of(PERSON), kind="REFER") == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "who", [SENDER, OTHER, TOWNSHIP, BUREAU], ids=["sender", "other", "township", "bureau"]
)
async def test_only_the_receiver_decides(world: World, who: Viewer) -> None:
    made = await refer(world)
    for asked in (ACCEPT, DECLINE):
        code = await world.code(who, asked, referral=made)
        offices = {"bureau", "township"}
        assert code == ("GRAPHQL_VALIDATION_FAILED" if who.role in offices else "FORBIDDEN")
    assert (await shown(world, SENDER, made))["status"] == "PENDING"


@pytest.mark.parametrize(
    "who", [RECEIVER, OTHER, BUREAU, TOWNSHIP], ids=["receiver", "other", "bureau", "township"]
)
async def test_only_who_referred_takes_it_back(world: World, who: Viewer) -> None:
    made = await refer(world)
    assert await world.code(who, WITHDRAW, referral=made) == "FORBIDDEN"
    assert (await shown(world, SENDER, made))["status"] == "PENDING"


@pytest.mark.parametrize("lacking", ["referral.c", "referral.x"])
async def test_a_scope_that_is_not_held_is_a_mutation_that_is_not_there(world: World, lacking: str) -> None:
    held = [*(RECEIVER.scopes - {lacking})]
    who = viewer("contractor", None, 2, held)
    missing = {"referral.c": "withdrawReferral", "referral.x": "declineReferral"}
    asked = '{ __type(name: "Mutation") { fields { name } } }'
    fields = (await world.ask(who, asked))["__type"]["fields"]
    names = {each["name"] for each in fields}
    assert missing.pop(lacking) not in names
    assert set(missing.values()) <= names


# ── what is wrong with it ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "given",
    [
        {"to": None},
        {"contract": f"Contract:{TO}"},
        {"to": "no such code"},
        {"to": CODES[3]},
        {"person": "Station:1"},
        {"person": "x" * 100},
        {"to": CODES[2] + "\0"},
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_and_nothing_is_written(world: World, given: dict[str, Any]) -> None:
    await world.database.owner.execute("update contract set status = 'CLOSED' where contractor_id = 3")
    asked = {"person": id_of(PERSON), "kind": "TRANSFER", "to": CODES[2], **given}
    assert await world.code(SENDER, REFER, **asked) == "BAD_ARGUMENT"
    assert not await world.database.owner.fetchval("select count(*) from referral")


async def test_a_category_the_person_is_not_in_is_refused(world: World) -> None:
    asked = REFER.replace("category: DIBAO", "category: TEKUN")
    assert await world.code(SENDER, asked, person=id_of(PERSON), kind="REFER", to=CODES[2]) == "BAD_ARGUMENT"


async def test_of_several_assignments_one_must_be_named(world: World) -> None:
    await add(world, {"assignment": [{**assignment(6003, PERSON, FROM, 1), "station_id": 2}]})
    asked = {"person": id_of(PERSON), "kind": "TRANSFER", "to": CODES[2]}
    assert await world.code(SENDER, REFER, **asked) == "BAD_ARGUMENT"
    named = REFER.replace("need: CARE", f'assignment: "{id_of(6003, "Assignment")}"')
    made = (await world.ask(SENDER, named, **asked))["referBeneficiary"]["id"]
    await world.ask(RECEIVER, ACCEPT, referral=made, **UNDER)
    assert [ends for _, _, ends in await assigned(world)] == [None, TODAY, None]


@pytest.mark.parametrize("contract", [FROM, TO_TOO], ids=["of another", "of another county"])
async def test_a_receiver_accepts_under_its_own_contract_there(world: World, contract: int) -> None:
    made = await refer(world)
    assert (
        await world.code(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{contract}") == "BAD_ARGUMENT"
    )
    assert (await shown(world, SENDER, made))["status"] == "PENDING"


async def test_a_contract_that_is_named_is_the_one_it_is_accepted_under(world: World) -> None:
    made = (await world.ask(TOWNSHIP, REFER, person=id_of(PERSON), kind="REFER", **UNDER))[
        "referBeneficiary"
    ]["id"]
    other = f"Contract:{TO_TOO}"
    assert await world.code(RECEIVER, ACCEPT, referral=made, contract=other) == "BAD_ARGUMENT"
    taken = (await world.ask(RECEIVER, ACCEPT, referral=made))["acceptReferral"]
    assert taken["toContract"]["id"] == f"Contract:{TO}"


async def test_who_holds_several_contracts_names_one(world: World) -> None:
    made = await refer(world)
    assert await world.code(RECEIVER, ACCEPT, referral=made) == "BAD_ARGUMENT"
    await world.database.owner.execute(
        "update contract set status = 'CLOSED' where contractor_id = 2 and id <> $1", TO
    )
    taken = (await world.ask(RECEIVER, ACCEPT, referral=made))["acceptReferral"]
    assert taken["toContract"]["id"] == f"Contract:{TO}"


async def test_of_several_stations_of_the_contract_one_is_named(world: World) -> None:
    made = await refer(world)
    owner = world.database.owner
    await owner.execute("insert into contract_station (contract_id, station_id) values ($1, 2)", TO)
    try:
        body = orjson.loads((await world.answer(RECEIVER, ACCEPT, referral=made, **UNDER)).body)
        [error] = body["errors"]
        assert error["extensions"]["code"] == "BAD_ARGUMENT"
        assert "station:" in error["message"]
        assert " station " in error["extensions"]["messageZh"]
        named = ACCEPT.replace("contract: $contract", 'contract: $contract, station: "Station:2"')
        await world.ask(RECEIVER, named, referral=made, **UNDER)
    finally:
        await owner.execute("delete from contract_station where contract_id = $1 and station_id = 2", TO)


async def test_a_person_is_not_referred_to_where_it_is(world: World) -> None:
    asked = {"person": id_of(PERSON), "kind": "REFER", "contract": f"Contract:{FROM}"}
    assert await world.code(SENDER, REFER, **asked) == "BAD_ARGUMENT"


async def test_an_assignment_of_another_person_is_refused(world: World) -> None:
    named = REFER.replace("need: CARE", f'assignment: "{id_of(6002, "Assignment")}"')
    asked = {"person": id_of(PERSON), "kind": "TRANSFER", "to": CODES[2]}
    assert await world.code(SENDER, named, **asked) == "BAD_ARGUMENT"


async def test_nobody_is_taken_under_a_contract_twice(world: World) -> None:
    await world.ask(RECEIVER, ACCEPT, referral=await refer(world, kind="REFER"), **UNDER)
    again = await refer(world, kind="REFER")
    assert await world.code(RECEIVER, ACCEPT, referral=again, **UNDER) == "CONFLICT"
    assert len(await assigned(world)) == 2


# ── who comes first ──────────────────────────────────────────────────────────────────────────────────


async def outcomes(world: World, *asked: tuple[Viewer, str, str]) -> list[str]:
    """Of requests at the same time: the code of each, or nothing."""
    answers = await asyncio.gather(
        *(
            world.answer(who, text, referral=made, **(UNDER if text == ACCEPT else {}))
            for who, text, made in asked
        )
    )
    bodies = [orjson.loads(answer.body) for answer in answers]
    return sorted(body["errors"][0]["extensions"]["code"] if "errors" in body else "" for body in bodies)


async def test_accepted_twice_at_once_one_is_too_late(world: World) -> None:
    made = await refer(world)
    assert await outcomes(world, *[(RECEIVER, ACCEPT, made)] * 4) == ["", *["CONFLICT"] * 3]
    assert len(await assigned(world)) == 2


async def test_withdrawn_while_it_is_accepted_one_of_them_holds(world: World) -> None:
    for number in (PERSON, NEIGHBOUR):
        made = await refer(world, number=number)
        found = await outcomes(world, (RECEIVER, ACCEPT, made), (SENDER, WITHDRAW, made))
        assert found == ["", "CONFLICT"]
        status = (await shown(world, SENDER, made))["status"]
        begun = await world.database.owner.fetchval(
            "select count(*) from assignment where beneficiary_id = $1 and contract_id = $2", number, TO
        )
        assert (status, begun) in (("ACCEPTED", 1), ("WITHDRAWN", 0))


async def test_taken_twice_at_once_under_one_contract_one_is_too_late(world: World) -> None:
    both = [await refer(world, kind="REFER"), await refer(world, kind="REFER")]
    assert await outcomes(world, *((RECEIVER, ACCEPT, made) for made in both)) == ["", "CONFLICT"]
    assert len(await assigned(world)) == 2


async def test_two_transfers_of_one_assignment_end_it_once(world: World) -> None:
    both = [await refer(world), await refer(world)]
    assert await outcomes(world, *((RECEIVER, ACCEPT, made) for made in both)) == ["", "CONFLICT"]
    assert len(await assigned(world)) == 2
    assert {(await shown(world, SENDER, made))["status"] for made in both} == {"ACCEPTED", "OVERTAKEN"}


async def test_a_transfer_that_is_accepted_ends_what_else_is_offered_of_it(world: World) -> None:
    """To others as to itself; what is declined stays so, and others are asked to help as before."""
    taken, again, elsewhere, declined = [await refer(world) for _ in range(4)]
    await world.database.owner.execute(
        "update referral set to_contractor_id = 3 where id = $1", int(elsewhere.rpartition(":")[2])
    )
    await world.ask(RECEIVER, DECLINE, referral=declined)
    helping, neighbour = await refer(world, kind="REFER"), await refer(world, number=NEIGHBOUR)
    await world.ask(RECEIVER, ACCEPT, referral=taken, **UNDER)
    statuses = {
        made: (await shown(world, SENDER, made))["status"]
        for made in (taken, again, elsewhere, declined, helping, neighbour)
    }
    assert list(statuses.values()) == [
        "ACCEPTED", "OVERTAKEN", "OVERTAKEN", "DECLINED", "PENDING", "PENDING"
    ]  # fmt: skip
    for who, asked in ((RECEIVER, ACCEPT), (RECEIVER, DECLINE), (SENDER, WITHDRAW)):
        assert (
            await world.code(who, asked, referral=again, **(UNDER if asked == ACCEPT else {})) == "CONFLICT"
        )
    told = await world.database.owner.fetch(
        "select entity_id from change where entity = 'referral' and operation = 'U'"
    )
    assert {int(each.rpartition(":")[2]) for each in (taken, again, elsewhere, declined)} == {
        row[0] for row in told
    }


@pytest.mark.parametrize("who", [SENDER, TOWNSHIP, BUREAU], ids=["contractor", "township", "bureau"])
async def test_what_was_transferred_today_is_not_offered_again(world: World, who: Viewer) -> None:
    """Its last day is not over, so it is still seen."""
    await world.ask(RECEIVER, ACCEPT, referral=await refer(world), **UNDER)
    asked = REFER.replace("need: CARE", f'assignment: "{id_of(6001, "Assignment")}"')
    given = {"person": id_of(PERSON), "to": CODES[2]}
    assert await world.code(who, asked, kind="TRANSFER", **given) == "CONFLICT"
    assert (await world.ask(who, asked, kind="REFER", **given))["referBeneficiary"]["status"] == "PENDING"


async def test_offered_while_another_is_accepted_nothing_waits_in_vain(world: World) -> None:
    made = await refer(world)
    offered = {"person": id_of(PERSON), "kind": "TRANSFER", "to": CODES[2]}
    await asyncio.gather(
        world.answer(RECEIVER, ACCEPT, referral=made, **UNDER),
        *(world.answer(SENDER, REFER, **offered) for _ in range(3)),
    )
    statuses = await world.database.owner.fetch("select status from referral")
    assert {row["status"] for row in statuses} <= {"ACCEPTED", "OVERTAKEN"}


async def test_an_assignment_that_ended_meanwhile_cannot_be_transferred(world: World) -> None:
    made = await refer(world)
    await world.database.owner.execute(
        "update assignment set ends_on = $1 where id = 6001", TODAY - dt.timedelta(1)
    )
    assert await world.code(RECEIVER, ACCEPT, referral=made, **UNDER) == "CONFLICT"
    assert (await shown(world, SENDER, made))["status"] == "PENDING"
