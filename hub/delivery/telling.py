"""What one endpoint is told: read anew with its client's rights of now, signed, posted, and noted.

A message tells a part of the sequence. Until it is taken no other leaves, so an endpoint is told in order;
and since each record is shown as it is when the message is made, nothing older ever comes behind.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import orjson
import structlog
from cachetools import TTLCache
from graphql import GraphQLError

from hub.access.departures import ENTERED
from hub.access.viewer import Viewer
from hub.delivery.batch import Batch, read, same
from hub.delivery.batch import events_of as events_within
from hub.delivery.endpoints import is_thin
from hub.delivery.places import Claimed, Lost, Places, Told, place_of, written
from hub.delivery.posting import Post, Taken
from hub.delivery.signing import headers, message_id
from hub.domain.dates import china_now
from hub.errors import BadSelection, Forbidden, HubError, Spent, Unauthenticated, Unavailable
from hub.oauth.acting import acting_for
from hub.oauth.bearer import KEPT, VIEWER_SECONDS
from hub.read import changes
from hub.read.operation import Invalid
from hub.read.positions import Position
from hub.read.stream import AccessChanged, Stream, Streams
from hub.store.listener import ACCESS
from hub.store.vault import Vault
from hub.web.metrics import Metrics

log = structlog.get_logger("hub.delivery")

CHANGES: Final = "hub.changes"
ACCESS_CHANGED: Final = "hub.access_changed"
RESYNC: Final = "hub.resync"
ENDED: Final = "hub.access_ended"

WAITS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each further try, about: the schedule that Standard Webhooks proposes."""
JITTER: Final = 0.2
PAUSE_SECONDS: Final = 5.0
BLOCKED_SECONDS: Final = 3600.0
MOST_AT_ONCE: Final = 50
"""Messages before others have their turn."""
NOWHERE: Final = "-"
"""In place of a slice: of who was told that there is nothing for it any more."""


class WebhookShowsRecords(Forbidden):
    """The webhook is registered without content, and its document asks for records."""

    code, zh = "WEBHOOK_SHOWS_RECORDS", "推送端点登记为不含内容，但其可信文档查询了记录内容"


