"""驻站人员: who works at the stations; vacancies, badges, handovers."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Index,
    Named,
    TypedColumns,
    UniqueConstraint,
    false,
)

from hub.tables._columns import (
    CODE,
    Counts,
    StatedColumns,
    by_name,
    care,
    contact,
    division,
    fact,
    identity,
    internal,
    key,
    look_up,
    points_to,
    public,
    refer,
    sealed,
    searched_by,
    table,
)
from hub.tables._facts import WorkColumns, part, work_fact
from hub.tables.division import division as _division


class PersonnelColumns(TypedColumns):
    id: Named[int] = key()
    county_code: Named[str] = internal("县级区划代码", "County division code, 6 digits", CODE)
    staff_number: Named[str] = public("工号", "Staff number given by the county", CODE)
    name: Named[str] = identity("姓名", "Name")
    id_number: Named[bytes | None] = sealed("身份证号", "Identity number, opened")
    id_number_hash: Named[bytes | None] = look_up("身份证号摘要", "id_number")
    id_number_masked: Named[str | None] = identity("身份证号（脱敏）", "Identity number, masked")
    sex: Named[str | None] = identity("性别", "Sex, GB/T 2261.1 (R36)", vocabulary="Sex")
    birth_on: Named[dt.date | None] = identity("出生日期", "Day of birth (R39)")
    education: Named[str | None] = public("学历", "Highest education (R40, R42)", vocabulary="Education")
    major: Named[str | None] = public("专业", "Major (R42)")
    credential: Named[str | None] = public(
        "社会工作者职业水平", "Social-worker level certificate (R38)", vocabulary="CredentialKind"
    )
    credential_obtained_on: Named[dt.date | None] = public(
        "持证日期", "Day the certificate was obtained (R107)"
    )
    hukou_division_code: Named[str | None] = division(
        "户籍地区划", "Division of household registration (R43)"
    )
    employer_id: Named[int | None] = points_to("用人单位", "Employing contractor", "contractor.id")
    station_id: Named[int | None] = points_to("服务站", "Station", "station.id")
    division_code: Named[str] = division("服务地区划", "Division where the person serves")
    kind: Named[str] = public("岗位类别", "Kind of post (R30–R36)", vocabulary="PersonnelKind")
    is_full_time: Named[bool | None] = public("专职", "Full-time (R33, R36)", Boolean)
    is_low_income_verifier: Named[bool | None] = public("低保核查员", "Low-income verifier (R34)", Boolean)
    onboarded_on: Named[dt.date | None] = public("入职日期", "First day on post")
    left_on: Named[dt.date | None] = public("离职日期", "Last day on post (R44)")
    reviewed_by_bureau_on: Named[dt.date | None] = public(
        "民政局审核日期", "Day the bureau reviewed the person (R63)"
    )
    phone: Named[str | None] = contact("联系电话", "Telephone")
    name_keys: Named[list[str] | None] = searched_by("姓名", person=True)


personnel = table(
    "personnel",
    "驻站人员",
    "Station personnel",
    PersonnelColumns,
    UniqueConstraint("county_code", "staff_number"),
    Index(None, "station_id", "id"),
    Index(None, "employer_id", "id"),
    Index(None, "division_code"),
    Index(None, "kind"),
    Index(None, "name"),
    by_name(),
    refer(_division, "division_code"),
    refer(_division, "hukou_division_code"),
)


class VacancyColumns(WorkColumns):
    post: Named[str] = public("岗位", "Kind of post (R44)", vocabulary="PersonnelKind")
    predecessor_id: Named[int | None] = points_to("离职人员", "Personnel who left", "personnel.id")
    since_on: Named[dt.date] = public("缺岗日期", "Vacant since (R44)")
    filled_on: Named[dt.date | None] = public("补充日期", "Day it was filled; vacant while null (R44)")


vacancy = work_fact("vacancy", "缺岗", "Vacant post", VacancyColumns, Index(None, "predecessor_id"))


class StaffMarkingColumns(StatedColumns):
    id: Named[int] = key()
    personnel_id: Named[int] = points_to("驻站人员", "Personnel", "personnel.id")
    kind: Named[str] = public("类别", "Badge or uniform (R58)", vocabulary="MarkingKind")
    text: Named[str] = public("标识文字", "Text on it (R59, R60)")
    has_contractor_logo: Named[bool | None] = public("承接机构标识", "Bears the contractor's mark (R61)")
    issued_on: Named[dt.date | None] = public("发放日期", "Day of issue")


staff_marking = fact(
    "staff_marking",
    "工作牌、工作服",
    "Badge or uniform of a member of staff",
    StaffMarkingColumns,
    Index(None, "personnel_id"),
)


class HandoverColumns(WorkColumns):
    from_id: Named[int] = points_to("移交人", "Personnel who hands over", "personnel.id")
    to_id: Named[int | None] = points_to("接收人", "Personnel who takes over", "personnel.id")
    handed_over_on: Named[dt.date] = public("交接日期", "Day (R62)")
    is_follow_up_arranged: Named[bool | None] = public("服务衔接", "Continuity of service is arranged (R62)")


handover = work_fact(
    "handover",
    "交接",
    "Handover on a change of staff",
    HandoverColumns,
    Index(None, "from_id"),
    Index(None, "to_id"),
)


class HandoverItemColumns(TypedColumns):
    id: Named[int] = key()
    handover_id: Named[int] = internal("交接", "Handover", BigInteger)
    kind: Named[str] = public("类别", "Kind of item (R62)", vocabulary="HandoverItemKind")
    description: Named[str] = care("内容", "What is handed over; may name people")
    is_checked: Named[bool] = public("已清点", "Counted and handed over (R62)", server_default=false())


handover_item = part(
    "handover_item", "交接清单", "Item of a handover", HandoverItemColumns, handover, ("handover_id",)
)

ITEMS: Final = Counts("handover_item", "handover_id", "id")
OPEN_ITEMS: Final = ITEMS._replace(unset="is_checked")
"""A handover is complete when there are none (R62)."""
