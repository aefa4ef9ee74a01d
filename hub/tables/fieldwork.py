"""实务: cases, groups, activities, patrols, escorts, publicity, volunteers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Index,
    Named,
    Numeric,
    SmallInteger,
    Text,
    TypedColumns,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    HOURS,
    MONEY,
    STAMP,
    care,
    county,
    county_key,
    internal,
    key,
    lived_in,
    points_to,
    public,
    refer,
    shown_from,
)
from hub.tables._facts import CaseFactColumns, PersonFactColumns, WorkColumns, part, person_fact, work_fact
from hub.tables.beneficiary import beneficiary

SHARE = Numeric(5, 2)
"""Per cent."""


class CaseWorkColumns(CaseFactColumns):
    kind: Named[str] = care("个案类别", "Consultation or professional (R205, R206)", vocabulary="CaseKind")
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")
    session_count: Named[int] = public("服务次数", "Sessions (R205, R206)", SmallInteger)
    hours: Named[Decimal] = public("工时", "Work hours (R205, R206)", HOURS)
    opened_on: Named[dt.date] = public("开案日期", "Day it was opened")
    closed_on: Named[dt.date | None] = public("结案日期", "Day it was closed; open while null")
    summary: Named[str | None] = care("个案小结", "Problem, goals and outcome")


case_work = person_fact(
    "case_work",
    "个案",
    "Case",
    CaseWorkColumns,
    Index(None, "contract_id"),
    Index(None, "worker_id"),
    Index(None, "opened_on", "county_code", "id"),
    Index(None, "closed_on", "county_code", "id"),
)


class CaseSessionColumns(TypedColumns):
    """``case_work`` counts them and their hours: what a source states of its cases has no sessions here."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary of the case", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    case_work_id: Named[int] = internal("个案", "Case", BigInteger)
    held_on: Named[dt.date] = public("服务日期", "Day")
    hours: Named[Decimal] = public("工时", "Work hours (R205, R206)", HOURS)
    record: Named[str | None] = care("服务记录", "What was done")


