"""Visits, dossiers and assessments that are noted in the hub: right, wrong, another's, again, and stale."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.domain.pictures import cleaned
from hub.settings import Settings
from tests.support.casework import NOBODY, OFFICES, SECRET, STRANGERS, begin_casework, count, partly
from tests.support.county import TODAY
from tests.support.handing import BUREAU, NEIGHBOUR, PERSON, SENDER, TOWNSHIP, handing_world, id_of
from tests.support.logs import captured_logs
from tests.support.pictures import file_of
from tests.support.reading import World

TAKEN: Final = file_of("JPEG")
"""As the camera made it; and as it is kept."""
JPEG: Final = base64.b64encode(cleaned(TAKEN).content).decode()
WEBP: Final = base64.b64encode(file_of("WEBP", told=False)).decode()
VISIT: Final = """mutation ($person: ID!, $on: Date!, $photos: [VisitPhotoInput!], $contract: ID,
        $text: String, $key: String) {
    recordVisit(beneficiary: $person, visitedOn: $on, kind: HOME, purpose: ELDER_MONTHLY, textRecord: $text,
        photos: $photos, contract: $contract, key: $key) {
    id visitedOn hasPhotos textRecord contract { id } contractor { id } station { id }
    photos { nodes { kind byteCount content caption } } provenance { source } } }"""
VISITS: Final = """mutation ($items: [RecordVisitItem!]!) {
    recordVisits(items: $items) { id beneficiary { id } visitedOn } }"""
OPEN: Final = """mutation ($person: ID!, $kind: DossierKind = ELDER, $key: String) {
    openDossier(beneficiary: $person, kind: $kind, problems: "缺少照料", key: $key) {
        id version openedOn problems beneficiary { id dossierOpenedOn } } }"""
UPDATE: Final = """mutation ($dossier: ID!, $version: String!, $goals: String) {
    updateDossier(dossier: $dossier, version: $version, supportGoals: $goals) {
        version problems supportGoals updatedOn } }"""
RISK: Final = """mutation ($person: ID!, $level: RiskLevel!, $on: Date, $key: String) {
    assessRisk(beneficiary: $person, level: $level, assessedOn: $on, reason: "独居", key: $key) {
        id level assessedOn beneficiary { riskLevel } } }"""
ABILITY: Final = """mutation ($person: ID!, $ability: AbilityLevel, $standard: AbilityStandard,
        $care: SelfCare) {
    assessAbility(beneficiary: $person, ability: $ability, standard: $standard, selfCare: $care) {
        kind standard result beneficiary { abilityLevel abilityStandard selfCare } } }"""
NEED: Final = """mutation ($person: ID!) {
    assessNeed(beneficiary: $person, kind: CARE, description: "每周两次") { id version status } }"""
FOLLOW: Final = """mutation ($need: ID!, $version: String!) {
    followNeed(need: $need, version: $version, status: MET) { status description } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    return await begin_casework(made)


def given(**more: Any) -> dict[str, Any]:
    return {"person": id_of(PERSON), "on": TODAY.isoformat(), **more}


# ── visits ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_visit_is_noted_with_its_pictures_once(world: World) -> None:
    before = await count(world, "visit")
    photos = [{"content": base64.b64encode(TAKEN).decode(), "caption": "门前"}, {"content": WEBP}]
    shown = (await world.ask(SENDER, VISIT, **given(text=SECRET, photos=photos, key="v-1")))["recordVisit"]
    assert (shown["contract"], shown["contractor"], shown["station"]) == (
        {"id": "Contract:101"},
        {"id": "Contractor:1"},
        {"id": "Station:1"},
    )
    assert (shown["hasPhotos"], shown["textRecord"]) == (True, SECRET)
    assert [(p["kind"], p["byteCount"], p["content"]) for p in shown["photos"]["nodes"]] == [
        ("JPEG", len(base64.b64decode(JPEG)), JPEG),
        ("WEBP", len(base64.b64decode(WEBP)), WEBP),
    ]
    assert {each["source"] for each in shown["provenance"]} == {"hub"}
    again = await world.ask(SENDER, VISIT, **given(text=SECRET, photos=photos, key="v-1"))
    assert again["recordVisit"] == shown
    assert (await count(world, "visit"), await count(world, "visit_photo")) == (before + 1, 2)
    changes = await world.database.owner.fetch("select entity, operation from change order by sequence")
    assert [tuple(each) for each in changes] == [("visit", "I"), ("visit_photo", "I"), ("visit_photo", "I")]
    stored = await world.database.owner.fetchval("select content from visit_photo limit 1")
    assert b"\xff\xd8\xff" not in stored
    assert JPEG.encode() not in stored


async def test_what_is_noted_stands_in_the_access_log_and_in_no_log(world: World) -> None:
    with captured_logs(Settings()) as logs:
        await world.ask(SENDER, VISIT, **given(text=SECRET, photos=[{"content": JPEG}]))
        await world.errors(SENDER, VISIT, **given(person=id_of(NOBODY), text=SECRET))
    logs.has_no_sentinel()
    row = await world.database.owner.fetchrow("""
        select e.tables, e.records, s.content from access_entry e join access_shape s on s.digest = e.shape
        where s.content like '%Mutation.recordVisit%' order by sequence desc limit 1""")
    assert row is not None
    assert row["tables"] == ["visit", "visit_photo"]
    assert row["records"].count(f"/{PERSON}") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": (TODAY + dt.timedelta(days=1)).isoformat()},
        {"photos": [{"content": "not base64"}]},
        {"photos": [{"content": base64.b64encode(b"%PDF-1.7").decode()}]},
        {"photos": [{"content": base64.b64encode(b"RIFF\0\0\0\0WAVE").decode()}]},
        {"photos": [{"content": JPEG}] * 7},
        {"photos": [{"content": base64.b64encode(TAKEN + bytes(400 * 1024)).decode()}]},
        {"photos": [{"content": base64.b64encode(TAKEN[:-9]).decode()}]},
        {"contract": "Contract:102"},
        {"text": " "},
    ],
    ids=[
        "to come",
        "no base64",
        "a document",
        "a sound",
        "too many",
        "too large",
        "cut off",
        "not theirs",
        "empty",
    ],
)
async def test_nothing_of_a_visit_with_something_wrong_is_noted(world: World, wrong: dict[str, Any]) -> None:
    before = await count(world, "visit")
    assert await world.code(SENDER, VISIT, **given(**wrong)) == "BAD_ARGUMENT"
    assert (await count(world, "visit"), await count(world, "visit_photo")) == (before, 0)


