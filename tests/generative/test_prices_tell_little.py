"""The price of a request is made of whole tables: how little of others' rows can be told from it."""

from __future__ import annotations

import random
from typing import Final

from benchmarks.read.wild import Wild
from hub.access.viewer import Viewer
from hub.read.leaves import viewer_values
from hub.read.statistics import COUNTY, READ, StatisticsReader
from hub.tables import metadata
from tests.support.costs import price
from tests.support.county import TODAY
from tests.support.reading import (
    CONTRACTOR,
    DONGJIANG,
    QIXING,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
)

ROUNDS: Final = 60
NEIGHBOUR: Final = "450305200000"
"""The other township of the county."""
FAR: Final = "350582001000"
BY_HAND: Final = (
    "{ beneficiaries { totalCount } }",
    f'{{ beneficiaries(where: {{divisionCode: {{eq: "{NEIGHBOUR}"}}}}) {{ totalCount }} }}',
    f'{{ beneficiaries(where: {{divisionCode: {{within: "{QIXING}"}}}}) {{ nodes {{ id }} }} }}',
    f'{{ beneficiaries(where: {{station: {{divisionCode: {{eq: "{NEIGHBOUR}"}}}}}}) {{ totalCount }} }}',
    "{ beneficiaries(where: {riskLevel: {eq: LEVEL_1}}) { nodes { id } } }",
    '{ beneficiaries(where: {search: "王"}) { totalCount } }',
    "{ stations { nodes { beneficiaries { totalCount nodes { id } } } } }",
    "{ visits { totalCount } }",
)
COUNTED: Final = (
    "{ beneficiariesAggregate { count } }",
    "{ beneficiariesAggregate(where: {riskLevel: {eq: LEVEL_1}}) { groups(by: [divisionCode]) { count } } }",
    f'{{ beneficiariesAggregate(where: {{divisionCode: {{eq: "{DONGJIANG}"}}}}) {{ count }} }}',
    "{ membershipsAggregate(where: {category: {eq: DIBAO}}) { count } }",
    "{ divisions { nodes { residentsAggregate { count groups(by: [riskLevel]) { count } } } } }",
)
COUNTING: Final = viewer("agency", QIXING, scopes=["division.rs", "statistics.s"])


async def add_people(world: World, division: str, number: int) -> None:
    """At the township's station, with numbers behind all there are."""
    await world.database.owner.execute(
        """
        insert into beneficiary (county_code, id, name, name_masked, division_code, station_id, risk_level)
        select left($1, 6), before + n, '王' || n, '王*', $1, s.id, 'LEVEL_' || 1 + n % 3
        from generate_series(1, $2::int) n, station s, (select max(id) as before from beneficiary) b
        where s.division_code = $1
        """,
        division,
        number,
    )
    await world.database.owner.execute("analyze")


async def add_visits(world: World, division: str, number: int) -> None:
    """Of one person there, each on a day of its own: no two are of one kind."""
    await world.database.owner.execute(
        """
        insert into visit (county_code, id, beneficiary_id, station_id, visited_on, kind, purpose, source_id,
            record_key, content_hash, observed_at, received_at, run_id)
        select v.county_code, before + n, v.beneficiary_id, v.station_id, date '2000-01-01' + n, v.kind,
            v.purpose, v.source_id, 'more ' || before + n, v.content_hash, v.observed_at, v.received_at,
            v.run_id
        from generate_series(1, $2::int) n, (select max(id) as before from visit) b,
            (select v.* from visit v where v.county_code = left($1, 6) limit 1) v
        """,
        division,
        number,
    )
    await world.database.owner.execute("analyze")


async def prices(world: World, who: Viewer, documents: tuple[str, ...]) -> list[float]:
    known = await StatisticsReader(world.database).newest()
    held = await world.engine.live.of(who.organisation_id, TODAY)
    part = known.part(viewer_values(who, held, TODAY))
    return [price(document, who, known, part) for document in documents]


def at_random(who: Viewer) -> tuple[str, ...]:
    wild = Wild(schema(who), random.Random(who.role))
    return tuple(wild.operation() for _ in range(ROUNDS))


async def test_rows_outside_the_slice_change_no_price_within_a_step() -> None:
    """The township learns nothing of the other one, by no filter; nor does the contractor."""
    async with small_world() as world:
        asked = [
            (TOWNSHIP, (*BY_HAND, *at_random(TOWNSHIP))),
            (CONTRACTOR, (*BY_HAND[4:], *at_random(CONTRACTOR))),
        ]
        await add_people(world, NEIGHBOUR, 600)
        await add_people(world, FAR, 1_500)
        before = [await prices(world, who, documents) for who, documents in asked]
        await add_people(world, NEIGHBOUR, 300)
        await add_people(world, FAR, 400)
        assert [await prices(world, who, documents) for who, documents in asked] == before
        await add_people(world, NEIGHBOUR, 1_500)
        after = [await prices(world, who, documents) for who, documents in asked]
        assert after != before, "the price does not follow the tables any more"


async def test_small_places_cost_the_same() -> None:
    async with small_world() as world:
        await world.database.owner.execute("analyze")
        documents = tuple(d for d in BY_HAND if "stations" not in d)  # whose lists are as long as the longest
        before = await prices(world, TOWNSHIP, documents)
        await add_people(world, NEIGHBOUR, 700)
        assert await prices(world, TOWNSHIP, documents) == before


async def test_kinds_of_a_small_place_cost_the_same() -> None:
    """A county's visits are counted by the tally of all counties."""
    async with small_world() as world:
        bureau = viewer("bureau", QIXING)
        documents = ("{ visits { totalCount } }", "{ beneficiaries { totalCount } }")
        await world.database.owner.execute("analyze")
        before = await prices(world, bureau, documents)
        for number in (60, 120, 240, 400):
            await add_visits(world, FAR, number)
            assert await prices(world, bureau, documents) == before, number


async def test_rows_that_may_be_counted_and_not_seen_have_a_fixed_price() -> None:
    async with small_world() as world:
        asked = (*COUNTED, *at_random(COUNTING))
        await world.database.owner.execute("analyze")
        before = await prices(world, COUNTING, asked)
        await add_people(world, DONGJIANG, 2_000)
        rows = await world.database.owner.fetch(READ, list(metadata.tables), COUNTY)
        assert {row["rows"] for row in rows if row["name"] == "beneficiary"} == {2_060}
        assert await prices(world, COUNTING, asked) == before
