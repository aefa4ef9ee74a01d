"""Nobody has an answer that the access log does not know of, even where the hub is killed."""

from __future__ import annotations

import asyncio
import os
import signal

import httpx
from joserfc.jwk import ECKey, KeySet

from hub.audit.chain import Check
from hub.audit.export import check_database
from hub.audit.heads import Opener
from hub.audit.records import people
from hub.audit.seal import Sealer
from tests.support.process import Process, hub_serve

PAGE = {"query": "{ beneficiaries(first: 20) { nodes { name visits(first: 2) { nodes { visitedOn } } } } }"}
ASKING = 12
ENOUGH = 60
"""Answers after which it is killed, while others are under way."""
ENTRIES = "select request_id, records from access_entry where request_id = any($1)"


async def answered(hub: Process) -> list[str]:
    """Identifiers of requests whose answers came whole, until the hub is gone."""
    found: list[str] = []

    async def ask() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    answer = await http.post(hub.url, json=PAGE, headers=hub.bearer)
                except httpx.TransportError:
                    return
                assert len(answer.json()["data"]["beneficiaries"]["nodes"]) == 20
                found.append(answer.headers["x-request-id"])
                if len(found) == ENOUGH:
                    os.kill(hub.pid, signal.SIGKILL)

    async with asyncio.TaskGroup() as group:
        for _ in range(ASKING):
            group.create_task(ask())
    return found


async def test_every_answer_is_in_the_log_of_a_hub_that_was_killed() -> None:
    async with hub_serve() as hub:
        answers = await answered(hub)
        rows = await hub.database.owner.fetch(ENTRIES, answers)
        assert len(answers) >= ENOUGH
        assert {row["request_id"] for row in rows} == set(answers)
        assert all(len(people([row["records"]])) == 20 for row in rows)
        keys = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
        await Sealer(hub.database, "https://hub.example", lambda: keys, "sha256").seal()
        found = await check_database(hub.database, Check("https://hub.example", Opener(keys)))
        assert found.entries >= len(answers)
