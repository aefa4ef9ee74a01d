"""What a client may see of which the hub does something later: as its registration has it then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.errors import HubError
from hub.oauth.acting import acting_for
from hub.oauth.clients import resume_client, suspend_client
from hub.oauth.purposes import end_purpose
from tests.support.oauth import OAuthHub, oauth_hub
from tests.support.purposes import granted


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


async def code_of(hub: OAuthHub, client_id: str, purpose: str | None = None) -> str:
    with pytest.raises(HubError) as error:
        await acting_for(hub.db, client_id, purpose)
    return error.value.code


async def test_it_is_the_viewer_that_a_token_makes(hub: OAuthHub) -> None:
    for role in ("bureau", "township", "contractor", "agency"):
        client = await hub.register(role, **({"division_code": "450305000000"} if role == "agency" else {}))
        asked = await hub.bearer.viewer(f"Bearer {await hub.token(client.client_id)}")
        assert await acting_for(hub.db, client.client_id) is asked
    name = (await hub.register("bureau")).client_id
    narrow = await acting_for(hub.db, name, scopes=["station.rs", "quarantine.rs"])
    assert narrow.resources <= {"station", "quarantine"}
    assert narrow.scopes <= asked.scopes | (await acting_for(hub.db, name)).scopes


async def test_who_may_not_ask_any_more_has_nothing_done(hub: OAuthHub) -> None:
    client = await hub.register("township", client_id="ending")
    await suspend_client(hub.db, client.client_id)
    assert await code_of(hub, client.client_id) == "UNAUTHENTICATED"
    await resume_client(hub.db, client.client_id)
    assert (await acting_for(hub.db, client.client_id)).role == "township"
    assert await code_of(hub, "nobody") == "UNAUTHENTICATED"


async def test_it_is_for_the_purpose_that_was_stated(hub: OAuthHub) -> None:
    client = await hub.register("contractor", client_id="for-a-purpose")
    await granted(hub.db, client.client_id, "visits-here", opens=["minor"])
    viewer = await acting_for(hub.db, client.client_id, "visits-here")
    assert (viewer.purpose, "minor" in viewer.groups) == ("visits-here", True)
    assert await code_of(hub, client.client_id, "another") == "PURPOSE_REFUSED"
    await end_purpose(hub.db, "visits-here")
    assert await code_of(hub, client.client_id, "visits-here") == "PURPOSE_ENDED"
