"""Rows as text and back: for hashes, for the sealed copies people look at, and for what is landed.

A landed slice has to give back the very cells the source gave, a date as a date; what JSON has no word for
stands in it under ``TYPE``.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TYPE: Final = "\x01"
"""In no header of a list."""
LEVEL: Final = 1
"""Of zstd. On lists of people the levels above cost more and save nothing (docs/adr/0027)."""
READS: Final[Mapping[str, Callable[[str], Any]]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "Decimal": Decimal,
    "int": int,
}


def canonical(cells: Mapping[str, Any]) -> str:
    """The same text for the same cells, whatever order they come in."""
    try:
        return orjson.dumps(dict(cells), default=str, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, orjson.JSONEncodeError):
        # Half a surrogate pair, or a number of more than 64 bits.
        return json.dumps(dict(cells), default=str, sort_keys=True)


def pack(content: Mapping[str, Any]) -> bytes:
    """Compressed; a value of a type that is not in ``READS`` comes back as its text."""
    try:
        text = orjson.dumps(content, default=_typed, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except (TypeError, orjson.JSONEncodeError):
        text = json.dumps(_widened(content), default=_typed).encode()
    return zstd.compress(text, LEVEL)


def unpack(packed: bytes) -> dict[str, Any]:
    """What ``pack`` was given; tuples come back as lists."""
    text = zstd.decompress(packed)
    if b"\\u0001" in text or b"\\ud" in text:
        # Halves of surrogate pairs are for the json of Python alone.
        return dict(json.loads(text, object_hook=_read))
    return dict(orjson.loads(text))


def _typed(value: Any) -> Any:
    name = type(value).__name__
    if name not in READS:
        return str(value)
    return {TYPE: [name, str(value) if isinstance(value, Decimal) else value.isoformat()]}


def _widened(value: Any) -> Any:
    """Numbers that others than Python would round, by their type."""
    if type(value) is int and value.bit_length() > 63:
        return {TYPE: ["int", str(value)]}
    if isinstance(value, Mapping):
        return {str(key): _widened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_widened(item) for item in value]
    return value


def _read(found: dict[str, Any]) -> Any:
    if found.keys() != {TYPE}:
        return found
    try:
        name, text = found[TYPE]
        return READS[name](text)
    except (TypeError, ValueError, LookupError, ArithmeticError):
        return found  # a source may send anything
