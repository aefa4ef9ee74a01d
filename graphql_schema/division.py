"""Divisions as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import DivisionAuthority, DivisionChangeKind, DivisionKind, DivisionLevel
from hub.read.bind import Connection, bound, many, one

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.contract import Contract
    from graphql_schema.station import Station


@bound(tables.division)
class Division:
    id: strawberry.ID
    code: str
    name: str
    full_name: str
    level: DivisionLevel
    kind: DivisionKind
    is_pilot_town: bool
    is_urban_subdistrict: bool
    parent: Division | None = one("Division above", "上级区划", via="parent_code")
    children: Connection[Division] = many("Divisions right below", "下级区划", via="parent_code")
    former: Connection[FormerDivision] = many("What it was before: codes and names", "曾用代码与名称")
    stations: Connection[Station] = many("Stations of this township", "本乡镇（街道）的服务站")
    contracts: Connection[Contract] = many("Contracts this division purchased", "本区划购买的合同")
    residents: Connection[Beneficiary] = many(
        "Beneficiaries who live in exactly this division", "居住在本区划的服务对象"
    )


@bound(tables.former_division)
class FormerDivision:
    id: strawberry.ID
    code: str
    name: str
    authority: DivisionAuthority
    starts_on: dt.date | None
    ends_on: dt.date
    is_day_known: bool
    change: DivisionChangeKind
    successor_codes: list[str]
    division_code: str | None
    division: Division | None = one("Division of today it lives on as", "现区划")
