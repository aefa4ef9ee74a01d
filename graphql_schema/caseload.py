"""Assignments, visits and warnings as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import RiskLevel, VisitKind, VisitPurpose
from hub.read.bind import Connection, bound, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.casework import VisitPhoto
    from graphql_schema.contract import Contract, Contractor
    from graphql_schema.station import Personnel, Station


@bound(tables.assignment)
class Assignment:
    id: strawberry.ID
    starts_on: dt.date
    ends_on: dt.date | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    worker: Personnel | None = one("Worker in charge", "责任社工")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.visit)
class Visit:
    id: strawberry.ID
    visited_on: dt.date
    kind: VisitKind
    purpose: VisitPurpose
    has_photos: bool | None
    has_register_form: bool | None
    text_record: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    worker: Personnel | None = one("Worker", "探访人员")
    photos: Connection[VisitPhoto] = many("Pictures, one at a time where they are large", "探访图片")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.warning)
class Warning:
    id: strawberry.ID
    kind: str
    department: str | None
    level: RiskLevel | None
    raised_on: dt.date
    settled_on: dt.date | None
    result: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    provenance: list[FieldProvenance] = provenance()
