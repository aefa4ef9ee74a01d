"""GraphQL over WebSocket: the subprotocol ``graphql-transport-ws``, and no other.

Its messages are in ``hub.web.messages``; here is what is done about them.

Token, purpose and emergency access come with headers of the handshake, or, as browsers can set none, with
``connection_init`` as ``{"Authorization": "Bearer …", "Hub-Purpose": "…"}``. So does a DPoP proof: of GET,
for the address with https. A cookie is never looked at, so a page of another site can do nothing with it;
such pages are refused all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from hub.access.viewer import Viewer
from hub.errors import HubError, Language, TooOften, Unauthenticated, Unavailable, UnknownPurpose
from hub.oauth.dpop import Given, NonceNeeded
from hub.read.answers import Answer
from hub.read.refusals import REFUSALS, refusal
from hub.read.run import Engine
from hub.read.stream import AccessChanged, Stream
from hub.web.accept import language
from hub.web.asked import Asked
from hub.web.costs import body_of, extended
from hub.web.heads import EMERGENCY, PURPOSE, heads
from hub.web.messages import Closing, Left, Messages, asked_of, id_of, payload_of
from hub.web.notice import notice_members
from hub.web.streams import Desk, Standing, TokenExpired, TooManyStreams
from hub.web.trusted import Sources

log = structlog.get_logger(__name__)

INIT_SECONDS: Final = 5.0
MAX_OPERATIONS: Final = 100
"""Of one socket at the same time."""

ENDS: Final[Mapping[type[HubError], int]] = {
    TokenExpired: 4403,
    AccessChanged: 4403,
    TooOften: 4429,
    Unavailable: 1013,
    Unauthenticated: 4401,
    UnknownPurpose: 4401,
}
"""Close code of what ends a socket. Clients come back after 4403 and 1013, and not after the others."""


def socket_routes(
    engine: Engine, desk: Desk, sources: Sources, origins: Collection[str]
) -> list[WebSocketRoute]:
    """``origins``: sites whose pages may connect."""

    async def endpoint(socket: WebSocket) -> None:
        if heads(socket.scope).get("origin", "") not in ("", *origins):
            await socket.close()  # before it is accepted: 403
            return
        await Talk(engine, desk, sources, Messages(socket)).run()

    return [WebSocketRoute("/graphql", endpoint)]


@dataclass(slots=True)
class Talk:
    """One socket, from its handshake to its end."""

    engine: Engine
    desk: Desk
    sources: Sources
    messages: Messages
    spoken: Language = "en"
    purpose: str | None = None
    emergency: str | None = None
    operations: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        self.spoken = language(heads(self.messages.socket.scope).get("accept-language", ""))
        try:
            await self.messages.accept()
            standing = await self._init()
            with self.desk.place(standing.viewer.client_id, "websocket"):
                await self._talk(standing)
        except (Left, WebSocketDisconnect):
            pass
        except Closing as end:
            await self.messages.close(end.code, end.reason)
        except TooManyStreams as error:
            await self.messages.close(4429, error.code)
        except Exception:
            log.exception("socket_failed")
            await self.messages.close(4500, HubError.code)

    # ── beginning ────────────────────────────────────────────────────────────────────────────────

    async def _init(self) -> Standing:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while (message := await self.messages.receive())["type"] != "connection_init":
                    if message["type"] == "subscribe":
                        raise Closing(4401, "Unauthorized")
                    id_of(message)
        except TimeoutError:
            raise Closing(4408, "Connection initialisation timeout") from None
        payload = payload_of(message)
        self.purpose = self._said(PURPOSE, payload)
        self.emergency = self._said(EMERGENCY, payload)
        standing = await self._known(self._said("Authorization", payload), self._said("DPoP", payload))
        await self.messages.acknowledge()
        return standing

    def _said(self, name: str, payload: Mapping[str, Any]) -> str | None:
        """By a header of the handshake, or by ``connection_init``."""
        said = heads(self.messages.socket.scope).get(name.lower(), payload.get(name))
        if not isinstance(said, str | None):
            raise Closing(4400, f"Expected {name} to be a text")
        return said

    async def _known(self, authorization: str | None, proof: str | None) -> Standing:
        bearer = self.desk.bearer
        try:
            if proof is None:
                await bearer.viewer(authorization)
            else:
                await bearer.proven(authorization, Given(proof, "GET", self.messages.socket.scope["path"]))
            standing = await self.desk.standing(authorization, self.purpose)
            viewer = standing.viewer
            state = self.messages.socket.state
            state.client_id, state.role = viewer.client_id, viewer.role
            await self.desk.rate.count(viewer.client_id, viewer.allowance.requests_per_minute)
        except NonceNeeded as error:  # a socket has no headers to answer with
            raise Closing(4403, f"{error.word} {bearer.nonces.now()}") from None
        except Unauthenticated:
            raise Closing(4403, "Forbidden") from None
        except HubError as error:
            raise _closing(error) from None
        return standing

    # ── talking ──────────────────────────────────────────────────────────────────────────────────

    async def _talk(self, standing: Standing) -> None:
        """Until one of the tasks ends it: of the socket's own, or of an operation."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._until_ended(standing))
                group.create_task(self._listen(standing, group))
        except BaseExceptionGroup as several:
            raise _first(several) from None

    async def _until_ended(self, standing: Standing) -> None:
        try:
            error: HubError = await standing.ended()
        except HubError as failed:
            error = failed
        raise _closing(error)

    async def _listen(self, standing: Standing, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self.messages.receive()
            match message["type"]:
                case "connection_init":
                    raise Closing(4429, "Too many initialisation requests")
                case "subscribe":
                    self._subscribe(standing, group, id_of(message), asked_of(message))
                case "complete":
                    if task := self.operations.pop(id_of(message), None):
                        task.cancel()

    def _subscribe(self, standing: Standing, group: asyncio.TaskGroup, name: str, asked: Asked) -> None:
        if name in self.operations:
            raise Closing(4409, "Subscriber for this id already exists")
        if len(self.operations) >= MAX_OPERATIONS:
            raise Closing(4429, "Too many operations")
        task = group.create_task(self._operate(standing, name, asked))
        self.operations[name] = task
        task.add_done_callback(lambda done: self._forget(name, done))

    def _forget(self, name: str, task: asyncio.Task[None]) -> None:
        """The id may belong to another by now."""
        if self.operations.get(name) is task:
            del self.operations[name]

    async def _operate(self, standing: Standing, name: str, asked: Asked) -> None:
        viewer, refused = standing.viewer, None
        try:
            viewer = await standing.now()
        except HubError as error:
            if standing.stated or not isinstance(error, UnknownPurpose):
                raise _closing(error) from None
            refused = error  # as it was when the socket began
        source = ""
        try:
            await self.desk.rate.count(viewer.client_id, viewer.allowance.requests_per_minute)
            source = await self.sources.of(viewer, asked)
            if refused is not None:
                raise refused
            viewer = await self.desk.streams.emergencies.entered(viewer, self.emergency)
            stream = await self.desk.streams.subscribe(
                viewer, source, asked.operation_name, asked.variables, reading=False
            )
            if stream is None:
                await self._answer(viewer, name, asked, source)
            else:
                await self._stream(stream, name)
        except Unavailable as error:
            raise _closing(error) from None
        except REFUSALS as error:
            told = await self.engine.attempted(viewer, source, error)
            await self._refuse(name, refusal(told, self.spoken))

    async def _answer(self, viewer: Viewer, name: str, asked: Asked, source: str) -> None:
        answer = await self.engine.answer(
            viewer, source, asked.operation_name, asked.variables, reading=False, language=self.spoken
        )
        await self.sources.keep(viewer, asked, answer)
        if answer.cost is not None:
            self.desk.metrics.spent(viewer.role, answer.cost.actual)
        if not answer.executed:
            await self._refuse(name, answer)
            return
        await self.messages.next(name, body_of(answer, *notice_members(answer.notice)))
        self.operations.pop(name, None)
        await self.messages.complete(name)

    async def _stream(self, stream: Stream, name: str) -> None:
        notice = notice_members(stream.notice)
        with self.desk.place(stream.viewer.client_id, "websocket"):
            async with aclosing(stream.told()) as events:
                async for event in events:
                    await self.messages.next(name, extended(event, *notice))
                    notice = []

    async def _refuse(self, name: str, answer: Answer) -> None:
        self.operations.pop(name, None)
        await self.messages.error(name, orjson.loads(answer.body)["errors"])


def _closing(error: HubError) -> Closing:
    code = next((code for kind, code in ENDS.items() if isinstance(error, kind)), 4500)
    return Closing(code, error.code)


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """What ended it first; the others were ended by that."""
    found = several.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
