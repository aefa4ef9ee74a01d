"""Holds the exercise against the rules: of each bound a record that meets it, and one that does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hub.compliance.evaluate import evaluate, measure_of
from hub.domain.norms import RULES, Bound, Rule
from hub.domain.vocabulary import VerdictStatus
from hub.exercise.scene import Judged
from hub.exercise.script import script
from hub.store.database import Fetch


class Words(NamedTuple):
    en: str
    zh: str


NO_VALUE: Final = Words(
    "the document names no number (A8), so nobody can say whether it is met", "文件未给出数值（A8），无法判定"
)
ONE_PLACE: Final = Words(
    "one region and one year, without days: there is one of the two; change the fund to see the other",
    "仅一自治区一年度，无日期之分：演练只能有其一，改动资金即见另一",
)
LACKS: Final[Mapping[tuple[str, str, VerdictStatus], Words]] = {
    ("R99", "fund.earmarked", VerdictStatus.NOT_MET): ONE_PLACE,
}
"""Of which only one of the two can be there, with the reason."""


class Shown(NamedTuple):
    record: Judged
    day: dt.date
    value: str | None


@dataclass(slots=True)
class Line:
    rule: Rule
    bound: Bound
    met: Shown | None = None
    not_met: Shown | None = None

    @property
    def target(self) -> str:
        """As the document has it."""
        return self.bound.said or "–"

    @property
    def reason(self) -> Words | None:
        """Why one of the two is not there."""
        if self.bound.value is None:
            return NO_VALUE
        for status, shown in ((VerdictStatus.MET, self.met), (VerdictStatus.NOT_MET, self.not_met)):
            if shown is None:
                return LACKS.get((self.rule.key, self.bound.quantity, status))
        return None

    @property
    def is_whole(self) -> bool:
        return (self.met is not None and self.not_met is not None) or self.reason is not None


async def table(
    fetch: Fetch,
    ids: Mapping[str, Sequence[int]],
    keys: Collection[str] | None = None,
    on: dt.date | None = None,
) -> list[Line]:
    """A line for each bound that is decided. ``ids``: of the rows by names. ``on``: every record on this day,
    and not on its own days."""
    lines = {
        (rule.document.code, rule.key, bound): Line(rule, bound)
        for rule in RULES
        if keys is None or rule.key in keys
        for bound in rule.bounds
        if measure_of(rule, bound) is not None
    }
    for record in script().judged:
        id_ = ids[record.name][0] if record.name in ids else int(record.name)
        for day in record.days if on is None else (on,):
            for verdict in await evaluate(fetch, record.subjects, record.division, [id_], day, keys):
                line = lines[verdict.rule.document.code, verdict.rule.key, verdict.bound]
                shown = Shown(record, day, verdict.value)
                if verdict.status is VerdictStatus.MET:
                    line.met = line.met or shown
                elif verdict.status is VerdictStatus.NOT_MET:
                    line.not_met = line.not_met or shown
    return list(lines.values())


def told(line: Line) -> dict[str, Any]:
    """For a printed table; ``reason`` and ``zh``: why one of the two is not there, else null."""
    reason = line.reason
    return {
        "rule": line.rule.key,
        "document": line.rule.document.code,
        "number": line.rule.document.number,
        "article": line.rule.article,
        "quantity": line.bound.quantity,
        "comparator": line.bound.comparator,
        "target": line.target,
        "unit": line.bound.unit,
        "when": line.bound.when,
        "met": _shown(line.met),
        "not_met": _shown(line.not_met),
        "is_whole": line.is_whole,
        "reason": reason and reason._asdict(),
    }


def _shown(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {"en": shown.record.en, "zh": shown.record.zh, "day": shown.day, "value": shown.value}
