"""Changes of the schema as data: what clients read with ``schemaChanges``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLSchema

from hub.governance.changes import Change, Kind, Severity, changes_between
from hub.governance.coordinates import Elements, elements
from hub.governance.deprecation import days_of

Schemas = Mapping[str, GraphQLSchema]
"""By audience."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``version``, ``date``: of the release; None while there is none. ``audiences``: whom it concerns."""

    date: dt.date | None
    version: str | None
    kind: str
    coordinate: str
    breaking: bool
    en: str
    zh: str
    sunset: dt.date | None
    audiences: tuple[str, ...]


WORDS: Final = {Kind.ADDED: "新增", Kind.DEPRECATED: "弃用", Kind.REMOVED: "移除", Kind.CHANGED: "变更"}
_FROM_TO: Final = re.compile(r" from (.+) to (.+)\.$")


def entries(old: Schemas, new: Schemas, version: str | None, date: dt.date | None) -> list[Entry]:
    """What leads from one release to the next, each change once; its words may differ by audience."""
    found: dict[tuple[Change, str], list[str]] = {}
    for audience in sorted(old.keys() & new.keys()):
        there = {**elements(old[audience]), **elements(new[audience])}
        for change in changes_between(old[audience], new[audience]):
            found.setdefault((change, _text(change, there)), []).append(audience)
    made = [_entry(change, text, seen, version, date) for (change, text), seen in found.items()]
    return sorted(made, key=lambda entry: (entry.coordinate, entry.kind, entry.en))


def _text(change: Change, there: Elements) -> str:
    """The element's description, or the reason of its deprecation, in both languages."""
    said = "deprecation_reason" if change.kind is Kind.DEPRECATED else "description"
    return getattr(there[change.coordinate], said, None) or ""


def _entry(
    change: Change, text: str, audiences: list[str], version: str | None, date: dt.date | None
) -> Entry:
    days = days_of(text) if change.kind is Kind.DEPRECATED else None
    en, zh = _sentences(change, text)
    return Entry(
        date=date,
        version=version,
        kind=change.kind.value,
        coordinate=change.coordinate,
        breaking=change.severity is Severity.BREAKING,
        en=en,
        zh=zh,
        sunset=days.sunset if days else None,
        audiences=tuple(audiences),
    )


def _sentences(change: Change, text: str) -> tuple[str, str]:
    said_en, _, said_zh = text.rpartition(" — ")
    zh = f"{WORDS[change.kind]} {change.coordinate}"
    if change.kind is Kind.CHANGED:
        values = _FROM_TO.search(change.en)
        return change.en, f"{zh}：由 {values[1]} 变为 {values[2]}" if values else zh
    if change.kind is Kind.DEPRECATED:
        return change.en, f"{zh}：{said_zh}"
    en = change.en.removesuffix(".")
    return (f"{en}: {said_en}", f"{zh}：{said_zh}") if said_zh else (f"{en}.", zh)


def plain(found: Iterable[Entry]) -> list[dict[str, object]]:
    """As JSON holds them."""
    return [
        {
            "date": entry.date and entry.date.isoformat(),
            "version": entry.version,
            "kind": entry.kind,
            "coordinate": entry.coordinate,
            "breaking": entry.breaking,
            "en": entry.en,
            "zh": entry.zh,
            "sunset": entry.sunset and entry.sunset.isoformat(),
            "audiences": list(entry.audiences),
        }
        for entry in found
    ]
