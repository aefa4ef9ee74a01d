"""``uv run python -m benchmarks.identity``: who finds people without a number, and who takes two for one."""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.identity.contenders import CONTENDERS, Pair
from benchmarks.identity.sightings import Scene, scene
from hub.domain.likeness import FEATURES, Level, compared

WANTED: Final = 0.99
"""Precision that links without anybody looking must have."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.identity", description=__doc__)
    parser.add_argument("--people", type=int, default=80_000, help="of the world; a quarter is the county")
    parser.add_argument(
        "--train", type=int, nargs="+", default=[1, 2, 3], help="seeds thresholds are taken from"
    )
    parser.add_argument(
        "--held-out", type=int, nargs="+", default=[11, 12, 13, 14], help="seeds they are tried on"
    )
    parser.add_argument("--contender", nargs="+", choices=CONTENDERS, default=["hub", "rapidfuzz"])
    parser.add_argument("--at", type=float, help="a threshold instead of the one the training seeds give")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--learn", action="store_true", help="print the weights of the training seeds and end"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_measured(given.one, given)))
    elif given.learn:
        _learn([scene(seed, given.people, times=2) for seed in given.train])
    else:
        _side_by_side(given)


def _side_by_side(given: argparse.Namespace) -> None:
    """Each contender in a process of its own, for its memory."""
    found = []
    for name in given.contender:
        asked = [sys.executable, "-m", "benchmarks.identity", "--one", name, "--people", str(given.people)]
        asked += ["--train", *map(str, given.train), "--held-out", *map(str, given.held_out)]
        asked += [] if given.at is None else ["--at", str(given.at)]
        found.append(
            json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        )
    table = Table(*found[0])
    for each in found:
        table.add_row(
            *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in each.values())
        )
    Console(width=160).print(table)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _measured(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """The lowest threshold with the precision wanted on training seeds, and what it does on the others."""
    judge, people, threshold = CONTENDERS[name], given.people, given.at
    if threshold is None:
        threshold = _threshold(
            [(each, judge(each)) for each in (scene(seed, people) for seed in given.train)]
        )
    tried = [scene(seed, people) for seed in given.held_out]
    before, begun = _memory(), time.process_time()
    judged = [(each, judge(each)) for each in tried]
    seconds = time.process_time() - begun
    links = [link for each, pairs in judged for link in linked_by(each, pairs, threshold)]
    truths = sum(each.truth is not None for one, _ in judged for each in one.met)
    seen = sum(_known(each, pairs) for each, pairs in judged)
    met = sum(len(each.met) for each in tried)
    return {
        "contender": name,
        "threshold": threshold,
        "met": met,
        "linked": len(links),
        "precision": sum(links) / max(len(links), 1),
        "recall": sum(links) / truths,
        "recall_with_review": seen / truths,
        "pairs_judged": sum(len(pairs) for _, pairs in judged),
        "cpu_seconds": seconds,
        "peak_mb": _memory(),
        "mb_before": before,
    }


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _best(pairs: Iterable[Pair]) -> dict[int, list[Pair]]:
    found: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[pair.met].append(pair)
    return {met: sorted(each, key=lambda p: -p.score) for met, each in found.items()}


def linked_by(scene_: Scene, pairs: Sequence[Pair], threshold: float) -> list[bool]:
    """Of each that is linked with the only one above the threshold, whether it is the same person."""
    truth = {each.file.id: each.truth for each in scene_.met}
    return [
        truth[met] == best[0].registered
        for met, best in _best(pairs).items()
        if best[0].score >= threshold and (len(best) == 1 or best[1].score < threshold)
    ]


def _threshold(trained: Sequence[tuple[Scene, Sequence[Pair]]]) -> float:
    """Of the steps that leave ever fewer pairs, the first with the precision wanted and a little to spare."""
    scores = sorted(pair.score for _, pairs in trained for pair in pairs)
    steps = sorted({scores[int(len(scores) * (1 - 0.5 ** (n / 8)))] for n in range(100)})
    for threshold in steps:
        links = [link for each, pairs in trained for link in linked_by(each, pairs, threshold)]
        if links and sum(links) / len(links) >= WANTED + 0.003:
            return float(threshold)
    return steps[-1]


def _known(scene_: Scene, pairs: Sequence[Pair], most: int = 5) -> int:
    """Who of the registered is among the first ``most`` candidates of who was met."""
    truth = {each.file.id: each.truth for each in scene_.met}
    return sum(truth[met] in [p.registered for p in best[:most]] for met, best in _best(pairs).items())


def _learn(scenes: Sequence[Scene]) -> None:
    """Weights by counting: how often a level is seen of one person, and of two taken at random."""
    of_one: dict[str, Counter[Level]] = defaultdict(Counter)
    of_two: dict[str, Counter[Level]] = defaultdict(Counter)
    chance = random.Random(1)
    for each in scenes:
        by_id = {file.id: file for file in each.registered}
        for met in each.met:
            if met.truth is not None:
                for name, level in compared(met.file, by_id[met.truth]).items():
                    of_one[name][level] += 1
            for _ in range(150):
                for name, level in compared(met.file, chance.choice(each.registered)).items():
                    of_two[name][level] += 1
    for name in FEATURES:
        for level in (known for known in Level if known is not Level.UNKNOWN):
            one, two = of_one[name][level], of_two[name][level]
            if one or two:
                ones, twos = (sum(c.values()) - c[Level.UNKNOWN] for c in (of_one[name], of_two[name]))
                weight = math.log2(((one + 0.5) / ones) / ((two + 0.5) / twos))
                print(f"{name:10} {level.name:9} {one:7} {two:8} {weight:7.2f}")


if __name__ == "__main__":
    main()
