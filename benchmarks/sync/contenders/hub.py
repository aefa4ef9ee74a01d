"""The hub: its sync engine, its tables with their indexes and triggers, sealed numbers, provenance."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import asyncpg
from pydantic import SecretStr

from benchmarks.sync.child import Job
from benchmarks.sync.columns import NAMES
from benchmarks.sync.contenders.contender import Contender, Different, Values
from benchmarks.sync.people import COUNTY
from benchmarks.sync.source import Sampled, Source
from hub.domain.division import load_divisions
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.registry import register_source

SOURCE: Final = "benchmark"
SEALED: Final = tuple(NAMES.index(name) for name in ("id_number", "disability_certificate"))

_OF_MEMBERSHIP: Final = ("category", "starts_on", "ends_on", "monthly_amount")
QUARANTINED: Final = """
    select code, count(*) from quarantined_row, unnest(reason_codes) code
    where resolved_at is null group by code"""


def settings_of(job: Job) -> Settings:
    return Settings(database_url=SecretStr(job["dsn"]), data_dir=Path(job["directory"]), pool_size=2)


async def register(database: Database, connector: str, location: str) -> None:
    await register_source(
        database,
        code=SOURCE,
        name="救助对象",
        connector=connector,
        division_code=f"{COUNTY}000000",
        location=location,
        max_age_hours=24,
    )


class Hub(Contender):
    name = "hub"
    tables: ClassVar[Sequence[str]] = ("beneficiary", "category_membership")
    query: ClassVar[str] = f"""
        select {", ".join(f"{'m' if name in _OF_MEMBERSHIP else 'b'}.{name}" for name in NAMES)}
        from beneficiary b left join category_membership m
            on m.county_code = b.county_code and m.beneficiary_id = b.id
        where b.county_code = '{COUNTY}' and b.file_number = any($1::text[])"""

    async def prepare(self) -> None:
        settings = settings_of({"dsn": self.dsn, "directory": str(self.directory)})
        database = await Database.open(settings)
        try:
            await prepare(database)
            await _store_stations(database)
            self.vault = load_vault(settings)
        finally:
            await database.close()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.sync.contenders.hub_app"]

    async def stored(self, connection: asyncpg.Connection[Any], keys: Iterable[str]) -> Values:
        found = {}
        for row in await connection.fetch(self.query, list(keys)):
            values = [*row]
            for place in SEALED:
                values[place] = self.vault.open(values[place]) if values[place] else None
            found[row[0]] = tuple(values)
        return found

    def expected(self, sample: Mapping[str, Sampled]) -> Values:
        return {key: record.meant for key, record in sample.items() if record.fault is None}

    def faults(self, source: Source) -> Counter[str]:
        """Rows that must be refused, by reason."""
        return source.faults

    def rows(self, case: str, source: Source) -> range:
        """A good record is a row of each table; of one that changes, all may note where it stands."""
        each, good = len(self.tables), source.rows - self.faults(source).total()
        least = {"first": each * good, "unchanged": 0, "one_percent": source.changed}[case]
        return range(least, (each * source.changed if case == "one_percent" else least) + 1)

    async def check(
        self, connection: asyncpg.Connection[Any], case: str, answer: Any, source: Source
    ) -> None:
        faults = self.faults(source)
        good = source.rows - faults.total()
        accepted = {"first": good, "unchanged": 0, "one_percent": source.changed}[case]
        wanted = {
            "read": source.rows,
            "unchanged": good - accepted,
            "accepted": accepted,
            "quarantined": faults.total(),
            "changed": self.rows(case, source).start,
        }
        said = {name: answer[name] for name in wanted}
        if said != wanted:
            raise Different(f"{self.name}, {case}: {said} instead of {wanted}")
        found = Counter({row["code"]: row["count"] for row in await connection.fetch(QUARANTINED)})
        if found != faults:
            raise Different(f"{self.name}, {case}: {found} in quarantine instead of {faults}")


async def _store_stations(database: Database) -> None:
    """One for each township, as in a county whose stations are known before its people."""
    places = [row for row in load_divisions() if row.level == "TOWNSHIP" and row.code.startswith(COUNTY)]
    async with database.transaction() as connection:
        await connection.executemany(
            "insert into station (county_code, division_code, name, kind, status)"
            " values ($1, $2, $3, 'CIVIL_AFFAIRS', 'OPERATING')",
            [(COUNTY, place.code, f"{place.name}民政服务站") for place in places],
        )
