"""What every connector must stand: lists as hostile as a source can write them, whole and as news.

The client of a connector has its own tests. Here its *declarations* are given to the engine with rows of a
source that tries to break it: nothing may end the run, every row is merged or set aside with a reason, the
same again changes nothing, and no cell reaches a log, a reason or an error.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from connectors import CONNECTORS
from hub.domain.id_number import make_id_number
from hub.settings import Settings
from hub.sync.connector import Batch, From, ListMapping, Place, Reference, Row, Target
from tests.connectors.hub_of import CODE, Filled, hub_of
from tests.support.logs import captured_logs

COUNTY: Final = "450305"
MARKER: Final = "泄露标记Sentinel"
"""Stands in every hostile cell that has room for it."""

HOSTILE: Final = (
    *("", " ", "\x00", f"{MARKER}\x00", "\ud800", "\u202e" + MARKER, "𠮷" + MARKER, "💣" + MARKER),
    *(MARKER * 3000, f"'); drop table beneficiary; -- {MARKER}", f"=cmd|'/C calc'!A0 {MARKER}"),
    *(f"<script>{MARKER}</script>", f"{{{MARKER}}}%s%(a)s$1", "9" * 400, "-1", "1e308", "NaN", "Infinity"),
    *("3000-01", "0000-00-00", "２０２６年１３月", "1900-01-00", "true", "null", "[]", "\r\n\t"),
    *(f"A{MARKER}:B{MARKER}", "4.59999E+17", "459999200001010000"),
)
GOOD: Final = (
    *("450305001001", "450305000000", "2025-03-01", "2026-01", "1", "2", "男", "是", "甲", "350.50"),
    *(make_id_number("459999", dt.date(1950, 1, day), day) for day in range(1, 9)),
    *(f"K{number}" for number in range(6)),
    *("低保", "特困", "孤儿", "01", "10", "100", "13"),
)
ROWS: Final = 150


def headers_of(mapping: ListMapping) -> list[str]:
    """Every header the declarations of a list read."""
    found = dict.fromkeys(mapping.required)
    for target in mapping.targets:
        found |= dict.fromkeys(_of_target(target))
    return list(found)


def _of_target(target: Target) -> Iterator[str]:
    sources = [*target.columns.values(), *(part for part in target.key if isinstance(part, From))]
    if target.each:
        sources.append(target.each[1])
    yield from (source.header for source in sources if isinstance(source, From))
    yield from (spread.header for spread in target.spreads)
    yield from (check.header for check in target.checks)
    yield from (link.header for link in target.links)
    yield from ([target.when] if target.when else [])
    references: Sequence[Reference] = [*target.references.values()]
    yield from (source.header for r in references for by in r.by for source in by.values())


class Hostile:
    """The lists of a connector, of a source that says anything; ``news``: each row has its own time."""

    def __init__(self, lists: Mapping[str, ListMapping], news: bool) -> None:
        self.name = "hostile"
        self.lists = lists
        self.news = news

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        chance = random.Random(7)
        day = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
        for kind, mapping in self.lists.items():
            headers = headers_of(mapping)
            rows = []
            for number in range(ROWS):
                values = {
                    header: chance.choice(HOSTILE if chance.random() < 0.15 else GOOD) for header in headers
                }
                at = day + dt.timedelta(seconds=number % 7) if self.news else None
                rows.append(Row(f"{kind} {number}", "", number, values, values, at))
            gone = chance.sample(rows, 5) if self.news else []
            yield Batch(kind, day, rows, deleted=gone, checkpoint={"at": 1} if self.news else None)


@pytest.fixture(params=sorted(CONNECTORS), scope="module")
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Filled]:
    lists = CONNECTORS[request.param].lists
    both = {"hostile": Hostile(lists, news=False), "hostile-news": Hostile(lists, news=True)}
    async with hub_of(COUNTY, both) as filled:
        await filled.open_stations()
        yield filled


@pytest.mark.parametrize("kind", ["hostile", "hostile-news"])
async def test_nothing_a_source_says_ends_a_run_or_leaks(hub: Filled, kind: str) -> None:
    await hub.database.owner.execute("truncate source cascade")
    await hub.register(kind, "anywhere")
    with captured_logs(Settings()) as lines:
        first = await hub.sync(accept_losses=True)
        state = await hub.state()
        again = await hub.sync(accept_losses=True)
    lists = hub.connectors[kind].lists
    assert first.read >= ROWS * len(lists)
    assert first.accepted + first.quarantined + first.unchanged == first.read
    assert first.quarantined > 0
    assert again.changed == 0, "the same again changes nothing"
    assert await hub.state() == state
    assert MARKER not in lines.text
    said = await hub.database.owner.fetch("select reasons::text, file from quarantined_row")
    assert said
    assert not [row for row in said if MARKER in row["reasons"]]
    assert await hub.one("select count(*) from source where code = $1", CODE) == 1
