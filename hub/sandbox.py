"""The sandbox of a running demo: faults of upstream systems are turned on, and seen in what the hub shows.

Served on loopback for whoever may read ``sandbox.json`` in the directory of the demo. A fault is done, the
source is read at once, and the answer puts side by side how often it happened and what the hub then showed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import CONNECTORS
from connectors.emulators.catalogue import Fault
from connectors.emulators.running import Running
from connectors.emulators.web import served
from hub.compliance.following import look
from hub.domain.dates import china_now
from hub.errors import BadArgument, Conflict, HubError, NotFound, Unauthenticated, Unavailable
from hub.exercise.changing import change
from hub.exercise.changing import told as changed
from hub.exercise.table import table, told
from hub.exercise.writing import Ids
from hub.personas import write_private
from hub.stand import Stand
from hub.store.database import Database
from hub.store.vault import Vault
from hub.sync.history import explain
from hub.sync.run import run_source

FILE: Final = "sandbox.json"
PATIENCE: Final = 20.0
"""Seconds an answer waits for the run; one that asks about a thousand people takes longer."""

REFUSED: Final = """
    select s.code, count(q.id) filter (where q.resolved_at is null) as refused,
        count(q.id) filter (where q.resolved_at is not null) as mended
    from source s left join quarantined_row q on q.source_id = s.id group by s.code"""
RUNS: Final = """
    select s.code, s.name, count(r.id) as runs, count(r.id) filter (where r.status = 'FAILED') as failed,
        coalesce((array_agg(r.error order by r.id desc))[1], '') as error
    from source s left join sync_run r on r.source_id = s.id group by s.code, s.name"""
CODES: Final = """
    select reason.given, count(*) from quarantined_row q join source s on s.id = q.source_id,
        unnest(q.reason_codes) reason (given)
    where s.code = $1 and q.resolved_at is null group by 1"""
DUE: Final = "update source set last_run_at = null, retry_at = now() where code = $1"


@dataclass(slots=True)
class Clock:
    """Tells the time in China, on another day where one was set.

    By it the hub judges, shows and writes. Tokens, runs of sources, what each day brings keep the true day.
    """

    day: dt.date | None = None

    def __call__(self) -> dt.datetime:
        now = china_now()
        return now if self.day is None else dt.datetime.combine(self.day, now.timetz())


@dataclass(slots=True)
class Sandbox:
    """``keep``: writes down the days that the systems have told, and the day the clock was set to."""

    stand: Stand
    database: Database
    vault: Vault
    keep: Callable[[], None]
    clock: Clock = field(default_factory=Clock)
    exercise: Ids = field(default_factory=dict)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _runs: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/state", self._opened(self._state)),
                Route("/fault", self._opened(self._fault), methods=["POST"]),
                Route("/day", self._opened(self._day), methods=["POST"]),
                Route("/clock", self._opened(self._clock), methods=["POST"]),
                Route("/rules", self._opened(self._rules), methods=["POST"]),
                Route("/change", self._opened(self._change), methods=["POST"]),
            ]
        )

    def _opened(self, answer: Callable[[Mapping[str, Any]], Any]) -> Callable[[Request], Any]:
        async def opened(request: Request) -> Response:
            try:
                shown = request.headers.get("authorization", "").removeprefix("Bearer ")
                if not hmac.compare_digest(shown.encode(), self.secret.encode()):
                    raise Unauthenticated
                asked = orjson.loads(await request.body() or b"{}")
                return Response(orjson.dumps(await answer(asked)), media_type="application/json")
            except HubError as error:
                return JSONResponse({"code": error.code, "message": error.message}, error.status)

        return opened

    # --- what can be asked ---------------------------------------------------------------------

    async def _state(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        refused = {row["code"]: row for row in await self.database.owner.fetch(REFUSED)}
        runs = {row["code"]: row for row in await self.database.owner.fetch(RUNS)}
        return {
            "days": len(self.stand.times) - 1,
            "clock": self.clock.day,
            "sources": [
                {
                    "code": code,
                    "name": runs[code]["name"],
                    "runs": runs[code]["runs"],
                    "failed": runs[code]["failed"],
                    "error": runs[code]["error"],
                    "refused": refused[code]["refused"],
                    "mended": refused[code]["mended"],
                    "faults": _faults(running),
                }
                for code, running in self.stand.running.items()
                if code in runs
            ],
        }

    async def _fault(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        code, fault = self._find(str(asked["name"]), asked.get("source"))
        running, times = self.stand.running[code], int(asked.get("times", 1))
        before = running.switches.count(fault.name)
        if asked.get("off"):
            await self.stand.mend(code, fault.name)
        elif running.strike is None or fault.system == "web":
            running.switches.turn_on(fault.name, times)
        else:
            await self._strike(running, fault, times)
        run = await self._run(code, anew=running.asked_once)
        return {
            "source": code,
            "fault": {"name": fault.name, "en": fault.words.en, "zh": fault.words.zh, "then": fault.outcome},
            "happened": running.switches.count(fault.name) - before,
            "left": running.switches.left(fault.name),
            "run": run,
            "refused": await self._refused(code),
        }

    async def _day(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        number = await self.stand.next_day(china_now())
        self.keep()
        codes = [system.code for system in self.stand.systems if system.code in self.stand.running]
        for code in codes:
            await self.stand.running[code].tend()
        anew = [self.stand.running[code].asked_once for code in codes]
        runs = await asyncio.gather(*(self._run(c, anew=a) for c, a in zip(codes, anew, strict=True)))
        return {"day": number, "runs": dict(zip(codes, runs, strict=True))}

    async def _clock(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """To a day, or back to the true one; every county is judged anew before the answer."""
        day, today = asked.get("day"), china_now().date()
        if day is not None and dt.date.fromisoformat(day) > today:
            raise BadArgument(f"Expected a day that has come: {today} at the latest.")
        self.clock.day = None if day is None else dt.date.fromisoformat(day)
        self.keep()
        now = self.clock().date()
        await look(self.database, now)
        return {"day": now.isoformat(), "is_set": day is not None}

    async def _rules(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Of each bound who meets it and who does not; ``rule``, ``day``: of that, on that day alone."""
        key, on = asked.get("rule"), asked.get("day")
        keys = None if key is None else [key]
        day = None if on is None else dt.date.fromisoformat(on)
        lines = await table(self.database.fetch, self.exercise, keys, day)
        if not lines:
            raise NotFound(f"No bound of a rule {key} is decided.")
        return [told(line) for line in lines]

    async def _change(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Of one fact of the exercise, and which verdicts turn; as it was afterwards, unless ``keep``."""
        name, values, keep = str(asked["row"]), asked["values"], bool(asked["keep"])
        flips = await change(self.database, self.exercise, name, values, keep=keep)
        return [changed(flip) for flip in flips]

    # --- how it is done --------------------------------------------------------------------------

    def _find(self, name: str, source: str | None) -> tuple[str, Fault]:
        """BadArgument where several systems can have it and none is named."""
        found = {
            code: fault
            for code, running in self.stand.running.items()
            for fault in running.faults()
            if fault.name == name and source in (None, code)
        }
        if source is not None and source not in self.stand.running:
            raise NotFound(f"No system {source} runs; there are: {', '.join(self.stand.running)}.")
        if not found and source is not None:
            raise NotFound(
                f"{source} cannot have a fault {name}; hub sandbox list --source {source} shows its own."
            )
        if not found:
            raise NotFound(f"No running system has a fault {name}; hub sandbox list shows them.")
        if len(found) > 1:
            raise BadArgument(f"Say which with --source: {', '.join(found)}.")
        return next(iter(found.items()))

    async def _strike(self, running: Running, fault: Fault, times: int) -> None:
        assert running.strike is not None
        try:
            for _ in range(times):
                await running.strike(fault.name)
        except Exception as error:
            # Whatever a server says to a second renaming of its table.
            raise Conflict(
                f"The system offers no place for {fault.name} now ({type(error).__name__}); --off mends it."
            ) from None

    async def _run(self, code: str, *, anew: bool = False) -> dict[str, Any]:
        """What a run now makes of it; one that takes long goes on by itself."""
        task = asyncio.create_task(self._synced(code, anew=anew))
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return task.result() if done else {"status": "RUNNING"}

    async def _synced(self, code: str, *, anew: bool) -> dict[str, Any]:
        today = china_now().date()
        try:
            report = await run_source(self.database, self.vault, CONNECTORS, code, today=today, anew=anew)
        except Unavailable:
            await self.database.owner.execute(DUE, code)
            return {"status": "WAITING"}
        except Exception as error:
            # Whatever ended it, its sentence tells of nobody, and the worker reads the source again.
            return {"status": "FAILED", "error": explain(error)}
        return {
            "status": report.status,
            "read": report.read,
            "accepted": report.accepted,
            "quarantined": report.quarantined,
            "changed": report.changed,
            "withdrawn": report.withdrawn,
        }

    async def _refused(self, code: str) -> dict[str, int]:
        """Open entries of the quarantine by reason."""
        return {row["given"]: row["count"] for row in await self.database.owner.fetch(CODES, code)}


def _faults(running: Running) -> list[dict[str, Any]]:
    switches = running.switches
    return [
        {
            "name": fault.name,
            "en": fault.words.en,
            "zh": fault.words.zh,
            "then": fault.outcome,
            "happened": switches.count(fault.name),
            "left": switches.left(fault.name),
        }
        for fault in running.faults()
    ]


@asynccontextmanager
async def open_sandbox(sandbox: Sandbox, data_dir: Path) -> AsyncIterator[None]:
    async with served(sandbox.app) as address:
        told = {"url": address, "secret": sandbox.secret}
        write_private(data_dir / FILE, orjson.dumps(told))
        try:
            yield
        finally:
            (data_dir / FILE).unlink(missing_ok=True)
