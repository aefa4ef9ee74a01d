"""民政服务站: one for each township, named by its region's rule (R6 to R8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Final

from connectors.emulators.geography import full_name
from connectors.emulators.model import Contract, County, Rules, Station, Township
from hub.domain.vocabulary import SiteHostKind, StationKind, StationStatus

PLANNED: Final = "350212110000"
"""五显镇 of 同安区: the station is being set up."""

SUSPENDED: Final = "640324204000"
"""兴隆乡 of 同心县: without a project since the turn of the year."""

MISNAMED: Final = "640104201000"
"""月牙湖乡 of 兴庆区: a short name without the county, against R8."""

_SUFFIX: Final[dict[StationKind, str]] = {
    StationKind.CIVIL_AFFAIRS: "民政服务站",
    StationKind.SOCIAL_WORK: "社会工作服务站",
}
_HOSTS: Final[dict[Rules, tuple[SiteHostKind, ...]]] = {
    "QX": (SiteHostKind.FORMER_SOCIAL_WORK_STATION, SiteHostKind.PARTY_SERVICE_CENTRE),
    "JJ": (SiteHostKind.PARTY_SERVICE_CENTRE, SiteHostKind.CIVILISATION_POST, SiteHostKind.OTHER),
    "XM": (
        SiteHostKind.MINORS_PROTECTION_STATION,
        SiteHostKind.ELDERLY_CARE_CENTRE,
        SiteHostKind.PARTY_SERVICE_CENTRE,
        SiteHostKind.CIVILISATION_POST,
    ),
    "NX": (
        SiteHostKind.PUBLIC_SERVICE_CENTRE,
        SiteHostKind.CENTRAL_COMMUNITY,
        SiteHostKind.ELDERLY_INSTITUTION,
    ),
}
_OPENED: Final[dict[Rules, dt.date]] = {
    "QX": dt.date(2021, 9, 1),
    "JJ": dt.date(2020, 12, 1),
    "XM": dt.date(2022, 3, 1),
    "NX": dt.date(2021, 6, 1),
}
_RENAMED: Final[dict[Rules, dt.date | None]] = {
    "QX": dt.date(2025, 3, 1),
    "JJ": dt.date(2024, 1, 1),
    "XM": dt.date(2025, 6, 1),
    "NX": None,
}
_ROADS: Final = ("便民", "和谐", "文明", "新民")
_AREA_CODES: Final = {"QX": "0773", "JJ": "0595", "XM": "0592", "NX": "0951"}


def stations(county: County, contracts: Sequence[Contract], seed: int, today: dt.date) -> tuple[Station, ...]:
    chance = Random(f"{seed}:stations:{county.county_code}")
    return tuple(_station(county, township, contracts, chance, today) for township in county.townships)


def _station(
    county: County, township: Township, contracts: Sequence[Contract], chance: Random, today: dt.date
) -> Station:
    kind = StationKind.SOCIAL_WORK if county.rules == "NX" else StationKind.CIVIL_AFFAIRS
    status = _status(township.code)
    planned = status == StationStatus.PLANNED
    opened = _OPENED[county.rules] + dt.timedelta(days=chance.randrange(0, 120))
    renamed = None if planned else _RENAMED[county.rules]
    former = f"{county.name}{township.name}{_SUFFIX[StationKind.SOCIAL_WORK]}" if renamed else None
    operator = next(
        (c for c in contracts if c.is_core and c.is_live(today) and township.code in c.station_codes), None
    )
    return Station(
        county_code=county.county_code,
        division_code=township.code,
        township_name=township.name,
        name=_name(county, township, kind),
        former_name=former if renamed and renamed <= today else None,
        kind=kind,
        status=status,
        renamed_on=renamed if renamed and renamed <= today else None,
        opened_on=None if planned else min(opened, today),
        staffed_on=None if planned else min(opened + dt.timedelta(days=chance.randrange(5, 60)), today),
        site_host_kind=chance.choice(_HOSTS[county.rules]),
        address=f"{full_name(township.code)}{chance.choice(_ROADS)}路{chance.randrange(1, 200)}号",
        # No subscriber's number begins with 1.
        phone=f"{_AREA_CODES[county.rules]}-1{chance.randrange(10**6):06d}",
        operator_credit_code=operator.contractor.credit_code if operator else None,
    )


def _status(code: str) -> StationStatus:
    special = {PLANNED: StationStatus.PLANNED, SUSPENDED: StationStatus.SUSPENDED}
    return special.get(code, StationStatus.OPERATING)


def _name(county: County, township: Township, kind: StationKind) -> str:
    if township.code == MISNAMED:
        return f"{township.name}社工站"
    return f"{county.name}{township.name}{_SUFFIX[kind]}"
