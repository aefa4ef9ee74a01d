"""Keys change while two processes serve: both find a person by number all the time, without a restart."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from hub.store.vault import Vault
from tests.support.hubs import Hubs, two_hubs
from tests.support.reading import QIXING

HUB = Path(sys.executable).with_name("hub")
QUERY = "query ($n: String!) { beneficiary(idNumber: $n) { idNumber } }"


async def command(hubs: Hubs, *words: str) -> str:
    given = {n: v for n, v in os.environ.items() if not n.startswith("HUB_")} | hubs.environment
    done = await asyncio.create_subprocess_exec(
        HUB, "field-key", *words, env=given, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await done.communicate()
    assert done.returncode == 0, words
    return said.decode().strip()


async def test_both_find_the_person_before_during_and_after() -> None:
    async with two_hubs() as hubs:
        await hubs.register("bureau")
        token = await hubs.token(0, "bureau")
        sealed = await hubs.database.owner.fetchval(
            "select id_number from beneficiary where county_code = $1 and id_number is not null limit 1",
            QIXING[:6],
        )
        number = Vault(bytes(range(32))).open(sealed)

        async def both_find() -> None:
            for http in hubs.https:
                asked = {"query": QUERY, "variables": {"n": number}}
                answer = await http.post("/graphql", json=asked, headers={"Authorization": f"Bearer {token}"})
                assert answer.json()["data"] == {"beneficiary": {"idNumber": number}}, answer.text

        await both_find()
        key = await command(hubs, "add", "--hash", "sm3")
        await command(hubs, "activate", key)
        await both_find()
        rotating = asyncio.create_task(command(hubs, "rotate", "--batch", "1", "--pause", "30"))
        while not rotating.done():
            await both_find()
            await asyncio.wait({rotating}, timeout=0.2)  # questions about a person are limited
        assert "0 left" in await rotating
        await both_find()
        rows = await hubs.database.owner.fetch(
            "select id_number from beneficiary where id_number is not null"
        )
        assert {bytes(row["id_number"][2:6]).hex() for row in rows} == {key}
