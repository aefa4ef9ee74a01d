"""Three versions of one record: what was read, what stands, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Mark = Literal["STORED", "ASKED", "BOTH"]
"""Who changed a field since it was read: others, this client, or both, each to something else."""

ABSENT = object()


def marks(base: Mapping[str, Any], stored: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Mark]:
    """By field. ``asked``: fields that are to be changed, by the names records have for them.

    A field that is asked for and not among what was read, or not among what stands, may have been changed by
    both: nobody can know.
    """
    found: dict[str, Mark] = {}
    for name in sorted({*asked, *(base.keys() & stored.keys())} - {"id", "version"}):
        read, stands = base.get(name, ABSENT), stored.get(name, ABSENT)
        theirs = read is ABSENT or stands is ABSENT or read != stands
        if name not in asked:
            if theirs:
                found[name] = "STORED"
        elif not theirs:
            found[name] = "ASKED"
        elif stands is ABSENT or not same(stands, asked[name]):
            found[name] = "BOTH"
    return found


def same(one: Any, other: Any) -> bool:
    """The hub keeps texts without blanks around them."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return bool(one == other)
