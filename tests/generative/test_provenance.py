"""Whose value stands: random statements and rules, chosen and told by PostgreSQL, read in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.store.winners import choose_again
from hub.tables import beneficiary
from tests.support.handing import COUNTY, PERSON, add, handing_world, id_of
from tests.support.reading import BUREAU, STAMP, World

COLUMNS: Final = {"name": "name", "phone": "phone", "address": "address", "risk_level": "riskLevel"}
VALUES: Final[dict[str, list[str | None]]] = {
    "name": ["甲某", "甲乙"],
    "phone": ["1", "2", None],
    "address": ["旧", None, None],
    "risk_level": ["LEVEL_1", "LEVEL_2", None],
}
SOURCES: Final = {1: "roster", 31: "roster", 32: "elderly-care", 33: "deaths"}
ASKED = """query ($id: ID!) { beneficiary(id: $id) { name phone address riskLevel
    provenance { field value rule recordKey conflicting competing { value recordKey } } } }"""

Row = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with handing_world() as made:
        usual = {"location": "/", "division_code": f"{COUNTY}000000", "max_age_hours": 0}
        others = {number: name for number, name in SOURCES.items() if number != 1}
        await add(
            made,
            {
                "source": [
                    {"id": n, "code": f"s{n}", "name": f"s{n}", "connector": connector, **usual}
                    for n, connector in others.items()
                ]
            },
        )
        yield made


def statements(rng: random.Random) -> list[Row]:
    made: list[Row] = []
    for number in range(rng.randint(1, 6)):
        decided = rng.choice([None, None, None, ["phone"], ["address", "risk_level"]])
        said = {name: rng.choice(values) for name, values in VALUES.items()}
        made.append(
            {
                "county_code": COUNTY,
                "source_id": rng.choice(list(SOURCES)),
                "record_key": f"k{number}",
                "entity_id": PERSON,
                "precedence": rng.randint(1, 3),
                "content_hash": b"",
                "observed_at": STAMP + dt.timedelta(days=rng.randint(0, 2)),
                "received_at": STAMP,
                "run_id": 1,
                "list_kind": rng.choice(["dibao", "elder"]),
                "overrides": decided,
                **(said if decided is None else {n: v if n in decided else None for n, v in said.items()}),
            }
        )
    return made


def rules(rng: random.Random) -> list[Row]:
    return [
        {
            "id": number,
            "division_prefix": rng.choice(["", "45", COUNTY, "35", "4503"]),
            "table_name": "beneficiary",
            "column_name": rng.choice(list(COLUMNS)),
            "source_id": rng.choice([None, *SOURCES]),
            "connector": rng.choice([None, "roster", "deaths"]),
            "list_kind": rng.choice([None, "elder"]),
            "rank": rng.randint(0, 4),
            "reason": f"r{number}",
            "starts_on": STAMP.date(),
            "is_in_force": rng.random() < 0.8,
        }
        for number in range(1, rng.randint(1, 6))
    ]


# ── in plain words ───────────────────────────────────────────────────────────────────────────────────


def rule_of(record: Row, column: str, known: list[Row]) -> Row | None:
    about = [
        rule
        for rule in known
        if rule["is_in_force"]
        and rule["column_name"] == column
        and COUNTY.startswith(rule["division_prefix"])
        and rule["source_id"] in (None, record["source_id"])
        and rule["list_kind"] in (None, record["list_kind"])
        and rule["connector"] in (None, SOURCES[record["source_id"]])
    ]
    closest = [
        (len(r["division_prefix"]), r["source_id"] is not None, r["list_kind"] is not None, r["id"], r)
        for r in about
    ]
    return max(closest, key=lambda each: each[:4])[4] if closest else None


def ranked(column: str, records: list[Row], known: list[Row]) -> list[tuple[Row, int, bool]]:
    """What is said of a column, best first, with its rank and whether a rule gave it."""
    found = []
    for record in records:
        if record[column] is None and column not in (record["overrides"] or ()):
            continue
        rule = rule_of(record, column, known)
        found.append((record, record["precedence"] if rule is None else rule["rank"], rule is not None))
    return sorted(
        found,
        key=lambda f: (
            f[0]["overrides"] is None,
            f[1],
            -f[0]["observed_at"].timestamp(),
            f[0]["record_key"],
            f[0]["source_id"],
        ),
    )


def reason(order: list[tuple[Row, int, bool]]) -> str:
    (first, rank, ruled), *others = order
    if first["overrides"] is not None:
        return "OVERRIDE"
    if not others:
        return "ONLY"
    second, next_rank, next_ruled = others[0]
    if rank < next_rank:
        return "RULE" if ruled or next_ruled else "PRECEDENCE"
    return "NEWEST" if first["observed_at"] > second["observed_at"] else "FIRST"


@pytest.mark.parametrize("seed", range(12))
async def test_what_stands_and_what_is_told_of_it_is_as_a_plain_reading_has_it(
    world: World, seed: int
) -> None:
    rng = random.Random(seed)
    for _ in range(8):
        records, known = statements(rng), rules(rng)
        await world.database.owner.execute("truncate precedence_rule; truncate beneficiary_record")
        await world.database.owner.execute(
            "update beneficiary set name = '旧', phone = null, address = null, risk_level = null"
            " where id = $1",
            PERSON,
        )
        await add(world, {"beneficiary_record": records, "precedence_rule": known})
        async with world.database.transaction() as connection:
            await choose_again(connection, beneficiary, list(COLUMNS), COUNTY, [PERSON])
        found = (await world.ask(BUREAU, ASKED, id=id_of(PERSON)))["beneficiary"]
        told = {each["field"]: each for each in found["provenance"]}
        stands = any(record["overrides"] is None for record in records)
        for column, field in COLUMNS.items():
            order = ranked(column, records, known)
            if not order:
                assert field not in told
                continue
            values = [each[0][column] for each in order]
            if stands and not (column == "name" and values[0] is None):
                assert found[field] == values[0]
            assert told[field]["rule"] == reason(order)
            assert (told[field]["value"], told[field]["recordKey"]) == (values[0], order[0][0]["record_key"])
            assert told[field]["conflicting"] is (len(set(values)) > 1)
            assert [(c["value"], c["recordKey"]) for c in told[field]["competing"]] == [
                (each[0][column], each[0]["record_key"]) for each in order[1:]
            ]
