"""Codes, refresh tokens and the profile FAPI2, for a client that has shown a key (RFC 9449)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.dpop import Prover
from tests.support.portal import Flow, PortalHub, portal_hub, proved

KEY, OTHER = Prover(), Prover()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


async def redeemed(flow: Flow, code: str, key: Prover | None) -> dict[str, object]:
    return await proved(flow.hub, key, **flow.redeeming(code))


async def refreshed(flow: Flow, token: object, key: Prover | None) -> dict[str, object]:
    return await proved(flow.hub, key, **flow.refreshing(str(token)))


async def test_a_code_is_for_the_key_that_was_named(hub: PortalHub) -> None:
    for client in (await hub.portal(profile="FAPI2"), await hub.portal(), await hub.app()):
        flow = hub.flow(client, await hub.user(), dpop_jkt=KEY.jkt)
        code = await flow.code()
        assert (await redeemed(flow, code, OTHER))["error"] == "invalid_grant"
        assert "access_token" in await redeemed(flow, code, KEY)


async def test_a_code_that_names_no_key_is_for_any(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(profile="FAPI2"), await hub.user())
    code = await flow.code()
    assert (await redeemed(flow, code, None))["error"] == "invalid_dpop_proof"
    assert "access_token" in await redeemed(flow, code, KEY)


async def test_a_client_of_fapi_2_keeps_its_refresh_token_and_may_change_its_key(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(profile="FAPI2"), await hub.user(), dpop_jkt=KEY.jkt)
    token = (await redeemed(flow, await flow.code(), KEY))["refresh_token"]
    assert (await refreshed(flow, token, None))["error"] == "invalid_dpop_proof"
    for jkt in (KEY, OTHER, KEY):
        body = await refreshed(flow, token, jkt)
        assert "access_token" in body
        assert "refresh_token" not in body


async def test_the_refresh_token_of_a_public_client_stays_with_its_key(hub: PortalHub) -> None:
    flow = hub.flow(await hub.app(), await hub.user())
    token = (await redeemed(flow, await flow.code(), KEY))["refresh_token"]
    for jkt in (None, OTHER):
        assert (await refreshed(flow, token, jkt))["error"] == "invalid_grant"
    assert (await refreshed(flow, token, KEY))["refresh_token"] != token
