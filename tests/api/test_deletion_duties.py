"""删除义务: what a contractor owes when it serves people no more, and what it certifies."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA, day_end
from hub.oauth.clients import register_client
from hub.write.daily import daily
from hub.write.duties import issue_duties
from tests.support.county import TODAY
from tests.support.handing import (
    ACCEPT,
    BUREAU,
    FROM,
    NEIGHBOUR,
    OTHER,
    PERSON,
    RECEIVER,
    SENDER,
    TO,
    TOWNSHIP,
    add,
    assignment,
    id_of,
    refer,
)
from tests.support.owing import (
    CERTIFY,
    DAYS,
    LATE,
    OF_SENDER,
    RENEWAL,
    SEND_BACK,
    TAKE,
    begin_owing,
    duties,
    end_contract,
    issue,
    owed,
    owing_world,
)
from tests.support.reading import QIXING, World, viewer, without_minor


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with owing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin_owing(made)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_served_is_owed_nothing(world: World) -> None:
    assert await issue(world) == 0
    assert not await duties(world)


async def test_a_contract_that_is_ended_leaves_a_duty_about_everybody(world: World) -> None:
    await end_contract(world)
    assert await issue(world) == 1
    [duty] = await duties(world)
    people = duty.pop("people")["nodes"]
    duty.pop("id")
    assert duty == {
        "reason": "CONTRACT_ENDED", "status": "OPEN", "lostOn": str(TODAY), "issuedOn": str(TODAY),
        "dueOn": str(TODAY + dt.timedelta(days=DAYS)), "personCount": 2, "openCount": 2,
        "contractor": {"id": "Contractor:1"},
    }  # fmt: skip
    assert {each["person"] for each in people} == {id_of(PERSON), id_of(NEIGHBOUR)}
    assert all(each["beneficiary"] is None for each in people)


async def test_a_hub_that_was_down_catches_up_and_issues_once(world: World) -> None:
    await world.database.owner.execute(
        "update contract set ends_on = $2 where id = $1", FROM, TODAY + dt.timedelta(3)
    )
    assert [await issue(world, day) for day in (0, 3, 40, 40, 41)] == [0, 0, 1, 0, 0]
    [duty] = await duties(world)
    assert duty["lostOn"] == str(TODAY + dt.timedelta(days=3))
    assert duty["dueOn"] == str(TODAY + dt.timedelta(days=40 + DAYS))


async def test_what_jobs_found_for_its_contractor_is_deleted_when_a_duty_is_issued(world: World) -> None:
    """Theirs and at once; another contractor's and what is being received stay."""
    database = world.database.owner
    await issue(world)  # what else is owed
    for client, organisation in (("owing", 1), ("other", 2)):
        jwks = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}
        given: Any = {"role": "contractor", "jwks": jwks, "organisation_id": organisation}
        await register_client(world.database, client, name=client, **given)
    jobs = {}
    for key, client in (("DONE", "owing"), ("RUNNING", "owing"), ("RECEIVING", "owing"), ("OTHER", "other")):
        jobs[key] = await database.fetchval(
            "insert into job (id, client_id, key, request, document, variables, scopes, formats, state,"
            " expires_at) values (gen_random_uuid(), $1, $2::text, '', '', '', '{}', '{}',"
            " replace($2::text, 'OTHER', 'DONE'), now() + interval '1 day') returning id",
            client,
            key,
        )
        await database.execute("insert into job_part values ($1, 'ndjson', 0, 0, 1, '')", jobs[key])
        await database.execute("insert into job_file values ($1, 'ndjson', 1, '', '')", jobs[key])
    await issue(world)
    left = "select key from job join job_part on job = id join job_file using (job) where id = any ($1)"
    assert len(await database.fetch(left, list(jobs.values()))) == 4
    await end_contract(world)
    assert await issue(world) == 1
    assert {row[0] for row in await database.fetch(left, list(jobs.values()))} == {"RECEIVING", "OTHER"}
    ended = await database.fetch("select key, reason from job where state = 'FAILED' order by 1")
    assert [tuple(row) for row in ended] == [("DONE", "FORBIDDEN"), ("RUNNING", "FORBIDDEN")]
    await database.execute("delete from job")


async def test_several_workers_issue_once(world: World) -> None:
    await end_contract(world)
    await asyncio.gather(*(issue_duties(world.database, TODAY, DAYS) for _ in range(3)))
    assert len(await duties(world)) == 1


