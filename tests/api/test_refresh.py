"""Refresh tokens: kept by who has a key, replaced for who has none, and never more than was consented to."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.access.scopes import atoms
from hub.errors import Unauthenticated
from hub.oauth.clients import suspend_client
from tests.support.oauth import refused
from tests.support.portal import Flow, PortalHub, portal_hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def portal(hub: PortalHub) -> Flow:
    return hub.flow(await hub.portal(), await hub.user())


@pytest_asyncio.fixture(loop_scope="session")
async def app(hub: PortalHub) -> Flow:
    return hub.flow(await hub.app(), await hub.user())


async def token(flow: Flow) -> str:
    return str((await flow.tokens())["refresh_token"])


async def refreshed(flow: Flow, held: str, **changed: str | None) -> str:
    answer = await flow.refresh(held, **changed)
    assert answer.status_code == 200, answer.text
    return str(answer.json().get("refresh_token", held))


async def is_live(flow: Flow) -> bool:
    user = flow.person.user_id if flow.person else 0
    found = await flow.hub.sql("select revoked_at is null from oauth_grant where user_id = :user", user=user)
    return bool(found[-1][0])


# A client with a key


async def test_it_keeps_its_token(portal: Flow) -> None:
    held = await token(portal)
    for _ in range(3):
        answer = await portal.refresh(held)
        assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    answers = await asyncio.gather(*(portal.refresh(held) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}


async def test_the_new_token_is_the_users_too(hub: PortalHub, portal: Flow) -> None:
    body = (await portal.refresh(await token(portal))).json()
    viewer = await hub.bearer.viewer(f"Bearer {body['access_token']}")
    assert portal.person
    assert viewer.user_id == portal.person.user_id


# A public client


async def test_each_turn_gives_another_token(app: Flow) -> None:
    first = await token(app)
    second = await refreshed(app, first)
    third = await refreshed(app, second)
    assert len({first, second, third}) == 3
    assert await is_live(app)


async def test_an_old_token_that_comes_again_ends_the_grant(hub: PortalHub, app: Flow) -> None:
    first = await token(app)
    second = await refreshed(app, first)
    body = (await app.refresh(second)).json()
    refused(await app.refresh(first), "invalid_grant")
    assert not await is_live(app)
    refused(await app.refresh(body["refresh_token"]), "invalid_grant")
    with pytest.raises(Unauthenticated):
        await hub.bearer.viewer(f"Bearer {body['access_token']}")


async def test_an_answer_that_was_lost_can_be_had_again(app: Flow) -> None:
    first = await token(app)
    second = await refreshed(app, first)
    assert await refreshed(app, first) == second
    assert await refreshed(app, first) == second
    assert await is_live(app)
    await refreshed(app, second)


async def test_ten_turns_at_once_are_one(app: Flow) -> None:
    first = await token(app)
    answers = await app.hub.everywhere("/oauth/token", [app.refreshing(first) for _ in range(10)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert await is_live(app)


async def test_another_request_is_no_retry(app: Flow) -> None:
    first = await token(app)
    await refreshed(app, first)
    refused(await app.refresh(first, scope="visit.rs"), "invalid_grant")
    assert not await is_live(app)


async def test_after_the_grace_there_is_no_retry(hub: PortalHub, app: Flow) -> None:
    first = await token(app)
    await refreshed(app, first)
    await hub.sql("update oauth_refresh set replaced_at = replaced_at - interval '31 seconds'")
    refused(await app.refresh(first), "invalid_grant")
    assert not await is_live(app)


async def test_a_token_made_up_from_an_old_one_ends_the_grant_too(app: Flow) -> None:
    first = await token(app)
    refused(await app.refresh(first.partition(".")[0] + ".forged"), "invalid_grant")
    assert not await is_live(app)


async def test_what_is_stored_opens_nothing(hub: PortalHub, app: Flow) -> None:
    first = await token(app)
    second = await refreshed(app, first)
    held = str(await hub.sql("select * from oauth_refresh"))
    assert not any(part in held for part in (*first.split("."), *second.split(".")))


# Both


@pytest.mark.parametrize("kind", ["portal", "app"])
async def test_a_scope_may_only_narrow(hub: PortalHub, kind: str) -> None:
    client = await hub.portal() if kind == "portal" else await hub.app()
    flow = hub.flow(client, await hub.user())
    held = await token(flow)
    for scope in ("station.rs visit.rs field:care", "beneficiary.rs", "all", "visit.x"):
        refused(await flow.refresh(held, scope=scope), "invalid_scope")
    body = (await flow.refresh(held, scope="visit.r")).json()
    assert body["scope"] == "visit.r"
    body = (await flow.refresh(body.get("refresh_token", held))).json()
    assert body["scope"] == "station.rs visit.rs", "the grant itself stays as wide as it was"


@pytest.mark.parametrize("wrong", [None, "", "guess", "a.b", "令牌", "." * 100, "x" * 5000])
async def test_a_token_nobody_gave(portal: Flow, wrong: str | None) -> None:
    error = "invalid_grant" if wrong else "invalid_request"
    refused(await portal.refresh("", refresh_token=wrong), error)


async def test_a_token_is_of_one_client(hub: PortalHub, portal: Flow, app: Flow) -> None:
    for flow in (portal, app):
        held = await token(flow)
        for other in (hub.flow(await hub.portal()), hub.flow(await hub.app())):
            refused(await other.refresh(held), "invalid_grant")
        assert await is_live(flow), "a stranger must not be able to end it"
        await refreshed(flow, held)


async def test_a_portals_token_is_not_for_who_says_its_name(hub: PortalHub, portal: Flow) -> None:
    held = await token(portal)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": held,
        "client_id": portal.client.client_id,
    }
    refused(await hub.http.post("/oauth/token", data=form), "invalid_client")


@pytest.mark.parametrize(
    "ending",
    [
        "update hub_user set status = 'SUSPENDED' where id = :user",
        "update hub_user set scopes = '{source.rs}' where id = :user",
        "update oauth_grant set revoked_at = now() where user_id = :user",
        "update oauth_grant set expires_at = now() - interval '1 second' where user_id = :user",
        "update oauth_grant set used_at = used_at - interval '8 days' where user_id = :user",
        "delete from hub_user where id = :user",
    ],
)
async def test_a_token_dies_with_what_it_stands_for(hub: PortalHub, portal: Flow, ending: str) -> None:
    held = await token(portal)
    assert portal.person
    await hub.sql(ending, user=portal.person.user_id)
    refused(await portal.refresh(held), "invalid_grant")


async def test_a_grant_lives_as_long_as_it_is_used_and_not_for_ever(hub: PortalHub, portal: Flow) -> None:
    held = await token(portal)
    assert portal.person
    user = portal.person.user_id
    await hub.sql(
        "update oauth_grant set used_at = used_at - interval '6 days' where user_id = :user", user=user
    )
    await refreshed(portal, held)
    (life,) = await hub.sql(
        "select now() - used_at < interval '1 minute', expires_at - created_at = interval '30 days'"
        " from oauth_grant where user_id = :user",
        user=user,
    )
    assert tuple(life) == (True, True)


async def test_a_suspended_client_refreshes_nothing(hub: PortalHub, portal: Flow) -> None:
    held = await token(portal)
    await suspend_client(hub.db, portal.client.client_id)
    refused(await portal.refresh(held), "invalid_client")


async def test_a_client_that_lost_the_grant_type_refreshes_nothing(hub: PortalHub, portal: Flow) -> None:
    held = await token(portal)
    await hub.sql(
        "update oauth_client set grant_types = '{authorization_code}' where client_id = :name",
        name=portal.client.client_id,
    )
    refused(await portal.refresh(held), "unauthorized_client")


# A user's token at the resource side


@pytest.mark.parametrize(
    "ending",
    [
        "update hub_user set status = 'SUSPENDED' where id = :user",
        "update hub_user set role = 'bureau', division_code = '450305000000' where id = :user",
        "update oauth_grant set revoked_at = now() where user_id = :user",
        "update oauth_grant set expires_at = now() where user_id = :user",
        "update oauth_grant set client_id = 'bureau' where user_id = :user",
        "delete from hub_user where id = :user",
    ],
)
async def test_tokens_that_are_out_end_with_the_grant(hub: PortalHub, portal: Flow, ending: str) -> None:
    access = (await portal.tokens())["access_token"]
    assert portal.person
    if "client_id" in ending:
        await hub.register("bureau", client_id="bureau")
    await hub.sql(ending, user=portal.person.user_id)
    with pytest.raises(Unauthenticated):
        await hub.bearer.viewer(f"Bearer {access}")


async def test_scopes_are_token_user_and_client_now(hub: PortalHub, portal: Flow) -> None:
    access = (await portal.tokens())["access_token"]
    assert portal.person
    await hub.sql("update hub_user set scopes = '{visit.rs}' where id = :user", user=portal.person.user_id)
    assert (await hub.bearer.viewer(f"Bearer {access}")).scopes == atoms(["visit.rs"])


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "user:999999"},
        {"sub": "user:1", "grant": None},
        {"grant": "00000000-0000-0000-0000-000000000000"},
        {"grant": ""},
        {"grant": 7},
        {"grant": "no uuid"},
        {"role": "bureau"},
    ],
)
async def test_a_token_that_does_not_fit_its_grant(
    hub: PortalHub, portal: Flow, claims: dict[str, object]
) -> None:
    await portal.tokens()
    assert portal.person
    user = portal.person
    (grant,) = await hub.sql("select id::text from oauth_grant where user_id = :user", user=user.user_id)
    good = {
        "sub": f"user:{user.user_id}",
        "grant": grant[0],
        "scope": "visit.rs",
        "role": user.role,
        "division": user.division_code,
        "organisation": None,
    }
    client = portal.client
    assert (await hub.bearer.viewer(f"Bearer {hub.access_token(client, **good)}")).user_id == user.user_id
    with pytest.raises(Unauthenticated):
        await hub.bearer.viewer(f"Bearer {hub.access_token(client, **{**good, **claims})}")
