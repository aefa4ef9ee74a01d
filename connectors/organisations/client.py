"""What the register is asked about one organisation (社会团体法人登记证书), and what becomes of an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.organisations.fields import ANSWER, ASKED, CODE, NOT_TOLD, ORGANISATION
from connectors.platform import Answer
from connectors.turns import Turns
from hub.domain.refusal import Refused
from hub.sync.connector import Batch, Refusal, Row, Subject


class Inquiry(Turns):
    """社会组织法人登记证书: a service of the sharing platform."""

    name, mapping, words, asked = "organisations-query", ORGANISATION, ANSWER, ASKED

    def question(self, subject: Subject) -> Mapping[str, Any]:
        """By the code alone: the name may have changed, which is what the hub wants to hear."""
        return {"usc_code": subject.values["credit_code"]}

    def told(self, subject: Subject, answer: Answer, now: dt.datetime) -> Batch | None:
        """No answer says nothing: the service knows some kinds of organisations only."""
        place, rows = f"社会组织 {subject.id}", list[Row]()
        for number, record in enumerate(answer.rows, 1):
            ANSWER.expect(record, "社会组织")
            told = ANSWER.row(record, file=place, number=number)
            rows.append(told)
        others = [row for row in rows if row.values != rows[0].values]
        if others or [row for row in rows if row.values.get(CODE) != subject.values["credit_code"]]:
            refusal = Refusal.of(Refused("CONTRADICTION"), CODE)
            return Batch(self.mapping.kind, now, (), [(row, [refusal]) for row in rows])
        if not rows:
            return None
        return Batch(self.mapping.kind, now, rows[:1], absent=NOT_TOLD)
