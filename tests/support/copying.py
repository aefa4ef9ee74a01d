"""Who holds a copy of a small county's people without a network, as ``docs/caseload.md`` tells clients to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final

from hub.access.viewer import Viewer
from tests.support.reading import World

PERSON: Final = (
    "id name riskLevel divisionCode birthOn household { id householdNumber }"
    " memberships(first: 200) { nodes { id category startsOn } }"
    " assignments(first: 200) { nodes { id startsOn endsOn } }"
    " visits(first: 200) { totalCount nodes { id visitedOn kind } }"
)
QUERY: Final = (
    "query($since: String, $first: Int, $whole: Boolean!) { caseload(since: $since, first: $first) {"
    " entries { operation id reason version mergedInto beneficiary { " + PERSON + " } }"
    " cursor hasMore checksum whole @include(if: $whole) { count checksum } } }"
)
LIST: Final = "{ beneficiaries(first: 200) { nodes { " + PERSON + " } } }"


def checksum_of(versions: dict[str, str]) -> str:
    """Of a whole copy: what a client computes."""
    found = 0
    for id_, version in versions.items():
        found ^= int.from_bytes(hashlib.sha256(f"{id_} {version}".encode()).digest()[:16])
    return f"{found:032x}"


def checksum_of_page(entries: list[Any]) -> str:
    said = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass
class Copier:
    """``held``: people by id. ``first``: entries of a page. ``query``: what it asks."""

    world: World
    who: Viewer
    first: int = 200
    held: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None
    query: str = QUERY

    async def page(self, *, whole: bool = False) -> Any:
        data = await self.world.ask(self.who, self.query, since=self.cursor, first=self.first, whole=whole)
        page = data["caseload"]
        assert page["checksum"] == checksum_of_page(page["entries"])
        return page

    def take(self, page: Any) -> None:
        for entry in page["entries"]:
            if entry["operation"] == "UPSERT":
                assert entry["reason"] is None
                assert entry["beneficiary"]["id"] == entry["id"]
                self.held[entry["id"]], self.versions[entry["id"]] = entry["beneficiary"], entry["version"]
            else:
                assert entry["reason"]
                assert entry["beneficiary"] is entry["version"] is None
                self.held.pop(entry["id"], None)
                self.versions.pop(entry["id"], None)
        self.cursor = page["cursor"]

    async def catch_up(self) -> list[Any]:
        """All there is by now."""
        found, more = [], True
        while more:
            page = await self.page()
            self.take(page)
            found += page["entries"]
            more = page["hasMore"]
        return found

    async def listed(self) -> dict[str, Any]:
        """The slice as it is read now, and not by contracts that were live two seconds ago."""
        engine = self.world.engine
        await engine.live.now(self.who.organisation_id, engine.clock().date())
        data = await self.world.ask(self.who, LIST)
        return {node["id"]: node for node in data["beneficiaries"]["nodes"]}

    async def assert_whole(self) -> None:
        page = await self.page(whole=True)
        self.take(page)
        assert (page["entries"], page["hasMore"]) == ([], False)
        assert page["whole"] == {"count": len(self.versions), "checksum": checksum_of(self.versions)}
