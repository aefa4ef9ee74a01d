"""Decisions on fields of people, and requests to sources to put them right, as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import CorrectionStatus, OverrideEnd, PersonField
from hub.read.bind import bound, one, quoted

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.provenance import Source


@bound(tables.field_override)
class FieldOverride:
    id: strawberry.ID
    field: PersonField
    value: str | None = quoted(
        "Value that is decided, null for none", "核定值，无则为空", tables.beneficiary, named="field"
    )
    reason: str | None = quoted("Why", "核定理由", tables.beneficiary, named="field")
    made_by: str
    made_at: dt.datetime
    ends_on: dt.date
    ended_at: dt.datetime | None
    end_reason: OverrideEnd | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")


@bound(tables.correction_request)
class CorrectionRequest:
    id: strawberry.ID
    field: PersonField
    value: str | None = quoted(
        "Value it should have, null for none", "建议值，无则为空", tables.beneficiary, named="field"
    )
    reason: str | None = quoted("Why", "更正理由", tables.beneficiary, named="field")
    status: CorrectionStatus
    source_code: str
    asked_by: str
    asked_at: dt.datetime
    due_on: dt.date
    decided_at: dt.datetime | None
    decision_reason: str | None = quoted(
        "Why it was refused", "不予更正理由", tables.beneficiary, named="field"
    )
    done_at: dt.datetime | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    source: Source | None = one("Source that is asked", "来源")
