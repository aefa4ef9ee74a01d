"""行政区划: the list of divisions and the arithmetic of their codes.

A code has 12 digits: province 2, prefecture 2, county 2 (GB/T 2260-2007), township 3
(GB/T 10114-2003), village 3; zeros fill the levels below. Provenance: ``data/README.md``. What codes stood
for before, and what becomes of a code somebody writes: ``hub.domain.division_changes``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

from hub.domain.refusal import Refused

Level = Literal["PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE"]
Kind = Literal[
    "PROVINCE",
    "AUTONOMOUS_REGION",
    "MUNICIPALITY",
    "PREFECTURE_CITY",
    "PREFECTURE",
    "DISTRICT",
    "COUNTY",
    "AUTONOMOUS_COUNTY",
    "COUNTY_CITY",
    "SUBDISTRICT",
    "TOWN",
    "TOWNSHIP",
    "TOWNSHIP_LIKE",
    "COMMUNITY",
    "VILLAGE",
]

WIDTHS: Final[Mapping[Level, int]] = {
    "PROVINCE": 2,
    "PREFECTURE": 4,
    "COUNTY": 6,
    "TOWNSHIP": 9,
    "VILLAGE": 12,
}
"""Digits of a code that name the division; the rest are zeros."""

STATION_KINDS: Final[frozenset[Kind]] = frozenset({"SUBDISTRICT", "TOWN", "TOWNSHIP"})
"""Townships that are 政区 and have a station; farms and development zones (``TOWNSHIP_LIKE``) occur
in addresses only."""

PILOT_TOWNS: Final = frozenset(
    f"350582{n}000" for n in ("101", "102", "103", "104", "105", "106", "107", "110", "112")
)
"""Jinjiang's nine pilot small towns, R33: 安海 磁灶 陈埭 东石 深沪 金井 池店 龙湖 英林."""

_TOWNSHIP_KINDS: Final[tuple[Kind, ...]] = ("SUBDISTRICT", "TOWN", "TOWNSHIP", "TOWNSHIP", "TOWNSHIP_LIKE")
_VILLAGE_KINDS: Final[tuple[Kind, ...]] = (
    "COMMUNITY",
    "COMMUNITY",
    "VILLAGE",
    "VILLAGE",
    "COMMUNITY",
    "VILLAGE",
)
"""By the first of the last three digits; 4 and 5 are units of farms and zones like either."""


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """``depth``: distance from the province.

    ``is_urban_subdistrict`` (城区街道, R216): the list has no urban-rural class of townships, so
    every 街道 counts, told by digits 7-9 from 001 to 099.
    """

    code: str
    name: str
    full_name: str
    level: Level
    kind: Kind
    depth: int
    parent_code: str | None
    is_pilot_town: bool
    is_urban_subdistrict: bool


def read(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_text(name).splitlines())


def _text(name: str) -> str:
    return resources.files("hub.domain").joinpath("data", name).read_text("utf-8")


@cache
def division_codes() -> frozenset[str]:
    """The codes of all divisions: what most ask for, and much less to make than the divisions themselves."""
    return frozenset(line[:12] for line in _text("divisions.csv").splitlines()[1:])


@cache
def names_above_villages() -> Mapping[str, str]:
    """Code → name of every division down to townships."""
    rows = (line.split(",", 2) for line in _text("divisions.csv").splitlines()[1:])
    return {code: name for code, name, _ in rows if code[9:] == "000"}


@cache
def load_divisions() -> tuple[DivisionRow, ...]:
    """Every division, ordered by code, so that a parent stands before its children."""
    full_names: dict[str, str] = {}
    rows: list[DivisionRow] = []
    for line in read("divisions.csv"):
        code, name, parent = line["code"], line["name"], line["parent"] or None
        full_names[code] = full_names.get(parent or "", "") + name
        level = level_of(code)
        kind = kind_of(code, name)
        rows.append(
            DivisionRow(
                code=code,
                name=name,
                full_name=full_names[code],
                level=level,
                kind=kind,
                depth=list(WIDTHS).index(level),
                parent_code=parent,
                is_pilot_town=code in PILOT_TOWNS,
                is_urban_subdistrict=kind == "SUBDISTRICT",
            )
        )
    return tuple(rows)


# --- codes -------------------------------------------------------------------------------------


def level_of(code: str) -> Level:
    """Level of a 12-digit code, by the last of its parts that is not zero."""
    if code[9:] != "000":
        return "VILLAGE"
    if code[6:9] != "000":
        return "TOWNSHIP"
    if code[4:6] != "00":
        return "COUNTY"
    return "PREFECTURE" if code[2:4] != "00" else "PROVINCE"


def kind_of(code: str, name: str) -> Kind:
    """Kind of a division: by its digits, and by name where the digits do not tell."""
    level = level_of(code)
    if level == "PROVINCE":
        named: Kind = "MUNICIPALITY" if name.endswith("市") else "PROVINCE"
        return "AUTONOMOUS_REGION" if name.endswith("自治区") else named
    if level == "PREFECTURE":
        return "PREFECTURE_CITY" if name.endswith("市") else "PREFECTURE"
    if level == "COUNTY":
        return _county_kind(int(code[4:6]), name)
    kinds = _TOWNSHIP_KINDS if level == "TOWNSHIP" else _VILLAGE_KINDS
    return kinds[min(int(code[WIDTHS[level] - 3]), len(kinds) - 1)]


def _county_kind(number: int, name: str) -> Kind:
    if number <= 20:
        return "DISTRICT"
    if number >= 81:
        return "COUNTY_CITY"
    return "AUTONOMOUS_COUNTY" if name.endswith(("自治县", "自治旗")) else "COUNTY"


def _full(code: str) -> str:
    if not re.fullmatch(r"[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{9}|[0-9]{12}", code):
        raise Refused("DIVISION_FORM")
    return code.ljust(12, "0")


def code_range(code: str) -> tuple[str, str]:
    """``lo <= c < hi`` holds exactly for the 12-digit codes of the division and all below it.

    Takes any level, with or without its zeros: ``450305`` → ``450305000000``, ``450306000000``.
    """
    full = _full(code)
    width = WIDTHS[level_of(full)]
    following = str(int(full[:width]) + 1)
    if len(following) > width:
        # No province begins with 9; a range without an end would reach everything.
        raise Refused("DIVISION_UNKNOWN")
    return full, following.zfill(width).ljust(12, "0")


def is_township(code: str) -> bool:
    """Whether a code of 12 digits is that of a township, or of what has its level."""
    return code[6:9] != "000" and code[9:] == "000"


def county_of(code: str) -> str:
    """The six digits of the county a division lies in; ``DIVISION_TOO_HIGH`` above county level."""
    full = _full(code)
    if full[4:6] == "00":
        raise Refused("DIVISION_TOO_HIGH")
    return full[:6]


def township_of(code: str) -> str:
    """The 12 digits of the township a division lies in; ``DIVISION_TOO_HIGH`` above township level."""
    full = _full(code)
    if full[6:9] == "000":
        raise Refused("DIVISION_TOO_HIGH")
    return full[:9] + "000"
