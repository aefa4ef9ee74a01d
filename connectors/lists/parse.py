"""Cells of a roster as values of ours, with ``hub.domain``; every function raises ``Refused``.

``None`` means that the cell says nothing. Caches hold days, codes and division codes, no names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from hub.domain import dates
from hub.domain.credit_code import parse_credit_code
from hub.domain.division import division_codes, level_of, township_of
from hub.domain.division_changes import resolve_code
from hub.domain.money import parse_money
from hub.domain.refusal import Refused
from hub.domain.text import EMPTY, clean, clean_name, fold_cell, is_empty
from hub.domain.vocabulary import Category, CodeTable, Term
from hub.sync.connector import Check, Context

CODE_LIMIT: Final = 100


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLAIN: Final = re.compile("[0-9A-Za-z\u4e00-\u9fa5]+")
"""Text that ``clean`` would leave as it is, unless it is one of ``EMPTY``."""

_PLAIN_CODE: Final = re.compile("[0-9A-Za-z-]{5,100}")
_PLAIN_NAME: Final = re.compile("[\u4e00-\u9fa5]{2,4}")
_MOBILE: Final = re.compile("1[0-9]{10}")

_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
_COUNT: Final = re.compile(r"([0-9]{1,3})(?:人|口|年|个)?")
_SEPARATORS: Final = re.compile(r"[、，,;；/／|\n]+|(?<=\d)\s+(?=\d)")
_PHONE: Final = re.compile(r"\+?[0-9][0-9()-]{4,30}(?:[,;/、转][0-9()-]{1,20}){0,3}")
_YES: Final = _words("是 有 √ ✓ ✔ Y YES TRUE 1 已 对 专职 全职 已成立 已填写 已填")
_NO: Final = _words("否 无 × ✗ ✘ X N NO FALSE 0 未 没有 非 兼职 未成立 未填写 未填")
_PICTURES: Final = re.compile(r"([0-9]{1,3})[张份幅]")


def is_nothing(value: Any) -> bool:
    """Whether a cell is empty or says so; a number never is, not even one that lost digits."""
    return value is None or (isinstance(value, str) and is_empty(value))


def text(value: Any, context: Context) -> str | None:
    """Free text."""
    if type(value) is str and _PLAIN.fullmatch(value) and value.casefold() not in EMPTY:
        return value if len(value) <= CODE_LIMIT else clean(value)
    return clean(value)


def code(value: Any, context: Context) -> str | None:
    """A number or code that identifies something: no white space, full-width characters narrow."""
    folded = value if type(value) is str and _PLAIN_CODE.fullmatch(value) else fold_cell(value)
    if folded.casefold() in EMPTY:
        return None
    if _SCIENTIFIC.fullmatch(folded):
        raise Refused("DIGITS_LOST")
    if len(folded) > CODE_LIMIT:
        raise Refused("TEXT_TOO_LONG")
    return folded


def phone(value: Any, context: Context) -> str | None:
    if type(value) is str and _MOBILE.fullmatch(value):
        return value
    folded = code(value, context)
    if folded is None:
        return None
    folded = folded.replace("－", "-").replace("—", "-")
    if not _PHONE.fullmatch(folded):
        raise Refused("PHONE_UNREADABLE")
    return folded


def name(value: Any, context: Context) -> str | None:
    if type(value) is str and _PLAIN_NAME.fullmatch(value) and value not in EMPTY:
        return value
    return clean_name(value)


def flag(value: Any, context: Context) -> bool | None:
    if isinstance(value, bool):
        return value
    word = fold_cell(value).upper()
    if found := _PICTURES.fullmatch(word):
        return int(found[1]) > 0
    if word in _YES:
        return True
    if word in _NO:
        return False
    if is_nothing(value):
        return None
    raise Refused("CODE_UNKNOWN", expected="Yes or no (是, 否) is expected.", expected_zh="应为“是”或“否”")


def count(value: Any, context: Context) -> int | None:
    """A small number of people or years: ``4``, ``4人``."""
    return _counted(value)


@lru_cache(256, typed=True)
def _counted(value: Any) -> int | None:
    folded = fold_cell(value)
    if folded.casefold() in EMPTY:
        return None
    found = _COUNT.fullmatch(folded)
    if found is None:
        raise Refused("NUMBER_UNREADABLE")
    return int(found[1])


def amount(value: Any, context: Context) -> Decimal | None:
    """Yuan."""
    return None if is_nothing(value) else parse_money(value)


def credit_code(value: Any, context: Context) -> str | None:
    return None if is_nothing(value) else parse_credit_code(value).code


# --- days --------------------------------------------------------------------------------------


_FIRST_DAY: Final = dt.date(dates.FIRST_YEAR, 1, 2)
_LAST_DAY: Final = dt.date(dates.LAST_YEAR, 12, 31)


@lru_cache(4096, typed=True)
def _date(value: Any) -> dt.date | None:
    return None if is_nothing(value) else dates.parse_date(value)


@lru_cache(4096, typed=True)
def _month_start(value: Any) -> dt.date | None:
    return None if is_nothing(value) else dates.parse_month_start(value)


@lru_cache(4096, typed=True)
def _end_date(value: Any) -> dt.date | None:
    return dates.parse_end_date(value)


def day(value: Any, context: Context) -> dt.date | None:
    return _written_out(value) or _date(value)


def birth(value: Any, context: Context) -> dt.date | None:
    """As ``day``; ``None`` where only a month is stated (出生年月): it names no day, and is no error."""
    try:
        return day(value, context)
    except Refused as refused:
        if refused.code in ("DATE_INCOMPLETE", "DATE_AMBIGUOUS"):
            return None
        raise


def first_day(value: Any, context: Context) -> dt.date | None:
    """A month alone stands for its first day."""
    return _written_out(value) or _month_start(value)


def last_day(value: Any, context: Context) -> dt.date | None:
    """A month alone stands for its last day; nothing, 长期 and 3000-01 for no end."""
    return _written_out(value) or _end_date(value)


def _written_out(value: Any) -> dt.date | None:
    """A day such as 2023-03-31, as a workbook's own days arrive: nothing to ask of the rules for others."""
    if type(value) is str and len(value) == 10 and value[4] == value[7] == "-":
        try:
            found = dt.date.fromisoformat(value)
        except ValueError:
            return None
        return found if _FIRST_DAY <= found <= _LAST_DAY else None
    return None


