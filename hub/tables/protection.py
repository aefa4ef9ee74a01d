"""监护、保护、核对、预警: guardians, protection of children, checks of a household's means, warnings."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index, Named, TypedColumns, UniqueConstraint, false

from hub.tables._columns import (
    StatedColumns,
    care,
    county,
    county_key,
    internal,
    lived_in,
    minor,
    points_to,
    public,
    refer,
    shown_from,
    table,
)
from hub.tables._facts import CaseFactColumns, PersonFactColumns, part, person_fact
from hub.tables.beneficiary import household


class GuardianColumns(CaseFactColumns):
    kind: Named[str] = minor("监护类别", "Guardian or entrusted guardian (R159)", vocabulary="GuardianKind")
    name: Named[str] = minor("监护人姓名", "Guardian's name")
    relation: Named[str | None] = minor("监护人关系", "Guardian's relation to the child")
    phone: Named[str | None] = minor("监护人电话", "Guardian's telephone")
    starts_on: Named[dt.date | None] = minor("开始日期", "First day")
    ends_on: Named[dt.date | None] = minor("结束日期", "Last day; open while null")


guardian = person_fact("guardian", "监护人", "Guardian of a child", GuardianColumns)


class GuardianshipConfirmationColumns(CaseFactColumns):
    guardian_id: Named[int] = internal("监护人", "Guardian", BigInteger)
    confirmed_on: Named[dt.date] = minor("确认日期", "Day of signing (R159)")
    document: Named[str | None] = minor("确认书", "Number or title of the document (R159)")


guardianship_confirmation = person_fact(
    "guardianship_confirmation",
    "委托监护确认书",
    "Entrusted-guardianship confirmation",
    GuardianshipConfirmationColumns,
    Index(None, "county_code", "guardian_id"),
    refer(guardian, "county_code", "guardian_id"),
)


class ProtectionCaseColumns(CaseFactColumns):
    trigger: Named[str] = care("触发方式", "How it was found (R154)", vocabulary="ProtectionTrigger")
    step: Named[str] = care("所处环节", "Step of the mechanism (R154)", vocabulary="ProtectionStep")
    opened_on: Named[dt.date] = care("启动日期", "Day the mechanism was started")
    closed_on: Named[dt.date | None] = care("结束日期", "Day it ended; open while null")
    is_mandatory_report: Named[bool] = care(
        "强制报告", "A mandatory report was made (R161)", server_default=false()
    )
    reported_on: Named[dt.date | None] = care("报告日期", "Day of the report")
    reported_to: Named[str | None] = care("报告对象", "To whom it was reported")
    referred_to: Named[str | None] = care("转介对象", "To whom the child was referred (R161)")
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")


protection_case = person_fact(
    "protection_case",
    "保护机制",
    "Protection case of a child",
    ProtectionCaseColumns,
    Index(None, "worker_id"),
    Index(None, "step", "county_code", "id"),
    Index(None, "opened_on", "county_code", "id"),
)


class InterventionColumns(TypedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    protection_case_id: Named[int] = internal("保护机制", "Protection case", BigInteger)
    kind: Named[str] = care("干预类别", "Kind of intervention (R160)", vocabulary="InterventionKind")
    made_on: Named[dt.date] = care("干预日期", "Day")
    description: Named[str | None] = care("干预内容", "What was done")


intervention = part(
    "intervention",
    "干预",
    "Intervention in a protection case",
    InterventionColumns,
    protection_case,
    ("county_code", "protection_case_id"),
)


class EconomicStatusCheckColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    household_id: Named[int] = internal("家庭", "Household", BigInteger)
    programme: Named[str | None] = care("核对事项", "Category it was checked for", vocabulary="Category")
    requested_on: Named[dt.date | None] = public("申请日期", "Day it was asked for")
    checked_on: Named[dt.date] = care("核对日期", "Day of the check")
    result: Named[str | None] = care("核对结果", "Result", vocabulary="EconomicCheckResult")
    note: Named[str | None] = care("核对说明", "What was found")


economic_status_check = table(
    "economic_status_check",
    "家庭经济状况核对",
    "Economic-status check of a household",
    EconomicStatusCheckColumns,
    UniqueConstraint("county_code", "source_id", "record_key"),
    Index(None, "county_code", "household_id"),
    refer(household, "county_code", "household_id"),
)


class WarningColumns(PersonFactColumns):
    kind: Named[str] = care("预警类型", "What it warns of, in the words of who warns")
    department: Named[str | None] = care("发现部门", "Which department noticed it")
    level: Named[str | None] = care("预警等级", "How grave it is", vocabulary="RiskLevel")
    raised_on: Named[dt.date] = care("预警日期", "Day it was raised")
    settled_on: Named[dt.date | None] = care("处置日期", "Day it was settled; open while null")
    result: Named[str | None] = care("处置结果", "What became of it")
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()


warning = person_fact(
    "warning",
    "预警",
    "Warning about a person, by an upstream system",
    WarningColumns,
    Index(None, "raised_on", "county_code", "id"),
    Index(None, "settled_on", "county_code", "id"),
    Index(None, "kind", "county_code", "id"),
    Index(None, "level", "county_code", "id"),
)
