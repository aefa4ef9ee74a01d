"""The rule that links people without a number takes no two for one, on a seed no weight was learned from."""

from __future__ import annotations

import random

from benchmarks.identity.__main__ import linked_by
from benchmarks.identity.contenders import hub
from benchmarks.identity.sightings import Met, scene
from hub.domain.likeness import compare
from hub.settings import Settings


def test_links_are_right_and_find_most() -> None:
    there = scene(31, 30_000)
    threshold = Settings.model_fields["identity_link_at"].default
    links = linked_by(there, hub(there), threshold)
    truths = sum(each.truth is not None for each in there.met)
    assert len(there.met) > 250
    assert sum(links) / len(links) >= 0.99
    assert sum(links) / truths >= 0.6


def test_a_stranger_is_seldom_like_anybody() -> None:
    there, chance = scene(32, 12_000), random.Random(1)
    strangers: list[Met] = [each for each in there.met if each.truth is None]
    found = [
        compare(each.file, other, len(there.registered), 1).probability
        for each in strangers
        for other in chance.sample(there.registered, 200)
    ]
    assert len(found) > 2_000
    assert sum(probability >= 0.1 for probability in found) / len(found) < 0.001
