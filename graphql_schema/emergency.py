"""Emergency accesses as clients see them: the bureau a bureau those about its people, an opener its own."""

from __future__ import annotations

import datetime as dt

import strawberry

from hub import tables
from hub.domain.vocabulary import EmergencyEnd, EmergencyReason, EmergencyVerdict
from hub.read.bind import bound


@bound(tables.emergency_access)
class EmergencyAccess:
    id: strawberry.ID
    reason: EmergencyReason
    note: str
    division_code: str
    people: list[str]
    person_count: int
    opener_role: str
    opener_name: str
    opened_at: dt.datetime
    ends_at: dt.datetime
    closed_at: dt.datetime | None
    end_reason: EmergencyEnd | None
    verdict: EmergencyVerdict | None
    reviewed_at: dt.datetime | None
    review_note: str | None
