"""The FAPI 2.0 Security Profile (final of February 2025), 5.3.2: each requirement on an authorization server.

The numbers are those of the document. Those that only DPoP can show are tested with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.errors import BadArgument
from hub.oauth.clients import Client
from tests.support.dpop import Prover
from tests.support.oauth import BASE_URL, TOKEN_URL, refused
from tests.support.portal import CALLBACK, PortalHub, portal_hub, proved, sent_back

REQUIREMENTS: Final = {
    "5.3.2.1-1": "publishes its metadata (RFC 8414)",
    "5.3.2.1-2": "refuses the password grant",
    "5.3.2.1-3": "takes confidential clients only",
    "5.3.2.1-4": "issues tokens bound to their sender only",
    "5.3.2.1-5": "binds them with MTLS or DPoP",
    "5.3.2.1-6": "authenticates clients with MTLS or private_key_jwt",
    "5.3.2.1-7": "redirects to no place it was not told at registration",
    "5.3.2.1-8": "takes its issuer, as one string, for the aud of an assertion, and nothing else",
    "5.3.2.1-9": "does not rotate refresh tokens",
    "5.3.2.1-10": "may give nonces for DPoP",
    "5.3.2.1-11": "issues codes that live 60 seconds at most",
    "5.3.2.1-12": "binds codes to a DPoP key that was named (RFC 9449, 10.1)",
    "5.3.2.1-13": "takes an iat or nbf up to 10 seconds ahead, and none more than 60 seconds ahead",
    "5.3.2.1-14": "gives a token no more rights than it needs",
    "5.3.2.2-1": "wants response_type to be code",
    "5.3.2.2-2": "takes pushed requests of authenticated clients (RFC 9126)",
    "5.3.2.2-3": "refuses requests that were not pushed",
    "5.3.2.2-4": "refuses pushed requests without client authentication",
    "5.3.2.2-5": "wants PKCE with S256",
    "5.3.2.2-6": "wants the redirect_uri in a pushed request",
    "5.3.2.2-7": "names itself as iss in its answer (RFC 9207)",
    "5.3.2.2-8": "sends no answer over an unencrypted connection",
    "5.3.2.2-9": "refuses a code that was used",
    "5.3.2.2-10": "never redirects with 307",
    "5.3.2.2-11": "redirects with 303",
    "5.3.2.2-12": "gives a request_uri less than 600 seconds",
    "5.3.2.2-13": "tells the user which client asks, and for what",
    "5.3.2.2-14": "takes a nonce of 64 characters, if it speaks OpenID Connect",
}
WITH_DPOP: Final = {"5.3.2.1-5", "5.3.2.1-10"}
NOT_SPOKEN: Final = {"5.3.2.2-14"}
"""Of OpenID Connect, which the hub does not offer."""

KEY, OTHER = Prover(), Prover()
"""Thumbprints of keys; how a proof is checked is tested with DPoP."""

Check = Callable[[PortalHub, Client], Awaitable[None]]
CHECKS: Final[dict[str, Check]] = {}


def shows(number: str) -> Callable[[Check], Check]:
    def entered(check: Check) -> Check:
        assert CHECKS.setdefault(number, check) is check
        return check

    return entered


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


@pytest.mark.parametrize("number", sorted(REQUIREMENTS.keys() - WITH_DPOP - NOT_SPOKEN))
async def test_requirement(hub: PortalHub, number: str) -> None:
    await CHECKS[number](hub, await hub.portal(profile="FAPI2"))


def test_every_requirement_has_its_test() -> None:
    assert CHECKS.keys() == REQUIREMENTS.keys() - WITH_DPOP - NOT_SPOKEN


@shows("5.3.2.1-1")
async def _(hub: PortalHub, client: Client) -> None:
    found = (await hub.http.get("/.well-known/oauth-authorization-server")).json()
    for name in ("authorization", "token", "pushed_authorization_request"):
        assert found[f"{name}_endpoint"].startswith(f"{BASE_URL}/oauth/")


@shows("5.3.2.1-2")
async def _(hub: PortalHub, client: Client) -> None:
    answer = await hub.post(
        hub.assertion(client.client_id), grant_type="password", username="a", password="b"
    )
    refused(answer, "unsupported_grant_type")


@shows("5.3.2.1-3")
async def _(hub: PortalHub, client: Client) -> None:
    with pytest.raises(BadArgument):
        await hub.app(profile="FAPI2")
    with pytest.raises(Exception, match="fapi2"):
        await hub.sql("update oauth_client set auth_method = 'none' where profile = 'FAPI2'")


@shows("5.3.2.1-4")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    refused(await flow.redeem(await flow.code()), "invalid_dpop_proof")
    machine = await hub.register("bureau", profile="FAPI2")
    refused(await hub.post(hub.assertion(machine.client_id)), "invalid_dpop_proof")


@shows("5.3.2.1-6")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    refused(await flow.redeem(await flow.code(), client_assertion=None), "invalid_client")
    refused(await flow.redeem("x", client_assertion=None, client_id=client.client_id), "invalid_client")
    secret = {"client_assertion": None, "client_id": client.client_id, "client_secret": "s"}
    refused(await flow.redeem("x", **secret), "invalid_client")


@shows("5.3.2.1-7")
async def _(hub: PortalHub, client: Client) -> None:
    for uri in ("https://evil.example/", CALLBACK + "/..", "//evil.example"):
        flow = hub.flow(client, await hub.user(), redirect_uri=uri)
        refused(await flow.push(), "invalid_request")
        assert (await flow.begin(pushed=False)).status_code == 400


@shows("5.3.2.1-8")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client)
    for audience in (TOKEN_URL, f"{BASE_URL}/oauth/par", [BASE_URL], [BASE_URL, TOKEN_URL], BASE_URL + "/"):
        assertion = hub.assertion(client.client_id, aud=audience)
        refused(await flow.push(client_assertion=assertion), "invalid_client")
    assert (await flow.push(client_assertion=hub.assertion(client.client_id))).status_code == 201


@shows("5.3.2.1-9")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    token = (await proved(hub, KEY, **flow.redeeming(await flow.code())))["refresh_token"]
    for _ in range(2):
        body = await proved(hub, KEY, **flow.refreshing(token))
        assert "access_token" in body
        assert "refresh_token" not in body


@shows("5.3.2.1-11")
async def _(hub: PortalHub, client: Client) -> None:
    await hub.flow(client, await hub.user()).code()
    (life,) = await hub.sql("select extract(epoch from max(expires_at) - now())::float from oauth_code")
    assert life[0] <= 60


@shows("5.3.2.1-12")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user(), dpop_jkt=KEY.jkt)
    code = await flow.code()
    assert (await proved(hub, OTHER, **flow.redeeming(code)))["error"] == "invalid_grant"
    assert "access_token" in await proved(hub, KEY, **flow.redeeming(code))


@shows("5.3.2.1-13")
async def _(hub: PortalHub, client: Client) -> None:
    flow, now = hub.flow(client), int(time.time())
    for name in ("iat", "nbf"):
        ahead: dict[str, Any] = {name: now + 10, "exp": now + 90}
        assertion = hub.assertion(client.client_id, **ahead)
        assert (await flow.push(client_assertion=assertion)).status_code == 201
        late: dict[str, Any] = {name: now + 65, "exp": now + 90}
        assertion = hub.assertion(client.client_id, **late)
        refused(await flow.push(client_assertion=assertion), "invalid_client")


@shows("5.3.2.1-14")
async def _(hub: PortalHub, client: Client) -> None:
    person = await hub.user(scopes=["visit.rs"])
    flow = hub.flow(client, person, scope="visit.rs beneficiary.rs")
    body = await proved(hub, KEY, **flow.redeeming(await flow.code()))
    assert body["scope"] == "visit.rs"


@shows("5.3.2.2-1")
async def _(hub: PortalHub, client: Client) -> None:
    for kind in ("token", "id_token", "code id_token", "code token", "none"):
        refused(await hub.flow(client).push(response_type=kind), "unsupported_response_type")


@shows("5.3.2.2-2")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    assert set(sent_back(await flow.decide(await flow.page()))) == {"code", "state", "iss"}


@shows("5.3.2.2-3")
async def _(hub: PortalHub, client: Client) -> None:
    back = sent_back(await hub.flow(client, await hub.user()).begin(pushed=False))
    assert back["error"] == "invalid_request"
    assert "code" not in back


@shows("5.3.2.2-4")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client)
    refused(await flow.push(client_assertion=None), "invalid_client")
    refused(await flow.push(client_assertion=hub.assertion("nobody")), "invalid_client")


@shows("5.3.2.2-5")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client)
    for changed in (
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
    ):
        refused(await flow.push(**changed), "invalid_request")


@shows("5.3.2.2-6")
async def _(hub: PortalHub, client: Client) -> None:
    refused(await hub.flow(client).push(redirect_uri=None), "invalid_request")


@shows("5.3.2.2-7")
async def _(hub: PortalHub, client: Client) -> None:
    for decision in ("allow", "deny"):
        flow = hub.flow(client, await hub.user())
        assert sent_back(await flow.decide(await flow.page(), decision))["iss"] == BASE_URL
    back = sent_back(await hub.flow(client, await hub.user()).begin(pushed=False))
    assert back["iss"] == BASE_URL


@shows("5.3.2.2-8")
async def _(hub: PortalHub, client: Client) -> None:
    for uri in ("http://portal.example/", "http://127.0.0.1/back", "http://[::1]:1/back", "portal:/back"):
        with pytest.raises(BadArgument):
            await hub.portal(profile="FAPI2", redirect_uris=[uri])


@shows("5.3.2.2-9")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    code = await flow.code()
    answers = await asyncio.gather(*(proved(hub, KEY, **flow.redeeming(code)) for _ in range(10)))
    assert sorted(body.get("error", "") for body in answers) == ["", *["invalid_grant"] * 9]
    assert (await proved(hub, KEY, **flow.redeeming(code)))["error"] == "invalid_grant"


@shows("5.3.2.2-10")
@shows("5.3.2.2-11")
async def _(hub: PortalHub, client: Client) -> None:
    flow = hub.flow(client, await hub.user())
    begun = await flow.begin()
    answers = [
        begun,
        await flow.decide(await flow.get(begun.headers["location"])),
        await flow.begin(pushed=False),
        await hub.flow(await hub.portal()).begin(pushed=False),
    ]
    assert [answer.status_code for answer in answers] == [303] * 4


@shows("5.3.2.2-12")
async def _(hub: PortalHub, client: Client) -> None:
    assert (await hub.flow(client).push()).json()["expires_in"] < 600


@shows("5.3.2.2-13")
async def _(hub: PortalHub, client: Client) -> None:
    page = await hub.flow(client, await hub.user(), scope="visit.rs").page()
    assert client.name in page.text
    assert "读取、检索探访记录。" in page.text
