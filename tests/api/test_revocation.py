"""Giving tokens back (RFC 7009), and asking whether they are good (RFC 7662)."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from sqlalchemy import text

from hub.errors import Unauthenticated
from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.client_keys import rotate_keys
from hub.oauth.clients import Client, resume_client, suspend_client
from tests.support.oauth import BASE_URL, es256_key, refused, signer, without
from tests.support.portal import PortalHub, portal_hub

REVOKE, INTROSPECT = "/oauth/revoke", "/oauth/introspect"
UNKNOWN = {"active": False}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        await hub.register("bureau", client_id="bureau")
        yield hub


async def post(hub: PortalHub, path: str, client_id: str, **fields: str | None) -> httpx.Response:
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": hub.assertion(client_id)}
    return await hub.http.post(path, data=without({**proof, **fields}))


async def revoked(hub: PortalHub, client_id: str, token: str, **fields: str | None) -> None:
    answer = await post(hub, REVOKE, client_id, token=token, **fields)
    assert (answer.status_code, answer.json()) == (200, {}), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def told(hub: PortalHub, client_id: str, token: str, **fields: str | None) -> dict[str, Any]:
    answer = await post(hub, INTROSPECT, client_id, token=token, **fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def is_good(hub: PortalHub, token: str) -> bool:
    try:
        await hub.bearer.viewer(f"Bearer {token}")
    except Unauthenticated:
        return False
    return True


# Revocation


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "id_token"])
async def test_a_token_is_given_back(hub: PortalHub, hint: str | None) -> None:
    token, other = await hub.token("bureau"), await hub.token("bureau")
    assert await is_good(hub, token)
    await revoked(hub, "bureau", token, token_type_hint=hint)
    await revoked(hub, "bureau", token)
    await asyncio.sleep(VIEWER_SECONDS)
    assert not await is_good(hub, token)
    assert await is_good(hub, other)


async def test_what_is_no_token_is_given_back_as_well(hub: PortalHub) -> None:
    client = await hub.register("township")
    for token in ("x", "a.b.c", "é", "a" * 9000, hub.access_token(client, exp=int(time.time()) - 60)):
        await revoked(hub, "bureau", token)


async def test_the_token_of_another_client_is_not(hub: PortalHub) -> None:
    client = await hub.register("township")
    token = await hub.token("bureau")
    refused(await post(hub, REVOKE, client.client_id, token=token), "invalid_grant")
    await asyncio.sleep(VIEWER_SECONDS)
    assert await is_good(hub, token)


async def test_a_forged_token_revokes_nothing(hub: PortalHub) -> None:
    client = await hub.register("township")
    good = hub.access_token(client, jti="the-one")
    forged = hub.access_token(client, jti="the-one", sign=signer("ES256", es256_key()))
    await revoked(hub, client.client_id, forged)
    assert await is_good(hub, good)


async def test_a_refresh_token_goes_with_its_grant(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    tokens = await flow.tokens()
    assert await is_good(hub, tokens["access_token"])
    refused(await post(hub, REVOKE, "bureau", token=tokens["refresh_token"]), "invalid_grant")
    await revoked(hub, flow.client.client_id, tokens["refresh_token"])
    refused(await flow.refresh(tokens["refresh_token"]), "invalid_grant")
    await asyncio.sleep(VIEWER_SECONDS)
    assert not await is_good(hub, tokens["access_token"])


async def test_a_public_client_gives_back_what_it_has(hub: PortalHub) -> None:
    flow = hub.flow(await hub.app(), await hub.user())
    tokens = await flow.tokens()
    form = {"client_id": flow.client.client_id, "token": tokens["refresh_token"]}
    assert (await hub.http.post(REVOKE, data=form)).status_code == 200
    refused(await flow.refresh(tokens["refresh_token"]), "invalid_grant")
    refused(await hub.http.post(INTROSPECT, data=form), "invalid_client")


async def test_what_was_given_back_is_forgotten_when_it_has_ended(hub: PortalHub) -> None:
    old = text(
        "insert into oauth_revoked (jti, expires_at)"
        " select 'old-' || n, now() - interval '1 second' from generate_series(1, 15) n"
    )
    async with hub.db.engine.begin() as connection:
        await connection.execute(old)
    client = await hub.register("township")
    await revoked(hub, client.client_id, hub.access_token(client, jti="kept"))
    left = {row.jti: row.expires_at for row in await hub.sql("select jti, expires_at from oauth_revoked")}
    assert not [jti for jti in left if jti.startswith("old-")]
    assert left["kept"].timestamp() >= time.time() + 290


# Introspection


async def test_a_client_is_told_of_its_token(hub: PortalHub) -> None:
    token = await hub.token("bureau", "visit.rs")
    found = await told(hub, "bureau", token)
    assert found.pop("exp") - found.pop("iat") == 300
    assert found.pop("jti")
    assert found == {
        "active": True,
        "token_type": "Bearer",
        "scope": "visit.rs",
        "iss": BASE_URL,
        "aud": BASE_URL,
        "sub": "bureau",
        "client_id": "bureau",
    }


async def test_it_says_at_once_what_the_resource_side_will_say(hub: PortalHub) -> None:
    client = await hub.register("township", scopes=["visit.rs", "station.rs"])
    name = client.client_id
    token = await hub.token(name)
    await hub.sql("update oauth_client set scopes = '{visit.rs}' where client_id = :n", n=name)
    assert (await told(hub, name, token))["scope"] == "visit.rs"
    await revoked(hub, name, token)
    assert await told(hub, name, token) == UNKNOWN
    changed = hub.access_token(client, division="450305002000")
    assert await told(hub, name, changed) == UNKNOWN


@pytest.mark.parametrize("change", ["suspended and resumed", "lost its key"])
async def test_what_ends_access_tokens_for_good_ends_no_grant(hub: PortalHub, change: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    name, tokens = flow.client.client_id, await flow.tokens()
    assert (await told(hub, name, tokens["access_token"]))["active"]
    if change == "lost its key":
        hub.client_keys[name] = key = es256_key()
        await rotate_keys(hub.db, name, {"keys": [key.as_dict(private=False)]}, dt.timedelta())
    else:
        await suspend_client(hub.db, name)
        await resume_client(hub.db, name)
    assert await told(hub, name, tokens["access_token"]) == UNKNOWN
    assert (await told(hub, name, tokens["refresh_token"]))["active"]
    fresh = (await flow.refresh(tokens["refresh_token"])).json()["access_token"]
    assert (await told(hub, name, fresh))["active"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "https://other.example"},
        {"exp": 1},
        {"iat": 2**40},
        {"nbf": 2**40},
        {"sub": "other"},
        {"header": {"typ": "JWT"}},
        {"sign": signer("ES256", es256_key())},
    ],
)
async def test_a_wrong_token_is_not_active(hub: PortalHub, claims: dict[str, Any]) -> None:
    client = await hub.register("township")
    assert (await told(hub, client.client_id, hub.access_token(client)))["active"]
    assert await told(hub, client.client_id, hub.access_token(client, **claims)) == UNKNOWN


async def test_another_client_is_told_nothing(hub: PortalHub) -> None:
    client = await hub.register("township")
    flow = hub.flow(await hub.portal(), await hub.user())
    tokens = await flow.tokens()
    for token in (await hub.token("bureau"), tokens["access_token"], tokens["refresh_token"], "x"):
        assert await told(hub, client.client_id, token) == UNKNOWN


async def test_a_portal_is_told_of_its_users_tokens(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    name, tokens = flow.client.client_id, await flow.tokens()
    assert flow.person
    subject = f"user:{flow.person.user_id}"
    for kind in ("access_token", "refresh_token"):
        found = await told(hub, name, tokens[kind], token_type_hint=kind)
        assert (found["active"], found["sub"], found["client_id"]) == (True, subject, name)
        assert found["scope"] == "station.rs visit.rs"
    await hub.sql("update hub_user set status = 'SUSPENDED' where id = :n", n=flow.person.user_id)
    for kind in ("access_token", "refresh_token"):
        assert await told(hub, name, tokens[kind]) == UNKNOWN


async def test_a_replaced_refresh_token_is_not_active(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    token = (await flow.tokens())["refresh_token"]
    assert await told(hub, flow.client.client_id, token + "x") == UNKNOWN


# Requests that are none


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
async def test_the_checks_of_the_token_endpoint_hold_here(hub: PortalHub, path: str) -> None:
    token = await hub.token("bureau")
    good = {"client_assertion_type": ASSERTION_TYPE, "token": token}

    async def sent(**more: Any) -> httpx.Response:
        data = {**good, "client_assertion": hub.assertion("bureau"), **more.pop("data", {})}
        return await hub.http.post(path, data=without(data), **more)

    assert (await sent()).status_code == 200
    refused(await sent(data={"token": None}), "invalid_request")
    refused(await sent(data={"client_assertion": None}), "invalid_client")
    refused(await sent(data={"client_assertion": "a.b.c"}), "invalid_client")
    refused(await sent(data={"token": [token, token]}), "invalid_request")
    refused(await sent(data={"client_secret": "s"}), "invalid_request")
    refused(await sent(auth=("bureau", "s")), "invalid_request")
    refused(await sent(params={"token": token}), "invalid_request")
    refused(await sent(headers={"content-type": "application/json"}), "invalid_request", 415)
    refused(await sent(data={"x": "x" * 17_000}), "invalid_request", 413)
    refused(await sent(data={"client_id": "other"}), "invalid_client")
    answer = await hub.http.get(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assertion = hub.assertion("bureau")
    assert (await sent(data={"client_assertion": assertion})).status_code == 200
    refused(await sent(data={"client_assertion": assertion}), "invalid_client")
    for where in (BASE_URL + path, BASE_URL):
        assert (await sent(data={"client_assertion": hub.assertion("bureau", aud=where)})).status_code == 200
    wrong = hub.assertion("bureau", aud="https://evil.example" + path)
    refused(await sent(data={"client_assertion": wrong}, headers={"host": "evil.example"}), "invalid_client")


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
async def test_a_suspended_client_is_told_nothing(hub: PortalHub, path: str) -> None:
    client: Client = await hub.register("township")
    token = await hub.token(client.client_id)
    await suspend_client(hub.db, client.client_id)
    refused(await post(hub, path, client.client_id, token=token), "invalid_client")


async def test_the_metadata_names_both(hub: PortalHub) -> None:
    found = (await hub.http.get("/.well-known/oauth-authorization-server")).json()
    for kind, path in (("revocation", REVOKE), ("introspection", INTROSPECT)):
        assert found[f"{kind}_endpoint"] == BASE_URL + path
        assert "private_key_jwt" in found[f"{kind}_endpoint_auth_methods_supported"]
        assert "ES256" in found[f"{kind}_endpoint_auth_signing_alg_values_supported"]
