"""The files of a run: what the source sends (csv), and the same ready for PostgreSQL (binary COPY)."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg

from benchmarks.sync.columns import COLUMNS, HEADERS, NAMES
from benchmarks.sync.people import Record, people

SAMPLED: Final = 500
"""Records whose values are compared in the end, and about as many again of those that change."""
CHUNK: Final = 20_000
DELIVERIES: Final = ("first", "changed")
DAY: Final = dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()
"""Time of both files: the second one corrects the first."""

Say = Callable[[str], None]


class Sampled(NamedTuple):
    """A record as it was delivered; see ``people.Record``."""

    meant: tuple[Any, ...]
    written: list[str]
    fault: str | None


@dataclass(slots=True)
class Source:
    """``csv`` and ``ready`` are paths by delivery, ``sample`` records by delivery and key."""

    rows: int
    csv: dict[str, Path]
    ready: dict[str, Path]
    faults: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    sample: dict[str, dict[str, Sampled]] = field(default_factory=lambda: {name: {} for name in DELIVERIES})

    @property
    def good(self) -> int:
        return self.rows - self.faults.total()

    def count(self, records: list[Record], done: int) -> None:
        """``done``: records before these."""
        every = max(1, self.rows // SAMPLED)
        for index, record in enumerate(records, done):
            key, fault = record.meant[0], record.fault
            self.changed += record.changed is not None
            if fault:
                self.faults[fault] += 1
            few = len(self.sample["first"]) < 2 * SAMPLED
            if index % every == 0 or (few and (fault or record.changed)):
                self.sample["first"][key] = Sampled(record.meant, record.written, fault)
                self.sample["changed"][key] = Sampled(*(record.changed or record[:2]), fault)


async def write(directory: Path, dsn: str, rows: int, seed: int, say: Say) -> Source:
    """``dsn``: of a database for a while, through which PostgreSQL makes its own format."""
    csvs, ready = (
        {name: directory / name / file for name in DELIVERIES} for file in ("people.csv", "people.copy")
    )
    for path in csvs.values():
        path.parent.mkdir()
    source = Source(rows, csvs, ready)
    connection = await asyncpg.connect(dsn)
    try:
        for name in csvs:
            await connection.execute(f"create unlogged table {name} ({definition()})")
        await _write(source, connection, people(rows, seed), say)
        for name, path in ready.items():
            await connection.copy_from_table(name, columns=NAMES, output=path, format="binary")
        for path in csvs.values():
            os.utime(path, (DAY, DAY))
    finally:
        await connection.close()
    return source


def definition() -> str:
    return ", ".join(f"{column.name} {column.type}" for column in COLUMNS)


async def _write(source: Source, connection: Any, records: Iterator[Record], say: Say) -> None:
    done = 0
    with ExitStack() as stack:
        files = {n: stack.enter_context(p.open("w", newline="")) for n, p in source.csv.items()}
        writers = {name: csv.writer(file) for name, file in files.items()}
        for writer in writers.values():
            writer.writerow(HEADERS)
        while chunk := list(islice(records, CHUNK)):
            now = [record.changed or record[:2] for record in chunk]
            writers["first"].writerows(record.written for record in chunk)
            writers["changed"].writerows(written for _, written in now)
            copy = connection.copy_records_to_table
            await copy("first", columns=NAMES, records=[record.meant for record in chunk])
            await copy("changed", columns=NAMES, records=[meant for meant, _ in now])
            source.count(chunk, done)
            done += len(chunk)
            say(f"{done:,} of {source.rows:,} records written")
