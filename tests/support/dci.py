"""Messages of SPDCI as a party sends them, and a server of its own for what comes back."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
import rfc8785
from joserfc import jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.emulators.web import served as serving_app
from hub.dci.parties import add_party
from tests.support.serving import Served

AT: Final = "2026-06-01T08:00:00+08:00"
SECONDS: Final = 20.0
_numbers = itertools.count(1)


def header(action: str, sender: str, **given: Any) -> dict[str, Any]:
    made = {
        "version": "1.0.0",
        "message_id": f"m-{next(_numbers)}",
        "message_ts": AT,
        "action": action,
        "sender_id": sender,
        "total_count": 1,
    }
    return {**made, **given}


def by(kind: str, value: Any, **criteria: Any) -> dict[str, Any]:
    return {"query_type": "idtype-value", "query": {"type": kind, "value": value}, **criteria}


def expression(query: Mapping[str, Any], **criteria: Any) -> dict[str, Any]:
    value = {"expression": {"collection": "Member", "query": query}}
    return {"query_type": "expression", "query": {"type": "expression", "value": value}, **criteria}


def predicates(*given: Mapping[str, Any], **criteria: Any) -> dict[str, Any]:
    return {"query_type": "predicate", "query": list(given), **criteria}


def searching(*criteria: Mapping[str, Any]) -> dict[str, Any]:
    items = [
        {"reference_id": f"r-{place}", "timestamp": AT, "search_criteria": each}
        for place, each in enumerate(criteria)
    ]
    return {"transaction_id": f"t-{next(_numbers)}", "search_request": items}


def subscribing(number: str, event: str = "UPDATE", **criteria: Any) -> dict[str, Any]:
    asked = {
        "reg_event_type": event,
        "filter": {"type": "NIN", "value": number},
        "notify_record_type": "Member",
        **criteria,
    }
    item = {"reference_id": "s-0", "timestamp": AT, "subscribe_criteria": asked}
    return {"transaction_id": f"t-{next(_numbers)}", "subscribe_request": [item]}


def status_of(kind: str, value: Any) -> dict[str, Any]:
    asked = {"reference_id": "x", "txn_type": "search", "attribute_type": kind, "attribute_value": value}
    return {"transaction_id": f"t-{next(_numbers)}", "txnstatus_request": asked}


@dataclass
class Party:
    """A client of the hub, by its role in ``Served``."""

    hub: Served
    role: str

    async def send(self, path: str, action: str, message: Any, **given: Any) -> httpx.Response:
        """``path``: below ``/dci``; ``given``: facts of the header."""
        body = {"signature": "", "header": header(action, self.role, **given), "message": message}
        return await self.post(path, body)

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.hub.http.post(f"/dci/{path}", json=body, headers=self.hub.bearer(self.role))

    async def search(self, *criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The items of a search that is answered at once."""
        answer = await self.send("social/registry/sync/search", "search", searching(*criteria))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["message"]["search_response"]
        return items

    async def records(self, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
        [item] = await self.search(criteria)
        assert item["status"] == "succ", item
        records: list[dict[str, Any]] = item["data"]["reg_records"]
        return records

    def sign(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """With the key of the client."""
        key = self.hub.keys[self.role]
        content = rfc8785.dumps({"header": body["header"], "message": body["message"]})
        head = {"alg": "ES256", "typ": "spdci-message", "kid": key.kid}
        return {**body, "signature": jws.detach_content(jws.serialize_compact(head, content, key))}


async def party(hub: Served, role: str, callback: str | None = None, **given: Any) -> Party:
    await add_party(hub.world.database, hub.world.engine.vault, role, callback, **given)
    return Party(hub, role)


@dataclass
class Receiver:
    """What came to a callback, in order. ``answer``: what it says to the next, 200 and ACK otherwise."""

    url: str = ""
    came: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    answers: list[JSONResponse] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: Request) -> JSONResponse:
        body = orjson.loads(await request.body())
        async with self.changed:
            self.came.append((request.url.path, body, dict(request.headers)))
            self.changed.notify_all()
        if self.answers:
            return self.answers.pop(0)
        return JSONResponse({"message": {"ack_status": "ACK", "timestamp": AT, "correlation_id": "c"}})

    async def wait(self, good: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that is ``good``."""

        def found() -> dict[str, Any] | None:
            return next((body for path, body, _ in self.came if good(path, body)), None)

        async with self.changed, asyncio.timeout(SECONDS):
            await self.changed.wait_for(found)
        body = found()
        assert body is not None
        return body


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = Starlette(routes=[Route("/{path:path}", made.receive, methods=["POST"])])
    async with serving_app(app) as url:
        made.url = f"{url}/registry/"
        yield made
