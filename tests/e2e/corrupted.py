"""What became of a folder of corrupted lists: synced, synced again, repaired and synced once more."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from connectors import CONNECTORS
from connectors.emulators.faults import Touched
from connectors.emulators.personas import PersonaSpec
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.registry import register_source
from hub.sync.run import RunReport, run_source
from hub.tables import metadata
from tests.e2e.asked import asked, page_of
from tests.e2e.eyes import Eyes, unordered
from tests.e2e.questions import PERSON
from tests.e2e.running import Clock, Hub, application, settings_in
from tests.e2e.scenarios import Harmed, Scenario, harm
from tests.e2e.truth import Truth
from tests.support.postgres import fresh_database

REFUSED: Final = page_of(
    "quarantinedRows",
    asked(
        "file sheet rowNumber listKind reasonCodes reasons raw divisionCode resolvedAt"
        " source { code } run { quarantinedCount }"
    ),
)
CONTENT: Final[dict[str, tuple[str, str, str]]] = {
    "people": (
        "Beneficiary",
        "beneficiaries",
        PERSON
        + """division { code } station { divisionCode operator { creditCode } }
        household { householdNumber address registeredMemberCount economicStatusCheckedOn }
        memberships { totalCount nodes { category startsOn endsOn supportMode monthlyAmount
          certificateNumber } }
        assignments { totalCount nodes { startsOn endsOn contract { number } contractor { creditCode }
          station { divisionCode } worker { staffNumber name } } }
        contracts { totalCount nodes { number } }
        visits { totalCount nodes { visitedOn kind textRecord contract { number } } }""",
    ),
    "stations": ("Station", "stations", "name status address operator { creditCode }"),
    "personnel": ("Personnel", "personnel", "staffNumber name idNumber kind station { divisionCode }"),
    "contracts": ("Contract", "contracts", "number title amount status stations { nodes { name } }"),
}
"""Everything the lists of a county say, as its bureau may ask for it."""
PASSING: Final = frozenset(
    {
        "sync_run",
        "run_list",
        "source",
        "source_column",
        "dropped_cells",
        "landed_run",
        "landed_slice",
        "oauth_client",
        "oauth_assertion",
        "access_entry",
        "access_shape",
        "access_batch",
        "access_span",
    }
)
"""Tables that every run or request writes to."""

Page = dict[str, Any]
People = dict[str, Page]


@dataclass
class Seen:
    """What the county bureau is told after a run. ``people`` by identity number, else file number."""

    report: RunReport
    people: People
    registers: dict[str, Page]
    refused: list[Page]
    state: dict[str, str]

    @property
    def open(self) -> list[Page]:
        return [row for row in self.refused if row["resolvedAt"] is None]


@dataclass
class Outcome:
    """``people`` and ``registers``: what the bureau would be told had nothing been harmed. ``others``: how
    many refused rows another bureau is told of, and the errors of those who may not ask."""

    harmed: Harmed
    people: People
    registers: dict[str, Page]
    first: Seen
    again: Seen
    repaired: Seen
    others: dict[str, Any]

    def codes(self, place: Touched) -> list[str]:
        """Why the row is refused; nothing if it is not."""
        at = place.file, place.sheet, place.row
        return [
            code
            for row in self.first.open
            if (row["file"], row["sheet"], row["rowNumber"]) == at
            for code in row["reasonCodes"]
        ]


def spec_of(county: str) -> PersonaSpec:
    return PersonaSpec("bureau", "民政局", "Bureau", "bureau", f"{county}000000")


def people_of(page: Page) -> People:
    found = {node["idNumber"] or node["fileNumber"]: node for node in unordered(page)["nodes"]}
    assert len(found) == page["totalCount"]
    return found


class Court:
    """Brings corrupted folders to the hub and hears what it makes of them."""

    def __init__(self, truth: Truth, published: Path, work: Path, today: dt.date) -> None:
        self.truth, self.published, self.work, self.today = truth, published, work, today

    async def hear(self, scenario: Scenario) -> Outcome:
        folder = self.work / str(scenario) / scenario.county
        harmed = await asyncio.to_thread(harm, scenario, self.published, folder)
        async with fresh_database() as database, self._hub(database, scenario.county) as hub:
            location = str(folder)
            code, name = f"roster-{scenario.county}", "名单"
            await register_source(
                database,
                code=code,
                name=name,
                connector="roster",
                division_code=f"{scenario.county}000000",
                location=location,
                max_age_hours=1,
            )
            first = await self._run(hub, code)
            others = await self._others(hub)
            again = await self._run(hub, code)
            harmed.repair()
            repaired = await self._run(hub, code)
        return Outcome(harmed, *self._truth(scenario.county), first, again, repaired, others)

    @asynccontextmanager
    async def _hub(self, database: Database, county: str) -> AsyncIterator[Hub]:
        async with application(database, settings_in(self.work / "keys"), self.today) as hub:
            await hub.register("bureau", "bureau", division_code=f"{county}000000")
            await hub.register("other-bureau", "bureau", division_code="350582000000")
            await hub.register("township", "township", division_code=f"{county}001000")
            await hub.register("operator", "operator")
            hub.may_see["bureau"] = None  # what was harmed may be a number of nobody
            yield hub

    async def _run(self, hub: Hub, code: str) -> Seen:
        vault = load_vault(hub.settings)
        report = await run_source(hub.database, vault, CONNECTORS, code, today=self.today)
        pages = {name: await self._page(hub, name) for name in CONTENT}
        return Seen(
            report=report,
            people=people_of(pages.pop("people")),
            registers={name: unordered(page) for name, page in pages.items()},
            refused=(await hub.everything("bureau", REFUSED, "quarantinedRows"))["nodes"],
            state=await state(hub.database),
        )

    async def _page(self, hub: Hub, name: str) -> Page:
        _, root, text = CONTENT[name]
        return await hub.everything("bureau", page_of(root, asked(text)), root)

    async def _others(self, hub: Hub) -> dict[str, Any]:
        rows = await hub.everything("other-bureau", REFUSED, "quarantinedRows")
        return {
            "other-bureau": rows["totalCount"],
            **{who: await hub.refuses(who, REFUSED, {"first": 1}) for who in ("township", "operator")},
        }

    def _truth(self, county: str) -> tuple[People, dict[str, Page]]:
        eyes = Eyes(self.truth, spec_of(county), Clock(self.today))
        pages = {name: eyes.page(kind, asked(text)) for name, (kind, _, text) in CONTENT.items()}
        people = people_of(pages.pop("people"))
        return people, {name: unordered(page) for name, page in pages.items()}


async def state(database: Database) -> dict[str, str]:
    """A digest of every row of every table that a run without news must leave as it is."""
    tables = [table.name for table in metadata.sorted_tables if table.name not in PASSING]
    parts = [
        f"select '{name}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {name} t"
        for name in tables
    ]
    rows = await database.owner.fetch(" union all ".join(parts))
    return {row[0]: row[1] for row in rows}
