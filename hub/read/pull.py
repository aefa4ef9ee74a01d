"""Pulling a copy: a page of what a client has to hold, and a cursor to go on (``hub.read.copy_place``)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import orjson
from graphql.execution.values import VariableValues

from hub.access.copies import COPIES
from hub.access.live import Held
from hub.audit.shape import Shape
from hub.errors import BadArgument, Language, TooMuch
from hub.read import changes, cost
from hub.read import plan as p
from hub.read.answers import Answer
from hub.read.copy_changes import (
    Touched,
    Why,
    entries_page,
    look,
    recut_of,
    recut_page,
    values_of,
    why_gone,
)
from hub.read.copy_place import END, START, CopySeal, Key, Now, Place, Resync, Told, within
from hub.read.copy_rows import CODE, CODES, LAST_CODE, LAST_NUMBER, LIMIT, NUMBER, NUMBERS, Copied
from hub.read.leaves import Request, value_of, viewer_values
from hub.read.operation import Operation
from hub.read.planner import arguments_of
from hub.read.positions import Position
from hub.read.sql import Statement
from hub.read.till import Bill
from hub.read.way import Way
from hub.tables import PERSON

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from hub.read.run import Engine

MOST: Final = 5_000
"""Entries of a page."""
PAGE: Final = 200
PAGE_BYTES: Final = 8 * 1024 * 1024
"""Of entries; a page that would have more ends sooner."""
STEPS: Final = 20
"""Parts of a page that may tell nobody, before a page without entries says so."""

PARTED: Final = 1_000
"""Rows of a page from which on its halves are read at the same time, where the client has turns for both."""

T = TypeVar("T")


class Part(NamedTuple):
    """Entries of so many ``rows`` of the walk, as JSON with commas between, and the key of the last."""

    rows: int
    last: Key
    entries: bytes


async def pull(
    engine: Engine, bill: Bill, operation: Operation, variables: VariableValues, way: Way, language: Language
) -> Answer:
    """Resync, or what any query may raise."""
    assert way.copied is not None
    work = Pull(engine, bill, operation, way.copied, variables)
    return Answer(b'{"data":{"' + work.copied.root.encode() + b'":' + await work.page() + b"}}", True)


@dataclass
class Pull:
    engine: Engine
    bill: Bill
    operation: Operation
    copied: Copied
    variables: VariableValues
    arguments: list[dict[str, Any]] = field(init=False)
    entries: list[bytes] = field(default_factory=list)
    count: int = 0
    """Of entries; what is in the list may be several, with commas between."""

    def __post_init__(self) -> None:
        self.arguments = arguments_of(self.copied.plan, self.variables)

    async def page(self) -> bytes:
        now = await self._look()
        request = self._request(now, {CODES: [], NUMBERS: [], **_between(START, START, 0)})
        for check in self.copied.checks:
            check.read(request)
        first = value_of(request, self.copied.node.first)
        room = PAGE if first is None else first
        if not 1 <= room <= MOST:
            raise BadArgument(f"Expected a page size from 1 to {MOST}.", zh=f"每页条数应为 1 至 {MOST}")
        seal = await self._seal()
        since = value_of(request, self.copied.node.since)
        place = self._begun(now) if since is None else seal.open(since, time.time())
        if place.is_ahead(now):
            raise Resync
        await self._charge(request, room)
        place, in_step = await self._go(place, now, room)
        whole = None
        if in_step and self.copied.whole is not None:
            whole = await self._whole(place)
            in_step = whole is not None
        facts = {"cursor": seal.close(place), "hasMore": not in_step, "whole": whole}
        return self._written(facts)

    async def _charge(self, request: Request, room: int) -> None:
        """As for a full page, before anything is read; what was not used is given back."""
        till, given = self.engine.till, self._given(self.copied.walk, request)
        beside = 0.0
        if self.copied.whole is not None:
            known = await till.statistics.newest()
            part = known.part(request.viewer)
            one = self.copied.price.of(known, given, part) - cost.REQUEST
            beside = known.rows.get(PERSON, 0.0) * part.counties * part.density * one
        asked = await till.check(self.bill, (), self.copied.price, given, request.viewer, room, beside)
        await till.charge(self.bill, asked)

    # ── the way of a copy ────────────────────────────────────────────────────────────────────────

    def _begun(self, now: Now) -> Place:
        return Place(Position(now.seen), Told.by(now), now.at, walk=START)

    async def _go(self, place: Place, now: Now, room: int) -> tuple[Place, bool]:
        """Until the page is full, or the copy is in step, which is told too."""
        for _ in range(STEPS):
            left = room - self.count
            if left <= 0:
                break
            try:
                place, now, in_step = await self._smaller(place, now, left)
            except TooMuch:
                if self.count:
                    break
                raise
            if in_step:
                return place, True
        return place, False

    async def _smaller(self, place: Place, now: Now, room: int) -> tuple[Place, Now, bool]:
        """A step, with fewer rows where the bytes of a page do not hold so many."""
        while True:
            try:
                return await self._step(place, now, room)
            except TooMuch:
                if self.count or room == 1:
                    raise
                room //= 2

    async def _step(self, place: Place, now: Now, room: int) -> tuple[Place, Now, bool]:
        """Where the copy has come to, the moment to go on at, and whether it is in step."""
        if place.walk is not None:
            return await self._walk(place, now, room), now, False
        if place.round is None:
            place = replace(place, round=Told.by(now), began=now.at)
            if not place.told.stands(now, by_day=COPIES[self.bill.viewer.reader].day):
                place = replace(place, recut=recut_of(place.told, now))
        if place.recut is not None:
            return await self._recut(place, now, room)
        return await self._changes(place, now, room)

    async def _walk(self, place: Place, now: Now, room: int) -> Place:
        assert place.walk is not None
        if self.copied.entries is None:
            return replace(place.read_by(now), walk=None)
        half, turns = room // 2, self.engine.asker.turns
        # Where one half would wait for the other, both together may take longer than anybody may wait.
        parted = room >= PARTED and turns.are_free(self.bill.viewer.client_id, 2)
        middle = await self._middle(place.walk, now, half) if parted else None
        if middle is None:
            part = await self._part(now, place.walk, END, room, PAGE_BYTES)
            is_full = part.rows == room
        else:
            part, other = await _both(
                self._part(now, place.walk, middle, half, PAGE_BYTES // 2),
                self._part(now, middle, END, room - half, PAGE_BYTES // 2),
            )
            is_full = True
            if part.rows < half or part.last == middle:  # else somebody came in before the middle meanwhile
                self._add(part.rows, [part.entries])
                part, is_full = other, other.rows == room - half
        self._add(part.rows, [part.entries])
        return replace(place.read_by(now), walk=part.last if is_full else None)

    async def _middle(self, after: Key, now: Now, rows: int) -> Key | None:
        """The key of the row so far on; None where there is none."""
        body = await self._ask(self.copied.middle, now, _between(after, START, rows - 1), PAGE_BYTES)
        code, _, number = body.decode().partition(":")
        return (code, int(number)) if number else None

    async def _part(self, now: Now, after: Key, last: Key, room: int, most: int) -> Part:
        body = await self._ask(self.copied.walk, now, _between(after, last, room), most)
        if not body:
            return Part(0, after, b"")
        count, code, number, entries = body.split(b":", 3)
        return Part(int(count), (code.decode(), int(number)), entries)

    def _add(self, count: int, entries: Sequence[bytes]) -> None:
        if count:
            self.count += count
            self.entries += entries

    async def _recut(self, place: Place, now: Now, room: int) -> tuple[Place, Now, bool]:
        recut = place.recut
        assert recut is not None
        values = {**self._values(now), **values_of(place.told, recut)}
        rows = await self._timed(
            recut_page(self.engine.database, self._reader, self.copied.tables, recut.after, room, values)
        )
        await self._tell(rows, now, values, narrowed=recut.minors and not now.minors)
        place = place.read_by(now)
        if len(rows) == room:
            return replace(place, recut=replace(recut, after=rows[-1].key)), now, False
        # What is deleted while rows were looked at stands before a moment that is looked at now.
        return replace(place, recut=None), await self._look(), False

    async def _changes(self, place: Place, now: Now, room: int) -> tuple[Place, Now, bool]:
        until = place.position.until or now.seen
        values = {**self._values(now), **values_of(place.told)}
        values["lo6"], values["hi6"] = self._counties(place, now, values)
        rows, end = await self._timed(
            entries_page(
                self.engine.database, self._reader, self.copied.tables, place.position, until, room, values
            )
        )
        await self._tell(rows, now, {**values, **self._values(now)}, narrowed=False)
        place = place.read_by(now)
        if end is not None:
            return replace(place, position=place.position.behind(until, end)), now, False
        assert place.round is not None
        done = until == now.seen and place.round.stands(now, by_day=COPIES[self._reader].day)
        return Place(Position(until), place.round, place.began), now, done

    def _counties(self, place: Place, now: Now, values: Mapping[str, Any]) -> tuple[str, str]:
        """Those of now, and of who was told when there were more of them."""
        if self.bill.viewer.organisation_id is None:
            return values["lo6"], values["hi6"]
        return within(place.told.counties, now.counties)

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    async def _tell(
        self, rows: Sequence[Touched], now: Now, values: Mapping[str, Any], *, narrowed: bool
    ) -> None:
        """Each as it is, or that it is gone where it may have been told."""
        if not rows:
            return
        keys = {CODES: [row.key[0] for row in rows], NUMBERS: [row.key[1] for row in rows]}
        seen = await self._read(now, keys)
        gone = [row for row in rows if row.told and row.key not in seen]
        why = await why_gone(self.engine.database, self.bill.viewer, gone, values, narrowed=narrowed)
        await self._note_gone(gone)
        told = {row.key: self._gone(row, each) for row, each in zip(gone, why, strict=True)}
        entries = [entry for row in rows if (entry := seen.get(row.key) or told.get(row.key))]
        self._add(len(entries), entries)

    def _gone(self, row: Touched, why: Why) -> bytes:
        facts = {
            "operation": "TOMBSTONE",
            "id": self._id(row.key),
            "reason": why.reason.value,
            "mergedInto": why.into and self._id(why.into),
        }
        return orjson.dumps(
            {
                name: node.name if isinstance(node, p.Typename) else facts.get(getattr(node, "name", ""))
                for name, node in self.copied.entries or ()
            }
        )

    def _id(self, key: tuple[str, int]) -> str:
        return f"{self.copied.target}:{key[0]}:{key[1]}"

    async def _note_gone(self, rows: Sequence[Touched]) -> None:
        """That somebody is not there any more is told of a person too."""
        if rows and self.copied.entries is not None:
            place, engine = len(self.copied.walk.places), self.engine
            records = " ".join(f"{place}:{row.key[0]}:{row.key[1]}/" for row in rows)
            await engine.asker.audit.written(
                self.bill.viewer, self.operation.digest, self.copied.shape, (PERSON,), records
            )

    async def _read(self, now: Now, keys: Mapping[str, Any]) -> dict[Key, bytes]:
        """The entries of those rows that are seen."""
        if self.copied.entries is None:
            return {}
        body = await self._ask(self.copied.keyed, now, keys, PAGE_BYTES)
        found: dict[Key, bytes] = {}
        for line in body.split(b"\n") if body else ():
            code, number, entry = line.split(b":", 2)
            found[code.decode(), int(number)] = entry
        return found

    async def _ask(
        self,
        statement: Statement,
        now: Now,
        keys: Mapping[str, Any],
        most: int,
        shape: Shape | None = None,
    ) -> bytes:
        """``shape``: that of entries where none is given."""
        request = self._request(now, keys)
        return await self.engine.asker.ask(
            self.bill,
            self.operation.digest,
            statement,
            shape or self.copied.shape,
            self._given(statement, request),
            request.viewer,
            most,
            primary=True,
        )

    async def _whole(self, place: Place) -> dict[str, Any] | None:
        """Of all rows; None where something has changed while they were read."""
        assert self.copied.whole is not None
        now = await self._look()
        body = await self._ask(self.copied.whole, now, {}, PAGE_BYTES, self.copied.counted)
        after = await self._look()
        values = {**self._values(after), **values_of(place.told)}
        values["lo6"], values["hi6"] = self._counties(place, after, values)
        rows, end = await entries_page(
            self.engine.database, self._reader, self.copied.tables, place.position, after.seen, 1, values
        )
        by_day = COPIES[self._reader].day
        if rows or end or not all(place.told.stands(each, by_day=by_day) for each in (now, after)):
            return None
        count, checksum = body.decode().split(" ")
        return {"count": int(count), "checksum": checksum}

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def _written(self, facts: Mapping[str, Any]) -> bytes:
        entries = b"[" + b",".join(self.entries) + b"]"
        members: list[bytes] = []
        for name, node in self.copied.node.fields:
            match node:
                case p.Entries():
                    value = entries
                case p.Typename(type_name):
                    value = orjson.dumps(type_name)
                case p.Whole(fields):
                    whole = facts["whole"]
                    value = orjson.dumps(
                        whole
                        and {
                            key: n.name if isinstance(n, p.Typename) else whole[n.name]
                            for key, n in fields
                            if isinstance(n, p.Typename | p.CopyFact)
                        }
                    )
                case p.CopyFact("checksum"):
                    value = orjson.dumps(hashlib.sha256(entries).hexdigest())
                case p.CopyFact(fact):
                    value = orjson.dumps(facts[fact])
                case _:
                    raise AssertionError(node)
            members.append(b'"' + name.encode() + b'":' + value)
        return b"{" + b",".join(members) + b"}"

    # ── who asks ─────────────────────────────────────────────────────────────────────────────────

    @property
    def _reader(self) -> str:
        return self.bill.viewer.reader

    async def _look(self) -> Now:
        return await self._timed(look(self.engine.database, self.bill.viewer, self.engine.clock()))

    async def _timed(self, asked: Awaitable[T]) -> T:
        began = perf_counter()
        try:
            return await asked
        finally:
            self.bill.seconds += perf_counter() - began

    def _values(self, now: Now) -> Mapping[str, Any]:
        return viewer_values(self.bill.viewer, Held(now.contracts, now.counties), now.day)

    def _request(self, now: Now, keys: Mapping[str, Any]) -> Request:
        engine = self.engine
        arguments = [*self.arguments, keys]
        return Request(arguments, self._values(now), engine.vault, engine.nonce, now.day, engine.smallest)

    def _given(self, statement: Statement, request: Request) -> list[Any]:
        return [param.read(request) for param in statement.params]

    async def _seal(self) -> CopySeal:
        """A cursor is good for the same asking of the same client, for what it saw then, with these keys."""
        engine, viewer = self.engine, self.bill.viewer
        if not engine.cluster:
            engine.cluster = await changes.cluster_of(engine.database)
        asked = [
            {name: value for name, value in each.items() if name not in ("since", "first")}
            if at == self.copied.node.since.slot
            else each
            for at, each in enumerate(self.arguments)
        ]
        form = engine.vault.form
        said = [
            viewer.client_id, viewer.user_id, viewer.role, viewer.division_code, viewer.organisation_id,
            self.copied.held, repr(asked), form.fresh.hex(), form.steady.hex(),
        ]  # fmt: skip
        of = hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]
        return CopySeal(engine.vault, of, engine.cluster, engine.change_days * 24 * 3600.0)


def _between(after: Key, last: Key, rows: int) -> dict[str, Any]:
    return {CODE: after[0], NUMBER: after[1], LAST_CODE: last[0], LAST_NUMBER: last[1], LIMIT: rows}


async def _both(*halves: Coroutine[Any, Any, T]) -> list[T]:
    """At the same time; where one fails the other does not go on."""
    tasks = [asyncio.create_task(half) for half in halves]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
