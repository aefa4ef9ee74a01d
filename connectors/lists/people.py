"""Lists of people: a row is a person, the person's household where it has one, and memberships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from connectors.lists import parse
from connectors.lists.identity import (
    BY_CERTIFICATE,
    BY_NUMBER,
    CERTIFICATE,
    ENDS_WITH_LIFE,
    IDENTIFIED,
    IDENTITY,
    NAME,
    OWN_CERTIFICATE,
    REFERRED,
    grade,
)
from hub.domain.vocabulary import (
    ETHNICITY,
    HOUSEHOLD_RELATION,
    AbilityLevel,
    AbilityStandard,
    Category,
    DisabilityCategory,
    RiskLevel,
    SelfCare,
    Sex,
    SupportMode,
)
from hub.sync.connector import Constant, From, ListMapping, Reference, Target

PERSON: Final[Mapping[str, From]] = {
    "sex": From("性别", parse.term(Sex)),
    "birth_on": From("出生日期", parse.birth),
    "division_code": From("区划代码", parse.division, required=True),
}
"""Columns every list of people has, beside name and identity number."""

ETHNIC: Final = {"ethnicity_code": From("民族", parse.term(ETHNICITY))}
PHONE: Final = {"phone": From("联系电话", parse.phone)}
FILE: Final = {"file_number": From("档案编号", parse.code)}
ADDRESS: Final = {"address": From("住址", parse.text)}
ENDS: Final = ("终止日期",)
DOSSIER: Final = {"dossier_opened_on": From("建档日期", parse.day)}

STATION: Final = Reference("station", [{"division_code": From("区划代码", parse.township_if_any)}])
"""The station of the residence, where the township has one."""


def person(
    columns: Mapping[str, From], *, references: Mapping[str, Reference] | None = None, certified: bool = False
) -> Target:
    """The row's own person; ``certified``: a disability certificate stands in the row."""
    return Target(
        "beneficiary",
        {**PERSON, **columns},
        key=("id_number_hash", "file_number"),
        match=(("id_number_hash",), ("file_number",)),
        spreads=(NAME, IDENTITY, CERTIFICATE) if certified else (NAME, IDENTITY),
        references={"station_id": STATION, **(references or {})},
        checks=(IDENTIFIED, OWN_CERTIFICATE) if certified else (IDENTIFIED,),
        same=(("file_number", "name"), ("household_id", "name"), ("name", "birth_on", "division_code")),
    )


def membership(
    category: Category | str,
    columns: Mapping[str, From] | None = None,
    *,
    who: Reference = REFERRED,
    goes_on: bool = False,
) -> Target:
    """The person's category, or each of those in the cell under the header ``category``.

    ``goes_on``: each row is an event, a later one does not replace it.
    """
    listed = (
        None
        if isinstance(category, Category)
        else ("category", From(category, parse.categories, required=True))
    )
    given: Mapping[str, Constant] = {} if listed else {"category": Constant(str(category))}
    return Target(
        "category_membership",
        {
            **given,
            "starts_on": From("起始日期", parse.first_day, required=True),
            "ends_on": From("终止日期", parse.last_day),
            **(columns or {}),
        },
        key=("beneficiary_id", "category", "starts_on"),
        references={"beneficiary_id": who},
        each=listed,
        checks=(parse.period("终止日期", "starts_on", "ends_on"), ENDS_WITH_LIFE),
        about="beneficiary_id",
        goes_on=goes_on,
    )


def household(columns: Mapping[str, From]) -> Target:
    """Every member's row says something of the household."""
    return Target(
        "household",
        {
            "household_number": From("户编号", parse.code, required=True),
            "division_code": From("区划代码", parse.division, required=True),
            "address": From("家庭住址", parse.text),
            "registered_member_count": From("家庭人口", parse.count),
            **columns,
        },
        key=("household_number", "身份证号", "档案编号"),
        match=(("household_number",),),
        when="户编号",
    )


