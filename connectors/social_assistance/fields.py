"""The words of 全国社会救助信息系统 as a province's instance writes them, and what a row becomes.

Record keys are the system's own, so that a corrected number, day or family changes a record and makes none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.people import BENEFIT, household, membership, of_household
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.vocabulary import SelfCare, SupportMode
from hub.sync.connector import Check, Context, From, ListMapping, Row

PERSON: Final = "人员编号"
RECEIVES: Final = "享受救助"
STATE: Final = "人员状态"
DEAD: Final = "死亡"

SEX: Final = {"1": "男", "2": "女", "0": "未知", "9": "未说明"}
ASSISTANCE: Final = {"01": "低保", "02": "低保", "03": "特困"}
"""城市低保, 农村低保, 特困供养 (formerly 五保)."""
SUPPORT: Final = {"03": "集中供养", "04": "分散供养"}
SELF_CARE: Final = {"1": "全自理", "2": "半护理", "3": "全护理"}
STATES: Final = {
    "01": None,
    "02": "失踪",
    "03": DEAD,
    "04": "嫁娶",
    "05": "服刑",
    "06": "分户迁出",
    "99": "其他",
}

FAMILY: Final = Wording(
    {
        "FAMILY_ID": Field("户编号"),
        "DOMICILE_CODE": Field("区划代码"),
        "ASSISTANCE_TYPE": Field("救助类别", ASSISTANCE),
        "CARD_NO": Field("救助证号"),
        "BEGIN_DATE": Field("起始日期"),
        "END_DATE": Field("终止日期"),
        "ASSISTANCE_MONEY": Field("月保障金额（元）"),
        "ADDRESS": Field("家庭住址"),
        "FAMILY_SIZE": Field("家庭人口"),
        "SUPPORT_WAY": Field("供养方式", SUPPORT),
        "CHECK_DATE": Field("核对日期"),
    },
    needed=frozenset({"ID", "FAMILY_ID", "DOMICILE_CODE", "ASSISTANCE_TYPE", "BEGIN_DATE", "END_DATE"})
    | {"OP_TYPE", "OP_TIME"},
    dropped=frozenset(
        {"ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO", "BANK", "ACCOUNT_NAME", "ACCOUNT_NO"}
    ),
)
PEOPLE: Final = Wording(
    {
        "PEOPLE_ID": Field(PERSON),
        "NAME": Field("姓名"),
        "ID_CARD": Field("身份证号"),
        "SEX": Field("性别", SEX),
        "NATION": Field("民族"),
        "BIRTHDAY": Field("出生日期"),
        "RELATIONSHIP_TYPE": Field("与户主关系"),
        "TEL": Field("联系电话"),
        "VIABILITY": Field("生活自理能力", SELF_CARE),
        "IS_ASSISTANCE": Field(RECEIVES, {"1": "是", "0": None}),
        "PERSONAL_STATS_TAG": Field(STATE, STATES),
    },
    needed=frozenset(
        {"ID", "PEOPLE_ID", "FAMILY_ID", "NAME", "ID_CARD", "IS_ASSISTANCE", "OP_TYPE", "OP_TIME"}
    ),
    dropped=frozenset({"ID", "FAMILY_ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO", "HEALTH_CODE"})
    | {"MARRIAGE_CODE", "EDU_CODE", "DNA_NO", "FACE_ID", "PHOTO"},
)


def _ends_with_life(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if columns.get("ends_on") is None and values.get(STATE) == DEAD:
        raise Refused("DECEASED_WITHOUT_END")


_BENEFIT: Final = membership(
    "救助类别", {**BENEFIT, "support_mode": From("供养方式", parse.term(SupportMode))}
)

FAMILIES: Final = ListMapping(
    "assistance_family",
    ("户编号", "区划代码"),
    (
        replace(
            household({"economic_status_checked_on": From("核对日期", parse.day)}),
            key=("户编号",),
            when=None,
        ),
    ),
    precedence=2,
)
MEMBERS: Final = ListMapping(
    "assistance",
    (PERSON, "姓名", "身份证号", "区划代码", "起始日期"),
    (
        replace(of_household({"self_care": From("生活自理能力", parse.term(SelfCare))}), key=(PERSON,)),
        replace(
            _BENEFIT, key=(PERSON,), when=RECEIVES, checks=(*_BENEFIT.checks, Check(STATE, _ends_with_life))
        ),
    ),
    precedence=2,
)


def received_before(row: Row) -> Row:
    """The benefit that somebody had until the row says that there is none, as a row that is deleted."""
    assert row.observed_at is not None
    just_before = row.observed_at - dt.timedelta(microseconds=1)
    return replace(row, values={**row.values, RECEIVES: "是"}, observed_at=just_before)
