"""Two systems of a county speak of the same people by number: who is one in the hub is one in the world."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from connectors.emulators import rosters
from connectors.emulators.faults import apply
from connectors.emulators.identity import REGION
from connectors.emulators.world import build_world
from hub.domain.id_number import make_id_number, parse_id_number
from hub.sync.alike import Rule, compare_county
from hub.sync.run import run_source
from tests.connectors.hub_of import TODAY, hub_of

COUNTY: Final = "450305"
WRITTEN: Final = {
    "x20-fifteen-digits": 40,
    "x21-full-width": 40,
    "x21-spaces": 40,
    "x21-apostrophe": 20,
    "x19-small-x": 10,
    "x25-birth-date": 20,
    "x24-former-name": 20,
}
"""How the second system writes some numbers, and what else it has wrong of people with one."""
SECOND: Final = 3
"""People for whom it has another number: no number tells that they are who they are."""


NUMBERED_PAIRS: Final = """
    select count(*) from identity_review r
        join beneficiary a on a.county_code = r.county_code and a.id = r.first_id
        join beneficiary b on b.county_code = r.county_code and b.id = r.second_id
    where r.status = 'PENDING' and a.id_number_hash is not null and b.id_number_hash is not null"""


def original(number: str) -> str:
    """Of a number assigned anew, the one before; the other way round it is the same."""
    born = parse_id_number(number, today=TODAY).birth_on
    return make_id_number(REGION, born, (int(number[14:17]) + 500) % 1000)


def pairs(counts: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in counts)


async def test_records_with_a_number_find_their_person(tmp_path: Path) -> None:
    world = build_world(seed=3, people=4_000, today=TODAY)
    rosters.publish(world, tmp_path / "upstream")
    own = tmp_path / "upstream" / COUNTY
    other = tmp_path / "other" / COUNTY
    shutil.copytree(own, other)
    harmed = sum(len(apply(fault, other, count).touched) for fault, count in WRITTEN.items())
    changed = len(apply("x23-second-number", other, SECOND).touched)
    person_of = {
        number: key
        for number, keys in rosters.truth(world, COUNTY).people().items()
        for (key,) in [tuple(keys)]
    }
    async with hub_of(COUNTY) as filled:
        for code, folder in (("source-1", own), ("source-2", other)):
            await filled.register("roster", str(folder), code=code)
            await run_source(filled.database, filled.vault, filled.connectors, code, today=TODAY)
        rows = await filled.database.owner.fetch(
            "select entity_id, id_number from beneficiary_record where id_number is not null"
        )
        await compare_county(filled.database, COUNTY, Rule(0.9, 0.1))
        asked = await filled.one(NUMBERED_PAIRS)
    numbers = [filled.vault.open(row["id_number"]) for row in rows]
    people = [person_of.get(number) or person_of[original(number)] for number in numbers]
    entities = [row["entity_id"] for row in rows]
    both = pairs(Counter(zip(people, entities, strict=True)).values())
    precision = both / pairs(Counter(entities).values())
    recall = both / pairs(Counter(people).values())
    assert harmed > 150
    assert changed == SECOND == sum(number not in person_of for number in numbers)
    assert len(rows) > 1_500
    assert precision >= 0.999
    assert 0.98 <= recall < 1
    # Whom two numbers part nobody guesses to be one: the bureau is asked.
    assert asked == SECOND
