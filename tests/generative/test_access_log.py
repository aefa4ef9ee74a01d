"""Random operations of random viewers: what the access log says was shown is what the answer shows."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hub.audit.records import shown
from hub.read import bind
from hub.read.bind import TYPES
from hub.tables import PERSON, personal
from tests.generative.test_read_engine import ROOTS, VIEWERS, Who, World, Writer, likely, world
from tests.support.county import TODAY
from tests.support.oracle import Oracle

__all__ = ["world"]

ROUNDS = 25
Found = tuple[str, str, frozenset[str]]
"""Type, key and fields of a record."""


def in_answer(type_name: str, row: dict[str, Any] | None, fields: list[Any]) -> Iterator[Found]:
    """Every record about a person in a part of an answer; each selection of the machinery has the id."""
    if row is None:
        return
    if personal(TYPES[type_name].table):
        named = frozenset(key for key, _, what in fields if what is None or isinstance(what, bind.Scalar))
        yield type_name, row["id"].partition(":")[2], named
    for key, _, what in fields:
        if what is None or isinstance(what, bind.Scalar | bind.Number):
            continue
        relation, inner = what
        if isinstance(relation, bind.One):
            yield from in_answer(relation.target, row[key], inner)
        else:
            for node in row[key]["nodes"]:
                yield from in_answer(relation.target, node, inner["fields"])


@pytest.mark.parametrize("who", VIEWERS, ids=lambda w: f"{w[0]}-{w[1] or w[2]}")
async def test_the_log_holds_the_records_of_the_answer(world: World, who: Who) -> None:
    viewer = world.viewer(*who)
    writer = Writer(random.Random(f"log {who}"), Oracle(world.rows, viewer, TODAY), world.engine.vault)
    newest = (
        "select e.records, s.content from access_entry e join access_shape s on s.digest = e.shape"
        " order by e.sequence desc limit 1"
    )
    total, roots = 0, likely(writer.oracle)
    for _ in range(ROUNDS):
        root = writer.rng.choice(roots)
        page = writer.page(bind.RootMany(ROOTS[root]), depth=2)
        query = f"{{ {root}{writer.page_text(page)} }}"
        answer = (await world.ask(viewer, query))[root]["nodes"]
        expected = Counter(f for row in answer for f in in_answer(ROOTS[root], row, page["fields"]))
        [entry] = await world.engine.database.owner.fetch(newest)
        places = json.loads(entry["content"])["places"]
        found: Counter[Found] = Counter()
        for each in shown(entry["records"]):
            place = places[each.place]
            found[place["type"], each.key, frozenset(place["fields"])] += 1
            assert each.person == person_of(world, place["type"], each.key), query
        assert found == expected, query
        total += sum(found.values())
    assert total


def person_of(world: World, type_name: str, key: str) -> int:
    """Whose a record is, by the rows of the world; 0 for nobody's."""
    table = TYPES[type_name].table
    county, _, number = key.partition(":")
    if table.name == PERSON:
        return int(county) * 10**12 + int(number)
    if "beneficiary_id" not in table.c:
        return 0
    row = next(r for r in world.rows[table.name] if (r["county_code"], str(r["id"])) == (county, number))
    return 0 if row["beneficiary_id"] is None else int(county) * 10**12 + int(row["beneficiary_id"])
