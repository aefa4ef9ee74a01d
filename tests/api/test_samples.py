"""``drawSample``: as many as the rule asks for, drawn by nobody's choice, to be drawn again by anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.sampling import draw
from hub.write.sampling import MOST_NUMBERS, RESULT
from tests.support.county import TODAY
from tests.support.handing import BUREAU, FROM, OTHER, SENDER, TO_TOO, TOWNSHIP, begin, handing_world
from tests.support.reading import AGENCY, JINJIANG, OPERATOR, PROVINCE, QIXING, World, viewer

FIELDS: Final = """id kind divisionCode checkedOn supplierName populationCount sampleCount drawnAt
    samplingMethod samplingSeed populationDigest drawnNumbers findings satisfaction
    contract { id } provenance { source }"""
DRAW: Final = f"""mutation ($division: String!, $kind: SubsidyCheckKind!, $numbers: [String!]!, $contract: ID,
        $supplier: String, $key: String) {{
    drawSample(divisionCode: $division, kind: $kind, numbers: $numbers, contract: $contract,
        supplierName: $supplier, key: $key) {{ {FIELDS} }}
}}"""
ALL: Final = "{ subsidyChecks { nodes { id drawnNumbers } } }"
NUMBERS: Final = [f"PG-{n}" for n in range(1, 102)]
GIVEN: Final[dict[str, Any]] = {"division": QIXING, "kind": "ASSESSMENT_RECHECK", "numbers": NUMBERS}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await begin(made)
    await made.database.owner.execute("truncate subsidy_check, write_key restart identity")
    made.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA)
    return made


async def drawn(world: World, who: Viewer = BUREAU, **given: Any) -> dict[str, Any]:
    told: dict[str, Any] = (await world.ask(who, DRAW, **{**GIVEN, **given}))["drawSample"]
    return told


async def seen(world: World, who: Viewer) -> list[Any]:
    return list((await world.ask(who, ALL))["subsidyChecks"]["nodes"])


async def held(world: World) -> int:
    return int(await world.database.owner.fetchval("select count(*) from subsidy_check"))


@pytest.mark.parametrize(("kind", "size"), [("ASSESSMENT_RECHECK", 3), ("SERVICE_SPOT_CHECK", 21)])
async def test_as_many_are_drawn_as_the_rule_asks_for(world: World, kind: str, size: int) -> None:
    """2 % and 20 % of 101."""
    told = await drawn(world, kind=kind, supplier="某评估机构")
    assert (told["populationCount"], told["sampleCount"], len(told["drawnNumbers"])) == (101, size, size)
    assert (told["kind"], told["supplierName"], told["checkedOn"]) == (kind, "某评估机构", None)
    assert dt.datetime.fromisoformat(told["drawnAt"]) == world.engine.clock()
    assert {each["source"] for each in told["provenance"]} == {"hub"}


async def test_the_sample_can_be_drawn_again_by_whoever_has_the_list(world: World) -> None:
    told = await drawn(world)
    again = draw(NUMBERS[::-1], told["sampleCount"], told["samplingSeed"])
    assert list(again.numbers) == told["drawnNumbers"]
    assert (again.method, again.digest) == (told["samplingMethod"], told["populationDigest"])


async def test_each_drawing_has_a_seed_of_its_own_and_stays(world: World) -> None:
    seeds = {(await drawn(world))["samplingSeed"] for _ in range(3)}
    assert len(seeds) == 3
    assert len(await seen(world, BUREAU)) == 3
    told = [await drawn(world, key="k-1") for _ in range(2)]
    assert told[0] == told[1], "one key, one drawing"
    assert await held(world) == 4
    asked = """select a.attname::text from pg_attribute a where a.attrelid = 'subsidy_check'::regclass
        and a.attnum > 0 and not a.attisdropped
        and has_column_privilege($1, a.attrelid, a.attname::text, 'update')"""
    login = world.database.reader_role_name("bureau")
    assert {row[0] for row in await world.database.owner.fetch(asked, login)} == set(RESULT)


async def test_who_sees_a_drawing(world: World) -> None:
    told = await drawn(world, contract=f"Contract:{FROM}")
    assert told["contract"] == {"id": f"Contract:{FROM}"}
    own = [{"id": told["id"], "drawnNumbers": told["drawnNumbers"]}]
    assert await seen(world, SENDER) == await seen(world, PROVINCE) == await seen(world, BUREAU) == own
    assert await seen(world, OTHER) == await seen(world, viewer("bureau", JINJIANG)) == []


READS: Final = viewer("bureau", QIXING, scopes=["subsidy.rs"])


@pytest.mark.parametrize("who", [TOWNSHIP, SENDER, AGENCY, OPERATOR, READS])
async def test_only_a_bureau_draws(world: World, who: Viewer) -> None:
    assert await world.code(who, DRAW, **GIVEN) == "GRAPHQL_VALIDATION_FAILED"
    assert await held(world) == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"numbers": []}, "BAD_ARGUMENT"),
        ({"numbers": ["PG-1", "PG-1"]}, "BAD_ARGUMENT"),
        ({"numbers": ["459999195003070019"]}, "BAD_ARGUMENT"),
        ({"numbers": [str(n) for n in range(MOST_NUMBERS + 1)]}, "BAD_ARGUMENT"),
        ({"division": "450305"}, "BAD_ARGUMENT"),
        ({"division": "350582000000"}, "CONFLICT"),
        ({"division": "450302000000"}, "CONFLICT"),
        ({"contract": f"Contract:{TO_TOO}"}, "FORBIDDEN"),
        ({"contract": "Contract:999999"}, "FORBIDDEN"),
        ({"contract": "Station:1"}, "BAD_ARGUMENT"),
    ],
)
async def test_what_is_not_drawn(world: World, wrong: dict[str, Any], code: str) -> None:
    assert await world.code(BUREAU, DRAW, **{**GIVEN, **wrong}) == code
    assert await held(world) == 0


async def test_a_bureau_draws_in_its_own_divisions_only(world: World) -> None:
    assert await world.code(viewer("bureau", "450302000000"), DRAW, **GIVEN) == "FORBIDDEN"
    assert await held(world) == 0


async def test_no_rule_asks_for_it_after_the_document_has_ended(world: World) -> None:
    world.engine.clock = lambda: dt.datetime(2027, 1, 1, 9, tzinfo=CHINA)
    assert await world.code(BUREAU, DRAW, **GIVEN) == "CONFLICT"


NOTE: Final = """mutation ($check: ID!, $on: Date!, $wrong: [String!], $findings: [SubsidyFinding!],
        $satisfaction: Decimal, $follow: String, $version: String, $key: String) {
    recordCheckResult(check: $check, checkedOn: $on, deviating: $wrong, findings: $findings,
        satisfaction: $satisfaction, followUp: $follow, version: $version, key: $key) { RESULT } }"""
FOLLOW: Final = """mutation ($check: ID!, $follow: String!, $version: String) {
    followCheck(check: $check, followUp: $follow, version: $version) { RESULT } }"""
SHOWN: Final = """version checkedOn checkedBy deviatingNumbers findings satisfaction followUp drawnNumbers
    samplingSeed sampleCount"""
TODAY_SAID: Final = TODAY.isoformat()


async def noted(world: World, who: Viewer = BUREAU, text: str = NOTE, **given: Any) -> dict[str, Any]:
    (told,) = (await world.ask(who, text.replace("RESULT", SHOWN), **given)).values()
    return dict(told)


async def note_code(world: World, who: Viewer = BUREAU, text: str = NOTE, **given: Any) -> str:
    return await world.code(who, text.replace("RESULT", SHOWN), **given)


async def test_a_result_stands_beside_its_drawing(world: World) -> None:
    check = await drawn(world, kind="SERVICE_SPOT_CHECK", contract=f"Contract:{FROM}")
    wrong = check["drawnNumbers"][:2]
    given = {
        "check": check["id"],
        "on": TODAY_SAID,
        "wrong": [*wrong, wrong[0]],
        "findings": ["FAKE_SERVICE"],
    }
    told = [await noted(world, **given, satisfaction="95.5", key="result-1") for _ in range(2)]
    assert told[0] == told[1], "one key, one result"
    assert {name: told[0][name] for name in ("checkedOn", "checkedBy", "deviatingNumbers", "findings")} == {
        "checkedOn": TODAY_SAID,
        "checkedBy": "广西壮族自治区桂林市七星区",
        "deviatingNumbers": wrong,
        "findings": ["FAKE_SERVICE"],
    }
    assert (told[0]["satisfaction"], told[0]["followUp"]) == ("95.50", None)
    assert {name: told[0][name] for name in ("drawnNumbers", "samplingSeed", "sampleCount")} == {
        name: check[name] for name in ("drawnNumbers", "samplingSeed", "sampleCount")
    }
    assert await note_code(world, **given) == "CONFLICT", "said once"
    follow = {"check": check["id"], "follow": "已追回补贴"}
    after = await noted(world, text=FOLLOW, **follow, version=told[0]["version"])
    assert (after["followUp"], after["deviatingNumbers"]) == ("已追回补贴", wrong)
    assert await note_code(world, text=FOLLOW, **follow, version=told[0]["version"]) == "STALE"
    seen_by_sender = await world.ask(SENDER, "{ subsidyChecks { nodes { followUp deviatingNumbers } } }")
    assert seen_by_sender["subsidyChecks"]["nodes"] == [{"followUp": "已追回补贴", "deviatingNumbers": wrong}]
    changes = await world.database.owner.fetch(
        "select operation from change where entity = 'subsidy_check' and entity_id = $1 order by sequence",
        int(check["id"].rpartition(":")[2]),
    )
    assert [row[0] for row in changes] == ["I", "U", "U"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"on": (TODAY - dt.timedelta(days=1)).isoformat()}, "BAD_ARGUMENT"),
        ({"on": (TODAY + dt.timedelta(days=1)).isoformat()}, "BAD_ARGUMENT"),
        ({"wrong": ["PG-999"]}, "BAD_ARGUMENT"),
        ({"findings": ["FRAUD"]}, "BAD_ARGUMENT"),
        ({"satisfaction": "100.01"}, "BAD_ARGUMENT"),
        ({"satisfaction": "-1"}, "BAD_ARGUMENT"),
        ({"satisfaction": "95.555"}, "BAD_ARGUMENT"),
        ({"check": "SubsidyCheck:999999"}, "FORBIDDEN"),
        ({"version": "1"}, "STALE"),
    ],
)
async def test_what_is_no_result(world: World, wrong: dict[str, Any], code: str) -> None:
    check = await drawn(world)
    assert await note_code(world, **{"check": check["id"], "on": TODAY_SAID, **wrong}) == code
    assert await world.database.owner.fetchval("select count(checked_on) from subsidy_check") == 0
    assert await note_code(world, text=FOLLOW, check=check["id"], follow="已整改") == "BAD_ARGUMENT"


async def test_who_notes_a_result(world: World) -> None:
    given = {"check": (await drawn(world, contract=f"Contract:{FROM}"))["id"], "on": TODAY_SAID}
    for who in (SENDER, TOWNSHIP, viewer("bureau", QIXING, scopes=["subsidy.crs"])):
        assert await note_code(world, who, **given) == "GRAPHQL_VALIDATION_FAILED"
    assert await note_code(world, viewer("bureau", JINJIANG), **given) == "FORBIDDEN"
    await world.database.owner.execute("update subsidy_check set drawn_at = null")
    assert await note_code(world, **given) == "CONFLICT", "what a source states is not changed here"


async def test_a_sample_counts_when_its_result_is_noted(world: World) -> None:
    asked = f"""{{ compliance(of: "Contract:{FROM}", rules: ["R169"]) {{ status value }} }}"""
    check = await drawn(world, contract=f"Contract:{FROM}")
    before = (await world.ask(BUREAU, asked))["compliance"]
    await noted(world, check=check["id"], on=TODAY_SAID)
    after = (await world.ask(BUREAU, asked))["compliance"]
    assert [(each["status"], each["value"]) for each in before] == [("DUE", "0")]
    assert [(each["status"], each["value"]) for each in after] == [("MET", "0.0297")]
