"""JSON as a table: the objects of an array, or of the only array in an object."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.roster.package import Unreadable
from connectors.roster.workbook import Sheet


def of_json(data: bytes, part: str) -> Sheet:
    """Raises Unreadable."""
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Unreadable("A file that holds JSON.", "应为JSON文件") from None
    if isinstance(told, dict):
        arrays = [value for value in told.values() if isinstance(value, list)]
        told = arrays[0] if len(arrays) == 1 else None
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise Unreadable("A JSON array of objects.", "应为由对象组成的JSON数组")
    names = list(dict.fromkeys(name for each in told for name in each))
    return Sheet(part, [names, *([_cell(each.get(name)) for name in names] for each in told)])


def _cell(value: Any) -> Any:
    """A cell has no parts: what has, is none of a table."""
    return "" if value is None or isinstance(value, dict | list) else value
