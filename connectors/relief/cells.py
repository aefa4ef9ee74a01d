"""Cells of the relief system: ages that are estimates, moments, and who is taken for a child."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.lists import parse
from hub.domain.dates import CHINA, parse_date
from hub.domain.id_number import parse_id_number
from hub.domain.refusal import Refused
from hub.domain.text import UNNAMED, fold, fold_cell
from hub.domain.vocabulary import Category
from hub.sync.connector import Context

OLDEST: Final = 130
ADULT: Final = 18
_AGE: Final = re.compile(
    r"(?P<about>约|大约|估计|目测)?(?P<low>[0-9]{1,3})(?:[-~至到](?P<high>[0-9]{1,3}))?(?:周?岁)?(?P<more>左右|上下|许)?"
)
_HEIGHT: Final = re.compile(
    r"(?:约)?(?:(?P<cm>[0-9]{2,3})(?:cm|厘米|公分)?|(?P<m>[0-2][.][0-9]{1,2})(?:m|米)?)"
)
_CLOCK: Final = re.compile(r"[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_UNNAMED: Final = re.compile(r"(?:无名|佚名|姓名不详|身份不明|未知).*")


def age(value: Any, context: Context) -> Mapping[str, Any]:
    """``45``, ``约45岁``, ``40-50``: a span stays one, and is an estimate."""
    if parse.is_nothing(value):
        return {}
    found = _AGE.fullmatch(fold_cell(value))
    if found is None:
        raise Refused("NUMBER_UNREADABLE")
    low = int(found["low"])
    high = int(found["high"]) if found["high"] else low
    if not low <= high <= OLDEST:
        raise Refused("NUMBER_UNREADABLE")
    told = {"noted_age_from": low, "noted_age_to": high}
    return {**told, "is_age_estimated": True} if found["about"] or found["more"] or high > low else told


def height(value: Any, context: Context) -> int | None:
    """Centimetres, also written 1.75米."""
    if parse.is_nothing(value):
        return None
    found = _HEIGHT.fullmatch(fold_cell(value).casefold())
    if found is None:
        raise Refused("NUMBER_UNREADABLE")
    return int(found["cm"]) if found["cm"] else round(float(found["m"]) * 100)


def found(value: Any, context: Context) -> Mapping[str, Any]:
    """The day, and the moment where a time of day stands behind it."""
    if parse.is_nothing(value):
        return {}
    day = parse_date(value)
    clock = _CLOCK.search(value) if isinstance(value, str) else None
    if clock is None:
        return {"found_on": day}
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise Refused("DATE_UNREADABLE")
    return {"found_on": day, "found_at": dt.datetime.combine(day, dt.time(hour, minute, second), CHINA)}


def derive(values: Mapping[str, str]) -> Mapping[str, str]:
    """What follows from several cells: the category, the day of a death, and by what the person is known.

    Somebody without a number is known by the stay alone, and never by a name: 无名氏 is anybody.
    """
    told = dict(values)
    told["登记姓名"] = noted = values.get("姓名", "")
    if parse.is_nothing(noted) or _UNNAMED.fullmatch(fold(noted)):
        told["姓名"] = UNNAMED
    if parse.is_nothing(values.get("身份证号")):
        told["档案编号"] = values.get("救助编号", "")
    if "入站日期" in values:
        told["起始日期"] = values["入站日期"]
    if "离站日期" in values:
        told["终止日期"] = values["离站日期"]
        if values.get("离站方式") == "死亡":
            told["死亡日期"] = values["离站日期"]
    told["对象类别"] = (Category.VAGRANT_MINOR if is_minor(values) else Category.VAGRANT).zh
    return told


def is_minor(values: Mapping[str, str]) -> bool:
    """Under 18 on the day of admission. An estimate counts, and of a span its lower end: who may be a child
    is protected as one until somebody knows better (the hub's own rule). Cells that cannot be read are
    refused where they are read."""
    try:
        day = parse_date(values.get("入站日期"))
        if (born := _born(values, day)) is not None:
            return (day.year - born.year) - ((day.month, day.day) < (born.month, born.day)) < ADULT
        found = _AGE.fullmatch(fold_cell(values.get("年龄", "")))
    except Refused:
        return False
    return found is not None and int(found["low"]) < ADULT


def _born(values: Mapping[str, str], day: dt.date) -> dt.date | None:
    if not parse.is_nothing(number := values.get("身份证号")):
        return parse_id_number(number, today=day).birth_on
    born = values.get("出生日期")
    return None if parse.is_nothing(born) else parse_date(born)
