"""What arguments must be, whatever they are about; BadArgument otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from hub.domain.dates import FIRST_YEAR
from hub.errors import BadArgument
from hub.write.work import Work, words

LATEST: Final = dt.timedelta(minutes=10)
"""A clock may be so far ahead."""
MOST_NAME: Final = 200
MOST_TEXT: Final = 500
MOST_ITEMS: Final = 200
"""Of a list. These bounds are the hub's own."""


def text(name: str, given: str | None, zh: str, most: int = MOST_TEXT) -> str | None:
    """Without blanks around it; None where it is not given."""
    return None if given is None else words(name, given, most, zh=zh)


def texts(name: str, given: Sequence[str], zh: str, most: int = MOST_TEXT) -> list[str]:
    few(name, given, zh)
    return [words(name, each, most, zh=zh) for each in given]


def few(name: str, given: Sequence[object], zh: str) -> None:
    if len(given) > MOST_ITEMS:
        raise BadArgument(f"Expected {name}: at most {MOST_ITEMS} of them.", zh=f"{zh}最多 {MOST_ITEMS} 项")


def come(work: Work, name: str, day: dt.date, zh: str) -> dt.date:
    """A day that has come."""
    if day > work.today:
        raise BadArgument(f"Expected {name}: a day that has come.", zh=f"{zh}应为已到的日期")
    return day


def moment(work: Work, name: str, given: dt.datetime, zh: str) -> dt.datetime:
    """A moment that has come, with its zone."""
    if given.tzinfo is None or given.year < FIRST_YEAR or given > work.now + LATEST:
        raise BadArgument(
            f"Expected {name}: a moment with its zone that has come.", zh=f"{zh}应为已过去的、带时区的时间"
        )
    return given


def period(starts: dt.date, ends: dt.date) -> None:
    if ends < starts:
        raise BadArgument("Expected a last day no earlier than the first.", zh="截止日期不得早于起始日期")


def count(name: str, given: int | None, zh: str, least: int = 0) -> int | None:
    if given is not None and given < least:
        raise BadArgument(f"Expected {name}: {least} or more.", zh=f"{zh}应不少于 {least}")
    return given


def amount(name: str, given: Decimal, zh: str, *, places: int, digits: int) -> Decimal:
    """More than nothing, with at most ``places`` decimals and ``digits`` before the point."""
    if not given.is_finite() or given <= 0 or given >= 10**digits or given != round(given, places):
        raise BadArgument(
            f"Expected {name}: more than 0, with at most {places} decimal places.",
            zh=f"{zh}应大于 0，最多 {places} 位小数",
        )
    return given


def hours_of(given: Decimal) -> Decimal:
    """Of work or training."""
    return amount("hours", given, "时数", places=1, digits=5)


def yuan(name: str, given: Decimal, zh: str) -> Decimal:
    return amount(name, given, zh, places=2, digits=12)
