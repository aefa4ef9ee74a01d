"""Services of the sharing platform that answer for one at a time: they are asked in turns.

As many questions a day as the platform allows (``daily=…`` in the location), and the next run goes on behind
the last one, so that whose turn was longest ago comes first and nobody is asked about twice in a day. A
service is a ``Turns`` with its list, its ``Subjects``, what it is asked and what becomes of an answer.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

import structlog

from connectors.lists.wording import Wording
from connectors.platform import Answer, Clock, Platform
from connectors.web import LONGEST_WAIT, Again
from hub.domain.dates import CHINA, china_now
from hub.sync.connector import Batch, ListMapping, Place, Subject, Subjects

log = structlog.get_logger("connectors")

DAILY: Final = 1_000
"""Questions a day where the location tells no number; the hub's own."""
PATIENCE: Final = 3
"""Questions in a row without an answer, after which the service is away."""


class Turns(ABC):
    """``mapping``: the one list it fills; ``words``: of its answers; ``asked``: whom it is asked about."""

    name: ClassVar[str]
    mapping: ClassVar[ListMapping]
    words: ClassVar[Wording]
    asked: ClassVar[Subjects]

    def __init__(self, clock: Clock = china_now, wait: float = 0.2, per_second: float = 10.0) -> None:
        self._clock, self._wait, self._per_second = clock, wait, per_second

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        return {self.mapping.kind: self.mapping}

    @abstractmethod
    def question(self, subject: Subject) -> Mapping[str, Any]:
        """What the service is asked."""

    @abstractmethod
    def told(self, subject: Subject, answer: Answer, now: dt.datetime) -> Batch | None:
        """What becomes of an answer; None where it says nothing."""

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """Raises what the service raises where it answers nobody; else what was answered counts."""
        mark, left = _mark(place, checkpoint, self._clock().astimezone(CHINA).date())
        answered = silent = in_a_row = 0
        async with Platform(place, self._clock, wait=self._wait, per_second=self._per_second) as platform:
            async for subject in place.known(self.asked, mark["after"], left):
                left -= 1
                try:
                    answer = await platform.ask(self.question(subject))
                except Again as error:
                    is_spent = error.wait_for > LONGEST_WAIT
                    silent, in_a_row = silent + 1, in_a_row + 1
                    if not is_spent and in_a_row < PATIENCE:
                        continue
                    if not answered:
                        raise
                    left = 0 if is_spent else left
                    break
                mark["after"], answered, in_a_row = subject.id, answered + 1, 0
                if answer.rows:
                    header = self.words.header(self.name, answer.rows, is_all=False)
                    yield Batch(self.mapping.kind, self._clock(), (), header=header)
                if batch := self.told(subject, answer, self._clock()):
                    yield batch
            else:
                if left:  # All have had their turn: nobody is asked about twice in a day.
                    mark["after"], left = 0, 0 if answered else left
        log.info("subjects_asked_about", count=answered)
        if silent:
            log.warning("subjects_without_answer", count=silent)
        yield Batch(self.mapping.kind, self._clock(), (), checkpoint={**mark, "left": left})


def _mark(place: Place, seen: Mapping[str, Any] | None, today: dt.date) -> tuple[dict[str, Any], int]:
    """Where to go on, and how many questions of the day are left."""
    daily = parse_qs(urlsplit(place.location).query).get("daily", [""])[0]
    mark = seen or {"after": 0, "day": None}
    left = mark["left"] if mark["day"] == today.isoformat() else int(daily) if daily.isdecimal() else DAILY
    return {"after": mark["after"], "day": today.isoformat()}, left
