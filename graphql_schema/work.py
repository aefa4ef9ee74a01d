"""What is done at stations and under contracts, as clients see it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    ArchiveScope,
    ChildWorkerKind,
    HandoverItemKind,
    Occasion,
    PublicityKind,
    PublicityTopic,
    TrainingKind,
    TrainingTopic,
)
from hub.read.bind import Connection, bound, many, number_of, one, provenance
from hub.tables.personnel import ITEMS, OPEN_ITEMS

if TYPE_CHECKING:
    from graphql_schema.contract import Contract, Contractor
    from graphql_schema.division import Division
    from graphql_schema.station import Personnel, Station


@bound(tables.group_work)
class GroupWork:
    id: strawberry.ID
    division_code: str
    series: str
    theme: str | None
    division: Division = one("Division it was done in", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    worker: Personnel | None = one("Worker in charge", "责任社工")
    sessions: Connection[GroupSession] = many("Sessions", "活动")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.group_session)
class GroupSession:
    id: strawberry.ID
    held_on: dt.date
    hours: Decimal
    attendee_count: int | None
    group: GroupWork | None = one("Series it belongs to", "小组")


@bound(tables.community_activity)
class CommunityActivity:
    id: strawberry.ID
    division_code: str
    held_on: dt.date
    theme: str
    occasion: Occasion | None
    attendee_count: int
    division: Division = one("Division it was held in", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.publicity_event)
class PublicityEvent:
    id: strawberry.ID
    division_code: str
    kind: PublicityKind
    topics: list[PublicityTopic]
    occasion: Occasion | None
    held_on: dt.date
    townships_covered: list[str]
    materials_count: int | None
    division: Division = one("Division it was held in", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.patrol)
class Patrol:
    id: strawberry.ID
    division_code: str
    patrolled_on: dt.date
    volunteer_count: int | None
    route: str | None
    division: Division = one("Division that was patrolled", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.training_event)
class TrainingEvent:
    id: strawberry.ID
    division_code: str
    kind: TrainingKind
    title: str | None
    held_on: dt.date
    hours: Decimal
    topics: list[TrainingTopic]
    organiser: str | None
    attendee_count: int | None
    division: Division = one("Division it was held for", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    records: Connection[TrainingRecord] = many("Who attended", "培训记录")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.child_worker)
class ChildWorker:
    id: strawberry.ID
    division_code: str
    kind: ChildWorkerKind
    name: str
    phone: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    division: Division = one("Township or village in charge of", "所在区划", via="division_code")
    trainings: Connection[TrainingRecord] = many("Trainings attended", "培训记录")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.training_record)
class TrainingRecord:
    id: strawberry.ID
    hours: Decimal
    event: TrainingEvent | None = one("Training", "培训")
    personnel: Personnel | None = one(
        "Member of staff, for who sees the person; null for a child supervisor or director", "驻站人员"
    )
    child_worker: ChildWorker | None = one(
        "Child supervisor or director, for who sees the person; null for a member of staff",
        "儿童督导员、儿童主任",
    )


@bound(tables.handover)
class Handover:
    id: strawberry.ID
    version: str
    division_code: str
    handed_over_on: dt.date
    is_follow_up_arranged: bool | None
    item_count: int = number_of("Items on the list", "清单条数", ITEMS)
    open_item_count: int = number_of(
        "Items that are not checked yet; it is complete when there are none (R62)",
        "未清点条数，为0时交接完成",
        OPEN_ITEMS,
    )
    division: Division = one("Division", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    giver: Personnel | None = one("Who hands over", "移交人", via="from_id")
    receiver: Personnel | None = one("Who takes over", "接收人", via="to_id")
    items: Connection[HandoverItem] = many("The list", "交接清单")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.handover_item)
class HandoverItem:
    id: strawberry.ID
    kind: HandoverItemKind
    description: str
    is_checked: bool
    handover: Handover | None = one("Handover", "交接")


@bound(tables.incident)
class Incident:
    id: strawberry.ID
    division_code: str
    occurred_at: dt.datetime
    summary: str
    reported_to_township_at: dt.datetime | None
    reported_to_civil_affairs_at: dt.datetime | None
    division: Division = one("Division it happened in", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.archive_transfer)
class ArchiveTransfer:
    id: strawberry.ID
    division_code: str
    scope: ArchiveScope
    transferred_on: dt.date
    receiver: str | None
    listed_files: list[str]
    is_complete: bool | None
    division: Division = one("Division", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()
