"""Reads the rules from their files, once."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any, Final

from hub.domain.norms.model import Ambiguity, Bound, Document, Rule, Value
from hub.domain.vocabulary.norm import Force, NormComparator, NormPeriod, NormScope, NormSubject

_HERE: Final = resources.files("hub.domain.norms")
_CODES: Final = ("GX", "XM", "JJ", "NX", "QX")
_NUMBERS: Final = frozenset(
    {NormComparator.AT_LEAST, NormComparator.MORE_THAN, NormComparator.AT_MOST}
    | {NormComparator.LESS_THAN, NormComparator.EXACTLY}
)


def source_text(code: str) -> str:
    """The text of a document as it was published."""
    return (_HERE / "sources" / f"{code}.txt").read_text("utf-8")


def rules_of(division_code: str, on: dt.date) -> Sequence[Rule]:
    """Rules in force in a division that day, those of wider regions first."""
    return [rule for rule in RULES if rule.document.binds(division_code, on)]


def rules_between(division_code: str, first: dt.date, last: dt.date) -> Sequence[Rule]:
    """Rules in force in a division on some of these days."""
    return [
        rule
        for rule in RULES
        if rule.document.effective_from <= last
        and rule.document.binds(division_code, max(first, rule.document.effective_from))
    ]


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / "data" / f"{name}.toml").read_text("utf-8"))


def _documents() -> Mapping[str, tuple[Document, Sequence[Rule]]]:
    found = {}
    for code in _CODES:
        told = _file(code)
        document = Document(**told["document"])
        found[code] = document, [_rule(document, each) for each in told["rule"]]
    return found


def _rule(document: Document, told: Mapping[str, Any]) -> Rule:
    return Rule(
        key=told["key"],
        document=document,
        article=told["article"],
        force=Force(told["force"]),
        subject=NormSubject(told["subject"]),
        scope=NormScope(told["scope"]),
        en=told["en"],
        quotes=tuple(told["quotes"]),
        bounds=tuple(_bound(each) for each in told.get("bounds", ())),
        ambiguities=tuple(told.get("ambiguities", ())),
    )


def _bound(told: Mapping[str, Any]) -> Bound:
    comparator, period = NormComparator(told["comparator"]), told.get("period")
    return Bound(
        told["quantity"],
        comparator,
        _value(comparator, told.get("value")),
        told.get("unit"),
        NormPeriod(period) if period else None,
        told.get("base"),
        told.get("when"),
    )


def _value(comparator: NormComparator, told: Any) -> Value | None:
    """A grade or a level (INTERMEDIATE, 3A) stays a word."""
    if isinstance(told, list):
        return tuple(told)
    if comparator in _NUMBERS and isinstance(told, str) and told.replace(".", "").isdecimal():
        return Decimal(told)
    assert told is None or isinstance(told, str | dt.date)
    return told


_READ: Final = _documents()
DOCUMENTS: Final[Mapping[str, Document]] = {code: document for code, (document, _) in _READ.items()}
RULES: Final[Sequence[Rule]] = tuple(
    sorted(
        (rule for _, rules in _READ.values() for rule in rules),
        key=lambda rule: (int(rule.key[1:]), _CODES.index(rule.document.code)),
    )
)
"""By number, and where two documents state one, the wider region first."""

AMBIGUITIES: Final[Mapping[str, Ambiguity]] = {
    each["key"]: Ambiguity(**each) for each in _file("ambiguities")["ambiguity"]
}