async def test_an_assignment_that_ends_leaves_a_duty_from_the_next_day(world: World) -> None:
    made = await refer(world)
    await world.ask(RECEIVER, ACCEPT, referral=made, contract=f"Contract:{TO}")
    assert [await issue(world, day) for day in (0, 1, 2)] == [0, 1, 0]
    [duty] = await duties(world)
    assert (duty["reason"], duty["personCount"], duty["lostOn"]) == ("ASSIGNMENT_ENDED", 1, str(TODAY))


async def test_an_assignment_its_list_took_back_leaves_one_too(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute("delete from assignment where id = 6001 and county_code = '450305'")
    today = dt.date.today() + dt.timedelta(days=1)  # the entry bears the day of now
    await world.database.owner.execute(
        "update contract set ends_on = $1 where id = $2", today + dt.timedelta(9), FROM
    )
    await issue_duties(world.database, today, DAYS)
    [duty] = await duties(world)
    assert [each["person"] for each in duty["people"]["nodes"]] == [id_of(PERSON)]


async def test_a_renewal_that_takes_the_people_over_leaves_none(world: World) -> None:
    await end_contract(world, "CLOSED")
    await add(world, {"assignment": [assignment(6010, PERSON, RENEWAL, 1)]})
    assert await issue(world) == 1
    [duty] = await duties(world)
    assert [each["person"] for each in duty["people"]["nodes"]] == [id_of(NEIGHBOUR)]


async def test_who_is_served_again_before_anything_was_certified_is_released(world: World) -> None:
    await end_contract(world)
    await issue(world)
    for number, person in ((6010, PERSON), (6011, NEIGHBOUR)):
        await add(world, {"assignment": [assignment(number, person, RENEWAL, 1)]})
        await issue(world, 1)
        [duty] = await duties(world)
    assert (duty["status"], duty["openCount"]) == ("RELEASED", 0)
    assert {each["releasedOn"] for each in duty["people"]["nodes"]} == {str(TODAY + dt.timedelta(days=1))}


async def test_served_again_and_lost_again_it_is_owed_again(world: World) -> None:
    duty = await owed(world)
    await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY))
    await end_contract(world, "ACTIVE")
    await world.database.owner.execute(
        "update assignment set starts_on = $1 where contract_id = $2", TODAY + dt.timedelta(days=5), FROM
    )
    assert await issue(world, 6) == 0
    await end_contract(world)
    assert await issue(world, 9) == 1
    assert len(await duties(world)) == 2


async def test_certified_then_served_again_by_the_same_contract_it_is_owed_again(world: World) -> None:
    """The assignments are those of before: only the status of the contract went to and fro."""
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]["id"]
    await end_contract(world, "ACTIVE")
    assert await issue(world, 2) == 0
    await end_contract(world)
    assert await issue(world, 9) == 1
    old, new = sorted(await duties(world), key=lambda each: str(each["issuedOn"]))
    assert (old["status"], old["openCount"], new["openCount"]) == ("FILED", 0, 2)
    await world.ask(BUREAU, SEND_BACK, certificate=made)
    [old] = [each for each in await duties(world) if each["id"] == duty]
    assert (old["status"], old["openCount"]) == ("RELEASED", 0)


async def test_what_is_certified_is_not_owed_again_for_another_contract(world: World) -> None:
    """The people of a renewal are owed for the renewal."""
    duty = await owed(world)
    await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY))
    await add(world, {"assignment": [assignment(6010, PERSON, RENEWAL, 1)]})
    await issue(world, 2)
    await world.database.owner.execute("update contract set status = 'CLOSED' where id = $1", RENEWAL)
    assert await issue(world, 9) == 0
    count = "select count(*) from deletion_duty where contract_id = $1"
    assert await world.database.owner.fetchval(count, RENEWAL) == 1


async def test_a_contract_that_was_never_its_own_leaves_a_duty_with_who_held_it(world: World) -> None:
    """Its list named the wrong contractor, which could see everybody until the list was corrected."""
    async with world.database.transaction() as connection:
        await connection.execute("update contract set contractor_id = 3 where id = $1", FROM)
    now = dt.date.today()  # the entry bears the day of now
    await world.database.owner.execute(
        "update contract set ends_on = $1 where id = $2", now + dt.timedelta(days=9), FROM
    )
    for days in (1, 2):
        await issue_duties(world.database, now + dt.timedelta(days=days), DAYS)
        [duty] = await duties(world, BUREAU)
        assert (duty["reason"], duty["personCount"]) == ("CONTRACT_ENDED", 2)
        assert duty["contractor"] == {"id": "Contractor:1"}
    later = now + dt.timedelta(days=2)
    world.engine.clock = lambda: dt.datetime.combine(later, dt.time(9))
    made = (await world.ask(SENDER, CERTIFY, duty=duty["id"], day=str(later)))["certifyDeletion"]
    assert made["duty"] == {"status": "FILED", "openCount": 0}
    # What the right one loses later is its own, whatever the first one owed.
    await end_contract(world)
    await issue_duties(world.database, now + dt.timedelta(days=3), DAYS)
    assert {duty["contractor"]["id"] for duty in await duties(world, BUREAU)} == {
        "Contractor:1",
        "Contractor:3",
    }


