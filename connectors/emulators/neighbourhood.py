"""One township while its people are being made: numbers, addresses, and persons with nothing to them yet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Final

from connectors.emulators import names
from connectors.emulators.geography import PROVINCES
from connectors.emulators.identity import IdentityDealer, born_between
from connectors.emulators.model import County, Guardian, Household, Person, Township
from hub.domain.vocabulary import Sex

_ROADS: Final = (
    "中山路",
    "解放路",
    "育才路",
    "文明路",
    "建设路",
    "东兴路",
    "人民路",
    "新华街",
    "和平里",
    "兴业街",
)


class Neighbourhood:
    """What the groups of a township draw from; ``chance`` is the township's own generator."""

    def __init__(self, county: County, township: Township, chance: Random, today: dt.date) -> None:
        self.county, self.township, self.chance, self.today = county, township, chance, today
        self.province = PROVINCES[county.code[:2]]
        self._dealer = IdentityDealer(township.lane)
        self._villages = township.villages or (township.row,)
        self._numbers: dict[str, int] = {}

    def maybe(self, probability: float) -> bool:
        return self.chance.random() < probability

    def number(self, kind: str) -> str:
        """``DB450305001-00001``: county-wide unique, and it tells nothing of the person."""
        count = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}{self.township.code[:9]}-{count:05d}"

    def phone(self) -> str:
        """Numbers that begin with 154 are not in use."""
        return f"154{self.chance.randrange(10**8):08d}"

    def home(self) -> tuple[str, str]:
        """A division and an address in it; of some people only the township is known."""
        roll = self.chance.random
        if roll() < 0.04:
            return (
                self.township.code,
                f"{self.township.name}{self.chance.choice(_ROADS)}{int(roll() * 300) + 1}号",
            )
        village = self._villages[int(roll() * len(self._villages))]
        if village.kind == "VILLAGE":
            return (
                village.code,
                f"{village.name.removesuffix('委会')}{int(roll() * 16) + 1}组{int(roll() * 90) + 1}号",
            )
        door = f"{int(roll() * 30) + 1}栋{int(roll() * 18) + 1}0{int(roll() * 4) + 1}室"
        return village.code, f"{village.name}{self.chance.choice(_ROADS)}{int(roll() * 300) + 1}号{door}"

    def person(
        self,
        youngest: int,
        oldest: int,
        *,
        male: bool | None = None,
        family: str | None = None,
        ethnicity: str | None = None,
        home: tuple[str, str] | None = None,
        phone: str | None = None,
    ) -> Person:
        """Somebody of this age with a valid identity number, an address and a telephone."""
        chance = self.chance
        is_male = chance.random() < 0.5 if male is None else male
        ethnicity = ethnicity or names.ethnicity(chance, self.province)
        birth_on, id_number = self._dealer.deal(chance, is_male, *born_between(self.today, youngest, oldest))
        division_code, address = home or self.home()
        return Person(
            county_code=self.county.county_code,
            township_code=self.township.code,
            name=names.full_name(chance, is_male, ethnicity, family),
            sex=Sex.MALE if is_male else Sex.FEMALE,
            birth_on=birth_on,
            ethnicity_code=ethnicity,
            id_number=id_number,
            division_code=division_code,
            address=address,
            phone=phone or self.phone(),
        )

    def relative(self, other: Person, youngest: int, oldest: int, male: bool, *, heir: bool = True) -> Person:
        """Somebody who lives with ``other``; an ``heir`` has the same surname where there is one."""
        return self.person(
            youngest,
            oldest,
            male=male,
            family=surname(other.name) if heir else None,
            ethnicity=other.ethnicity_code,
            home=(other.division_code, other.address or ""),
            phone=other.phone,
        )

    def household(self, head: Person, kind: str, checked_on: dt.date | None) -> Household:
        return Household(
            number=self.number(kind),
            division_code=head.division_code,
            address=head.address or "",
            phone=head.phone or "",
            member_count=1,
            certificate_number=self.number("Z" + kind),
            checked_on=checked_on,
        )

    def guardian(self, child: Person, *, parents: bool) -> Guardian:
        relation = self.chance.choice(
            ("父亲", "母亲") if parents else ("祖父", "祖母", "外祖母", "伯父", "姑母")
        )
        male = relation in ("父亲", "祖父", "伯父")
        family = surname(child.name) if relation in ("父亲", "祖父", "伯父", "姑母") else None
        ethnicity = child.ethnicity_code or names.HAN
        return Guardian(names.full_name(self.chance, male, ethnicity, family), relation, self.phone())

    def month_start(self, earliest: int, latest: int) -> dt.date:
        """The first day of a month that began ``latest`` to ``earliest`` months ago."""
        months = self.today.year * 12 + self.today.month - 1 - self.chance.randrange(latest, earliest + 1)
        return dt.date(months // 12, months % 12 + 1, 1)

    def day_ago(self, earliest: int, latest: int = 0) -> dt.date:
        """A day between ``earliest`` and ``latest`` days ago."""
        return self.today - dt.timedelta(days=latest + int(self.chance.random() * (earliest - latest + 1)))

    def yuan(self, lowest: int, highest: int) -> Decimal:
        """Whole yuan in steps of five."""
        return Decimal(lowest + 5 * int(self.chance.random() * ((highest - lowest) // 5 + 1)))


def surname(name: str) -> str | None:
    """The part handed down; names with a middle dot have none."""
    if names.MIDDLE_DOT in name:
        return None
    return name[:2] if name[:2] in names.LONG_SURNAMES else name[:1]