async def test_how_large_pictures_may_be_is_a_setting(world: World) -> None:
    usual = world.engine.limits
    world.engine.limits = replace(Limits(), visit_photos=1, visit_photo_bytes=len(base64.b64decode(JPEG)) - 1)
    try:
        assert await world.code(SENDER, VISIT, **given(photos=[{"content": JPEG}])) == "BAD_ARGUMENT"
        assert await world.code(SENDER, VISIT, **given(photos=[{"content": WEBP}] * 2)) == "BAD_ARGUMENT"
        await world.ask(SENDER, VISIT, **given(photos=[{"content": WEBP}]))
    finally:
        world.engine.limits = usual


@pytest.mark.parametrize("who", STRANGERS, ids=["another contractor", "another county"])
async def test_nobody_notes_anything_of_somebody_elses(world: World, who: Viewer) -> None:
    for query in (VISIT, OPEN, NEED, RISK):
        assert await world.code(who, query, **given(level="LEVEL_1")) == "FORBIDDEN"
    assert [await count(world, table) for table in ("dossier", "needs_record", "risk_assessment")] == [
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("who", OFFICES, ids=["bureau", "township"])
async def test_an_office_visits_under_no_contract(world: World, who: Viewer) -> None:
    shown = (await world.ask(who, VISIT, **given()))["recordVisit"]
    assert (shown["contract"], shown["contractor"]) == (None, None)
    assert await world.code(who, VISIT, **given(contract="Contract:101")) == "BAD_ARGUMENT"


async def test_of_a_days_visits_the_wrong_one_is_told_and_the_others_stand(world: World) -> None:
    def item(number: int, key: str, **more: Any) -> dict[str, Any]:
        said = {"beneficiary": id_of(number), "visitedOn": TODAY.isoformat(), "kind": "HOME"}
        return {**said, "purpose": "OTHER", "textRecord": SECRET, "key": key, **more}

    before = await count(world, "visit")
    items = [
        item(PERSON, "a", photos=[{"content": JPEG}]),
        item(NOBODY, "b"),
        item(NEIGHBOUR, "c"),
        item(NEIGHBOUR, "d", photos=[{"content": "x"}]),
        item(PERSON, "a", photos=[{"content": JPEG}]),
    ]
    shown, errors = await partly(world, SENDER, VISITS, items=items)
    assert errors == {1: "FORBIDDEN", 3: "BAD_ARGUMENT"}
    assert [each and each["beneficiary"]["id"] for each in shown] == [
        id_of(PERSON), None, id_of(NEIGHBOUR), None, id_of(PERSON)
    ]  # fmt: skip
    assert shown[4]["id"] == shown[0]["id"]
    assert (await count(world, "visit"), await count(world, "visit_photo")) == (before + 2, 1)


# ── dossiers and assessments ─────────────────────────────────────────────────────────────────────────


async def test_there_is_one_dossier_of_a_kind(world: World) -> None:
    shown = (await world.ask(SENDER, OPEN, **given(key="d")))["openDossier"]
    assert (shown["openedOn"], shown["beneficiary"]["dossierOpenedOn"]) == (TODAY.isoformat(),) * 2
    assert (await world.ask(SENDER, OPEN, **given(key="d")))["openDossier"] == shown
    for who in (SENDER, BUREAU, TOWNSHIP):
        assert await world.code(who, OPEN, **given()) == "CONFLICT"
    await world.ask(TOWNSHIP, OPEN, **given(kind="OTHER"))
    assert await count(world, "dossier") == 2


async def test_of_many_who_open_it_at_once_one_does(world: World) -> None:
    answers = await asyncio.gather(*(world.answer(SENDER, OPEN, **given(key=str(n))) for n in range(5)))
    codes = [each["extensions"]["code"] for a in answers for each in orjson.loads(a.body).get("errors", ())]
    assert codes == ["CONFLICT"] * 4
    assert await count(world, "dossier") == 1


async def test_a_picture_costs_what_it_weighs(world: World) -> None:
    await world.ask(SENDER, VISIT, **given(photos=[{"content": JPEG}]))
    asked = "{ visits(first: 1) { nodes { photos(first: 1) { nodes { %s } } } } }"
    costs = [(await world.answer(SENDER, asked % field)).cost for field in ("id", "content")]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[1].static - costs[0].static == pytest.approx(3_000, abs=2)


async def test_a_dossier_is_updated_as_it_was_read(world: World) -> None:
    made = (await world.ask(SENDER, OPEN, **given()))["openDossier"]
    stale = {"dossier": made["id"], "version": made["version"]}
    done = (await world.ask(TOWNSHIP, UPDATE, **stale, goals="每日送餐"))["updateDossier"]
    assert (done["problems"], done["supportGoals"], done["updatedOn"]) == (
        "缺少照料",
        "每日送餐",
        TODAY.isoformat(),
    )
    assert await world.code(SENDER, UPDATE, **stale, goals="另一目标") == "STALE"
    await world.ask(SENDER, UPDATE, dossier=made["id"], version=done["version"], goals="另一目标")
    assert await world.code(STRANGERS[0], UPDATE, **stale) == "FORBIDDEN"


async def test_what_a_source_states_is_not_changed_here(world: World) -> None:
    made = (await world.ask(SENDER, OPEN, **given()))["openDossier"]
    await world.database.owner.execute("update dossier set source_id = 1")
    (node,) = (await world.ask(SENDER, "{ dossiers { nodes { id version } } }"))["dossiers"]["nodes"]
    assert await world.code(SENDER, UPDATE, dossier=made["id"], version=node["version"]) == "CONFLICT"


async def test_the_newest_level_of_risk_is_the_persons(world: World) -> None:
    shown = (await world.ask(SENDER, RISK, **given(level="LEVEL_1", on=None)))["assessRisk"]
    assert (shown["assessedOn"], shown["beneficiary"]["riskLevel"]) == (TODAY.isoformat(), "LEVEL_1")
    old = (TODAY - dt.timedelta(days=30)).isoformat()
    shown = (await world.ask(SENDER, RISK, **given(level="LEVEL_3", on=old)))["assessRisk"]
    assert shown["beneficiary"]["riskLevel"] == "LEVEL_1"
    assert (await world.ask(BUREAU, RISK, **given(level="LEVEL_2")))["assessRisk"]["beneficiary"] == {
        "riskLevel": "LEVEL_2"
    }
    told = await world.database.owner.fetch("select entity, count(*) from change group by 1 order by 1")
    assert [tuple(each) for each in told] == [("beneficiary", 2), ("risk_assessment", 3)]


async def test_an_ability_has_its_standard(world: World) -> None:
    right = {"ability": "MODERATE", "standard": "GB_T_42195_2022"}
    shown = (await world.ask(SENDER, ABILITY, **given(**right)))["assessAbility"]
    assert (shown["kind"], shown["standard"], shown["result"]) == (
        "ELDER_ABILITY",
        "GB/T 42195-2022",
        "中度失能",
    )
    assert (await world.ask(SENDER, ABILITY, **given(care="PARTIAL")))["assessAbility"]["beneficiary"] == {
        "abilityLevel": "MODERATE",
        "abilityStandard": "GB_T_42195_2022",
        "selfCare": "PARTIAL",
    }
    for wrong in (
        {},
        {"ability": "MILD"},
        {"standard": "MZ_T_039_2013"},
        {**right, "care": "FULL"},
        {"ability": "COMPLETE", "standard": "MZ_T_039_2013"},
    ):
        assert await world.code(SENDER, ABILITY, **given(**wrong)) == "BAD_ARGUMENT"
    assert await count(world, "assessment") == 2


async def test_a_need_is_followed(world: World) -> None:
    need = (await world.ask(SENDER, NEED, **given()))["assessNeed"]
    assert need["status"] == "OPEN"
    stale = {"need": need["id"], "version": need["version"]}
    assert (await world.ask(SENDER, FOLLOW, **stale))["followNeed"] == {
        "status": "MET",
        "description": "每周两次",
    }
    assert await world.code(BUREAU, FOLLOW, **stale) == "STALE"