def period(header: str, start: str, end: str) -> Check:
    """``PERIOD_REVERSED`` at ``header`` where the column ``end`` lies before ``start``."""

    def test(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
        first, last = columns.get(start), columns.get(end)
        if first and last and last < first:
            raise Refused("PERIOD_REVERSED")

    test.__qualname__ = f"period({start}, {end})"
    return Check(header, test)


# --- divisions ---------------------------------------------------------------------------------


@lru_cache(16384, typed=True)
def _within(value: Any, county_code: str, on: dt.date | None = None) -> str | None:
    return None if is_nothing(value) else resolve_code(value, within=county_code, on=on)


def _placed(value: Any, context: Context) -> str | None:
    """The day of the list matters only for a code that was given twice."""
    try:
        return _within(value, context.county_code)
    except Refused as refused:
        if refused.code != "DIVISION_REUSED" or context.day is None:
            raise
        return _within(value, context.county_code, context.day)


@lru_cache(1)
def _prefectures() -> frozenset[str]:
    return frozenset(code[:4] for code in division_codes() if level_of(code) != "PROVINCE")


def division(value: Any, context: Context) -> str | None:
    """A division of the source's county, down to the village; ``DIVISION_OUTSIDE`` elsewhere."""
    return _placed(value, context)


def township(value: Any, context: Context) -> str | None:
    """The township a division of the county lies in; ``DIVISION_TOO_HIGH`` for the county itself."""
    found = _placed(value, context)
    return None if found is None else township_of(found)


def township_if_any(value: Any, context: Context) -> str | None:
    """As ``township``; ``None`` for the county itself, whose people and staff belong to no station."""
    found = _placed(value, context)
    return None if found is None or found[6:9] == "000" else found[:9] + "000"


def townships(value: Any, context: Context) -> list[str]:
    """Several codes in a cell."""
    found = [township(part, context) for part in split(value)]
    return [one for one in found if one is not None]


@lru_cache(4096, typed=True)
def _anywhere(value: Any) -> str | None:
    if is_nothing(value):
        return None
    try:
        return resolve_code(value)
    except Refused as refused:
        # The hub's list does not cover the whole country: a code of a prefecture it has nothing of
        # is neither known nor wrong.
        if refused.code == "DIVISION_UNKNOWN" and fold_cell(value)[:4] not in _prefectures():
            return None
        raise


def division_anywhere(value: Any, context: Context) -> str | None:
    """A division of any county the hub knows; ``None`` for one in a prefecture it does not know."""
    return _anywhere(value)


def split(value: Any) -> list[str]:
    """The parts of a cell that holds several things."""
    cleaned = clean(value)
    return [part.strip() for part in _SEPARATORS.split(cleaned) if part.strip()] if cleaned else []


# --- coded values ------------------------------------------------------------------------------


def term(kind: type[Term] | CodeTable) -> Callable[[Any, Context], str | None]:
    """The code of a label, from the vocabulary ``kind``; a code may be NONE, which elsewhere is nothing."""
    words = {str(member): member.zh for member in kind} if isinstance(kind, type) else {}
    listed = "、".join([*words.values()][:12])

    @lru_cache(1024, typed=True)
    def parsed(value: Any) -> str | None:
        if (code := fold_cell(value)) in words:
            return code
        label = clean(value)
        if label is None:
            return None
        found = kind.parse(label)
        if found is None:
            raise Refused(
                "CODE_UNKNOWN",
                expected=f"One of the list is expected: {listed}." if words else "",
                expected_zh=f"应为：{listed}" if words else "",
            )
        return str(found)

    def parse(value: Any, context: Context) -> str | None:
        return parsed(value)

    parse.__qualname__ = f"term({kind.__name__ if isinstance(kind, type) else kind.zh})"
    return parse


def categories(value: Any, context: Context) -> list[str]:
    """Categories in a cell. A label may hold a separator itself, so the whole is tried first."""
    label = clean(value)
    if label is None:
        return []
    if whole := Category.parse(label):
        return [whole.value]
    found = [Category.parse(part) for part in split(label)]
    if not found or None in found:
        raise Refused(
            "CODE_UNKNOWN",
            expected="Categories of the five documents are expected, several joined by 、.",
            expected_zh="应为民政服务对象类别，多个类别以顿号分隔",
        )
    return list(dict.fromkeys(one.value for one in found if one))
