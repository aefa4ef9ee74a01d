"""Dates as spreadsheets hold them: serial numbers, eight digits, 1950.1.1, 2023年3月.

Day precision throughout. A value that could be two days is refused, never guessed.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from typing import Final, NamedTuple

from hub.domain.refusal import Refused
from hub.domain.text import EMPTY, fold

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2098
"""2099-12-31, 3000-01 and 9999-12-31 are how systems write "open-ended"."""

CHINA: Final = dt.timezone(dt.timedelta(hours=8))
OPEN_ENDED: Final = frozenset({"长期", "长期有效", "永久", "终身", "至今", "无固定期限", "无期限", "不限"})

_LONGEST: Final = 64
"""Characters; white space in a longer text would cost quadratic time."""

_PLACEHOLDERS: Final = frozenset({(1900, 1, 1), (1899, 12, 31), (1899, 12, 30), (1, 1, 1), (0, 0, 0)})
_LUNAR: Final = re.compile("[农阴旧]历|闰|[正腊冬]月|初[一二三四五六七八九十]|廿")
_DASHES: Final = str.maketrans("‐‑‒–—−", "------")
_TIME: Final = re.compile(
    r"(?:T|\s)\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?\s*"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_SEPARATED: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})(?:\2([0-9]{1,2}))?")
_CHINESE: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月(?:([0-9]{1,2})[日号]?)?")
_YEAR: Final = re.compile(r"([0-9]{4})年")
_NUMBER: Final = re.compile(r"([0-9]{1,8})(?:\.([0-9]+))?")


def china_now() -> dt.datetime:
    """In China, whose days the rules go by."""
    return dt.datetime.now(CHINA)


def day_end(now: dt.datetime) -> float:
    """Seconds until the day is over, and another."""
    midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
    return (midnight - now).total_seconds() + 1


class _Parts(NamedTuple):
    """``None`` where the source gives a month or a year only."""

    year: int
    month: int | None = None
    day: int | None = None


def years_before(day: dt.date, years: int) -> dt.date:
    """Who was born then or before has so many whole years on ``day``; 28 February for a 29th that is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def parse_date(raw: object, *, epoch_1904: bool = False) -> dt.date:
    """A day from 1900-01-02 to 2098-12-31; ``epoch_1904`` for workbooks of that date system.

    Raises ``REQUIRED``, ``DATE_UNREADABLE``, ``DATE_OUT_OF_RANGE``, ``DATE_PLACEHOLDER``
    (1900-01-00, 1900-01-01), ``DATE_INCOMPLETE`` (a month), ``DATE_AMBIGUOUS``, ``DATE_LUNAR``.
    """
    return _day(_parts(raw, epoch_1904))


def parse_month_start(raw: object, *, epoch_1904: bool = False) -> dt.date:
    """As ``parse_date``; a month alone stands for its first day."""
    parts = _parts(raw, epoch_1904)
    return _day(parts if parts.day is not None else parts._replace(day=1))


def parse_month_end(raw: object, *, epoch_1904: bool = False) -> dt.date:
    """As ``parse_date``; a month alone stands for its last day."""
    return _day(_last_day(_parts(raw, epoch_1904)))


def parse_end_date(raw: object, *, epoch_1904: bool = False) -> dt.date | None:
    """As ``parse_month_end``; ``None`` for nothing, 长期, 至今, and years from 2099 (3000-01, 9999-12-31)."""
    if raw is None or (isinstance(raw, str) and fold(raw).casefold() in EMPTY | OPEN_ENDED):
        return None
    parts = _parts(raw, epoch_1904)
    return None if parts.year > LAST_YEAR else _day(_last_day(parts))


def _last_day(parts: _Parts) -> _Parts:
    if parts.day is not None or parts.month is None or not 1 <= parts.month <= 12 or parts.year < 1:
        return parts
    return parts._replace(day=calendar.monthrange(parts.year, parts.month)[1])


def _day(parts: _Parts) -> dt.date:
    year, month, day = parts
    if month == 0 or day == 0 or tuple(parts) in _PLACEHOLDERS:
        raise Refused("DATE_PLACEHOLDER")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("DATE_OUT_OF_RANGE")
    if month is None or day is None:
        raise Refused("DATE_INCOMPLETE")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Refused("DATE_UNREADABLE") from None


