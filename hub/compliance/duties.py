"""Who must tell whom: sender and recipients of what the rules have reported, evaluated or filed.

Documents name parties; a bound names what is counted. A rule that names neither a day nor an interval (及时,
适时) has no bound: whether it is met nobody can say (A8), and it stands in the calendar as that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.domain.vocabulary import Party

_CONTRACTOR, _STATION, _TOWNSHIP = Party.CONTRACTOR, Party.STATION, Party.TOWNSHIP
_COUNTY, _CITY, _PROVINCE = Party.COUNTY_BUREAU, Party.PREFECTURE_BUREAU, Party.PROVINCE_DEPARTMENT


EXPERIENCE: Final = "report.EXPERIENCE"


class Duty(NamedTuple):
    """``sender`` is None where it is the purchaser, bureau or township; ``recipients`` are empty where the
    document names none, or the purchaser."""

    sender: Party | None
    recipients: tuple[Party, ...] = ()


DUTIES: Final[Mapping[str, Duty]] = {
    "R119": Duty(_CONTRACTOR, (_COUNTY,)),
    "R120": Duty(_CONTRACTOR, (_COUNTY,)),
    "R121": Duty(_CONTRACTOR, (_COUNTY,)),
    "R122": Duty(_CITY, (_PROVINCE,)),
    "R123": Duty(_CITY, (_PROVINCE,)),
    "R124": Duty(_CITY, (_PROVINCE,)),
    "R126": Duty(_CITY, (_PROVINCE,)),
    "R127": Duty(_COUNTY, (_CITY,)),
    "R128": Duty(_TOWNSHIP, (_COUNTY,)),
    "R129": Duty(_CONTRACTOR, (_TOWNSHIP,)),
    "R130": Duty(_CONTRACTOR),
    "R132": Duty(_CONTRACTOR, (_COUNTY,)),
    "R132 report.REGULAR": Duty(_CONTRACTOR, (_COUNTY, _TOWNSHIP)),
    "R132 report.MID_TERM.TOWNSHIP": Duty(_CONTRACTOR, (_TOWNSHIP,)),
    "R132 report.FINAL.TOWNSHIP": Duty(_CONTRACTOR, (_TOWNSHIP,)),
    "R134": Duty(_CONTRACTOR, (_COUNTY,)),
    "R134 report.MONTHLY.TOWNSHIP": Duty(_CONTRACTOR, (_TOWNSHIP,)),
    "R135": Duty(_COUNTY, (_PROVINCE,)),
    "R135 report.HALF_YEAR.PREFECTURE_BUREAU": Duty(_COUNTY, (_CITY,)),
    "R137": Duty(_CONTRACTOR, (_COUNTY,)),
    "R177": Duty(_CONTRACTOR, (_TOWNSHIP, _COUNTY)),
    "R178": Duty(_CONTRACTOR, (_COUNTY,)),
    "R181": Duty(_COUNTY),
    "R184": Duty(_COUNTY),
    "R186 evaluation.SELF_CONTRACTOR": Duty(_CONTRACTOR),
    "R186 evaluation.FINAL_YEAR": Duty(None),
}
"""By rule, or by rule and quantity where one rule has several."""

UNDATED: Final[Mapping[str, tuple[str, Duty]]] = {
    "R125": (EXPERIENCE, Duty(_COUNTY, (_PROVINCE,))),
    "R131": (EXPERIENCE, Duty(_COUNTY, (_CITY,))),
    "R133": (EXPERIENCE, Duty(_TOWNSHIP, (_COUNTY,))),
    "R136": (EXPERIENCE, Duty(_COUNTY, (_PROVINCE,))),
    "R180": ("evaluation.SELF_STATION", Duty(_STATION)),
    "R182": ("evaluation.OBJECT_OPINION", Duty(_COUNTY)),
    "R183": ("evaluation.INSPECTION", Duty(_CITY)),
    "R191": ("filing.WORK_PLAN", Duty(_COUNTY, (_PROVINCE, _CITY))),
    "R196": ("filing.IMPLEMENTATION_PLAN", Duty(_CITY)),
}
"""Of rules without a bound, since the document gives neither day nor interval: what is told, and by whom."""


def duty_of(rule: str, quantity: str) -> Duty:
    """KeyError for what nobody must tell."""
    if (undated := UNDATED.get(rule)) is not None:
        return undated[1]
    return DUTIES.get(f"{rule} {quantity}") or DUTIES[rule]