@dataclass(frozen=True, slots=True)
class Teller:
    streams: Streams
    places: Places
    post: Post
    metrics: Metrics
    days: int
    """How long the sequence is kept."""
    viewers: TTLCache[tuple[int, str, str | None], Viewer] = field(
        default_factory=lambda: TTLCache(KEPT, VIEWER_SECONDS)
    )

    @property
    def vault(self) -> Vault:
        return self.streams.engine.vault

    async def tell(self, row: Claimed) -> None:
        """All there is, or as much as is fair; whatever happens is noted at the endpoint."""
        row["access"] = self.streams.listener.turn(ACCESS)
        try:
            for _ in range(MOST_AT_ONCE):
                if not await self._one(row):
                    return
            await self.places.release(row)
        except Lost:
            log.info("webhook_lost", client_id=row["client_id"])
        except Spent as error:
            await self.places.later(row, None, float(error.details["retryAfter"]))
        except AccessChanged:
            await self.places.release(row)
        except Unavailable:
            await self.places.later(row, None, PAUSE_SECONDS)
        except Unauthenticated as error:  # suspended, or over: it is not even told so
            await self._blocked(row, error.code)

    async def _one(self, row: Claimed) -> bool:
        """One message, or a look that found none; False where the endpoint was given back."""
        try:
            stream = await self._stream(row)
            if row["slice"] == NOWHERE:
                return await self._notice(row, ACCESS_CHANGED, stream)
            if self._is_old(row):
                return await self._notice(row, RESYNC, stream)
            if row["slice"] not in (None, stream.slice_):
                return await self._notice(row, ACCESS_CHANGED, stream)
            async with self.streams.turn(row["client_id"]):
                batch, events = await self._batch(row, stream)
        except (Unavailable, Spent, AccessChanged, Unauthenticated):
            raise
        except (HubError, Invalid, GraphQLError) as error:
            return await self._ended(row, error.code if isinstance(error, HubError) else BadSelection.code)
        return await self._deliver(row, CHANGES, stream, batch, events)

    # ── what is told ─────────────────────────────────────────────────────────────────────────────────

    async def _stream(self, row: Claimed) -> Stream:
        viewer = await self._viewer(row["client_id"], row["purpose"])
        given = orjson.loads(self.vault.open(row["variables"]))
        place = place_of(row["place"])
        stream = await self.streams.subscribe(
            viewer, self.vault.open(row["document"]), None, given, reading=True, place=place
        )
        if stream is None:
            raise BadSelection
        if not (row["is_full"] or is_thin(stream.events.node)):
            raise WebhookShowsRecords
        return stream

    async def _viewer(self, client_id: str, purpose: str | None) -> Viewer:
        """As it is now: known for as long as that of a token, and no longer once a change is heard of."""
        key = self.streams.listener.turn(ACCESS), client_id, purpose
        found = self.viewers.get(key)
        if found is None:
            found = await acting_for(self.streams.engine.database, client_id, purpose)
            # Its document was registered as trusted ones are.
            found = self.viewers[key] = replace(found, documents_only=False)
        return found

    def _is_old(self, row: Claimed) -> bool:
        """Another cluster, after a restore, or so far behind that the sequence is forgotten."""
        behind: dt.timedelta = row["claimed_at"] - row["told_at"]
        return row["cluster"] != self.streams.cluster or behind.days >= self.days

    async def _batch(self, row: Claimed, stream: Stream) -> tuple[Batch, list[bytes]]:
        begin = stream.position
        if row["ending"] is None or row["kind"] != CHANGES:
            return await read(stream, await stream.page(row["pages"]), row["max_events"])
        ending = place_of(row["ending"])
        stream.position = begin.within(ending.until or ending.seen)
        batch = same(await stream.page(row["pages"]), begin, ending)
        return batch, await events_within(stream, batch.rows)

    async def _notice(self, row: Claimed, kind: str, stream: Stream) -> bool:
        """That the receiver has to read anew: what it is told from here on begins behind this."""
        ending = await self._ending(row, kind)
        return await self._deliver(row, kind, stream, Batch((), ending, True), [b"{}"])

    async def _ended(self, row: Claimed, code: str) -> bool:
        """There is nothing for the client any more: told once, and looked at again from time to time."""
        if row["slice"] == NOWHERE:
            await self._blocked(row, code)
            return False
        ending, said = await self._ending(row, ENDED), orjson.dumps({"code": code})
        if await self._send(row, ENDED, ending, [said]):
            place = place_of(row["place"])
            await self.places.told(row, Told(place, row["cluster"], NOWHERE, (), 0, row["claimed_at"]))
            await self._blocked(row, code)
        return False

    async def _ending(self, row: Claimed, kind: str) -> Position:
        if row["ending"] is not None and row["kind"] == kind:
            return place_of(row["ending"])
        return await changes.now(self.streams.engine.database)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────

    async def _deliver(
        self, row: Claimed, kind: str, stream: Stream, batch: Batch, events: Sequence[bytes]
    ) -> bool:
        if events and not await self._send(row, kind, batch.ending, events):
            return False
        table, count = stream.events.table, len(events) if kind == CHANGES else 0
        entered = ENTERED.get(stream.viewer.reader, {}).get(table)
        entities = (table, *([entered.table] if entered else []))
        until = None if batch.more else row["claimed_at"]
        told = Told(batch.ending, self.streams.cluster, stream.slice_, entities, count, until)
        await self.places.told(row, told, back=not batch.more)
        row.update(
            place=written(batch.ending), cluster=told.cluster, slice=told.slice_, kind=None,
            ending=None, failure_count=0, told_at=row["claimed_at"] if kind != CHANGES else row["told_at"],
        )  # fmt: skip
        return batch.more

    async def _send(self, row: Claimed, kind: str, ending: Position, events: Sequence[bytes]) -> bool:
        """Whether it was taken; what has to be done where it was not is done."""
        parts = written(place_of(row["place"])), written(ending)
        name = message_id(row["webhook_id"], row["round"], kind, row["slice"], *parts)
        try:
            await self.places.sending(row, kind, ending)
        except Lost:
            # Was it the client? Then it is blocked; or, where it is active again, not lost for long.
            await acting_for(self.streams.engine.database, row["client_id"], row["purpose"])
            await self.places.later(row, None, PAUSE_SECONDS)
            raise
        taken = await self.post.send(row["url"], *self._message(row, kind, name, events))
        outcome = "taken" if taken.is_good else taken.reason
        self.metrics.webhooks.labels(row["client_id"], outcome).inc()
        if not taken.is_good:
            await self._failed(row, kind, name, ending, len(events) if kind == CHANGES else 0, taken)
        return taken.is_good

    def _message(
        self, row: Claimed, kind: str, name: str, events: Sequence[bytes]
    ) -> tuple[list[tuple[str, str]], bytes]:
        hook, at = orjson.dumps(row["name"]), orjson.dumps(china_now().isoformat(timespec="seconds"))
        data = b'"events":[' + b",".join(events) + b"]" if kind == CHANGES else events[0][1:-1]
        comma = b"," if data else b""
        body = b'{"type":"%b","timestamp":%b,"data":{"webhook":%b%b%b}}' % (
            kind.encode(), at, hook, comma, data
        )  # fmt: skip
        sealed = (row["secret"], row["former_secret"])
        keys = [self.vault.open(each) for each in sealed if each is not None]
        return headers(keys, name, int(time.time()), body), body

    async def _failed(
        self, row: Claimed, kind: str, name: str, ending: Position, events: int, taken: Taken
    ) -> None:
        """Tried again later; or stopped, where the other side is gone; or given up."""
        failures = row["failure_count"] + 1
        log.warning("webhook_not_taken", client_id=row["client_id"], reason=taken.reason, count=failures)
        if taken.status == 410:
            await self.places.stop(row, taken.reason, failures)
        elif failures <= len(WAITS):
            wait = WAITS[failures - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
            await self.places.later(row, taken.reason, max(wait, taken.wait), failures)
        else:
            await self.places.give_up(row, name, kind, ending, events, failures, taken.reason)
            await self._given_up(row, kind, ending, failures, taken.reason)

    async def _given_up(self, row: Claimed, kind: str, ending: Position, failures: int, reason: str) -> None:
        if not row["is_skipping"] or kind != CHANGES:
            await self.places.stop(row, reason, failures)
            return
        told = Told(ending, row["cluster"], row["slice"], (), 0, None)
        await self.places.told(row, told)
        await self.places.release(row)

    async def _blocked(self, row: Claimed, code: str) -> None:
        await self.places.later(row, code, BLOCKED_SECONDS)
        if self.streams.listener.turn(ACCESS) != row["access"]:
            await self.places.access_changed()  # which came before there was anything to be looked at again
