"""A certified client (``openid-client``) of a system: bound token, nonces, introspection, revocation."""

from __future__ import annotations

import asyncio
import json
import os

from hub.printed import ROOT
from tests.support.hubs import two_hubs
from tests.support.npm import install

FOLDER = ROOT / "clients/signin"


async def test_a_system_asks_with_a_bound_token_and_gives_it_back() -> None:
    await install(FOLDER)
    async with two_hubs() as hubs:
        await hubs.register("machine", profile="FAPI2")
        given = {
            "HUB_URL": hubs.base_url,
            "CLIENT_ID": "machine",
            "CLIENT_KEY": json.dumps(hubs.keys["machine"].as_dict(private=True)),
        }
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "node", "machine.mjs", cwd=FOLDER, env={**os.environ, **given}, stdout=pipe, stderr=pipe
        )
        said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    assert json.loads(said) == {
        "type": "dpop",
        "roles": ["bureau", "bureau"],
        "bound": True,
        "active": [True, False],
    }