async def test_a_clock_that_is_behind_takes_nothing_back(world: World) -> None:
    """Of two workers around midnight the one may still have the day on which the assignments ended."""
    await world.database.owner.execute("update assignment set ends_on = $1 where id = 6001", TODAY)
    assert [await issue(world, day) for day in (1, 0, 1)] == [1, 0, 0]
    [duty] = await duties(world)
    assert (duty["status"], duty["personCount"], duty["openCount"]) == ("OPEN", 1, 1)


async def test_who_serves_is_said_by_the_contract(world: World) -> None:
    """An assignment keeps a copy of the contractor, which may be of before its contract was corrected."""
    await end_contract(world)
    await add(world, {"assignment": [assignment(6010, PERSON, RENEWAL, 3)]})
    await issue(world)
    [duty] = await duties(world)
    assert [each["person"] for each in duty["people"]["nodes"]] == [id_of(NEIGHBOUR)]


async def test_the_log_says_who_of_them_was_shown(world: World) -> None:
    shown_to = replace(SENDER, client_id="shown-to")
    await register_client(
        world.database,
        shown_to.client_id,
        name="机构",
        role="contractor",
        organisation_id=1,
        jwks={"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]},
    )
    await world.ask(shown_to, "query ($id: ID!) { beneficiary(id: $id) { name } }", id=id_of(NEIGHBOUR))
    await owed(world)
    [duty] = await duties(world)
    assert {each["person"]: each["wasShown"] for each in duty["people"]["nodes"]} == {
        id_of(PERSON): False,
        id_of(NEIGHBOUR): True,
    }


async def test_the_worker_issues_at_once_and_again_on_a_new_day(world: World) -> None:
    rounds: list[dt.date] = []
    stop = asyncio.Event()

    def clock() -> dt.datetime:
        rounds.append(TODAY + dt.timedelta(days=len(rounds)))
        if len(rounds) == 2:
            stop.set()
        return dt.datetime.combine(rounds[-1], dt.time(9))

    await end_contract(world)
    async with asyncio.timeout(20):
        await daily(world.database, DAYS, clock, stop, every=0.01)
    found = [dt.date.fromisoformat(duty["issuedOn"]) for duty in await duties(world)]
    assert (rounds[:2], found) == ([TODAY, TODAY + dt.timedelta(days=1)], [TODAY])


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (dt.datetime(2026, 6, 15, 23, 59, 30, tzinfo=CHINA), 31),
        (dt.datetime(2026, 12, 31, 0, 0, tzinfo=CHINA), 86_401),
        (dt.datetime(2026, 6, 15, 16, 0, tzinfo=dt.UTC).astimezone(CHINA), 86_401),
    ],
)
def test_a_day_is_noticed_when_it_begins_in_china(now: dt.datetime, seconds: float) -> None:
    assert day_end(now) == seconds


async def test_the_worker_wakes_with_the_day(world: World) -> None:
    """Though it would look only after an hour."""
    looks: list[dt.datetime] = []
    stop = asyncio.Event()

    def clock() -> dt.datetime:
        at = dt.time(23, 59, 59, 999_999) if not looks else dt.time(0, 0, 1)
        looks.append(dt.datetime.combine(TODAY + dt.timedelta(days=len(looks)), at, CHINA))
        if len(looks) == 2:
            stop.set()
        return looks[-1]

    async with asyncio.timeout(20):
        await daily(world.database, DAYS, clock, stop)
    assert len(looks) == 2


async def test_a_day_on_which_the_database_was_away_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, stop = [], asyncio.Event()

    async def away(*_: Any) -> int:
        tried.append(TODAY)
        if len(tried) == 1:
            raise ConnectionError
        stop.set()
        return 0

    monkeypatch.setattr("hub.write.daily.issue_duties", away)
    async with asyncio.timeout(20):
        await daily(world.database, DAYS, world.engine.clock, stop, every=0.01)
    assert tried == [TODAY, TODAY]


# ── who sees it ──────────────────────────────────────────────────────────────────────────────────────


