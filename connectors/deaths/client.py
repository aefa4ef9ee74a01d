"""What the funeral service is asked, and what becomes of an answer.

No answer is no statement: the service knows cremations, not burials. But of a person it has called dead, no
answer takes that back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.deaths.fields import ASKED, ASKED_NAME, ASKED_NUMBER, DAY, DEATHS, NUMBER, RECORD
from connectors.platform import Answer
from connectors.turns import Turns
from hub.domain.refusal import Refused
from hub.sync.connector import Batch, Refusal, Row, Subject


class Deaths(Turns):
    """殡葬火化: a service of the sharing platform."""

    name, mapping, words, asked = "deaths", DEATHS, RECORD, ASKED

    def question(self, subject: Subject) -> Mapping[str, Any]:
        return {"name": subject.values["name"], "id_card": subject.values["id_number"]}

    def told(self, subject: Subject, answer: Answer, now: dt.datetime) -> Batch | None:
        place = f"殡葬火化 {subject.id}"
        asked = {ASKED_NAME: subject.values["name"], ASKED_NUMBER: subject.values["id_number"]}
        rows: list[Row] = []
        for record in answer.rows:
            RECORD.expect(record, "殡葬火化")
            cells = {**RECORD.row(record, file=place).values, **asked}
            rows.append(Row(place, "", len(rows) + 1, cells, cells))
        if any(row.values != rows[0].values for row in rows):
            refusal = Refusal.of(Refused("CONTRADICTION"), DAY)
            return Batch(DEATHS.kind, now, (), refused=[(row, [refusal]) for row in rows])
        if rows:
            return Batch(DEATHS.kind, now, rows[:1])
        if subject.values["deceased_on"] is not None:
            gone = {NUMBER: subject.values["id_number"]}
            return Batch(DEATHS.kind, now, (), deleted=[Row(place, "", 1, gone, gone)])
        return None
