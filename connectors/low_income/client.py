"""Reads the list of a month, page by page, until it holds together.

Pages are cut from a list that lives: while they are turned a row may slip from one to the next, so that one
comes twice and another not at all. A reading is whole when every page tells the same total and the rows add
up to it, none twice, or twice in the same place in two readings. A list that is never whole brings what was
seen and withdraws nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import orjson
import structlog

from connectors.low_income.fields import LOW_INCOME, PEOPLE
from connectors.platform import Answer, Clock, Platform
from hub.domain.dates import china_now
from hub.errors import SourceError
from hub.sync.connector import Batch, ListMapping, Place, Row

log = structlog.get_logger("connectors")

BATCH: Final = 2_000
PAGE: Final = 500
READINGS: Final = 3
MOST_PAGES: Final = 2_000

Page = Sequence[str]
"""Each row as text, in one form."""


class LowIncome:
    """低收入人口动态监测: a service of the sharing platform, see ``connectors.platform``."""

    name: Final = "low-income"
    lists: Final[Mapping[str, ListMapping]] = {LOW_INCOME.kind: LOW_INCOME}

    def __init__(self, clock: Clock = china_now, wait: float = 0.2, per_second: float = 10.0) -> None:
        self._clock, self._wait, self._per_second = clock, wait, per_second

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """The list of this month, or of the month before while this one's is not there."""
        seen = checkpoint or {}
        async with Platform(place, self._clock, wait=self._wait, per_second=self._per_second) as platform:
            for month in _months(self._clock(), seen.get("month", "")):
                found, is_whole = await _read(platform, place.county_code, month)
                if found:
                    break
            else:
                raise SourceError(
                    "The list of no month is published. An empty list is no statement.",
                    zh="上游尚未发布名单；空名单不作为依据",
                )
        # A list that says what it said says it of the same time, and no row is read again.
        digest = sha256("\n".join(sorted(found)).encode()).hexdigest()
        same = seen.get("list") == digest
        at = dt.datetime.fromisoformat(seen["at"]) if same else self._clock()
        records = [orjson.loads(text) for text in found]
        # Before anything is expected of it: a run that ends for want of a field tells which came instead.
        yield Batch(LOW_INCOME.kind, at, (), header=PEOPLE.header("低收入人口", records))
        rows = _rows(records, month, at, is_whole)
        for start in range(0, len(rows), BATCH):
            yield Batch(LOW_INCOME.kind, at, rows[start : start + BATCH])
        mark = {"month": month, "list": digest, "at": at.isoformat()}
        # Who stays in another class is stated later than what is gone, and so not gone as a person.
        before = at - dt.timedelta(microseconds=1)
        yield Batch(LOW_INCOME.kind, before, (), checkpoint=mark if is_whole else seen or None, ends=is_whole)


def _months(now: dt.datetime, seen: str) -> list[str]:
    """This month and the one before, but none before the month that was ``seen``."""
    this = now.date().replace(day=1)
    before = this - dt.timedelta(days=1)
    return [month for month in (f"{this:%Y-%m}", f"{before:%Y-%m}") if month >= seen]


async def _read(platform: Platform, county: str, month: str) -> tuple[Page, bool]:
    """All rows once, and whether they are all."""
    seen: dict[str, None] = {}
    before: list[Page] = []
    for _ in range(READINGS):
        pages, totals = await _pages(platform, county, month)
        rows = [row for page in pages for row in page]
        distinct = dict.fromkeys(rows)
        if len(totals) == 1 and len(rows) in totals and (len(distinct) == len(rows) or pages == before):
            return list(distinct), True
        before, seen = pages, seen | distinct
    log.warning("list_not_whole", list_kind=LOW_INCOME.kind, count=len(seen))
    return list(seen), False


async def _pages(platform: Platform, county: str, month: str) -> tuple[list[Page], set[int]]:
    pages: list[Page] = []
    totals: set[int] = set()
    total = 1
    while len(pages) * PAGE < total and len(pages) < MOST_PAGES:
        question = {"division": county, "month": month, "page": len(pages) + 1, "size": PAGE}
        answer: Answer = await platform.ask(question)
        total = answer.total
        totals.add(total)
        pages.append([orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() for row in answer.rows])
    return pages, totals


def _rows(records: Sequence[Mapping[str, Any]], month: str, at: dt.datetime, is_whole: bool) -> list[Row]:
    """Rows of ours. Of several readings what came later is the newer."""
    place, step = f"低收入人口 {month}", dt.timedelta(microseconds=0 if is_whole else 1)
    PEOPLE.expect({name for record in records for name in record}, place)
    return [
        PEOPLE.row(record, file=place, number=n, observed_at=at + n * step)
        for n, record in enumerate(records, 1)
    ]
