"""Pushed authorization requests: checked when they come, good once, for a minute, for who pushed them."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.oauth.clients import suspend_client
from tests.support.oauth import BASE_URL, refused
from tests.support.portal import CALLBACK, PortalHub, portal_hub, sent_back, shown

AGED = """update oauth_request set created_at = created_at - make_interval(secs => :by),
    expires_at = expires_at - make_interval(secs => :by)"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


async def test_a_request_is_pushed_and_named(hub: PortalHub) -> None:
    for client in (await hub.portal(), await hub.app()):
        answer = await hub.flow(client).push()
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        found = answer.json()
        assert found["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
        assert found["expires_in"] == 60


async def test_only_a_digest_of_the_name_is_stored(hub: PortalHub) -> None:
    found = (await hub.flow(await hub.portal()).push()).json()
    name = found["request_uri"].rpartition(":")[2]
    (row,) = await hub.sql("select * from oauth_request order by created_at desc limit 1")
    assert name not in str(row)


@pytest.mark.parametrize("audience", [BASE_URL, f"{BASE_URL}/oauth/token", f"{BASE_URL}/oauth/par"])
async def test_the_assertion_may_name_issuer_or_endpoint(hub: PortalHub, audience: str) -> None:
    client = await hub.portal()
    flow = hub.flow(client)
    assertion = hub.assertion(client.client_id, aud=audience)
    assert (await flow.push(client_assertion=assertion)).status_code == 201


async def test_an_assertion_pushes_once(hub: PortalHub) -> None:
    client = await hub.portal()
    flow, assertion = hub.flow(client), hub.assertion(client.client_id)
    assert (await flow.push(client_assertion=assertion)).status_code == 201
    refused(await flow.push(client_assertion=assertion), "invalid_client")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/signed-in"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
        ({"redirect_uri": "https://门户.example/"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "密码"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "x" * 43 + "\n"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "quarantine.rs"}, "invalid_scope"),
        ({"scope": "all"}, "invalid_scope"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"state": "状态"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"ui_locales": "zh\0"}, "invalid_request"),
        ({"ui_locales": "中文"}, "invalid_request"),
        ({"ui_locales": "en " * 100}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "request_not_supported"),
        ({"client_id": "somebody-else"}, "invalid_client"),
        ({"client_assertion": None}, "invalid_client"),
        ({"client_assertion": "a.b.c"}, "invalid_client"),
        ({"client_secret": "s"}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_said_at_once(
    hub: PortalHub, changed: dict[str, str | None], error: str
) -> None:
    answer = await hub.flow(await hub.portal()).push(**changed)
    refused(answer, error)
    assert "location" not in answer.headers


async def test_a_client_without_the_flow_pushes_nothing(hub: PortalHub) -> None:
    machine = await hub.register("bureau")
    refused(await hub.flow(machine).push(), "invalid_request")
    portal = await hub.portal()
    await hub.sql(
        "update oauth_client set grant_types = '{client_credentials}' where client_id = :name",
        name=portal.client_id,
    )
    refused(await hub.flow(portal).push(), "unauthorized_client")


async def test_a_suspended_client_pushes_nothing(hub: PortalHub) -> None:
    for client in (await hub.portal(), await hub.app()):
        await suspend_client(hub.db, client.client_id)
        refused(await hub.flow(client).push(), "invalid_client")


async def test_who_only_says_its_name_is_not_believed(hub: PortalHub) -> None:
    """Neither a client that has a key, nor one that nobody knows; and both hear the same."""
    app, portal = await hub.app(), await hub.portal()
    said = set()
    for name in (portal.client_id, "nobody", "x" * 65, "民政"):
        answer = await hub.flow(app).push(client_id=name)
        refused(answer, "invalid_client")
        said.add(answer.text)
    assert len(said) == 1


async def test_a_public_client_cannot_sign_and_has_no_secret(hub: PortalHub) -> None:
    app = await hub.app()
    flow = hub.flow(app)
    refused(await flow.push(client_secret="s"), "invalid_client")
    refused(await flow.push(client_assertion=hub.assertion(app.client_id)), "invalid_client")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post(hub: PortalHub, method: str) -> None:
    answer = await hub.http.request(method, "/oauth/par")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_repeated_parameter_is_refused(hub: PortalHub) -> None:
    flow = hub.flow(await hub.app())
    body = "&".join(f"{name}=x" for name in flow.asked) + "&state=y"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    refused(await hub.http.post("/oauth/par", content=body, headers=kind), "invalid_request")


# Its name in the browser


async def test_a_request_is_good_for_one_answer(hub: PortalHub) -> None:
    """Opened ten times it is still there, since a preview may load it; answered once it is gone."""
    flow = hub.flow(await hub.portal(), await hub.user())
    named = {
        "client_id": flow.client.client_id,
        "request_uri": (await flow.push()).json()["request_uri"],
    }
    opened = await asyncio.gather(*(flow.get("/oauth/authorize", **named) for _ in range(10)))
    assert {answer.status_code for answer in opened} == {303}
    page = await flow.get(opened[0].headers["location"])
    answers = await asyncio.gather(*(flow.decide(page) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [303, *[400] * 9]
    shown(await flow.get("/oauth/authorize", **named))
    assert len(await hub.sql("select 1 from oauth_grant")) == 1


async def test_a_name_is_of_one_client(hub: PortalHub) -> None:
    flow, other = hub.flow(await hub.portal(), await hub.user()), await hub.portal()
    uri = (await flow.push()).json()["request_uri"]
    shown(await flow.get("/oauth/authorize", client_id=other.client_id, request_uri=uri))
    answer = await flow.get("/oauth/authorize", client_id=flow.client.client_id, request_uri=uri)
    assert answer.status_code == 303, "another client must not use it up"


async def test_a_name_ends_after_a_minute(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    uri = (await flow.push()).json()["request_uri"]
    await hub.sql(AGED, by=61)
    shown(await flow.get("/oauth/authorize", client_id=flow.client.client_id, request_uri=uri))
    assert (await flow.push()).status_code == 201
    assert await hub.sql("select 1 from oauth_request where expires_at < now() - interval '1 second'") == []


@pytest.mark.parametrize(
    "uri", ["urn:ietf:params:oauth:request_uri:x", "https://evil.example/r", "x" * 3000, "名"]
)
async def test_a_name_nobody_gave_is_refused(hub: PortalHub, uri: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    shown(await flow.get("/oauth/authorize", client_id=flow.client.client_id, request_uri=uri))


async def test_the_user_has_ten_minutes(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    where = (await flow.begin()).headers["location"]
    await hub.sql(AGED, by=590)
    page = await flow.get(where)
    assert page.status_code == 200
    await hub.sql(AGED, by=11)
    shown(await flow.get(where))
    shown(await flow.decide(page))


async def test_what_was_pushed_counts_and_not_what_the_browser_adds(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    answer = await flow.get(
        "/oauth/authorize",
        client_id=flow.client.client_id,
        request_uri=(await flow.push()).json()["request_uri"],
        redirect_uri="https://evil.example/",
        scope="beneficiary.rs field:care",
        state="other",
    )
    back = sent_back(await flow.decide(await flow.get(answer.headers["location"])))
    assert back["state"] == flow.asked["state"]
    body = (await flow.redeem(back["code"])).json()
    assert body["scope"] == "station.rs visit.rs"


async def test_an_old_assertion_pushes_nothing(hub: PortalHub) -> None:
    client = await hub.portal()
    assertion = hub.assertion(client.client_id, exp=int(time.time()) - 60)
    refused(await hub.flow(client).push(client_assertion=assertion), "invalid_client")
