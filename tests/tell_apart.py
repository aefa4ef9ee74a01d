"""Whether an agency could tell why it is not told YES: ``python -m tests.tell_apart [SAMPLES]``.

The whole application over a small county is asked about people of each kind, in random order, and what came
is compared with what came of a number that is nobody's: data, names of headers, price, and time as the
probability that one takes longer than the other (0.5: it says nothing). No network is between.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Final

from hub.domain.id_number import make_id_number
from tests.support.reading import QIXING, World
from tests.support.serving import serving

ASK: Final = """query($n: String!, $p: Programme!) {
    eligibility(person: {idNumber: $n}, programme: $p) { answer asOf validUntil programme on } }"""
FRESH: Final = """insert into sync_run (source_id, started_at, status)
    select id, now() - interval '1 minute', 'SUCCEEDED' from source"""
NOBODY: Final = "nobody"
MANY: Final = 1_000_000_000


def kinds(world: World) -> dict[str, list[str]]:
    """Numbers of people of each kind; whoever is told YES is left out when asked."""
    found = defaultdict[str, list[str]](list)
    for person in world.rows["beneficiary"]:
        if not person.get("id_number"):
            continue
        kind = "elsewhere" if person["county_code"] != QIXING[:6] else "here"
        if kind == "here" and person.get("deceased_on"):
            kind = "dead"
        found[kind].append(world.engine.vault.open(person["id_number"]) or "")
    first = dt.date(1950, 1, 1)
    found[NOBODY] = [make_id_number("459999", first + dt.timedelta(days=n), 7) for n in range(40)]
    return found


def longer(one: Sequence[float], other: Sequence[float]) -> float:
    """Probability that a time of ``one`` is longer than one of ``other``."""
    held = sorted(other)
    halves = sum(bisect_left(held, each) + bisect_right(held, each) for each in one)
    return halves / (2 * len(one) * len(other))


async def main(samples: int) -> None:
    async with serving(questions_per_minute=MANY, questions_per_day=MANY, requests_per_minute=MANY) as hub:
        await hub.world.database.fetch("select setval(pg_get_serial_sequence('sync_run', 'id'), 1000)")
        await hub.world.database.fetch(FRESH)
        people, chance = kinds(hub.world), random.Random(7)
        seconds, told = defaultdict[str, list[float]](list), defaultdict[str, set[str]](set)
        asked = [kind for kind in people for _ in range(samples)]
        chance.shuffle(asked)
        for kind in asked:
            number = chance.choice(people[kind])
            began = perf_counter()
            answer = await hub.ask(ASK, "agency", n=number, p="DIBAO")
            took = perf_counter() - began
            if '"YES"' in answer.text:
                kind = "YES"
            seconds[kind].append(took)
            body, cost = answer.json(), answer.json()["extensions"]["cost"]
            heads = sorted(answer.headers)
            told[kind].add(f"{answer.status_code} {body['data']} {cost['static']} {heads}")
        for kind, times in seconds.items():
            same = "same" if told[kind] == told[NOBODY] else "OTHER"
            took, more = median(times) * 1000, longer(times, seconds[NOBODY])
            print(
                f"{kind:10} {len(times):6}  {same:5} as nobody  {took:.2f} ms  longer than nobody {more:.3f}"
            )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
