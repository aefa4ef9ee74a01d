"""Around every request: an id, a time, one log line, security headers, and no stack trace outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import token_hex
from typing import Final

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.viewer import REQUEST_ID
from hub.errors import HubError, Language
from hub.web.accept import language
from hub.web.heads import heads
from hub.web.metrics import Metrics
from hub.web.refusals import EVERY_METHOD

log = structlog.get_logger("hub.web")

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

WEBSOCKET: Final = "WEBSOCKET"
METHODS: Final = (*EVERY_METHOD, WEBSOCKET)


class Observed:
    """Outermost layer; ``scope["state"]`` may name ``client_id``, ``role`` and ``cost`` for the log.

    A ``dpop_nonce`` there goes into the answer, whatever it is.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, say: Callable[..., None]) -> None:
        self.app = app
        self.metrics = metrics
        self.say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, request_id = time.perf_counter(), token_hex(16)
        REQUEST_ID.set(request_id)
        status = 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                given = {name for name, _ in headers}
                headers.append((b"x-request-id", request_id.encode()))
                headers.extend(each for each in SECURITY_HEADERS if each[0] not in given)
                if "dpop_nonce" in scope.get("state", ()):
                    headers.append((b"dpop-nonce", scope["state"]["dpop_nonce"].encode()))
            await send(message)

        try:
            await self.app(scope, receive, observed_send)
        except ClientDisconnect:
            pass  # nobody is there to be answered; status 0 says so
        except Exception:
            log.exception("request_failed", request_id=request_id)
            if status:
                raise
            spoken = language(heads(scope).get("accept-language", ""))
            await _internal_error(spoken)(scope, receive, observed_send)
        finally:
            self._note(scope, status, time.perf_counter() - started, request_id)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Its one line comes at its end, with the close code as the status."""
        started, code = time.perf_counter(), 1005
        request_id = token_hex(16)
        REQUEST_ID.set(request_id)

        async def observed_receive() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code", code)
            return message

        async def observed_send(message: Message) -> None:
            nonlocal code
            if message["type"] == "websocket.close":
                code = message.get("code", 1000)
            await send(message)

        try:
            await self.app(scope, observed_receive, observed_send)
        finally:
            self._note(scope, code, time.perf_counter() - started, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "other")
        state = scope.get("state", {})
        method = scope.get("method", WEBSOCKET)
        lasting = method == WEBSOCKET or state.get("stream", False)
        self.metrics.observe(route, status, None if lasting else seconds)
        cost = state.get("cost")
        if cost is not None:
            self.metrics.spent(state["role"], cost.actual)
        self.say(
            request_id=request_id,
            method=method if method in METHODS else "other",
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            client_id=state.get("client_id"),
            role=state.get("role"),
            cost_static=cost and cost.static,
            cost_actual=cost and cost.actual,
        )


def _internal_error(spoken: Language) -> Response:
    body = orjson.dumps({"errors": [HubError("Internal error.").shown(spoken)]})
    return Response(body, 500, media_type="application/json")
