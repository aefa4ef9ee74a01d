"""``/dci``: the registries' addresses over HTTP.

At the layer of communication a fault is a status of HTTP and ``errors`` with the standard's codes; what is
wrong with one item of a message is told at its place in the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.viewer import Viewer
from hub.dci.exchange import Exchange
from hub.dci.messages import (
    CALLBACKS,
    SEARCH,
    SUBSCRIBE,
    TXN_STATUS,
    UNSUBSCRIBE,
    BadMessage,
    DisabledRequest,
    EnrolledRequest,
    Header,
    Message,
    SearchRequest,
    StatusRequest,
    SubscribeRequest,
    UnsubscribeRequest,
    acknowledged,
    moment,
    new_id,
    parsed,
    read_header,
    said_back,
    status_of,
)
from hub.dci.parties import Party, find_party
from hub.dci.registry import Refused, Registry
from hub.dci.signature import check, signed
from hub.errors import BadDocument, Forbidden, HubError, TooOften, Unauthenticated, Unavailable
from hub.web.accept import JSON
from hub.web.asked import json_of
from hub.web.graphql import Authenticate
from hub.web.receipts import Receipts, receipted
from hub.web.refusals import EVERY_METHOD, again

log = structlog.get_logger("hub.dci")

SOCIAL, IBR, DR = "/dci/social/registry", "/dci/ibr/registry", "/dci/dr/registry"
LATER: Final[Mapping[str, tuple[str, type[Message]]]] = {
    f"{SOCIAL}/search": (SEARCH, SearchRequest),
    f"{SOCIAL}/subscribe": (SUBSCRIBE, SubscribeRequest),
    f"{SOCIAL}/unsubscribe": (UNSUBSCRIBE, UnsubscribeRequest),
    f"{SOCIAL}/txn/status": (TXN_STATUS, StatusRequest),
}
WORDS: Final = (
    (Unauthenticated, "err.request.unauthorized"),
    (Forbidden, "err.request.forbidden"),
    (TooOften, "err.request.too_many_requests"),
    (Unavailable, "err.service.unavailable"),
)

M = TypeVar("M", bound=Message)
Asked = tuple[Viewer, Party, Header, dict[str, Any]]


class OnlyPosted(BadDocument):
    """Expected POST."""

    status, zh = 405, "仅支持 POST"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """``most``: bytes of a body. ``names``: what the hub may be called as a receiver, its own name first."""

    exchange: Exchange
    registry: Registry
    authenticate: Authenticate
    clock: Callable[[], dt.datetime]
    names: tuple[str, ...]
    most: int
    receipts: Receipts | None = None

    def routes(self) -> list[Route]:
        later = {path: self._later(*each) for path, each in LATER.items()}
        at_once = {
            f"{SOCIAL}/sync/search": self._answering(SEARCH, self.search),
            f"{SOCIAL}/sync/txn/status": self._answering(TXN_STATUS, self.status),
            f"{IBR}/sync/enrolled": self._answering(SEARCH, self.enrolled),
            f"{DR}/sync/disabled": self._answering(SEARCH, self.disabled),
        }
        around = receipted(self.receipts)
        return [
            Route(path, serve, methods=EVERY_METHOD, middleware=around)
            for path, serve in {**later, **at_once}.items()
        ]

    # ── at once ──────────────────────────────────────────────────────────────────────────────────────

    async def search(self, asked: Asked) -> dict[str, Any]:
        viewer, _, header, message = asked
        request = parsed(SearchRequest, message, "message")
        items = await self.registry.search(viewer, request)
        told = {**self._ids(request), "search_response": items}
        return self._said(header, told, status=status_of(items), count=len(items))

    async def status(self, asked: Asked) -> dict[str, Any]:
        viewer, _, header, message = asked
        told, known = await self.exchange.status(viewer, parsed(StatusRequest, message, "message"))
        return self._said(header, told, status="succ" if known else "rjct")

    async def enrolled(self, asked: Asked) -> dict[str, Any]:
        viewer, _, header, message = asked
        request = parsed(EnrolledRequest, message, "message")
        answer = self.registry.enrolled(viewer, request)
        return await self._yes_or_no(header, request, "enrolled", answer)

    async def disabled(self, asked: Asked) -> dict[str, Any]:
        viewer, _, header, message = asked
        request = parsed(DisabledRequest, message, "message")
        answer = self.registry.disabled(viewer, request)
        return await self._yes_or_no(header, request, "disabled", answer)

    async def _yes_or_no(
        self,
        header: Header,
        request: EnrolledRequest | DisabledRequest,
        word: str,
        answer: Awaitable[bool],
    ) -> dict[str, Any]:
        """The standard knows yes and no, and each item has one: what is neither has no item, and says why."""
        told: dict[str, Any] = {**self._ids(request), f"{word}_response": []}
        try:
            found = await answer
        except (BadMessage, Refused) as error:
            envelope = self._said(header, told, status="rjct")
            envelope["header"]["status_reason_message"] = str(error)[:999]
            return envelope
        item = {"reference_id": request.transaction_id, "timestamp": moment(self.clock()), "status": "succ"}
        told[f"{word}_response"] = [{**item, f"{word}_status": "yes" if found else "no"}]
        return self._said(header, told)

    # ── later ────────────────────────────────────────────────────────────────────────────────────────

    def _later(self, action: str, model: type[Message]) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            viewer, party, header, message = await self._asked(request, action)
            parsed(model, message, "message")
            url = party.callback(header.sender_uri, CALLBACKS[action][1])
            correlation_id = await self.exchange.accept(viewer, header, message, url)
            return _json(acknowledged(correlation_id, moment(self.clock())), 202)

        return self._guarded(serve)

    # ── both ─────────────────────────────────────────────────────────────────────────────────────────

    def _answering(
        self, action: str, answer: Callable[[Asked], Awaitable[dict[str, Any]]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            return _json(signed(await answer(await self._asked(request, action)), self.exchange.keys))

        return self._guarded(serve)

    def _guarded(
        self, serve: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                if request.method != "POST":
                    raise OnlyPosted
                return await serve(request)
            except HubError as error:
                return _refusal(error, self.clock())

        return endpoint

    async def _asked(self, request: Request, action: str) -> Asked:
        """Who asks what, once all is known to be in order that is not of one item."""
        viewer = await self.authenticate(request)
        party = await find_party(self.exchange.database, self.exchange.vault, viewer.client_id)
        body = await json_of(request, self.most)
        header = read_header(body, action)
        if header.sender_id != viewer.client_id:
            raise BadMessage(
                "Expected the client's own name as sender_id.",
                word="err.sender_id.invalid",
                zh="sender_id 不符",
            )
        if header.receiver_id is not None and header.receiver_id not in self.names:
            raise BadMessage(
                "The message is for another receiver.", word="err.receiver_id.invalid", zh="receiver_id 不符"
            )
        check(body, party.client, needed=party.is_signed)
        return viewer, party, header, body["message"]

    def _ids(self, request: Any) -> dict[str, str]:
        return {"transaction_id": request.transaction_id, "correlation_id": new_id()}

    def _said(self, header: Header, message: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
        action, now = CALLBACKS[header.action][0], moment(self.clock())
        return said_back(self.names[0], header.sender_id, action, message, now, **facts)


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store"}, JSON)


def _refusal(error: HubError, now: dt.datetime) -> Response:
    """Both as the standard's answer of HTTP and as its word against a message."""
    word = next((word for kind, word in WORDS if isinstance(error, kind)), "err.request.bad")
    word = error.word if isinstance(error, BadMessage) else word
    headers = {"Cache-Control": "no-store", **again(error.retry_after)}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = error.challenge
    if isinstance(error, OnlyPosted):
        headers["Allow"] = "POST"
    told = {"code": word, "message": error.message}
    errors = [{**told, "messageZh": error.message_zh, "hubCode": error.code}]
    said = {"ack_status": "ERR", "timestamp": moment(now), "correlation_id": new_id(), "error": told}
    return Response(orjson.dumps({"message": said, "errors": errors}), error.status, headers, JSON)
