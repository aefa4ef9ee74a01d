"""The shape of an entry: the document without its values, and which fields each kind of record in it has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from hub.audit.chain import canonical


class Place(NamedTuple):
    """Records of one type at one place of an answer or a mutation, and which fields are shown or written."""

    type_name: str
    fields: tuple[str, ...]


class Shape(NamedTuple):
    digest: bytes
    content: str


def shape(document: str, operation: str | None, places: Iterable[Place], others: Iterable[str]) -> Shape:
    """``others``: what is of no record, as ``Type.field``: numbers, answers to a question, what was done."""
    said = {
        "document": document,
        "operation": operation,
        "places": [{"type": place.type_name, "fields": list(place.fields)} for place in places],
        "others": list(others),
    }
    content = canonical(said)
    return Shape(hashlib.sha256(content).digest(), content.decode())
