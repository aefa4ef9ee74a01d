"""Single values: what PostgreSQL will take, and what a record key may show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
)

from hub.errors import ConfigurationError

Fits = Callable[[Any], bool]
"""Whether PostgreSQL will take a value, so that no single cell can end a run."""

_PLAIN: Final = re.compile(r"(?!.*\d{15})[^:\x00]{1,60}")
"""What a record key may show: no identity number, nothing that blurs its parts, nothing long."""


def is_showable(value: Any) -> bool:
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None


def guard(column: Column[Any]) -> Fits:
    """What the column takes; the same function for columns of one type."""
    kind = column.type
    if isinstance(kind, LargeBinary):
        return fits_text if column.info.get("sealed") else _is_bytes
    if isinstance(kind, Boolean):
        return _is_bool
    if isinstance(kind, Numeric):
        return _number(kind.precision or 14, kind.scale or 0)
    if isinstance(kind, Integer):
        return _integer(15 if isinstance(kind, SmallInteger) else 63 if isinstance(kind, BigInteger) else 31)
    if isinstance(kind, Date):
        return _is_day
    if isinstance(kind, DateTime):
        return _is_moment
    if isinstance(kind, String):
        return fits_text
    raise ConfigurationError(f"no source can fill a column of type {kind}")


def fits_all(_: Any) -> bool:
    """For a value that goes into no column."""
    return True


def fits_each(fits: Fits) -> Fits:
    """For a list of values."""
    return _each(fits)


def fits_spread(by_column: Mapping[str, Fits]) -> Fits:
    """For several columns at once."""

    def fits(parts: Mapping[str, Any]) -> bool:
        for name, value in parts.items():  # noqa: SIM110, a generator here costs twice as much
            if value is not None and not by_column[name](value):
                return False
        return True

    return fits


def fits_text(value: Any) -> bool:
    """No NUL, which text in PostgreSQL cannot hold, and nothing that is not Unicode."""
    if not isinstance(value, str):
        return False
    if value.isprintable():
        return True
    try:
        return "\x00" not in value and bool(value.encode())
    except UnicodeEncodeError:
        return False


@cache
def _each(fits: Fits) -> Fits:
    return lambda values: isinstance(values, list | tuple) and all(map(fits, values))


# Not isinstance: a datetime is a date, and True is a number.
def _is_bytes(value: Any) -> bool:
    return type(value) is bytes


def _is_bool(value: Any) -> bool:
    return type(value) is bool


def _is_day(value: Any) -> bool:
    return type(value) is dt.date


def _is_moment(value: Any) -> bool:
    """With its zone: a clock that is not known tells nothing."""
    return type(value) is dt.datetime and value.tzinfo is not None


@cache
def _integer(bits: int) -> Fits:
    top = 1 << bits
    return lambda value: type(value) is int and -top <= value < top


@cache
def _number(precision: int, scale: int) -> Fits:
    limit = Decimal(10) ** (precision - scale)

    def fits(value: Any) -> bool:
        return isinstance(value, (Decimal, int)) and -limit < value < limit

    return fits
