"""养老服务 by file drops: assessments under two standards, and subsidies."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.emulators.drop import LEVELS, Cells
from connectors.emulators.model import Person
from hub.domain.vocabulary import AbilityLevel, AbilityStandard
from tests.connectors.dropping import Dropping, dropping, everybody
from tests.connectors.hub_of import TODAY

GB, MZ = AbilityStandard.GB_T_42195_2022, AbilityStandard.MZ_T_039_2013
LEVEL = "select id_number, ability_level, ability_standard from beneficiary where ability_level is not null"


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return everybody()


@pytest.fixture(scope="module")
async def shared(people: list[Person], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dropping]:
    folder = tmp_path_factory.mktemp("drops") / "in"
    async with dropping("elderly-care", folder, people) as there:
        there.day = TODAY
        yield there


@pytest.fixture
async def there(shared: Dropping) -> Dropping:
    shared.drops.publish("能力评估", shared.tomorrow())
    shared.drops.publish("养老补贴", shared.day)
    await shared.sync()
    assert await shared.standing() == shared.truth("养老补贴")
    assert await shared.hub.reasons() == {}
    return shared


async def levels(there: Dropping) -> dict[str, tuple[str, str]]:
    rows = await there.hub.database.owner.fetch(LEVEL)
    return {there.hub.vault.open(r["id_number"]): (r["ability_level"], r["ability_standard"]) for r in rows}


def assessment(row: Cells, day: str, level: str, standard: str, number: str = "NP9") -> Cells:
    return {**row, "评估编号": number, "评估日期": day, "评估等级": level, "评估标准": standard}


async def test_levels_and_standards_are_those_of_the_truth(there: Dropping, people: list[Person]) -> None:
    assert await levels(there) == {
        p.id_number: (p.ability_level, p.ability_standard)
        for p in people
        if p.id_number and p.ability_level and p.ability_standard and p.dossier_opened_on
    }
    assert {standard for _, standard in (await levels(there)).values()} == {GB, MZ}
    told = await there.hub.database.owner.fetch("select distinct kind, standard, result from assessment")
    assert {row["kind"] for row in told} == {"ELDER_ABILITY"}
    assert {row["standard"] for row in told} == {GB.zh, MZ.zh}
    assert {row["result"] for row in told} == {level.zh for level in AbilityLevel}
    assert not any(row["standard"] == MZ.zh and row["result"] == AbilityLevel.COMPLETE.zh for row in told)
    again = await there.sync()
    assert (again.read, again.changed) == (0, 0)


async def test_the_newest_assessment_stands_with_its_own_standard(there: Dropping) -> None:
    rows = there.drops.rows("能力评估")
    number = rows[0]["身份证号"]
    new = assessment(rows[0], there.day.isoformat(), "4", "GB/T 42195-2022", "NP8")
    old = assessment(rows[0], "2012-03-01", "3", "MZ/T 039", "NP9")
    there.drops.publish("能力评估", there.tomorrow(), [*rows, new, old])
    await there.sync()
    assert (await levels(there))[number] == ("COMPLETE", GB)
    assert await there.hub.one("select count(*) from assessment") == len(rows) + 2
    there.drops.change("能力评估", there.tomorrow(), [("U", {**new, "评估等级": "2"})])
    await there.sync()
    assert (await levels(there))[number] == ("MODERATE", GB)
    there.drops.change("能力评估", there.tomorrow(), [("D", {**new, "评估等级": "2"})])
    await there.sync()
    assert (await levels(there))[number][0] == LEVELS[int(rows[0]["评估等级"])]
    there.drops.publish("能力评估", there.tomorrow(), [*rows, new])  # it was there all the same
    await there.sync()
    assert (await levels(there))[number] == ("COMPLETE", GB)
    assert await there.hub.one("select count(*) from assessment") == len(rows) + 1


async def test_a_list_that_is_replaced_on_its_day(there: Dropping) -> None:
    rows = there.drops.rows("能力评估")
    for level in ("1", "2", "1"):
        row = assessment(rows[0], rows[0]["评估日期"], level, "2", rows[0]["评估编号"])
        there.drops.publish("能力评估", there.day, [row, *rows[1:]])
        await there.sync()
        assert (await levels(there))[row["身份证号"]] == (LEVELS[int(level)], GB)


@pytest.mark.parametrize(
    ("level", "standard", "code"),
    [
        ("4", "1", "CODE_UNKNOWN"),
        ("完全失能", "MZ/T 039-2013", "CODE_UNKNOWN"),
        ("5", "2", "CODE_UNKNOWN"),
        ("2", "", "REQUIRED"),
        ("", "2", "REQUIRED"),
    ],
)
async def test_a_level_is_one_of_the_standard_named(
    there: Dropping, level: str, standard: str, code: str
) -> None:
    row = assessment(there.drops.rows("能力评估")[0], there.day.isoformat(), level, standard)
    before = await levels(there)
    path = there.drops.change("能力评估", there.tomorrow(), [("I", row)])
    await there.sync()
    assert (await there.hub.reasons())[path.name] == [code]
    assert await levels(there) == before
    there.drops.publish("能力评估", there.tomorrow())
    await there.sync()


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("x16-standard", "能力评估", "CODE_UNKNOWN"),
        ("x16-code", "养老补贴", "CODE_UNKNOWN"),
        ("x13-missing", "养老补贴", "HEADER_MISSING"),
    ],
)
async def test_what_is_refused_and_mended(there: Dropping, fault: str, kind: str, code: str) -> None:
    assert kind in ("能力评估", "养老补贴")
    before = await there.standing(), await levels(there)
    there.drops.switches.turn_on(fault)
    path = there.drops.publish(kind, there.tomorrow())  # type: ignore[arg-type]
    await there.sync()
    assert there.drops.switches.count(fault) == 1
    assert code in (await there.hub.reasons())[path.name]
    assert (await there.standing(), await levels(there)) == before
    there.drops.publish(kind, there.tomorrow())  # type: ignore[arg-type]
    await there.sync()
    assert await there.hub.reasons() == {}


async def test_subsidies_tell_whom_they_are_for(there: Dropping) -> None:
    rows = await there.hub.database.owner.fetch(
        "select distinct legal_basis, category, monthly_amount::int from category_membership"
    )
    assert {tuple(row) for row in rows} == {
        ("高龄津贴", "ADVANCED_AGE_ELDER", 100),
        ("养老护理补贴", "DISABLED_DEMENTIA_ELDER", 200),
        ("养老服务补贴", "POOR_ELDER", 150),
    }
