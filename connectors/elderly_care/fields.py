"""The words of the files of 养老服务, ability assessments and subsidies, and what a row becomes.

Two standards are in use, five levels of GB/T 42195-2022 and four of MZ/T 039-2013. A level says nothing
without its standard, so a row must name it; level and standard of a person come from one assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.drops import DropList, FileDrops
from connectors.lists import parse
from connectors.lists.identity import IDENTIFIED, REFERRED
from connectors.lists.people import ADDRESS, ENDS, PHONE, person
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
from hub.domain.vocabulary import AbilityLevel, AbilityStandard, AssessmentKind
from hub.sync.connector import Check, Constant, Context, From, ListMapping, Target

STANDARDS: Final = {
    **dict.fromkeys(("1", "MZ/T 039", "MZ/T 039—2013"), "MZ/T 039-2013"),
    **dict.fromkeys(("2", "GB/T 42195", "GB/T 42195—2022"), "GB/T 42195-2022"),
}
CODES: Final = {"01": "高龄津贴", "02": "养老护理补贴", "03": "养老服务补贴"}
FOR_WHOM: Final = {"高龄津贴": "高龄老年人", "养老护理补贴": "失能老年人", "养老服务补贴": "困难老年人"}


def level_in_words(value: Any, context: Context) -> str | None:
    code = parse.term(AbilityLevel)(value, context)
    return AbilityLevel(code).zh if code else None


def standard_in_words(value: Any, context: Context) -> str | None:
    code = parse.term(AbilityStandard)(value, context)
    return AbilityStandard(code).zh if code else None


def _is_a_level_of_it(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    old = columns.get("ability_standard") == AbilityStandard.MZ_T_039_2013
    if old and columns.get("ability_level") == AbilityLevel.COMPLETE:
        raise Refused(
            "CODE_UNKNOWN",
            expected="One of the four levels of MZ/T 039-2013 is expected.",
            expected_zh="应为MZ/T 039-2013的四个等级之一",
        )


def with_category(values: Mapping[str, str]) -> Mapping[str, str]:
    """Whom the subsidy is for; of one that is not known nothing, so that it is refused."""
    whom = FOR_WHOM.get(values.get(SUBSIDY, ""))
    return {**values, CATEGORY: whom} if whom else values


ASSESSMENTS: Final = ListMapping(
    "ability_assessment",
    ("姓名", "身份证号", "区划代码", "评估编号", "评估日期", "评估标准", "能力等级"),
    (
        # Every assessment is a statement of its own about the person: the one with the latest day stands.
        replace(
            person(
                {
                    **ADDRESS,
                    **PHONE,
                    "ability_level": From("能力等级", parse.term(AbilityLevel), required=True),
                    "ability_standard": From("评估标准", parse.term(AbilityStandard), required=True),
                }
            ),
            key=("id_number_hash", "评估编号", From("评估日期", parse.day)),
            checks=(IDENTIFIED, Check("能力等级", _is_a_level_of_it)),
        ),
        Target(
            "assessment",
            {
                "kind": Constant(str(AssessmentKind.ELDER_ABILITY)),
                "standard": From("评估标准", standard_in_words, required=True),
                "assessed_on": From("评估日期", parse.day, required=True),
                "result": From("能力等级", level_in_words, required=True),
                "assessor_name": From("评估机构", parse.text),
            },
            key=("beneficiary_id", "评估编号", "assessed_on"),
            references={"beneficiary_id": REFERRED},
        ),
    ),
    precedence=2,
)
SUBSIDIES: Final = ListMapping(
    "elder_subsidy",
    ("姓名", "身份证号", "区划代码", SUBSIDY, "起始日期"),
    (person({**ADDRESS, **PHONE}), subsidy(tuple(FOR_WHOM))),
    precedence=2,
    expected=ENDS,
)

_PERSON: Final = {**PERSON_WORDS, "住址": Field("住址")}
_OTHER_WORDS: Final = {**OTHER_WORDS, "家庭住址": "住址"}
ASSESSMENT_WORDS: Final = Wording(
    {
        **_PERSON,
        "评估编号": Field("评估编号"),
        "评估日期": Field("评估日期"),
        "评估标准": Field("评估标准", STANDARDS),
        "评估等级": Field("能力等级"),
        "评估机构": Field("评估机构"),
    },
    needed=frozenset({"姓名", "身份证号", "区划代码", "评估编号", "评估日期", "评估标准", "评估等级"}),
    dropped=NOT_ASKED_FOR,
)
SUBSIDY_WORDS: Final = Wording(
    {**_PERSON, **subsidy_words(CODES)},
    needed=frozenset({"姓名", "身份证号", "区划代码", "补贴类别", "享受起始月", "享受终止月"}),
    dropped=NOT_ASKED_FOR,
)
ELDERLY_CARE: Final = FileDrops(
    "elderly-care",
    (
        DropList(
            ASSESSMENTS,
            frozenset({"能力评估", "老年人能力评估"}),
            ASSESSMENT_WORDS,
            {**_OTHER_WORDS, **dict.fromkeys(("能力等级", "评估结果", "评估结论"), "评估等级")},
            agree=(TWO_NAMES, ("DUPLICATE_KEY", ("评估编号",), ())),
            dated="评估日期",
        ),
        DropList(
            SUBSIDIES,
            frozenset({"养老补贴", "老年人补贴"}),
            SUBSIDY_WORDS,
            _OTHER_WORDS,
            agree=(TWO_NAMES, TWO_SUMS),
            derive=with_category,
        ),
    ),
)
