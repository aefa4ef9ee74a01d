"""Whether two files are of one person, as a bureau sees it: both sides, why, and what was decided."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import IdentityStatus, Sex
from hub.read.bind import bound, one

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary


@bound(tables.beneficiary_apart)
class BeneficiaryApart:
    id: strawberry.ID
    name: str
    name_masked: str
    id_number_masked: str | None
    file_number: str | None
    sex: Sex | None
    birth_on: dt.date | None
    ethnicity_code: str | None
    division_code: str


@bound(tables.identity_review)
class IdentityReview:
    id: strawberry.ID
    status: IdentityStatus
    score: Decimal
    reasons: list[str]
    found_at: dt.datetime
    decided_at: dt.datetime | None
    by_rule: bool
    decision_reason: str | None
    first: Beneficiary | None = one(
        "The one, where it is not linked to another that stands for it",
        "甲（已并入他档时为空）",
        pairs=(("county_code", "county_code"), ("first_id", "id")),
    )
    second: Beneficiary | None = one(
        "The other, where it is not linked to another that stands for it",
        "乙（已并入他档时为空）",
        pairs=(("county_code", "county_code"), ("second_id", "id")),
    )
    first_alone: BeneficiaryApart | None = one(
        "While it is linked, what the one is without the others",
        "甲（关联前）",
        pairs=(("county_code", "county_code"), ("first_id", "id")),
    )
    second_alone: BeneficiaryApart | None = one(
        "While it is linked, what the other is without the others",
        "乙（关联前）",
        pairs=(("county_code", "county_code"), ("second_id", "id")),
    )
