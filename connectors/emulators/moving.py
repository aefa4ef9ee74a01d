"""Days that pass after a world was made: what happens to its people, so that systems have news to tell.

Everything follows from the world's seed and the number of the day, so the days of a demo can be told again.
A death is told three days later, for that is how deaths reach an office.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from connectors.emulators import marks, names
from connectors.emulators.identity import REGION
from connectors.emulators.model import Household, Membership, Person, Township
from connectors.emulators.neighbourhood import surname
from connectors.emulators.world import World
from hub.domain.id_number import make_id_number
from hub.domain.vocabulary import Sex

DIES: Final = 0.004
"""Share of people, each day; far more than in life, so that a day shows something."""
LEAVES_A_LIST: Final = 0.02
NEW_PHONE: Final = 0.02
MOVES: Final = 0.01
HOUSEHOLD_ENDS: Final = 0.02
HOUSEHOLD_GROWS: Final = 0.02

KNOWN_AFTER: Final = dt.timedelta(days=3)
MOST_BIRTHS: Final = 10
"""In a township on a day, so that numbers of children born there never meet those of another."""

_HOUSEHOLDS: Final = frozenset({"dibao", "tekun"})
_HEAD, _SON, _DAUGHTER = "02", "20", "30"


@dataclass(frozen=True, slots=True)
class Moving:
    """``days``: when each day was told, the oldest first."""

    world: World
    days: tuple[dt.datetime, ...] = ()

    def people(self, county: str) -> Iterator[Person]:
        """As ``World.people``, after all the days."""
        for township in self.world.county(county).townships:
            born: Counter[dt.date] = Counter()
            for person in self.world.people_of_township(township):
                yield from self._lived(township, person, born)

    def _lived(self, township: Township, person: Person, born: Counter[dt.date]) -> Iterator[Person]:
        children: list[Person] = []
        for number, at in enumerate(self.days):
            chance = Random(f"{self.world.seed}:day {number}:{person.key}")
            if person.deceased_on is None:
                person = _of_a_day(person, township, chance, at.date())
            if person.household is not None:
                home = Random(f"{self.world.seed}:day {number}:{person.household.number}")
                roll = home.random()
                if roll < HOUSEHOLD_ENDS:
                    person = _ended(person, at.date())
                elif roll > 1 - HOUSEHOLD_GROWS and _receives(person):
                    room = born[at.date()] < MOST_BIRTHS
                    if person.relation_code == _HEAD and room:
                        children.append(_child(person, township, home, at.date(), born[at.date()]))
                        born[at.date()] += 1
        yield person
        yield from children


def _of_a_day(person: Person, township: Township, chance: Random, day: dt.date) -> Person:
    roll = chance.random()
    alone = person.household is None or person.household.member_count == 1
    if (roll := roll - DIES) < 0:
        return _died(person, day - KNOWN_AFTER) if alone else person
    if (roll := roll - LEAVES_A_LIST) < 0:
        return _left(person, day)
    if (roll := roll - NEW_PHONE) < 0:
        return replace(person, phone=f"154{chance.randrange(10**8):08d}") if person.phone else person
    if (roll := roll - MOVES) < 0 and township.villages and alone and person.address:
        village = chance.choice(township.villages)
        address = f"{village.name.removesuffix('委会')}{chance.randrange(1, 90)}号"
        return replace(person, division_code=village.code, address=address)
    return person


def _died(person: Person, on: dt.date) -> Person:
    if any(membership.starts_on > on for membership in person.memberships):
        return person
    memberships = [marks.closed(membership, on) for membership in person.memberships]
    return replace(person, deceased_on=on, memberships=memberships)


def _left(person: Person, day: dt.date) -> Person:
    """The first list that is not a household's."""
    kept = list(person.memberships)
    for number, membership in enumerate(kept):
        open_ = membership.ends_on is None and membership.starts_on < day
        if open_ and membership.list_kind not in _HOUSEHOLDS:
            kept[number] = membership._replace(ends_on=day)
            break
    return replace(person, memberships=kept)


def _ended(person: Person, day: dt.date) -> Person:
    """What the household receives, with the month."""
    last = marks.month_end(day)
    return replace(
        person,
        memberships=[
            m._replace(ends_on=last)
            if m.list_kind in _HOUSEHOLDS and m.ends_on is None and m.starts_on <= last
            else m
            for m in person.memberships
        ],
    )


def _receives(person: Person) -> Membership | None:
    return next((m for m in person.memberships if m.list_kind == "dibao" and m.ends_on is None), None)


def _child(head: Person, township: Township, chance: Random, day: dt.date, ordinal: int) -> Person:
    """Born today, and on the household's list at once."""
    benefit, home = _receives(head), head.household
    assert benefit is not None
    assert isinstance(home, Household)
    sequence = township.lane * MOST_BIRTHS + ordinal
    male = sequence % 2 == 1
    return Person(
        county_code=head.county_code,
        township_code=head.township_code,
        name=names.full_name(chance, male, family=surname(head.name)),
        sex=Sex.MALE if male else Sex.FEMALE,
        birth_on=day,
        ethnicity_code=head.ethnicity_code,
        id_number=make_id_number(REGION, day, sequence),
        division_code=head.division_code,
        address=head.address,
        phone=head.phone,
        household=home,
        relation_code=_SON if male else _DAUGHTER,
        memberships=[benefit._replace(starts_on=day)],
        key=f"{head.key}-{day:%Y%m%d}-{ordinal}",
    )
