"""The shape of an entry: the document without its values, and which fields each kind of record in it has.

A shape is stored once for all entries that have it, and goes with the last of them (``hub.audit.prune``). So
it tells until when there may be entries of it. That is renewed, if need be, by who is about to write one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from hub.audit.chain import canonical

KNOWN_SECONDS: Final = 11 * 3600.0
"""For so long after ``keep`` a shape needs no other; an hour less than it is good for."""


def keep(source: str) -> str:
    """The statement that stores the shapes of ``source``, with columns ``digest`` and ``content``.

    Rows are locked where they are new or due only, and in one order, so that nobody waits for long.
    """
    return f"""
    insert into access_shape (digest, content, last_at)
    select s.digest, s.content, now() + interval '24 hours' from {source} as s (digest, content)
    where not exists (select from access_shape a
        where a.digest = s.digest and a.last_at > now() + interval '12 hours')
    order by s.digest
    on conflict (digest) do update set last_at = greatest(access_shape.last_at, excluded.last_at)"""  # noqa: S608 - of the caller's


class Place(NamedTuple):
    """Records of one type at one place of an answer or a mutation, and which fields are shown or written."""

    type_name: str
    fields: tuple[str, ...]


class Shape(NamedTuple):
    digest: bytes
    content: str


def shape(
    document: str,
    operation: str | None,
    places: Iterable[Place],
    others: Iterable[str],
    *,
    refused: str | None = None,
) -> Shape:
    """``others``: what is of no record, as ``Type.field``: numbers, answers to a question, what was done.
    ``refused``: code of the error, where it was not done and nothing was shown.
    """
    said: dict[str, Any] = {
        "document": document,
        "operation": operation,
        "places": [{"type": place.type_name, "fields": list(place.fields)} for place in places],
        "others": list(others),
    }
    if refused is not None:
        said["refused"] = refused
    content = canonical(said)
    return Shape(hashlib.sha256(content).digest(), content.decode())
