"""What a rule is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.domain.division import code_range
from hub.domain.vocabulary.norm import Force, NormComparator, NormPeriod, NormScope, NormSubject

LEFT_OUT: Final = "……"
Value = Decimal | dt.date | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """``jurisdiction``: the division, of 12 digits, whose stations it binds.

    ``effective_to``: the last day. ``number`` and ``issued_on`` are None where the document has none.
    """

    code: str
    title: str
    title_en: str
    issuer: str
    jurisdiction: str
    effective_from: dt.date
    effective_to: dt.date | None = None
    number: str | None = None
    issued_on: dt.date | None = None

    def binds(self, division_code: str, on: dt.date) -> bool:
        """Whether it is in force there that day."""
        low, high = code_range(self.jurisdiction)
        return (
            low <= division_code < high
            and self.effective_from <= on
            and (self.effective_to is None or on <= self.effective_to)
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """``value`` is None where the document names the quantity and gives no number (及时, 定期).

    ``base``: what a share is of. ``when``: of which of the subjects, where it is not all of them.
    """

    quantity: str
    comparator: NormComparator
    value: Value | None = None
    unit: str | None = None
    period: NormPeriod | None = None
    base: str | None = None
    when: str | None = None

    @property
    def said(self) -> str | None:
        """The value as one text."""
        if self.value is None:
            return None
        return "、".join(self.value) if isinstance(self.value, tuple) else f"{self.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as one document states it; two documents may state one ``key``.

    ``quotes``: words of the document, in its order. ``ambiguities``: keys of what it leaves open.
    """

    key: str
    document: Document
    article: str
    force: Force
    subject: NormSubject
    scope: NormScope
    en: str
    quotes: Sequence[str]
    bounds: Sequence[Bound] = ()
    ambiguities: Sequence[str] = ()

    @property
    def quote(self) -> str:
        """In one; ``LEFT_OUT`` stands for words between that are left out."""
        return LEFT_OUT.join(self.quotes)


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """``treatment``: how the hub reads what the documents leave open."""

    key: str
    about: str
    issue: str
    treatment: str
