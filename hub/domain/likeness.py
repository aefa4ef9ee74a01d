"""同一人: how alike two files of people are, and why, for those that no number tells apart or together.

Each feature compares as a *level*, and a level speaks for one person or for two with a weight: the logarithm
to base 2 of how many times as often it is seen of one person as of two. A name speaks the louder the fewer
have it, and the whole must outweigh how many people there are to take for each other (Fellegi and Sunter,
1969). Weights are the hub's own, learned from the emulators' truth world (``benchmarks.identity --learn``);
no document has any.

A name that names nobody (无名氏) says nothing.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from hub.domain.pinyin import Reading, spellings
from hub.domain.text import DOT, EMPTY, UNNAMED

_NOBODY: Final = re.compile(
    f"{UNNAMED}|无名(?:男|女)?(?:子|童|婴|尸)?|佚名|不详|未知|.?某某?|[男女](?:婴|童|子)?"
)
"""What shelters write for a name of who says none, 李某 among it."""
_UNWRITTEN: Final = re.compile(rf"[{DOT}\s]")

SPAN: Final = 3
"""Years by which an estimated age may be wrong."""


class Level(Enum):
    """How a feature compares, in words."""

    SAME = "相同", "the same"
    SOUNDS = "读音相同", "sounds the same"
    NEAR = "相差一处", "differs in one place"
    PART = "部分相同", "one is part of the other"
    SURNAME = "同姓", "the same surname"
    YEAR = "同年", "the same year"
    ABOUT = "年龄相近", "about the same age"
    TOWNSHIP = "同一乡镇", "in the same township"
    OTHER = "不同", "different"
    UNKNOWN = "未知", "not known of both"


FEATURES: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("姓名", "Name"),
    "sex": ("性别", "Sex"),
    "birth": ("出生日期", "Day of birth"),
    "place": ("居住地", "Residence"),
    "phone": ("电话", "Telephone"),
    "guardian": ("监护人", "Guardian"),
    "ethnicity": ("民族", "Ethnic group"),
}

L = Level
WEIGHTS: Final[Mapping[str, Mapping[Level, float]]] = {
    "name": {L.NEAR: 7.4, L.PART: 5.2, L.SURNAME: 1.0, L.OTHER: -7.1},
    "sex": {L.SAME: 1.0, L.OTHER: -10.0},
    "birth": {L.SAME: 10.4, L.NEAR: 5.4, L.YEAR: 3.9, L.ABOUT: 3.1, L.OTHER: -10.0},
    "place": {L.SAME: 5.5, L.TOWNSHIP: 1.2, L.OTHER: -1.2},
    "phone": {L.SAME: 13.4, L.OTHER: -3.0},
    "guardian": {L.SAME: 11.0, L.NEAR: 5.0, L.OTHER: -4.0},
    "ethnicity": {L.SAME: 0.9, L.OTHER: -6.0},
}
"""What is different weighs less than the world would have it, where nobody lies and no telephone changes."""
NAMED: Final[Mapping[Level, float]] = {L.SAME: -0.3, L.SOUNDS: -3.2}
"""Of a name that is or sounds the same, beside how rare it is."""


@dataclass(frozen=True, slots=True)
class File:
    """What is compared of a person. ``name``: see ``named``. ``spoken``: its syllables as it may be read."""

    id: int
    name: str | None
    spoken: frozenset[tuple[str, ...]]
    sex: str | None
    birth_on: dt.date | None
    division_code: str
    ethnicity_code: str | None
    phones: frozenset[str]
    guardian: str | None
    numbered: bool


COMPARED: Final = (
    "name", "sex", "birth_on", "division_code", "ethnicity_code", "phone", "guardian_name", "guardian_phone",
)  # fmt: skip
"""Columns of a person that a ``File`` is made of, beside whether there is a number."""


def file_of(id_: int, row: Mapping[str, Any], numbered: bool, known: Mapping[str, Reading]) -> File:
    """``row`` holds ``COMPARED``."""
    name = named(row["name"])
    return File(
        id_,
        name,
        frozenset(spellings(name, known)) if name else frozenset(),
        row["sex"],
        row["birth_on"],
        row["division_code"],
        row["ethnicity_code"],
        frozenset(filter(None, (row["phone"], row["guardian_phone"]))),
        named(row["guardian_name"]),
        numbered,
    )


class Likeness(NamedTuple):
    """``probability``: that the two are one person. ``levels``: of the features that are known of both."""

    probability: float
    levels: Mapping[str, Level]

    @property
    def contradicted(self) -> bool:
        """By what a slip of the pen does not explain."""
        return L.OTHER in (self.levels.get("sex"), self.levels.get("birth"))

    @property
    def rests_on_name(self) -> bool:
        return self.levels.get("name") in NAMED

    def reasons(self) -> list[str]:
        """Sentences as a person reads them, with no value."""
        return [
            f"{FEATURES[name][0]}{level.value[0]} / {FEATURES[name][1]}: {level.value[1]}"
            for name, level in self.levels.items()
        ]


def named(name: str | None) -> str | None:
    """The name as it compares, without dots and blanks; None where it names nobody."""
    plain = _UNWRITTEN.sub("", name or "").casefold()
    return None if plain in EMPTY or _NOBODY.fullmatch(plain) else plain


def found_by(file: File) -> list[str]:
    """Who shares none of these is not compared: the same sound; one syllable away, or the first and the year
    of birth, in the same township; the first syllable and the day of birth; a telephone."""
    keys: set[str] = set()
    place = file.division_code[:9]
    keys.update(sounds(file))
    for syllables in file.spoken:
        if len(syllables) > 2:
            keys.update(f"p {place} {' '.join(rest)}" for rest in _without_one(syllables))
        if file.birth_on:
            keys.add(f"b {file.birth_on:%Y%m%d} {syllables[0]}")
            keys.add(f"y {file.birth_on.year} {place} {syllables[0]}")
    keys.update(f"t {phone}" for phone in file.phones)
    return sorted(keys)


def sounds(file: File) -> list[str]:
    """Those of the keys that people share whose names sound the same."""
    return [f"n {' '.join(syllables)}" for syllables in file.spoken]


def _without_one(syllables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return ((*syllables[:n], "*", *syllables[n + 1 :]) for n in range(len(syllables)))


def compare(one: File, other: File, people: int, alike: int) -> Likeness:
    """``people``: how many there are to take for each other. ``alike``: those of them who sound like it."""
    levels = {name: level for name, level in compared(one, other).items() if level is not L.UNKNOWN}
    bits = -math.log2(max(people, 2))
    for name, level in levels.items():
        if name == "name" and level in NAMED:
            bits += NAMED[level] + math.log2(max(people, 2) / max(alike, 1))
        else:
            bits += WEIGHTS[name][level]
    return Likeness(1 / (1 + 2 ** -max(min(bits, 60.0), -60.0)), levels)


def compared(one: File, other: File) -> dict[str, Level]:
    """The level of every feature."""
    return {
        "name": _names(one, other),
        "sex": _equal(one.sex, other.sex),
        "birth": _births(one.birth_on, other.birth_on),
        "place": _places(one.division_code, other.division_code),
        "phone": _phones(one.phones, other.phones),
        "guardian": _guardians(one.guardian, other.guardian),
        "ethnicity": _equal(one.ethnicity_code, other.ethnicity_code),
    }


def _equal(one: str | None, other: str | None) -> Level:
    if not one or not other or "UNKNOWN" in (one, other):
        return L.UNKNOWN
    return L.SAME if one == other else L.OTHER


def _names(one: File, other: File) -> Level:
    a, b = one.name, other.name
    if a is None or b is None:
        return L.UNKNOWN
    if a == b:
        return L.SAME
    if one.spoken & other.spoken:
        return L.SOUNDS
    if len(a) == len(b) > 2 and _differing(a, b) == 1:
        return L.NEAR
    short, long = sorted((a, b), key=len)
    if len(short) > 1 and (long.startswith(short) or long.endswith(short)):
        return L.PART
    return L.SURNAME if a[0] == b[0] else L.OTHER


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _births(one: dt.date | None, other: dt.date | None) -> Level:
    """The first of January stands for a day that is not known, or for an age that was estimated."""
    if one is None or other is None:
        return L.UNKNOWN
    vague = (1, 1) in ((one.month, one.day), (other.month, other.day))
    if one == other and not vague:
        return L.SAME
    if not vague and (
        _differing(f"{one:%Y%m%d}", f"{other:%Y%m%d}") == 1
        or (one.year, one.month, one.day) == (other.year, other.day, other.month)
    ):
        return L.NEAR
    if one.year == other.year:
        return L.YEAR
    return L.ABOUT if vague and abs(one.year - other.year) <= SPAN else L.OTHER


def _places(one: str, other: str) -> Level:
    if one == other and not one.endswith("000"):
        return L.SAME
    return L.TOWNSHIP if one[:9] == other[:9] and one[6:9] != "000" else L.OTHER


def _phones(one: frozenset[str], other: frozenset[str]) -> Level:
    if not one or not other:
        return L.UNKNOWN
    return L.SAME if one & other else L.OTHER


def _guardians(one: str | None, other: str | None) -> Level:
    if one is None or other is None:
        return L.UNKNOWN
    if one == other:
        return L.SAME
    return L.NEAR if len(one) == len(other) > 1 and _differing(one, other) == 1 else L.OTHER
