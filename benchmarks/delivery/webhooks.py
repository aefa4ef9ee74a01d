"""``python -m benchmarks.delivery.webhooks``: many subscribers beside a bare httpx loop posting ready bytes.

Both post from this process to one receiver, a process of its own; the loop one after the other, or as many
at once as the hub, whichever is faster. It posts a body that the hub made; the hub reads, cuts, logs, signs
and notes each. What came is checked: every subscriber, every person, nothing twice, and no person's older
state behind a newer one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx
import orjson
from rich.console import Console

from benchmarks.command import command
from benchmarks.read.stage import Stage, opened
from benchmarks.read.world import build
from graphql_schema.schema import EXECUTOR, audience
from hub.delivery.places import written
from hub.delivery.service import Service
from hub.delivery.signing import new_secret
from hub.oauth.client_keys import new_key
from hub.oauth.clients import register_client
from hub.read import changes
from hub.read.run import Engine
from hub.read.stream import Streams
from hub.settings import Settings
from hub.store.listener import Listener
from hub.web.metrics import Metrics

PORT: Final = 8391
CLIENTS: Final = 100
DOCUMENT: Final = (
    "subscription { beneficiaryChanges { operation id position node { nameMasked riskLevel } } }"
)
MADE: Final = """
    with made as (
        insert into webhook (client_id, name, url, document, variables, is_full, max_events, secret)
        select 'webhooks-' || n % $1, 'w' || n, $2, $3, $4, true, 200, $5 from generate_series(1, $6) n
        returning id)
    insert into webhook_place (webhook_id, place, cluster) select id, $7, $8 from made"""
CHANGED: Final = """
    with touched as (
        update beneficiary set risk_level = $3 where county_code = $1 and id in (
            select id from beneficiary where county_code = $1 order by id limit $2)
        returning county_code, id)
    insert into change (entity, county_code, entity_id, operation)
    select 'beneficiary', county_code, id, 'U' from touched"""


class Wrong(Exception):
    """What came is not what had to come."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.delivery.webhooks", description=__doc__)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--changed", type=int, default=20, help="people who change in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("bench-data") / "webhooks")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    command(partial(run, given), given.json, Wrong)


async def run(given: argparse.Namespace, console: Console) -> dict[str, Any]:
    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    async with opened(given.data, build(20_000), say) as stage, receiving() as http:
        return await _measured(stage, http, given, say)


@asynccontextmanager
async def receiving() -> AsyncIterator[httpx.AsyncClient]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.delivery.receiver", str(PORT), env=dict(os.environ)
    )
    try:
        limits = httpx.Limits(max_connections=1000, max_keepalive_connections=1000)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{PORT}", trust_env=False, limits=limits, timeout=60
        ) as http:
            for _ in range(100):
                try:
                    await http.get("/count")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
            yield http
    finally:
        process.terminate()
        await process.wait()


async def _measured(
    stage: Stage, http: httpx.AsyncClient, given: argparse.Namespace, say: Callable[[str], None]
) -> dict[str, Any]:
    database = stage.database
    county = await database.owner.fetchval("select county_code from beneficiary limit 1")
    await _registered(stage, county, given.subscribers)
    settings = Settings(webhook_networks=("127.0.0.0/8",), database_url=None)
    engine = Engine(database, stage.vault, audience, EXECUTOR)
    listener = Listener(database)
    service = Service(Streams(engine, listener, 7), settings, Metrics())
    stop = asyncio.Event()
    working = asyncio.create_task(service.until(stop))
    try:
        await _until(database, "select count(*) = 0 from webhook_place where looked_at is null")
        say(f"{given.subscribers:,} subscribers stand at the end of the sequence")
        rounds = [
            await _round(stage, http, county, given, number, settings.webhook_senders)
            for number in range(1, given.rounds + 1)
        ]
        found = (await http.get("/found")).json()
    finally:
        stop.set()
        await working
        await listener.stop()
        await database.owner.execute("delete from oauth_client where client_id like 'webhooks-%'")
    _check(found, given)
    for each in rounds:
        say(
            f"hub {each['hub']:,.0f} messages/s ({each['hub'] * given.changed:,.0f} events/s),"
            f" bare httpx loop {each['loop']:,.0f}/s: {each['hub'] / each['loop']:.2f} ×"
        )
    say(f"came: {found}")
    ratios = sorted(each["hub"] / each["loop"] for each in rounds)
    return {"rounds": rounds, "ratio": ratios[len(ratios) // 2], "found": found}


async def _registered(stage: Stage, county: str, subscribers: int) -> None:
    database, vault = stage.database, stage.vault
    jwks = {"keys": [new_key().as_dict(private=False)]}
    for number in range(CLIENTS):
        await register_client(
            database, f"webhooks-{number}", name="webhooks", role="bureau", jwks=jwks,
            division_code=county.ljust(12, "0"), replace=True,
        )  # fmt: skip
    await database.owner.execute("delete from webhook")
    place, cluster = await changes.now(database), await changes.cluster_of(database)
    await database.owner.execute(
        MADE, CLIENTS, f"http://127.0.0.1:{PORT}/hook", vault.seal(DOCUMENT), vault.seal("{}"),
        vault.seal(new_secret()), subscribers, written(place), cluster,
    )  # fmt: skip
    await database.owner.execute("vacuum analyze webhook, webhook_place")


async def _round(
    stage: Stage, http: httpx.AsyncClient, county: str, given: argparse.Namespace, number: int, at_once: int
) -> dict[str, float]:
    """Messages a second of both, one after the other."""
    before = int((await http.get("/count")).content)
    began = perf_counter()
    await stage.database.owner.execute(CHANGED, county, given.changed, f"LEVEL_{number}")
    await stage.database.owner.execute("select pg_notify('hub_change', '')")
    while int((await http.get("/count")).content) < before + given.subscribers:
        await asyncio.sleep(0.05)
        if perf_counter() - began > 900:
            raise Wrong("not all was told within 15 minutes")
    took = perf_counter() - began
    await _until(
        stage.database,
        "select count(*) = 0 from webhook_place where ending is not null or lease is not null",
    )
    body, count = (await http.get("/body")).content, max(300, given.subscribers // 10)
    loops = [await _loop(http, body, count, most) for most in (1, at_once)]
    return {"hub": given.subscribers / took, "loop": max(loops), "by_one": loops[0], "at_once": loops[1]}


async def _loop(http: httpx.AsyncClient, body: bytes, count: int, at_once: int) -> float:
    left = iter(range(count))

    async def post() -> None:
        for _ in left:
            answer = await http.post("/ready", content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 200

    began = perf_counter()
    await asyncio.gather(*(post() for _ in range(at_once)))
    return count / (perf_counter() - began)


async def _until(database: Any, question: str) -> None:
    for _ in range(9_000):
        if await database.owner.fetchval(question):
            return
        await asyncio.sleep(0.1)
    raise Wrong("it was not done within 15 minutes")


def _check(found: dict[str, int], given: argparse.Namespace) -> None:
    pairs = given.subscribers * given.changed
    wanted = {"webhooks": given.subscribers, "pairs": pairs, "last": pairs, "back": 0, "doubles": 0}
    wrong = {name: (found[name], value) for name, value in wanted.items() if found[name] != value}
    if wrong or found["events"] != pairs * given.rounds:
        raise Wrong(orjson.dumps([wrong, found]).decode())


if __name__ == "__main__":
    main()