async def test_each_sees_its_own(world: World) -> None:
    await owed(world)
    elsewhere = viewer("bureau", "350582000000")
    found = [len(await duties(world, who)) for who in (SENDER, BUREAU, TOWNSHIP, RECEIVER, OTHER, elsewhere)]
    assert found == [1, 1, 1, 0, 0, 0]
    [seen] = await duties(world, BUREAU)
    assert {each["beneficiary"]["id"] for each in seen["people"]["nodes"]} == {
        id_of(PERSON),
        id_of(NEIGHBOUR),
    }


async def test_a_bureau_finds_what_is_overdue(world: World) -> None:
    await owed(world)
    ends = TODAY + dt.timedelta(days=DAYS)
    found = [
        (await world.ask(BUREAU, LATE, day=str(day)))["deletionDuties"]["totalCount"]
        for day in (ends, ends + dt.timedelta(1))
    ]
    assert found == [0, 1]


NUMBERS: Final = f"""{{
    deletionDuties(where: {{{OF_SENDER}}}) {{ nodes {{ personCount openCount people {{ totalCount }} }} }}
    deletionCertificates {{ nodes {{ personCount }} }} }}"""


async def numbers(world: World, who: Viewer) -> tuple[int, int, int]:
    """People of the duty, those who are open, and those of the certificate."""
    told = await world.ask(who, NUMBERS)
    [duty], certificates = told["deletionDuties"]["nodes"], told["deletionCertificates"]["nodes"]
    assert duty["personCount"] == duty["people"]["totalCount"]
    return duty["personCount"], duty["openCount"], sum(each["personCount"] for each in certificates)


@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP, SENDER], ids=["bureau", "township", "contractor"])
async def test_numbers_tell_nothing_of_children_to_who_does_not_see_them(world: World, who: Viewer) -> None:
    born = "update beneficiary set birth_on = $1 where id = $2"
    await world.database.owner.execute(born, TODAY - dt.timedelta(days=3650), PERSON)
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY), people=[id_of(PERSON)]))[
        "certifyDeletion"
    ]["id"]
    other = without_minor(who)
    hidden = int(who.role != "contractor")  # which owes it for everybody it had
    assert await numbers(world, who) == (2, 1, 1)
    assert await numbers(world, other) == (2 - hidden, 1, 1 - hidden)
    await world.ask(BUREAU, SEND_BACK, certificate=made)
    assert await numbers(world, who) == (2, 2, 1)
    assert await numbers(world, other) == (2 - hidden, 2 - hidden, 1 - hidden)
    await world.database.owner.execute(born, None, PERSON)


@pytest.mark.parametrize(
    ("who", "home"), [(BUREAU, "350582100000"), (TOWNSHIP, "450305002000")], ids=["bureau", "township"]
)
async def test_numbers_tell_nothing_of_who_lives_elsewhere(world: World, who: Viewer, home: str) -> None:
    duty = await owed(world)
    await world.database.owner.execute(
        "update deletion_duty_person set division_code = $1 where beneficiary_id = $2", home, PERSON
    )
    await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY), people=[id_of(PERSON)])
    assert await numbers(world, who) == (1, 1, 0)
    assert await numbers(world, SENDER) == (2, 1, 1)


# ── what is certified ────────────────────────────────────────────────────────────────────────────────


async def test_a_duty_is_certified_in_parts_and_accepted(world: World) -> None:
    duty = await owed(world)
    asked = {"duty": duty, "day": str(TODAY)}
    first = (await world.ask(SENDER, CERTIFY, **asked, people=[id_of(PERSON)]))["certifyDeletion"]
    assert (first["personCount"], first["duty"]) == (1, {"status": "OPEN", "openCount": 1})
    second = (await world.ask(SENDER, CERTIFY, **asked))["certifyDeletion"]
    assert second["duty"] == {"status": "FILED", "openCount": 0}
    assert await world.code(SENDER, CERTIFY, **asked) == "CONFLICT"
    for certificate, status in ((first, "FILED"), (second, "DONE")):
        taken = (await world.ask(BUREAU, TAKE, certificate=certificate["id"]))["acceptDeletionCertificate"]
        assert taken == {"decision": "ACCEPTED", "duty": {"status": status, "openCount": 0}}
        assert await world.code(BUREAU, TAKE, certificate=certificate["id"]) == "CONFLICT"
        assert await world.code(BUREAU, SEND_BACK, certificate=certificate["id"]) == "CONFLICT"


async def test_what_is_rejected_is_open_again(world: World) -> None:
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]["id"]
    sent = (await world.ask(BUREAU, SEND_BACK, certificate=made))["rejectDeletionCertificate"]
    assert sent == {
        "decision": "REJECTED",
        "decisionReason": "缺少备份的说明",
        "duty": {"status": "OPEN", "openCount": 2},
    }
    again = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]
    assert (again["personCount"], again["decision"]) == (2, "PENDING")


