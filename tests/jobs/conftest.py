"""One hub for all tests of jobs, and a client that starts one and waits for it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx
import orjson
import pytest_asyncio

from graphql_schema.schema import EXECUTOR, audience
from hub.access.limits import Limits
from hub.app import work_of
from hub.jobs.store import Job
from hub.jobs.working import Work
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.read.run import Engine
from hub.store.cache import open_cache
from hub.store.keys import load_signing_keys
from hub.web.limits import Rate
from hub.web.receipts import Receipts
from tests.support.purposes import granted
from tests.support.serving import Served, serving

T = TypeVar("T")
ASKED: Final = """query($persons: [PersonInput!]!, $programme: Programme!) {
  eligibilities(persons: $persons, programme: $programme) {
    items { answer asOf validUntil programme on } refused { index code } } }"""
PEOPLE: Final = """query($after: String, $first: Int) { beneficiaries(first: $first, after: $after) {
  nodes { id nameMasked birthOn disabilityGrade division { code name }
    memberships(first: 2) { nodes { category } } }
  pageInfo { hasNextPage endCursor } } }"""
MANY: Final = {"questions_per_minute": 1_000_000, "questions_per_day": 10_000_000, "questions_alike": 1000}

REMEMBERED: Final = 2.1
"""Seconds: a little more than a viewer is."""
FRESH: Final = """
    with all_ as (update source set max_age_hours = 24 returning id)
    insert into sync_run (id, source_id, started_at, status)
    select id + 5000, id, now(), 'SUCCEEDED' from all_"""


async def eventually(look: Callable[[], Awaitable[T]], holds: Callable[[T], Any] = bool) -> T:
    """What ``look`` finds when it ``holds``."""
    async with asyncio.timeout(60):
        while True:
            found = await look()
            if holds(found):
                return found
            await asyncio.sleep(0.02)


def code_of(answer: httpx.Response) -> str:
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


@dataclass
class Jobs:
    """``start`` and the rest, as a client does it."""

    hub: Served

    @property
    def http(self) -> httpx.AsyncClient:
        return self.hub.http

    async def start(
        self, role: str = "agency", key: str | None = None, purpose: str | None = None, **given: Any
    ) -> httpx.Response:
        headers = {**self.hub.bearer(role), "Idempotency-Key": key or secrets.token_hex(8)}
        if purpose is not None:
            headers["Hub-Purpose"] = purpose
        return await self.http.post("/jobs", json=given, headers=headers)

    async def upload(
        self, body: Any, kind: str, role: str = "agency", key: str | None = None, **given: Any
    ) -> httpx.Response:
        headers = {
            **self.hub.bearer(role),
            "Idempotency-Key": key or secrets.token_hex(8),
            "Content-Type": kind,
        }
        named = {"query": ASKED, "variables": '{"programme":"DIBAO"}', **given}
        return await self.http.post("/jobs", content=body, headers=headers, params=named)

    async def look(self, path: str, role: str = "agency") -> dict[str, Any]:
        answer = await self.http.get(path, headers=self.hub.bearer(role))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def ended(self, started: httpx.Response, role: str = "agency") -> dict[str, Any]:
        """The job when it is done, or has failed."""
        assert started.status_code in (200, 202), started.text
        path = started.headers["location"]
        return await self.until(path, lambda told: told["state"] in ("DONE", "FAILED"), role)

    async def until(
        self, path: str, holds: Callable[[dict[str, Any]], bool], role: str = "agency"
    ) -> dict[str, Any]:
        return await eventually(lambda: self.look(path, role), holds)

    async def file(
        self, told: Mapping[str, Any], format_: str, role: str = "agency", **headers: str
    ) -> httpx.Response:
        path = f"/jobs/{told['id']}/result.{format_}"
        return await self.http.get(path, headers={**self.hub.bearer(role), **headers})

    async def rows(self, told: Mapping[str, Any], role: str = "agency") -> list[Any]:
        answer = await self.file(told, "ndjson", role)
        assert answer.status_code == 200, answer.text
        return [orjson.loads(line) for line in answer.content.splitlines()]

    async def row(self, id_: str) -> Job:
        [found] = await self.hub.world.database.fetch("select * from job where id::text = $1", id_)
        return dict(found)

    def work(self) -> Work:
        """Of another process."""
        hub, world = self.hub, self.hub.world
        limits = Limits(questions_per_minute=1_000_000, questions_per_day=10_000_000)
        engine = Engine(world.database, world.engine.vault, audience, EXECUTOR, limits=limits)
        keys = SigningKeys(load_signing_keys(hub.settings))
        issuer = Issuer.of(hub.settings.base_url).url
        receipts = Receipts(world.database, engine.asker.audit, keys, issuer, 0)
        return work_of(hub.settings, engine, Rate(open_cache(hub.settings), 10_000, 1_000_000), receipts)

    async def purpose(self, role: str, minute: int | None = None) -> str:
        """A new one of the client's, known everywhere; with so many persons a minute of its own."""
        database, code = self.hub.world.database, f"checks-{secrets.token_hex(4)}"
        await granted(database, role, code)
        await self.allow(code, minute)
        return code

    async def allow(self, code: str, minute: int | None) -> None:
        """Known everywhere behind it."""
        await self.hub.world.database.fetch(
            "update client_purpose set questions_per_minute = $2::bigint,"
            " questions_per_day = $2::bigint * 1000 where purpose = $1",
            code,
            minute,
        )
        await asyncio.sleep(REMEMBERED)

    def persons(self, most: int = 1000) -> list[dict[str, str]]:
        """Of the county, by number."""
        people = self.hub.world.rows["beneficiary"]
        vault = self.hub.world.engine.vault
        numbers = [vault.open(row["id_number"]) for row in people if row.get("id_number")]
        return [{"idNumber": number} for number in numbers[:most]]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def jobs() -> AsyncIterator[Jobs]:
    async with serving(**MANY) as served:
        await served.world.database.fetch(FRESH)
        yield Jobs(served)
