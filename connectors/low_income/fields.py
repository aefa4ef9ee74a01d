"""The words of the monitoring platform's list, and what a row becomes."""

from __future__ import annotations

from typing import Final

from connectors.lists.people import ADDRESS, ETHNIC, PHONE, membership, person
from connectors.lists.wording import Field, Wording
from hub.domain.vocabulary import Category
from hub.sync.connector import ListMapping

CLASS: Final = "低收入人口类别"

_CLASSES: Final = (
    Category.DIBAO,
    Category.TEKUN,
    Category.RELAPSE_MONITORED,
    Category.DIBAO_MARGINAL,
    Category.RIGID_EXPENDITURE,
    Category.OTHER_HARDSHIP,
)
"""国办发〔2023〕39号, in its order."""
CLASSES: Final = {
    code: category.zh for number, category in enumerate(_CLASSES, 1) for code in (f"{number:02}", str(number))
}
NOTHING: Final = {"0": None}
"""What such systems write where they have no telephone and no address."""

PEOPLE: Final = Wording(
    {
        "NAME": Field("姓名"),
        "ID_CARD": Field("身份证号"),
        "SEX": Field("性别", {"1": "男", "2": "女", "0": None, "9": None}),
        "NATION": Field("民族"),
        "DOMICILE_CODE": Field("区划代码"),
        "ADDRESS": Field("住址", NOTHING),
        "TEL": Field("联系电话", NOTHING),
        "LOW_INCOME_TYPE": Field(CLASS, CLASSES),
        "BEGIN_DATE": Field("起始日期"),
    },
    needed=frozenset({"NAME", "ID_CARD", "DOMICILE_CODE", "LOW_INCOME_TYPE", "BEGIN_DATE"}),
    dropped=frozenset({"FAMILY_ID", "SOURCE_DEPT", "WARNINGS", "BANK", "ACCOUNT_NO", "FACE_ID", "INCOME"}),
)

LOW_INCOME: Final = ListMapping(
    "low_income",
    ("姓名", "身份证号", "区划代码", CLASS, "起始日期"),
    (person({**ETHNIC, **ADDRESS, **PHONE}), membership(CLASS)),
)
