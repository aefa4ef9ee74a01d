"""A province's gateway that is a real server, and a hub that reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.emulators.gateway import Gateway
from connectors.emulators.web import Faulty, served
from connectors.gateway_lists import GatewayLists
from tests.connectors.hub_of import Filled, at, hub_of

COUNTY = "450305"
NOON = at(dt.datetime(2026, 6, 15, 12))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now


@asynccontextmanager
async def reading(gateway: Gateway, connector: GatewayLists, path: str) -> AsyncIterator[Filled]:
    """``path``: where the lists are on the gateway."""
    async with (
        served(Faulty(gateway.app(), gateway.switches)) as address,
        hub_of(COUNTY, {connector.name: connector}) as filled,
    ):
        opened = {"app-key": gateway.key, "app-secret": gateway.secret}
        await filled.register(connector.name, address + path, **opened)
        await filled.open_stations()
        yield filled
