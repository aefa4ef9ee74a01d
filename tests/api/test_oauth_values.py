"""What values parameters may have, and what is kept of tokens: who asks wrongly is told of no outage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from sqlalchemy import text

from hub.oauth.refresh import GRACE_SECONDS
from hub.oauth.server import NotNow, Transactions
from hub.oauth.signed_in import LONGEST_NEXT
from tests.support.oauth import refused
from tests.support.portal import PortalHub, portal_hub, sent_back

STATE = "{" * 2000
"""As long as one may be, and three times that in an address."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


# Data that PostgreSQL does not take


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("select cast(:value as text)", "a\0b"),  # PostgreSQL refuses it: 22021
        ("select cast(cast(:value as text) as timestamptz)", "9999999-99-99"),  # 22008
        ("select cast(:value as bigint)", 2**64),  # asyncpg sends no such thing
        ("select to_timestamp(cast(:value as float8))", 1e300),
    ],
)
async def test_a_value_that_cannot_be_is_a_bad_request(hub: PortalHub, statement: str, value: Any) -> None:
    transactions = Transactions(hub.db, hub.issuer, hub.keys)
    with pytest.raises(InvalidRequestError) as error:
        await transactions.run(lambda here: here.connection.execute(text(statement), {"value": value}))
    assert error.value.status_code == 400
    assert "a\0b" not in str(error.value)


async def test_what_is_no_value_is_an_outage(hub: PortalHub) -> None:
    transactions = Transactions(hub.db, hub.issuer, hub.keys)
    with pytest.raises(NotNow):
        await transactions.run(lambda here: here.connection.execute(text("select from no_such_table")))


FIELDS = (
    "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_type",
    "response_mode", "prompt", "ui_locales", "dpop_jkt", "purpose", "nonce", "code", "code_verifier", "token",
    "refresh_token", "client_assertion", "request_uri",
)  # fmt: skip


@pytest.mark.parametrize("value", ["\0", "x\0", "\u2028", "𝒳" * 300, "9" * 400, "-1", "'", "\x7f"])
async def test_no_parameter_is_told_as_an_outage(hub: PortalHub, value: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    code, held = await flow.code(), (await flow.tokens())["refresh_token"]
    for name in FIELDS:
        answers = [
            await flow.push(**{name: value}),
            await flow.get("/oauth/authorize", **{**flow.asked, name: value}),
            await flow.redeem(code, **{name: value}),
            await flow.refresh(held, **{name: value}),
            await hub.http.post("/oauth/revoke", data={"token": "x", **flow.proof, name: value}),
            await hub.http.post("/oauth/introspect", data={"token": "x", **flow.proof, name: value}),
        ]
        assert all(answer.status_code < 500 for answer in answers), name


# Addresses of native apps, and long states


@pytest.mark.parametrize("port", ["", ":0", ":49152", ":65535"])
@pytest.mark.parametrize("host", ["[::1]", "127.0.0.1"])
async def test_a_native_app_listens_on_any_port(hub: PortalHub, host: str, port: str) -> None:
    """RFC 8252, 7.3, for both loopback addresses, whichever port was registered."""
    for registered in (f"http://{host}/back", f"http://{host}:1/back"):
        given = f"http://{host}{port}/back"
        app = await hub.app(redirect_uris=(registered,))
        flow = hub.flow(app, await hub.user(), redirect_uri=given)
        for pushed in (True, False):
            assert (await flow.redeem(await flow.code(pushed=pushed))).status_code == 200
        other = hub.flow(app, await hub.user(), redirect_uri=given.replace("/back", "/other"))
        refused(await other.push(), "invalid_request")


async def test_a_state_that_is_too_long_is_told(hub: PortalHub) -> None:
    portal = await hub.portal()
    flow = hub.flow(portal, await hub.user(), state=STATE)
    assert sent_back(await flow.decide(await flow.page()))["state"] == STATE
    longer = hub.flow(portal, await hub.user(), state=STATE + "x")
    assert "1 to 2000 printable" in (await longer.push()).json()["error_description"]
    told = sent_back(await longer.begin(pushed=False))
    assert told["error"] == "invalid_request"
    assert "1 to 2000 printable" in told["error_description"]


async def test_what_signing_in_would_lose_is_told_and_not_lost(hub: PortalHub) -> None:
    portal, user = await hub.portal(), await hub.user()
    nobody = hub.flow(portal, None, state=STATE)
    told = sent_back(await nobody.begin(pushed=False))
    assert (told["error"], told["state"]) == ("invalid_request", STATE)
    assert f"{LONGEST_NEXT} characters" in told["error_description"]
    answer = await nobody.begin()
    assert "/oauth/consent?request=" in answer.headers["location"], "pushed, it waits at the hub"
    nobody.sign_in(user)
    page = await nobody.get(answer.headers["location"])
    assert sent_back(await nobody.decide(page))["state"] == STATE


# What is kept, and asked


async def sealed(hub: PortalHub) -> int:
    [[count]] = await hub.sql("select count(*) from oauth_refresh where sealed is not null")
    return int(count)


async def test_what_replaced_a_token_is_kept_while_it_may_be_asked_for(hub: PortalHub) -> None:
    app = await hub.app()
    gone, kept = hub.flow(app, await hub.user()), hub.flow(app, await hub.user())
    before = await sealed(hub)
    old = (await gone.tokens())["refresh_token"]
    new = (await gone.refresh(old)).json()["refresh_token"]
    assert await sealed(hub) == before + 1
    await hub.http.post("/oauth/revoke", data={"token": new, **gone.proof})
    assert await sealed(hub) == before, "with its grant"
    token = (await kept.tokens())["refresh_token"]
    await kept.refresh(token)
    assert await sealed(hub) == before + 1
    await hub.sql(f"update oauth_refresh set replaced_at = now() - interval '{GRACE_SECONDS + 5} s'")
    await hub.flow(app, await hub.user()).tokens()
    assert await sealed(hub) == 0, "when anybody gets a token"
    refused(await kept.refresh(token), "invalid_grant")


async def test_a_users_token_is_one_question(hub: PortalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    token = (await flow.tokens())["access_token"]
    lender = await hub.db.asking()
    asked: list[str] = []
    real = lender.fetchrow

    async def counted(query: str, *given: Any) -> Any:
        asked.append(query)
        return await real(query, *given)

    monkeypatch.setattr(lender, "fetchrow", counted)
    viewer = await hub.bearer.viewer(f"Bearer {token}")
    assert (viewer.user_id, len(asked)) == (person.user_id, 1)
