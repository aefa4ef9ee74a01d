"""删除义务: whose data a contractor must return or delete, until when, and what it has certified."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import (
    BigInteger,
    Computed,
    Date,
    ForeignKey,
    Index,
    Named,
    TypedColumns,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    STAMP,
    Counts,
    county,
    county_key,
    division,
    identity,
    internal,
    key,
    points_to,
    public,
    refer,
    shown_from,
    table,
)
from hub.tables.beneficiary import beneficiary
from hub.tables.division import division as _division

GLOBAL_ID = Computed("'Beneficiary:' || county_code || ':' || beneficiary_id::text", persisted=True)
LINES: Final = Counts("deletion_duty_person", "deletion_duty_id", "id")
OPEN_LINES: Final = LINES._replace(empty=("released_on", "deletion_certificate_id"))
CERTIFIED_LINES: Final = LINES._replace(own="deletion_duty_id", listed="line_ids")


class DeletionDutyColumns(TypedColumns):
    """Issued by the hub, for the people of one contract whom its contractor does not serve any more."""

    id: Named[int] = key()
    contract_id: Named[int] = points_to("合同", "Contract the people were served under", "contract.id")
    contractor_id: Named[int] = points_to("承接机构", "Contractor that owes it", "contractor.id")
    division_code: Named[str] = division("购买方区划", "Division of the purchaser")
    reason: Named[str] = public("产生原因", "Why access ended", vocabulary="DutyReason")
    status: Named[str] = public("状态", "Status", vocabulary="DutyStatus")
    lost_on: Named[dt.date] = public("访问截止日期", "Last day on which one of them could be seen", Date)
    issued_on: Named[dt.date] = public("产生日期", "Day it was issued", Date)
    due_on: Named[dt.date] = public("履行期限", "Day by which it is to be certified", Date)


deletion_duty = table(
    "deletion_duty",
    "个人信息删除义务",
    "Duty to return or delete what is known about people (PIPL, article 21)",
    DeletionDutyColumns,
    Index(None, "contract_id"),
    Index(None, "contractor_id", "status"),
    Index(None, "division_code", "status"),
    Index(None, "status", "due_on"),
    Index(None, "due_on"),
    refer(_division, "division_code"),
)


class DeletionCertificateColumns(TypedColumns):
    """What the contractor says. Nothing of it changes but the decision, and that once: a trigger keeps it so.

    ``line_ids``: the people it is about, numbers of ``deletion_duty_person``.
    """

    id: Named[int] = key()
    deletion_duty_id: Named[int] = points_to("删除义务", "Duty", "deletion_duty.id")
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    division_code: Named[str] = division("购买方区划", "Division of the purchaser")
    method: Named[str] = public("处理方式", "Returned or deleted", vocabulary="DeletionMethod")
    statement: Named[str] = public("说明", "What was done, and where nothing is left")
    signer_name: Named[str] = identity("签署人", "Who signs for the contractor")
    signed_on: Named[dt.date] = public("签署日期", "Day of signing", Date)
    filed_at: Named[dt.datetime] = public("提交时间", "When it was filed", STAMP)
    line_ids: Named[list[int]] = internal("涉及人员", "People it is about", ARRAY(BigInteger))
    decision: Named[str] = public("审核结果", "What the bureau decided", vocabulary="CertificateDecision")
    decided_at: Named[dt.datetime | None] = public("审核时间", "When it was decided", STAMP)
    decision_reason: Named[str | None] = public("退回理由", "Why it was rejected")


deletion_certificate = table(
    "deletion_certificate",
    "返还或删除证明",
    "Certificate of return or deletion",
    DeletionCertificateColumns,
    Index(None, "deletion_duty_id"),
    Index(None, "contract_id"),
    Index(None, "contractor_id"),
    Index(None, "division_code", "decision"),
    Index(None, "decision"),
    refer(_division, "division_code"),
)


class DeletionDutyPersonColumns(TypedColumns):
    """``division_code``: where the person lived when the duty was issued."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    person: Named[str] = public(
        "服务对象编号", "Global id by which the contractor knew the person", CODE, GLOBAL_ID
    )
    division_code: Named[str] = internal("居住区划", "Division the person lived in", CODE)
    deletion_duty_id: Named[int] = points_to("删除义务", "Duty", "deletion_duty.id")
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    lost_on: Named[dt.date] = public("访问截止日期", "Last day on which the person could be seen", Date)
    was_shown: Named[bool] = public(
        "曾被查看", "Whether the access log has anything that was shown of the person"
    )
    released_on: Named[dt.date | None] = public(
        "解除日期", "Day the contractor served the person again", Date
    )
    deletion_certificate_id: Named[int | None] = internal(
        "证明", "Certificate", BigInteger, ForeignKey("deletion_certificate.id")
    )
    shown_from_on: Named[dt.date | None] = shown_from()


deletion_duty_person = table(
    "deletion_duty_person",
    "删除义务涉及人员",
    "Person whose data a duty to delete is about",
    DeletionDutyPersonColumns,
    Index(None, "deletion_duty_id", "county_code", "id"),
    Index(None, "contract_id", "county_code", "beneficiary_id"),
    Index(None, "contractor_id", "county_code", "beneficiary_id"),
    Index(None, "deletion_certificate_id"),
    Index(None, "county_code", "beneficiary_id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)
