"""What stations, badges and uniforms are called: by rules in force and the division tree (R6-R9, R59-R61).

The rules give templates with ``{county}``, ``{township}`` and ``{name}``; divisions have their whole names of
the list: 恭城瑶族自治县平安镇民政服务站. Farms and zones have the level of townships and are none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hub.domain.division import (
    STATION_KINDS,
    WIDTHS,
    county_of,
    is_township,
    kind_of,
    level_of,
    names_above_villages,
)
from hub.domain.norms.read import rules_of
from hub.domain.text import fold
from hub.domain.vocabulary.norm import NoName

STATION: Final = "station.name"
BADGE: Final = "badge.text"
UNIFORM: Final = "uniform.text"


def station_name(division_code: str, on: dt.date) -> str | NoName:
    """Of the station of a township; or why none is given."""
    found = texts(STATION, division_code, on)
    return found if isinstance(found, NoName) else found[0]


def is_named(name: str, division_code: str, on: dt.date) -> bool | None:
    """Whether it is the name the rules give, but for spaces and widths; None where they give none."""
    expected = station_name(division_code, on)
    return None if isinstance(expected, NoName) else _plain(name) == _plain(expected)


def badge_text(person: str, division_code: str, on: dt.date) -> str | None:
    """Of one who serves in a township (R59); None where no rule gives any."""
    found = texts(BADGE, division_code, on)
    return None if isinstance(found, NoName) else found[0].replace("{name}", person)


def uniform_texts(division_code: str, on: dt.date) -> Sequence[str]:
    """Those allowed (R60); none where no rule speaks of them."""
    found = texts(UNIFORM, division_code, on)
    return () if isinstance(found, NoName) else found


@lru_cache(8192)
def texts(quantity: str, division_code: str, on: dt.date) -> tuple[str, ...] | NoName:
    """What may stand there; the name of a person stays a place in it."""
    names = names_above_villages()
    name = names.get(division_code)
    if name is None or not is_township(division_code) or kind_of(division_code, name) not in STATION_KINDS:
        return NoName.NO_TOWNSHIP
    county = names[county_of(division_code).ljust(12, "0")]
    made = (
        template.replace("{county}", county).replace("{township}", name)
        for template in _templates(quantity, division_code, on)
    )
    return tuple(made) or NoName.NO_RULE


def _templates(quantity: str, division_code: str, on: dt.date) -> tuple[str, ...]:
    """Of the narrowest document that has any."""
    found = {
        rule.document.jurisdiction: bound.value
        for rule in rules_of(division_code, on)
        for bound in rule.bounds
        if bound.quantity == quantity
    }
    value = found[max(found, key=lambda code: WIDTHS[level_of(code)])] if found else None
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()


def _plain(text: str) -> str:
    return "".join(fold(text).split())
