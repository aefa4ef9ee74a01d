"""Nobody finds out by probing: by filters, ids, foreign cursors, errors, or a day too late."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from tests.e2e.asked import asked, page_of
from tests.e2e.conftest import TODAY, Filled
from tests.e2e.eyes import Eyes, same, unordered
from tests.e2e.questions import PERSONAS, QUESTIONS
from tests.e2e.truth import RELATIONS

Where = dict[str, Any]

ROOTS: Final = {kind: root for kind, root, _ in QUESTIONS.values()} | {"Division": "divisions"}

BY_NAME: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Beneficiary", ()),
    ("Beneficiary", ("household", "members")),
    ("Beneficiary", ("station", "beneficiaries")),
    ("Station", ("beneficiaries",)),
    ("Station", ("visits", "beneficiary")),
    ("Division", ("residents",)),
    ("Division", ("children", "residents")),
    ("Contract", ("beneficiaries",)),
    ("Contract", ("stations", "beneficiaries")),
    ("Contract", ("visits", "beneficiary")),
    ("Contractor", ("assignments", "beneficiary")),
    ("Contractor", ("stations", "beneficiaries")),
    ("Personnel", ("assignments", "beneficiary")),
    ("Personnel", ("station", "visits", "beneficiary")),
    ("Household", ("members",)),
    ("Assignment", ("beneficiary",)),
    ("Visit", ("contract", "beneficiaries")),
)
"""Ways from what may be seen to a person of whom a name is known."""

OTHER: Final = "桂林市漓澄社会工作服务中心"
AROUND: Final[tuple[tuple[str, Where], ...]] = (
    ("Beneficiary", {"visits": {"contractor": {"name": {"eq": OTHER}}}}),
    ("Beneficiary", {"not": {"visits": {"contractor": {"name": {"eq": OTHER}}}}}),
    ("Beneficiary", {"contracts": {"contractor": {"name": {"eq": OTHER}}}}),
    ("Beneficiary", {"contracts": {"endsOn": {"lte": TODAY.isoformat()}}}),
    ("Beneficiary", {"station": {"operator": {"name": {"eq": OTHER}}}}),
    ("Beneficiary", {"memberships": {"category": {"eq": "DIBAO"}}, "riskLevel": {"eq": "LEVEL_3"}}),
    ("Beneficiary", {"or": [{"riskLevel": {"eq": "LEVEL_1"}}, {"birthOn": {"gte": "2015-01-01"}}]}),
    ("Beneficiary", {"and": [{"divisionCode": {"within": "450305"}}, {"birthOn": {"lte": "1950-12-31"}}]}),
    ("Station", {"contracts": {"contractor": {"name": {"eq": OTHER}}}}),
    ("Station", {"not": {"contracts": {"status": {"eq": "RENEWED"}}}}),
    ("Contract", {"visits": {"visitedOn": {"gte": "2026-06-01"}}}),
    ("Contract", {"stations": {"contracts": {"contractor": {"name": {"eq": OTHER}}}}}),
    ("Personnel", {"station": {"operator": {"name": {"eq": OTHER}}}}),
    ("Household", {"members": {"visits": {"contractor": {"name": {"eq": OTHER}}}}}),
    ("Visit", {"worker": {"employer": {"name": {"eq": OTHER}}}}),
)


def path(steps: tuple[str, ...], name: str) -> Where:
    where: Where = {"name": {"eq": name}}
    for step in reversed(steps):
        where = {step: where}
    return where


def exists(eyes: Eyes, kind: str, where: Where) -> bool:
    """Whether the filter can be written at all by this persona."""
    for name, given in where.items():
        if name in ("and", "or"):
            if not all(exists(eyes, kind, part) for part in given):
                return False
        elif name == "not":
            if not exists(eyes, kind, given):
                return False
        elif not eyes.has(kind, name) or (
            name in RELATIONS[kind] and not exists(eyes, RELATIONS[kind][name], given)
        ):
            return False
    return True


async def counts(filled: Filled, who: str, kind: str, wheres: list[Where]) -> list[int] | None:
    """How many rows each filter finds; None where it cannot be written."""
    declared = ", ".join(f"$w{n}: {kind}Where" for n in range(len(wheres)))
    fields = " ".join(f"a{n}: {ROOTS[kind]}(where: $w{n}) {{ totalCount }}" for n in range(len(wheres)))
    variables = {f"w{n}": where for n, where in enumerate(wheres)}
    answer = await filled.hub.post(who, f"query({declared}) {{ {fields} }}", variables)
    body = orjson.loads(answer.content)
    if answer.status_code == 422:
        assert "data" not in body
        return None
    assert "errors" not in body, answer.text[:500]
    return [found["totalCount"] for found in body["data"].values()]


@pytest.mark.parametrize("who", PERSONAS)
async def test_names_of_others_find_nothing(filled: Filled, who: str) -> None:
    eyes, chance = filled.eyes(who), random.Random(who)
    people = [thing for thing in filled.truth.people if thing.county in ("450305", "350582")]
    seen = [thing.fact.name for thing in people if eyes.sees(thing)]
    unseen = [thing.fact.name for thing in people if not eyes.sees(thing)]
    names = chance.sample(seen, min(2, len(seen))) + chance.sample(unseen, min(3, len(unseen)))
    for kind, steps in BY_NAME:
        wheres = [path(steps, name) for name in names]
        writable = kind in eyes.types and exists(eyes, kind, wheres[0])
        told = await counts(filled, who, kind, wheres)
        assert told == ([len(eyes.found(kind, each)) for each in wheres] if writable else None), (kind, steps)


@pytest.mark.parametrize("who", PERSONAS)
async def test_filters_know_only_what_is_seen(filled: Filled, who: str) -> None:
    eyes = filled.eyes(who)
    for kind, where in AROUND:
        writable = kind in eyes.types and exists(eyes, kind, where)
        told = await counts(filled, who, kind, [where])
        assert told == ([len(eyes.found(kind, where))] if writable else None), (kind, where)


@pytest_asyncio.fixture(scope="module")
async def ids(filled: Filled) -> AsyncIterator[dict[str, set[str]]]:
    """Every id that exists, as those know them who may see them."""
    found: dict[str, set[str]] = {}
    for kind in ("Station", "Contractor", "Contract", "Household", "Beneficiary"):
        for who in ("county-bureau-qixing", "county-bureau-jinjiang"):
            query = page_of(ROOTS[kind], asked("id"))
            page = await filled.hub.everything(who, query, ROOTS[kind], first=200)
            found.setdefault(kind, set()).update(node["id"] for node in page["nodes"])
    yield found


@pytest.mark.parametrize("who", [name for name in PERSONAS if not name.startswith("agency")])
async def test_ids_of_others_name_nothing(filled: Filled, ids: dict[str, set[str]], who: str) -> None:
    for kind, known in ids.items():
        one = ROOTS[kind].removesuffix("s").replace("beneficiarie", "beneficiary")
        page = page_of(ROOTS[kind], asked("id"))
        if kind not in filled.eyes(who).types:
            await filled.hub.refuses(who, f"{{ {one}(id: {sorted(known)[0]!r}) {{ id }} }}".replace("'", '"'))
            continue
        own = {node["id"] for node in (await filled.hub.everything(who, page, ROOTS[kind], 200))["nodes"]}
        some = set(random.Random(kind).sample(sorted(known), min(120, len(known))))
        tried = sorted(some | {elsewhere(each) for each in list(some)[:40]})
        told: set[str] = set()
        for start in range(0, len(tried), 80):
            part = tried[start : start + 80]
            fields = " ".join(f'a{n}: {one}(id: "{each}") {{ id }}' for n, each in enumerate(part))
            answer = await filled.hub.ask(who, f"{{ {fields} }}")
            told |= {found["id"] for found in answer.values() if found}
        assert told == own & set(tried), kind


def elsewhere(known: str) -> str:
    """The same number in the other county."""
    return known.replace(":450305:", ":350582:") if ":450305:" in known else known.replace("350582", "450305")


async def test_a_cursor_of_another_viewer_opens_nothing(filled: Filled) -> None:
    query = page_of("beneficiaries", asked("id nameMasked"))
    page = (await filled.hub.ask("county-bureau-qixing", query, {"first": 20, "after": None}))[
        "beneficiaries"
    ]
    own = await filled.hub.everything("contractor-xingyan", query, "beneficiaries")
    after = {"first": 200, "after": page["pageInfo"]["endCursor"]}
    told = (await filled.hub.ask("contractor-xingyan", query, after))["beneficiaries"]
    assert told["totalCount"] == own["totalCount"]
    assert {node["id"] for node in told["nodes"]} <= {node["id"] for node in own["nodes"]}
    await filled.hub.refuses("agency-medical-insurance", query, after)


BAD: Final[tuple[Any, ...]] = (
    ("{{ beneficiary(id: {person}) {{ idNumber }} }}", {}),
    ("{{ beneficiary(id: {person}) {{ nam }} }}", {}),
    ("{{ beneficiary(id: {person}) {{ name(x: 1) }} }}", {}),
    ("{{ beneficiary(id: 'Contract:1') {{ name }} }}", {}),
    ("{{ beneficiary(id: 'Beneficiary:450305') {{ name }} }}", {}),
    ("{{ household(id: {person}) {{ householdNumber }} }}", {}),
    ("{{ beneficiaries(first: 201) {{ totalCount nodes {{ name }} }} }}", {}),
    ("{{ beneficiaries(after: 'MTIz') {{ nodes {{ name }} }} }}", {}),
    ("{{ beneficiaries(where: {{idNumberHash: {{eq: 'x'}}}}) {{ totalCount }} }}", {}),
    ("{{ beneficiaries(where: {{divisionCode: {{within: 'x'}}}}) {{ totalCount }} }}", {}),
    ("{{ beneficiaries(orderBy: {{name: ASC, birthOn: ASC}}) {{ totalCount }} }}", {}),
    ("{{ beneficiaries(orderBy: {{address: ASC}}) {{ totalCount }} }}", {}),
    ("{{ quarantinedRows {{ nodes {{ raw }} }} }}", {}),
    ("{{ sources {{ nodes {{ code }} }} }}", {}),
    ("query($w: BeneficiaryWhere) {{ beneficiaries(where: $w) {{ totalCount }} }}", {"w": {"id": 7}}),
    ("query($w: BeneficiaryWhere) {{ beneficiaries(where: $w) {{ totalCount }} }}", {"w": [[]]}),
)


@pytest.mark.parametrize(("template", "variables"), BAD)
async def test_errors_name_nobody(
    filled: Filled, ids: dict[str, set[str]], template: str, variables: Where
) -> None:
    """Asked with the id of somebody whom another contractor looks after."""
    own = await filled.hub.everything(
        "contractor-xingyan", page_of("beneficiaries", asked("id")), "beneficiaries"
    )
    person = sorted(ids["Beneficiary"] - {node["id"] for node in own["nodes"]})[0]
    query = template.format(person=f'"{person}"').replace("'", '"')
    answer = await filled.hub.post("contractor-xingyan", query, variables)
    body = orjson.loads(answer.content)
    assert body["errors"]
    assert not any((body.get("data") or {}).values())
    for error in body["errors"]:
        assert error["extensions"]["code"] in {
            "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "BAD_ARGUMENT", "BAD_CURSOR",
        }  # fmt: skip
        assert "Did you mean" not in error["message"]
    assert not [name for name in all_names(filled) if name in answer.text]


def all_names(filled: Filled) -> Iterator[str]:
    for thing in filled.truth.people:
        yield thing.fact.name
        if thing.fact.guardian:
            yield thing.fact.guardian.name


@pytest.mark.parametrize("who", ["contractor-licheng", "contractor-xingyan", "contractor-citong"])
@pytest.mark.parametrize(
    "day",
    [TODAY - dt.timedelta(1), TODAY + dt.timedelta(30), dt.date(2026, 12, 31), dt.date(2027, 1, 1)],
)
async def test_a_contract_opens_and_closes_with_its_days(filled: Filled, who: str, day: dt.date) -> None:
    eyes = filled.eyes(who)
    filled.hub.clock.day = day
    try:
        for kind in ("Station", "Beneficiary", "Household", "Assignment", "Visit"):
            fields = asked({"Assignment": "startsOn", "Visit": "visitedOn"}.get(kind, "divisionCode"))
            answer = await filled.hub.everything(who, page_of(ROOTS[kind], fields), ROOTS[kind])
            same(unordered(answer), unordered(eyes.page(kind, fields)))
            if day.year == 2027:
                assert answer["totalCount"] == 0
    finally:
        filled.hub.clock.day = TODAY
