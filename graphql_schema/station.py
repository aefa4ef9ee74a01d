"""Stations and their personnel as clients see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.norms import names
from hub.domain.vocabulary import (
    CredentialKind,
    Education,
    NoName,
    PersonnelKind,
    Sex,
    SiteHostKind,
    StationKind,
    StationStatus,
)
from hub.read.bind import Connection, bound, made, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.caseload import Assignment, Visit
    from graphql_schema.contract import Contract, Contractor
    from graphql_schema.division import Division
    from graphql_schema.oversight import Evaluation


def _expected(today: dt.date, division_code: str) -> str | None:
    found = names.station_name(division_code, today)
    return None if isinstance(found, NoName) else found


def _without(today: dt.date, division_code: str) -> NoName | None:
    found = names.station_name(division_code, today)
    return found if isinstance(found, NoName) else None


def _named(today: dt.date, name: str, division_code: str) -> bool | None:
    return names.is_named(name, division_code, today)


def _badge(today: dt.date, name: str, division_code: str) -> str | None:
    return names.badge_text(name, division_code, today)


def _uniforms(today: dt.date, division_code: str) -> Sequence[str]:
    return names.uniform_texts(division_code, today)


@bound(tables.station)
class Station:
    id: strawberry.ID
    name: str
    former_name: str | None
    kind: StationKind
    status: StationStatus
    division_code: str
    renamed_on: dt.date | None
    opened_on: dt.date | None
    staffed_on: dt.date | None
    site_host_kind: SiteHostKind | None
    address: str | None
    phone: str | None
    expected_name: str | None = made(
        "Name by the rule in force today (R6–R8); null where none gives it one",
        "按现行规则应有的名称，无规则时为空",
        "division_code",
        make=_expected,
    )
    no_expected_name: NoName | None = made(
        "Why `expectedName` is null", "没有应有名称的原因", "division_code", make=_without
    )
    is_named_by_rule: bool | None = made(
        "Whether its name is `expectedName`", "名称是否符合规则", "name", "division_code", make=_named
    )
    uniform_texts: list[str] = made(
        "What may stand on uniforms by the rule in force today (R60); none where none speaks of it",
        "工作服可用的标识文字",
        "division_code",
        make=_uniforms,
    )
    division: Division = one("Township or sub-district it serves", "所在乡镇（街道）")
    operator: Contractor | None = one("Contractor that runs it", "运营机构")
    personnel: Connection[Personnel] = many("People on post here", "驻站人员")
    contracts: Connection[Contract] = many(
        "Contracts it is served under", "服务合同", through=tables.contract_station
    )
    beneficiaries: Connection[Beneficiary] = many("Beneficiaries of its area", "辖区服务对象")
    assignments: Connection[Assignment] = many("Assignments to it", "服务分派")
    visits: Connection[Visit] = many("Visits it made", "探访")
    evaluations: Connection[Evaluation] = many("Evaluations of it", "评估评分")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.personnel)
class Personnel:
    id: strawberry.ID
    staff_number: str
    name: str
    id_number: str | None
    id_number_masked: str | None
    sex: Sex | None
    birth_on: dt.date | None
    education: Education | None
    major: str | None
    credential: CredentialKind | None
    credential_obtained_on: dt.date | None
    hukou_division_code: str | None
    division_code: str
    kind: PersonnelKind
    is_full_time: bool | None
    is_low_income_verifier: bool | None
    onboarded_on: dt.date | None
    left_on: dt.date | None
    reviewed_by_bureau_on: dt.date | None
    phone: str | None
    badge_text: str | None = made(
        "What stands on the badge by the rule in force today (R59); null where none gives it",
        "工作牌应有的文字，无规则时为空",
        "name",
        "division_code",
        make=_badge,
    )
    division: Division = one("Division where the person serves", "服务地区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    employer: Contractor | None = one("Employing contractor", "用人单位")
    assignments: Connection[Assignment] = many("Beneficiaries in charge of", "负责的服务分派")
    visits: Connection[Visit] = many("Visits made", "探访")
    provenance: list[FieldProvenance] = provenance()
