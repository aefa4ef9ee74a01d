"""A user of a portal from the first page to the first answer, in the whole application."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

import pytest_asyncio

from hub.access.scopes import parse
from hub.oauth import totp
from hub.oauth.clients import register_client
from hub.oauth.users import Users
from hub.store.keys import load_vault
from tests.support.oauth import BASE_URL, DONGJIANG
from tests.support.portal import CALLBACK, FLOWS
from tests.support.serving import Served, serving
from tests.support.trusted import eventually
from tests.support.users import FIREFOX, OWN, Browser, UserHub

VERIFIER: Final = "v" * 64
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED: Final = {
    "client_id": "portal",
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "beneficiary.rs station.rs field:identity field:minor",
    "state": "42",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
QUESTION: Final = (
    "{ viewer { clientId role divisionCode scopes } beneficiaries { totalCount nodes { name } } }"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving(base_url=BASE_URL) as served:
        await register_client(
            served.world.database, "portal", name="门户", role="bureau", division_code="450305000000",
            auth_method="none", grant_types=FLOWS, redirect_uris=(CALLBACK,),
        )  # fmt: skip
        yield served


def browser_of(hub: Served) -> Browser:
    secrets: dict[str, str] = {}

    def code(login: str) -> str:
        return totp.code_at(secrets[login], int(time.time()) // totp.SECONDS)

    pages = SimpleNamespace(app=hub.app, secrets=secrets, code=code)
    return Browser(cast(UserHub, pages), {"user-agent": FIREFOX})


async def consented(browser: Browser) -> dict[str, str]:
    """What the portal is told when the user says yes on the page that is shown."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.page))
    answer = await browser.http.post("/oauth/consent", data={**hidden, "decision": "allow"})
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}?")
    return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}


async def tokens(hub: Served, **form: str) -> dict[str, Any]:
    answer = await hub.http.post("/oauth/token", data={"client_id": "portal", **form})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_user_lets_a_portal_ask_in_her_name(hub: Served) -> None:
    database = hub.world.database
    users = Users(database, load_vault(hub.settings))
    first = await users.add("zhouming", name="周明", role="township", division_code=DONGJIANG)
    browser = browser_of(hub)

    answer = await browser.get("/oauth/authorize", **ASKED)
    while answer.status_code == 303:
        answer = await browser.get(answer.headers["location"])
    assert 'name="password"' in browser.page
    await browser.get(str(answer.url))
    following = parse_qs(urlsplit(str(answer.url)).query)["next"][0]
    await browser.submit("/login", login="zhouming", password=first, next=following)
    await browser.enrol("zhouming")
    await browser.submit("/login/onward", next=following)
    answer = await browser.submit("/login/password", new=OWN, again=OWN, next=following)
    while answer.status_code == 303:
        answer = await browser.get(answer.headers["location"])
    assert "门户" in browser.page
    told = await consented(browser)
    assert (told["state"], told["iss"]) == ("42", BASE_URL)

    given = await tokens(
        hub, grant_type="authorization_code", code=told["code"], redirect_uri=CALLBACK, code_verifier=VERIFIER
    )
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    found = (await hub.http.post("/graphql", json={"query": QUESTION}, headers=bearer)).json()["data"]
    assert (found["viewer"]["role"], found["viewer"]["divisionCode"]) == ("township", DONGJIANG)
    assert set(found["viewer"]["scopes"]) == parse(ASKED["scope"])
    own = (await hub.ask(QUESTION, "township")).json()["data"]
    assert found["beneficiaries"] == own["beneficiaries"]
    assert found["beneficiaries"]["totalCount"]

    given = await tokens(hub, grant_type="refresh_token", refresh_token=given["refresh_token"])
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    await users.lock("zhouming")
    refused = await eventually(
        lambda: hub.http.post("/graphql", json={"query": QUESTION}, headers=bearer), 401
    )
    assert refused.status_code == 401
    answer = await hub.http.post(
        "/oauth/token",
        data={"client_id": "portal", "grant_type": "refresh_token", "refresh_token": given["refresh_token"]},
    )
    assert answer.json()["error"] == "invalid_grant"
