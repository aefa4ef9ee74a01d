"""A client that leaves before its request is complete is no fault of the hub."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from hub.web.metrics import Metrics
from hub.web.middleware import Observed


async def reads(request: Request) -> Response:
    return Response(await request.body())


async def test_who_leaves_within_a_body_is_counted_and_not_answered() -> None:
    metrics = Metrics()
    sent: list[Message] = []
    app = Starlette(
        routes=[Route("/reads", reads, methods=["POST"])],
        middleware=[Middleware(Observed, metrics=metrics, say=lambda **_: None)],
    )
    arriving: list[Message] = [
        {"type": "http.disconnect"}, {"type": "http.request", "body": b"x", "more_body": True}
    ]  # fmt: skip

    async def receive() -> Message:
        return arriving.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/reads", "headers": [], "query_string": b"", "state": {}
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent == []
    labels = {"route": "/reads", "status": "0"}
    assert metrics.registry.get_sample_value("hub_requests_total", labels) == 1
