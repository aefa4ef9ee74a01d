"""Streams that are open: how many there may be, and until when who reads one may go on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any

from hub.access.viewer import Viewer
from hub.errors import HubError, TooOften, Unauthenticated, UnknownPurpose
from hub.oauth.bearer import VIEWER_SECONDS, Bearer
from hub.read.stream import AccessChanged, Streams
from hub.store.listener import ACCESS, Listener
from hub.web.limits import Rate
from hub.web.metrics import Metrics


class TooManyStreams(TooOften):
    """Too many streams are open; end one, or try again later."""

    code, zh = "TOO_MANY_STREAMS", "同时打开的事件流过多，请先结束一个或稍后再试"


class TokenExpired(Unauthenticated):
    """The access token has ended; connect with a new one and go on behind your last position."""

    code, zh = "TOKEN_EXPIRED", "访问令牌已到期，请用新令牌重新连接，并从最后的位置继续"


@dataclass(slots=True)
class Desk:
    """All streams of a process: at most ``most`` of all clients, ``most_each`` of one."""

    streams: Streams
    bearer: Bearer
    rate: Rate
    metrics: Metrics
    most: int
    most_each: int
    held: Counter[str] = field(default_factory=Counter)

    def allow(self, client_id: str) -> None:
        """TooManyStreams where one more is too many."""
        if self.held[client_id] >= self.most_each or self.held.total() >= self.most:
            raise TooManyStreams

    @contextmanager
    def place(self, client_id: str, transport: str) -> Iterator[None]:
        """For one stream or one socket, while it is open. TooManyStreams."""
        self.allow(client_id)
        self.held[client_id] += 1
        gauge = self.metrics.streams.labels(transport)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()
            self.held[client_id] -= 1
            if not self.held[client_id]:
                del self.held[client_id]

    async def standing(self, authorization: str | None, purpose: str | None = None) -> Standing:
        """Of a request that was let in, and names ``purpose``. Unauthenticated as for any request."""
        listener = self.streams.listener
        listener.start()
        turn = listener.turn(ACCESS)  # before the question: what changes from here on is noticed
        viewer = await self.bearer.still(authorization)
        ends_at = self.bearer.ends_at(authorization)
        try:
            viewer, stated = viewer.asking_for(purpose), True
        except UnknownPurpose:
            stated = False
        return Standing(self.bearer, listener, authorization, purpose, viewer, stated, ends_at, turn)


@dataclass(frozen=True, slots=True)
class Standing:
    """The right somebody began a stream with. ``ends_at``: of the token, in seconds since 1970.

    ``stated``: whether ``viewer`` may ask for ``purpose``; a socket whose viewer may not refuses operations.
    """

    bearer: Bearer
    listener: Listener
    authorization: str | None
    purpose: str | None
    viewer: Viewer
    stated: bool
    ends_at: float
    turn: int

    async def now(self) -> Viewer:
        """The viewer as it is now: AccessChanged if it may see something else, Unauthenticated if nothing,
        UnknownPurpose if it may not ask for its purpose, or not any more."""
        viewer = (await self.bearer.still(self.authorization)).asking_for(self.purpose)
        if rights(viewer) != rights(self.viewer):
            raise AccessChanged
        return viewer

    async def ended(self) -> HubError:
        """Why the right has ended, once it has. Asks nobody while no client is changed."""
        turn = self.turn
        while (left := self.ends_at - time.time()) > 0:
            await self.listener.after(ACCESS, turn, min(left, self._of_purpose()))
            turn = self.listener.turn(ACCESS)
            # What is remembered of a client is forgotten by then.
            await asyncio.sleep(max(0, min(VIEWER_SECONDS, self.ends_at - time.time())))
            try:
                await self.now()
            except AccessChanged as error:
                return error
            except UnknownPurpose as error:
                if self.stated:
                    return error
            except Unauthenticated as error:
                return error if time.time() < self.ends_at else TokenExpired()
        return TokenExpired()

    def _of_purpose(self) -> float:
        """Seconds until it ends by itself."""
        stated = self.viewer.stated
        return inf if stated is None or stated.until is None else max(0, stated.until - time.time())


def rights(viewer: Viewer) -> tuple[Any, ...]:
    """What decides what is seen, and why; how much may be asked does not."""
    place = viewer.division_code, viewer.organisation_id
    return viewer.capability, *place, viewer.documents_only, viewer.purpose
