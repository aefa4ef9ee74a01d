"""A receiver of webhooks on the loopback, which holds what a receiver should, and clients told at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.emulators.web import served as serving_app
from graphql_schema.schema import audience
from hub.delivery.endpoints import Wanted, add
from hub.delivery.posting import Networks
from hub.store.database import Database
from tests.support.reading import World

WAIT: Final = 20.0
"""Seconds any single step may take; none is a measure of speed."""
DOCUMENTS: Final = {
    "thin": "subscription { beneficiaryChanges { operation id position } }",
    "full": "subscription { beneficiaryChanges { operation id position node { nameMasked riskLevel } } }",
    "watches": "subscription { watchChanges { operation id node { reference isEntitled } } }",
    "of_risk": "subscription Of($risk: RiskLevel!) {"
    " beneficiaryChanges(where: {riskLevel: {eq: $risk}}) { operation id node { id riskLevel } } }",
}
COUNTY: Final = "450305"
OWN: Final = "127.0.0.0/8"


@dataclass
class Came:
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> Any:
        return orjson.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [next(iter(each["data"].values())) for each in self.message["data"].get("events", ())]

    def verify(self, secret: str) -> Any:
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Endpoint:
    """``answers``: what is said to the next messages, 204 otherwise. ``hold``: none is answered before."""

    world: World
    url: str = ""
    came: list[Came] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    hold: asyncio.Event | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def database(self) -> Database:
        return self.world.database

    async def receive(self, request: Request) -> Response:
        came = Came(dict(request.headers), await request.body())
        async with self.changed:
            self.came.append(came)
            self.changed.notify_all()
        if self.hold is not None:
            await self.hold.wait()
        return self.answers.pop(0) if self.answers else Response(status_code=204)

    async def add(
        self, client: str = "bureau", name: str = "one", document: str = "thin", **more: Any
    ) -> str:
        """The secret."""
        wanted = Wanted(
            client, name, more.pop("url", self.url), DOCUMENTS[document], more.pop("variables", {}), **more
        )
        return await add(self.database, self.world.engine.vault, Networks((OWN,)), audience, wanted)

    async def wait(self, good: Callable[[list[Came]], bool]) -> list[Came]:
        """All that came, once it is ``good``."""
        async with self.changed, asyncio.timeout(WAIT):
            await self.changed.wait_for(lambda: good(self.came))
        return list(self.came)

    async def messages(self, count: int) -> list[Came]:
        return await self.wait(lambda came: len(came) >= count)

    async def ids(self, count: int) -> list[tuple[str, str]]:
        """Operation and number of so many events, in order."""
        came = await self.wait(lambda came: sum(len(each.events) for each in came) >= count)
        events = [event for each in came for event in each.events]
        return [(event["operation"], event["id"].rpartition(":")[2]) for event in events]

    async def nodes(self, count: int) -> list[Any]:
        """The records of so many events, or of more that came with them, in order."""
        came = await self.wait(lambda came: sum(len(each.events) for each in came) >= count)
        return [event["node"] for each in came for event in each.events]

    async def place(self, **wanted: Any) -> dict[str, Any]:
        """Where the one endpoint stands, once it is as ``wanted``."""
        async with asyncio.timeout(WAIT):
            while True:
                [row] = await self.database.owner.fetch("select * from webhook_place")
                if all(row[name] == value for name, value in wanted.items()):
                    return dict(row)
                await asyncio.sleep(0.05)

    async def soon(self) -> None:
        """What waits for its next try is due now."""
        await self.database.owner.execute("update webhook_place set due_at = now()")


@asynccontextmanager
async def receiving(world: World) -> AsyncIterator[Endpoint]:
    made = Endpoint(world)
    app = Starlette(routes=[Route("/hook", made.receive, methods=["POST"])])
    async with serving_app(app) as url:
        made.url = f"{url}/hook"
        yield made
