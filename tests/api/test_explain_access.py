"""``viewer { access }``, ``explainAccess`` and ``explainList`` as a front-end asks them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.live import LiveContracts
from hub.access.viewer import Viewer, make_viewer
from hub.read.run import Engine
from tests.support.county import TODAY
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    DONGJIANG,
    OPERATOR,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

ACCESS: Final = """query($type: String!) { viewer { access(type: $type) { type label readable
    because { reason sentence sentenceZh type scope group }
    rows { day divisionCode divisionName rules { reason sentence sentenceZh } leaving { reason }
        contracts { id number status startsOn endsOn live because { reason sentence } } }
    fields { name group visible because { reason type scope group sentence } } } } }"""
RECORD: Final = """query($id: ID!, $field: String) { explainAccess(id: $id, field: $field) {
    visible because { reason } until grounds { divisionCode contract { number } assignedUntil until }
    field { name visible because { reason scope } } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        yield made


async def access(world: World, who: Viewer, type_: str) -> Any:
    return (await world.ask(who, ACCESS, type=type_))["viewer"]["access"]


async def record(world: World, who: Viewer, id_: str, field: str | None = None) -> Any:
    return (await world.ask(who, RECORD, id=id_, field=field))["explainAccess"]


def reasons(said: Any) -> dict[str, str]:
    return {each["name"]: each["because"]["reason"] for each in said["fields"]}


# ── of a kind of record ──────────────────────────────────────────────────────────────────────────────


async def test_a_bureau_is_told_its_division_and_what_opens_each_field(world: World) -> None:
    said = await access(world, BUREAU, "Beneficiary")
    assert (said["label"], said["readable"], said["because"]["scope"]) == ("服务对象", True, "beneficiary.rs")
    rows = said["rows"]
    assert (rows["divisionCode"], rows["divisionName"]) == (QIXING, "广西壮族自治区桂林市七星区")
    assert (rows["contracts"], rows["day"]) == (None, TODAY.isoformat())
    (rule,) = rows["rules"]
    assert rule["reason"] == "IN_DIVISION"
    assert rule["sentence"].startswith(f"Records of the division {QIXING} 广西壮族自治区桂林市七星区")
    assert [each["reason"] for each in rows["leaving"]] == ["MOVES_AWAY"]
    assert set(reasons(said).values()) == {"PUBLIC", "BY_SCOPE"}


async def test_a_greyed_field_says_which_scope_it_wants(world: World) -> None:
    who = viewer("bureau", QIXING, scopes=["beneficiary.rs", "field:identity"])
    said = await access(world, who, "Beneficiary")
    fields = {each["name"]: each for each in said["fields"]}
    assert fields["name"]["visible"]
    assert not fields["guardianName"]["visible"]
    assert fields["guardianName"]["because"]["scope"] == "field:minor"
    assert fields["visits"]["because"] | {"sentence": ""} == {
        "reason": "SCOPE_NOT_GRANTED", "type": "Visit", "scope": "visit.rs", "group": None, "sentence": "",
    }  # fmt: skip


async def test_a_contractor_is_told_its_contracts_and_why_each_counts(world: World) -> None:
    said = await access(world, CONTRACTOR, "Beneficiary")
    assert [rule["reason"] for rule in said["rows"]["rules"]] == ["ASSIGNED"]
    assert [each["reason"] for each in said["rows"]["leaving"]] == ["CONTRACT_ENDS", "ASSIGNMENT_ENDS"]
    own = {k["number"]: k for k in world.rows["contract"] if k["contractor_id"] == 1}
    told = {each["number"]: each for each in said["rows"]["contracts"]}
    assert set(told) == set(own)
    held = await LiveContracts(world.database).of(1, TODAY)
    assert {n for n, each in told.items() if each["live"]} == {f"HT-{n}" for n in held.contracts}
    assert {each["because"]["reason"] for each in told.values()} > {"CONTRACT_LIVE"}
    ends = [each["endsOn"] for each in said["rows"]["contracts"]]
    assert ends == sorted(ends, reverse=True)
    assert reasons(said)["idNumber"] == "NOT_FOR_ROLE"


async def test_without_the_scope_of_contracts_none_is_told(world: World) -> None:
    who = viewer("contractor", None, 1, ["beneficiary.rs"])
    assert (await access(world, who, "Beneficiary"))["rows"]["contracts"] is None
    person = (await world.ask(who, "{ beneficiaries(first: 1) { nodes { id } } }"))["beneficiaries"]["nodes"][
        0
    ]
    said = await record(world, who, person["id"])
    assert (said["visible"], said["grounds"], said["until"]) == (True, [], None)


async def test_who_sees_no_person_is_told_so(world: World) -> None:
    said = await access(world, AGENCY, "Beneficiary")
    assert (said["readable"], said["rows"], said["because"]["reason"]) == (False, None, "ONLY_ASKED")
    assert set(reasons(said).values()) == {"ONLY_ASKED"}
    said = await access(world, OPERATOR, "Visit")
    assert said["because"]["sentence"] == "No client of the role operator sees this."
    said = await access(world, OPERATOR, "Station")
    assert [rule["reason"] for rule in said["rows"]["rules"]] == ["ALL_ROWS"]
    assert reasons(said)["personnel"] == "NOT_FOR_ROLE"


async def test_a_registered_client_is_told_what_its_token_left_out(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(
            "insert into oauth_client (client_id, name, role, division_code, scopes, jwks) values"
            " ('portal', 'Portal', 'bureau', $1, $2, '{\"keys\": []}')",
            QIXING,
            ["beneficiary.rs", "field:care"],
        )
        number = await connection.fetchval(
            "insert into hub_user (login, display_name, role, division_code, scopes, password_hash)"
            " values ('worker', 'Worker', 'bureau', $1, $2, '') returning id",
            QIXING,
            ["beneficiary.rs"],
        )
    who = make_viewer("portal", "bureau", frozenset({"beneficiary.rs"}), division_code=QIXING)
    assert reasons(await access(world, who, "Beneficiary"))["riskLevel"] == "SCOPE_NOT_IN_TOKEN"
    assert reasons(await access(world, who, "Beneficiary"))["school"] == "SCOPE_NOT_GRANTED"
    user = dataclasses.replace(who, user_id=number)
    assert reasons(await access(world, user, "Beneficiary"))["riskLevel"] == "USER_LACKS_SCOPE"


# ── of one record ────────────────────────────────────────────────────────────────────────────────────


async def test_each_role_is_told_by_which_rule_it_sees_a_record(world: World) -> None:
    person = next(p for p in world.rows["beneficiary"] if p["division_code"] == DONGJIANG)
    id_ = f"Beneficiary:{person['county_code']}:{person['id']}"
    for who, rule in ((BUREAU, "IN_DIVISION"), (TOWNSHIP, "IN_TOWNSHIP")):
        said = await record(world, who, id_)
        assert [each["reason"] for each in said["because"]] == [rule]
        assert [ground["divisionCode"] for ground in said["grounds"]] == [DONGJIANG]
        assert said["until"] is None
    said = await record(world, AGENCY, id_)
    assert [each["reason"] for each in said["because"]] == ["NOT_SEEN"]


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        ("Station", "UNDER_CONTRACT"),
        ("Household", "OF_ASSIGNED"),
        ("Beneficiary", "ASSIGNED"),
        ("CategoryMembership", "OF_ASSIGNED"),
        ("Assignment", "ASSIGNMENT_OF_DAY"),
        ("Visit", "VISIT_UNDER_CONTRACT"),
    ],
)
async def test_what_a_contract_opens_has_an_end(world: World, type_: str, rule: str) -> None:
    root = {"CategoryMembership": "beneficiaries(first: 99) { nodes { memberships { nodes { id } } } }"}
    lists = {"Station": "stations", "Household": "households", "Beneficiary": "beneficiaries"}
    lists |= {"Assignment": "assignments", "Visit": "visits"}
    query = root.get(type_) or f"{lists[type_]}(first: 99) {{ nodes {{ id }} }}"
    (found,) = (await world.ask(CONTRACTOR, f"{{ {query} }}")).values()
    ids = [each["id"] for each in _flat(found["nodes"])]
    assert ids
    for id_ in ids[:5]:
        said = await record(world, CONTRACTOR, id_)
        assert [each["reason"] for each in said["because"]] == [rule]
        assert all(ground["contract"]["number"] for ground in said["grounds"])
        assert TODAY.isoformat() <= said["until"] <= max(ground["until"] for ground in said["grounds"])
        last = dt.datetime.combine(dt.date.fromisoformat(said["until"]), dt.time(9))
        then = World(_engine(world, last), world.rows, world.database)
        assert (await record(then, CONTRACTOR, id_))["visible"]


def _flat(nodes: list[Any]) -> list[Any]:
    return [m for n in nodes for m in (n["memberships"]["nodes"] if "memberships" in n else [n])]


def _engine(world: World, at: dt.datetime) -> Engine:
    here = world.engine
    return Engine(world.database, here.vault, here.schemas, here.executor, clock=lambda: at)


async def test_what_is_the_organisations_own_has_no_end(world: World) -> None:
    for id_, rule in (("Contractor:1", "OWN_ORGANISATION"), ("Division:450305000000", "ALL_ROWS")):
        said = await record(world, CONTRACTOR, id_)
        assert ([each["reason"] for each in said["because"]], said["until"]) == ([rule], None)


async def test_a_field_of_a_record_is_explained_whether_the_record_is_seen_or_not(world: World) -> None:
    for number in (1, 999_999):
        said = await record(world, CONTRACTOR, f"Beneficiary:450305:{number}", "idNumber")
        assert (said["field"]["visible"], said["field"]["because"]["reason"]) == (False, "NOT_FOR_ROLE")


async def test_a_township_sees_a_contract_by_its_stations(world: World) -> None:
    (found,) = (await world.ask(TOWNSHIP, "{ contracts(first: 1) { nodes { id } } }"))["contracts"]["nodes"]
    said = await record(world, TOWNSHIP, found["id"])
    assert [each["reason"] for each in said["because"]] == ["SERVING_DIVISION"]
    assert {ground["divisionCode"] for ground in said["grounds"]} == {DONGJIANG}


@pytest.mark.parametrize(
    ("id_", "field"),
    [
        ("", None),
        ("Beneficiary", None),
        ("Beneficiary:x", None),
        ("Nothing:1", None),
        ("Visit:450305:1", "x"),
    ],
)
async def test_what_is_no_question_is_an_error(world: World, id_: str, field: str | None) -> None:
    assert await world.code(BUREAU, RECORD, id=id_, field=field) == "BAD_ARGUMENT"


async def test_a_kind_that_is_none_is_an_error(world: World) -> None:
    for name in ("Nothing", "beneficiary", "Query", "FieldProvenance"):
        assert await world.code(
            BUREAU, "query($t: String!) { viewer { access(type: $t) { type } } }", t=name
        ) == ("BAD_ARGUMENT")


async def test_an_explanation_is_in_the_access_log_like_any_look(world: World) -> None:
    """And so is one of a record that is not seen, which names none."""
    person = (await world.ask(CONTRACTOR, "{ beneficiaries(first: 1) { nodes { id } } }"))["beneficiaries"]
    ids = person["nodes"][0]["id"], "Beneficiary:450305:999999"
    for id_ in ids:
        await record(world, CONTRACTOR, id_)
    rows = await world.database.fetch(
        "select records, tables from access_entry order by sequence desc limit 2"
    )
    assert rows[0]["records"] is None
    assert ids[0].partition(":")[2] in rows[1]["records"]
    assert all("beneficiary" in row["tables"] for row in rows)


async def test_a_client_that_is_held_to_its_documents_may_have_one_that_explains(world: World) -> None:
    """The hub's own question behind it is none of the client's texts."""
    who = dataclasses.replace(CONTRACTOR, documents_only=True)
    assert await world.code(who, RECORD, id="Beneficiary:450305:1") == "DOCUMENT_NOT_TRUSTED"
    world.engine.trusted._known.clear()
    async with world.database.transaction() as connection:
        await connection.execute(
            "insert into oauth_client (client_id, name, role, organisation_id, scopes, jwks) values"
            " ('test', 'Test', 'contractor', 1, '{}', '{\"keys\": []}')"
        )
        await connection.execute(
            "insert into trusted_document (client_id, name, sha256, source) values"
            " ('test', 'why', encode(sha256(convert_to($1, 'UTF8')), 'hex'), $1)",
            RECORD,
        )
    assert (await record(world, who, "Beneficiary:450305:999999"))["visible"] is False


# ── of a list ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_shorter_list_is_explained_by_the_contract_that_ended(world: World) -> None:
    """The viewer's own contracts and conditions are told, and no number of what it does not see."""
    ladder = """{ explainList(of: {beneficiaries: {riskLevel: {isNull: false}, station: {}}}) {
        inSlice count steps { condition count }
        access { rows { contracts { number endsOn live because { reason } } } } } }"""
    today = (await world.ask(CONTRACTOR, ladder))["explainList"]
    (last, *_) = sorted(c["endsOn"] for c in today["access"]["rows"]["contracts"] if c["live"])
    after = dt.datetime.combine(dt.date.fromisoformat(last) + dt.timedelta(days=1), dt.time(9))
    then = World(_engine(world, after), world.rows, world.database)
    later = (await then.ask(CONTRACTOR, ladder))["explainList"]
    ended = {
        c["number"]
        for c in later["access"]["rows"]["contracts"]
        if c["because"]["reason"] == "CONTRACT_ENDED"
    }
    assert ended - {
        c["number"]
        for c in today["access"]["rows"]["contracts"]
        if c["because"]["reason"] == "CONTRACT_ENDED"
    }
    assert [step["condition"] for step in today["steps"]] == ["riskLevel", "station"]
    assert today["inSlice"] >= today["steps"][0]["count"] >= today["count"] > 0


async def test_conditions_may_stand_in_variables_and_literals(world: World) -> None:
    query = """query($level: RiskLevel!, $none: RiskLevel, $day: Date,
            $of: ListToExplain = {stations: {}}) {
        a: explainList(of: {beneficiaries: {riskLevel: {eq: $level}, not: {riskLevel: {in: [$level]}}}}) {
            count }
        b: explainList(of: {assignments: {activeOn: $day, or: {startsOn: {lt: $day}}}}) { steps { count } }
        c: explainList(of: $of) { inSlice count }
        d: explainList(of: {beneficiaries: {riskLevel: {eq: $none}}}) { inSlice count } }"""
    said = await world.ask(BUREAU, query, level="LEVEL_1", day=TODAY.isoformat())
    assert said["a"]["count"] == 0
    assert len(said["b"]["steps"]) == 2
    assert said["c"]["inSlice"] == said["c"]["count"] > 0
    assert said["d"]["inSlice"] == said["d"]["count"] > 0  # a variable that is not given is no condition


async def test_only_lists_the_viewer_has_can_be_asked_about(world: World) -> None:
    one = "{ explainList(of: {beneficiaries: {}}) { count } }"
    assert await world.code(OPERATOR, one) == "GRAPHQL_VALIDATION_FAILED"
    for wrong in ("{}", "{stations: {}, divisions: {}}", "{stations: null}"):
        query = f"{{ explainList(of: {wrong}) {{ count }} }}"
        assert {e["extensions"]["classification"] for e in await world.errors(BUREAU, query)} == {
            "BAD_USER_INPUT"
        }
    wrong = '{ explainList(of: {beneficiaries: {divisionCode: {within: "4503x"}}}) { count } }'
    assert await world.code(BUREAU, wrong) == "BAD_ARGUMENT"
