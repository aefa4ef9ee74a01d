"""How many persons a client asks about by number, and whether it asks as whoever tries numbers out does.

What a client is told depends on what it asks and on its registration, never on whom the hub knows: of numbers
that are nobody's there is a count, made later, which no answer follows from. Until the day ends the process
remembers what was asked: region and day of birth as a hash that only it can make, and serial numbers. What is
written are counts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from asyncpg import PostgresError

from hub.access.limits import Limits
from hub.access.numbers import Persons, hashes_of_each
from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.errors import AskedForToday, HubError, QuestionsBarred, TooMuch
from hub.store.database import Database
from hub.store.rounds import pause
from hub.tables import LINKABLE, question_day
from hub.web.limits import Rate

log = structlog.get_logger(__name__)

SECONDS: Final = 2.0
"""Between what is counted and what is written; so long may a client ask other processes beyond its day."""
STEMS: Final = 50_000
"""Regions and days of birth one process remembers; the oldest is forgotten first."""
REGION, STEM = 6, 14
"""Characters of a number that are region, and region and day of birth; three of a serial number follow."""
USUAL: Final = 3
"""Times as many as on average may be alike in a list that holds much of a region."""
DAYS: Final = 3650
"""Of birth that such a list spreads over, at least: who tries out a few has next to nothing on average."""
_KEY: Final = "client_id, purpose, day"
_COUNTS: Final = ("questions", "unknown", "most_alike", "most_repeated")
ASKED: Final = f"select purpose, questions from {question_day.name} where client_id = $1 and day = $2"  # noqa: S608
WRITE: Final = f"""
    insert into {question_day.name} as q ({_KEY}, {", ".join(_COUNTS)}) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict ({_KEY}) do update set questions = q.questions + excluded.questions,
        unknown = q.unknown + excluded.unknown, most_alike = greatest(q.most_alike, excluded.most_alike),
        most_repeated = greatest(q.most_repeated, excluded.most_repeated)
    returning questions"""  # noqa: S608 — of names of columns
_HASH: Final = LINKABLE.number[1]
UNKNOWN: Final = f"""
    select count(*) from (select from unnest($1::bytea[], $2::int[]) g(hash, n) group by n
        having not bool_or(exists (select from {LINKABLE.golden.name} b where b.{_HASH} = g.hash)
            or exists (select from {LINKABLE.apart.name} a where a.{_HASH} = g.hash))) nobody"""  # noqa: S608 — the same
BAR: Final = """
    update oauth_client set questions_barred_at = now()
    where client_id = $1 and questions_barred_at is null"""


@dataclass(slots=True)
class Waiting:
    """What is not written yet of a client and purpose. ``asked``: hashes of persons, and how many of each."""

    questions: int = 0
    most_alike: int = 0
    most_repeated: int = 0
    asked: list[tuple[Sequence[bytes], int]] = field(default_factory=list)


def counted(viewer: Viewer, limits: Limits) -> tuple[str, int, int]:
    """Under which name its persons are counted, the client's own or that of a purpose with limits of its own;
    and how many it may ask about in a minute, and in a day."""
    who, (minute, day), purpose = viewer.client_id, limits.questions_of(viewer.allowance), viewer.stated
    if purpose is None or purpose.questions_per_minute is None:
        return who, minute, day
    return f"{who} {purpose.code}", purpose.questions_per_minute, purpose.questions_per_day or day


@dataclass(slots=True)
class Region:
    """How many numbers of it a client asked about, and of how many days of birth."""

    numbers: int = 0
    days: int = 0

    @property
    def usual(self) -> float:
        """So many of one day are no sign of anything."""
        return USUAL * self.numbers / max(self.days, DAYS)


@dataclass(slots=True)
class Questions:
    """One process's. ``alike``: different numbers of one region and day of birth that may be asked about,
    beside what is usual among so many of the region."""

    database: Database
    rate: Rate
    limits: Limits
    alike: int
    clock: Callable[[], dt.datetime]
    day: dt.date | None = None
    asked: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of the day, by client and purpose, as it was written last."""
    waiting: defaultdict[tuple[str, str, dt.date], Waiting] = field(
        default_factory=lambda: defaultdict(Waiting)
    )
    stems: OrderedDict[tuple[str, int], dict[str, int]] = field(default_factory=OrderedDict)
    """How often each serial number was asked about, by client and hash of what stands before it."""
    regions: defaultdict[tuple[str, str], Region] = field(default_factory=lambda: defaultdict(Region))
    """By client and region."""
    barred: dict[str, float] = field(default_factory=dict)
    """Clients barred here, until their registration says so everywhere."""

    async def count(self, viewer: Viewer, number: int, persons: Iterable[Persons]) -> None:
        """QuestionsBarred, or TooMuch, AskedForToday or TooOften, which leave what they refuse uncounted."""
        client = viewer.client_id
        if viewer.is_barred or self.barred.get(client, 0) > time.monotonic():
            raise QuestionsBarred
        day = self._today()
        who, minute, most = counted(viewer, self.limits)
        fits = min(minute, most)
        if number > fits:
            raise TooMuch(f"Expected at most {fits} persons in a request.", zh=f"每次请求至多查询 {fits} 人")
        code = viewer.purpose or ""
        if await self._today_of(viewer, None if who == client else code, day) + number > most:
            raise self._tomorrow()
        await self.rate.count_questions(who, number, minute)
        waiting = self.waiting[client, code, day]
        waiting.questions += number
        alike = [self._alike(client, each, waiting) for each in persons]
        if any(alike):
            self.barred[client] = time.monotonic() + 3 * SECONDS
            await self.database.fetch(BAR, client)
            log.warning("questions_barred", client_id=client)
            raise QuestionsBarred

    def _today(self) -> dt.date:
        day = self.clock().astimezone(CHINA).date()
        if day != self.day:
            self.day = day
            self.asked.clear()
            self.stems.clear()
            self.regions.clear()
        return day

    def _tomorrow(self) -> AskedForToday:
        now, error = self.clock().astimezone(CHINA), AskedForToday()
        midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), CHINA)
        error.details["retryAfter"] = max(1, int((midnight - now).total_seconds()))
        return error

    async def _today_of(self, viewer: Viewer, apart: str | None, day: dt.date) -> int:
        """What was asked for one purpose that counts ``apart``, or for all that do not."""
        client = viewer.client_id
        if client not in self.asked:
            rows = await self.database.fetch(ASKED, client, day)
            self.asked.setdefault(client, {row["purpose"]: row["questions"] for row in rows})
        others = {p.code for p in viewer.granted.live if p.questions_per_minute is not None}
        counted = [(code, n) for code, n in self.asked[client].items()]
        counted += [(key[1], w.questions) for key, w in self.waiting.items() if key[0::2] == (client, day)]
        return sum(n for code, n in counted if (code == apart if apart is not None else code not in others))

    def _alike(self, client: str, persons: Persons, waiting: Waiting) -> bool:
        """Whether more numbers are alike now than may be."""
        found, stems, most, most_times = False, self.stems, 0, 0
        numbers, hashes = persons
        for number in numbers:  # ten thousand of them, in one answer
            key = client, hash(number[:STEM])  # of which every process has its own key
            serials = stems.get(key)
            if serials is None:
                if len(stems) >= STEMS:
                    stems.popitem(last=False)
                serials = stems[key] = {}
                self.regions[client, number[:REGION]].days += 1
            serial = number[STEM:]
            times = serials[serial] = serials.get(serial, 0) + 1
            count = len(serials)
            if times == 1:
                region = self.regions[client, number[:REGION]]
                region.numbers += 1
                # Again and again as many: who was let go on may try no more than before.
                found |= count % self.alike == 1 and count > self.alike + region.usual
            if count > most:
                most = count
            if times > most_times:
                most_times = times
        waiting.most_alike = max(waiting.most_alike, most)
        waiting.most_repeated = max(waiting.most_repeated, most_times)
        waiting.asked.append((hashes, hashes_of_each(persons)))
        return found

    async def until(self, stop: asyncio.Event) -> None:
        """Write every ``SECONDS``, and a last time at the end."""
        stopped = False
        while not stopped:
            await pause(stop, SECONDS)
            stopped = stop.is_set()
            await self.write()

    async def write(self) -> None:
        """What waits; what could not be written waits on."""
        for key, waiting in list(self.waiting.items()):
            del self.waiting[key]
            try:
                await self._write(key, waiting)
            except (HubError, PostgresError) as error:
                self._again(key, waiting)
                log.warning("questions_not_counted", kind=type(error).__name__)

    async def _write(self, key: tuple[str, str, dt.date], waiting: Waiting) -> None:
        client, code, day = key
        known = self.asked.setdefault(client, {}) if day == self.day else {}
        known[code] = known.get(code, 0) + waiting.questions  # counted while it is being written
        hashes: list[bytes] = []
        owners: list[int] = []
        for some, each in waiting.asked:
            owners += [len(hashes) + place // each * each for place in range(len(some))]
            hashes += some
        unknown = (await self.database.fetch(UNKNOWN, hashes, owners))[0][0] if hashes else 0
        counts = waiting.questions, unknown, waiting.most_alike, waiting.most_repeated
        [row] = await self.database.fetch(WRITE, *key, *counts)
        known[code] = row["questions"]

    def _again(self, key: tuple[str, str, dt.date], waiting: Waiting) -> None:
        known = self.asked.get(key[0], {}) if key[2] == self.day else {}
        if key[1] in known:
            known[key[1]] -= waiting.questions
        newer = self.waiting[key]
        newer.questions += waiting.questions
        newer.most_alike = max(newer.most_alike, waiting.most_alike)
        newer.most_repeated = max(newer.most_repeated, waiting.most_repeated)
        newer.asked += waiting.asked
