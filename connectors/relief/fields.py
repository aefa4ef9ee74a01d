"""The words of 全国救助管理信息系统 as an export and an exchange table write them, and what a stay becomes.

The record is the stay: 救助编号 is the one key the system is known to have, and the same person has many. So
whom a stay is of may change without the stay: when a number becomes known, when another one does, and when a
mistaken one is taken back (``Target.retracts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from connectors.drops import DropList, FileDrops
from connectors.lists import parse
from connectors.lists.people import FILE, membership, person
from connectors.lists.wording import Field, Wording
from connectors.relief import cells
from hub.domain.vocabulary import ReliefDeparture
from hub.sync.connector import From, ListMapping, Reference, Spread, Target

STAY: Final = "救助编号"
YES_NO: Final = {"1": "是", "0": "否"}
SEX: Final = {"1": "男", "2": "女", "0": "未知", "9": "未说明"}
DEPARTURES: Final = {f"{number:02}": departure.zh for number, departure in enumerate(ReliefDeparture, 1)}

FIELDS: Final[Mapping[str, tuple[str, Field]]] = {
    STAY: ("JZBH", Field(STAY)),
    "姓名": ("XM", Field("姓名")),
    "性别": ("XB", Field("性别", SEX)),
    "身份证号": ("SFZH", Field("身份证号")),
    "出生日期": ("CSRQ", Field("出生日期")),
    "年龄": ("NL", Field("年龄")),
    "年龄是否估计": ("NLGJ", Field("年龄是否估计", YES_NO)),
    "身高": ("SG", Field("身高")),
    "体貌特征": ("TMTZ", Field("体貌特征")),
    "衣着": ("YZ", Field("衣着")),
    "健康状况": ("JKZK", Field("健康状况")),
    "发现时间": ("FXSJ", Field("发现时间")),
    "发现地点": ("FXDD", Field("发现地点")),
    "区划代码": ("XZQH", Field("区划代码")),
    "救助管理站": ("JZZMC", Field("救助管理站")),
    "入站日期": ("RZRQ", Field("入站日期")),
    "离站日期": ("LZRQ", Field("离站日期")),
    "离站方式": ("LZFS", Field("离站方式", DEPARTURES)),
    "护送去向": ("HSQX", Field("护送去向")),
}
"""By its name in an export: the name in an exchange table, and ours."""

NEEDED: Final = (STAY, "姓名", "身份证号", "区划代码", "入站日期", "离站日期")
EXPORT: Final = Wording(
    {name: field for name, (_, field) in FIELDS.items()},
    needed=frozenset(NEEDED),
    dropped=frozenset(
        {"照片", "指纹", "指纹编号", "人脸编号", "人脸特征", "DNA编号", "DNA采集时间", "DNA比对结果"}
    ),
)
TABLE: Final = Wording(
    dict(FIELDS.values()),
    needed=frozenset(FIELDS[name][0] for name in NEEDED) | {"ID", "OP_TYPE", "OP_TIME"},
    dropped=frozenset(
        {"ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO", "PHOTO", "FINGERPRINT", "FACE_ID", "DNA_NO"}
    ),
)
SYNONYMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("救助登记编号", "求助编号", "受助编号"), STAY),
    **dict.fromkeys(("受助人员姓名", "姓名或化名"), "姓名"),
    **dict.fromkeys(("公民身份号码", "证件号码", "身份证号码"), "身份证号"),
    **dict.fromkeys(("行政区划代码", "发现地区划代码"), "区划代码"),
    **dict.fromkeys(("估计年龄", "大致年龄"), "年龄"),
    **dict.fromkeys(("入站时间", "进站日期", "救助日期"), "入站日期"),
    **dict.fromkeys(("离站时间", "出站日期"), "离站日期"),
    **dict.fromkeys(("救助站", "救助机构", "救助管理机构"), "救助管理站"),
}

_KEY: Final = (From(STAY, parse.code),)
_SELF: Final = Reference("beneficiary", required=True)
_PERSON: Final = person({**FILE, "deceased_on": From("死亡日期", parse.day)})
_LEFT: Final = parse.period("离站日期", "admitted_on", "left_on")

STAYS: Final = ListMapping(
    "relief",
    (STAY, "区划代码", "入站日期"),
    (
        # Two people of one name, one place and one age are two, and so are most who say no name at all.
        replace(_PERSON, key=_KEY, same=(), retracts=True),
        Target(
            "relief_episode",
            {
                "number": From(STAY, parse.code, required=True),
                "noted_name": From("登记姓名", parse.text),
                "is_age_estimated": From("年龄是否估计", parse.flag),
                "height_cm": From("身高", cells.height),
                "features": From("体貌特征", parse.text),
                "clothing": From("衣着", parse.text),
                "health": From("健康状况", parse.text),
                "found_place": From("发现地点", parse.text),
                "relief_station": From("救助管理站", parse.text),
                "admitted_on": From("入站日期", parse.day, required=True),
                "left_on": From("离站日期", parse.last_day),
                "departure": From("离站方式", parse.term(ReliefDeparture)),
                "escorted_to": From("护送去向", parse.text),
            },
            key=_KEY,
            spreads=(Spread("年龄", cells.age), Spread("发现时间", cells.found)),
            references={"beneficiary_id": _SELF},
            checks=(_LEFT,),
            about="beneficiary_id",
            goes_on=True,
        ),
        replace(membership("对象类别", who=_SELF, goes_on=True), key=_KEY),
    ),
    precedence=7,
)

RELIEF_FILES: Final = FileDrops(
    "relief-files",
    (
        DropList(
            STAYS,
            frozenset({"救助记录", "救助人员名单", "流浪乞讨救助人员"}),
            EXPORT,
            SYNONYMS,
            agree=(("DUPLICATE_KEY", (STAY,), ()),),
            derive=cells.derive,
            is_extract=True,
        ),
    ),
    marked=False,
)
