"""All of SPDCI that a process does: its addresses, and what is answered and told later."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.routing import Route

from hub.dci.exchange import Exchange
from hub.dci.messages import SUBSCRIBE, UNSUBSCRIBE
from hub.dci.registry import Registry
from hub.dci.routes import Endpoints
from hub.dci.subscriptions import Subscriptions
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.read.run import Engine
from hub.web.graphql import Authenticate
from hub.web.receipts import Receipts


class Service:
    """``days``: how long a message is tried, and its outcome told."""

    def __init__(
        self, engine: Engine, issuer: Issuer, keys: SigningKeys, days: int, clock: Callable[[], dt.datetime]
    ) -> None:
        database, vault = engine.database, engine.vault
        registry = Registry(engine, clock)
        self.names = issuer.url, str(urlsplit(issuer.url).hostname)
        self.exchange = Exchange(database, vault, registry, keys, issuer.url, days, clock)
        self.subscriptions = Subscriptions(database, vault, registry, self.exchange, clock)
        self.exchange.others = {
            SUBSCRIBE: self.subscriptions.subscribe,
            UNSUBSCRIBE: self.subscriptions.unsubscribe,
        }

    def routes(self, authenticate: Authenticate, most: int, receipts: Receipts | None = None) -> list[Route]:
        """``most``: bytes of a body."""
        exchange = self.exchange
        endpoints = Endpoints(
            exchange, exchange.registry, authenticate, exchange.clock, self.names, most, receipts
        )
        return endpoints.routes()

    async def until(self, stop: asyncio.Event) -> None:
        """Answers and tells, until ``stop``."""
        await asyncio.gather(self.exchange.until(stop), self.subscriptions.until(stop))
