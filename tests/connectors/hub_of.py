"""A hub that a connector fills: one source, run as ``hub sync`` runs it, and what then stands there."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connectors import CONNECTORS
from hub.domain.dates import CHINA
from hub.store.database import Database
from hub.store.vault import Vault
from hub.sync.connector import Connector
from hub.sync.registry import keep_secret, register_source
from hub.sync.run import RunReport, run_source
from hub.tables import FACTS, RECORDS
from tests.support.postgres import everything, fresh_database

TODAY = dt.date(2026, 6, 15)
CODE = "source-1"
BENEFITS = """
    select b.id_number, m.category, m.starts_on, m.ends_on from category_membership m
        join beneficiary b on b.id = m.beneficiary_id and b.county_code = m.county_code"""


@dataclass
class Filled:
    """``connectors``: those of the hub, or others in their place."""

    database: Database
    vault: Vault
    county: str
    connectors: Mapping[str, Connector]

    async def register(self, connector: str, location: str, *, code: str = CODE, **secrets: str) -> None:
        await register_source(
            self.database,
            code=code,
            name="来源",
            connector=connector,
            division_code=f"{self.county}000000",
            location=location,
            max_age_hours=24,
        )
        for name, value in secrets.items():
            await keep_secret(self.database, self.vault, code, name, value)

    async def open_stations(self) -> None:
        """One in each township, so that nobody waits for one."""
        await self.database.owner.execute(
            "insert into station (county_code, division_code, name, kind, status)"
            " select $1, code, name, 'CIVIL_AFFAIRS', 'OPERATING' from division"
            " where level = 'TOWNSHIP' and starts_with(code, $1)",
            self.county,
        )

    async def sync(
        self, *, today: dt.date = TODAY, accept_losses: bool = False, anew: bool = False
    ) -> RunReport:
        database, vault, held = self.database, self.vault, self.connectors
        return await run_source(
            database, vault, held, CODE, today=today, accept_losses=accept_losses, anew=anew
        )

    async def benefits(self) -> set[tuple[str, str]]:
        """Identity number and category of each benefit that stands."""
        rows = await self.database.owner.fetch(BENEFITS)
        return {(self.vault.open(row["id_number"]), row["category"]) for row in rows if row["id_number"]}

    async def reasons(self) -> dict[str, list[str]]:
        """Open entries of the quarantine: codes by file."""
        rows = await self.database.owner.fetch(
            "select file, reason_codes from quarantined_row where resolved_at is null"
        )
        return {row["file"]: row["reason_codes"] for row in rows}

    async def state(self) -> dict[str, str]:
        """Everything that is synced, one hash for each table; without what a run alone decides."""
        names = [*RECORDS, *(record.name for record in RECORDS.values()), *FACTS]
        return {
            name: await self.one(
                "select md5(coalesce(string_agg((to_jsonb(t) - $1::text[])::text, chr(10)"
                f" order by (to_jsonb(t) - $1::text[])::text), '')) from \"{name}\" t",
                ["received_at", "run_id"],
            )
            for name in names
        }

    async def one(self, query: str, *arguments: Any) -> Any:
        return await self.database.owner.fetchval(query, *arguments)


@asynccontextmanager
async def hub_of(county: str, connectors: Mapping[str, Connector] = CONNECTORS) -> AsyncIterator[Filled]:
    async with fresh_database(everything) as database:
        yield Filled(database, Vault(bytes(range(32))), county, connectors)


def moment(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> dt.datetime:
    """Local time of a day of June 2026, as exchange databases write it."""
    return dt.datetime(2026, 6, day, hour, minute, second)


def at(local: dt.datetime) -> dt.datetime:
    return local.replace(tzinfo=CHINA)
