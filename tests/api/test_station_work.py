"""Work of stations that contractors note: who may, what is checked, who sees it, and that it is done once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.names import pascal
from tests.support.county import TODAY
from tests.support.handing import (
    BUREAU,
    FROM,
    OTHER,
    RECEIVER,
    SENDER,
    TOWNSHIP,
    add,
    begin,
    handing_world,
)
from tests.support.reading import AGENCY, DONGJIANG, JINJIANG, OPERATOR, QIXING, World, viewer, without_minor

TABLES: Final = (
    "group_work", "group_session", "community_activity", "publicity_event", "patrol", "training_event",
    "training_record", "handover", "handover_item", "incident", "archive_transfer",
)  # fmt: skip
MADE: Final = f"truncate {', '.join(TABLES)}, street_encounter, write_key, change restart identity"
UNDER: Final = f'contract: "Contract:{FROM}"'
NOW: Final = dt.datetime.combine(TODAY, dt.time(9), CHINA)
ALICE, BO, STRANGER = 501, 502, 503
"""Two members of staff of the sender, and one of another."""

DONE: Final[dict[str, tuple[str, str, str]]] = {
    "recordActivity": (
        'heldOn: "2026-06-01", theme: "端午包粽", occasion: DRAGON_BOAT, attendeeCount: 51',
        "heldOn theme occasion attendeeCount",
        "communityActivities",
    ),
    "recordPublicity": (
        'heldOn: "2026-06-01", kind: ASSISTANCE, topics: [FRAUD, FRAUD], townshipsCovered: ["450305001000"],'
        " materialsCount: 200",
        "heldOn kind topics townshipsCovered materialsCount",
        "publicityEvents",
    ),
    "recordPatrol": (
        f'patrolledOn: "2026-06-01", team: ["Personnel:{ALICE}", "Personnel:{BO}"], volunteerCount: 3,'
        ' route: "桥下"',
        "patrolledOn volunteerCount route",
        "patrols",
    ),
    "recordTraining": (
        f'kind: CONTINUING, heldOn: "2026-06-01", hours: "7.5", attendees: ["Personnel:{ALICE}"]',
        "kind heldOn hours organiser attendeeCount records { nodes { hours personnel { id } } }",
        "trainingEvents",
    ),
    "handOver": (
        f'giver: "Personnel:{ALICE}", receiver: "Personnel:{BO}", handedOverOn: "2026-06-01",'
        ' services: ["个案两件"], equipment: ["电脑"]',
        "handedOverOn itemCount openItemCount giver { id } receiver { id }"
        " items { nodes { kind isChecked } }",
        "handovers",
    ),
    "reportIncident": (
        'occurredAt: "2026-06-01T08:00:00+08:00", summary: "站点漏水",'
        ' toldTownshipAt: "2026-06-01T08:10:00+08:00"',
        "occurredAt summary reportedToTownshipAt reportedToCivilAffairsAt",
        "incidents",
    ),
    "transferArchive": (
        'scope: YEAR_CLOSE, transferredOn: "2026-06-01", receiver: "七星区民政局",'
        ' listedFiles: ["探访登记表"], isComplete: true',
        "scope transferredOn receiver listedFiles isComplete",
        "archiveTransfers",
    ),
}
"""Arguments, what is shown, and the list it is found in."""
SHOWN: Final[dict[str, Any]] = {
    "recordActivity": {
        "heldOn": "2026-06-01", "theme": "端午包粽", "occasion": "DRAGON_BOAT", "attendeeCount": 51,
    },
    "recordPublicity": {
        "heldOn": "2026-06-01", "kind": "ASSISTANCE", "topics": ["FRAUD"],
        "townshipsCovered": ["450305001000"], "materialsCount": 200,
    },
    "recordPatrol": {"patrolledOn": "2026-06-01", "volunteerCount": 3, "route": "桥下"},
    "recordTraining": {
        "kind": "CONTINUING", "heldOn": "2026-06-01", "hours": "7.5", "organiser": "机构1",
        "attendeeCount": 1,
        "records": {"nodes": [{"hours": "7.5", "personnel": {"id": f"Personnel:{ALICE}"}}]},
    },
    "handOver": {
        "handedOverOn": "2026-06-01", "itemCount": 2, "openItemCount": 2,
        "giver": {"id": f"Personnel:{ALICE}"}, "receiver": {"id": f"Personnel:{BO}"},
        "items": {"nodes": [{"kind": k, "isChecked": False} for k in ("SERVICE", "EQUIPMENT")]},
    },
    "reportIncident": {
        "occurredAt": "2026-06-01T08:00:00+08:00", "summary": "站点漏水",
        "reportedToTownshipAt": "2026-06-01T08:10:00+08:00", "reportedToCivilAffairsAt": NOW.isoformat(),
    },
    "transferArchive": {
        "scope": "YEAR_CLOSE", "transferredOn": "2026-06-01", "receiver": "七星区民政局",
        "listedFiles": ["探访登记表"], "isComplete": True,
    },
}  # fmt: skip


def staff(number: int, employer: int) -> dict[str, Any]:
    return {
        "id": number,
        "county_code": "450305",
        "staff_number": f"S{number}",
        "name": f"社工{number}",
        "employer_id": employer,
        "division_code": DONGJIANG,
        "kind": "RESIDENT",
    }


def director(number: int, division: str) -> dict[str, Any]:
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    told = {"division_code": division, "kind": "CHILD_DIRECTOR", "name": f"主任{number}"}
    origin = {"source_id": 1, "record_key": f"c:{number}", "content_hash": b"", "run_id": 1}
    return {"id": number, **told, **origin, "observed_at": at, "received_at": at}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        people = {"personnel": [staff(ALICE, 1), staff(BO, 1), staff(STRANGER, 2)]}
        await add(world, {**people, "child_worker": [director(601, DONGJIANG), director(602, JINJIANG)]})
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await begin(made)
    await made.database.owner.execute(MADE)
    made.engine.clock = lambda: NOW
    return made


def asked(verb: str, *, key: str | None = None, more: str = "", under: str = UNDER) -> str:
    arguments, shown, _ = DONE[verb]
    given = ", ".join(filter(None, (arguments, under, more, f'key: "{key}"' if key else "")))
    return f"mutation {{ {verb}({given}) {{ id {shown} }} }}"


async def seen(world: World, who: Viewer, verb: str) -> list[str]:
    root = DONE[verb][2]
    return [
        each["id"] for each in (await world.ask(who, f"{{ {root} {{ nodes {{ id }} }} }}"))[root]["nodes"]
    ]


async def count(world: World, *tables: str) -> list[int]:
    return [await world.database.owner.fetchval(f"select count(*) from {table}") for table in tables]


@pytest.mark.parametrize("verb", DONE)
async def test_it_is_noted_once_and_shown_to_whom_it_concerns(world: World, verb: str) -> None:
    shown = (await world.ask(SENDER, asked(verb, key="once")))[verb]
    assert (await world.ask(SENDER, asked(verb, key="once")))[verb] == shown
    number = shown.pop("id")
    assert shown == SHOWN[verb]
    for who, expected in (
        (SENDER, [number]),
        (BUREAU, [number]),
        (TOWNSHIP, [number]),
        (RECEIVER, []),
        (OTHER, []),
        (viewer("bureau", JINJIANG), []),
        (viewer("township", "450305200000"), []),
    ):
        assert await seen(world, who, verb) == expected, who
    for who in (AGENCY, OPERATOR):
        with pytest.raises(AssertionError, match="GRAPHQL_VALIDATION_FAILED"):
            await seen(world, who, verb)


@pytest.mark.parametrize("verb", DONE)
async def test_it_has_a_source_a_change_and_an_entry(world: World, verb: str) -> None:
    shown = (await world.ask(SENDER, asked(verb)))[verb]
    kind = shown["id"].split(":")[0]
    fields = f"... on {kind} {{ provenance {{ field source }} contract {{ id }} }}"
    node = (await world.ask(SENDER, f'{{ node(id: "{shown["id"]}") {{ {fields} }} }}'))["node"]
    assert node["contract"] == {"id": f"Contract:{FROM}"}
    assert {each["source"] for each in node["provenance"]} == {"hub"}
    owner = world.database.owner
    (first, *_) = await owner.fetch("select entity, entity_id from change order by sequence limit 1")
    table, made = first
    assert shown["id"] == f"{pascal(table)}:{made}"
    tables = await owner.fetchval(
        "select tables from access_entry where tables is not null order by sequence desc limit 1"
    )
    assert table in tables


@pytest.mark.parametrize("verb", DONE)
@pytest.mark.parametrize("who", [OTHER, RECEIVER], ids=["without a contract", "with another"])
async def test_nobody_notes_work_of_another(world: World, verb: str, who: Viewer) -> None:
    assert await world.code(who, asked(verb)) == "FORBIDDEN"
    assert set(await count(world, *TABLES)) == {0}


@pytest.mark.parametrize("verb", [each for each in DONE if each != "recordTraining"])
@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP], ids=["bureau", "township"])
async def test_no_office_notes_work_of_a_contractor(world: World, verb: str, who: Viewer) -> None:
    assert await world.code(who, asked(verb)) == "GRAPHQL_VALIDATION_FAILED"


WRONG: Final = [
    ("recordActivity", "heldOn", '"2026-06-16"'),  # tomorrow
    ("recordActivity", "heldOn", '"2026-03-06"'),  # before the contract
    ("recordActivity", "attendeeCount", "0"),
    ("recordActivity", "theme", '" "'),
    ("recordPublicity", "townshipsCovered", '["350582001000"]'),
    ("recordPublicity", "townshipsCovered", '["450305001001"]'),
    ("recordPublicity", "materialsCount", "-1"),
    ("recordPatrol", "volunteerCount", "-1"),
    ("recordTraining", "hours", '"0"'),
    ("recordTraining", "hours", '"7.25"'),
    ("recordTraining", "hours", '"NaN"'),
    ("handOver", "services", "[]"),
    ("handOver", "receiver", f'"Personnel:{ALICE}"'),
    ("reportIncident", "occurredAt", '"2026-06-16T08:00:00+08:00"'),
    ("reportIncident", "occurredAt", '"0001-01-01T00:00:00+14:00"'),
    ("reportIncident", "toldTownshipAt", '"2026-06-01T07:59:00+08:00"'),
    ("transferArchive", "listedFiles", "[]"),
    ("transferArchive", "transferredOn", '"2026-03-01"'),
]


@pytest.mark.parametrize(("verb", "name", "value"), WRONG)
async def test_what_is_wrong_is_not_noted(world: World, verb: str, name: str, value: str) -> None:
    query = asked(verb)
    if verb == "handOver" and name == "services":
        query = query.replace(', equipment: ["电脑"]', "")
    wrong, found = re.subn(rf'{name}: (\[[^\]]*\]|"[^"]*"|[^,)]*)', f"{name}: {value}", query, count=1)
    assert found == 1
    assert await world.code(SENDER, wrong) == "BAD_ARGUMENT"
    assert set(await count(world, *TABLES)) == {0}


@pytest.mark.parametrize("verb", ["recordPatrol", "recordTraining", "handOver"])
async def test_only_staff_one_sees_takes_part(world: World, verb: str) -> None:
    query = asked(verb).replace(f"Personnel:{ALICE}", f"Personnel:{STRANGER}")
    assert await world.code(SENDER, query) == "FORBIDDEN"
    assert set(await count(world, *TABLES)) == {0}


async def test_the_place_is_that_of_the_station(world: World) -> None:
    query = asked("recordActivity").replace("{ id ", "{ divisionCode station { id } id ", 1)
    shown = (await world.ask(SENDER, query))["recordActivity"]
    assert (shown["divisionCode"], shown["station"]) == (DONGJIANG, {"id": "Station:1"})
    assert await world.code(SENDER, asked("recordActivity", more='station: "Station:2"')) == "BAD_ARGUMENT"
    whole = await world.ask(
        SENDER, asked("transferArchive").replace("{ id ", "{ divisionCode station { id } id ", 1)
    )
    assert (whole["transferArchive"]["divisionCode"], whole["transferArchive"]["station"]) == (QIXING, None)


async def test_archives_follow_an_ended_contract_and_activities_do_not(world: World) -> None:
    await world.database.owner.execute(
        f"update contract set status = 'CLOSED', ends_on = date '2026-05-31' where id = {FROM}"
    )
    assert (await world.ask(SENDER, asked("transferArchive")))["transferArchive"]["isComplete"]
    assert await world.code(SENDER, asked("recordActivity")) == "BAD_ARGUMENT"
    await world.database.owner.execute(f"update contract set status = 'DRAFT' where id = {FROM}")
    assert await world.code(SENDER, asked("transferArchive")) == "FORBIDDEN"


GROUP: Final = """mutation ($series: String, $group: ID, $on: Date!, $key: String) {
    recordGroupSession(series: $series, group: $group, heldOn: $on, hours: "2.5", attendeeCount: 8,
        contract: "Contract:101", key: $key) {
    id heldOn hours group { id series sessions { totalCount } } }
}"""


async def test_sessions_belong_to_a_group(world: World) -> None:
    first = await world.ask(SENDER, GROUP, series="护苗小组", on="2026-05-01", key="s-1")
    group = first["recordGroupSession"]["group"]
    assert (group["series"], group["sessions"]["totalCount"]) == ("护苗小组", 1)
    second = (await world.ask(SENDER, GROUP, group=group["id"], on="2026-05-08"))["recordGroupSession"]
    assert (second["group"]["id"], second["group"]["sessions"]["totalCount"]) == (group["id"], 2)
    assert await world.code(SENDER, GROUP, on="2026-05-08") == "BAD_ARGUMENT"
    assert (
        await world.code(SENDER, GROUP, series="另组", group=group["id"], on="2026-05-08") == "BAD_ARGUMENT"
    )
    assert await world.code(SENDER, GROUP, group=group["id"], on="2026-07-08") == "BAD_ARGUMENT"
    assert await world.code(RECEIVER, GROUP, group=group["id"], on="2026-05-08") == "FORBIDDEN"
    assert await world.code(SENDER, GROUP, group="GroupWork:999", on="2026-05-08") == "FORBIDDEN"
    assert await count(world, "group_work", "group_session") == [1, 2]


CHECK: Final = """mutation ($handover: ID!, $checked: [ID!]!, $arranged: Boolean, $version: String) {
    checkHandover(handover: $handover, checked: $checked, isFollowUpArranged: $arranged, version: $version) {
        version itemCount openItemCount isFollowUpArranged } }"""


async def test_a_handover_is_complete_when_every_item_is_checked(world: World) -> None:
    query = asked("handOver").replace("{ id ", "{ id version all: items { nodes { id description } } ", 1)
    made = (await world.ask(SENDER, query))["handOver"]
    first, last = (each["id"] for each in made["all"]["nodes"])
    given = {"handover": made["id"]}
    done = (await world.ask(SENDER, CHECK, **given, checked=[first]))["checkHandover"]
    assert (done["openItemCount"], done["isFollowUpArranged"]) == (1, None)
    again = (await world.ask(SENDER, CHECK, **given, checked=[first]))["checkHandover"]
    assert again["openItemCount"] == 1
    done = (await world.ask(SENDER, CHECK, **given, checked=[last], arranged=True, version=made["version"]))[
        "checkHandover"
    ]
    assert (done["itemCount"], done["openItemCount"], done["isFollowUpArranged"]) == (2, 0, True)
    assert await world.code(SENDER, CHECK, **given, checked=[last], version=made["version"]) == "STALE"
    assert await world.code(RECEIVER, CHECK, **given, checked=[first]) == "FORBIDDEN"
    assert await world.code(SENDER, CHECK, **given, checked=["HandoverItem:999"]) == "BAD_ARGUMENT"
    assert await world.code(BUREAU, CHECK, **given, checked=[first]) == "GRAPHQL_VALIDATION_FAILED"


async def test_offices_train_for_their_division(world: World) -> None:
    query = asked("recordTraining", under="").replace("{ id ", "{ divisionCode contract { id } id ", 1)
    for who, code in ((BUREAU, QIXING), (TOWNSHIP, DONGJIANG)):
        shown = (await world.ask(who, query))["recordTraining"]
        assert (shown["divisionCode"], shown["contract"]) == (code, None)
    assert await world.code(BUREAU, asked("recordTraining")) == "BAD_ARGUMENT"
    assert await count(world, "training_event", "training_record") == [2, 2]


CHILD_WORKERS: Final = """mutation ($workers: [ID!]!) {
    recordTraining(kind: CHILD_WORKER, heldOn: "2026-06-01", hours: "3", childWorkers: $workers,
        contract: "Contract:101") {
    attendeeCount records { nodes { hours personnel { id } childWorker { name } } } } }"""


async def test_child_workers_of_the_county_are_trained(world: World) -> None:
    there, elsewhere = "ChildWorker:601", "ChildWorker:602"
    shown = (await world.ask(SENDER, CHILD_WORKERS, workers=[there, there]))["recordTraining"]
    assert shown == {
        "attendeeCount": 1,
        "records": {"nodes": [{"hours": "3.0", "personnel": None, "childWorker": {"name": "主任601"}}]},
    }
    assert await world.code(SENDER, CHILD_WORKERS, workers=[elsewhere]) == "FORBIDDEN"
    assert await count(world, "training_record") == [1]
    assert await world.code(SENDER, "{ childWorkers { nodes { phone } } }") == "GRAPHQL_VALIDATION_FAILED"
    query = "{ childWorkers { nodes { id } } }"
    for who, seen_by in ((BUREAU, True), (TOWNSHIP, True), (viewer("bureau", JINJIANG), False)):
        found = [each["id"] for each in (await world.ask(who, query))["childWorkers"]["nodes"]]
        assert (there in found, elsewhere in found) == (seen_by, not seen_by), who


async def test_words_that_may_be_about_a_child_are_not_shown_to_all(world: World) -> None:
    for verb in ("reportIncident", "handOver"):
        await world.ask(SENDER, asked(verb))
    without = without_minor(BUREAU)
    for query in (
        "{ incidents { nodes { summary } } }",
        "{ handovers { nodes { items { nodes { description } } } } }",
    ):
        assert await world.ask(BUREAU, query)
        assert await world.code(without, query) == "GRAPHQL_VALIDATION_FAILED"
    assert len(await seen(world, without, "reportIncident")) == 1


BULK: Final = """mutation ($items: [RecordActivityItem!]!) {
    recordActivities(items: $items) { id attendeeCount } }"""


async def test_many_activities_with_a_bad_one(world: World) -> None:
    item = {"heldOn": "2026-06-01", "theme": "活动", "attendeeCount": 12, "contract": f"Contract:{FROM}"}
    items = [{**item, "key": "a-0"}, {**item, "attendeeCount": 0, "key": "a-1"}, {**item, "key": "a-2"}]
    for _ in range(2):
        answer = await world.answer(SENDER, BULK, items=items)
        body = orjson.loads(answer.body)
        assert [each and each["attendeeCount"] for each in body["data"]["recordActivities"]] == [12, None, 12]
        (error,) = body["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["recordActivities", 1], "BAD_ARGUMENT")
    assert await count(world, "community_activity") == [2]


async def test_no_word_of_it_stands_in_the_access_log(world: World) -> None:
    secret = "绝不外泄"
    await world.ask(SENDER, asked("reportIncident").replace("站点漏水", secret))
    await world.ask(SENDER, asked("handOver").replace("个案两件", secret))
    rows = await world.database.owner.fetch(
        "select e::text from access_entry e union all select s::text from access_shape s"
    )
    assert rows
    assert not [row for row in rows if secret in row[0]]
