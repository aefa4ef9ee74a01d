"""Who reads a tally: who may count its base table, where the slice speaks of columns the tally has.

A tally is then cut as its base table is, by the same predicate in the statement and by the same policy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Table

from hub.access.rows import Slice
from hub.access.slices import COUNTED, SLICES
from hub.tables import TALLIES


def speaks_of(tally: Table[Any], rows: str) -> bool:
    """Whether the tally has every column of its base table that ``rows``, as in a slice, name."""
    return set(re.findall(r"{t}\.(\w+)", rows)) <= set(tally.c.keys())


def in_tally(slice_: Slice) -> Slice:
    """The slice in columns that the tally has."""
    return replace(slice_, rows=slice_.tallied, locked=None) if slice_.tallied else slice_


def _tallied(role: str, base: str) -> bool:
    own = SLICES[role].get(base)
    counted = COUNTED.get(role, {}).get(base, own)
    if own is None or counted is None or counted.under not in (None, "statistics"):
        return False
    cut = [rows for each in (counted, own) for rows in (in_tally(each).rows, in_tally(each).locked) if rows]
    return all(speaks_of(TALLIES[base], rows) for rows in cut)


TALLIED: Final = {role: frozenset(base for base in TALLIES if _tallied(role, base)) for role in SLICES}
"""By role the base tables whose tallies it reads."""
