"""What a process does for watches: it asks ``eligibilities`` again for the client, as the client is now, and
notes where the answer is another, with an entry in the sequence of changes. From there streams and webhooks
tell it. Any number of processes may do it; one has the lease.

The first answer of a watch is a question like any other: it counts, and waits while the client may not ask.
Later ones tell nothing but that it is another, and do not count.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import orjson
import structlog

from hub.access.viewer import Viewer
from hub.errors import Forbidden, HubError, TooMuch, Unavailable, UnknownPurpose
from hub.oauth.acting import NoClient, Suspended, acting_for, has_purpose
from hub.read.asker import MAX_BYTES
from hub.read.leaves import viewer_values
from hub.read.run import Engine
from hub.read.till import Unlimited
from hub.read.turns import Turns
from hub.read.way import Compiled
from hub.store.database import Database
from hub.store.listener import CHANGES, Listener
from hub.store.rounds import FAILED, pause
from hub.watching.due import Listed, Written, everybody, lost, new, written

log = structlog.get_logger("hub.watching")

SECONDS: Final = 30.0
"""Between two looks where nothing is told: sources may have grown stale meanwhile, or a day begun."""
BREATH: Final = 1.0
"""From one look to the next: many changes are answered together."""
LEASE: Final = "interval '90 seconds'"
TOGETHER: Final = 2_000
NEW_TOGETHER: Final = 100
"""Watches asked in one question; new ones in few, so that a small budget has room for them."""
NEEDED: Final = {"status", "watch"}
"""Resources a client has open while it watches."""

DOCUMENT: Final = (
    "query Watches($persons: [PersonInput!]!, $programme: Programme!)"
    " { eligibilities(persons: $persons, programme: $programme) { items { answer } } }"
)
ANY: Final = "select exists (select from watch)"
CLAIM: Final = f"""
    insert into watch_round as r (id, snapshot, lease_until)
    values (1, pg_current_snapshot()::text, now() + {LEASE})
    on conflict (id) do update set lease_until = excluded.lease_until
        where r.lease_until is null or r.lease_until < now()
    returning snapshot"""  # noqa: S608 — of a constant
HOLD: Final = f"update watch_round set lease_until = now() + {LEASE} where id = 1"  # noqa: S608 — the same
DONE: Final = "update watch_round set snapshot = $1, lease_until = null where id = 1"
RELEASE: Final = "update watch_round set lease_until = null where id = 1"
LISTS: Final = """
    select distinct client_id, purpose, programme from watch where ended_at is null order by 1, 2, 3"""
_END: Final = """
    with ended as (
        update watch set ended_at = $1, end_reason = $2, id_number = null, id_number_hash = null,
            is_entitled = null, answered_at = null
        where ended_at is null and {which} returning id)
    insert into change (entity, entity_id, operation) select 'watch', id, 'U' from ended returning true"""
LAST_DAY: Final = _END.format(which="ends_on < $3")
OF_PURPOSE: Final = _END.format(which="client_id = $3 and purpose = $4")
FORGET: Final = "delete from watch where ended_at < $1::timestamptz - $2 * interval '1 day'"
TOLD: Final = """
    with told as (
        update watch w set is_entitled = g.yes, answered_at = $3
        from unnest($1::bigint[], $2::bool[]) g(id, yes)
        where w.id = g.id and w.ended_at is null and w.is_entitled is distinct from g.yes returning w.id)
    insert into change (entity, entity_id, operation) select 'watch', id, 'U' from told returning true"""
NOTICE: Final = f"select pg_notify('{CHANGES}', 'watched')"
STATE: Final = "select state from watch_state where client_id = $1 and purpose = $2 and programme = $3"
KEEP: Final = """
    insert into watch_state (client_id, purpose, programme, state) values ($1, $2, $3, $4)
    on conflict (client_id, purpose, programme) do update set state = excluded.state"""
LOSE: Final = "delete from watch_state where client_id = $1 and purpose = $2 and programme = $3"


@dataclass(slots=True)
class Keeper:
    """``days``: for how long a watch that is over is shown. ``seconds``: from one look for lost numbers to
    the next."""

    engine: Engine
    listener: Listener
    days: int
    seconds: float = SECONDS
    looked_at: float = 0.0
    quiet: Engine = field(init=False)
    """Asks what does not count."""

    def __post_init__(self) -> None:
        self.quiet = replace(self.engine, count_questions=None, counter=Unlimited(), turns=Turns(1))
        # What a list is said to hang on is never newer than what its answers hang on.
        self.quiet.coverage, self.quiet.live = self.engine.coverage, self.engine.live

    @property
    def database(self) -> Database:
        return self.engine.database

    async def until(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            turn = self.listener.turn(CHANGES)
            try:
                if (await self.database.fetch(ANY))[0][0]:
                    self.listener.start()
                    await self.look()
            except (*FAILED, HubError) as error:
                log.warning("watches_waiting", kind=type(error).__name__)
            await pause(stop, BREATH)
            if not stop.is_set():
                await self.listener.heard(CHANGES, turn, SECONDS, stop)

    async def look(self) -> None:
        """One round, unless another process has it; a round that fails is done again."""
        claimed = await self.database.fetch(CLAIM)
        if not claimed:
            return
        try:
            made = await written(self.database, self.engine.vault, claimed[0]["snapshot"])
            await self._end(LAST_DAY, "LAST_DAY", self.engine.clock().date())
            began = time.monotonic()
            is_thorough = made.is_of_nobody or began >= self.looked_at + self.seconds
            for row in await self.database.fetch(LISTS):
                await self._list(Listed(*row), made, is_thorough)
            self.looked_at = began if is_thorough else self.looked_at
            await self.database.fetch(FORGET, self.engine.clock(), self.days)
        except BaseException:
            await self.database.fetch(RELEASE)
            raise
        await self.database.fetch(DONE, made.snapshot)

    async def _list(self, of: Listed, made: Written, is_thorough: bool) -> None:
        """Answers what is due of one list. Where the client may not ask, all of it is due the next time."""
        try:
            viewer = await self._viewer(of)
            values = await self._values(viewer)
            state = await self._state(of, viewer, values)
            known = await self.database.fetch(STATE, *of)
            is_same = [row["state"] for row in known] == [state]
            due = await (made.due(self.database, of) if is_same else everybody(self.database, of))
            if is_same and is_thorough:
                due = list(dict.fromkeys([*due, *await lost(self.database, of, values)]))
            await self.database.fetch(LOSE, *of)
            await self._ask(self.quiet, viewer, of, due, TOGETHER)
            await self.database.fetch(KEEP, *of, state)
            begun = 0
            while due := await new(self.database, of, begun, TOGETHER):
                await self._ask(self.engine, viewer, of, due, NEW_TOGETHER)
                begun = due[-1]["id"]
        except UnknownPurpose:
            await self._end(OF_PURPOSE, "PURPOSE_ENDED", of.client_id, of.purpose)
        except (NotAsking, NoClient):
            await self._end(OF_PURPOSE, "ACCESS_ENDED", of.client_id, of.purpose)
        except Suspended:  # perhaps for a while; its purpose ends all the same
            await self.database.fetch(LOSE, *of)
            if not await has_purpose(self.database, of.client_id, of.purpose):
                await self._end(OF_PURPOSE, "PURPOSE_ENDED", of.client_id, of.purpose)
        except Unavailable:
            raise
        except HubError as error:  # its minute or day is spent, or it is barred
            log.info("watches_wait", client_id=of.client_id, kind=type(error).__name__)

    async def _viewer(self, of: Listed) -> Viewer:
        viewer = await acting_for(self.database, of.client_id, of.purpose)
        if not viewer.capability.resources >= NEEDED:
            raise NotAsking
        return replace(viewer, documents_only=False)  # what is asked is the hub's own text

    async def _values(self, viewer: Viewer) -> Mapping[str, Any]:
        today = self.engine.clock().date()
        return viewer_values(viewer, await self.engine.live.now(viewer.organisation_id, today), today)

    async def _state(self, of: Listed, viewer: Viewer, values: Mapping[str, Any]) -> str:
        """Of all that answers hang on beside persons."""
        fresh = (await self.engine.coverage.of(values, of.programme, self.engine.clock())).fresh
        hangs = [str(values["today"]), viewer.reader, values["lo"], values["hi"], sorted(fresh)]
        return hashlib.sha256(orjson.dumps(hangs)).hexdigest()[:16]

    async def _ask(self, engine: Engine, viewer: Viewer, of: Listed, due: Sequence[Any], most: int) -> None:
        rest = list(due)
        while rest:
            part = rest[:most]
            numbers = [self.engine.vault.open(row["id_number"]) for row in part]
            try:
                answers = await answered(engine, viewer, of.programme, numbers)
            except TooMuch:
                if most == 1:
                    raise
                most = max(1, most // 4)
                continue
            del rest[: len(part)]
            found = [(row["id"], yes) for row, yes in zip(part, answers, strict=True) if yes is not None]
            await self._tell(TOLD, [id_ for id_, _ in found], [yes for _, yes in found], engine.clock())
            await self.database.fetch(HOLD)

    async def _end(self, text: str, reason: str, *which: Any) -> None:
        await self._tell(text, self.engine.clock(), reason, *which)

    async def _tell(self, text: str, *given: Any) -> None:
        if await self.database.fetch(text, *given):
            await self.database.fetch(NOTICE)


class NotAsking(Forbidden):
    """The client may not ask whether people are entitled, or not watch them, any more."""


async def answered(
    engine: Engine, viewer: Viewer, programme: str, numbers: Sequence[str]
) -> list[bool | None]:
    """Of each person whether the answer is YES today; None of a number that is none."""
    given: Mapping[str, Any] = {"persons": [{"idNumber": each} for each in numbers], "programme": programme}
    operation = engine.operation(viewer, DOCUMENT, None, reading=True)
    variables = operation.variables(given)
    bill = engine.till.bill(viewer)
    way = engine.way(viewer, operation, variables)
    way, request, values = await engine.priced(bill, operation, variables, way)
    compiled = cast(Compiled, way.compiled)
    body = await engine.asker.ask(
        bill, operation.digest, compiled.statement, compiled.shape, values, request.viewer, MAX_BYTES,
        primary=True,
    )  # fmt: skip
    items = orjson.loads(body)["eligibilities"]["items"]
    return [None if each is None else each["answer"] == "YES" for each in items]
