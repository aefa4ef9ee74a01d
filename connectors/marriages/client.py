"""What the marriage service is asked, and what becomes of an answer.

It is asked about one person (个人) and tells the registration made last. That is news if it came after the
first of the benefits the person still has: what was there before, the county knew when it granted them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.lists.parse import is_nothing
from connectors.marriages.fields import ASKED, DAY, EVENT, MARRIAGES, NUMBER, RECORD
from connectors.platform import Answer
from connectors.turns import Turns
from hub.domain.dates import parse_date
from hub.domain.refusal import Refused
from hub.domain.vocabulary import Sex
from hub.sync.connector import Batch, Refusal, Row, Subject


class Marriages(Turns):
    """婚姻登记: a service of the sharing platform."""

    name, mapping, words, asked = "marriages", MARRIAGES, RECORD, ASKED

    def question(self, subject: Subject) -> Mapping[str, Any]:
        whose = "woman" if subject.values["sex"] == Sex.FEMALE else "man"
        return {f"name_{whose}": subject.values["name"], f"cert_num_{whose}": subject.values["id_number"]}

    def told(self, subject: Subject, answer: Answer, now: dt.datetime) -> Batch | None:
        place, rows, known = f"婚姻登记 {subject.id}", list[Row](), False
        for record in answer.rows:
            RECORD.expect(record, "婚姻登记")
            known = known or not is_nothing(record["OP_TYPE"])
            cells = {**RECORD.row(record, file=place).values, NUMBER: subject.values["id_number"]}
            if EVENT in cells:
                rows.append(Row(place, "", len(rows) + 1, cells, cells))
        if any(row.values != rows[0].values for row in rows):
            refusal = Refusal.of(Refused("CONTRADICTION"), EVENT)
            return Batch(self.mapping.kind, now, (), [(row, [refusal]) for row in rows])
        if rows and not _was_known(rows[0], subject):
            return Batch(self.mapping.kind, now, rows[:1])
        if subject.is_held and (rows or not known):
            gone = {NUMBER: subject.values["id_number"]}
            return Batch(self.mapping.kind, now, (), deleted=[Row(place, "", 1, gone, gone)])
        return None


def _was_known(row: Row, subject: Subject) -> bool:
    """A day that cannot be read is no known one: the row is refused where it is read."""
    try:
        day = parse_date(row.values.get(DAY))
    except Refused:
        return False
    return subject.since is not None and day <= subject.since
