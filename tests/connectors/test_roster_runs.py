"""Rosters in a hub: what is said again is not read, and lines lead to what rows lead to."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.emulators.faults import apply
from connectors.emulators.rosters import publish, source_folders
from connectors.emulators.world import build_world
from connectors.roster import Roster
from connectors.roster.rows import Reader
from hub.sync.connector import Batch, ListMapping, Place
from hub.sync.lines import Lines
from hub.sync.replay import Window, replay
from hub.sync.run import run_source
from hub.tables import FACTS, RECORDS, metadata
from tests.connectors.hub_of import CODE, TODAY, Filled, hub_of

COUNTY: Final = "450305"
TEXT: Final = "探访台账.csv"
MERGED: Final = 6
"""Rows with cells of a merged range, in which a number may stand that another row has."""
SEALED: Final = {
    column.name for table in metadata.tables.values() for column in table.c if column.info.get("sealed")
}
HELD = (*(record.name for record in RECORDS.values()), *FACTS)
LEDGERS = ("seen_row", "seen_pack", "waiting_row", "withdrawn_record", "quarantined_row")


class AsRows:
    """The roster, as it was before it gave lines."""

    name: Final = "roster"
    lists: Mapping[str, ListMapping] = Roster().lists

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        async for batch in Roster().extract(place, checkpoint):
            assert isinstance(batch.rows, Lines)
            yield replace(batch, rows=[*batch.rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a county: workbooks and a text, twins and other rows that are refused among them."""
    upstream = tmp_path_factory.mktemp("runs") / "upstream"
    publish(build_world(seed=5, people=500, today=TODAY), upstream)
    found = source_folders(upstream)[COUNTY]
    for fault in ("x23-two-names", "x19-checksum", "x30-formula", "x30-merged-body"):
        apply(fault, found)
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Places of rows that were made of cells."""
    places: list[int] = []
    row = Reader.row

    def counted(reader: Reader, at: int, cells: Any) -> Any:
        places.append(at)
        return row(reader, at, cells)

    monkeypatch.setattr(Reader, "row", counted)
    return places


@pytest.fixture
async def filled(folder: Path) -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as hub:
        await hub.register("roster", str(folder))
        yield hub


async def stated(hub: Filled) -> dict[str, list[str]]:
    """All that stands, without what the hub itself numbers and hashes."""
    own = [
        "id",
        "received_at",
        "run_id",
        "content_hash",
        "entity_id",
        "winners",
        "overrides",
        "known_from",
        "made_at",
        *SEALED,
    ]
    found = {}
    for name in (*RECORDS, *(record.name for record in RECORDS.values()), *FACTS):
        query = f'select (to_jsonb(t) - $1::text[])::text as told from "{name}" t'
        rows = await hub.database.owner.fetch(query, own)
        found[name] = sorted(row["told"] for row in rows)
    return found


async def refused(hub: Filled) -> list[tuple[Any, ...]]:
    rows = await hub.database.owner.fetch(
        "select file, sheet, row_number, list_kind, reason_codes, reasons from quarantined_row"
        " where resolved_at is null order by 1, 2, 3, 6"
    )
    return [tuple(row) for row in rows]


@contextmanager
def edited(folder: Path) -> Iterator[None]:
    """Meanwhile the last row of the text says something else."""
    path = folder / TEXT
    before, about = path.read_bytes(), path.stat()
    path.write_bytes(before.rstrip() + "改\r\n".encode("gb18030"))
    yield
    path.write_bytes(before)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


async def test_what_is_said_again_is_made_no_row(filled: Filled, folder: Path, made: list[int]) -> None:
    first = await filled.sync()
    entries = await refused(filled)
    assert first.quarantined == len(entries) > 6
    made.clear()
    again = await filled.sync()
    assert (again.read, again.changed, again.quarantined) == (first.read, 0, first.quarantined)
    assert again.unchanged + again.quarantined == again.read
    assert len(made) == again.quarantined + MERGED, "no others are read again"
    made.clear()
    with edited(folder):
        changed = await filled.sync()
    assert (changed.changed, changed.unchanged) == (1, again.unchanged - 1)
    assert len(made) == again.quarantined + MERGED + 1
    assert await refused(filled) == entries


async def test_what_is_known_of_files_goes_with_them(filled: Filled, folder: Path) -> None:
    count = "select count(*) from read_part"
    await filled.sync()
    assert await filled.database.owner.fetchval(count) == 1, "the one text"
    kept = "select content from read_part"
    before = await filled.database.owner.fetchval(kept)
    with edited(folder):
        await filled.sync()
    assert await filled.database.owner.fetchval(kept) != before
    await filled.database.owner.execute("delete from read_part")
    state = await filled.state()
    report = await filled.sync()
    assert (report.changed, await filled.state() == state) == (1, False), "the row that was edited back"
    assert await filled.database.owner.fetchval(kept) == before
    (folder / TEXT).rename(folder.parent / TEXT)
    await filled.sync(accept_losses=True)
    (folder.parent / TEXT).rename(folder / TEXT)
    assert await filled.database.owner.fetchval(count) == 0


async def test_a_text_may_have_a_name_that_is_none(filled: Filled, tmp_path: Path) -> None:
    name = os.fsdecode("探访台账.csv".encode("gb18030"))
    (tmp_path / name).write_bytes(b"a,b,c\n1,2,3\n4,5,6\n")
    await filled.register("roster", str(tmp_path), code="odd")
    database, vault, held = filled.database, filled.vault, filled.connectors
    report = await run_source(database, vault, held, "odd", today=TODAY)
    assert (report.read, report.quarantined) == (1, 1)


async def test_lines_lead_to_what_rows_lead_to(filled: Filled, folder: Path) -> None:
    async with hub_of(COUNTY, {"roster": AsRows()}) as other:
        await other.register("roster", str(folder))
        assert await filled.sync() == await other.sync()
        told, entries = await stated(other), await refused(other)
        assert (await stated(filled), await refused(filled)) == (told, entries)
        assert len(told["visit"]) > 100
        # What the version before has merged as rows is read once more, and changes nothing.
        other.connectors = {"roster": Roster()}
        report = await other.sync()
        assert (report.changed, report.unchanged, report.withdrawn) == (0, 0, 0)
        assert (await stated(other), await refused(other)) == (told, entries)
        report = await other.sync()
        assert (report.changed, report.unchanged) == (0, report.read - report.quarantined)


async def test_what_landed_as_lines_is_merged_again(filled: Filled, folder: Path) -> None:
    await filled.sync()
    with edited(folder):
        await filled.sync()
    state, entries = await filled.state(), await refused(filled)
    over = await replay(filled.database, filled.vault, filled.connectors, CODE, Window(), today=TODAY)
    assert (over.before, over.missing, over.report.changed, over.runs) == (over.after, 0, 0, 2)
    assert (await filled.state(), await refused(filled)) == (state, entries)
    for name in (*HELD, *LEDGERS):
        await filled.database.owner.execute(f'delete from "{name}"')
    done = await replay(filled.database, filled.vault, filled.connectors, CODE, Window(), today=TODAY)
    assert (done.after, done.missing, done.from_nothing) == (over.after, 0, True)
    assert await refused(filled) == entries
    report = await filled.sync()
    assert report.unchanged == report.read - report.quarantined - 1, "the row that was edited back"
