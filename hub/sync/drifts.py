"""What runs have written down of the columns of a source, read again for people (``hub.sync.drift``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from hub.store.database import Database
from hub.sync.run import find_source

COLUMNS: Final = """
    select list_kind, name, header, field_class, form, table_count, lacking_count, dropped_count,
        unknown_code_count, last_seen_at, gone_at
    from source_column where source_id = $1
    order by list_kind, gone_at is not null, header is null, first_seen_at, id"""
CHANGES: Final = """
    select found_at, list_kind, kind, name, header, before, after, number
    from source_drift where source_id = $1 and found_at >= $2 order by found_at desc, id"""
DROPPED: Final = """
    select list_kind, field_class, cell_count, names from dropped_cells
    where run_id = (select max(run_id) from dropped_cells where source_id = $1)
    order by list_kind, field_class"""


class ColumnNow(NamedTuple):
    """A column of ``source_column``, as its last run left it."""

    list_kind: str
    name: str
    header: str | None
    field_class: str | None
    form: str | None
    table_count: int
    lacking_count: int
    dropped_count: int
    unknown_code_count: int
    last_seen_at: dt.datetime
    gone_at: dt.datetime | None


class Found(NamedTuple):
    """A change of ``source_drift``."""

    found_at: dt.datetime
    list_kind: str
    kind: str
    name: str
    header: str | None
    before: str | None
    after: str | None
    number: int | None


class Dropped(NamedTuple):
    """Cells the last run that dropped any has dropped, of one list and class."""

    list_kind: str
    field_class: str
    cell_count: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Drift:
    """Of one source; ``changes`` with the newest first."""

    columns: Sequence[ColumnNow]
    changes: Sequence[Found]
    dropped: Sequence[Dropped]


async def drift_of(db: Database, code: str, since: dt.datetime) -> Drift:
    """``since``: of changes. NotFound where there is no such source."""
    number = (await find_source(db, code)).id
    return Drift(
        [ColumnNow(**row) for row in await db.owner.fetch(COLUMNS, number)],
        [Found(**row) for row in await db.owner.fetch(CHANGES, number, since)],
        [Dropped(**row) for row in await db.owner.fetch(DROPPED, number)],
    )
