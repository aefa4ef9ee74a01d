"""Amounts of money in yuan: 1,234.50元, ￥345000.00, 34.5万元, 叁拾肆万伍仟元整.

Capitals follow 《支付结算办法》 (1997), annex 1; the tolerances are those of printed contract forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from hub.domain.refusal import Refused
from hub.domain.text import fold, is_empty

FEN: Final = Decimal("0.01")
LIMIT: Final = Decimal(10) ** 12
"""Amounts are stored with fourteen digits, two of them fen."""

UNITS: Final[Mapping[str, Decimal]] = {
    "分": FEN,
    "角": Decimal("0.1"),
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10**4),
    "百万元": Decimal(10**6),
    "亿元": Decimal(10**8),
}

_NOISE: Final = Decimal("0.000001")
"""What binary fractions leave behind: 0.30000000000000004."""

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_ALIKE: Final = str.maketrans(
    "〇○一弌壱二弍貳貮两三叄參参弎四五六陸七八九十百千萬億圆圓正",
    "零零壹壹壹贰贰贰贰贰叁叁叁叁叁肆伍陆陆柒捌玖拾佰仟万亿元元整",
)
_PREFIX: Final = re.compile(r"^(?:人民币|RMB|CNY)?[:：]?(?:\(大写\))?[:：]?[¥￥]?", re.IGNORECASE)
_MASK: Final = re.compile(r"[*×#?□■_]|[0-9][xX]|[xX][0-9]|[xX]{2}")
_PLAIN: Final = re.compile(r"[0-9]{1,12}\.[0-9]{2}")
"""Yuan as most write them."""
_ARABIC: Final = re.compile(
    r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?P<unit>(?:分|角|元|千元|万元?|百万元|亿元?)?)整?"
)
_CAPITAL: Final = re.compile(
    rf"(?:(?P<yuan>[{_DIGITS}拾佰仟万亿]+)元)?零?(?:(?P<jiao>[{_DIGITS}])角)?零?(?:(?P<fen>[{_DIGITS}])分)?整?"
)
_GROUP: Final = re.compile(
    rf"(?:零??([{_DIGITS}])仟)?(?:零??([{_DIGITS}])佰)?(?:零??([{_DIGITS}]?)拾)?零??([{_DIGITS}]?)"
)
_BARE: Final = re.compile(f"[仟佰万亿][{_DIGITS[1:]}](?=[万亿]|$)")
"""壹仟伍元: 1005 by the rules, 1500 in the mouth of many. Written with 零 it is certain."""


def parse_money(raw: object, *, unit: str = "元") -> Decimal:
    """Yuan with two decimals; ``unit`` is that of the column, for numbers that name none.

    Raises ``REQUIRED``, ``MONEY_UNREADABLE``, ``MONEY_MASKED``, ``MONEY_PRECISION``,
    ``MONEY_OUT_OF_RANGE``.
    """
    if type(raw) is str and unit == "元" and _PLAIN.fullmatch(raw):
        return Decimal(raw)
    if isinstance(raw, Decimal | int | float) and not isinstance(raw, bool):
        number = Decimal(repr(raw) if isinstance(raw, float) else raw)
        if not number.is_finite():
            raise Refused("MONEY_UNREADABLE")
        return _in_fen(number * UNITS[unit])
    if not isinstance(raw, str | None):
        raise Refused("MONEY_UNREADABLE")
    if raw is None or is_empty(raw):
        raise Refused("REQUIRED")
    text = _PREFIX.sub("", fold(raw)).translate(_ALIKE)
    if _MASK.search(text):
        raise Refused("MONEY_MASKED")
    return _in_fen(_arabic(text, unit) if re.search("[0-9]", text) else _capital(text))


def _in_fen(amount: Decimal) -> Decimal:
    if not 0 <= amount < LIMIT:
        raise Refused("MONEY_OUT_OF_RANGE")
    exact = amount.quantize(FEN)
    if abs(exact - amount) > _NOISE:
        raise Refused("MONEY_PRECISION")
    return exact


def _arabic(text: str, unit: str) -> Decimal:
    found = _ARABIC.fullmatch(text)
    if not found:
        raise Refused("MONEY_UNREADABLE")
    named = found["unit"]
    if named in ("万", "亿"):
        named += "元"
    return Decimal(text[: found.start("unit")].replace(",", "")) * UNITS[named or unit]


def _capital(text: str) -> Decimal:
    found = _CAPITAL.fullmatch(text)
    if not found or not any(found.groups()):
        raise Refused("MONEY_UNREADABLE")
    yuan, jiao, fen = found["yuan"], found["jiao"] or "零", found["fen"] or "零"
    whole = _whole(yuan) if yuan else 0
    return whole + _DIGITS.index(jiao) * UNITS["角"] + _DIGITS.index(fen) * FEN


def _whole(text: str) -> int:
    if _BARE.search(text):
        raise Refused("MONEY_UNREADABLE")
    total = 0
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.rpartition(unit)
        if found:
            total += _group(head) * value
            text = tail
    return total + (_group(text) if text else 0)


def _group(text: str) -> int:
    """Up to four digits: 叁仟零肆拾伍."""
    found = _GROUP.fullmatch(text)
    if not found or not text:
        raise Refused("MONEY_UNREADABLE")
    thousands, hundreds, tens, ones = found.groups()
    digits = (thousands or "零", hundreds or "零", "零" if tens is None else tens or "壹", ones or "零")
    return int("".join(str(_DIGITS.index(digit)) for digit in digits))


def to_capital(amount: Decimal) -> str:
    """345000 → 叁拾肆万伍仟元整, 1200.5 → 壹仟贰佰元伍角. From 0 to less than a trillion yuan."""
    exact = _in_fen(amount)
    yuan, fen = divmod(int(exact * 100), 100)
    jiao, fen = divmod(fen, 10)
    text = f"{_capital_whole(yuan)}元" if yuan or not (jiao or fen) else ""
    if not (jiao or fen):
        return text + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif text:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "")


def _capital_whole(yuan: int) -> str:
    if yuan == 0:
        return "零"
    text = ""
    for unit, value in (("亿", 10**8), ("万", 10**4), ("", 1)):
        group = yuan // value % 10**4
        if not group:
            continue
        gap = text and (group < 1000 or not text.endswith(_unit_above(unit)))
        text += ("零" if gap else "") + _capital_group(group) + unit
    return text


def _unit_above(unit: str) -> str:
    return {"": "万", "万": "亿", "亿": ""}[unit]


def _capital_group(group: int) -> str:
    text = ""
    for value, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = group // value % 10
        if digit:
            text += f"{_DIGITS[digit]}{unit}"
        elif text and group % value:
            text += "" if text.endswith("零") else "零"
    return text


def agree(small: object, capital: object) -> bool:
    """Whether the amount in figures and the one in capitals are the same."""
    return parse_money(small) == parse_money(capital)
