"""Identity numbers for synthetic people: valid, unique, and of a region that is assigned to nobody."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Final

from connectors.emulators.geography import LANES
from hub.domain.id_number import make_id_number

REGION: Final = "459999"
_SEQUENCES: Final = 500
_SCATTER: Final = 131
_STRIDE: Final = 419
"""Prime to ``_SEQUENCES``, so that neighbours do not get neighbouring numbers and none comes twice."""


class IdentityDealer:
    """Deals birth dates of one lane: days whose ordinal leaves the remainder ``lane``.

    Two dealers of different lanes can never deal the same number, however many people there are.
    """

    def __init__(self, lane: int) -> None:
        self._lane = lane
        self._dealt: dict[tuple[int, bool], int] = {}

    def deal(self, chance: Random, male: bool, first: dt.date, last: dt.date) -> tuple[dt.date, str]:
        """A birth date from ``first`` to ``last``, at least a year apart, and a number for it."""
        start = first.toordinal()
        start += (self._lane - start) % LANES
        days = (last.toordinal() - start) // LANES + 1
        for _ in range(200):
            day = start + LANES * chance.randrange(days)
            count = self._dealt.get((day, male), 0)
            if count < _SEQUENCES:
                self._dealt[day, male] = count + 1
                birth_on = dt.date.fromordinal(day)
                sequence = (count * _STRIDE + day * _SCATTER) % _SEQUENCES * 2 + male
                return birth_on, make_id_number(REGION, birth_on, sequence)
        raise ValueError("fewer people are expected: a township has run out of identity numbers")


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day ``years`` ago; 28 February where it does not exist."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def born_between(today: dt.date, youngest: int, oldest: int) -> tuple[dt.date, dt.date]:
    """First and last birth date of people who are ``youngest`` to ``oldest`` years old today."""
    return years_before(today, oldest + 1) + dt.timedelta(days=1), years_before(today, youngest)


def age(birth_on: dt.date, on: dt.date) -> int:
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))
