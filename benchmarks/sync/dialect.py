"""How the source writes a record: codes as words or digits, two forms of days, full-width digits, spaces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any, Final
from unicodedata import normalize

from benchmarks.sync.columns import NAMES
from hub.domain.vocabulary import AbilityLevel, Category, DisabilityCategory, RiskLevel, SelfCare

_WIDE: Final = str.maketrans("0123456789", "０１２３４５６７８９")
PLACES: Final = {name: place for place, name in enumerate(NAMES)}

Write = Callable[[Any, float], str]
"""A value, and a number by chance from 0 to 1 that decides the form."""


def _either(words: Mapping[Any, tuple[str, ...]]) -> Write:
    return lambda value, roll: words[value][int(roll * len(words[value]))]


def _digits(value: str, roll: float) -> str:
    """One in ten is not as it should be."""
    if roll < 0.9:
        return value
    return value.translate(_WIDE) if roll < 0.95 else f"{value[:6]} {value[6:]}"


def _id_number(value: str, roll: float) -> str:
    if roll < 0.03:
        return value.lower()
    return f"'{value}" if roll < 0.06 else _digits(value, roll)


def _name(value: str, roll: float) -> str:
    return f"{value[0]} {value[1]}" if roll < 0.04 and len(value) == 2 else value


def _place(value: str, roll: float) -> str:
    return value.translate(_WIDE) if roll < 0.05 else value


def _day(value: dt.date, roll: float) -> str:
    return value.isoformat() if roll < 0.6 else f"{value.year}年{value.month}月{value.day}日"


def _amount(value: Decimal, roll: float) -> str:
    if roll < 0.85:
        return f"{value:.2f}"
    return f"{value:,.2f}" if roll < 0.95 else f"{value:.2f}元"


def _as_it_is(value: Any, roll: float) -> str:
    return str(value)


def _words(kind: Any, *others: tuple[Any, str]) -> Write:
    forms: dict[str, tuple[str, ...]] = {str(member): (member.zh, member.value) for member in kind}
    for member, word in others:
        forms[str(member)] += (word,)
    return _either(forms)


_WRITE: Final[Mapping[str, Write]] = {
    "name": _name,
    "id_number": _id_number,
    "sex": _either({"MALE": ("男", "1", "男性"), "FEMALE": ("女", "2", "女性")}),
    "birth_on": _day,
    "ethnicity_code": _either({"01": ("汉族", "汉", "01"), "08": ("壮族", "壮", "08")}),
    "division_code": _digits,
    "address": _place,
    "phone": _digits,
    "household_relation_code": _as_it_is,
    "risk_level": _words(RiskLevel, (RiskLevel.LEVEL_1, "高"), (RiskLevel.LEVEL_2, "中")),
    "self_care": _words(SelfCare),
    "ability_level": _words(AbilityLevel),
    "disability_category": _words(DisabilityCategory),
    "disability_grade": _either({n: (str(n), f"{'一二三四'[n - 1]}级") for n in range(1, 5)}),
    "dossier_opened_on": _day,
    "category": _words(Category, (Category.DIBAO, "低保"), (Category.TEKUN, "特困")),
    "starts_on": _day,
    "ends_on": _day,
    "monthly_amount": _amount,
}
WRITE: Final = tuple(_WRITE.get(name, _as_it_is) for name in NAMES)


def written(meant: tuple[Any, ...], chance: Random) -> list[str]:
    return [
        "" if value is None else write(value, chance.random())
        for write, value in zip(WRITE, meant, strict=True)
    ]


def spoil(cells: list[str], fault: str) -> None:
    """Makes the row one that must be refused, for the reason ``fault``."""
    place, spoiled = _SPOILED[fault]
    cells[place] = spoiled(cells[place])


def _other_check(number: str) -> str:
    plain = normalize("NFKC", number).replace(" ", "").lstrip("'")
    return plain[:17] + ("1" if plain[17] != "1" else "2")


_SPOILED: Final[Mapping[str, tuple[int, Callable[[str], str]]]] = {
    "ID_CHECKSUM": (PLACES["id_number"], _other_check),
    "DATE_UNREADABLE": (PLACES["starts_on"], lambda _: "2023-02-30"),
    "CODE_UNKNOWN": (PLACES["category"], lambda _: "其它情形"),
    "DIVISION_OUTSIDE": (PLACES["division_code"], lambda _: "450305000000"),
    "NAME_LOST_CHARACTER": (PLACES["name"], lambda name: f"{name[0]}？"),
}
