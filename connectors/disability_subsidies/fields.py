"""The words of the monthly files of 残疾人两项补贴, and what a row becomes.

The number of a disability certificate holds category and grade, so it changes with the grade (X26). A record
is known by person, subsidy and first month, and by nothing of the certificate but whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.drops import DropList, FileDrops
from connectors.lists.identity import BY_CERTIFICATE, BY_NUMBER
from connectors.lists.people import ENDS, PHONE, person
from connectors.lists.subsidies import (
    CATEGORY,
    NOT_ASKED_FOR,
    OTHER_WORDS,
    PERSON_WORDS,
    SUBSIDY,
    TWO_NAMES,
    TWO_SUMS,
    subsidy,
    subsidy_words,
)
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.text import fold
from hub.sync.connector import Check, Context, ListMapping, Reference

LIVING: Final = "困难残疾人生活补贴"
CARE: Final = "重度残疾人护理补贴"
CODES: Final = {
    **dict.fromkeys(("1", "01", "生活补贴"), LIVING),
    **dict.fromkeys(("2", "02", "护理补贴"), CARE),
}
REASON: Final = "停发原因"
DEAD: Final = "死亡"
REASONS: Final = {
    "01": DEAD,
    "02": "残疾人证注销或过期",
    "03": "不再享受低保",
    "04": "残疾等级变更",
    "99": "其他",
}

WORDING: Final = Wording(
    {
        **PERSON_WORDS,
        **subsidy_words(CODES),
        "残疾人证号": Field("残疾人证号"),
        "停发原因": Field(REASON, REASONS),
    },
    needed=frozenset({"姓名", "身份证号", "残疾人证号", "区划代码", "补贴类别", "享受起始月", "享受终止月"}),
    dropped=NOT_ASKED_FOR,
)
SYNONYMS: Final = {
    **OTHER_WORDS,
    **dict.fromkeys(("残疾证号", "残疾人证编号", "残疾人证号码"), "残疾人证号"),
}


def with_category(values: Mapping[str, str]) -> Mapping[str, str]:
    """The care subsidy is for the severely disabled, in some places also for grades 3 and 4 (智力, 精神)."""
    grade = fold(values.get("残疾人证号", ""))[19:20]
    severe = values.get(SUBSIDY) == CARE and grade not in ("3", "4")
    return {**values, CATEGORY: "重度残疾人" if severe else "残疾人"}


def _ends_where_stopped(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if values.get(REASON) and columns.get("ends_on") is None:
        if values[REASON] == DEAD:
            raise Refused("DECEASED_WITHOUT_END")
        raise Refused(
            "CONTRADICTION",
            expected="A last month is expected where there is a reason to stop.",
            expected_zh="填写停发原因的，应填写享受终止月",
        )


_RECEIVES: Final = subsidy(
    (LIVING, CARE), who=Reference("beneficiary", [BY_NUMBER, BY_CERTIFICATE], required=True)
)
SUBSIDIES: Final = ListMapping(
    "disability_subsidy",
    ("姓名", "区划代码", "残疾人证号", SUBSIDY, "起始日期"),
    (
        person(PHONE, certified=True),
        replace(_RECEIVES, checks=(*_RECEIVES.checks, Check(REASON, _ends_where_stopped))),
    ),
    precedence=2,
    expected=ENDS,
)
NAMES: Final = frozenset({"两项补贴", "残疾人两项补贴"})
DISABILITY_SUBSIDIES: Final = FileDrops(
    "disability-subsidies",
    (DropList(SUBSIDIES, NAMES, WORDING, SYNONYMS, agree=(TWO_NAMES, TWO_SUMS), derive=with_category),),
)
