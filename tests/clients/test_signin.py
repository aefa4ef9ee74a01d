"""A certified client (``openid-client``) signs a user in: discovery, PAR, code, ``iss``, refresh."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from hub.oauth.clients import Client
from hub.printed import ROOT
from tests.support.npm import install
from tests.support.portal import Person, PortalHub, served_portal

FOLDER = ROOT / "clients/signin"
BACK = "http://127.0.0.1:9/back"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    await install(FOLDER)
    async with served_portal() as hub:
        yield hub


async def signed_in(
    hub: PortalHub, client: Client, person: Person, *, tampered: bool = False
) -> dict[str, Any]:
    """What the portal says at its end, or its complaint."""
    key = hub.client_keys[client.client_id] if client.auth_method != "none" else None
    given = {
        "HUB_URL": hub.issuer.url,
        "CLIENT_ID": client.client_id,
        "CLIENT_KEY": json.dumps(key.as_dict(private=True)) if key else "",
        "REDIRECT_URI": BACK,
        "SCOPE": "station.rs visit.rs",
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", "signin.mjs", cwd=FOLDER, env={**os.environ, **given}, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdout
    said = await process.stdout.readline()
    back = await browse(hub, person, json.loads(said)["open"]) if said else ""
    if tampered:
        back = re.sub("iss=[^&]*", "iss=https%3A%2F%2Fevil.example", back)
    end, complaint = await process.communicate(f"{back}\n".encode())
    return json.loads(end) if process.returncode == 0 else {"complaint": complaint.decode()}


async def browse(hub: PortalHub, person: Person, url: str) -> str:
    """Where a browser ends whose user allows what it is asked."""
    cookies = {"hub_session": hub.sessions.begin(person)}
    async with httpx.AsyncClient(cookies=cookies, follow_redirects=True) as http:
        page = await http.get(url)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        action = f"{hub.issuer.url}/oauth/consent"
        http.follow_redirects = False
        answer = await http.post(
            action, data={**hidden, "decision": "allow"}, headers={"origin": hub.issuer.url}
        )
    assert urlsplit(answer.headers["location"]).path == "/back"
    return str(answer.headers["location"])


@pytest.mark.parametrize("public", [False, True])
async def test_a_user_signs_in(hub: PortalHub, public: bool) -> None:
    person = await hub.user()
    client = await hub.app(redirect_uris=[BACK]) if public else await hub.portal(redirect_uris=[BACK])
    said = await signed_in(hub, client, person)
    assert said.get("scope") == "station.rs visit.rs", said
    assert (said["seconds"], said["turned"]) == (300, public)
    viewer = await hub.bearer.viewer(f"Bearer {said['token']}")
    assert (viewer.user_id, viewer.client_id) == (person.user_id, client.client_id)


async def test_the_client_would_notice_another_server(hub: PortalHub) -> None:
    client = await hub.portal(redirect_uris=[BACK])
    said = await signed_in(hub, client, await hub.user(), tampered=True)
    assert "iss" in said["complaint"]
