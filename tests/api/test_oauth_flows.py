"""How a client may get tokens: what can be registered, and where users may be sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.errors import BadArgument
from hub.oauth.clients import find_client
from hub.oauth.redirects import is_same, source_of
from tests.support.oauth import OAuthHub, oauth_hub

CALLBACK = "https://portal.example/signed-in"
FLOWS = ("authorization_code", "refresh_token")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


async def test_what_was_registered_is_found(hub: OAuthHub) -> None:
    machine = await hub.register("bureau")
    assert machine.grant_types == ("client_credentials",)
    assert (machine.auth_method, machine.profile) == ("private_key_jwt", "BASELINE")
    portal = await hub.register(grant_types=FLOWS, redirect_uris=[CALLBACK], profile="FAPI2")
    assert portal == await find_client(hub.db, portal.client_id)
    assert (portal.grant_types, portal.redirect_uris, portal.profile) == (FLOWS, (CALLBACK,), "FAPI2")
    app = await hub.register(grant_types=FLOWS, redirect_uris=[CALLBACK], auth_method="none", jwks=None)
    assert (app.auth_method, app.jwks) == ("none", {"keys": []})


@pytest.mark.parametrize(
    "options",
    [
        {"redirect_uris": []},
        {"redirect_uris": ["http://portal.example/"]},
        {"redirect_uris": ["https://portal.example"]},
        {"redirect_uris": ["https://portal.example/#x"]},
        {"redirect_uris": ["https://*.example/"]},
        {"redirect_uris": ["https://user@portal.example/"]},
        {"redirect_uris": ["https://portal.example/*"]},
        {"redirect_uris": ["https://portal.example/a b"]},
        {"redirect_uris": ["https://PORTAL.example/"]},
        {"redirect_uris": ["https://portal.example/\n"]},
        {"redirect_uris": ["https://portal.example;script-src/"]},
        {"redirect_uris": ["https://门户.example/"]},
        {"redirect_uris": ["https://portal.example/?code=1"]},
        {"redirect_uris": ["https://portal.example/?iss="]},
        {"redirect_uris": ["http://localhost/back"]},
        {"redirect_uris": ["portal:/back"]},
        {"redirect_uris": ["https://portal.example/" + "x" * 500]},
        {"redirect_uris": [CALLBACK, CALLBACK]},
        {"redirect_uris": [f"https://portal.example/{n}" for n in range(11)]},
        {"grant_types": []},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password"]},
        {"grant_types": ["refresh_token"], "redirect_uris": []},
        {"grant_types": ["client_credentials"]},
        {"auth_method": "client_secret_basic"},
        {"auth_method": "none"},
        {"auth_method": "none", "jwks": None, "grant_types": [*FLOWS, "client_credentials"]},
        {"auth_method": "none", "jwks": None, "profile": "FAPI2"},
        {"jwks": None},
        {"profile": "FAPI1"},
        {"profile": "FAPI2", "redirect_uris": ["http://127.0.0.1/back"]},
    ],
)
async def test_a_registration_that_is_not_safe_is_refused(hub: OAuthHub, options: dict[str, Any]) -> None:
    with pytest.raises(BadArgument):
        await hub.register(**{"grant_types": FLOWS, "redirect_uris": [CALLBACK], **options})


@pytest.mark.parametrize(
    ("registered", "given", "any_port", "same"),
    [
        (CALLBACK, CALLBACK, False, True),
        (CALLBACK, CALLBACK + "/", True, False),
        ("http://127.0.0.1/a", "http://127.0.0.1:9/a", True, True),
        ("http://127.0.0.1:8/a", "http://127.0.0.1:9/a", True, True),
        ("http://127.0.0.1:8/a", "http://127.0.0.1:9/a", False, False),
        ("http://[::1]:8/a", "http://[::1]/a", True, True),
        ("http://[::1]/a", "http://127.0.0.1/a", True, False),
        ("http://127.0.0.1/a", "http://127.0.0.1:9/b", True, False),
        ("http://127.0.0.1/a", "http://127.0.0.1:9x/a", True, False),
        ("http://127.0.0.1/a", "http://127.0.0.1:@evil.example/a", True, False),
        ("https://x.example/a", "https://x.example:9/a", True, False),
    ],
)
def test_addresses_are_compared_byte_by_byte(registered: str, given: str, any_port: bool, same: bool) -> None:
    assert is_same(registered, given, any_port=any_port) is same


def test_the_source_of_an_address() -> None:
    assert source_of("https://x.example:8443/a?b=c") == "https://x.example:8443"
    assert source_of("http://[::1]:80/a") == "http:"
