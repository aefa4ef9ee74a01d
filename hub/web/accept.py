"""What a client likes best, after its ``Accept`` and ``Accept-Language`` headers (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from hub.errors import Language

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
UTF8: Final = ("utf-8", "utf8")

REMEMBERED: Final = 64
"""Headers of which each function here remembers what they mean: clients send the same again and again."""

MEDIA_TYPES: Final = {GRAPHQL: GRAPHQL, JSON: JSON, "*/*": JSON, "application/*": JSON}
LANGUAGES: Final[dict[str, Language]] = {"en": "en", "zh": "zh", "*": "en"}


@lru_cache(REMEMBERED)
def media_type(accept: str) -> str | None:
    """The one of the two liked best, the first of equals; without ``Accept`` JSON. None: neither will do."""
    if not accept.strip():
        return JSON
    liked = [
        (weight, MEDIA_TYPES[kind])
        for kind, parameters, weight in weighed(accept)
        if weight > 0 and kind in MEDIA_TYPES and parameters.get("charset", UTF8[0]) in UTF8
    ]
    return max(liked, key=lambda entry: entry[0], default=(0, None))[1]


@lru_cache(REMEMBERED)
def stream_weight(accept: str) -> tuple[bool, bool]:
    """Whether a stream of events will do, and whether it is liked better than a plain answer.

    Only where it is named: urql names it with every request, liked no better than JSON.
    """
    weights = [(kind, weight) for kind, _, weight in weighed(accept)]
    stream = max((weight for kind, weight in weights if kind == EVENTS), default=0.0)
    plain = max((weight for kind, weight in weights if kind in MEDIA_TYPES), default=0.0)
    return stream > 0, stream > plain


@lru_cache(REMEMBERED)
def language(accept_language: str) -> Language:
    """The one of the two liked best, the first of equals; English where neither is named."""
    liked = [
        (weight, LANGUAGES[tag.partition("-")[0]])
        for tag, _, weight in weighed(accept_language)
        if weight > 0 and tag.partition("-")[0] in LANGUAGES
    ]
    return max(liked, key=lambda entry: entry[0], default=(0, LANGUAGES["*"]))[1]


@lru_cache(REMEMBERED)
def is_json(content_type: str) -> bool:
    kind, parameters = with_parameters(content_type)
    return kind == JSON and parameters.get("charset", UTF8[0]) in UTF8


def weighed(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Each value of a header that lists, its parameters, and its weight."""
    for part in header.split(","):
        value, parameters = with_parameters(part)
        yield value, parameters, _weight(parameters.get("q", "1"))


def with_parameters(value: str) -> tuple[str, dict[str, str]]:
    """A header value such as ``application/json; charset=utf-8``, in lower case."""
    head, *rest = value.lower().split(";")
    pairs = (part.partition("=") for part in rest)
    return head.strip(), {name.strip(): given.strip(' "') for name, _, given in pairs}


def _weight(text: str) -> float:
    return float(text) if re.fullmatch(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", text) else 0
