"""公民身份号码, GB 11643-1999: six digits of division, birth date, sequence, ISO 7064 MOD 11-2.

Form, check character and birth date are hard errors. An unknown or abolished division is none:
the first six digits are those of the day the number was assigned, not of birth or residence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final, Literal

import numpy as np

from hub.domain.refusal import Refused
from hub.domain.text import EMPTY, EXACT_DIGITS, fold

MAX_AGE: Final = 130
"""Years; an earlier birth date is a slip of the pen."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_WEIGHED: Final = np.array(_WEIGHTS)
_CHECKS: Final = np.array([ord(sign) - ord("0") for sign in _CHECK])
_PARTS: Final = (
    (slice(6, 10), np.array([1000, 100, 10, 1])),
    (slice(10, 12), np.array([10, 1])),
    (slice(12, 14), np.array([10, 1])),
)
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_LOOKALIKE_X: Final = str.maketrans("xΧχХхҲ", "XXXXXX")
_FULL: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.ASCII | re.IGNORECASE)
_MASK: Final = re.compile(r"[*×#•●?█_]|[xX]{2}")
_LETTERS: Final = re.compile(r"[0-9OoIlDQ]{14,17}[0-9OoIlDQX]", re.ASCII)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number of 18 characters, and what it says."""

    number: str
    birth_on: dt.date
    sex: Literal["MALE", "FEMALE"]
    region_code: str


def parse_id_number(raw: object, *, today: dt.date) -> IdNumber:
    """Folds width, spaces, a leading apostrophe and look-alikes of X; guesses nothing else.

    Raises ``REQUIRED``, ``ID_LENGTH``, ``ID_FORM``, ``ID_LOOKALIKE``, ``ID_MASKED``,
    ``ID_LOST_DIGITS``, ``ID_CHECKSUM``, ``ID_BIRTH_DATE``.
    """
    text = _folded(raw)
    if len(text) == 15 and text.isdecimal():
        return _read(upgrade(text), today)
    _refuse_by_form(text)
    if check_character(text) != text[17]:
        raise Refused("ID_LOST_DIGITS" if text.endswith("000") else "ID_CHECKSUM")
    return _read(text, today)


def plain_numbers(texts: Sequence[str], *, today: dt.date) -> list[bool]:
    """Which are in the one form ``parse_id_number`` makes, many at once; it says why others are not."""
    fits = [len(text) == 18 and text.isascii() for text in texts]
    among = [text for text, fit in zip(texts, fits, strict=True) if fit]
    signs = np.frombuffer("".join(among).encode(), np.uint8).reshape(-1, 18).astype(np.int64) - ord("0")
    good = ((signs[:, :17] >= 0) & (signs[:, :17] <= 9)).all(axis=1)
    signs[~good] = 0
    check = _CHECKS[(signs[:, :17] @ _WEIGHED) % 11]
    years, months, days = (signs[:, place] @ tens for place, tens in _PARTS)
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    longest = _DAYS[np.where((months >= 1) & (months <= 12), months, 0)] + (leap & (months == 2))
    born = years * 10_000 + months * 100 + days
    good &= (signs[:, 17] == check) & (days >= 1) & (days <= longest) & (years >= today.year - MAX_AGE)
    good &= born <= today.year * 10_000 + today.month * 100 + today.day
    found = iter(good.tolist())
    return [fit and next(found) for fit in fits]


def _folded(raw: object) -> str:
    if type(raw) is str and _FULL.fullmatch(raw):  # most are
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        # A spreadsheet number of 18 digits has lost the last three: 4.50305E+17.
        if not abs(raw) < 10**EXACT_DIGITS:
            raise Refused("ID_LOST_DIGITS")
        raw = f"{raw:.0f}"
    if not isinstance(raw, str | None):
        raise Refused("ID_FORM")
    text = fold(raw or "")
    if text.casefold() in EMPTY:
        raise Refused("REQUIRED")
    return text[:-1] + text[-1:].translate(_LOOKALIKE_X)


def _refuse_by_form(text: str) -> None:
    if _FULL.fullmatch(text):
        return
    if _SCIENTIFIC.fullmatch(text) or (len(text) == 17 and text.isdecimal()):
        raise Refused("ID_LOST_DIGITS")
    if _MASK.search(text):
        raise Refused("ID_MASKED")
    if _LETTERS.fullmatch(text):
        raise Refused("ID_LOOKALIKE")
    raise Refused("ID_FORM" if len(text) == 18 else "ID_LENGTH")


def _read(number: str, today: dt.date) -> IdNumber:
    try:
        birth_on = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Refused("ID_BIRTH_DATE") from None
    if not (birth_on <= today and today.year - birth_on.year <= MAX_AGE):
        raise Refused("ID_BIRTH_DATE")
    sex: Literal["MALE", "FEMALE"] = "MALE" if int(number[16]) % 2 else "FEMALE"
    return IdNumber(number, birth_on, sex, number[:6])


def check_character(number: str) -> str:
    """The 18th character for the first 17 digits."""
    return _CHECK[sum(map(mul, _WEIGHTS, map(int, number[:17]))) % 11]


def upgrade(fifteen: str) -> str:
    """First generation to second: a two-digit year is always 19yy, for nobody born later has one."""
    seventeen = f"{fifteen[:6]}19{fifteen[6:]}"
    return seventeen + check_character(seventeen)


def make_id_number(region: str, birth_on: dt.date, sequence: int) -> str:
    """A valid number for synthetic people; use the unassigned region 459999. Odd sequence: male."""
    if not (len(region) == 6 and region.isdecimal() and 0 <= sequence <= 999):
        raise ValueError("six digits of region and a sequence from 0 to 999 are expected")
    seventeen = f"{region}{birth_on:%Y%m%d}{sequence:03d}"
    return seventeen + check_character(seventeen)
