"""``rules`` and ``catalogues``: what is in force where and when, with its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.domain.norms import DOCUMENTS, RULES, source_text
from hub.read import cost
from tests.support.reading import AGENCY, BUREAU, VIEWERS, World, small_world

EVERYTHING: Final = """
query ($in: String!, $at: Date, $entity: [NormSubject!], $force: [Force!], $key: [String!]) {
  rules(jurisdiction: $in, at: $at, entity: $entity, force: $force, key: $key) {
    key force entity scope statement
    basis {
      document { code number title titleEn issuer jurisdiction issuedOn effectiveFrom effectiveTo }
      article quote
    }
    bounds {
      quantity comparator value values unit period base when standing
      compared { rule document relation comparator value values }
    }
    ambiguities { key issue treatment }
  }
}"""
DAY: Final = "2026-06-01"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def rules(world: World, where: str, at: str | None = DAY, **given: Any) -> list[dict[str, Any]]:
    found = await world.ask(BUREAU, EVERYTHING, **{"in": where, "at": at, **given})
    told: list[dict[str, Any]] = found["rules"]
    return told


def documents(told: list[dict[str, Any]]) -> dict[str, int]:
    codes = [each["basis"]["document"]["code"] for each in told]
    return {code: codes.count(code) for code in sorted(set(codes))}


@pytest.mark.parametrize(
    ("where", "at", "counted"),
    [
        ("450305", DAY, {"GX": 58, "QX": 57}),
        ("450305001000", "2025-12-31", {"GX": 58}),
        ("45", DAY, {"GX": 58}),
        ("4503", DAY, {"GX": 58}),
        ("450305", "2025-02-12", {}),
        ("350582", "2024-12-31", {"JJ": 41}),
        ("350582", "2025-01-01", {}),
        ("350203", DAY, {"XM": 29}),
        ("640104", DAY, {"NX": 41}),
    ],
)
async def test_rules_in_force_by_place_and_day(
    world: World, where: str, at: str, counted: dict[str, int]
) -> None:
    assert documents(await rules(world, where, at)) == counted


async def test_today_is_the_day_where_none_is_given(world: World) -> None:
    today = world.engine.clock().date()
    assert await rules(world, "450305", None) == await rules(world, "450305", today.isoformat())


async def test_all_of_a_rule_is_told_and_its_quote_stands_in_the_document(world: World) -> None:
    by_name = {(rule.key, rule.document.code): rule for rule in RULES}
    asked = [
        (code, document.jurisdiction, document.effective_to or dt.date(2026, 6, 1))
        for code, document in DOCUMENTS.items()
    ]
    found = set()
    for code, where, on in asked:
        for told in await rules(world, where, on.isoformat()):
            basis = told["basis"]
            rule = by_name[told["key"], basis["document"]["code"]]
            if rule.document.code != code:
                continue
            found.add((rule.key, code))
            assert basis["article"] == rule.article
            assert all(part in source_text(code) for part in basis["quote"].split("……"))
            assert (told["force"], told["entity"], told["scope"]) == (rule.force, rule.subject, rule.scope)
            assert [each["key"] for each in told["ambiguities"]] == list(rule.ambiguities)
            assert len(told["bounds"]) == len(rule.bounds)
            for shown, bound in zip(told["bounds"], rule.bounds, strict=True):
                nothing = bound.value is None
                assert (shown["value"] is None and shown["values"] is None) == nothing
    assert found == by_name.keys(), "226 of them"
    assert len(found) == 226


async def test_filters_narrow_and_name_nothing_else(world: World) -> None:
    (head,) = await rules(world, "450305", key=["R30", "R31"])
    assert (head["key"], head["basis"]["document"]["code"]) == ("R30", "GX")
    assert [(b["quantity"], b["comparator"], b["value"]) for b in head["bounds"]] == [
        ("station.heads", "EXACTLY", "1"),
        ("station.deputies", "EXACTLY", "1"),
    ]
    everything = await rules(world, "450305")
    people = await rules(world, "450305", entity=["PERSONNEL"], force=["MUST", "PRIN"])
    assert 0 < len(people) < len(everything)
    assert people == [r for r in everything if r["entity"] == "PERSONNEL" and r["force"] in ("MUST", "PRIN")]
    assert await rules(world, "450305", key=[]) == []


async def test_of_two_bounds_the_stricter_binds_and_both_are_shown(world: World) -> None:
    binding, yielding = await rules(world, "450305", key=["R55", "R56"])
    more, fewer = binding["bounds"][0], yielding["bounds"][0]
    assert (more["value"], more["standing"], fewer["value"], fewer["standing"]) == (
        "6",
        "BINDS",
        "5",
        "YIELDS",
    )
    assert fewer["compared"] == [
        {"rule": "R55", "document": "QX", "relation": "LOOSER", "comparator": "AT_LEAST", "value": "6",
         "values": None}
    ]  # fmt: skip


async def test_where_no_value_is_given_none_is_told(world: World) -> None:
    (rate,) = await rules(world, "450305", key=["R101"])
    (bound,) = rate["bounds"]
    assert (bound["value"], bound["values"], bound["unit"]) == (None, None, "SHARE")
    assert [each["key"] for each in rate["ambiguities"]] == ["A7"]


@pytest.mark.parametrize("where", ["七星区", "1", "459999", "999999", "", "450305001000999"])
async def test_what_is_no_division_is_refused(world: World, where: str) -> None:
    (error,) = await world.errors(BUREAU, EVERYTHING, **{"in": where})
    assert error["extensions"]["code"] == "BAD_ARGUMENT"
    assert len(where) < 2 or where not in str(error)


@pytest.mark.parametrize("role", VIEWERS)
async def test_everybody_reads_them(world: World, role: str) -> None:
    found = await world.ask(VIEWERS[role], '{ rules(jurisdiction: "640000") { key } }')
    assert len(found["rules"]) == 41


async def test_each_asking_has_its_price(world: World) -> None:
    one = '{ rules(jurisdiction: "45") { key } }'
    two = '{ a: rules(jurisdiction: "45") { key } b: rules(jurisdiction: "45") { key } }'
    prices = []
    for query in (one, two):
        answer = await world.answer(BUREAU, query)
        assert answer.cost is not None
        prices.append(answer.cost.static)
    assert prices[0] >= cost.TOLD
    assert prices[1] >= 2 * cost.TOLD


CATALOGUES: Final = """query ($in: String, $at: Date, $code: [String!]) {
  catalogues(jurisdiction: $in, at: $at, code: $code) {
    code version title titleEn follows rule
    basis { document { code jurisdiction } article quote }
    items { ...Item items { ...Item items { ...Item } } }
  }
}
fragment Item on CatalogueItem {
  number name nameEn isOther fields counterparts { catalogue version number name }
}"""


@pytest.mark.parametrize(
    ("where", "at", "codes"),
    [
        ("450305001000", DAY, ["GX", "GX-FIELDS", "QX-CONTENT", "QX"]),
        ("450000", DAY, ["GX", "GX-FIELDS"]),
        ("350582", "2024-06-01", ["JJ"]),
        ("350582", DAY, []),
        ("350203", DAY, ["XM"]),
        ("640104", DAY, ["NX"]),
        (None, DAY, ["GX", "GX-FIELDS", "XM", "NX", "QX-CONTENT", "QX"]),
        (None, "2020-01-01", []),
    ],
)
async def test_catalogues_in_force_by_place_and_day(
    world: World, where: str | None, at: str, codes: list[str]
) -> None:
    found = await world.ask(BUREAU, CATALOGUES, **{"in": where, "at": at})
    assert [each["code"] for each in found["catalogues"]] == codes


async def test_guangxi_has_seven_domains_and_fifty_one_services(world: World) -> None:
    given: dict[str, Any] = {"in": "450305", "at": DAY, "code": ["GX"]}
    (catalogue,) = (await world.ask(BUREAU, CATALOGUES, **given))["catalogues"]
    assert (catalogue["version"], catalogue["rule"]) == ("2021", "R139")
    assert catalogue["basis"]["article"] == "附件1"
    assert len(catalogue["items"]) == 7
    services = [item for domain in catalogue["items"] for item in domain["items"]]
    assert len(services) == 51
    assert len([item for item in services if item["isOther"]]) == 7
    burial = next(item for item in services if item["number"] == "GX-2.7")
    assert (burial["name"], burial["fields"]) == ("生态安葬相关辅助服务", ["FUNERAL"])
    assert [each["number"] for each in burial["counterparts"]] == ["GX-F7", "XM-9"]


async def test_contents_of_ningxia_have_three_levels(world: World) -> None:
    found = await world.ask(AGENCY, CATALOGUES, **{"in": "64", "at": DAY})
    (catalogue,) = found["catalogues"]
    numbers = [item["number"] for item in catalogue["items"][0]["items"]]
    assert numbers == ["NX-1a", "NX-1b"]
    assert catalogue["items"][0]["items"][1]["items"][0]["number"] == "NX-1b.1"
