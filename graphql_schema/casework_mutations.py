"""What is done for people: visits, dossiers, assessments, cases, protection of children, assignments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

import strawberry

from graphql_schema.does import does, does_each
from graphql_schema.types import (
    Assessment,
    Assignment,
    CaseSession,
    CaseWork,
    Dossier,
    GuardianshipConfirmation,
    HospitalEscort,
    NeedsRecord,
    ProtectionCase,
    RiskAssessment,
    Visit,
)
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.vocabulary import (
    AbilityLevel,
    AbilityStandard,
    CaseKind,
    DossierKind,
    GuardianKind,
    NeedKind,
    NeedStatus,
    ProtectionStep,
    ProtectionTrigger,
    RiskLevel,
    SelfCare,
    VisitKind,
    VisitPurpose,
)
from hub.write import assigning, casework, dossiers, protecting, visiting

EVERYBODY: Final = (BUREAU, TOWNSHIP, CONTRACTOR)
Given = tuple[Any, str]


def _said(zh: str, en: str) -> Given:
    return str | None, f"{en} — {zh}"


def _day(zh: str, en: str) -> Given:
    return dt.date | None, f"{en}; today if absent — {zh}，缺省为当日"


ABOUT: Final = {"beneficiary": (strawberry.ID, "Global id of the person — 服务对象编号")}
WORKER: Final = {"worker": (strawberry.ID | None, "Member of staff — 社工")}
UNDER: Final = {
    "contract": (
        strawberry.ID | None,
        "Contract of yours that the person is served under, where there are several — 所依据的合同",
    )
}
READ: Final = {"version": (str, "Version you read; STALE where it has moved on — 读取时的版本")}
ASSESSED: Final = {"assessed_on": _day("评估日期", "Day"), **WORKER}
PARTS: Final = {
    "basic_information": _said("基本情况", "The person and the family"),
    "problems": _said("存在问题", "Problems"),
    "needs_assessment": _said("需求评估", "Assessment of needs"),
    "support_goals": _said("帮扶目标", "Goals of support"),
}
REPORTED: Final = {
    "is_mandatory_report": (bool | None, "A mandatory report was made — 强制报告"),
    "reported_to": _said("报告对象", "To whom it was reported"),
    "reported_on": (dt.date | None, "Day of the report; today if absent — 报告日期，缺省为当日"),
    "referred_to": _said("转介对象", "To whom the child was referred"),
}


@strawberry.input(description="A picture of a visit — 探访图片")
class VisitPhotoInput:
    content: str = strawberry.field(
        description="JPEG, PNG or WebP in Base64, known by its content — 图片，Base64 编码"
    )
    taken_at: dt.datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it was taken — 拍摄时间"
    )
    caption: str | None = strawberry.field(default=strawberry.UNSET, description="What it shows — 说明")


DOSSIER: Final = {
    "dossier": (strawberry.ID, "Global id of the dossier — 档案编号"),
    **READ,
    **PARTS,
    "synced_with_township_at": (
        dt.datetime | None,
        "When it was made the same at the township — 与乡镇（街道）同步时间",
    ),
    "synced_with_village_at": (
        dt.datetime | None,
        "When it was made the same at the village — 与村（社区）同步时间",
    ),
    **WORKER,
}
FOLLOWED: Final = {
    "need": (strawberry.ID, "Global id of the need — 需求编号"),
    **READ,
    "status": (NeedStatus, "Status — 状态"),
    "description": _said("需求说明", "What is needed"),
}
VISIT: Final = {
    **ABOUT,
    "visited_on": (dt.date, "Day of the visit — 探访日期"),
    "kind": (VisitKind, "Kind — 探访方式"),
    "purpose": (VisitPurpose, "Purpose — 探访目的"),
    "text_record": _said("文字记录", "What was seen and done"),
    "has_register_form": (bool | None, "The visit register was filled in — 探访登记表"),
    "has_photos": (bool | None, "Pictures are kept elsewhere — 图片另存"),
    "photos": (list[VisitPhotoInput] | None, "Pictures — 图片"),
    **UNDER,
    **WORKER,
}
ASSIGNMENT: Final = {
    **ABOUT,
    "contract": (strawberry.ID, "Contract the person is to be served under — 合同"),
    "station": (strawberry.ID | None, "Station, where the contract is served at several — 服务站"),
    "starts_on": _day("开始日期", "First day"),
    **WORKER,
}


@strawberry.type
class CaseworkMutations:
    record_visit: Visit | None = does(
        "Visit", visiting.record, "visit.c", EVERYBODY, "Note a visit", "登记探访", **VISIT
    )
    record_visits: list[Visit | None] | None = does_each(
        "Visit", visiting.record, "visit.c", EVERYBODY, "recordVisit", "登记探访", **VISIT
    )
    open_dossier: Dossier | None = does(
        "Dossier",
        dossiers.open_dossier,
        "dossier.c",
        EVERYBODY,
        "Open the dossier of a person; there is one of each kind",
        "建立一人一档",
        **ABOUT,
        kind=(DossierKind, "Whose dossier it is — 档案类别"),
        opened_on=_day("建档日期", "Day"),
        **PARTS,
        **WORKER,
    )
    update_dossier: Dossier | None = does(
        "Dossier",
        dossiers.update_dossier,
        "dossier.u",
        EVERYBODY,
        "Update a dossier; what is absent stays",
        "更新一人一档，未填项不变",
        **DOSSIER,
    )
    update_dossiers: list[Dossier | None] | None = does_each(
        "Dossier",
        dossiers.update_dossier,
        "dossier.u",
        EVERYBODY,
        "updateDossier",
        "更新一人一档",
        **DOSSIER,
    )
    assess_risk: RiskAssessment | None = does(
        "RiskAssessment",
        dossiers.assess_risk,
        "dossier.c",
        EVERYBODY,
        "Note an assessment of risk; the newest level said here or by a list is the person's",
        "登记风险评估，最新等级为准",
        **ABOUT,
        level=(RiskLevel, "Level — 风险等级"),
        reason=_said("评估理由", "Why this level"),
        **ASSESSED,
    )
    assess_need: NeedsRecord | None = does(
        "NeedsRecord",
        dossiers.assess_need,
        "dossier.c",
        EVERYBODY,
        "Note a need",
        "登记服务需求",
        **ABOUT,
        kind=(NeedKind, "Kind — 需求类别"),
        status=(NeedStatus | None, "Status; OPEN if absent — 状态"),
        description=_said("需求说明", "What is needed"),
        **ASSESSED,
    )
    follow_need: NeedsRecord | None = does(
        "NeedsRecord",
        dossiers.follow_need,
        "dossier.u",
        EVERYBODY,
        "Note what became of a need",
        "跟进服务需求",
        **FOLLOWED,
    )
    follow_needs: list[NeedsRecord | None] | None = does_each(
        "NeedsRecord",
        dossiers.follow_need,
        "dossier.u",
        EVERYBODY,
        "followNeed",
        "跟进服务需求",
        **FOLLOWED,
    )
    assess_ability: Assessment | None = does(
        "Assessment",
        dossiers.assess_ability,
        "dossier.c",
        EVERYBODY,
        "Note the ability of an elderly person, or the self-care of a person in extreme hardship",
        "登记老年人能力评估或特困人员生活自理能力评估",
        **ABOUT,
        ability=(AbilityLevel | None, "Ability level, with its standard — 能力等级"),
        standard=(AbilityStandard | None, "Standard it follows — 评估标准"),
        self_care=(SelfCare | None, "Instead: self-care — 生活自理能力"),
        assessor_name=_said("评估机构或人员", "Assessor outside the stations"),
        **ASSESSED,
    )
    open_case: CaseWork | None = does(
        "CaseWork",
        casework.open_case,
        "case.c",
        EVERYBODY,
        "Open a case",
        "开案",
        **ABOUT,
        kind=(CaseKind, "Consultation or professional — 个案类别"),
        opened_on=_day("开案日期", "Day"),
        summary=_said("个案小结", "Problem and goals"),
        **UNDER,
        **WORKER,
    )
    record_session: CaseSession | None = does(
        "CaseSession",
        casework.record_session,
        "case.c",
        EVERYBODY,
        "Note a session of a case, which counts it and its hours",
        "登记个案服务，计入次数与工时",
        case=(strawberry.ID, "Global id of the case — 个案编号"),
        held_on=(dt.date, "Day — 服务日期"),
        hours=(Decimal, "Work hours, with one decimal at most — 工时"),
        record=_said("服务记录", "What was done"),
    )
    close_case: CaseWork | None = does(
        "CaseWork",
        casework.close_case,
        "case.u",
        EVERYBODY,
        "Close a case, which is not changed any more",
        "结案，结案后不可更改",
        case=(strawberry.ID, "Global id of the case — 个案编号"),
        **READ,
        closed_on=_day("结案日期", "Day"),
        summary=_said("个案小结", "Outcome"),
    )
    record_escort: HospitalEscort | None = does(
        "HospitalEscort",
        casework.record_escort,
        "case.c",
        EVERYBODY,
        "Note an escort in hospital, within what the rules of the place allow",
        "登记住院陪护，以当地规定为限",
        **ABOUT,
        starts_on=(dt.date, "First day — 开始日期"),
        ends_on=(dt.date, "Last day, as planned where it has not come — 结束日期，未结束的填计划日期"),
        hospital=_said("医院", "Hospital"),
        carers=(list[str] | None, "Who escorts — 陪护人员"),
        **UNDER,
    )
    report_protection_concern: ProtectionCase | None = does(
        "ProtectionCase",
        protecting.report,
        "protection.c",
        EVERYBODY,
        "Report a child in danger: the protection mechanism begins",
        "报告儿童风险，启动保护机制",
        **ABOUT,
        trigger=(ProtectionTrigger, "How it was found — 触发方式"),
        step=(ProtectionStep | None, "Step; DISCOVER_REPORT if absent — 所处环节，缺省为发现报告"),
        opened_on=_day("启动日期", "Day the mechanism was started"),
        **REPORTED,
        **WORKER,
    )
    follow_protection_case: ProtectionCase | None = does(
        "ProtectionCase",
        protecting.follow,
        "protection.u",
        EVERYBODY,
        "Note the next step of a protection case, a report, a referral, or its end; what is absent stays",
        "跟进保护机制：进入下一环节、报告、转介或结束，未填项不变",
        case=(strawberry.ID, "Global id of the protection case — 保护机制编号"),
        **READ,
        step=(ProtectionStep | None, "Step, never one before — 所处环节，不得倒退"),
        closed_on=(dt.date | None, "Day it ended — 结束日期"),
        **REPORTED,
        **WORKER,
    )
    confirm_guardianship: GuardianshipConfirmation | None = does(
        "GuardianshipConfirmation",
        protecting.confirm_guardianship,
        "protection.c",
        EVERYBODY,
        "Note a signed confirmation of entrusted guardianship",
        "登记委托监护确认书",
        **ABOUT,
        confirmed_on=(dt.date, "Day of signing — 确认日期"),
        guardian=(strawberry.ID | None, "Global id of a guardian the hub knows — 已登记的监护人"),
        kind=(GuardianKind | None, "Of another: kind, ENTRUSTED if absent — 监护类别，缺省为委托监护人"),
        name=_said("监护人姓名", "Of another: name"),
        relation=_said("监护人关系", "Relation to the child"),
        phone=_said("监护人电话", "Telephone"),
        document=_said("确认书", "Number or title of the document"),
    )
    assign_beneficiary: Assignment | None = does(
        "Assignment",
        assigning.assign,
        "assignment.c",
        (BUREAU,),
        "Give a person to a contract",
        "分派服务对象",
        **ASSIGNMENT,
    )
    assign_beneficiaries: list[Assignment | None] | None = does_each(
        "Assignment",
        assigning.assign,
        "assignment.c",
        (BUREAU,),
        "assignBeneficiary",
        "分派服务对象",
        **ASSIGNMENT,
    )
