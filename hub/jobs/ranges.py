"""Parts of a file (RFC 9110, 14), and of one that still grows (RFC 8673). No database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.errors import HubError

_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)


class NoSuchRange(HubError):
    """The range begins behind the end of the file."""

    code, status, zh = "RANGE_NOT_SATISFIABLE", 416, "请求的范围超出文件末尾"


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from ``begin`` up to ``end``. ``is_part``: asked for as a range. ``whole``: size of the file;
    None while nobody knows."""

    begin: int
    end: int
    is_part: bool
    whole: int | None

    @property
    def told(self) -> str:
        """``Content-Range``."""
        return f"bytes {self.begin}-{self.end - 1}/{'*' if self.whole is None else self.whole}"


def etag_of(job: object, format_: str) -> str:
    """A file never changes, it ends: so its name will do."""
    return f'"{job}.{format_}"'


def is_held(given: Mapping[str, str], tag: str) -> bool:
    """``If-None-Match`` names it, among others if need be; that one is weak does not matter here."""
    named = given.get("if-none-match", "")
    return named.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in named.split(",")]


def span_of(given: Mapping[str, str], tag: str, there: int, whole: int | None) -> Span:
    """``there``: bytes that can be had. Several ranges, another unit, or ``If-Range`` of another file: all of
    it. NoSuchRange, of a file that grows too: ask again later."""
    asked = given.get("range", "")
    found = _RANGE.fullmatch(asked.strip()) if given.get("if-range", tag).strip() == tag else None
    if found is None:
        return Span(0, there, False, whole)
    first, last, suffix = found.groups()
    if suffix is not None:
        begin, end = max(0, there - int(suffix)), there
    else:
        begin, end = int(first), min(int(last) + 1 if last else there, there)
        if last and int(last) < begin:
            return Span(0, there, False, whole)
    if begin >= end:
        error = NoSuchRange()
        error.details["bytes"] = there
        raise error
    return Span(begin, end, True, whole)
