"""Monthly subsidies: who receives one is a member of the category it is for, with its amount and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import REFERRED
from connectors.lists.people import membership
from connectors.lists.wording import Field
from hub.domain.refusal import Refused
from hub.domain.text import fold
from hub.sync.connector import Context, From, Reference, Target

SUBSIDY: Final = "补贴类别"
CATEGORY: Final = "对象类别"

PERSON_WORDS: Final = {
    "姓名": Field("姓名"),
    "身份证号": Field("身份证号"),
    "区划代码": Field("区划代码"),
    "联系电话": Field("联系电话"),
}
OTHER_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("公民身份号码", "证件号码", "身份证号码", "居民身份证号码"), "身份证号"),
    **dict.fromkeys(("行政区划代码", "所属区划代码"), "区划代码"),
    **dict.fromkeys(("补贴类型", "补贴项目"), "补贴类别"),
    **dict.fromkeys(("月补贴标准(元)", "补贴金额", "补贴金额(元)"), "月补贴标准"),
    **dict.fromkeys(("起始月份", "起始年月"), "享受起始月"),
    **dict.fromkeys(("终止月份", "终止年月", "停发月份"), "享受终止月"),
}
NOT_ASKED_FOR: Final = frozenset({"开户银行", "银行账号", "账户名", "人脸编号", "DNA编号"})
"""Known, and dropped (X35)."""

TWO_NAMES: Final = ("ID_TWO_NAMES", ("身份证号",), ("姓名",))
TWO_SUMS: Final[tuple[str, Sequence[str], Sequence[str]]] = (
    "DUPLICATE_KEY",
    ("身份证号", SUBSIDY, "起始日期"),
    (),
)


def subsidy_words(codes: Mapping[str, str]) -> dict[str, Field]:
    """``codes``: names of the subsidies by the system's code."""
    return {
        "补贴类别": Field(SUBSIDY, codes),
        "月补贴标准": Field("月补贴标准"),
        "享受起始月": Field("起始日期"),
        "享受终止月": Field("终止日期"),
    }


def one_of(names: Sequence[str]) -> Callable[[Any, Context], str | None]:
    """A name of a closed list; a new one is refused, and never guessed (X16)."""
    listed = "、".join(names)

    def parsed(value: Any, context: Context) -> str | None:
        if parse.is_nothing(value):
            return None
        if (name := fold(value)) not in names:
            expected = f"One of the list is expected: {listed}."
            raise Refused("CODE_UNKNOWN", expected=expected, expected_zh=f"应为：{listed}")
        return name

    return parsed


def subsidy(names: Sequence[str], *, who: Reference = REFERRED) -> Target:
    """Known by person, subsidy and first month. The row tells under ``CATEGORY`` whom the subsidy is for."""
    columns = {
        "monthly_amount": From("月补贴标准", parse.amount),
        "legal_basis": From(SUBSIDY, one_of(names), required=True),
    }
    return replace(membership(CATEGORY, columns, who=who), key=("beneficiary_id", "legal_basis", "starts_on"))