case_session = part(
    "case_session",
    "个案服务",
    "Session of a case",
    CaseSessionColumns,
    case_work,
    ("county_code", "case_work_id"),
    Index(None, "county_code", "beneficiary_id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class GroupWorkColumns(WorkColumns):
    series: Named[str] = public("小组名称", "Name of the series (R207)")
    theme: Named[str | None] = public("主题", "Theme")
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")


group_work = work_fact("group_work", "小组", "Group-work series", GroupWorkColumns, Index(None, "worker_id"))


class GroupSessionColumns(TypedColumns):
    id: Named[int] = key()
    group_work_id: Named[int] = internal("小组", "Series", BigInteger)
    held_on: Named[dt.date] = public("活动日期", "Day")
    hours: Named[Decimal] = public("工时", "Work hours (R207)", HOURS)
    attendee_count: Named[int | None] = public("参加人数", "People who took part")


group_session = part(
    "group_session", "小组活动", "Session of a group", GroupSessionColumns, group_work, ("group_work_id",)
)


class CommunityActivityColumns(WorkColumns):
    held_on: Named[dt.date] = public("活动日期", "Day")
    theme: Named[str] = public("主题", "Theme")
    occasion: Named[str | None] = public("节日", "Occasion (R162, R166, R214)", vocabulary="Occasion")
    attendee_count: Named[int] = public("参加人数", "People who took part; the size follows (R208, R209)")


community_activity = work_fact(
    "community_activity",
    "社区活动",
    "Community activity",
    CommunityActivityColumns,
    Index(None, "held_on"),
)


class PublicityEventColumns(WorkColumns):
    kind: Named[str] = public("宣传类别", "Kind (R163, R167, R200, R214)", vocabulary="PublicityKind")
    topics: Named[list[str]] = public(
        "宣传主题", "Topics (R163)", ARRAY(Text), server_default="{}", vocabulary="PublicityTopic"
    )
    occasion: Named[str | None] = public("节日", "Occasion (R214)", vocabulary="Occasion")
    held_on: Named[dt.date] = public("宣传日期", "Day")
    townships_covered: Named[list[str]] = public(
        "覆盖乡镇（街道）", "Division codes of the townships covered (R200)", ARRAY(CODE), server_default="{}"
    )
    materials_count: Named[int | None] = public("发放资料数", "Materials distributed (R200)")


publicity_event = work_fact(
    "publicity_event", "宣传", "Publicity event", PublicityEventColumns, Index(None, "held_on")
)


class PatrolColumns(WorkColumns):
    patrolled_on: Named[dt.date] = public("巡查日期", "Day (R172)")
    team: Named[list[int]] = internal(
        "巡查人员", "Personnel on the patrol", ARRAY(BigInteger), server_default="{}"
    )
    volunteer_count: Named[int | None] = public("志愿者人数", "Volunteers on the patrol (R171)")
    route: Named[str | None] = public("巡查路线", "Route")


patrol = work_fact("patrol", "街面巡查", "Street patrol", PatrolColumns, Index(None, "patrolled_on"))


class HospitalEscortColumns(CaseFactColumns):
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    hospital: Named[str | None] = care("医院", "Hospital")
    starts_on: Named[dt.date] = care("开始日期", "First day (R199)")
    ends_on: Named[dt.date | None] = care("结束日期", "Last day (R199)")
    carers: Named[list[str]] = care(
        "陪护人员", "Who escorted; both readings of A10 count from here", ARRAY(Text), server_default="{}"
    )


hospital_escort = person_fact(
    "hospital_escort",
    "住院陪护",
    "Hospital escort",
    HospitalEscortColumns,
    Index(None, "contract_id"),
    Index(None, "starts_on", "county_code", "id"),
)


class AdoptionAssessmentColumns(PersonFactColumns):
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    assessed_on: Named[dt.date] = care("评估日期", "Day")
    is_in_urban_area: Named[bool | None] = public("市区内", "In the urban area (R203)")
    cost: Named[Decimal | None] = public("评估费用（元）", "Actual cost in yuan (R118, R203)", MONEY)
    result: Named[str | None] = care("评估结果", "Result")


adoption_assessment = person_fact(
    "adoption_assessment",
    "收养评估",
    "Adoption assessment",
    AdoptionAssessmentColumns,
    Index(None, "contract_id"),
)


class SubsidyCheckColumns(WorkColumns):
    kind: Named[str] = public("核查类别", "Kind of check (R169, R170)", vocabulary="SubsidyCheckKind")
    checked_on: Named[dt.date | None] = public("核查日期", "Day of the check; null until then")
    supplier_name: Named[str | None] = public("被核查机构", "Body that is checked")
    population_count: Named[int] = public("总数", "Results or services to choose from")
    sample_count: Named[int] = public("抽查数", "How many of them are checked")
    drawn_at: Named[dt.datetime | None] = public("抽样时间", "When the hub drew the sample", STAMP)
    sampling_method: Named[str | None] = public(
        "抽样方法", "How the sample was drawn, by name (docs/rules.md)", CODE
    )
    sampling_seed: Named[str | None] = public("抽样种子", "Seed it was drawn with", CODE)
    population_digest: Named[str | None] = public(
        "总体摘要", "SHA-256 of the numbers it was drawn from, in hex", CODE
    )
    drawn_numbers: Named[list[str]] = public(
        "抽中编号", "Numbers of the results or services that were drawn", ARRAY(CODE), server_default="{}"
    )
    checked_by: Named[str | None] = public("核查单位", "Body that checked what was drawn; names no person")
    deviating_numbers: Named[list[str]] = public(
        "不符编号", "Drawn numbers that were found wrong", ARRAY(CODE), server_default="{}"
    )
    follow_up: Named[str | None] = public("整改情况", "What becomes of what was found; names no person")
    findings: Named[list[str]] = public(
        "发现问题",
        "What was found (R170)",
        ARRAY(Text),
        server_default="{}",
        vocabulary="SubsidyFinding",
    )
    satisfaction: Named[Decimal | None] = public("满意度（%）", "Satisfied elderly, per cent (R170)", SHARE)


subsidy_check = work_fact("subsidy_check", "补贴核查", "Check of elderly-care subsidies", SubsidyCheckColumns)
