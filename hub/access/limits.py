"""How much a client may ask: what the settings say, and what its registration says instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hub.errors import BadArgument


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one registration, in units of cost (``hub.read.cost``); None where the settings decide."""

    cost_per_request: int | None = None
    cost_per_minute: int | None = None
    requests_per_minute: int | None = None
    """Requests, not units."""
    questions_per_minute: int | None = None
    """Persons asked about by number or token."""
    questions_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Of every client, as the settings have them; a test compares the defaults."""

    requests_per_minute: int = 6_000
    questions_per_minute: int = 600
    questions_per_day: int = 864_000
    cost_per_request: int = 200_000
    cost_per_minute: int = 2_000_000
    emergency_hours: int = 24
    """The longest an emergency access may be asked for."""
    emergency_openings: int = 20
    """Of one opener within 24 hours."""
    override_days: int = 365
    """The most days a steward's decision on a field stands."""
    correction_days: int = 15
    """Until a request for correction is due, where its source has no days of its own."""

    visit_photos: int = 6
    """Pictures of one visit."""
    visit_photo_bytes: int = 400 * 1024
    """Of one picture."""

    def of(self, own: Allowance, minute: int | None) -> tuple[int, int]:
        """Units for one request, and for a minute; ``minute``: those of a purpose that has its own."""
        if minute is None:
            minute = self.cost_per_minute if own.cost_per_minute is None else own.cost_per_minute
        single = self.cost_per_request if own.cost_per_request is None else own.cost_per_request
        return min(single, minute), minute

    def questions_of(self, own: Allowance) -> tuple[int, int]:
        """Persons a client may ask about in a minute, and in a day, without a purpose that has its own."""
        minute, day = own.questions_per_minute, own.questions_per_day
        return (
            self.questions_per_minute if minute is None else minute,
            self.questions_per_day if day is None else day,
        )


def questions_of(texts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """From texts such as ``relief=100/2000``, of a minute and a day; BadArgument for another form."""
    found = [re.fullmatch("([^=]*)=([0-9]{1,10})/([0-9]{1,10})", text) for text in texts]
    if not all(found):
        raise BadArgument("Questions of a purpose are given as NAME=MINUTE/DAY, such as relief=100/2000.")
    return {each[1]: (int(each[2]), int(each[3])) for each in found if each}


def units_of(texts: Iterable[str]) -> dict[str, int]:
    """From texts such as ``relief=50000``; BadArgument for another form."""
    found = [text.partition("=") for text in texts]
    if not all(re.fullmatch("[0-9]{1,10}", units) for *_, units in found):
        raise BadArgument("A purpose is given as NAME=UNITS, such as relief=50000.")
    return {purpose: int(units) for purpose, _, units in found}
