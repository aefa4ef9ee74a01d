"""People found on the street and their stays with the relief system, as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    ReliefDeparture,
    ReportRefusal,
    ReportState,
    Sex,
    StreetAction,
    StreetCondition,
)
from hub.read.bind import bound, one, provenance

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.contract import Contractor
    from graphql_schema.division import Division


@bound(tables.relief_episode)
class ReliefEpisode:
    id: strawberry.ID
    number: str
    noted_name: str | None
    noted_age_from: int | None
    noted_age_to: int | None
    is_age_estimated: bool | None
    height_cm: int | None
    features: str | None
    clothing: str | None
    health: str | None
    found_on: dt.date | None
    found_at: dt.datetime | None
    found_place: str | None
    relief_station: str | None
    admitted_on: dt.date
    left_on: dt.date | None
    departure: ReliefDeparture | None
    escorted_to: str | None
    detained_from_on: dt.date | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.street_encounter)
class StreetEncounter:
    id: strawberry.ID
    version: str
    division_code: str
    encountered_at: dt.datetime
    place: str | None
    said_name: str | None
    sex: Sex | None
    estimated_age: int | None
    features: str | None
    is_minor: bool | None
    condition: StreetCondition | None
    is_willing: bool | None
    actions: list[StreetAction]
    due_actions: list[StreetAction]
    report_state: ReportState | None
    reported_at: dt.datetime | None
    report_refusal: ReportRefusal | None
    entered_national_system_at: dt.datetime | None
    national_system_number: str | None
    division: Division = one("Division where the person was found", "发现地区划", via="division_code")
    contractor: Contractor | None = one(
        "Contractor whose staff found the person", "承接机构", via="contractor_id"
    )
    beneficiary: Beneficiary | None = one(
        "Beneficiary, once known and for who sees the person", "服务对象", via="beneficiary_id"
    )
    relief_episode: ReliefEpisode | None = one(
        "The stay it led to, for who sees the person", "所致救助记录", via="relief_episode_id"
    )
