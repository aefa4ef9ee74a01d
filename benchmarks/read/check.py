"""Before anything is measured, everybody must give the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from benchmarks.read.cases import Case
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.wire import ask

CHECKED: Final = 20
"""Cases of each workload."""


class Different(Exception):
    """Two contenders answer one question differently."""


async def check(contenders: Sequence[Contender], asked: Mapping[str, Sequence[Case]]) -> int:
    """How many answers were compared; Different says where the first difference is."""
    compared = 0
    for workload, cases in asked.items():
        first = contenders[0]
        expected = await answers(first, workload, cases[:CHECKED])
        for other in (c for c in contenders[1:] if workload not in c.shows_more):
            for i, answer in enumerate(await answers(other, workload, cases[:CHECKED])):
                compared += 1
                where = next(differences(expected[i], answer), None)
                if where is not None:
                    who = f"{first.name} and {other.name}"
                    raise Different(f"{workload}, case {i} {cases[i].values}: {who} differ at {where}")
    return compared


async def answers(contender: Contender, workload: str, cases: Sequence[Case]) -> list[Any]:
    requests = await contender.requests(workload, list(cases))
    return [
        contender.shape(workload, case, await ask(contender.port, request))
        for case, request in zip(cases, requests, strict=True)
    ]


def differences(one: Any, other: Any, at: str = "answer") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{at}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{at}[{i}]")
    elif one != other or type(one) is not type(other):
        yield f"{at}: {str(one)[:300]} against {str(other)[:300]}"
