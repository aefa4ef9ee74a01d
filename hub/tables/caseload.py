"""服务分派、探访、一人一档: who looks after whom, what was seen, needed and done."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Index,
    LargeBinary,
    Named,
    TypedColumns,
    UniqueConstraint,
)

from hub.tables._columns import (
    CODE,
    STAMP,
    Kept,
    StatedColumns,
    care,
    county,
    county_key,
    internal,
    known,
    lived_in,
    made,
    points_to,
    public,
    refer,
    sealed,
    shown_from,
    table,
)
from hub.tables._facts import CaseFactColumns, PersonFactColumns, part, person_fact
from hub.tables.beneficiary import beneficiary

TRANSFERRED: Final = Kept(
    "transferred_on",
    ("county_code", "beneficiary_id", "contractor_id", "contract_id", "station_id", "starts_on"),
    "HANDED_ON",
)


class AssignmentColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    made_at: Named[dt.datetime] = made()
    known_from: Named[dt.datetime] = known()
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int] = points_to(
        "承接机构", "Contractor of the contract, kept here so that a slice needs no join", "contractor.id"
    )
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")
    starts_on: Named[dt.date] = public("开始日期", "First day")
    ends_on: Named[dt.date | None] = public(
        "结束日期", "Last day; open while null", info={"kept": TRANSFERRED}
    )


assignment = table(
    "assignment",
    "服务分派",
    "Assignment of a beneficiary to a station, contract and worker",
    AssignmentColumns,
    Index(
        None,
        "county_code",
        "beneficiary_id",
        "id",
        postgresql_include=["contract_id", "starts_on", "ends_on"],
    ),
    Index(None, "contractor_id", "county_code", "beneficiary_id"),
    Index(None, "contract_id", "county_code", "beneficiary_id"),
    Index(None, "station_id", "county_code", "id"),
    Index(None, "worker_id", "county_code", "id"),
    Index(None, "starts_on", "county_code", "id"),
    UniqueConstraint("county_code", "source_id", "record_key"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class VisitColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    made_at: Named[dt.datetime] = made()
    station_id: Named[int | None] = points_to("服务站", "Station", "station.id")
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int | None] = points_to("承接机构", "Contractor", "contractor.id")
    worker_id: Named[int | None] = points_to("探访人员", "Worker", "personnel.id")
    visited_on: Named[dt.date] = public("探访日期", "Day of the visit")
    kind: Named[str] = public("探访方式", "Kind of visit: home, return, round, call", vocabulary="VisitKind")
    purpose: Named[str] = public(
        "探访目的", "Purpose of the visit (R155–R158, R165)", vocabulary="VisitPurpose"
    )
    has_photos: Named[bool | None] = public("图片记录", "Pictures were kept (R158)", Boolean)
    has_register_form: Named[bool | None] = public(
        "探访登记表", "The visit register was filled in (R165)", Boolean
    )
    text_record: Named[str | None] = care("文字记录", "What was seen and done (R158)")


visit = table(
    "visit",
    "探访",
    "Visit to a beneficiary",
    VisitColumns,
    Index(None, "county_code", "beneficiary_id", "visited_on", "id"),
    Index(None, "county_code", "visited_on"),
    Index(None, "contractor_id", "visited_on"),
    Index(None, "contract_id", "visited_on"),
    Index(None, "station_id", "visited_on"),
    Index(None, "worker_id", "visited_on"),
    Index(None, "visited_on", "county_code", "id"),
    UniqueConstraint("county_code", "source_id", "record_key"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class VisitPhotoColumns(TypedColumns):
    """Kept in the database, sealed, with its visit: who restores one has the other."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary of the visit", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    visit_id: Named[int] = internal("探访", "Visit", BigInteger)
    kind: Named[str] = public("图片格式", "Format, by its content", vocabulary="PictureFormat")
    byte_count: Named[int] = public("文件大小（字节）", "Bytes of the picture")
    content: Named[bytes] = sealed("图片", "The picture, in Base64", "care", long=True)
    digest: Named[bytes] = internal("文件摘要", "Keyed hash of the picture", LargeBinary)
    taken_at: Named[dt.datetime | None] = care("拍摄时间", "When it was taken", STAMP)
    caption: Named[str | None] = care("说明", "What it shows")


