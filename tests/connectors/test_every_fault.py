"""The faults of systems that tell of a whole county, done one by one as ``hub sandbox fault`` does them.

What happened N times is N refused rows, or nothing the hub shows; the run that stops changes nothing; and
once the fault is taken back everything is as it was, to the last column. ``fault_table`` says which tests
have the other faults.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
import stamina

from connectors import CONNECTORS
from connectors.child_welfare import ChildWelfare
from connectors.emulators.catalogue import Fault
from connectors.emulators.systems import SYSTEMS
from connectors.emulators.world import build_world
from hub import sandbox as sandboxes
from hub.domain.dates import china_now
from hub.sandbox import Sandbox
from hub.stand import Stand
from hub.store.database import Database
from hub.store.vault import Vault
from hub.sync.connector import Batch, Connector, ListMapping, Place
from hub.sync.run import run_source
from hub.tables import FACTS, RECORDS
from tests.connectors.fault_table import DONE, OF
from tests.connectors.test_standard import headers_of
from tests.support.needs import need
from tests.support.postgres import everything, fresh_database

PEOPLE: Final = 2_200
OWN: Final = ["id", "observed_at", "received_at", "run_id", "known_from", "made_at", "content_hash"]
"""What a run decides, and not the source."""

CHANGES: Final = {
    "x03-out-of-order": "what ended last",
    "x10-deleted": "stays that are gone",
    "x11-same-second": "the later telephone",
    "x15-spans": "other ages",
    "x15-words-for-nothing": "no telephone",
    "x18-no-name": "no name",
    "x26-grade": "another certificate",
}
"""Read faults that say something else of those they touch, who are few."""

CHECKED: Final = {"离开原因"}
"""Headers that a check of another cell reads."""

FEW: Final = 5
"""Records that a fault of a log touches."""


@dataclass
class Watched:
    """A connector, and how it keeps to the protocol: lists in their order, checkpoints as they come back.

    ``more``: headers it gave and nobody reads.
    """

    one: Connector
    batches: int = 0
    more: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.one.name

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        return self.one.lists

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        order, last = list(self.lists), 0
        asked = {header for mapping in self.lists.values() for header in headers_of(mapping)}
        async for batch in self.one.extract(place, checkpoint):
            self.batches += 1
            if batch.rows or batch.deleted:
                assert order.index(batch.list_kind) >= last
                last = order.index(batch.list_kind)
            for row in (*batch.rows, *batch.deleted):
                self.more |= (row.values.keys() | row.raw.keys()) - asked
                assert row.observed_at is None or row.observed_at.tzinfo is not None
            if batch.checkpoint is not None:
                assert orjson.loads(orjson.dumps(batch.checkpoint)) == batch.checkpoint
            yield batch


@dataclass
class There:
    sandbox: Sandbox
    database: Database
    watched: Mapping[str, Watched]

    async def fault(self, source: str, name: str, **asked: Any) -> dict[str, Any]:
        head = {"authorization": f"Bearer {self.sandbox.secret}"}
        transport = httpx.ASGITransport(self.sandbox.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=head) as http:
            answer = await http.post("/fault", json={"name": name, "source": source, **asked})
        said: dict[str, Any] = answer.json()
        assert answer.is_success, said
        return said

    async def state(self) -> dict[str, set[str]]:
        """What clients see, row by row."""
        return {
            name: {
                row[0]
                for row in await self.database.owner.fetch(
                    f'select (to_jsonb(t) - $1::text[])::text from "{name}" t', OWN
                )
            }
            for name in [*RECORDS, *FACTS]
        }


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[There]:
    systems = tuple(system for system in SYSTEMS if system.code in OF and not system.lacks)
    world = build_world(seed=1, people=PEOPLE, today=china_now().date())
    folder: Path = tmp_path_factory.mktemp("stand")
    stand = Stand(world, folder, "http://127.0.0.1:9", systems, [china_now() - dt.timedelta(minutes=5)])
    vault = Vault(bytes(range(32)))
    held = {**CONNECTORS, "child-welfare": ChildWelfare(per_second=1_000)}
    watched = {name: Watched(one) for name, one in held.items()}
    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=5):
        patch.setattr(sandboxes, "CONNECTORS", watched)
        async with fresh_database(everything) as database:
            await database.owner.execute(
                "insert into station (county_code, division_code, name, kind, status)"
                " select left(code, 6), code, name, 'CIVIL_AFFAIRS', 'OPERATING' from division"
                " where level = 'TOWNSHIP' and left(code, 6) = any ($1)",
                [system.county for system in systems],
            )
            await stand.start()
            try:
                await stand.register(database, vault)
                for system in systems:
                    code, today = system.code, china_now().date()
                    assert (await run_source(database, vault, watched, code, today=today)).read > FEW
                yield There(Sandbox(stand, database, vault, lambda: None), database, watched)
            finally:
                await stand.close()


def _rows(state: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    return {(name, row) for name, rows in state.items() for row in rows}


@pytest.mark.parametrize(("source", "fault"), DONE, ids=lambda it: it if isinstance(it, str) else it.name)
async def test_it_happens_and_is_mended(there: There, source: str, fault: Fault) -> None:
    if source not in there.sandbox.stand.running:
        need("mariadbd")
    before = _rows(await there.state())
    said = await there.fault(source, fault.name)
    happened, run = said["happened"], said["run"]
    assert happened > 0
    assert said["left"] == 0
    changed = _rows(await there.state()) ^ before
    word, _, code = fault.outcome.partition(" ")
    if word == "stopped":
        assert (run["status"], run["error"].partition(":")[0]) == ("FAILED", code)
        assert said["refused"] == {}
    else:
        assert run["status"] == "SUCCEEDED"
        refused = {code: happened} if word == "quarantined" else {}
        assert said["refused"] == refused
        assert run["quarantined"] == sum(refused.values())
    if word in ("waits", "ignored"):
        assert run["read"] == 0
    if fault.name in CHANGES:
        assert 0 < len(changed) <= 6 * max(happened, FEW), CHANGES[fault.name]
    else:
        assert changed == set()
    mended = await there.fault(source, fault.name, off=True)
    assert mended["run"]["status"] == "SUCCEEDED"
    assert _rows(await there.state()) == before
    if mended["refused"]:  # of a file that is gone, until the next list is read
        assert fault.system == "drop"
        await there.fault(source, "x31-utf-8")
        mended = await there.fault(source, "x31-utf-8", off=True)
    assert mended["refused"] == {}


def test_they_keep_to_the_protocol(there: There) -> None:
    """An allow-list: nothing leaves a client that no list asks for (X35)."""
    for source in OF.keys() & there.sandbox.stand.running.keys():
        one = there.watched[source.rpartition("-")[0]]
        assert one.batches > 0
        assert one.more <= CHECKED, source
