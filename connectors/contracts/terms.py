"""What follows from several cells of a notice: its period, a frame of yearly contracts, what it renews."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from hub.domain.dates import parse_date
from hub.domain.money import parse_money
from hub.domain.refusal import Refused
from hub.domain.text import fold

NUMBER, RENEWS = "合同编号", "续签自合同编号"
SIGNED, STARTS, ENDS, TERM, CYCLE = "签订日期", "开始日期", "结束日期", "履约期限", "服务周期（年）"
SMALL, CAPITAL, YEARLY, WAN = "合同金额（元）", "合同金额（大写）", "年度金额（元）", "合同金额（万元）"
STATUS: Final = "合同状态"
UNDER_WAY: Final = "履行中"

_DAY: Final = re.compile(
    r"[0-9]{4}(?:年[0-9]{1,2}月[0-9]{1,2}日|-[0-9]{1,2}-[0-9]{1,2}|[./][0-9]{1,2}[./][0-9]{1,2})"
)
_FROM_SIGNING: Final = re.compile(r"(?:签订|签署|生效)之?日起")
_YEARS: Final = re.compile(r"([1-9一二两三])(?:个)?年")
_MONTHS: Final = re.compile(r"([0-9]{1,2})个?月")
_YEARLY: Final = re.compile(r"一年一签|每年一签|逐年签订|按年签订")
_RENEWAL: Final = re.compile(r"(?P<of>.*[0-9]{3})-(?P<turn>[1-9])")
_WORDS: Final = {"一": 1, "二": 2, "两": 2, "三": 3}


def complete(values: Mapping[str, str]) -> Mapping[str, str]:
    """The same with what follows. What cannot be told for certain stays, and is refused where it is read."""
    told = {STATUS: UNDER_WAY, **values}
    term = fold(f"{told.pop('服务期限', '')}{told.get(TERM, '')}")
    _period(told, term)
    _amounts(told)
    _framework(told, term)
    if RENEWS not in told and (found := _RENEWAL.fullmatch(fold(told.get(NUMBER, "")))):
        turn = int(found["turn"]) - 1
        told[RENEWS] = f"{found['of']}-{turn}" if turn else found["of"]
    return told


def _period(told: dict[str, str], term: str) -> None:
    """First and last day, of two that are written, or of a span that begins with the day of signing."""
    if STARTS in told or ENDS in told:
        return
    days = _DAY.findall(term)
    if len(days) == 2:
        told[STARTS], told[ENDS] = days
        return
    first, months = _day(told.get(SIGNED)), _months(term)
    if not days and first and months and _FROM_SIGNING.search(term):
        told[STARTS], told[ENDS] = first.isoformat(), _last(first, months).isoformat()


def _months(term: str) -> int:
    years, months = _YEARS.search(term), _MONTHS.search(term)
    if years:
        return 12 * _number(years[1])
    return int(months[1]) if months else 0


def _number(word: str) -> int:
    return _WORDS.get(word) or int(word)


def _framework(told: dict[str, str], term: str) -> None:
    """Where several years are signed for one by one, this contract is that of the first (R87), and what all
    of them cost is not what it costs."""
    first, last = _day(told.get(STARTS)), _day(told.get(ENDS))
    said = fold(told[CYCLE]) if CYCLE in told else _DAY.sub("", _YEARLY.sub("", term))
    if years := _YEARS.search(said):
        told[CYCLE] = str(_number(years[1]))
    if not (_YEARLY.search(term) and first and last and last > (end := _last(first, 12))):
        return
    told[ENDS] = end.isoformat()
    told.setdefault(CYCLE, str(round((last - first).days / 365)))
    for header in (SMALL, CAPITAL):
        told.pop(header, None)
    if YEARLY in told:
        told[SMALL] = told[YEARLY]


def _last(first: dt.date, months: int) -> dt.date:
    """The day before the same day so many months later."""
    place = first.month - 1 + months
    year, month = first.year + place // 12, place % 12 + 1
    for day in range(first.day, 0, -1):
        try:
            return dt.date(year, month, day) - dt.timedelta(days=1)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _amounts(told: dict[str, str]) -> None:
    """Of a sum that is masked in one way of writing and whole in the other the whole one counts."""
    if (wan := told.pop(WAN, None)) and SMALL not in told:
        told[SMALL] = f"{wan}万元" if fold(wan)[-1:].isdecimal() else wan
    for masked, whole in ((SMALL, CAPITAL), (CAPITAL, SMALL)):
        if (
            masked in told
            and whole in told
            and _said(told[masked]) == "MONEY_MASKED"
            and not _said(told[whole])
        ):
            del told[masked]
            return


def _said(amount: str) -> str | None:
    """Why it cannot be read."""
    try:
        parse_money(amount)
    except Refused as refused:
        return refused.code
    return None


def _day(cell: str | None) -> dt.date | None:
    try:
        return parse_date(cell)
    except Refused:
        return None
