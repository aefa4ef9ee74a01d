"""How each of the six counties writes its lists: headers, codes, dates, encodings, ornaments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from connectors.emulators.workbook import Cell
from hub.domain.vocabulary import RiskLevel, Sex

WriteDay = Callable[[dt.date], Cell]


def _cell(day: dt.date) -> Cell:
    return day


def _iso(day: dt.date) -> Cell:
    return day.isoformat()


def _dots(day: dt.date) -> Cell:
    return f"{day.year}.{day.month}.{day.day}"


def _slashes(day: dt.date) -> Cell:
    return f"{day.year}/{day.month}/{day.day}"


def _chinese(day: dt.date) -> Cell:
    return f"{day.year}年{day.month}月{day.day}日"


def _chinese_month(day: dt.date) -> Cell:
    """For lists that count in months: the first day or the last, as the column says."""
    return f"{day.year}年{day.month}月"


def _digits(day: dt.date) -> Cell:
    return f"{day:%Y%m%d}"


_WORDS: Final = {Sex.MALE: "男", Sex.FEMALE: "女", Sex.UNKNOWN: "未知", Sex.UNSPECIFIED: "未说明"}
_NUMBERS: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
_HIGH: Final = {RiskLevel.LEVEL_1: "高", RiskLevel.LEVEL_2: "中", RiskLevel.LEVEL_3: "低"}
_FIRST: Final = {RiskLevel.LEVEL_1: "一级", RiskLevel.LEVEL_2: "二级", RiskLevel.LEVEL_3: "三级"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """``headers``: this county's word for a canonical header, where it differs.

    ``month``: how the first and last month of 低保 and 特困 is written. ``code_digits``: length of
    township codes. ``delimited``: lists that are delimited text, by encoding. ``nothing``: what
    stands where there is nothing to say. ``family``: whether 族 is written behind the people's name.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    sex: Mapping[Sex, str] = field(default_factory=lambda: _WORDS)
    risk: Mapping[RiskLevel, str] = field(default_factory=lambda: _HIGH)
    day: WriteDay = _cell
    month: WriteDay = _cell
    code_digits: Literal[9, 12] = 12
    delimited: Mapping[str, str] = field(default_factory=dict)
    nothing: str = ""
    family: bool = True
    two_header_rows: bool = False
    totals: bool = False
    helper_row: bool = False


DIALECTS: Final[Mapping[str, Dialect]] = {
    # 七星区: cells that are dates, a row of totals and one of signatures.
    "450305": Dialect(delimited={"visit": "gb18030"}, totals=True),
    # 晋江市: a hidden row of field codes above the headers, township codes of nine digits.
    "350582": Dialect(
        headers={
            "身份证号": "公民身份号码",
            "联系电话": "手机号码",
            "起始日期": "起始时间",
            "终止日期": "终止时间",
        },
        risk=_FIRST,
        day=_iso,
        month=_iso,
        code_digits=9,
        delimited={"visit": "utf-8-sig"},
        helper_row=True,
    ),
    # 思明区: two rows of headers, 家庭住址 over 区划代码 and 详细地址.
    "350203": Dialect(
        headers={"身份证号": "证件号码", "儿童类别": "儿童类型", "建档日期": "建档时间"},
        day=_dots,
        month=_dots,
        two_header_rows=True,
    ),
    # 同安区: 1 and 2 for the sexes, months for 低保 and 特困.
    "350212": Dialect(
        headers={"身份证号": "身份证号码", "联系电话": "联系方式", "探访日期": "走访日期"},
        sex=_NUMBERS,
        risk=_FIRST,
        day=_chinese,
        month=_chinese_month,
        delimited={"visit": "gb18030", "assignment": "gb18030"},
        nothing="/",
    ),
    # 兴庆区: visits in a workbook.
    "640104": Dialect(headers={"身份证号": "居民身份证号码", "区划代码": "行政区划代码"}, family=False),
    # 同心县: 无 where there is nothing.
    "640324": Dialect(
        headers={"身份证号": "公民身份号码", "出生日期": "出生年月日"},
        sex=_NUMBERS,
        day=_slashes,
        month=_digits,
        delimited={"visit": "utf-8-sig", "assignment": "utf-8-sig"},
        nothing="无",
    ),
}