def _parts(raw: object, epoch_1904: bool) -> _Parts:
    if isinstance(raw, dt.datetime):
        return _of(raw.astimezone(CHINA) if raw.tzinfo else raw)
    if isinstance(raw, dt.date):
        return _of(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 10**8:
        return _from_text(str(raw).removesuffix(".0"), epoch_1904)
    if not isinstance(raw, str | None) or (raw is not None and len(raw) > _LONGEST):
        raise Refused("DATE_UNREADABLE")
    if raw is not None and (_SEPARATED.fullmatch(raw) or _CHINESE.fullmatch(raw)):
        return _written(raw)  # Most are one of these, and need no folding.
    if raw is None or fold(raw).casefold() in EMPTY:
        raise Refused("REQUIRED")
    return _from_text(unicodedata.normalize("NFKC", raw).strip(), epoch_1904)


def _of(day: dt.date) -> _Parts:
    return _Parts(day.year, day.month, day.day)


def _from_text(text: str, epoch_1904: bool) -> _Parts:
    if _LUNAR.search(text):
        raise Refused("DATE_LUNAR")
    if time := _TIME.search(text):
        return _at(_written(fold(text[: time.start()])), time)
    text = fold(text).translate(_DASHES)
    if _NUMBER.fullmatch(text) and not _SEPARATED.fullmatch(text):
        return _from_number(text, epoch_1904)
    return _written(text)


def _at(parts: _Parts, time: re.Match[str]) -> _Parts:
    """A moment with a zone is the day it is in China: midnight there is 16:00Z of the day before."""
    if not time["zone"] or parts.year > LAST_YEAR:
        return parts
    stamp = f"{_day(parts)}T{time['hour']:0>2}:{time['minute']}{time['zone'].upper()}"
    try:
        return _of(dt.datetime.fromisoformat(stamp).astimezone(CHINA))
    except ValueError:
        raise Refused("DATE_UNREADABLE") from None


def _written(text: str) -> _Parts:
    text = text.translate(_DASHES)
    if found := _SEPARATED.fullmatch(text):
        year, separator, month, day = found.groups()
        if separator == "." and month == "1" and day is None:
            # A number cell turns 2023.10 into 2023.1.
            raise Refused("DATE_AMBIGUOUS")
    elif found := _CHINESE.fullmatch(text):
        year, month, day = found.groups()
    elif found := _YEAR.fullmatch(text):
        return _Parts(int(found[1]))
    elif re.fullmatch("[0-9]{8}", text):
        year, month, day = text[:4], text[4:6], text[6:]
    else:
        raise Refused("DATE_UNREADABLE")
    return _Parts(int(year), int(month), None if day is None else int(day))


def _from_number(text: str, epoch_1904: bool) -> _Parts:
    """19500101, 202303, 1950 (a year) or a serial number; the fraction of a serial is the time of day."""
    whole = text.partition(".")[0]
    if len(whole) == 8:
        return _written(whole)
    year = int(whole[:4])
    named = FIRST_YEAR <= year <= LAST_YEAR + 2 or year >= 2999
    if len(whole) == 6 and named and int(whole[4:]) <= 12:
        return _Parts(year, int(whole[4:]))
    if len(whole) == 4 and (year == 9999 or (named and year < 2999)):
        return _Parts(year)
    return _from_serial(int(whole), epoch_1904)


def _from_serial(serial: int, epoch_1904: bool) -> _Parts:
    """Serial 1 is 1900-01-01; 60 is 1900-02-29, a day that never was. In the 1904 system 0 is 1904-01-01."""
    if serial == 0:
        raise Refused("DATE_PLACEHOLDER")
    if serial == 60 and not epoch_1904:
        raise Refused("DATE_UNREADABLE")
    start = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 31 if serial < 60 else 30)
    try:
        return _of(start + dt.timedelta(days=serial))
    except OverflowError:
        raise Refused("DATE_OUT_OF_RANGE") from None
