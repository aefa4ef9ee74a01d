"""Single values: what PostgreSQL will take, and what a record key may show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, Numeric, SmallInteger, String

_TELLTALE: Final = re.compile(r"\d{15}|[:\x00]")
"""What is not shown in a record key: it may be an identity number, or would blur the parts."""


def key_text(value: Any, shown: bool, blind: Callable[[str], bytes]) -> str:
    """A part of a record key: as it stands if it is public and looks it, else a keyed hash."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    text = str(value).encode("utf-8", "replace").decode()
    if shown and not _TELLTALE.search(text):
        return text
    return blind(text).hex()


def guard(column: Column[Any]) -> Callable[[Any], bool]:
    """Whether PostgreSQL will take a value, so that no single cell can end a run."""
    kind = column.type
    if isinstance(kind, LargeBinary):
        return _is_text if column.info.get("sealed") else (lambda v: isinstance(v, bytes))
    if isinstance(kind, Boolean):
        return lambda v: isinstance(v, bool)
    if isinstance(kind, Numeric):
        limit = Decimal(10) ** ((kind.precision or 14) - (kind.scale or 0))
        return lambda v: isinstance(v, Decimal | int) and Decimal(v).is_finite() and abs(Decimal(v)) < limit
    if isinstance(kind, Integer):
        bits = 15 if isinstance(kind, SmallInteger) else 63 if isinstance(kind, BigInteger) else 31
        top = 1 << bits
        return lambda v: type(v) is int and -top <= v < top
    if isinstance(kind, Date):
        return lambda v: type(v) is dt.date
    if isinstance(kind, String):
        return _is_text
    return lambda v: isinstance(v, kind.python_type)


def _is_text(value: Any) -> bool:
    if not isinstance(value, str) or "\x00" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
