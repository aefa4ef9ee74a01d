"""``compliance`` as offices and contractors ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio

from hub.access.viewer import Viewer
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

ASKED: Final = """query($of: [ID!]!, $at: Date, $rules: [String!], $status: [VerdictStatus!]) {
    compliance(of: $of, at: $at, rules: $rules, status: $status) {
        record rule force quantity status value comparator target unit period dueOn asOf
        basis { document { code } article quote } ambiguities inputCount
        inputs { kind record source sourceName observedAt stale } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        yield made


async def asked(world: World, who: Viewer, of: str | list[str], **given: Any) -> Any:
    return (await world.ask(who, ASKED, of=of, **given))["compliance"]


async def some(world: World, who: Viewer, root: str) -> list[str]:
    found = await world.ask(who, f"{{ {root}(first: 200) {{ nodes {{ id }} }} }}")
    return [node["id"] for node in found[root]["nodes"]]


async def test_a_station_is_judged_by_the_rules_of_its_place(world: World) -> None:
    station, *_ = await some(world, BUREAU, "stations")
    verdicts = await asked(world, BUREAU, station)
    by = {(each["rule"], each["quantity"]): each for each in verdicts}
    heads = by["R30", "station.heads"]
    assert heads["basis"]["document"]["code"] == "GX"
    assert "站长" in heads["basis"]["quote"]
    assert (heads["comparator"], heads["target"], heads["record"]) == ("EXACTLY", "1", station)
    assert {each["basis"]["document"]["code"] for each in verdicts} <= {"GX", "QX"}
    only = await asked(world, BUREAU, station, rules=["R30"])
    assert only == [each for each in verdicts if each["rule"] == "R30"]
    missed = await asked(world, BUREAU, station, status=["NOT_MET"])
    assert missed == [each for each in verdicts if each["status"] == "NOT_MET"]
    assert 0 < len(missed) < len(verdicts)


async def test_what_a_verdict_was_made_of_is_named_with_its_source(world: World) -> None:
    station, *_ = await some(world, BUREAU, "stations")
    (name,) = [each for each in await asked(world, BUREAU, station) if each["quantity"] == "station.name"]
    (made_of,) = name["inputs"]
    assert (made_of["kind"], made_of["record"]) == ("民政服务站", station)


async def test_every_kind_of_record_has_verdicts(world: World) -> None:
    for root in ("stations", "personnel", "contracts", "contractors", "beneficiaries"):
        records = await some(world, BUREAU, root)
        assert [await asked(world, BUREAU, each) is not None for each in records[:5]] == [True] * len(
            records[:5]
        )


async def test_a_county_is_judged_and_says_which_townships_lack_something(world: World) -> None:
    """To its bureau: townships without a station, and stations without staff."""
    county = (await world.ask(BUREAU, '{ divisions(where: {code: {eq: "450305000000"}}) { nodes { id } } }'))[
        "divisions"
    ]["nodes"][0]["id"]
    [staffed] = await asked(world, BUREAU, county, at="2025-08-01", rules=["R216"])
    assert (staffed["record"], staffed["status"], staffed["target"]) == (county, "NOT_MET", "2025-06-30")
    assert {each["record"].partition(":")[0] for each in staffed["inputs"]} == {"Division", "Station"}
    assert await asked(world, TOWNSHIP, county, at="2025-08-01") == []


async def test_of_what_is_not_shown_there_is_no_verdict(world: World) -> None:
    theirs = {*await some(world, viewer("bureau", "450302000000"), "stations")}
    other = [each for each in theirs if each not in {*await some(world, BUREAU, "stations")}]
    assert [await asked(world, BUREAU, each) for each in [*other[:2], "Station:999999"]] == [[]] * (
        len(other[:2]) + 1
    )
    nameless = viewer("bureau", QIXING, scopes=["personnel.rs", "beneficiary.rs"])
    for root in ("personnel", "beneficiaries"):
        (record, *_) = await some(world, nameless, root)
        assert await asked(world, nameless, record) == [], "it would tell an age, or the risk a child is at"


async def test_who_may_read_no_such_record_is_told_nothing(world: World) -> None:
    assert await asked(world, viewer("bureau", QIXING, scopes=["source.rs"]), "Station:1") == []


async def test_other_agencies_have_no_such_field(world: World) -> None:
    assert await world.code(AGENCY, '{ compliance(of: "Station:1") { rule } }') == "GRAPHQL_VALIDATION_FAILED"


async def test_a_contractor_sees_the_verdict_and_only_its_own_records(world: World) -> None:
    for who in (CONTRACTOR, TOWNSHIP):
        for root in ("stations", "contracts"):
            for record in (await some(world, who, root))[:3]:
                whole = await asked(world, BUREAU, record)
                part = await asked(world, who, record)
                if not whole:
                    continue
                plain = [{**each, "inputs": None} for each in whole]
                assert [{**each, "inputs": None} for each in part] == plain, "the verdict is one"
                for mine, theirs in zip(part, whole, strict=True):
                    shown = [each["record"] for each in mine["inputs"]]
                    assert {*shown} <= {each["record"] for each in theirs["inputs"]}


async def test_days_to_come_strange_rules_and_other_records_are_refused(world: World) -> None:
    station, *_ = await some(world, BUREAU, "stations")
    wrong: list[dict[str, Any]] = [
        {"at": "2999-01-01"},
        {"rules": ["R999"]},
        {"of": "Visit:450305:1"},
        {"of": "x"},
    ]
    for given in wrong:
        assert await world.code(BUREAU, ASKED, **{"of": station, **given}) == "BAD_ARGUMENT"


async def test_before_a_document_is_in_force_it_asks_nothing(world: World) -> None:
    station, *_ = await some(world, BUREAU, "stations")
    assert await asked(world, BUREAU, station, at="2020-01-01") == []


async def test_many_are_judged_as_each_is(world: World) -> None:
    roots = ("stations", "personnel", "contracts", "beneficiaries")
    many = [record for root in roots for record in (await some(world, BUREAU, root))[:8]]
    each = [verdict for record in many for verdict in await asked(world, BUREAU, record)]
    together = await asked(world, BUREAU, many)
    key = lambda verdict: (verdict["record"], verdict["rule"], verdict["quantity"], verdict["target"] or "")  # noqa: E731
    assert sorted(together, key=key) == sorted(each, key=key)
    assert await world.code(BUREAU, ASKED, of=["Station:1"] * 201) == "BAD_ARGUMENT"
