"""Checks of elderly-care subsidies, and how their samples were drawn, as clients see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import SubsidyCheckKind, SubsidyFinding
from hub.read.bind import bound, one, provenance

if TYPE_CHECKING:
    from graphql_schema.contract import Contract
    from graphql_schema.division import Division


@bound(tables.subsidy_check)
class SubsidyCheck:
    id: strawberry.ID
    version: str
    kind: SubsidyCheckKind
    division_code: str
    checked_on: dt.date | None
    supplier_name: str | None
    population_count: int
    sample_count: int
    drawn_at: dt.datetime | None
    sampling_method: str | None
    sampling_seed: str | None
    population_digest: str | None
    drawn_numbers: list[str]
    checked_by: str | None
    deviating_numbers: list[str]
    follow_up: str | None
    findings: list[SubsidyFinding]
    satisfaction: Decimal | None
    division: Division = one("Division", "区划")
    contract: Contract | None = one("Contract of who helps with the check", "协助核查的合同")
    provenance: list[FieldProvenance] = provenance()
