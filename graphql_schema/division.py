"""Divisions as clients see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import DivisionKind, DivisionLevel
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
    stations: Connection[Station] = many("Stations of this township", "本乡镇（街道）的服务站")
    contracts: Connection[Contract] = many("Contracts this division purchased", "本区划购买的合同")
    residents: Connection[Beneficiary] = many(
        "Beneficiaries who live in exactly this division", "居住在本区划的服务对象"
    )
