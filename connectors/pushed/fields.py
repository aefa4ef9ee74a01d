"""The words of a pushed warning, and what it becomes. Its record key is the system's own number of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import REFERRED
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.vocabulary import RiskLevel
from hub.sync.connector import Check, Context, From, ListMapping, Target

NUMBER: Final = "预警编号"

WARNING: Final = Wording(
    {
        "WARNING_NO": Field(NUMBER),
        "KIND": Field("预警类型"),
        "DEPARTMENT": Field("发现部门"),
        "LEVEL": Field("预警等级", {"1": "高", "2": "中", "3": "低", "0": None}),
        "ID_CARD": Field("身份证号"),
        "FILE_NO": Field("档案编号"),
        "DIVISION_CODE": Field("区划代码"),
        "RAISED_ON": Field("预警日期"),
        "SETTLED_ON": Field("处置日期"),
        "RESULT": Field("处置结果"),
    },
    needed=frozenset({"WARNING_NO"}),
    dropped=frozenset({"NAME", "TEL", "BANK_ACCOUNT", "DETAIL"}),
)


def _in_county(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if parse.division(values.get("区划代码"), context) is None:
        raise Refused("REQUIRED")


WARNINGS: Final = ListMapping(
    "pushed_warning",
    (NUMBER, "预警类型", "预警日期"),
    (
        Target(
            "warning",
            {
                "kind": From("预警类型", parse.text, required=True),
                "department": From("发现部门", parse.text),
                "level": From("预警等级", parse.term(RiskLevel)),
                "raised_on": From("预警日期", parse.day, required=True),
                "settled_on": From("处置日期", parse.day),
                "result": From("处置结果", parse.text),
            },
            key=(From(NUMBER, parse.code, required=True),),
            references={"beneficiary_id": REFERRED},
            checks=(parse.period("处置日期", "raised_on", "settled_on"), Check("区划代码", _in_county)),
        ),
    ),
    precedence=2,
)
