"""However statements arrive, split, mixed and sent again, the hub ends up saying the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.store.database import Database
from hub.sync.connector import Batch
from tests.store import sync_source as source
from tests.store.sync_source import CHINA, County, batch, dibao, elder, person

PEOPLE = 3
FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking what takes a database takes minutes, and says little more."""

DAYS = [dt.datetime(2026, 1, day, tzinfo=CHINA) for day in range(1, 4)]

Statement = tuple[str, dt.datetime, dict[str, Any]]


def statement(kind: str, at: dt.datetime, number: int, cell: str | None) -> Statement:
    """What a list of a kind and date says of a person is one thing: a list is not published twice."""
    if kind == "dibao":
        return kind, at, dibao(number, "H1", 联系电话=cell, 住址=cell)
    if kind == "elder":
        return kind, at, elder(number, 能力等级=cell, 住址=cell)
    return kind, at, {"身份证号": person(number), "联系电话": cell}


@st.composite
def worlds(draw: st.DrawFn) -> list[Statement]:
    keys = st.tuples(
        st.sampled_from(["dibao", "elder", "phones"]),
        st.sampled_from(DAYS),
        st.integers(1, PEOPLE),
    )
    drawn = draw(st.dictionaries(keys, st.sampled_from([None, "a", "b"]), min_size=1, max_size=10))
    # Everybody is on a full list on the first day; other lists may only add to it.
    full = {("dibao", DAYS[0], number): "a" for number in range(1, PEOPLE + 1)}
    return [statement(kind, at, n, cell) for (kind, at, n), cell in {**full, **drawn}.items()]


@st.composite
def deliveries(draw: st.DrawFn, world: Sequence[Statement]) -> list[list[Batch]]:
    """Runs of batches: every statement at least once, some twice, in any order."""
    again = draw(st.lists(st.sampled_from(world), max_size=4))
    order = draw(st.permutations([*world, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=2)))
    runs = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    # The people themselves come first: a run that only knows telephone numbers founds nobody.
    runs[0] = [*(s for s in world if s[0] == "dibao" and s[1] == DAYS[0]), *runs[0]]
    return [[batch(kind, [cells], at=at, start=n) for n, (kind, at, cells) in enumerate(run)] for run in runs]


async def said(county: County) -> list[Any]:
    """All that the hub says, by names instead of numbers."""
    return [
        await county.all(query)
        for query in (
            "select name, phone, b.address, ability_level, id_number, h.household_number "
            "from beneficiary b join household h on h.id = household_id order by 1",
            "select household_number, address from household h order by 1",
            "select b.name, record_key, category, starts_on, m.observed_at, m.content_hash "
            "from category_membership m join beneficiary b on b.id = beneficiary_id order by 1, 2",
            "select record_key, phone, address, ability_level, observed_at, precedence, content_hash "
            "from beneficiary_record order by 1",
            "select record_key, address, observed_at from household_record order by 1",
        )
    ]


async def deliver(db: Database, runs: Sequence[Sequence[Batch]], *, news: bool = True) -> list[Any]:
    """What is said after all runs, and after one that tells everything again.

    ``news``: the source goes on from a checkpoint, so that nothing but a newer date replaces what it said.
    """
    await source.empty(db)
    county = County(db)
    await county.register()
    for batches in runs:
        await county.sync(*(replace(b, checkpoint={"at": 1} if news else None) for b in batches))
    golden = await said(county)
    again = await county.sync(*[b for batches in runs for b in batches])
    if news:
        assert again.changed == 0
        assert await said(county) == golden
    return await said(county)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=FOUND)
@given(data=st.data())
async def test_order_and_splitting_of_news_do_not_matter(db: Database, data: st.DataObject) -> None:
    world = data.draw(worlds())
    expected = await deliver(db, [[batch(kind, [cells], at=at) for kind, at, cells in world]])
    assert await deliver(db, data.draw(deliveries(world))) == expected


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=FOUND)
@given(data=st.data())
async def test_what_is_said_now_counts_whatever_was_said(db: Database, data: st.DataObject) -> None:
    """A source that is read whole: parts of it first, in any order, then all of it."""
    world = data.draw(worlds())
    expected = await deliver(db, [[batch(kind, [cells], at=at) for kind, at, cells in world]], news=False)
    assert await deliver(db, data.draw(deliveries(world)), news=False) == expected
