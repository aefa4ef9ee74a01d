"""Who may be one person: compares those who are new or have changed with those they could be taken for.

One round of a county holds it, as a run does, and is skipped while a run merges. What was compared of whom is
kept (``identity_checked``), so a round looks up the few who share a key with somebody that changed, and never
all with all. What it finds is a question (``identity_review``), or a link where the rule is sure. A pair that
was decided comes back only when what was compared of one of the two has changed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import asyncpg
import structlog

from hub.domain.likeness import File, Likeness, compare, file_of, found_by, named, sounds
from hub.domain.pinyin import Reading, asked
from hub.store.database import Connection, Database
from hub.store.linking import regroup
from hub.store.listener import CHANGES
from hub.store.rounds import rounds
from hub.sync import alike_asked as q
from hub.sync.derived import READINGS

log = structlog.get_logger("hub.sync")

AT_ONCE: Final = 5_000
MOST: Final = 5
"""Questions about one file at a time, the likeliest."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """From which probability on two files are linked, and from which somebody is asked."""

    link_at: float
    review_at: float


class Found(NamedTuple):
    """What a round did: files compared anew, pairs judged, questions and links made."""

    compared: int = 0
    judged: int = 0
    asked: int = 0
    linked: int = 0


async def compare_all(database: Database, rule: Rule) -> Found:
    """A round of every county that has a source, each in a transaction of its own; one that fails is told."""
    found = [Found()]
    for (county,) in await database.owner.fetch(q.COUNTIES):
        try:
            found.append(await compare_county(database, str(county), rule))
        except asyncpg.PostgresError as error:
            log.warning("people_not_compared", code=county, kind=type(error).__name__)
    return Found(*map(sum, zip(*found, strict=True)))


async def compare_until(database: Database, rule: Rule, every: float, stop: asyncio.Event) -> None:
    async def look() -> None:
        found = await compare_all(database, rule)
        if found.compared:
            log.info("people_compared", **found._asdict())

    await rounds(look, stop, every, log, "people_not_compared")


async def compare_county(database: Database, county: str, rule: Rule) -> Found:
    connection = await database.connect()
    try:
        async with connection.transaction():
            if not await connection.fetchval(q.HOLD, county):
                return Found()
            return await _Round(connection, county, rule).run()
    finally:
        await connection.close()


class _Round:
    def __init__(self, connection: Any, county: str, rule: Rule) -> None:
        self._connection: Connection = connection
        self._county, self._rule = county, rule
        self._known: dict[str, Reading] = {}
        self._missing: set[str] = set()

    async def run(self) -> Found:
        await self._connection.execute(q.SESSION)
        await self._doubt()
        await self._connection.execute(q.FORGET, self._county)
        compared = await self._note_changed()
        if not compared:
            return Found()
        pairs = await self._pairs()
        verdicts = await self._judge(pairs)
        made = await self._settle(verdicts)
        return Found(compared, len(pairs), *made)

    async def _doubt(self) -> None:
        rows = await self._connection.fetch(q.DOUBTED, self._county)
        pairs = [(row["first_id"], row["second_id"]) for row in rows]
        stands = [row["id"] for row in await self._connection.fetch(q.STANDS, self._county)]
        if pairs:
            await self._connection.execute(q.PART, self._county, *_columns(pairs))
        if pairs or stands:
            await self._regroup({*stands, *(one for pair in pairs for one in pair)})

    async def _note_changed(self) -> int:
        await self._connection.execute(q.STAGED)
        count = 0
        rows = await self._connection.cursor(q.CHANGED, self._county)
        while portion := await rows.fetch(AT_ONCE):
            count += len(portion)
            records = [
                (row["id"], row["compared"], found_by(file), file.numbered)
                for row, file in zip(portion, await self._files(portion), strict=True)
            ]
            columns = ("beneficiary_id", "compared", "found_by", "numbered")
            await self._connection.copy_records_to_table("alike", columns=columns, records=records)
        if count:
            await self._connection.execute(q.KEEP, self._county)
            await self._connection.execute("analyze alike")
        return count

    async def _pairs(self) -> list[Pair]:
        found = {
            (row["first"], row["second"])
            for query in (q.NEW, q.ARRIVED, q.TWICE)
            for row in await self._connection.fetch(query, self._county)
        }
        return sorted(found)

    async def _judge(self, pairs: Sequence[Pair]) -> list[Verdict]:
        ids = sorted({one for pair in pairs for one in pair})
        rows = await self._connection.fetch(q.FILES, self._county, ids)
        files = {file.id: file for file in await self._files(rows)}
        prints = {row["id"]: row["compared"] for row in rows}
        heard = sorted({key for file in files.values() for key in sounds(file)})
        people = await self._connection.fetchval(q.PEOPLE, self._county)
        alike = {
            row["key"]: row["people"] for row in await self._connection.fetch(q.ALIKE, self._county, heard)
        }
        verdicts = []
        for first, second in pairs:
            one, other = files[first], files[second]
            shared = max((alike[key] for key in sounds(one)), default=0)
            found = compare(one, other, people, shared)
            verdicts.append(Verdict(one, other, found, prints[first], prints[second]))
        return verdicts

    async def _settle(self, verdicts: Sequence[Verdict]) -> tuple[int, int]:
        held = await self._connection.fetch(
            q.KNOWN, self._county, *_columns([verdict.pair for verdict in verdicts])
        )
        known = {(row["first_id"], row["second_id"]): row for row in held}
        open_ = [verdict for verdict in verdicts if not verdict.is_decided(known.get(verdict.pair))]
        told_apart = {pair for pair, row in known.items() if row["told_apart"]}
        told = _status(open_, self._rule, await self._as_likely(open_), told_apart)
        await self._connection.execute(q.DROP, self._county, *_columns(told))
        asked = [
            (
                self._county, *verdict.pair, told[verdict.pair], round(verdict.found.probability, 3),
                verdict.found.reasons(), verdict.first_print, verdict.second_print,
            )
            for verdict in open_ if verdict.pair in told
        ]  # fmt: skip
        await self._connection.executemany(q.ASK, asked)
        linked = [pair for pair, status in told.items() if status == "LINKED"]
        if linked:
            await self._regroup({one for pair in linked for one in pair})
        return len(told) - len(linked), len(linked)

    async def _as_likely(self, verdicts: Sequence[Verdict]) -> list[Pair]:
        """Questions that wait about one of them and are as sure: each was judged in a round before."""
        ids = sorted({one for verdict in verdicts for one in verdict.pair})
        rows = await self._connection.fetch(q.AS_LIKELY, self._county, ids, self._rule.link_at)
        return [(row["first_id"], row["second_id"]) for row in rows]

    async def _regroup(self, ids: Iterable[int]) -> None:
        await regroup(self._connection, self._county, ids)
        await self._connection.execute("select pg_notify($1, 'linked')", CHANGES)

    async def _files(self, rows: Sequence[Any]) -> list[File]:
        plain = [named(row["name"]) or "" for row in rows]
        wanted = {each for name in plain for each in asked(name)} - self._known.keys() - self._missing
        found = await self._connection.fetch(READINGS, wanted)
        self._known |= {c: Reading(usual, surname) for c, usual, surname in found}
        self._missing |= wanted - self._known.keys()
        return [file_of(row["id"], row, row["numbered"], self._known) for row in rows]


class Verdict(NamedTuple):
    first: File
    second: File
    found: Likeness
    first_print: bytes
    second_print: bytes

    @property
    def pair(self) -> Pair:
        return self.first.id, self.second.id

    def is_decided(self, row: Any) -> bool:
        """As two, by somebody who knew what is known now."""
        prints = self.first_print, self.second_print
        return (
            row is not None
            and row["status"] != "PENDING"
            and (row["first_print"], row["second_print"]) == prints
        )


def _status(
    verdicts: Sequence[Verdict], rule: Rule, as_likely: Iterable[Pair], told_apart: Collection[Pair]
) -> dict[Pair, str]:
    """A file without a number is linked where only one other is likely enough; of two numbers nothing is, and
    whom somebody has told apart is only asked about."""
    sure: dict[int, set[int]] = defaultdict(set)
    rank: dict[int, int] = defaultdict(int)
    told: dict[Pair, str] = {}
    likely = [v for v in verdicts if v.found.probability >= rule.review_at]
    judged = {verdict.pair for verdict in verdicts}
    known = [pair for pair in as_likely if pair not in judged]
    for first, second in [*known, *(v.pair for v in likely if v.found.probability >= rule.link_at)]:
        sure[first].add(second)
        sure[second].add(first)
    for verdict in sorted(likely, key=lambda v: -v.found.probability):
        if verdict.pair not in told_apart and _is_sure(verdict, sure, rule):
            told[verdict.pair] = "LINKED"
        elif all(rank[one.id] < MOST for one in (verdict.first, verdict.second) if not one.numbered):
            told[verdict.pair] = "PENDING"
        for one in verdict.pair:
            rank[one] += 1
    return told


def _is_sure(verdict: Verdict, sure: Mapping[int, set[int]], rule: Rule) -> bool:
    unnumbered = [one.id for one in (verdict.first, verdict.second) if not one.numbered]
    return (
        verdict.found.probability >= rule.link_at < 1
        and verdict.found.rests_on_name
        and not verdict.found.contradicted
        and bool(unnumbered)
        and all(len(sure[one]) == 1 for one in unnumbered)
    )


def _columns(pairs: Iterable[Pair]) -> tuple[list[int], list[int]]:
    listed = list(pairs)
    return [first for first, _ in listed], [second for _, second in listed]
