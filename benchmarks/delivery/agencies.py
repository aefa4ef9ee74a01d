"""``python -m benchmarks.delivery.agencies``: answers to agencies beside hand-written SQL, over HTTP.

One at a time: the floor of the read benchmark's Q1, and the hub's ``eligibility`` without and with a receipt,
with 16 connections each. Ten thousand at once: a route that is given their keyed hashes and joins them, and
``eligibilities``, which is given their numbers. Answers are compared before anything is measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, ClassVar, Final

import httpx
import orjson
from rich.console import Console

from benchmarks.command import command
from benchmarks.read.cases import Case, Client, Draw
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.contenders.floor import Floor
from benchmarks.read.contenders.hub import Hub
from benchmarks.read.measure import Bench, Cell, load_process, medians
from benchmarks.read.server import serving
from benchmarks.read.stage import Stage, opened
from benchmarks.read.wire import ask, post
from benchmarks.read.world import World, build, number_of, unknown_number

QUERY: Final = """query($person: PersonInput!, $programme: Programme!, $on: Date) {
  eligibility(person: $person, programme: $programme, on: $on) { answer asOf validUntil } }"""
MANY: Final = """query($persons: [PersonInput!]!) {
  eligibilities(persons: $persons, programme: DIBAO) { items { answer } refused { index code } } }"""
CONNECTIONS: Final = 16
CLIENTS: Final = 4
PERSONS: Final = 10_000
# As if every source had just been read: what is measured is the answer YES or NO.
FRESH: Final = """
    update source set max_age_hours = 100000;
    insert into sync_run (source_id, started_at, status) select id, now(), 'SUCCEEDED' from source;
    insert into programme_source (category, county_code, source_id)
        select c.category, d.county, (select min(id) from source)
        from unnest(array['DIBAO', 'TEKUN', 'SEVERE_DISABLED', 'DISABLED']) c(category),
            (select distinct left(code, 6) as county from division where substr(code, 7, 3) <> '000') d
        on conflict do nothing"""


class Different(Exception):
    """Two contenders answered differently."""


class Unsigned(Hub):
    name = "hub"
    preferred: ClassVar[dict[str, str]] = {}

    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        bearer = await self._bearers({case.client.name: case.client for case in cases})
        return [
            post("/graphql", body_of(case), {**bearer[case.client.name], **self.preferred}) for case in cases
        ]

    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        return answer["data"]["eligibility"]["answer"] == "YES"


class Signed(Unsigned):
    """The same server, asked for receipts."""

    name = "hub, signed"
    preferred: ClassVar[dict[str, str]] = {"Prefer": "receipt"}

    def _id(self, client: str) -> str:
        return f"{Unsigned.name}-{client}"


def body_of(case: Case) -> dict[str, Any]:
    given = {name: case.values[name] for name in ("programme", "on")}
    return {"query": QUERY, "variables": {"person": {"idNumber": case.values["number"]}, **given}}


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[tuple[list[Contender], dict[str, int]]]:
    floor, hub, signed = Floor(stage, 8601), Unsigned(stage, 8602), Signed(stage, 8602)
    async with AsyncExitStack() as stack:
        pids = {each.name: await stack.enter_async_context(each.serving()) for each in (floor, hub)}
        signed.keys, signed.tokens = hub.keys, hub.tokens
        yield [floor, hub, signed], {**pids, signed.name: pids[hub.name]}


async def compare(contenders: Sequence[Contender], cases: list[Case]) -> int:
    """How many are entitled. Different where contenders differ."""
    few = cases[:200]
    asked = [await contender.requests("Q1", few) for contender in contenders]
    yes = 0
    for case, *requests in zip(few, *asked, strict=True):
        found = {
            contender.shape("Q1", case, await ask(contender.port, request))
            for contender, request in zip(contenders, requests, strict=True)
        }
        if len(found) > 1:
            raise Different("the contenders do not agree on who is entitled")
        yes += found.pop()
    return yes


async def one_by_one(stage: Stage, rounds: int, seconds: float, console: Console) -> dict[str, float]:
    """Answers a second, as medians."""
    cases = Draw(stage.world, stage.vault, CLIENTS).cases("Q1")
    async with served(stage) as (contenders, pids):
        for contender in contenders[:2]:
            await contender.prepare(cases)
        yes = await compare(contenders, cases)
        console.print(f"200 answers are the same, {yes} of them YES")
        with load_process() as load:
            bench = Bench(contenders, pids, {"Q1": cases}, stage.postmaster, load, console.print)
            await bench.warm_up(1.0)
            found = medians(await bench.rounds(rounds, (CONNECTIONS,), seconds))
    return {c.name: found[Cell("Q1", c.name, CONNECTIONS)].requests_per_second for c in contenders}


def persons_of(world: World) -> list[str]:
    """Of one county, some of whom are nobody; each once."""
    county, random = world.counties[0], Random(20260615)
    known = random.sample(range(county.sampled), min(county.sampled, PERSONS - PERSONS // 10))
    numbers = [number_of(county, number) for number in known]
    return [*numbers, *(unknown_number(number) for number in range(PERSONS - len(numbers)))]


async def many_at_once(stage: Stage, rounds: int, console: Console) -> dict[str, float]:
    """Seconds of a request, as medians, interleaved."""
    numbers = persons_of(stage.world)
    county = stage.world.counties[0].code
    hashes = [stage.vault.blind(number).hex() for number in numbers]
    floor, hub = Batch(stage, 8601), Unsigned(stage, 8602)
    client = Client("agency", f"{county}000000")
    async with floor.serving(), hub.serving(), httpx.AsyncClient(timeout=60) as http:
        await hub.prepare([Case(client, {})])
        bearer = (await hub._bearers({client.name: client}))[client.name]
        given = {"query": MANY, "variables": {"persons": [{"idNumber": number} for number in numbers]}}
        # Ready bytes, since what a client spends on making them is none of both.
        ready = [orjson.dumps(each) for each in ({"county": county, "hashes": hashes}, given)]
        kind = {"content-type": "application/json"}
        asks = {
            "floor": partial(http.post, "http://127.0.0.1:8601/many", content=ready[0], headers=kind),
            "hub": partial(
                http.post, "http://127.0.0.1:8602/graphql", content=ready[1], headers={**bearer, **kind}
            ),
        }
        spent: dict[str, list[float]] = {name: [] for name in asks}
        answers: dict[str, list[str]] = {}
        for number in range(rounds + 1):
            for name, asking in asks.items():
                began = perf_counter()
                answer = await asking()
                took = perf_counter() - began
                said = answer.json()
                if "errors" in said:
                    raise Different(f"{name} refused: {said['errors'][0]['extensions']['code']}")
                data = said["data"]["eligibilities"]
                answers[name] = [item["answer"] for item in data["items"]]
                if number:  # the first warms up
                    spent[name].append(took)
        if answers["floor"] != answers["hub"]:
            raise Different("the join and eligibilities do not agree")
        console.print(f"{PERSONS:,} answers are the same, {answers['hub'].count('YES'):,} of them YES")
    return {name: median(found) for name, found in spent.items()}


class Batch(Floor):
    """A route that is given hashes, and joins them by hand."""

    def serving(self) -> Any:
        place = [self.stage.dsn, str(self.port)]
        return serving([sys.executable, "-m", "benchmarks.delivery.joining", *place], self.port, self.log)


async def run(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    world = build(options.people)
    async with opened(options.data, world, console.print) as stage:
        await stage.database.owner.execute(FRESH)
        rates = await one_by_one(stage, options.rounds, options.seconds, console)
        batch = await many_at_once(stage, options.rounds, console)
    ratios = {
        "unsigned": rates["hub"] / rates["floor"],
        "signed": rates["hub, signed"] / rates["floor"],
        "batch": batch["hub"] / batch["floor"],
    }
    for name, rate in rates.items():
        console.print(f"{name:<12} {rate:>9,.0f} answers a second")
    for name, seconds in batch.items():
        console.print(f"{name:<12} {seconds * 1000:>9,.0f} ms for {PERSONS:,} persons")
    goals = {"unsigned": "at least 0.6", "signed": "at least 0.35", "batch": "at most 2"}
    for name, goal in goals.items():
        console.print(f"{name}: {ratios[name]:.2f} × the floor, goal {goal}")
    return {"answersPerSecond": rates, "batchSeconds": batch, "ratios": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--data", type=Path, default=Path("benchmark-data"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    command(partial(run, options), options.json, Different)


if __name__ == "__main__":
    main()