async def test_nothing_is_certified_before_the_people_were_lost(world: World) -> None:
    duty = await owed(world)
    before = str(TODAY - dt.timedelta(days=1))
    await world.database.owner.execute(
        "update deletion_duty_person set lost_on = $1 where beneficiary_id = $2",
        TODAY - dt.timedelta(9),
        PERSON,
    )
    assert await world.code(SENDER, CERTIFY, duty=duty, day=before) == "BAD_ARGUMENT"
    assert not await world.database.owner.fetchval("select count(*) from deletion_certificate")
    made = await world.ask(SENDER, CERTIFY, duty=duty, day=before, people=[id_of(PERSON)])
    assert made["certifyDeletion"]["personCount"] == 1
    await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY))


async def test_what_is_certified_stays_as_it_is(world: World) -> None:
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]["id"]
    number = int(made.partition(":")[2])
    for statement in (
        "update deletion_certificate set statement = '' where id = $1",
        "update deletion_certificate set decision = 'ACCEPTED', line_ids = '{}' where id = $1",
        "delete from deletion_certificate where id = $1",
    ):
        with pytest.raises(asyncpg.RaiseError, match="stays as it is"):
            await world.database.owner.execute(statement, number)
    await world.ask(BUREAU, TAKE, certificate=made)
    with pytest.raises(asyncpg.RaiseError, match="stays as it is"):
        await world.database.owner.execute(
            "update deletion_certificate set decision = 'REJECTED' where id = $1", number
        )


@pytest.mark.parametrize(
    "who", [RECEIVER, OTHER, BUREAU, TOWNSHIP], ids=["receiver", "other", "bureau", "township"]
)
async def test_only_who_owes_it_certifies(world: World, who: Viewer) -> None:
    duty = await owed(world)
    code = await world.code(who, CERTIFY, duty=duty, day=str(TODAY))
    assert code == ("FORBIDDEN" if who.role == "contractor" else "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    "who",
    [SENDER, TOWNSHIP, viewer("bureau", "350582000000"), viewer("bureau", QIXING, None, ["deletion.crs"])],
    ids=["contractor", "township", "another bureau", "without the scope"],
)
async def test_only_the_bureau_of_the_contract_decides(world: World, who: Viewer) -> None:
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]["id"]
    there = who.role == "bureau" and "deletion.x" in who.scopes
    assert await world.code(who, TAKE, certificate=made) == (
        "FORBIDDEN" if there else "GRAPHQL_VALIDATION_FAILED"
    )


@pytest.mark.parametrize(
    "given",
    [
        {"day": str(TODAY + dt.timedelta(days=1))},
        {"people": []},
        {"people": [id_of(999_999)]},
        {"people": ["Station:1"]},
        {"duty": "DeletionDuty:x"},
    ],
    ids=str,
)
async def test_what_is_wrong_is_told(world: World, given: dict[str, Any]) -> None:
    duty = await owed(world)
    asked = {"duty": duty, "day": str(TODAY), **given}
    assert await world.code(SENDER, CERTIFY, **asked) == "BAD_ARGUMENT"
    assert not await world.database.owner.fetchval("select count(*) from deletion_certificate")


@pytest.mark.parametrize(
    "text", ['statement: ""', 'signerName: " "', f'statement: "{"长" * 2001}"'], ids=["", "name", "long"]
)
async def test_words_have_a_length(world: World, text: str) -> None:
    duty, name = await owed(world), text.partition(":")[0]
    before = {"statement": 'statement: "已删除全部副本"', "signerName": 'signerName: "李某"'}[name]
    assert (
        await world.code(SENDER, CERTIFY.replace(before, text), duty=duty, day=str(TODAY)) == "BAD_ARGUMENT"
    )


async def test_a_reason_is_needed_to_reject(world: World) -> None:
    duty = await owed(world)
    made = (await world.ask(SENDER, CERTIFY, duty=duty, day=str(TODAY)))["certifyDeletion"]["id"]
    assert (
        await world.code(BUREAU, SEND_BACK.replace("缺少备份的说明", " "), certificate=made) == "BAD_ARGUMENT"
    )


async def test_certified_twice_at_once_everybody_is_certified_once(world: World) -> None:
    duty = await owed(world)
    answers = await asyncio.gather(
        *(world.answer(SENDER, CERTIFY, duty=duty, day=str(TODAY)) for _ in range(3))
    )
    assert sum(b'"errors"' in answer.body for answer in answers) == 2
    assert (
        await world.database.owner.fetchval("select sum(cardinality(line_ids)) from deletion_certificate")
        == 2
    )
