"""Who follows the changes of a small county without a network: a client that keeps what it is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.read.stream import Streams
from hub.store.database import Connection
from hub.store.listener import Listener
from tests.support.county import TODAY
from tests.support.reading import World

WAIT: Final = 10.0

ROOTS: Final = {
    "station": ("stationChanges", "stations", "id name divisionCode"),
    "personnel": ("personnelChanges", "personnel", "id name divisionCode"),
    "contract": ("contractChanges", "contracts", "id number status divisionCode"),
    "household": ("householdChanges", "households", "id divisionCode"),
    "beneficiary": ("beneficiaryChanges", "beneficiaries", "id riskLevel divisionCode"),
    "assignment": ("assignmentChanges", "assignments", "id startsOn endsOn"),
    "visit": ("visitChanges", "visits", "id visitedOn"),
}
"""Table: the stream, the list, and what is asked of a row."""

DAYS: Final = {"contract": ("starts_on", "ends_on"), "assignment": ("starts_on", "ends_on")}


async def bring_up_to_date(world: World) -> None:
    """The county's days, to those of the database's clock, which the triggers go by."""
    today = dt.datetime.now(CHINA)
    world.engine.clock = lambda: dt.datetime.now(CHINA)
    shift = (today.date() - TODAY).days
    for table, columns in DAYS.items():
        moved = ", ".join(f"{name} = {name} + {shift}" for name in columns)
        await world.database.owner.execute(f"update {table} set {moved}")


def streams_of(world: World, days: int = 7) -> Streams:
    return Streams(world.engine, Listener(world.database), days)


@dataclass
class Follower:
    """``held``: rows by id. ``position``: of the last event it took."""

    world: World
    streams: Streams
    who: Viewer
    table: str
    where: str = ""
    held: dict[str, Any] = field(default_factory=dict)
    position: str | None = None

    @property
    def query(self) -> str:
        name, _, fields = ROOTS[self.table]
        given = f", where: {self.where}" if self.where else ""
        return (
            f"subscription($after: String) {{ {name}(after: $after{given})"
            f" {{ position operation id node {{ {fields} }} }} }}"
        )

    async def listed(self) -> dict[str, Any]:
        """What the list holds now."""
        _, name, fields = ROOTS[self.table]
        given = f", where: {self.where}" if self.where else ""
        data = await self.world.ask(self.who, f"{{ {name}(first: 200{given}) {{ nodes {{ {fields} }} }} }}")
        return {node["id"]: node for node in data[name]["nodes"]}

    async def events(self, after: str | None = None) -> AsyncGenerator[Any, None]:
        given = {"after": after or self.position}
        stream = await self.streams.subscribe(self.who, self.query, None, given, reading=False)
        assert stream is not None
        async with aclosing(stream.told()) as told:
            while True:
                async with asyncio.timeout(WAIT):
                    event = json.loads(await anext(told))
                yield event["data"][ROOTS[self.table][0]]

    def take(self, event: Any) -> None:
        self.position = event["position"]
        if event["operation"] == "UPSERT":
            self.held[event["id"]] = event["node"]
        elif event["operation"] == "GONE":
            self.held.pop(event["id"], None)

    async def begin(self) -> None:
        """Follow first and read then, so that nothing falls between."""
        async with aclosing(self.events()) as events:
            self.take(await anext(events))
        self.held = await self.listed()

    async def catch_up(self) -> list[Any]:
        """All there is by now."""
        found = []
        async with aclosing(self.events()) as events:
            async for event in events:
                self.take(event)
                if event["operation"] == "CURRENT":
                    break
                found.append(event)
        return found


async def note(connection: Connection, operation: str, table: str, county: str | None, *numbers: int) -> None:
    """As a run writes down what it did."""
    for number in numbers:
        await connection.execute(
            "insert into change (entity, county_code, entity_id, operation) values ($1, $2, $3, $4)",
            table, county, number, operation,
        )  # fmt: skip
