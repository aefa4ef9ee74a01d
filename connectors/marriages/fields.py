"""The words of the marriage service (婚姻登记信息核验), whom it is asked about, what an answer becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import REFERRED
from connectors.lists.subsidies import one_of
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.vocabulary import Category
from hub.sync.connector import Check, Constant, Context, From, ListMapping, Subjects, Target

NUMBER: Final = "身份证号"
EVENT: Final = "登记类别"
DAY: Final = "登记日期"

BY_MEANS: Final = frozenset(
    {
        Category.DIBAO,
        Category.TEKUN,
        Category.TEKUN_FAMILY,
        Category.RELAPSE_MONITORED,
        Category.DIBAO_MARGINAL,
        Category.RIGID_EXPENDITURE,
        Category.OTHER_HARDSHIP,
    }
)
"""What somebody receives for the means of a household: who is in it matters, and for nothing else here."""

ADULT: Final = 18
"""Years, Civil Code, article 17."""

ASKED: Final = Subjects(
    "beneficiary",
    columns=("name", "id_number", "sex"),
    needed=("id_number", "sex"),
    while_="category_membership",
    about="beneficiary_id",
    until="ends_on",
    only=("category", frozenset(map(str, BY_MEANS))),
    aged=("birth_on", ADULT),
    since="starts_on",
    held="warning",
)

RECORD: Final = Wording(
    {
        # A certificate issued again (ICA, ICB) changes no household.
        "OP_TYPE": Field(EVENT, {"IA": "结婚登记", "IB": "离婚登记", "ICA": None, "ICB": None}),
        "OP_DATE": Field(DAY),
    },
    needed=frozenset({"OP_TYPE", "OP_DATE"}),
    dropped=frozenset({"OP_TYPE_DESC", "NAME_OTHER", "CERT_NUM_OTHER"}),
)


def _has_come(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    if (day := columns.get("raised_on")) and day > context.today:
        raise Refused(
            "DATE_OUT_OF_RANGE", expected="A day that has come is expected.", expected_zh="日期不得晚于今日"
        )


MARRIAGES: Final = ListMapping(
    "marriage",
    (NUMBER, EVENT, DAY),
    (
        Target(
            "warning",
            {
                "kind": From(EVENT, one_of(("结婚登记", "离婚登记")), required=True),
                "department": Constant("婚姻登记机关"),
                "raised_on": From(DAY, parse.day, required=True),
            },
            # What was registered last is told: a person has one such warning, and the next replaces it.
            key=("beneficiary_id",),
            references={"beneficiary_id": REFERRED},
            checks=(Check(DAY, _has_come),),
        ),
    ),
    precedence=2,
)
