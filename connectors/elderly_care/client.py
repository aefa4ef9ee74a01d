"""Reads assessments and subsidies from a province's gateway: the same lists as the files, in its words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from connectors.elderly_care.fields import ASSESSMENTS, CODES, STANDARDS, SUBSIDIES, with_category
from connectors.gateway_lists import GatewayLists, Record, Service
from connectors.lists.subsidies import SUBSIDY, TWO_NAMES, TWO_SUMS
from connectors.lists.wording import Field, Wording
from hub.domain.dates import CHINA, parse_date
from hub.domain.refusal import Refused
from hub.sync.connector import Row

EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=CHINA)

_PERSON: Final = {
    "NAME": Field("姓名"),
    "ID_CARD": Field("身份证号"),
    "DIVISION_CODE": Field("区划代码"),
    "ADDRESS": Field("住址"),
    "TEL": Field("联系电话"),
}
_NEEDED: Final = frozenset({"NAME", "ID_CARD", "DIVISION_CODE", "UPDATE_TIME"})
_DROPPED: Final = frozenset({"UPDATE_TIME", "BANK_ACCOUNT", "PHOTO", "ATTACHMENT"})

ASSESSMENT: Final = Wording(
    {
        **_PERSON,
        "ASSESS_NO": Field("评估编号"),
        "ASSESS_DATE": Field("评估日期"),
        "STANDARD": Field("评估标准", STANDARDS),
        "LEVEL": Field("能力等级"),
        "ASSESS_ORG": Field("评估机构"),
    },
    needed=_NEEDED | {"ASSESS_NO", "ASSESS_DATE", "STANDARD", "LEVEL"},
    dropped=_DROPPED,
)
PAYMENT: Final = Wording(
    {
        **_PERSON,
        "SUBSIDY_NO": Field("发放编号"),
        "SUBSIDY_TYPE": Field(SUBSIDY, CODES),
        "AMOUNT": Field("月补贴标准"),
        "BEGIN_MONTH": Field("起始日期"),
        "END_MONTH": Field("终止日期"),
    },
    needed=_NEEDED | {"SUBSIDY_NO", "SUBSIDY_TYPE", "BEGIN_MONTH", "END_MONTH"},
    dropped=_DROPPED,
)


def _assessment(record: Record, today: dt.date, written: dt.datetime | None) -> Row:
    """Of the day it was made, so that of several the latest stands; of two versions the one written later."""
    told = ASSESSMENT.row(record, file=f"ASSESSMENT {record.get('ASSESS_NO', '')}")
    try:
        made = parse_date(told.values.get("评估日期"))
    except Refused:
        return replace(told, observed_at=written)  # it is refused where it is read
    if written is None:
        return told
    behind = dt.timedelta(microseconds=int((written - EPOCH).total_seconds()))
    return replace(
        told, observed_at=dt.datetime.combine(min(made, written.date()), dt.time(), CHINA) + behind
    )


def _payment(record: Record, today: dt.date, written: dt.datetime | None) -> Row:
    told = PAYMENT.row(record, file=f"SUBSIDY {record.get('SUBSIDY_NO', '')}", observed_at=written)
    values = with_category(told.values)
    return replace(told, values=values, raw=values)


class ElderlyCareGateway(GatewayLists):
    """Location: ``https://host/gateway/api/…/``, the address both services are under."""

    name = "elderly-care-gateway"
    services = (
        Service(
            ASSESSMENTS,
            ASSESSMENT,
            "ASSESSMENT",
            ("ASSESS_NO",),
            _assessment,
            "elderAssessments.htm",
            (TWO_NAMES,),
        ),
        Service(
            SUBSIDIES,
            PAYMENT,
            "SUBSIDY",
            ("SUBSIDY_NO",),
            _payment,
            "elderSubsidies.htm",
            (TWO_NAMES, TWO_SUMS),
        ),
    )
