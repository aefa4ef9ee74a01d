"""行政区划: the list of divisions, the arithmetic of their codes, and what becomes of a raw code.

A code has 12 digits: province 2, prefecture 2, county 2 (GB/T 2260-2007), township 3
(GB/T 10114-2003), village 3; zeros fill the levels below. Provenance: ``data/README.md``.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple

from hub.domain.refusal import Refused
from hub.domain.text import fold_cell, is_empty

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

_RAW: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
_OWN_LEVEL: Final = "999"


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


@dataclass(frozen=True, slots=True)
class DivisionChange:
    """Between two editions; ``old_code`` is empty for ``ADDED``, ``new_code`` for ``ABOLISHED``."""

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    change: Literal["ADDED", "RENAMED", "RECODED", "ABOLISHED"]
    effective_on: dt.date | None


class Resolution(NamedTuple):
    """What a raw code stands for, and how that is known: keep it beside the raw code."""

    code: str
    how: Literal["EXACT", "SUCCESSOR", "OWN_LEVEL"]


def _read(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("hub.domain").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def load_divisions() -> tuple[DivisionRow, ...]:
    """Every division, ordered by code, so that a parent stands before its children."""
    full_names: dict[str, str] = {}
    rows: list[DivisionRow] = []
    for line in _read("divisions.csv"):
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


@cache
def load_changes() -> tuple[DivisionChange, ...]:
    """What changed between the editions of 2021-12 and 2023-06."""
    return tuple(
        DivisionChange(
            line["old_code"],
            line["old_name"],
            line["new_code"],
            line["new_name"],
            line["change"],  # type: ignore[arg-type]
            dt.date.fromisoformat(line["effective_on"]) if line["effective_on"] else None,
        )
        for line in _read("division_changes.csv")
    )


@cache
def _codes() -> frozenset[str]:
    return frozenset(row.code for row in load_divisions())


@cache
def _successors() -> Mapping[str, str]:
    """Codes that ended, with their one successor, or "" where there is none."""
    return {c.old_code: c.new_code for c in load_changes() if c.change in ("RECODED", "ABOLISHED")}


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


# --- raw codes ---------------------------------------------------------------------------------


def resolve(raw: object, *, within: str | None = None) -> Resolution:
    """The current division a raw code of 6, 9 or 12 digits stands for; a name never resolves.

    An abolished code becomes its successor where it has exactly one (``SUCCESSOR``). 999 in the
    township or village digits is how provincial systems write 本级, the division itself, which is
    no division of the list: it becomes the division above (``OWN_LEVEL``).
    Raises ``REQUIRED``, ``DIVISION_FORM``, ``DIVISION_UNKNOWN``, ``DIVISION_ABOLISHED``, and
    ``DIVISION_OUTSIDE`` where the result does not lie in ``within``.
    """
    if is_empty(raw):
        raise Refused("REQUIRED")
    digits = fold_cell(raw)
    if not _RAW.fullmatch(digits):
        raise Refused("DIVISION_FORM")
    found = _resolve(digits.ljust(12, "0"))
    if within is not None:
        lo, hi = code_range(within)
        if not lo <= found.code < hi:
            raise Refused("DIVISION_OUTSIDE")
    return found


def resolve_code(raw: object, *, within: str | None = None) -> str:
    """The code alone of ``resolve``."""
    return resolve(raw, within=within).code


def _resolve(code: str) -> Resolution:
    if code in _codes():
        return Resolution(code, "EXACT")
    if code[6:9] == _OWN_LEVEL:
        return Resolution(_resolve(code[:6] + "000000").code, "OWN_LEVEL")
    if code[9:] == _OWN_LEVEL:
        return Resolution(_resolve(code[:9] + "000").code, "OWN_LEVEL")
    if successor := _successors().get(code):
        return Resolution(successor, "SUCCESSOR")
    # Villages of an abolished township were numbered anew; which is which the list does not say.
    raise Refused("DIVISION_ABOLISHED" if code[:9] + "000" in _successors() else "DIVISION_UNKNOWN")
