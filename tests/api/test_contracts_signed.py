"""合同: signed and renewed by the purchaser as the rules of the place let it, which the error cites."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from tests.support.county import TODAY
from tests.support.handing import BUREAU, FROM, OTHER, SENDER, TOWNSHIP, add, begin, handing_world
from tests.support.reading import GUANGXI, JINJIANG, World, viewer

XINGQING: Final = "640104000000"
NINGXIA: Final = viewer("bureau", XINGQING)
"""Where R86 to R88 are the rule."""
STATION: Final = 64
SIGN: Final = """mutation ($number: String!, $code: String!, $stations: [ID!]!, $starts: Date!, $ends: Date!,
        $cycle: Int, $method: ProcurementMethod, $amount: Decimal, $why: String, $key: String) {
    signContract(number: $number, contractorCreditCode: $code, stations: $stations, signedOn: "2026-06-10",
        startsOn: $starts, endsOn: $ends, cycleYears: $cycle, procurementMethod: $method, amount: $amount,
        exceptionReason: $why, key: $key) {
    id number status purchaserName divisionCode cycleYears amount exceptionReason contractor { id }
    stations { nodes { id } } } }"""
RENEW: Final = """mutation ($contract: ID!, $number: String!, $starts: Date!, $ends: Date!, $why: String) {
    renewContract(contract: $contract, number: $number, signedOn: "2026-06-10", startsOn: $starts,
        endsOn: $ends, exceptionReason: $why) {
    id number renewalOfNumber status cycleYears contractor { id } stations { nodes { id } } } }"""
EVALUATE: Final = """mutation ($contract: ID!, $grade: Rating) {
    evaluateContract(contract: $contract, kind: ANNUAL_FOR_RENEWAL, grade: $grade,
        periodStartsOn: "2025-07-01", periodEndsOn: "2026-06-30") {
    id grade isUsedForRenewal contract { annualEvaluation } } }"""
YEAR: Final = {"starts": "2026-07-01", "ends": "2027-06-30"}
NEXT: Final = {"starts": "2027-07-01", "ends": "2028-06-30"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        station = {
            "id": STATION,
            "county_code": "640104",
            "division_code": "640104001000",
            "name": "站",
            "kind": "SOCIAL_WORK",
            "status": "OPERATING",
        }
        await add(world, {"station": [station]})
        await world.database.owner.execute("select setval(pg_get_serial_sequence('contract', 'id'), 5000)")
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await begin(made)
    await made.database.owner.execute("""
        truncate evaluation, contract_record; delete from contract_station where contract_id > 5000;
        delete from contract where id > 5000; truncate change, write_key""")
    made.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA)
    return made


def given(number: str = "合-1", station: int = 1, **more: Any) -> dict[str, Any]:
    return {"number": number, "code": "52450301", "stations": [f"Station:{station}"], **YEAR, **more}


def nx(number: str = "宁-1", **more: Any) -> dict[str, Any]:
    return given(number, STATION, **more)


async def broken(world: World, who: Viewer, query: str, **more: Any) -> tuple[Any, ...]:
    """Rule, force and article of the one refusal."""
    (error,) = await world.errors(who, query, **more)
    told = error["extensions"]
    assert told["code"] == "AGAINST_RULE", error
    assert told["quote"] in told["messageZh"]
    assert told["document"] in told["messageZh"]
    return told["rule"], told["force"], told["article"]


async def count(world: World) -> int:
    return int(await world.database.owner.fetchval("select count(*) from contract where id > 5000"))


async def test_a_contract_is_signed_once_and_is_live_at_once(world: World) -> None:
    await world.database.owner.execute("update contract set status = 'CLOSED' where contractor_id = 3")
    asked = given(code="52450303", starts="2026-06-15", ends="2027-06-14", amount="345000.00", key="k")
    assert await world.ask(OTHER, "{ stations { nodes { id } } }") == {"stations": {"nodes": []}}
    shown = [(await world.ask(BUREAU, SIGN, **asked))["signContract"] for _ in range(2)]
    assert shown[0] == shown[1]
    assert {**shown[0], "id": None} == {
        "id": None,
        "number": "合-1",
        "status": "ACTIVE",
        "purchaserName": "广西壮族自治区桂林市七星区",
        "divisionCode": "450305000000",
        "cycleYears": None,
        "amount": "345000.00",
        "exceptionReason": None,
        "contractor": {"id": "Contractor:3"},
        "stations": {"nodes": [{"id": "Station:1"}]},
    }
    world.engine.live._known.clear()  # what it knows is two seconds old at most
    assert await world.ask(OTHER, "{ stations { nodes { id } } }") == {
        "stations": {"nodes": [{"id": "Station:1"}]}
    }
    assert await count(world) == 1


async def test_what_it_says_has_a_source(world: World) -> None:
    shown = (await world.ask(BUREAU, SIGN, **given()))["signContract"]
    query = f'{{ node(id: "{shown["id"]}") {{ ... on Contract {{ provenance {{ field source }} }} }} }}'
    told = (await world.ask(BUREAU, query))["node"]["provenance"]
    assert {"number", "startsOn", "endsOn", "status"} <= {each["field"] for each in told}
    assert {each["source"] for each in told} == {"hub"}


async def test_a_township_signs_for_its_station(world: World) -> None:
    shown = (await world.ask(TOWNSHIP, SIGN, **given()))["signContract"]
    assert (shown["divisionCode"], shown["stations"]["nodes"]) == ("450305001000", [{"id": "Station:1"}])
    assert await world.code(TOWNSHIP, SIGN, **given("合-2", station=2)) == "FORBIDDEN"
    assert await count(world) == 1


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        (SENDER, {}, "GRAPHQL_VALIDATION_FAILED"),
        (viewer("bureau", GUANGXI), {}, "BAD_ARGUMENT"),
        (viewer("bureau", JINJIANG), {}, "FORBIDDEN"),  # another county's station
        (BUREAU, {"stations": []}, "FORBIDDEN"),
        (BUREAU, {"code": "52450399"}, "BAD_ARGUMENT"),
        (BUREAU, {"starts": "2027-07-01"}, "BAD_ARGUMENT"),  # behind the last day
        (BUREAU, {"amount": "0"}, "BAD_ARGUMENT"),
        (BUREAU, {"amount": "1.001"}, "BAD_ARGUMENT"),
        (BUREAU, {"number": " "}, "BAD_ARGUMENT"),
        (BUREAU, {"cycle": 0}, "BAD_ARGUMENT"),
        (BUREAU, {"cycle": 100_000}, "BAD_ARGUMENT"),
        (BUREAU, {"ends": "9999-12-31"}, "BAD_ARGUMENT"),
        (BUREAU, {"number": f"HT-{FROM}"}, "CONFLICT"),
    ],
)
async def test_what_is_not_signed(world: World, who: Viewer, more: dict[str, Any], code: str) -> None:
    assert await world.code(who, SIGN, **{**given(), **more}) == code
    assert await count(world) == 0


async def test_a_year_is_a_year_where_that_is_the_rule(world: World) -> None:
    for ends in ("2027-06-29", "2027-07-01", "2028-06-30"):
        assert await broken(world, BUREAU, SIGN, **given(ends=ends)) == ("R89", "MUST", "第二条")
    assert await broken(world, BUREAU, SIGN, **given(ends="2027-06-29", why="急")) == (
        "R89",
        "MUST",
        "第二条",
    )
    # The plan of 2026 says nothing of a contract that begins later.
    assert await world.ask(BUREAU, SIGN, **given(starts="2027-01-01", ends="2028-12-31"))
    assert await count(world) == 1


async def test_one_to_three_years_signed_yearly(world: World) -> None:
    assert await broken(world, NINGXIA, SIGN, **nx(cycle=4)) == ("R86", "MUST", "三（三）1")
    long = nx(cycle=2, ends="2028-06-30")
    assert await broken(world, NINGXIA, SIGN, **long) == ("R87", "PRIN", "三（三）1")
    shown = (await world.ask(NINGXIA, SIGN, **long, why="财政一次性安排两年资金"))["signContract"]
    assert shown["exceptionReason"] == "财政一次性安排两年资金"
    assert await world.ask(
        NINGXIA, SIGN, **nx("宁-2", cycle=1, ends="2027-01-31")
    )  # a year at most has no rule
    assert await world.ask(NINGXIA, SIGN, **nx("宁-3", cycle=3))
    assert await count(world) == 3


async def test_who_purchases_and_how(world: World) -> None:
    assert await broken(world, viewer("township", "640104001000"), SIGN, **nx()) == (
        "R74",
        "FACT",
        "三（三）1",
    )
    of_2024 = given(station=3, starts="2024-01-01", ends="2024-12-31")
    jinjiang = viewer("bureau", JINJIANG)
    assert (await broken(world, jinjiang, SIGN, **of_2024, method="SINGLE_SOURCE"))[0] == "R83"
    assert (await broken(world, jinjiang, SIGN, **{**of_2024, "starts": "2024-02-01"}))[0] == "R85"
    assert await world.ask(jinjiang, SIGN, **of_2024, method="OPEN_TENDER")


async def signed(world: World, **more: Any) -> str:
    return str((await world.ask(NINGXIA, SIGN, **nx(cycle=3, **more)))["signContract"]["id"])


async def test_it_is_renewed_after_a_qualified_evaluation_only(world: World) -> None:
    contract = await signed(world)
    renewal = {"contract": contract, "number": "宁-2", **NEXT}
    assert await broken(world, NINGXIA, RENEW, **renewal) == ("R87", "PRIN", "三（三）1")
    for grade, result in (
        ("UNQUALIFIED", "UNQUALIFIED"),
        ("EXCELLENT", "QUALIFIED"),
        ("UNQUALIFIED", "UNQUALIFIED"),
    ):
        found = (await world.ask(NINGXIA, EVALUATE, contract=contract, grade=grade))["evaluateContract"]
        assert found["isUsedForRenewal"]
        assert found["contract"] == {"annualEvaluation": result}
    assert await broken(world, NINGXIA, RENEW, **renewal) == ("R88", "MUST", "三（三）1")
    assert await broken(world, NINGXIA, RENEW, **renewal, why="特殊") == ("R88", "MUST", "三（三）1")
    await world.ask(NINGXIA, EVALUATE, contract=contract, grade="QUALIFIED")
    shown = (await world.ask(NINGXIA, RENEW, **renewal))["renewContract"]
    assert {**shown, "id": None} == {
        "id": None,
        "number": "宁-2",
        "renewalOfNumber": "宁-1",
        "status": "ACTIVE",
        "cycleYears": 3,
        "contractor": {"id": "Contractor:1"},
        "stations": {"nodes": [{"id": f"Station:{STATION}"}]},
    }
    before = await world.ask(NINGXIA, f'{{ node(id: "{contract}") {{ ... on Contract {{ status }} }} }}')
    assert before["node"] == {"status": "RENEWED"}
    assert await world.code(NINGXIA, RENEW, **{**renewal, "number": "宁-3"}) == "CONFLICT"


async def test_where_no_document_speaks_of_renewals_none_is_blocked(world: World) -> None:
    contract = (await world.ask(BUREAU, SIGN, **given()))["signContract"]["id"]
    await world.ask(BUREAU, EVALUATE, contract=contract, grade="UNQUALIFIED")
    assert await world.ask(BUREAU, RENEW, contract=contract, number="合-2", **NEXT)


async def test_renewals_do_not_go_on_beyond_the_longest_cycle(world: World) -> None:
    contract, years = await signed(world), range(2027, 2030)
    for number, year in enumerate(years, 2):
        asked = {
            "contract": contract,
            "number": f"宁-{number}",
            "starts": f"{year}-07-01",
            "ends": f"{year + 1}-06-30",
            "why": "年度评估尚未完成",
        }
        if year == 2029:
            assert await broken(world, NINGXIA, RENEW, **asked) == ("R86", "MUST", "三（三）1")
        else:
            contract = (await world.ask(NINGXIA, RENEW, **asked))["renewContract"]["id"]
    assert await count(world) == 3


async def test_who_renews_what(world: World) -> None:
    contract = (await world.ask(BUREAU, SIGN, **given()))["signContract"]["id"]
    renewal = {"contract": contract, "number": "合-2", **NEXT}
    assert await world.code(TOWNSHIP, RENEW, **renewal) == "FORBIDDEN"  # sees it, and is not the purchaser
    assert await world.code(viewer("bureau", GUANGXI), RENEW, **renewal) == "FORBIDDEN"
    assert await world.code(NINGXIA, RENEW, **renewal) == "FORBIDDEN"
    assert await world.code(BUREAU, RENEW, **{**renewal, "starts": "2027-06-30"}) == "BAD_ARGUMENT"
    assert await world.code(BUREAU, RENEW, **{**renewal, "number": "合-1"}) == "CONFLICT"
    await world.database.owner.execute("update contract set status = 'TERMINATED' where id > 5000")
    assert await world.code(BUREAU, RENEW, **renewal) == "CONFLICT"
    assert await count(world) == 1


async def test_only_the_purchaser_decides_on_a_renewal(world: World) -> None:
    contract = await signed(world)
    asked = {"contract": contract, "grade": "QUALIFIED"}
    assert await world.code(viewer("township", "640104001000"), EVALUATE, **asked) == "FORBIDDEN"
    assert await world.code(viewer("bureau", "640000000000"), EVALUATE, **asked) == "BAD_ARGUMENT"
    assert await world.code(SENDER, EVALUATE, **asked) == "BAD_ARGUMENT"  # sees it, and evaluates itself only
    assert await world.code(NINGXIA, EVALUATE, contract=contract) == "BAD_ARGUMENT"
    assert await world.database.owner.fetchval("select count(*) from evaluation") == 0