def of_household(columns: Mapping[str, From] | None = None) -> Target:
    """A member of the row's household."""
    return person(
        {
            **ETHNIC,
            **PHONE,
            "address": From("家庭住址", parse.text),
            "household_relation_code": From("与户主关系", parse.term(HOUSEHOLD_RELATION)),
            **(columns or {}),
        },
        references={
            "household_id": Reference("household", [{"household_number": From("户编号", parse.code)}])
        },
    )


BENEFIT: Final = {
    "monthly_amount": From("月保障金额（元）", parse.amount),
    "certificate_number": From("救助证号", parse.code),
}

DIBAO: Final = ListMapping(
    "dibao",
    ("户编号", "姓名", "身份证号", "区划代码", "起始日期"),
    (
        household({"economic_status_checked_on": From("核对日期", parse.day)}),
        of_household(),
        membership(Category.DIBAO, BENEFIT),
    ),
    precedence=3,
    expected=ENDS,
)

TEKUN: Final = ListMapping(
    "tekun",
    ("姓名", "身份证号", "区划代码", "供养方式", "起始日期"),
    (
        household({}),
        of_household({"self_care": From("生活自理能力", parse.term(SelfCare))}),
        membership(Category.TEKUN, {**BENEFIT, "support_mode": From("供养方式", parse.term(SupportMode))}),
    ),
    precedence=3,
    expected=ENDS,
)

TEMP_AID: Final = ListMapping(
    "temp_aid",
    ("姓名", "身份证号", "区划代码", "起始日期"),
    (
        person({**ETHNIC, **ADDRESS, **PHONE}),
        # A single sum, not a monthly one: the table has no column for it.
        membership(Category.TEMP_AID, goes_on=True),
    ),
    expected=ENDS,
)

CHILD: Final = ListMapping(
    "child",
    ("姓名", "区划代码", "儿童类别", "起始日期"),
    (
        person(
            {
                **ETHNIC,
                **ADDRESS,
                **FILE,
                **DOSSIER,
                "guardian_name": From("监护人姓名", parse.name),
                "guardian_relation": From("监护人关系", parse.text),
                "guardian_phone": From("监护人电话", parse.phone),
                "school": From("就读学校", parse.text),
                "risk_level": From("风险等级", parse.term(RiskLevel)),
            }
        ),
        membership("儿童类别"),
    ),
    precedence=4,
    expected=ENDS,
)

ELDER: Final = ListMapping(
    "elder",
    ("姓名", "身份证号", "区划代码", "老年人类别", "起始日期"),
    (
        person(
            {
                **ETHNIC,
                **ADDRESS,
                **PHONE,
                **DOSSIER,
                "ability_level": From("能力等级", parse.term(AbilityLevel)),
                "ability_standard": From("评估标准", parse.term(AbilityStandard)),
            }
        ),
        membership("老年人类别"),
    ),
    precedence=4,
    expected=ENDS,
)

DISABILITY: Final = ListMapping(
    "disability",
    ("姓名", "区划代码", "对象类别", "残疾人证号", "起始日期"),
    (
        person(
            {
                **ADDRESS,
                **PHONE,
                "disability_category": From("残疾类别", parse.term(DisabilityCategory)),
                "disability_grade": From("残疾等级", grade),
            },
            certified=True,
        ),
        membership("对象类别", who=Reference("beneficiary", [BY_NUMBER, BY_CERTIFICATE], required=True)),
    ),
    precedence=4,
    expected=ENDS,
)

VAGRANT: Final = ListMapping(
    "vagrant",
    ("档案编号", "姓名", "区划代码", "对象类别", "起始日期"),
    (person(FILE), membership("对象类别", goes_on=True)),
    precedence=6,
    expected=ENDS,
)

OTHER: Final = ListMapping(
    "other",
    ("姓名", "区划代码", "对象类别", "起始日期"),
    (person({**ETHNIC, **ADDRESS, **PHONE}), membership("对象类别")),
    precedence=6,
    expected=ENDS,
)

PEOPLE: Final[Sequence[ListMapping]] = (DIBAO, TEKUN, TEMP_AID, CHILD, ELDER, DISABILITY, VAGRANT, OTHER)
