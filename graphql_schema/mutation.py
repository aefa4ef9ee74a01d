"""What can be done: each mutation is a verb of the trade, and shows the record it was about.

A mutation exists for a client whose role may write the tables it writes (``hub.access.writable``) and whose
scopes hold its act. What it does is one function in ``hub/write``; its payload is read like any other record.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import strawberry

from graphql_schema.casework_mutations import CaseworkMutations
from graphql_schema.does import VERSION, does, does_each
from graphql_schema.oversight_mutations import OversightMutations
from graphql_schema.types import (
    CorrectionRequest,
    DeletionCertificate,
    EmergencyAccess,
    FieldOverride,
    IdentityReview,
    Referral,
    StreetEncounter,
)
from graphql_schema.watch_mutations import WatchMutations
from graphql_schema.work_mutations import WorkMutations
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.names import camel
from hub.domain.vocabulary import (
    Category,
    DeletionMethod,
    EmergencyReason,
    EmergencyVerdict,
    IdentityStatus,
    NeedKind,
    PersonField,
    ReferralKind,
    Sex,
    StreetAction,
    StreetCondition,
)
from hub.read import bind
from hub.read.bind import BINDING
from hub.read.refusals import watch
from hub.write import correcting, deciding, deletion, emergency, handing, likeness, overriding, street

CERTIFICATE: Final = {"certificate": (strawberry.ID, "Global id of the certificate — 证明编号")}
ACCESS: Final = {"access": (strawberry.ID, "Global id of the emergency access — 紧急访问编号")}
REVIEW: Final = {
    "review": (strawberry.ID, "Global id of the question — 核验编号"),
    "reason": (str, "Why — 理由"),
}
CORRECTION: Final = {"correction": (strawberry.ID, "Global id of the request — 更正申请编号")}
PERSON_FIELD: Final = {
    "beneficiary": (strawberry.ID, "Global id of the person — 服务对象编号"),
    "field": (PersonField, "Field — 字段"),
    "reason": (str, "Why — 理由"),
}
SEEN: Final = {
    "place": (str | None, "Where, in words — 发现地点"),
    "said_name": (str | None, "Name or alias the person said — 自述姓名"),
    "sex": (Sex | None, "Sex — 性别"),
    "estimated_age": (int | None, "Age in years, an estimate — 估计年龄"),
    "features": (str | None, "What the person looks like — 体貌特征"),
}
"""Of an encounter; no text is longer than 500 characters."""
ENCOUNTER: Final = {
    "division_code": (str, "12-digit code of the division the person was found in — 发现地区划代码"),
    "encountered_at": (dt.datetime, "When — 发现时间"),
    "is_minor": (bool, "Whether it may be a child, who is then shown as one — 是否可能为未成年人"),
    "condition": (StreetCondition | None, "Condition — 状况"),
    "is_willing": (bool | None, "Willing to be helped — 愿意受助"),
    "actions": (list[StreetAction] | None, "What was done — 处置措施"),
    "beneficiary": (strawberry.ID | None, "Global id of the person, if known — 服务对象编号"),
    **SEEN,
}
REFERRAL: Final = {"referral": (strawberry.ID, "Global id of the referral — 转介编号")}


@strawberry.type(description="Everything that can be done — 办理入口")
class Mutation(CaseworkMutations, WorkMutations, OversightMutations, WatchMutations):
    refer_beneficiary: Referral | None = does(
        "Referral",
        handing.refer,
        "referral.c",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "Refer a person to another contractor, or offer a transfer; it has no effect until it is accepted",
        "转介或移交服务对象，接收方接收后生效",
        beneficiary=(strawberry.ID, "Global id of the person — 服务对象编号"),
        kind=(ReferralKind, "Whether the person leaves where it is — 类型"),
        category=(Category, "Category of the person it is for — 对象类别"),
        need=(NeedKind | None, "What is needed — 服务需求"),
        assignment=(
            strawberry.ID | None,
            "Assignment it is about, where the person has several — 所涉服务分派",
        ),
        to_contract=(strawberry.ID | None, "Contract it is meant for — 接收合同"),
        to_credit_code=(
            str | None,
            "Instead: unified credit code of the contractor it is meant for — 接收机构统一社会信用代码",
        ),
    )
    accept_referral: Referral | None = does(
        "Referral",
        deciding.accept,
        "referral.x",
        (CONTRACTOR,),
        "Take the person: your assignment begins today, and that of a transfer ends today",
        "接收：本机构的服务分派当日开始，移交的原分派当日结束",
        **REFERRAL,
        contract=(strawberry.ID | None, "Contract of yours, where you hold several — 接收合同"),
        station=(strawberry.ID | None, "Station, where the contract is served at several — 服务站"),
        worker=(strawberry.ID | None, "Worker in charge — 责任社工"),
    )
    decline_referral: Referral | None = does(
        "Referral",
        deciding.decline,
        "referral.x",
        (CONTRACTOR,),
        "Do not take the person",
        "谢绝",
        **REFERRAL,
        reason=(str, "Why, without words about the person — 理由（勿含个人信息）"),
    )
    withdraw_referral: Referral | None = does(
        "Referral",
        deciding.withdraw,
        "referral.c",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "Take back what you referred and nobody has decided on",
        "撤回尚未办结的转介",
        **REFERRAL,
    )
    certify_deletion: DeletionCertificate | None = does(
        "DeletionCertificate",
        deletion.certify,
        "deletion.c",
        (CONTRACTOR,),
        "Certify that the data about people was returned or deleted; what is certified cannot be changed",
        "提交返还或删除证明，提交后不可更改",
        duty=(strawberry.ID, "Global id of the duty — 删除义务编号"),
        method=(DeletionMethod, "Returned or deleted — 处理方式"),
        statement=(str, "What was done, and that nothing is kept — 说明"),
        signer_name=(str, "Who signs for the contractor — 签署人"),
        signed_on=(dt.date, "Day of signing — 签署日期"),
        people=(
            list[strawberry.ID] | None,
            "People, as `person` of the duty; all that are open if absent — 涉及人员，缺省为全部",
        ),
    )
    accept_deletion_certificate: DeletionCertificate | None = does(
        "DeletionCertificate",
        deletion.accept,
        "deletion.x",
        (BUREAU,),
        "Accept a certificate",
        "认可证明",
        **CERTIFICATE,
    )
    reject_deletion_certificate: DeletionCertificate | None = does(
        "DeletionCertificate",
        deletion.reject,
        "deletion.x",
        (BUREAU,),
        "Reject a certificate: its people are open again",
        "退回证明，涉及人员恢复为待履行",
        **CERTIFICATE,
        reason=(str, "Why — 理由"),
    )
    decide_identity: IdentityReview | None = does(
        "IdentityReview",
        likeness.decide,
        "match.x",
        (BUREAU,),
        "Say that two files are of one person, and they are shown as one, or that they are of two; it is not "
        "asked again unless one of them changes",
        "核验：关联为同一人，或认定为非同一人",
        **REVIEW,
        status=(IdentityStatus, "LINKED or DIFFERENT — 核验结论"),
    )
    unlink_identity: IdentityReview | None = does(
        "IdentityReview",
        likeness.unlink,
        "match.x",
        (BUREAU,),
        "End a link: each file is again what it would be without it",
        "解除关联，恢复为两份档案",
        **REVIEW,
    )
    open_emergency_access: EmergencyAccess | None = does(
        "EmergencyAccess",
        emergency.open_access,
        "emergency.c",
        emergency.OPENERS,
        "Look at people of your county outside your slice, for some hours; the bureau is told and reviews it."
        " A request with the header `Emergency-Access` and its id reads these people",
        "启动紧急访问：限时查看本县（区）内其他服务对象，民政部门即时知悉并审查",
        reason=(EmergencyReason, "Reason — 事由"),
        hours=(int, "Hours until it ends by itself — 时长（小时）"),
        note=(str, "What happened — 情况说明"),
        people=(list[strawberry.ID] | None, "Global ids of the people — 服务对象编号"),
        id_numbers=(list[str] | None, "Identity numbers of the people; they count as questions — 身份证号"),
    )
    close_emergency_access: EmergencyAccess | None = does(
        "EmergencyAccess",
        emergency.close_access,
        "emergency.c",
        emergency.OPENERS,
        "End it before its hours are over: yours, or as the bureau any",
        "提前结束紧急访问",
        **ACCESS,
    )
    override_field: FieldOverride | None = does(
        "FieldOverride",
        overriding.override_field,
        "override.c",
        (BUREAU,),
        "Decide on a field of a person, until a day; what sources say stays, and stands again afterwards",
        "核定服务对象的一个字段，至截止日期为止；来源数据不变，届时恢复",
        **PERSON_FIELD,
        until=(dt.date, "Last day it stands — 截止日期"),
        value=(
            str | None,
            "Value, a day as 2026-03-31, a code by name; none: that there is nothing — 核定值",
        ),
    )
    end_override: FieldOverride | None = does(
        "FieldOverride",
        overriding.end_override,
        "override.d",
        (BUREAU,),
        "End a decision on a field: what sources say stands again",
        "提前终止核定，恢复来源数据",
        override=(strawberry.ID, "Global id of the decision — 核定编号"),
    )
    ask_correction: CorrectionRequest | None = does(
        "CorrectionRequest",
        correcting.ask_correction,
        "correction.c",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "Ask a source to put a field of a person right; it is done when the source states the value",
        "申请来源更正服务对象的一个字段，来源给出建议值时自动办结",
        **PERSON_FIELD,
        value=(str | None, "Value it should have; none: that there is nothing — 建议值"),
        source=(str | None, "Code of the source; without it the one whose value stands — 来源代码"),
    )
    accept_correction: CorrectionRequest | None = does(
        "CorrectionRequest",
        correcting.accept,
        "correction.x",
        (BUREAU,),
        "Say that the source will be put right; by the office of the source's division",
        "受理更正申请",
        **CORRECTION,
    )
    refuse_correction: CorrectionRequest | None = does(
        "CorrectionRequest",
        correcting.refuse,
        "correction.x",
        (BUREAU,),
        "Stand by the value of the source",
        "不予更正",
        **CORRECTION,
        reason=(str, "Why — 理由"),
    )
    review_emergency_access: EmergencyAccess | None = does(
        "EmergencyAccess",
        emergency.review_access,
        "emergency.x",
        (BUREAU,),
        "Say whether it was justified; who opened it does not review it",
        "审查紧急访问",
        **ACCESS,
        verdict=(EmergencyVerdict, "Verdict — 审查结论"),
        note=(str, "Why — 审查说明"),
    )
    record_street_encounter: StreetEncounter | None = does(
        "StreetEncounter",
        street.record,
        "encounter.c",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "Note that somebody was found on the street; a relief system that takes entries is told",
        "登记街面发现；本县（区）已接通救助管理系统的，自动上报",
        **ENCOUNTER,
    )
    record_street_encounters: list[StreetEncounter | None] | None = does_each(
        "StreetEncounter",
        street.record,
        "encounter.c",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "recordStreetEncounter",
        "登记街面发现",
        **ENCOUNTER,
    )
    correct_street_encounter: StreetEncounter | None = does(
        "StreetEncounter",
        street.correct,
        "encounter.u",
        (BUREAU, TOWNSHIP, CONTRACTOR),
        "Correct an encounter that the relief system has refused, and tell it again; what is absent stays",
        "更正被退回的街面发现并重新上报，未填项不变",
        encounter=(strawberry.ID, "Global id of the encounter — 街面发现编号"),
        is_minor=(bool | None, "Whether it may be a child — 是否可能为未成年人"),
        **VERSION,
        **SEEN,
    )


def _watch() -> None:
    for field in Mutation.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        written = field.metadata[BINDING]
        if isinstance(written, bind.Written) and written.questions:
            watch(camel(field.python_name), bind.TYPES[written.target].table.name)


_watch()
