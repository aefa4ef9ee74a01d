"""The words of a province's copy of the children's systems, and what a row becomes.

A row is a child in one category; a child in several has several. Record keys are the system's own number of
the child, with the category, so that a child without an identity number is one person from the beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import IDENTITY
from connectors.lists.people import CHILD
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.text import clean
from hub.sync.connector import Check, Context, From, ListMapping, Row, Spread

NUMBER: Final = "档案编号"
KIND: Final = "儿童类别"
LEFT: Final = "离开日期"
REASON: Final = "离开原因"
LAST: Final = "终止日期"
BIRTHDAY: Final = "满龄日期"
DIED: Final = "死亡日期"

LIMITS: Final = {"农村留守儿童": 16, "流动儿童": 16}
"""Age at which a category ends; of all others 18."""
ADULT: Final = 18

MEANINGS: Final = {
    "01": (BIRTHDAY,),
    "02": (LAST,),
    "03": (LAST, DIED),
    "04": (LAST,),
}
"""What the day beside a reason is (X17): 满龄: the birthday, which is no day of the category any more; 迁出:
the last day; 死亡: the day of death; 监护恢复: the day a parent is back."""

CHILDREN: Final = Wording(
    {
        "CHILD_NO": Field(NUMBER),
        "CHILD_TYPE": Field(
            KIND,
            {
                "01": "孤儿",
                "02": "事实无人抚养儿童",
                "03": "农村留守儿童",
                "04": "困境儿童",
                "05": "流动儿童",
                "06": "低保家庭儿童",
                "07": "权益受伤害儿童",
                "08": "被收养儿童",
            },
        ),
        "NAME": Field("姓名"),
        "ID_CARD": Field("身份证号"),
        "SEX": Field("性别", {"1": "男", "2": "女", "0": "未知", "9": "未说明"}),
        "BIRTHDAY": Field("出生日期"),
        "NATION": Field("民族"),
        "DIVISION_CODE": Field("区划代码"),
        "ADDRESS": Field("住址"),
        "GUARDIAN_NAME": Field("监护人姓名"),
        "GUARDIAN_RELATION": Field("监护人关系"),
        "GUARDIAN_TEL": Field("监护人电话"),
        "SCHOOL": Field("就读学校"),
        "RISK_LEVEL": Field("风险等级", {"1": "高", "2": "中", "3": "低", "0": None}),
        "REGISTER_DATE": Field("建档日期"),
        "IN_DATE": Field("起始日期"),
        "LEAVE_DATE": Field(LEFT),
        "LEAVE_REASON": Field(REASON),
    },
    needed=frozenset({"CHILD_NO", "CHILD_TYPE", "NAME", "ID_CARD", "BIRTHDAY", "DIVISION_CODE", "IN_DATE"})
    | {"LEAVE_DATE", "LEAVE_REASON", "UPDATE_TIME"},
    dropped=frozenset({"UPDATE_TIME", "PHOTO", "BANK_ACCOUNT", "GUARDIAN_ID_CARD", "PARENT_WORKPLACE"}),
)


def row(record: Mapping[str, Any], today: dt.date, observed_at: dt.datetime | None) -> Row:
    """A record as a row of ours; ``today``: who is past the age of the category by then is marked."""
    told = CHILDREN.row(record, file="", observed_at=observed_at)
    values = dict(told.values)
    if headers := MEANINGS.get(str(values.get(REASON, "")).strip()):
        values.pop(REASON)
        values |= dict.fromkeys(headers, values.pop(LEFT, ""))
    if _is_past(values, today):
        values["超龄"] = "是"
    return replace(told, file=f"CHILD {values.get(NUMBER, '')}", values=values, raw=values)


def _is_past(values: Mapping[str, Any], today: dt.date) -> bool:
    """By the identity number, else the birth date; what cannot be read is refused elsewhere."""
    context = Context("", today, lambda _: b"")
    try:
        number = IDENTITY.parse(values.get("身份证号"), context) or {}
        born = number.get("birth_on") or parse.birth(values.get("出生日期"), context)
    except Refused:
        return False
    return born is not None and _birthday(born, LIMITS.get(values.get(KIND, ""), ADULT)) <= today


def _birthday(born: dt.date, age: int) -> dt.date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # of a leap day
        return dt.date(born.year + age, 3, 1)


def _day_before(value: Any, context: Context) -> Mapping[str, Any] | None:
    birthday = parse.day(value, context)
    return None if birthday is None else {"ends_on": birthday - dt.timedelta(days=1)}


def _has_reason(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if clean(values.get(LEFT)) or clean(values.get(REASON)):
        raise Refused(
            "CODE_UNKNOWN",
            expected="A known reason is expected beside the day the child left: it tells which day that is.",
            expected_zh="应填写已知的离开原因，以确定离开日期的含义",
        )
    if any(header in values and not clean(values[header]) for header in (LAST, BIRTHDAY)):
        raise Refused("REQUIRED")


def _ends_with_age(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if columns.get("ends_on") is None and values.get("超龄"):
        raise Refused("AGED_WITHOUT_END")


_PERSON, _MEMBERSHIP = CHILD.targets
CHILD_RECORD: Final = ListMapping(
    "child_record",
    (NUMBER, "姓名", "区划代码", KIND, "起始日期"),
    (
        replace(
            _PERSON,
            columns={**_PERSON.columns, "deceased_on": From(DIED, parse.day)},
            key=(NUMBER, KIND),
        ),
        replace(
            _MEMBERSHIP,
            key=(NUMBER, KIND),
            spreads=(Spread(BIRTHDAY, _day_before),),
            checks=(*_MEMBERSHIP.checks, Check(LEFT, _has_reason), Check(LAST, _ends_with_age)),
        ),
    ),
    precedence=2,
)
