"""What a process does for jobs: claims one, takes steps of it with its client's rights of now, rests between.

A step asks the document once, as a request of the client does: with its limits, half of its budgets, and an
entry in the access log. What a request would be refused for good ends the job, and deletes what it had.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog

from hub.access.viewer import Viewer
from hub.errors import (
    BadArgument,
    Forbidden,
    HubError,
    QuestionsBarred,
    Spent,
    TooDear,
    TooMuch,
    TooOften,
    Unauthenticated,
    Unavailable,
)
from hub.jobs.document import AFTER, FIRST, LINE, PAGE, PERSONS, REFERENCE, REFUSED, Listing, listing_of
from hub.jobs.formats import NDJSON
from hub.jobs.making import REST, Maker, Stopping
from hub.jobs.parts import PERSONS as GIVEN
from hub.jobs.parts import Parts
from hub.jobs.persons import Person, unpacked, variable
from hub.jobs.store import Job, Jobs, Lost
from hub.oauth.acting import acting_for
from hub.read.operation import Invalid
from hub.read.run import Engine
from hub.store.rounds import FAILED, either, pause
from hub.web.limits import MINUTE, Rate, now
from hub.web.questions import counted

log = structlog.get_logger("hub.jobs")

STEP: Final = 1000
"""Persons asked about at once."""
TURN_SECONDS: Final = 10.0
"""Of one job before others have their turn."""
SECONDS: Final = 2.0
"""Between two looks for jobs that are due."""
TIDY_SECONDS: Final = 60.0
FEWER: Final = frozenset({TooMuch.code, TooDear.code})
"""What is too much for one step may fit two."""
JOBS: Final = "jobs:"
"""Before the name of a client: what its jobs ask in a minute, half of what it may, is counted apart too."""
DECISION_SECONDS: Final = 300
"""Between two looks whether somebody has let the client go on."""
WAITS: Final = (5, 30, 120, 600, 1800)
"""Seconds before each further try of a step that the hub could not answer."""


class JobTooLarge(TooMuch):
    """The result of the job is larger than this hub keeps; ask for less."""

    code, zh = "JOB_TOO_LARGE", "任务结果超出本系统保留的上限，请缩小范围"


class Refused(Exception):
    """A step was not answered: with which code, and after how many seconds it might be."""

    def __init__(self, code: str, wait: int | None) -> None:
        super().__init__(code)
        self.code, self.wait = code, wait


@dataclass(slots=True)
class Work:
    """One process's. ``most_rows`` and ``most_bytes``: of the result of one job."""

    engine: Engine
    rate: Rate
    jobs: Jobs
    parts: Parts
    maker: Maker
    most_rows: int
    most_bytes: int
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where there may be something to do at once."""

    # ── the queue ────────────────────────────────────────────────────────────────────────────────────

    async def until(self, stop: asyncio.Event) -> None:
        """One job at a time, until ``stop``; a step under way is finished."""
        tidied = 0.0
        while not stop.is_set():
            job = None
            self.news.clear()
            try:
                if time.monotonic() >= tidied:
                    await self.tidy()
                    tidied = time.monotonic() + TIDY_SECONDS
                job = await self.jobs.claim()
                if job is not None:
                    await self.turn(job, stop)
            except (*FAILED, HubError) as error:  # a lease ends by itself
                log.warning("jobs_waiting", kind=type(error).__name__)
            except Exception as error:
                log.exception("job_failed", kind=type(error).__name__)
                if job is not None:
                    await self._failed(job)
            if job is None:
                await either(self.news, stop, SECONDS)

    async def _failed(self, job: Job) -> None:
        try:
            await self.jobs.fail(job["id"], HubError.code)
        except (*FAILED, HubError) as error:
            log.warning("jobs_waiting", kind=type(error).__name__)

    async def tidy(self) -> None:
        """Deletes what has expired, and what belongs to a right that has ended."""
        count = await self.jobs.expired()
        for job in await self.jobs.without_contract(self.engine.clock().date()):
            await self.jobs.fail(job, Forbidden.code)
            count += 1
        for kind in await self.jobs.kinds():
            try:
                await acting_for(self.engine.database, kind["client_id"], kind["purpose"], kind["scopes"])
            except (Unauthenticated, Forbidden, BadArgument) as error:  # the last: of a scope of before
                for job in await self.jobs.of_kind(kind):
                    await self.jobs.fail(job, error.code)
                    count += 1
        if count:
            log.info("jobs_ended", count=count)

    # ── one job ──────────────────────────────────────────────────────────────────────────────────────

    async def turn(self, job: Job, stop: asyncio.Event) -> None:
        """As many steps as are fair; what becomes of it is written down."""
        try:
            until = time.monotonic() + TURN_SECONDS
            while time.monotonic() < until and not stop.is_set():
                began = time.monotonic()
                found = await self.step(job, stop)
                if found is None:
                    log.info("job_done", client_id=job["client_id"], rows=job["done"])
                    return None
                job = found
                if job["reason"]:
                    return await self.jobs.later(job, MINUTE - now() % MINUTE, job["reason"])
                await pause(stop, (time.monotonic() - began) * REST)
            await self.jobs.later(job, 0)
        except Stopping:
            await self.jobs.later(job, 0)
        except Lost:
            log.info("job_lost", client_id=job["client_id"])
        except Refused as refused:
            await self._refused(job, refused)
        except Invalid as error:
            await self.jobs.fail(job["id"], error.kind.code)
        except TooOften as error:
            await self.jobs.later(job, error.retry_after or 60, error.code)
        except Unavailable as error:
            await self._refused(job, Refused(error.code, None))
        except HubError as error:
            log.info("job_ended", client_id=job["client_id"], code=error.code)
            await self.jobs.fail(job["id"], error.code)

    async def _refused(self, job: Job, refused: Refused) -> None:
        tries = job["failure_count"]
        if refused.wait is not None:
            await self.jobs.later(job, refused.wait, refused.code)
        elif refused.code == QuestionsBarred.code:
            await self.jobs.later(job, DECISION_SECONDS, refused.code, kept=False)
        elif refused.code in FEWER and (fewer := (job["most"] or STEP) // 2):
            await self.jobs.later({**job, "most": fewer}, 0, refused.code)
        elif refused.code == Unavailable.code and tries < len(WAITS):
            await self.jobs.later({**job, "failure_count": tries + 1}, WAITS[tries], refused.code)
        else:
            log.info("job_ended", client_id=job["client_id"], code=refused.code)
            await self.jobs.fail(job["id"], refused.code)

    async def step(self, job: Job, stop: asyncio.Event) -> Job | None:
        """The job behind it; None where that was the end, and its files are there. Stopping."""
        engine, vault = self.engine, self.engine.vault
        viewer = await acting_for(engine.database, job["client_id"], job["purpose"], job["scopes"])
        document, variables = vault.open(job["document"]), orjson.loads(vault.open(job["variables"]))
        listing = listing_of(engine.operation(viewer, document, None, reading=True))
        at_end = job["done"] >= job["persons"] if listing.of_persons else job["step"] and not job["cursor"]
        if at_end:
            await self.maker.make(job, viewer, listing, document, stop)
            await self.jobs.finish(job)
            return None
        own = viewer.allowance.requests_per_minute
        half = max(1, (self.rate.requests if own is None else own) // 2)
        await self.rate.count(f"{JOBS}{viewer.client_id}", half)
        await self.rate.count(viewer.client_id, own)
        if listing.of_persons:
            return await self._persons(job, viewer, listing, document, variables)
        return await self._page(job, viewer, listing, document, variables)

    async def _persons(
        self, job: Job, viewer: Viewer, listing: Listing, document: str, variables: Mapping[str, Any]
    ) -> Job:
        piece = await self.parts.at(job["id"], GIVEN, job["done"])
        if piece is None:
            raise Lost
        who, minute, day = counted(viewer, self.engine.limits)
        half, begin = max(1, minute // 2), job["done"] - piece.first
        persons = unpacked(piece.data)[begin : begin + max(1, min(STEP, job["most"] or STEP, half, day))]
        await self.rate.count_questions(f"{JOBS}{who}", len(persons), half)
        found, spare = await self._ask(
            viewer, listing, document, {**variables, PERSONS: [variable(each) for each in persons]}
        )
        refused = {each["index"]: each["code"] for each in found["refused"]}
        rows = [
            _row(job["done"] + place, person, item, refused.get(place))
            for place, (person, item) in enumerate(zip(persons, found["items"], strict=True))
        ]
        at_end = job["done"] + len(rows) >= job["persons"]
        return await self._stepped(job, rows, len(refused), None, spare or at_end)

    async def _page(
        self, job: Job, viewer: Viewer, listing: Listing, document: str, variables: Mapping[str, Any]
    ) -> Job:
        rows = min(job["most"] or PAGE, PAGE)
        size = {FIRST: variables.get(FIRST) or rows} if listing.takes_first else {}
        if job["most"] and listing.takes_first:
            size = {FIRST: min(size[FIRST], rows)}
        found, spare = await self._ask(viewer, listing, document, {**variables, **size, AFTER: job["cursor"]})
        page = found["pageInfo"]
        cursor = page["endCursor"] if page["hasNextPage"] else None
        return await self._stepped(job, found["nodes"], 0, cursor, spare or cursor is None)

    async def _ask(
        self, viewer: Viewer, listing: Listing, document: str, variables: Mapping[str, Any]
    ) -> tuple[dict[str, Any], bool]:
        """The list; and whether half of the minute's units are left, for requests."""
        answer = await self.engine.answer(viewer, document, None, variables, reading=True)
        body = orjson.loads(answer.body)
        for error in body.get("errors", ()):
            raise Refused(error["extensions"]["code"], answer.retry_after)
        found: dict[str, Any] | None = body["data"][listing.key]
        if found is None:
            raise BadArgument
        cost = answer.cost
        return found, cost is None or cost.remaining is None or 2 * cost.remaining >= cost.per_minute

    async def _stepped(
        self, job: Job, rows: Sequence[Any], failed: int, cursor: str | None, spare: bool
    ) -> Job:
        """With a reason to wait where nothing is to ``spare`` for more."""
        data = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        if job["done"] + len(rows) > self.most_rows or job["bytes"] + len(data) > self.most_bytes:
            raise JobTooLarge
        place = job["id"], NDJSON, job["step"], job["bytes"]
        part = await self.parts.row(*place, len(data), data) if data else ()
        stepped = await self.jobs.stepped(job, part, len(rows), failed, cursor)
        return {**stepped, "reason": None if spare else Spent.code}


def _row(place: int, person: Person, item: Any, refused: str | None) -> dict[str, Any]:
    """``place``: among all persons, from 0."""
    named = {LINE: place + 1, REFERENCE: person[2], REFUSED: refused}
    return {**named, **{name: value for name, value in (item or {}).items() if name not in named}}
