"""A user's token for one purpose: from the code, from each refresh, and as introspection tells it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.errors import OtherPurpose, UnknownPurpose
from hub.oauth.jose import peek
from tests.support.oauth import refused
from tests.support.portal import Flow, PortalHub, portal_hub
from tests.support.purposes import granted


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def portal(hub: PortalHub) -> Flow:
    """A bureau's portal, with a user of a township."""
    client = await hub.portal()
    await granted(hub.db, client.client_id, "duty", "relief", roles=("bureau", "township"))
    await granted(hub.db, client.client_id, "bureaus", roles=("bureau",))
    return hub.flow(client, await hub.user())


def purpose_in(answer: dict[str, Any]) -> Any:
    return peek(answer["access_token"]).claims.get("purpose")


async def test_each_token_is_for_what_it_was_asked_for(hub: PortalHub, portal: Flow) -> None:
    first = await portal.tokens(purpose="duty")
    assert purpose_in(first) == "duty"
    viewer = await hub.bearer.viewer(f"Bearer {first['access_token']}")
    assert viewer.asking_for(None).purpose == "duty"
    with pytest.raises(OtherPurpose):
        viewer.asking_for("relief")
    for purpose in ("relief", None):
        answer = await portal.refresh(first["refresh_token"], purpose=purpose)
        assert purpose_in(answer.json()) == purpose
    viewer = await hub.bearer.viewer(f"Bearer {answer.json()['access_token']}")
    assert viewer.asking_for("relief").purpose == "relief"
    assert viewer.asking_for(None).purpose is None
    with pytest.raises(UnknownPurpose):
        viewer.asking_for("bureaus")


async def test_a_purpose_that_is_not_for_the_user_gives_no_token(portal: Flow) -> None:
    code = await portal.code()
    refused(await portal.redeem(code, purpose="bureaus"), "invalid_purpose")
    refused(await portal.redeem(code, purpose="duty"), "invalid_grant")  # it was used up
    answer = await portal.redeem(await portal.code(), purpose="duty")
    assert purpose_in(answer.json()) == "duty"
    refused(await portal.refresh(answer.json()["refresh_token"], purpose="bureaus"), "invalid_purpose")


async def test_a_lost_answer_is_given_again_for_the_same_purpose(hub: PortalHub) -> None:
    client = await hub.app()
    await granted(hub.db, client.client_id, "duty", "relief", roles=("bureau", "township"))
    app = hub.flow(client, await hub.user())
    held = (await app.tokens())["refresh_token"]
    answers = [(await app.refresh(held, purpose="duty")).json() for _ in range(2)]
    assert answers[0]["refresh_token"] == answers[1]["refresh_token"]
    assert [purpose_in(answer) for answer in answers] == ["duty", "duty"]
    refused(await app.refresh(held, purpose="relief"), "invalid_grant")


async def test_introspection_tells_the_purpose(hub: PortalHub) -> None:
    name = (await hub.register("bureau")).client_id
    await granted(hub.db, name, "relief", roles=("bureau", "township"))
    for asked in ("relief", None):
        answer = await hub.post(hub.assertion(name), purpose=asked)
        fields = {"token": answer.json()["access_token"], "client_assertion": hub.assertion(name)}
        form = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", **fields}
        told = (await hub.http.post("/oauth/introspect", data=form)).json()
        assert (told["active"], told.get("purpose")) == (True, asked)
