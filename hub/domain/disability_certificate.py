"""残疾人证号: identity number, category (GB/T 26341-2010) and grade in 20 characters.

The number changes with the grade, so it identifies a person by its first 18 characters only.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from hub.domain.id_number import IdNumber, make_id_number, parse_id_number
from hub.domain.refusal import Refused
from hub.domain.text import EXACT_DIGITS, fold_cell, is_empty

CATEGORIES: Final = ("1", "2", "3", "4", "5", "6", "7")
"""视力 听力 言语 肢体 智力 精神 多重."""

GRADES: Final = (1, 2, 3, 4)
"""1 is the most severe; 1 and 2 are 重度."""

_REISSUE: Final = re.compile(r"(.{20})B([1-9])")


@dataclass(frozen=True, slots=True)
class DisabilityCertificate:
    """``reissue``: number of the replacement card, written as a suffix such as B1; 0 for the first."""

    number: str
    id_number: IdNumber
    category: str
    grade: int
    reissue: int = 0


def parse_disability_certificate(raw: object, *, today: dt.date) -> DisabilityCertificate:
    """Raises ``REQUIRED``, ``CERTIFICATE_LENGTH``, ``CERTIFICATE_CATEGORY``, ``CERTIFICATE_GRADE``,
    and the codes of ``parse_id_number`` for the first 18 characters."""
    text = _folded(raw)
    found = _REISSUE.fullmatch(text)
    body, reissue = (found[1], int(found[2])) if found else (text, 0)
    if len(body) != 20:
        raise Refused("CERTIFICATE_LENGTH")
    identity = parse_id_number(body[:18], today=today)
    category, grade = body[18], body[19]
    if category not in CATEGORIES:
        raise Refused("CERTIFICATE_CATEGORY")
    if grade not in map(str, GRADES):
        raise Refused("CERTIFICATE_GRADE")
    suffix = f"B{reissue}" if reissue else ""
    return DisabilityCertificate(
        identity.number + category + grade + suffix, identity, category, int(grade), reissue
    )


def _folded(raw: object) -> str:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and not abs(raw) < 10**EXACT_DIGITS:
        raise Refused("ID_LOST_DIGITS")
    if is_empty(raw):
        raise Refused("REQUIRED")
    return fold_cell(raw).upper()


def make_disability_certificate(
    region: str, birth_on: dt.date, sequence: int, category: str, grade: int
) -> str:
    """A valid certificate number for synthetic people."""
    return f"{make_id_number(region, birth_on, sequence)}{category}{grade}"
