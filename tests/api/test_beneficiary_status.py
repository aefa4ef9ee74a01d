"""``beneficiaryStatus``: yes or no on a day, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.id_number import make_id_number
from tests.support.county import TODAY
from tests.support.reading import (
    AGENCY,
    DONGJIANG,
    GUANGXI,
    JINJIANG,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

DAY = dt.timedelta(days=1)
ASK = """query($n: String!, $p: Programme!, $on: Date) {
  beneficiaryStatus(idNumber: $n, programme: $p, on: $on) { entitled programme on }
}"""
ASKERS = [
    AGENCY,
    viewer("agency", GUANGXI),
    viewer("agency", JINJIANG),
    viewer("agency", DONGJIANG),
    viewer("bureau", JINJIANG),
    TOWNSHIP,
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


def number_of(world: World, person: dict[str, Any]) -> str | None:
    sealed = person.get("id_number")
    return world.engine.vault.open(sealed) if sealed else None


def entitled(world: World, who: Viewer, person: dict[str, Any], programme: str, on: dt.date) -> bool:
    """In plain words: the person lives there, has not died before the day, and is a member on it."""
    level = str(who.division_code).rstrip("0")
    inside = person["division_code"].startswith({5: level + "0"}.get(len(level), level))
    alive = person["deceased_on"] is None or on <= person["deceased_on"]
    return (
        inside
        and alive
        and any(
            m["starts_on"] <= on and (m["ends_on"] is None or on <= m["ends_on"])
            for m in memberships(world, person, programme)
        )
    )


def memberships(world: World, person: dict[str, Any], programme: str) -> list[dict[str, Any]]:
    key = (person["county_code"], person["id"], programme)
    rows = world.rows["category_membership"]
    return [m for m in rows if (m["county_code"], m["beneficiary_id"], m["category"]) == key]


def days(world: World, person: dict[str, Any], programme: str) -> list[dt.date]:
    """The days up to today on which something may change, and those beside them."""
    edges = {TODAY, person["deceased_on"]}
    for m in memberships(world, person, programme):
        edges |= {m["starts_on"], m["ends_on"]}
    return sorted(
        {day + step for day in edges if day for step in (-DAY, 0 * DAY, DAY) if day + step <= TODAY}
    )


@pytest.mark.parametrize("who", ASKERS, ids=lambda v: f"{v.role}-{v.division_code}")
async def test_yes_and_no_are_right_on_every_day(world: World, who: Viewer) -> None:
    answers = set()
    for person in world.rows["beneficiary"]:
        number = number_of(world, person)
        if number is None:
            continue
        asked = [(p, d) for p in ("DIBAO", "TEKUN", "ORPHAN") for d in days(world, person, p)]
        body = " ".join(
            f'a{i}: beneficiaryStatus(idNumber: "{number}", programme: {p}, on: "{d}") {{ entitled }}'
            for i, (p, d) in enumerate(asked)
        )
        data = await world.ask(who, f"{{ {body} }}")
        for i, (programme, on) in enumerate(asked):
            right = entitled(world, who, person, programme, on)
            assert data[f"a{i}"] == {"entitled": right}, (person["id"], programme, on)
            answers.add(right)
    assert answers == {True, False}


async def test_the_day_is_today_in_china_unless_given(world: World) -> None:
    person = next(p for p in world.rows["beneficiary"] if p.get("id_number"))
    for variables in ({}, {"on": None}):
        found = await world.ask(AGENCY, ASK, n=number_of(world, person), p="DIBAO", **variables)
        assert found["beneficiaryStatus"]["on"] == TODAY.isoformat()
        assert found["beneficiaryStatus"]["programme"] == "DIBAO"


@pytest.mark.parametrize("on", [TODAY + DAY, dt.date(9999, 12, 31), dt.date(1, 1, 1)])
async def test_what_is_to_come_nobody_knows(world: World, on: dt.date) -> None:
    person = next(p for p in world.rows["beneficiary"] if p.get("id_number"))
    answer = await world.answer(AGENCY, ASK, n=number_of(world, person), p="DIBAO", on=on.isoformat())
    body = json.loads(answer.body)
    assert [e["extensions"]["code"] for e in body["errors"]] == ["BAD_ARGUMENT"]


async def test_nobody_is_told_from_somebody_else(world: World) -> None:
    """A person who is unknown, dead, or of another county: the same bytes."""
    elsewhere = next(
        p for p in world.rows["beneficiary"] if p["county_code"] == "350582" and p.get("id_number")
    )
    unknown = make_id_number("459999", dt.date(1950, 3, 7), 77)
    bodies = {
        (await world.answer(AGENCY, ASK, n=number, p="ORPHAN", on="2020-01-01")).body
        for number in (unknown, number_of(world, elsewhere))
    }
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["data"]["beneficiaryStatus"]["entitled"] is False


async def test_a_number_is_found_however_it_is_written(world: World) -> None:
    number, programme, on = next(
        (found, programme, on)
        for person in world.rows["beneficiary"]
        if (found := number_of(world, person)) and found[6:8] == "19"
        for programme in ("DIBAO", "TEKUN")
        for on in days(world, person, programme)
        if entitled(world, AGENCY, person, programme, on)
    )
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for written in (number, number.lower(), f" {number} ", wide, number[:6] + number[8:17]):
        found = await world.ask(AGENCY, ASK, n=written, p=programme, on=str(on))
        assert found["beneficiaryStatus"]["entitled"] is True, written


@pytest.mark.parametrize(
    "number",
    ["", " ", "1", "45999919500307001", "4599991950030700190", "459999195003070018", "459999195013070019",
     "45999919500307001Y", "x" * 10_000, "' or true --", "459999 or 1=1", "*", "%"],
)  # fmt: skip
async def test_a_malformed_number_is_refused_and_not_repeated(world: World, number: str) -> None:
    errors = await world.errors(AGENCY, ASK, n=number, p="DIBAO")
    assert [e["extensions"]["code"] for e in errors] == ["BAD_ARGUMENT"]
    assert len(number) < 5 or number not in json.dumps(errors)


@pytest.mark.parametrize(
    "asked",
    [
        "{ beneficiaryStatus(idNumber: \"x\", programme: LEFT_BEHIND_CHILD) { entitled } }",
        "{ beneficiaryStatus(programme: DIBAO) { entitled } }",
        "{ beneficiaryStatus(idNumber: \"x\") { entitled } }",
        "{ beneficiaryStatus(idNumber: \"x\", programme: DIBAO) { entitled name } }",
        "{ beneficiaryStatus(idNumber: \"x\", programme: DIBAO, on: \"2026-02-30\") { entitled } }",
        "{ beneficiaryStatus(idNumber: [\"x\", \"y\"], programme: DIBAO) { entitled } }",
        "{ beneficiaryStatuses { entitled } }",
        "{ beneficiaries { totalCount } }",
    ],
)  # fmt: skip
async def test_nothing_else_can_be_asked(world: World, asked: str) -> None:
    assert await world.code(AGENCY, asked) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("shown", ["on", "programme", "__typename", "on programme", "a: on b: on"])
async def test_any_part_of_the_answer_can_be_left_out(world: World, shown: str) -> None:
    query = f'{{ beneficiaryStatus(idNumber: "%s", programme: DIBAO, on: "2026-01-01") {{ {shown} }} }}'
    told = (await world.ask(AGENCY, query % "459999195003070019"))["beneficiaryStatus"]
    facts = {"on": "2026-01-01", "programme": "DIBAO", "__typename": "BeneficiaryStatus"}
    assert list(told.values()) == [
        facts[word] for word in shown.replace("a: ", "").replace("b: ", "").split()
    ]
    assert await world.code(AGENCY, query % "12345") == "BAD_ARGUMENT"
    assert await world.code(AGENCY, query.replace("2026", "2099") % "459999195003070019") == "BAD_ARGUMENT"
