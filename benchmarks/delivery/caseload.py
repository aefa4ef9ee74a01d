"""``python -m benchmarks.delivery.caseload``: a copy beside one statement that returns the same rows as JSON.

Everybody served is served by one contractor, but for the people of one contract, which are another's: a large
caseload and a small one in the same tables. The answers are compared before anything is measured.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import orjson
from rich.console import Console

from benchmarks.command import command
from benchmarks.read.cpu import processes, seconds_of
from benchmarks.read.stage import Stage, opened
from benchmarks.read.world import build
from graphql_schema.schema import EXECUTOR, audience
from hub.access.limits import Allowance
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer, make_viewer
from hub.read.run import Engine

QUERY: Final = """
query($since: String, $first: Int, $whole: Boolean!) {
  caseload(since: $since, first: $first) {
    entries { operation id version beneficiary {
      id nameMasked riskLevel divisionCode birthOn
      memberships { nodes { category startsOn } }
      assignments { nodes { id startsOn endsOn } }
    } }
    cursor hasMore whole @include(if: $whole) { count checksum }
  }
}"""
FLOOR: Final = """
    select convert_to(string_agg(
        '{"id":"Beneficiary:' || p.county_code || ':' || p.id || '","nameMasked":'
        || coalesce(to_json(p.name_masked)::text, 'null') || ',"riskLevel":'
        || coalesce(to_json(p.risk_level)::text, 'null')
        || ',"divisionCode":' || to_json(p.division_code)::text
        || ',"birthOn":' || coalesce('"' || p.birth_on || '"', 'null')
        || ',"memberships":{"nodes":' || coalesce((select '[' || string_agg('{"category":"' || m.category
            || '","startsOn":"' || m.starts_on || '"}', ',' order by m.id) || ']' from category_membership m
            where m.county_code = p.county_code and m.beneficiary_id = p.id), '[]')
        || '},"assignments":{"nodes":' || coalesce((select '[' || string_agg('{"id":"Assignment:'
            || a.county_code || ':' || a.id || '","startsOn":"' || a.starts_on || '","endsOn":'
            || coalesce('"' || a.ends_on || '"', 'null') || '}', ',' order by a.id) || ']' from assignment a
            where a.county_code = p.county_code and a.beneficiary_id = p.id
                and a.contract_id = any ($1) and a.starts_on <= $2
                and (a.ends_on is null or a.ends_on >= $2)), '[]')
        || '}}', chr(10) order by p.county_code, p.id), 'UTF8')
    from beneficiary p
    where p.open_contract_ids && $1 and p.open_since_on <= $2
        or (p.open_contract_ids && $1 or p.dated_contract_ids && $1) and exists (
            select from assignment a where a.county_code = p.county_code and a.beneficiary_id = p.id
                and a.contract_id = any ($1) and a.starts_on <= $2
                and (a.ends_on is null or a.ends_on >= $2))"""
MANY: Final = Allowance(10**12, 10**12, 10**9)
LARGE, SMALL = 1, 2
CHANGES: Final = 100
POLLS: Final = 500 / 30
"""A second: 500 contractors, each every 30."""


class Different(Exception):
    """The copy does not hold the rows of the statement."""


@dataclass
class Client:
    engine: Engine
    who: Viewer
    cursor: str | None = None

    async def page(self, first: int, *, whole: bool = False) -> Any:
        given = {"since": self.cursor, "first": first, "whole": whole}
        return await self.engine.answer(self.who, QUERY, None, given, reading=True)

    async def pull(self, first: int = 5_000, *, whole: bool = False) -> tuple[float, list[bytes]]:
        """Seconds until all bodies are there, which are read afterwards."""
        bodies, more, spent = [], True, 0.0
        while more:
            began = perf_counter()
            answer = await self.page(first, whole=whole)
            spent += perf_counter() - began
            said = orjson.loads(answer.body)["data"]["caseload"]
            self.cursor, more = said["cursor"], said["hasMore"]
            bodies.append(answer.body)
        return spent, bodies


def entries_of(bodies: Sequence[bytes]) -> Iterator[Any]:
    for body in bodies:
        yield from orjson.loads(body)["data"]["caseload"]["entries"]


def contractor(number: int) -> Viewer:
    scopes = frozenset(DEFAULT_SCOPES["contractor"])
    return make_viewer(
        f"contractor-{number}", "contractor", scopes, organisation_id=number, allowance=MANY,
        opened=frozenset({"minor"}),
    )  # fmt: skip


SPLIT: Final = """
    create temp table few on commit drop as
        select id from (select contract_id as id, sum(count(*)) over (order by contract_id) as so_far
            from assignment group by contract_id) k where so_far <= {small};
    create temp table two on commit drop as
        select max(id) filter (where id in (select id from few)) as small,
            max(id) filter (where id not in (select id from few)) as large from contract;
    update contract k set contractor_id = case k.id when two.small then 2 when two.large then 1 else 3 end
        from two;
    update assignment a set contract_id =
        case when a.contract_id in (select id from few) then two.small else two.large end from two;
    update beneficiary p set
        open_contract_ids = array(select distinct a.contract_id from assignment a where a.ends_on is null
            and a.county_code = p.county_code and a.beneficiary_id = p.id),
        dated_contract_ids = array(select distinct a.contract_id from assignment a where a.ends_on is not null
            and a.county_code = p.county_code and a.beneficiary_id = p.id)"""
"""Two contracts for all, without the triggers that would write down why."""


async def split(stage: Stage, small: int) -> None:
    """The people of the first contracts, about ``small``, and all others."""
    async with stage.database.owner.acquire() as connection:
        async with connection.transaction():
            for state in ("disable", "enable"):
                for table in ("contract", "assignment", "beneficiary"):
                    await connection.execute(f"alter table {table} {state} trigger user")
                if state == "disable":
                    await connection.execute(SPLIT.format(small=int(small)), timeout=None)
        for table in ("assignment", "beneficiary"):
            await connection.execute(f"vacuum analyze {table}", timeout=None)


async def change(stage: Stage, number: int, level: int) -> None:
    """Another risk for some people of a contractor, as a run would write it."""
    await stage.database.owner.execute(
        """
        with few as (
            select a.county_code, a.beneficiary_id as id
            from assignment a join contract k on k.id = a.contract_id
            where k.contractor_id = $1 and a.ends_on is null
            order by a.county_code, a.beneficiary_id limit $2),
        done as (
            update beneficiary p set risk_level = 'LEVEL_' || $3::int from few s
            where p.county_code = s.county_code and p.id = s.id returning p.county_code, p.id)
        insert into change (entity, county_code, entity_id, operation)
        select 'beneficiary', county_code, id, 'U' from done""",
        number, CHANGES, level,
    )  # fmt: skip


async def compare(stage: Stage, client: Client, bodies: Sequence[bytes]) -> tuple[Any, ...]:
    engine, today = client.engine, client.engine.clock().date()
    held = await engine.live.now(client.who.organisation_id, today)
    found = (await stage.database.owner.fetchval(FLOOR, held.contracts, today, timeout=None)).split(b"\n")
    told = {entry["id"]: entry["beneficiary"] for entry in entries_of(bodies)}
    if told != {row["id"]: row for row in map(orjson.loads, found)}:
        raise Different(f"{len(told)} people beside {len(found)}")
    return held.contracts, today


async def measured(stage: Stage, rounds: int, small: int, console: Console) -> dict[str, Any]:
    await split(stage, small)
    engine = Engine(stage.database, stage.vault, audience, EXECUTOR)
    clients = {number: Client(engine, contractor(number)) for number in (LARGE, SMALL)}
    _, bodies = await clients[LARGE].pull()
    given = await compare(stage, clients[LARGE], bodies)
    _, others = await clients[SMALL].pull()
    count = [len(list(entries_of(told))) for told in (bodies, others)]
    console.print(f"a caseload of {count[0]:,}, and one of {count[1]:,}: as the statement has them")
    first, floor, deltas = [], [], dict[int, list[float]]()
    for number in range(rounds):
        began = perf_counter()
        await stage.database.owner.fetchval(FLOOR, *given, timeout=None)
        floor.append(perf_counter() - began)
        fresh = Client(engine, contractor(LARGE))
        first.append((await fresh.pull())[0])
        for which in (LARGE, SMALL):
            await change(stage, which, 1 + number % 3)
            spent, told = await clients[which].pull(200)
            got = len(list(entries_of(told)))
            if got != CHANGES:
                raise Different(f"{got} changes were told, not {CHANGES}")
            deltas.setdefault(which, []).append(spent)
    polled = await polls(stage, clients[LARGE])
    began = perf_counter()
    [body] = (await clients[LARGE].pull(whole=True))[1]
    whole = perf_counter() - began
    counted = orjson.loads(body)["data"]["caseload"]["whole"]["count"]
    found = {
        "people": count,
        "first pull, s": median(first),
        "one statement, s": median(floor),
        "first pull / statement": median(first) / median(floor),
        "100 changes, ms": {str(which): 1000 * median(spent) for which, spent in deltas.items()},
        "100 changes, large / small": median(deltas[LARGE]) / median(deltas[SMALL]),
        "a pull of nothing, ms of CPU": 1000 * polled,
        "of a core for 500 clients": polled * POLLS,
        "whole checksum, s": whole,
        "whole count": counted,
    }
    for name, value in found.items():
        console.print(f"{name:32} {value if not isinstance(value, float) else round(value, 4)}")
    return found


async def polls(stage: Stage, client: Client, times: int = 500) -> float:
    """Seconds of CPU of a pull that finds nothing, here and in PostgreSQL."""
    await client.pull()

    def spent() -> float:
        among, own = processes(), os.getpid()
        apart = among[stage.postmaster].parent != own
        return seconds_of(own, among) + (seconds_of(stage.postmaster, among) if apart else 0.0)

    before = spent()
    for _ in range(times):
        await client.pull(200)
    return (spent() - before) / times


async def run(given: argparse.Namespace, console: Console) -> dict[str, Any]:
    async with opened(given.data, build(given.people), console.print) as stage:
        return await measured(stage, given.rounds, given.small, console)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery.caseload", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=500_000, help="beneficiaries in the data set (default: %(default)s)")
    add("--small", type=int, default=5_000, help="people of the small caseload, about (default: %(default)s)")
    add("--rounds", type=int, default=5, help="times everything is measured (default: %(default)s)")
    add("--data", type=Path, default=Path("benchmark-data"), help="where data sets are kept")
    add("--json", type=Path, help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    options = _options()
    command(partial(run, options), options.json, Different)
