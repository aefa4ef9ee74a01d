"""What an answer says of deprecation: ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594).

A message of a WebSocket has no headers; there the days are a member of ``extensions``.
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import orjson

from hub.domain.dates import CHINA
from hub.governance.deprecation import Days


def notice_headers(days: Days | None) -> dict[str, str]:
    """Days begin at midnight in China; none where nothing deprecated was asked for."""
    if days is None:
        return {}
    return {
        "Deprecation": f"@{int(_midnight(days.since).timestamp())}",
        "Sunset": format_datetime(_midnight(days.sunset).astimezone(dt.UTC), usegmt=True),
    }


def notice_members(days: Days | None) -> list[bytes]:
    return [] if days is None else [b'"deprecation":' + orjson.dumps(days)]


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), CHINA)
