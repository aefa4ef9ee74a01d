"""What a catalogue is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.domain.norms import Rule
from hub.domain.vocabulary import ServiceField


@dataclass(frozen=True, slots=True)
class Item:
    """``name``: words of the document. ``is_other``: the open item of its domain (R150).

    ``fields``: what it is about; ``covered``: that, and what the items below it are about.
    """

    number: str
    name: str
    name_en: str
    is_other: bool
    fields: Sequence[ServiceField]
    covered: frozenset[ServiceField]
    items: Sequence[Item] = ()

    def is_like(self, other: Item) -> bool:
        """Whether one is about something that the other covers."""
        return not (self.covered.isdisjoint(other.fields) and other.covered.isdisjoint(self.fields))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``follows``: the guidance catalogue it is made from.

    ``effective_from``, ``effective_to``: of this version, first and last day, within those of its document.
    """

    code: str
    version: str
    rule: Rule
    title: str
    title_en: str
    items: Sequence[Item]
    effective_from: dt.date
    effective_to: dt.date | None = None
    follows: str | None = None

    def binds(self, division_code: str, on: dt.date) -> bool:
        """Whether it is in force there that day."""
        begun = self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
        return begun and self.rule.document.binds(division_code, on)

    def with_parents(self) -> Iterator[tuple[Item, Item | None]]:
        """Every item, after the one above it."""
        for item in self.items:
            yield from _below(item, None)


def _below(item: Item, parent: Item | None) -> Iterator[tuple[Item, Item | None]]:
    yield item, parent
    for child in item.items:
        yield from _below(child, item)
