"""Lists of people: a row is a person, the person's household where it has one, and memberships.

What an identity number says of sex and birth date stands over the cells beside it: the number
carries a check character, the cells do not. A disagreement is therefore no refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from connectors.roster import parse
from hub.domain.disability_certificate import parse_disability_certificate
from hub.domain.id_number import IdNumber, parse_id_number
from hub.domain.refusal import Refused
from hub.domain.text import is_empty, mask_id_number, mask_name
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
from hub.sync.connector import Check, Constant, Context, From, ListMapping, Reference, Spread, Target

# --- identity ----------------------------------------------------------------------------------


@lru_cache(8, typed=True)
def _number(value: Any, today: dt.date) -> IdNumber:
    """A row asks for its number twice: as the person's and as a reference's. No more are kept."""
    return parse_id_number(value, today=today)


def _of_number(number: IdNumber, context: Context) -> dict[str, Any]:
    return {
        "id_number": number.number,
        "id_number_hash": context.blind(number.number),
        "id_number_masked": mask_id_number(number.number),
        "sex": number.sex,
        "birth_on": number.birth_on,
    }


def identity(value: Any, context: Context) -> Mapping[str, Any]:
    """The number, its keyed hash, its mask, and the sex and birth date it holds."""
    return {} if parse.is_empty_cell(value) else _of_number(_number(value, context.today), context)


def id_hash(value: Any, context: Context) -> bytes | None:
    """How other rows refer to a person."""
    return None if parse.is_empty_cell(value) else context.blind(_number(value, context.today).number)


def named(value: Any, context: Context) -> Mapping[str, Any] | None:
    """A name and its mask."""
    name = parse.name(value, context)
    return None if name is None else {"name": name, "name_masked": mask_name(name)}


def certificate(value: Any, context: Context) -> Mapping[str, Any]:
    """The certificate, what it says of the disability, and whose it is."""
    if parse.is_empty_cell(value):
        return {}
    found = parse_disability_certificate(value, today=context.today)
    return {
        **_of_number(found.id_number, context),
        "disability_certificate": found.number,
        "disability_category": str(DisabilityCategory.parse(found.category)),
        "disability_grade": found.grade,
    }


def certificate_hash(value: Any, context: Context) -> bytes | None:
    hash_ = certificate(value, context).get("id_number_hash")
    return hash_ if isinstance(hash_, bytes) else None


def grade(value: Any, context: Context) -> int | None:
    """1 to 4, also written 一级."""
    if is_empty(value):
        return None
    word = parse.code(value, context) or ""
    digit = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(word.removesuffix("级"), word.removesuffix("级"))
    if digit not in {"1", "2", "3", "4"}:
        raise Refused("CERTIFICATE_GRADE")
    return int(digit)


IDENTITY: Final = Spread("身份证号", identity, prevails=frozenset({"sex", "birth_on"}))
CERTIFICATE: Final = Spread("残疾人证号", certificate)
NAME: Final = Spread("姓名", named, required=True)

BY_NUMBER: Final = {"id_number_hash": From("身份证号", id_hash)}
BY_FILE: Final = {"file_number": From("档案编号", parse.code)}
BY_CERTIFICATE: Final = {"id_number_hash": From("残疾人证号", certificate_hash)}

REFERRED: Final = Reference("beneficiary", [BY_NUMBER, BY_FILE], required=True)
"""The person a fact is about."""


def _is_identified(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if columns.get("id_number_hash") is None and columns.get("file_number") is None:
        raise Refused("PERSON_UNIDENTIFIED")


def _is_own_certificate(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if not is_empty(values.get("身份证号")) and not is_empty(values.get("残疾人证号")):
        own = certificate_hash(values["残疾人证号"], context)
        if own != columns.get("id_number_hash"):
            raise Refused("CONTRADICTION")


IDENTIFIED: Final = Check("身份证号", _is_identified)
OWN_CERTIFICATE: Final = Check("残疾人证号", _is_own_certificate)

# --- targets -----------------------------------------------------------------------------------

PERSON: Final[Mapping[str, From]] = {
    "sex": From("性别", parse.term(Sex)),
    "birth_on": From("出生日期", parse.day),
    "division_code": From("区划代码", parse.division, required=True),
}
"""Columns every list of people has, beside name and identity number."""

ETHNIC: Final = {"ethnicity_code": From("民族", parse.term(ETHNICITY))}
PHONE: Final = {"phone": From("联系电话", parse.phone)}
FILE: Final = {"file_number": From("档案编号", parse.code)}
ADDRESS: Final = {"address": From("住址", parse.text)}
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
    )


def membership(
    category: Category | str, columns: Mapping[str, From] | None = None, *, who: Reference = REFERRED
) -> Target:
    """The person's category, or each of those in the cell under the header ``category``."""
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
        checks=(parse.period("终止日期", "starts_on", "ends_on"),),
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
)

TEMP_AID: Final = ListMapping(
    "temp_aid",
    ("姓名", "身份证号", "区划代码", "起始日期"),
    (
        person({**ETHNIC, **ADDRESS, **PHONE}),
        # A single sum, not a monthly one: the table has no column for it.
        membership(Category.TEMP_AID),
    ),
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
)

VAGRANT: Final = ListMapping(
    "vagrant",
    ("档案编号", "姓名", "区划代码", "对象类别", "起始日期"),
    (person(FILE), membership("对象类别")),
    precedence=6,
)

OTHER: Final = ListMapping(
    "other",
    ("姓名", "区划代码", "对象类别", "起始日期"),
    (person({**ETHNIC, **ADDRESS, **PHONE}), membership("对象类别")),
    precedence=6,
)

PEOPLE: Final[Sequence[ListMapping]] = (DIBAO, TEKUN, TEMP_AID, CHILD, ELDER, DISABILITY, VAGRANT, OTHER)
