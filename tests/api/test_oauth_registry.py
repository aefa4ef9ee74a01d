"""The registry of clients, and the documents that tell them where things are."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from authlib.oauth2 import rfc9207
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from sqlalchemy import text
from starlette.applications import Starlette

from hub.access.scopes import DEFAULT_SCOPES, atoms
from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.oauth.clients import find_client, list_clients, register_client, resume_client, suspend_client
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.web.oauth import oauth_routes
from tests.support.oauth import BASE_URL, OAuthHub, es256_key, oauth_hub, refused


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


async def test_the_registry_lists_and_finds(hub: OAuthHub) -> None:
    client = await hub.register("agency", name="医保局")
    assert client == await find_client(hub.db, client.client_id)
    assert client in await list_clients(hub.db)
    assert await find_client(hub.db, "nobody") is None
    assert (client.name, client.scopes) == ("医保局", atoms(DEFAULT_SCOPES["agency"]))


async def test_a_name_is_taken_once(hub: OAuthHub) -> None:
    with pytest.raises(BadArgument):
        await hub.register("bureau", client_id="bureau")


async def test_nobody_cannot_be_suspended(hub: OAuthHub) -> None:
    for change in (suspend_client, resume_client):
        with pytest.raises(NotFound):
            await change(hub.db, "nobody")


@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("bureau", {"division_code": None}),
        ("township", {"division_code": None}),
        ("contractor", {"organisation_id": None}),
        ("bureau", {"division_code": "450305"}),
        ("bureau", {"division_code": "45030500000x"}),
        ("bureau", {"division_code": "450305001000"}),
        ("township", {"division_code": "450305000000"}),
        ("township", {"division_code": "450305001002"}),
        ("bureau", {"client_id": "民政局"}),
        ("bureau", {"client_id": "a b"}),
        ("bureau", {"client_id": "x" * 65}),
        ("bureau", {"scopes": ["everything"]}),
        ("bureau", {"expires_at": dt.datetime(2030, 1, 1)}),
        ("minister", {}),
    ],
)
async def test_a_registration_that_does_not_hold_together_is_refused(
    hub: OAuthHub, role: str, options: dict[str, Any]
) -> None:
    with pytest.raises(BadArgument):
        await hub.register(role, **options)


async def test_the_registry_holds_no_private_key(hub: OAuthHub) -> None:
    key = es256_key()
    with pytest.raises(BadArgument):
        await register_client(
            hub.db, "leaky", name="x", role="operator", jwks={"keys": [key.as_dict(private=True)]}
        )


async def test_a_scope_that_is_no_longer_offered_locks_nobody_out(hub: OAuthHub) -> None:
    client = await hub.register("operator", scopes=["station.rs"])
    old = text("update oauth_client set scopes = scopes || '{gone.rs}' where client_id = :name")
    async with hub.db.engine.begin() as connection:
        await connection.execute(old, {"name": client.client_id})
    assert (await hub.post(hub.assertion(client.client_id))).json()["scope"] == "station.rs"


# The documents


async def test_server_metadata_is_valid(hub: OAuthHub) -> None:
    answer = await hub.http.get("/.well-known/oauth-authorization-server", headers={"host": "evil.example"})
    found = answer.json()
    AuthorizationServerMetadata(found).validate([rfc9207.AuthorizationServerMetadata])
    assert found["issuer"] == BASE_URL
    assert found["token_endpoint"] == f"{BASE_URL}/oauth/token"
    assert found["grant_types_supported"] == ["client_credentials", "authorization_code", "refresh_token"]
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "none"]
    assert found["authorization_endpoint"] == f"{BASE_URL}/oauth/authorize"
    assert found["pushed_authorization_request_endpoint"] == f"{BASE_URL}/oauth/par"
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert not {"none", "HS256", "RS256"} & set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert "evil" not in answer.text
    keys = (await hub.http.get(found["jwks_uri"])).json()["keys"]
    assert [key["kid"] for key in keys] == [key.kid for key in hub.signing]
    assert not any({"d", "p", "q", "k"} & set(key) for key in keys)


async def test_resource_metadata_names_the_audience_and_the_server(hub: OAuthHub) -> None:
    answer = await hub.http.get("/.well-known/oauth-protected-resource", headers={"host": "evil.example"})
    found = answer.json()
    assert (found["resource"], found["authorization_servers"]) == (BASE_URL, [BASE_URL])
    assert found["bearer_methods_supported"] == ["header"]
    assert set(found["scopes_supported"]) == set(DEFAULT_SCOPES["bureau"])
    assert "evil" not in answer.text


async def test_a_host_header_does_not_move_the_audience(hub: OAuthHub) -> None:
    for header in (
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    ):
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": hub.assertion("bureau", aud="https://evil.example/oauth/token"),
        }
        refused(await hub.http.post("/oauth/token", data=data, headers=header), "invalid_client")


async def test_a_hub_below_a_path_publishes_where_rfc_8414_looks(hub: OAuthHub) -> None:
    issuer = Issuer.of("https://gov.example/hub/")
    app = Starlette(routes=oauth_routes(hub.db, issuer, SigningKeys(hub.signing)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gov.example") as http:
        found = (await http.get("/.well-known/oauth-authorization-server/hub")).json()
        resource = (await http.get("/.well-known/oauth-protected-resource/hub")).json()
    assert (found["issuer"], found["token_endpoint"]) == (issuer.url, "https://gov.example/hub/oauth/token")
    assert resource["resource"] == "https://gov.example/hub"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://[::1]:8000/", "http://localhost", "https://gov.example"]
)
def test_addresses_tokens_may_travel_to(url: str) -> None:
    assert Issuer.of(url).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hub.example",
        "http://hub.example",
        "http://10.0.0.1",
        "https://x.example/?a=b",
        "https://x.example#a",
    ],
)
def test_addresses_tokens_may_not_travel_to(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Issuer.of(url)
