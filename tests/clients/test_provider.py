"""Judges not written here: ``oidc-provider`` signs users in, ``oauth4webapi`` goes through every flow.

The first is an OpenID provider at which users of the hub sign in; the second checks each answer of the hub
against its RFC.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
import pytest_asyncio
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.provider_rules import Provider
from hub.oauth.providers import register_provider, suspend_provider
from hub.printed import ROOT
from tests.support.hubs import ASKED, Hubs, two_hubs
from tests.support.npm import install
from tests.support.portal import CALLBACK
from tests.support.process import free_port
from tests.support.reading import DONGJIANG, QIXING

FOLDER = ROOT / "clients/signin"
VERIFIER = "v" * 43


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hubs() -> AsyncIterator[Hubs]:
    await install(FOLDER)
    async with two_hubs() as hubs:
        yield hubs


@asynccontextmanager
async def provider(hubs: Hubs, name: str) -> AsyncIterator[str]:
    """The issuer of one that runs."""
    given = {"HUB_URL": hubs.base_url, "NAME": name, "PORT": str(free_port())}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", "provider.mjs", cwd=FOLDER, env={**os.environ, **given}, stdout=pipe, stderr=pipe
    )
    assert process.stdout
    try:
        said = await process.stdout.readline()
        assert said, (await process.communicate())[1].decode()
        yield json.loads(said)["issuer"]
    finally:
        process.kill()
        await process.communicate()


async def submit(http: httpx.AsyncClient, page: httpx.Response, **fields: str) -> httpx.Response:
    """The form of a page, with what it holds already."""
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert action, page.text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    address = urljoin(str(page.url), unescape(action[1]))
    return await http.post(address, data={**hidden, **fields}, headers={"origin": origin(address)})


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


async def allowed(http: httpx.AsyncClient, address: str) -> str:
    """Where a browser ends that a portal sent here: its user signs in at the provider, and allows."""
    login = await http.get(address)
    link = re.search(r'href="(/login/provider/[^"]+)"', login.text)
    assert link, login.text
    there = await http.get(urljoin(address, unescape(link[1])))
    consent = await submit(http, there, login="li.hua", password="any")
    page = await submit(http, consent)
    assert "李华" in page.text, page.text
    http.follow_redirects = False
    return str((await submit(http, page, decision="allow")).headers["location"])


async def test_the_whole_way(hubs: Hubs) -> None:
    await hubs.register(
        "app",
        jwks=None,
        auth_method="none",
        grant_types=["authorization_code"],
        redirect_uris=[CALLBACK],
        scopes=["station.rs"],
    )
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": CALLBACK,
        "scope": "station.rs",
        "state": "s",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    async with provider(hubs, "province") as issuer, httpx.AsyncClient(follow_redirects=True) as http:
        await register_provider(hubs.database, registration("province", issuer))
        back = await allowed(http, f"{hubs.base_url}/oauth/authorize?{urlencode(asked)}")
        given = dict(parse_qsl(urlsplit(back).query))
        form = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": given["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        token = (await http.post(f"{hubs.base_url}/oauth/token", data=form)).json()["access_token"]
        for which in (0, 1):
            answer = await hubs.ask(which, token)
            assert answer.json()["data"] == {"viewer": {"role": "township"}}, answer.text
        assert await suspend_provider(hubs.database, "province") == (1, 1)
        await asyncio.sleep(VIEWER_SECONDS + 0.1)
        for each in hubs.https:
            refused = await each.post("/graphql", json=ASKED, headers={"Authorization": f"Bearer {token}"})
            assert refused.status_code == 401, "in every process"
        account = await http.get(f"{hubs.base_url}/account")
        assert "/login?" in account.headers["location"]


async def test_every_flow(hubs: Hubs) -> None:
    flows = ["client_credentials", "authorization_code", "refresh_token"]
    await hubs.register("flows", profile="FAPI2", grant_types=flows, redirect_uris=[CALLBACK])
    given = {
        "HUB_URL": hubs.base_url,
        "CLIENT_ID": "flows",
        "CLIENT_KEY": json.dumps(hubs.keys["flows"].as_dict(private=True)),
        "REDIRECT_URI": CALLBACK,
    }
    pipe = asyncio.subprocess.PIPE
    async with provider(hubs, "city") as issuer, httpx.AsyncClient(follow_redirects=True) as http:
        await register_provider(hubs.database, registration("city", issuer))
        process = await asyncio.create_subprocess_exec(
            "node", "flows.mjs", cwd=FOLDER, env={**os.environ, **given}, stdin=pipe, stdout=pipe, stderr=pipe
        )
        assert process.stdout
        said = await process.stdout.readline()
        back = await allowed(http, json.loads(said)["open"]) if said else ""
        end, complaint = await process.communicate(f"{back}\n".encode())
    assert process.returncode == 0, complaint.decode()
    active = [True, False]
    assert json.loads(end) == {
        "system": {"type": "dpop", "role": "bureau", "active": active},
        "user": {"type": "dpop", "role": "township", "active": active},
        "nonces": True,
    }


def registration(name: str, issuer: str) -> Provider:
    return Provider(
        name=name,
        title_zh="广西统一认证",
        title_en="Guangxi sign-in",
        issuer=issuer,
        registered_as="hub",
        division_code=QIXING,
        asked_scopes=("openid", "post"),
        name_claim="name",
        role_claim="post",
        role_values={"street": "township"},
        division_claim="unit",
        division_values={"七星区东江": DONGJIANG},
        scopes=frozenset({"station.r", "station.s"}),
    )
