"""A subscription: what becomes of the rows of one kind, told in the order of the one sequence of changes.

What a viewer is told (``docs/adr/0009-streams.md``): UPSERT of a changed row that is in the slice now, GONE
of one that left it or was deleted, nothing of any other. The row is read when its event is sent, so several
changes may be one event. Nothing is kept between two events but the position: a slow reader holds up its own
stream, and what it has not taken yet is read later from the sequence.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson
from graphql import OperationType

from hub.access.emergencies import Emergencies
from hub.access.viewer import Viewer
from hub.domain.dates import day_end
from hub.errors import (
    BadSelection,
    Forbidden,
    Language,
    Spent,
    TooDear,
    TooMuch,
)
from hub.governance.deprecation import Days
from hub.read import changes
from hub.read.answers import Answer
from hub.read.asker import MAX_BYTES, SETTINGS
from hub.read.changes import Key, Page, Pages, Touched, read_page
from hub.read.events import POSITION, Events, Prepared, keys_of, prepared
from hub.read.leaves import Param, Request, value_of, viewer_values
from hub.read.operation import Operation, key_of
from hub.read.planner import arguments_of
from hub.read.positions import Position, Seal
from hub.read.refusals import refusal
from hub.read.run import Engine
from hub.store.listener import CHANGES, Listener
from hub.tables import PERSON

READING: Final = 2
"""Streams that read at a time: a notice wakes all, and requests must not wait for them."""
DAY_SECONDS: Final = 24 * 3600.0
WITHHELD: Final = {"lo6", "hi6"}
"""Values of a viewer that follow from others, or widen as a contractor is given people of one more county."""


class AccessChanged(Forbidden):
    """What you may see has changed; read anew and begin without after."""

    code, zh = "ACCESS_CHANGED", "可见范围已变化，请重新读取数据后不带 after 订阅"


@dataclass(slots=True)
class Streams:
    """What the streams of a process share. ``days``: how long a position is good."""

    engine: Engine
    listener: Listener
    days: int
    emergencies: Emergencies = field(init=False)
    cluster: str = ""
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READING))
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def __post_init__(self) -> None:
        self.emergencies = Emergencies(self.engine.database, lambda: self.engine.clock())

    @asynccontextmanager
    async def turn(self, client_id: str) -> AsyncIterator[None]:
        """To read: who waits for a turn of its own client takes one of the places, and not all."""
        lock = self.locks.setdefault(client_id, asyncio.Lock())
        async with lock, self.reading:
            yield

    async def subscribe(
        self,
        viewer: Viewer,
        source: str,
        name: str | None,
        given: Mapping[str, Any],
        *,
        reading: bool,
        place: Position | None = None,
    ) -> Stream | None:
        """None: it is no subscription. Raises what ``refusal`` makes an answer of.

        ``place``: where it begins, whatever the arguments say, for who keeps places of its own.
        """
        engine = self.engine
        key = key_of(viewer.capability, source)
        await engine.admit(viewer, key)
        async with engine.turn_to_read(viewer, key):
            operation = engine.operation(viewer, source, name, reading, key, streaming=True)
            if operation.node.operation is not OperationType.SUBSCRIPTION:
                return None
            if operation.schema.subscription_type is None:
                raise BadSelection("There is nothing you may subscribe to.", zh="没有可订阅的内容")
            variables = operation.variables(given)
            kept = "stream", operation.shape(variables)
            found = operation.cached.get(kept)
            if found is None:
                found = operation.cached[kept] = prepared(viewer.capability, operation, variables)
        return await self._begin(viewer, operation, found, arguments_of(found.plan, variables), place)

    async def refused(self, viewer: Viewer, source: str, error: Exception, language: Language) -> Answer:
        """What ``subscribe`` raised, with what it would cost, as any request is told."""
        told = await self.engine.attempted(viewer, source, error)
        bill = self.engine.till.bill(viewer)
        if isinstance(told, TooDear):
            bill.static = told.details["cost"]
        return self.engine.till.paid(bill, refusal(told, language))

    async def _begin(
        self,
        viewer: Viewer,
        operation: Operation,
        found: Prepared,
        arguments: list[dict[str, Any]],
        place: Position | None,
    ) -> Stream:
        self.listener.start()
        if not self.cluster:
            self.cluster = await changes.cluster_of(self.engine.database)
        stream = Stream(self, viewer, operation.digest, operation.notice, found.events, arguments)
        await stream.begin(found.checks, place)
        return stream


@dataclass(slots=True)
class Stream:
    streams: Streams
    viewer: Viewer
    digest: bytes
    notice: Days | None
    events: Events
    arguments: list[dict[str, Any]]
    slice_: str = ""
    values: Mapping[str, Any] = field(init=False)
    position: Position = field(init=False)
    day_bound: bool = field(init=False)

    def __post_init__(self) -> None:
        self.day_bound = "today" in SETTINGS[self.viewer.reader]

    async def begin(self, checks: Sequence[Param], place: Position | None = None) -> None:
        till = self.streams.engine.till
        self.values = values = await self._values()
        self.slice_ = self._slice_of(values)
        request = self._request(values, ())
        for param in checks:
            param.read(request)
        given = self._given(values, ())
        await till.check(till.bill(self.viewer), (), self.events.price, given, values)
        after = value_of(request, self.events.node.after)
        if place is not None:
            self.position = place
        elif after is None:
            self.position = await changes.now(self.streams.engine.database)
        else:
            self.position = self._seal().open(after, time.time())

    async def told(self) -> AsyncGenerator[bytes, None]:
        """Each event as a response of GraphQL. Raises ``HubError`` where the stream has to end."""
        listener, caught_up = self.streams.listener, False
        while True:
            turn = listener.turn(CHANGES)
            async for event in self._read():
                yield event
            if not caught_up:
                yield self._said(self.events.told("CURRENT", None, self._mark), self.position)
                caught_up = True
            await listener.after(CHANGES, turn, await self._rest())

    async def _read(self) -> AsyncGenerator[bytes, None]:
        """All there is by now."""
        more = True
        while more:
            async with self.streams.turn(self.viewer.client_id):
                page = await self.page()
            async for event in self._told_of(page):
                yield event
            self.position, more = page.end, page.more

    async def page(self, pages: Pages | None = None) -> Page:
        """What follows ``position``. AccessChanged where the slice is another than it began with.

        ``pages``: what others read since it had to be read.
        """
        values = await self._values()
        self._still(values)
        asked = self.viewer.reader, self.events.table, self.position, values
        if pages is None:
            return await read_page(self.streams.engine.database, *asked)
        return await pages.page(*asked)

    async def _told_of(self, page: Page) -> AsyncGenerator[bytes, None]:
        """In as many parts as the limits make of it. Where the minute is spent it waits for the next."""
        rest = list(zip(page.rows, changes.positions(page, self.position), strict=True))
        most = len(rest)
        while rest:
            try:
                async with self.streams.turn(self.viewer.client_id):
                    events = await self.events_of(rest[:most])
            except Spent as spent:
                await asyncio.sleep(spent.details["retryAfter"])
            except TooMuch:
                if most == 1:
                    raise
                most //= 2
            else:
                del rest[:most]
                for event in events:
                    yield event

    async def events_of(self, part: Sequence[tuple[Touched, Position]]) -> list[bytes]:
        """The events of these rows, each as a response; none for those nothing is told of."""
        # Once more: of whom a contractor looks after may have come in with these very changes.
        values = await self._values()
        self._still(values)
        shown = await self._shown([row for row, _ in part], values)
        await self._note_gone(
            row.key for (row, _), event in zip(part, shown, strict=True) if not event and _is_gone(row, event)
        )
        return [
            self._said(event or self.events.told("GONE", row.key, self._mark), position)
            for (row, position), event in zip(part, shown, strict=True)
            if event or _is_gone(row, event)
        ]

    async def _shown(self, rows: Sequence[Touched], values: Mapping[str, Any]) -> list[bytes | None]:
        """The event of each row: empty where ``where`` is not met, None where the slice does not hold it."""
        engine, statement = self.streams.engine, self.events.statement
        given = self._given(values, rows)
        bill, body = engine.till.bill(self.viewer), b""
        asked = await engine.till.check(bill, (), self.events.price, given, values, len(rows))
        await engine.till.charge(bill, asked)
        try:
            body = await engine.asker.ask(
                bill, self.digest, statement, self.events.shape, given, values, MAX_BYTES, primary=True
            )
        finally:
            engine.till.paid(bill, Answer(body, True))
        found: list[bytes | None] = [None] * len(rows)
        for line in body.split(b"\n") if body else ():
            place, _, event = line.partition(b":")
            found[int(place) - 1] = event
        return found

    async def _note_gone(self, keys: Iterable[Key]) -> None:
        """That somebody is not there any more is told of a person too."""
        events, told = self.events, list(keys)
        if told and events.statement.places:
            place, end = len(events.statement.places), "/" if events.table == PERSON else ""
            records = " ".join(f"{place}:{':'.join(map(str, events.keyed(key)))}{end}" for key in told)
            audit = self.streams.engine.asker.audit
            await audit.written(self.viewer, self.digest, events.shape, (events.table,), records)

    def _said(self, event: bytes, position: Position) -> bytes:
        sealed = orjson.dumps(self._seal().close(position, time.time()))
        event = event.replace(b'"' + self._mark.encode() + b'"', sealed)
        return b'{"data":{"' + self.events.root.encode() + b'":' + event + b"}}"

    @property
    def _mark(self) -> str:
        """What stands for the position until it is known."""
        return self.streams.engine.nonce + POSITION

    # ── the slice ────────────────────────────────────────────────────────────────────────────────

    async def _values(self) -> Mapping[str, Any]:
        """The values of the viewer as they are now, not as some seconds ago."""
        engine = self.streams.engine
        await self._left()
        today = engine.clock().date()
        held = await engine.live.now(self.viewer.organisation_id, today)
        return viewer_values(self.viewer, held, today)

    async def _rest(self) -> float | None:
        """Seconds after which something ends by itself; an emergency access may with the day."""
        ends = day_end(self.streams.engine.clock())  # before the question: a day may end meanwhile
        left = await self._left()
        if left is None:
            return ends if self.day_bound else None
        return min(left, ends)

    async def _left(self) -> float | None:
        """Seconds until an emergency access is over, NoEmergency where it is; None where it is none."""
        if self.viewer.emergency is None:
            return None
        return await self.streams.emergencies.left(self.viewer)

    def _slice_of(self, values: Mapping[str, Any]) -> str:
        """What a position is good for: the same rows; where they go by the day, on that day."""
        names = set(SETTINGS[self.viewer.reader]) - WITHHELD
        cut = [self.viewer.reader, *(str(values[name]) for name in sorted(names))]
        return hashlib.sha256(orjson.dumps(cut)).hexdigest()[:16]

    def _still(self, values: Mapping[str, Any]) -> None:
        if values != self.values and self._slice_of(values) != self.slice_:
            raise AccessChanged

    def _seal(self) -> Seal:
        streams = self.streams
        return Seal(streams.engine.vault, self.slice_, streams.cluster, streams.days * DAY_SECONDS)

    def _given(self, values: Mapping[str, Any], rows: Sequence[Touched]) -> list[Any]:
        request = self._request(values, rows)
        return [param.read(request) for param in self.events.statement.params]

    def _request(self, values: Mapping[str, Any], rows: Sequence[Touched]) -> Request:
        engine = self.streams.engine
        arguments = [*self.arguments, keys_of(rows)]
        return Request(arguments, values, engine.vault, engine.nonce, values["today"], engine.smallest)


def _is_gone(row: Touched, event: bytes | None) -> bool:
    """In the slice and not asked for: as if it were not there. Outside it: only for those who had it."""
    return row.known if event is not None else row.departed
