"""A naive second reading of name search: whole products of readings, no keys, no limits."""

from __future__ import annotations

import itertools
import re
from functools import cache

from hub.domain.pinyin import Reading, readings

PEOPLE = ("beneficiary", "personnel")


@cache
def known() -> dict[str, Reading]:
    return dict(readings())


def plain(text: str) -> str:
    return re.sub(r"[\s·•'’()（）\[\]【】《》、，,.。-]", "", text).lower()


def is_found(table: str, name: str, text: str) -> bool:
    """Whether a row of this name answers a search for ``text``."""
    name, sought = plain(name), plain(text).replace("ü", "v")
    if re.fullmatch("[0-9]*[a-z][a-z0-9]*", sought):
        spelled = list(itertools.product(*sounds(name, table in PEOPLE)))
        return any(
            "".join(each).startswith(sought) or "".join(s[0] for s in each).startswith(sought)
            for each in spelled
        )
    return sought in name


def sounds(name: str, person: bool) -> list[list[str]]:
    """The readings of each character in its place."""
    found = [_sounds(c, i == 0, person) for i, c in enumerate(name)]
    if person and len(name) > 2 and name[:2] in known():
        found[:2] = [[part] for part in known()[name[:2]].surname[0].split()]
    return found


def _sounds(character: str, first: bool, person: bool) -> list[str]:
    reading = known().get(character)
    if reading is None:
        return [character]
    if first:
        return reading.surname if person else sorted({*reading.usual, *reading.surname})
    return reading.usual if person else reading.usual[:1]
