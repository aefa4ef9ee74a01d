"""For which resource a token is to be (RFC 8707): the hub's own name is taken, and no other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.support.oauth import BASE_URL, refused
from tests.support.portal import PortalHub, portal_hub, sent_back

FOREIGN = (
    "https://other.example",
    f"{BASE_URL}/graphql",
    f"{BASE_URL}//",
    f"{BASE_URL}#a",
    BASE_URL.upper(),
    "hub",
    "枢纽",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        await hub.register(client_id="bureau")
        yield hub


@pytest.mark.parametrize("resource", [BASE_URL, f"{BASE_URL}/", ""])
async def test_the_hub_itself_may_be_named_everywhere(hub: PortalHub, resource: str) -> None:
    named = (await hub.http.get("/.well-known/oauth-protected-resource")).json()["resource"]
    assert named == BASE_URL
    assert (await hub.post(hub.assertion("bureau"), resource=resource)).status_code == 200
    flow = hub.flow(await hub.portal(), await hub.user(), resource=resource)
    for pushed in (True, False):
        answer = await flow.redeem(await flow.code(pushed=pushed), resource=resource)
        assert answer.status_code == 200
        again = await flow.refresh(answer.json()["refresh_token"], resource=resource)
        assert again.status_code == 200


@pytest.mark.parametrize("resource", FOREIGN)
async def test_another_resource_is_refused_everywhere(hub: PortalHub, resource: str) -> None:
    refused(await hub.post(hub.assertion("bureau"), resource=resource), "invalid_target")
    flow = hub.flow(await hub.portal(), await hub.user(), resource=resource)
    refused(await flow.push(), "invalid_target")
    back = sent_back(await flow.begin(pushed=False))
    assert (back["error"], back["state"], back["iss"]) == ("invalid_target", flow.asked["state"], BASE_URL)
    flow = hub.flow(flow.client, flow.person)
    code = await flow.code()
    refused(await flow.redeem(code, resource=resource), "invalid_target")
    token = (await flow.redeem(code)).json()["refresh_token"]  # the code was not used up
    refused(await flow.refresh(token, resource=resource), "invalid_target")


async def test_a_resource_is_named_once(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())

    async def twice(path: str, form: dict[str, str]) -> httpx.Response:
        return await hub.http.post(path, data={**form, "resource": [BASE_URL, BASE_URL]})

    refused(await twice("/oauth/par", {**flow.asked, **flow.proof}), "invalid_request")
    code = await flow.code()
    refused(await twice("/oauth/token", flow.redeeming(code)), "invalid_request")
    assert (await flow.redeem(code)).status_code == 200
