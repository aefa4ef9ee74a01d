"""What runs found in the lists of a source, as clients see it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import DriftKind, FieldClass
from hub.read.bind import bound, one

if TYPE_CHECKING:
    from graphql_schema.provenance import Source, SyncRun


@bound(tables.source_column)
class SourceColumn:
    id: strawberry.ID
    list_kind: str
    name: str
    header: str | None
    field_class: FieldClass | None
    form: str | None
    table_count: int
    lacking_count: int
    dropped_count: int
    unknown_code_count: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    gone_at: dt.datetime | None
    source: Source | None = one("Source", "来源")


@bound(tables.source_drift)
class SourceDrift:
    id: strawberry.ID
    list_kind: str
    kind: DriftKind
    name: str
    header: str | None
    before: str | None
    after: str | None
    number: int | None
    found_at: dt.datetime
    source: Source | None = one("Source", "来源")
    run: SyncRun | None = one("Run that found it", "发现时的同步运行")


@bound(tables.run_list)
class RunList:
    id: strawberry.ID
    list_kind: str
    read_count: int
    unchanged_count: int
    accepted_count: int
    quarantined_count: int
    withdrawn_count: int
    run: SyncRun | None = one("Run", "同步运行")


@bound(tables.dropped_cells)
class DroppedCells:
    id: strawberry.ID
    list_kind: str
    field_class: FieldClass
    cell_count: int
    names: list[str]
    source: Source | None = one("Source", "来源")
    run: SyncRun | None = one("Run", "同步运行")


@bound(tables.reconciliation)
class Reconciliation:
    id: strawberry.ID
    day: dt.date
    list_kind: str
    entity: str
    division_code: str
    held_count: int
    unsaid_count: int | None
    about_count: int
    digest_count: int
    digest: str | None
    counted_at: dt.datetime
    source: Source | None = one("Source", "来源")
