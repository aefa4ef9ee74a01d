"""统一社会信用代码, GB 32100-2015: department, class, six digits of division, organisation code, check.

Two check characters: the ninth of the inner organisation code (GB 11714-1997) and the last of the
whole (MOD 31-3). Codes of the departments N (rural collectives, which may be contractors under
财政部令第102号), A and Y are as good as those that begin with a digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hub.domain.refusal import Refused
from hub.domain.text import EXACT_DIGITS, fold, fold_cell, is_empty

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: no I, O, S, V, Z."""

DEPARTMENTS: Final = frozenset("123456789ANY")

_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))
_INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_FORM: Final = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CreditCode:
    """``department`` 5 is civil affairs; its ``unit_class`` 1 社会团体, 2 民办非企业单位, 3 基金会."""

    code: str
    department: str
    unit_class: str
    region_code: str
    organisation_code: str


def parse_credit_code(raw: object) -> CreditCode:
    """Folds width, case and spaces; guesses nothing.

    Raises ``REQUIRED``, ``CREDIT_CODE_LENGTH``, ``CREDIT_CODE_FORM``, ``CREDIT_CODE_DEPARTMENT``,
    ``CREDIT_CODE_LOST_DIGITS``, ``CREDIT_CODE_ORGANISATION``, ``CREDIT_CODE_CHECKSUM``.
    """
    code = _folded(raw)
    if len(code) != 18:
        raise Refused("CREDIT_CODE_LENGTH")
    if not _FORM.fullmatch(code):
        raise Refused("CREDIT_CODE_FORM")
    if code[0] not in DEPARTMENTS:
        raise Refused("CREDIT_CODE_DEPARTMENT")
    if check_character(code) != code[17]:
        lost = code.isdecimal() and code.endswith("000")
        raise Refused("CREDIT_CODE_LOST_DIGITS" if lost else "CREDIT_CODE_CHECKSUM")
    if organisation_check_character(code[8:16]) != code[16]:
        raise Refused("CREDIT_CODE_ORGANISATION")
    return CreditCode(code, code[0], code[1], code[2:8], code[8:17])


def _folded(raw: object) -> str:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and not abs(raw) < 10**EXACT_DIGITS:
        raise Refused("CREDIT_CODE_LOST_DIGITS")
    if isinstance(raw, str) and _SCIENTIFIC.fullmatch(fold(raw)):
        raise Refused("CREDIT_CODE_LOST_DIGITS")
    if is_empty(raw):
        raise Refused("REQUIRED")
    return fold_cell(raw).upper().replace("-", "")


def check_character(code: str) -> str:
    """The 18th character for the first 17."""
    return ALPHABET[-sum(w * ALPHABET.index(c) for w, c in zip(_WEIGHTS, code, strict=False)) % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character for the eight of an organisation code, GB 11714-1997: 10 is X."""
    rest = -sum(w * int(c, 36) for w, c in zip(_INNER_WEIGHTS, body, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def make_credit_code(department: str, unit_class: str, region: str, body: str) -> str:
    """A valid code for synthetic organisations; ``body`` is eight characters of the alphabet."""
    inner = body + organisation_check_character(body)
    code = f"{department}{unit_class}{region}{inner}"
    return parse_credit_code(code + check_character(code)).code
