"""Asks about one person after the other, as many a day as the platform allows, and goes on there next time.

No answer is no statement: the service knows cremations, not burials. But of a person it has called dead, no
answer takes that back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import structlog

from connectors.deaths.fields import ASKED, ASKED_NAME, ASKED_NUMBER, DAY, DEATHS, NUMBER, RECORD
from connectors.platform import Answer, Clock, Platform
from connectors.web import LONGEST_WAIT, Again
from hub.domain.dates import CHINA, china_now
from hub.domain.refusal import Refused
from hub.sync.connector import Batch, ListMapping, Place, Refusal, Row, Subject

log = structlog.get_logger("connectors")

DAILY: Final = 1_000
PATIENCE: Final = 3
"""Persons in a row without an answer, after which the service is away."""


class Deaths:
    """殡葬火化: a service of the sharing platform; ``daily=…`` in its location: questions a day."""

    name: Final = "deaths"
    lists: Final[Mapping[str, ListMapping]] = {DEATHS.kind: DEATHS}

    def __init__(self, clock: Clock = china_now, wait: float = 0.2) -> None:
        self._clock, self._wait = clock, wait

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """Raises what the service raises where it answers nobody; else what was answered counts."""
        mark, left = _mark(place, checkpoint, self._clock().astimezone(CHINA).date())
        answered = silent = in_a_row = 0
        async with Platform(place, self._clock, wait=self._wait) as platform:
            async for person in place.known(ASKED, mark["after"], left):
                left -= 1
                try:
                    answer = await platform.ask(
                        {"name": person.values["name"], "id_card": person.values["id_number"]}
                    )
                except Again as error:
                    is_spent = error.wait_for > LONGEST_WAIT
                    silent, in_a_row = silent + 1, in_a_row + 1
                    if not is_spent and in_a_row < PATIENCE:
                        continue
                    if not answered:
                        raise
                    left = 0 if is_spent else left
                    break
                mark["after"], answered, in_a_row = person.id, answered + 1, 0
                if batch := self._batch(person, answer):
                    yield batch
            else:
                if left:  # All have had their turn: nobody is asked about twice in a day.
                    mark["after"], left = 0, 0 if answered else left
        log.info("persons_asked_about", count=answered)
        if silent:
            log.warning("persons_without_answer", count=silent)
        yield Batch(DEATHS.kind, self._clock(), (), checkpoint={**mark, "left": left})

    def _batch(self, person: Subject, answer: Answer) -> Batch | None:
        now, place = self._clock(), f"殡葬火化 {person.id}"
        asked = {ASKED_NAME: person.values["name"], ASKED_NUMBER: person.values["id_number"]}
        rows: list[Row] = []
        for record in answer.rows:
            RECORD.expect(record, "殡葬火化")
            cells = {**RECORD.row(record, file=place).values, **asked}
            rows.append(Row(place, "", len(rows) + 1, cells, cells))
        ignored = sorted({name for record in answer.rows for name in record} - RECORD.fields.keys())
        if any(row.values != rows[0].values for row in rows):
            refusal = Refusal.of(Refused("CONTRADICTION"), DAY)
            return Batch(
                DEATHS.kind, now, (), refused=[(row, [refusal]) for row in rows], ignored_headers=ignored
            )
        if rows:
            return Batch(DEATHS.kind, now, rows[:1], ignored_headers=ignored)
        if person.values["deceased_on"] is not None:
            gone = {NUMBER: person.values["id_number"]}
            return Batch(DEATHS.kind, now, (), deleted=[Row(place, "", 1, gone, gone)])
        return None


def _mark(place: Place, seen: Mapping[str, Any] | None, today: dt.date) -> tuple[dict[str, Any], int]:
    """Where to go on, and how many questions of the day are left."""
    daily = parse_qs(urlsplit(place.location).query).get("daily", [""])[0]
    mark = seen or {"after": 0, "day": None}
    left = mark["left"] if mark["day"] == today.isoformat() else int(daily) if daily.isdecimal() else DAILY
    return {"after": mark["after"], "day": today.isoformat()}, left