visit_photo = part(
    "visit_photo",
    "探访图片",
    "Picture of a visit (R158)",
    VisitPhotoColumns,
    visit,
    ("county_code", "visit_id"),
    Index(None, "county_code", "beneficiary_id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class VisitPlanColumns(PersonFactColumns):
    frequency: Named[str] = care("探访频次", "How often", vocabulary="VisitFrequency")
    basis: Named[str] = care("依据", "Rule it follows: R155, R156, R157, R158 or R165", CODE)
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")
    starts_on: Named[dt.date] = public("开始日期", "First day")
    ends_on: Named[dt.date | None] = public("结束日期", "Last day; open while null")


visit_plan = person_fact(
    "visit_plan", "探访计划", "Plan of visits to a beneficiary", VisitPlanColumns, Index(None, "worker_id")
)


class DossierColumns(CaseFactColumns):
    kind: Named[str] = care("档案类别", "Whose dossier it is", vocabulary="DossierKind")
    basic_information: Named[str | None] = care("基本情况", "The person and the family (R152)")
    problems: Named[str | None] = care("存在问题", "Problems (R152)")
    needs_assessment: Named[str | None] = care("需求评估", "Assessment of needs (R152)")
    support_goals: Named[str | None] = care("帮扶目标", "Goals of support (R152)")
    opened_on: Named[dt.date] = public("建档日期", "Day it was opened (R151, R164, R171)")
    updated_on: Named[dt.date | None] = public("更新日期", "Day of the last update")
    synced_with_township_at: Named[dt.datetime | None] = public(
        "与乡镇（街道）同步时间", "When it was last the same at the township (R152)", STAMP
    )
    synced_with_village_at: Named[dt.datetime | None] = public(
        "与村（社区）同步时间", "When it was last the same at the village (R152)", STAMP
    )
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")


dossier = person_fact(
    "dossier",
    "一人一档",
    "Dossier of a beneficiary",
    DossierColumns,
    Index(None, "worker_id"),
    Index(None, "kind", "county_code", "id"),
    Index(None, "opened_on", "county_code", "id"),
    Index(None, "updated_on", "county_code", "id"),
)


class RiskAssessmentColumns(CaseFactColumns):
    level: Named[str] = care("风险等级", "Level (R152)", vocabulary="RiskLevel")
    assessed_on: Named[dt.date] = care("评估日期", "Day")
    reason: Named[str | None] = care("评估理由", "Why this level")
    worker_id: Named[int | None] = points_to("评估人", "Assessor", "personnel.id")


risk_assessment = person_fact(
    "risk_assessment",
    "风险评估",
    "Risk assessment",
    RiskAssessmentColumns,
    Index(None, "worker_id"),
    Index(None, "assessed_on", "county_code", "id"),
)


class NeedsRecordColumns(CaseFactColumns):
    kind: Named[str] = care("需求类别", "Kind of need (R179)", vocabulary="NeedKind")
    status: Named[str] = care("状态", "Status", vocabulary="NeedStatus")
    description: Named[str | None] = care("需求说明", "What is needed")
    assessed_on: Named[dt.date] = care("评估日期", "Day it was assessed")
    worker_id: Named[int | None] = points_to("评估人", "Assessor", "personnel.id")


needs_record = person_fact(
    "needs_record",
    "服务需求",
    "Need of a beneficiary",
    NeedsRecordColumns,
    Index(None, "worker_id"),
    Index(None, "kind", "county_code", "id"),
    Index(None, "status", "county_code", "id"),
)


class AssessmentColumns(CaseFactColumns):
    kind: Named[str] = care("评估类别", "Kind of assessment", vocabulary="AssessmentKind")
    standard: Named[str | None] = care("评估标准", "Standard it follows")
    assessed_on: Named[dt.date] = care("评估日期", "Day")
    result: Named[str] = care("评估结果", "Result, in the words or levels of the standard")
    assessor_name: Named[str | None] = care("评估机构或人员", "Assessor outside the stations")
    worker_id: Named[int | None] = points_to("评估人", "Assessor of a station", "personnel.id")


assessment = person_fact(
    "assessment",
    "评估",
    "Assessment of a beneficiary",
    AssessmentColumns,
    Index(None, "worker_id"),
    Index(None, "kind", "county_code", "id"),
    Index(None, "assessed_on", "county_code", "id"),
)
