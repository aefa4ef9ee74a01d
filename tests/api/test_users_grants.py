"""What the operator does to an account ends what its user let clients do; what strangers do ends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.access.scopes import atoms
from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.users import Users
from hub.store.vault import Vault
from tests.support.oauth import DONGJIANG, refused
from tests.support.portal import SCOPES, Flow, Person, PortalHub
from tests.support.postgres import fresh_database
from tests.support.users import OWN, UserHub, user_tables

INTROSPECT = "/oauth/introspect"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with fresh_database(user_tables) as db:
        hub = PortalHub(db)
        async with hub.http:
            yield hub


@pytest.fixture
def users(hub: PortalHub) -> Users:
    return Users(hub.db, Vault(bytes(range(32))))


async def flow_of(hub: PortalHub, users: Users, login: str) -> Flow:
    """A portal, and a user of this login who is signed in."""
    await users.add(login, name="周明", role="township", division_code=DONGJIANG)
    user = await users.named(login)
    return hub.flow(await hub.portal(), Person(user.id, user.role, DONGJIANG, None, atoms(SCOPES)))


async def is_active(flow: Flow, token: str) -> bool:
    answer = await flow.hub.http.post(INTROSPECT, data={"token": token, **flow.proof})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["active"])


async def all_good(flow: Flow, tokens: dict[str, Any]) -> list[bool]:
    kept = [await is_active(flow, tokens[name]) for name in ("access_token", "refresh_token")]
    return [*kept, (await flow.refresh(tokens["refresh_token"])).status_code == 200]


@pytest.mark.parametrize("change", ["lock", "reset_password", "reset_totp"])
async def test_what_a_user_let_in_does_not_come_back(hub: PortalHub, users: Users, change: str) -> None:
    login = f"grants-{change.replace('_', '-')}"
    flow = await flow_of(hub, users, login)
    tokens, unused = await flow.tokens(), await flow.code()
    other = await flow_of(hub, users, f"{login}.other")
    others = await other.tokens()
    assert await all_good(flow, tokens) == [True, True, True]
    await getattr(users, change)(login)
    await users.unlock(login)
    await asyncio.sleep(VIEWER_SECONDS)
    assert await all_good(flow, tokens) == [False, False, False]
    refused(await flow.refresh(tokens["refresh_token"]), "invalid_grant")
    refused(await flow.redeem(unused), "invalid_grant")
    assert await all_good(other, others) == [True, True, True]
    assert await all_good(flow, await flow.tokens()) == [True, True, True]  # with another consent


async def test_failed_tries_end_no_grant(hub: PortalHub, users: Users) -> None:
    flow = await flow_of(hub, users, "guessed")
    tokens = await flow.tokens()
    pages = UserHub(hub.db)
    stranger = pages.browser()
    for _ in range(6):
        answer = await stranger.sign_in("guessed", OWN + "x")
    assert answer.status_code == 429, answer.text
    assert await all_good(flow, tokens) == [True, True, True]
