"""``uv run python -m benchmarks.identity.rounds``: what a round of comparing takes in a large county."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from benchmarks.sync.server import opened
from connectors.emulators.model import Person
from connectors.emulators.world import build_world
from hub.domain.text import mask_name
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.database import Database
from hub.sync.alike import Found, Rule, compare_county

COUNTY: Final = "450305"
TODAY: Final = dt.date(2026, 6, 15)
COLUMNS: Final = (
    "county_code", "name", "name_masked", "id_number_hash", "file_number", "sex", "birth_on",
    "ethnicity_code", "division_code", "phone", "guardian_name", "guardian_phone", "name_keys",
)  # fmt: skip
CHANGE: Final = """
    update beneficiary set phone = '154' || (10000000 + id)::text
    where county_code = $1 and id % 100 = 7"""


Case = tuple[str, float, float, Found]


async def run(people: int, directory: Path) -> list[Case]:
    async with opened(directory) as server:
        url = await server.database("rounds")
        settings = Settings(database_url=SecretStr(url), data_dir=directory)
        database = await Database.open(settings)
        try:
            await prepare(database)
            await database.owner.copy_records_to_table(
                "beneficiary", columns=COLUMNS, records=[_row(n, p) for n, p in enumerate(_people(people))]
            )
            await database.owner.execute("analyze beneficiary")

            async def measured(name: str, before: Callable[[], Awaitable[Any]]) -> Case:
                await before()
                begun, cpu = time.perf_counter(), time.process_time() + server.cpu()
                found = await compare_county(database, COUNTY, Rule(0.9, 0.1))
                spent = time.process_time() + server.cpu() - cpu
                return name, time.perf_counter() - begun, spent, found

            async def nothing() -> None: ...

            async def change() -> None:
                await database.owner.execute(CHANGE, COUNTY)

            cases = (("all new", nothing), ("nothing new", nothing), ("1 % changed", change))
            return [await measured(name, before) for name, before in cases]
        finally:
            await database.close()


def _people(people: int) -> list[Person]:
    """A quarter of a world lives there."""
    return list(build_world(5, people * 4, today=TODAY).people(COUNTY))


def _row(number: int, person: Person) -> tuple[Any, ...]:
    guardian = person.guardian
    return (
        COUNTY, person.name, mask_name(person.name), person.id_number and number.to_bytes(16),
        person.file_number, person.sex and str(person.sex), person.birth_on, person.ethnicity_code,
        person.division_code, person.phone, guardian and guardian.name, guardian and guardian.phone, [],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.identity.rounds", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        found = asyncio.run(run(given.people, Path(directory)))
    table = Table("round", "seconds", "CPU s", "compared", "pairs judged", "asked", "linked")
    for name, seconds, cpu, counts in found:
        table.add_row(name, f"{seconds:.1f}", f"{cpu:.1f}", *map(str, counts))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
