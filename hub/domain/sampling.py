"""抽查: which of many are checked, so that whoever has the list can draw the same sample again (R169, R170).

The method has a name and needs nothing but SHA-256: each number is ranked by the digest of ``seed``, a zero
byte and the number, in UTF-8, and the lowest are drawn. So the order of the list does not matter, and neither
does the language or library it is done in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from decimal import ROUND_CEILING, Decimal
from typing import Final, NamedTuple

from hub.domain.refusal import Refused

METHOD: Final = "sha256-rank"
_NUMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}")
_OF_A_PERSON: Final = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}")


class Sample(NamedTuple):
    """``digest``: SHA-256, in hex, of the sorted numbers, each behind its length: what was drawn from.

    ``numbers`` in the order of their ranks.
    """

    method: str
    seed: str
    population: int
    digest: str
    numbers: tuple[str, ...]


def least(count: int, share: Decimal, *, strictly: bool = False) -> int:
    """The least whole number that is at least ``share`` of ``count``, or ``strictly`` more than that.

    Of 51 at least 2 % are 2; of 100 more than 20 % are 21. Never more than all.
    """
    if count < 0 or not 0 <= share <= 1:
        raise ValueError("a count from 0 and a share from 0 to 1 are expected")
    bound = share * count
    whole = int(bound.to_integral_value(ROUND_CEILING))
    return min(count, whole + 1 if strictly and whole == bound else whole)


def draw(numbers: Collection[str], size: int, seed: str) -> Sample:
    """``size`` of them. ``numbers`` are of results or services, each once; no names, no identity numbers.

    Raises ``SAMPLED_NUMBER`` and ``DUPLICATE_KEY``.
    """
    for number in numbers:
        if not _NUMBER.fullmatch(number) or _OF_A_PERSON.fullmatch(number):
            raise Refused("SAMPLED_NUMBER")
    if len(set(numbers)) != len(numbers):
        raise Refused("DUPLICATE_KEY")
    ranked = sorted(numbers, key=lambda number: (_rank(seed, number), number))
    return Sample(METHOD, seed, len(ranked), digest_of(numbers), tuple(ranked[:size]))


def digest_of(numbers: Collection[str]) -> str:
    """See ``Sample``; numbers are ASCII, so that their order is the same everywhere."""
    return hashlib.sha256("".join(f"{len(n)}:{n}" for n in sorted(numbers)).encode()).hexdigest()


def _rank(seed: str, number: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{number}".encode()).digest()
