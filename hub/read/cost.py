"""What a request costs, in units.

    One unit is a row that is read by its key and written with about ten fields:
    about 10 microseconds of one core of PostgreSQL.

**Static** cost is known before anything is run. It is ``REQUEST`` and, for every list of the operation,

    rows around × (LIST + rows × (ROW + FIELD × fields …) + rows looked at × (SCANNED or FETCHED …))

``rows`` are as many as the page size allows and the statistics of PostgreSQL know of: under one row, as many
as there are under the row that has the most. ``rows around`` multiplies what is inside a list by its rows.
Looked at are the rows that are counted, grouped, or passed over until a page is full. So static cost is meant
as a bound: what usually is there costs less. ``hub.read.pricing`` works it out.

**Actual** cost is measured: PostgreSQL's time in units, at least what the bytes of the answer are worth, and
never more than the static cost, which is all a client can know beforehand. Explanations, which take the
hub's own time, are what they are priced at.
"""

from __future__ import annotations

from typing import Final

REQUEST: Final = 10.0
"""Of every request that is run: token, log line, a round trip."""
ROW: Final = 0.5
FIELD: Final = 0.05
LIST: Final = 0.3
SEALED: Final = 0.5
"""A value that is opened, or made of others, on the way out."""
LONG: Final = 3_000.0
"""One that may have half a megabyte: a picture."""
CURSOR: Final = 0.3
"""Signed on the way out."""
PROVENANCE: Final = 15.0
"""Of one record: whose values stand in it, by what every source says."""
RIVALS: Final = 15.0
"""More for these values themselves, and for what others say."""
QUESTION: Final = 2.0
"""Whether one person is entitled."""
SCANNED: Final = 0.04
"""A row looked at among its neighbours."""
FETCHED: Final = 0.15
"""A row looked at because it belongs to another."""
PROBED: Final = 0.4
"""A row in another table that is looked up for it: by a slice, or by a condition on related records."""
GROUPED: Final = 0.03
"""More for a row that is grouped."""
GROUP: Final = 0.2
"""One group in the answer."""
RESOLVED: Final = 10.0
"""A field that graphql-core answers, such as ``viewer``."""
LOOKED_UP: Final = 500.0
"""One that takes statements of its own: ``accessLog``. An explanation, about 4 milliseconds here, beside
what it asks (``hub.read.aside``)."""
WRITTEN: Final = 500.0
"""A mutation, beside what it shows: it waits for the disk."""
ITEM: Final = 150.0
"""More for each item of one that does many."""
JUDGED: Final = 5_000.0
"""All verdicts on a record: a statement for each bound, some fifty for a contract."""
BOARD: Final = 20_000.0
"""All lines of a board: a statement for each bound in each county, for all its records at once."""
SUMMED: Final = 5_000.0
"""Of a summary of verdicts, which reads the tallies of a division."""
TOLD: Final = 1_200.0
"""Of 5,000 values of the package that graphql-core writes, such as all ``rules`` of a place: 12 ms."""
INTROSPECTED: Final = 1_000.0
"""``__schema`` or ``__type``, the first time."""

UNIT_SECONDS: Final = 10e-6
UNIT_BYTES: Final = 200


def actual(static: float, seconds: float, size: int, explained: float = 0.0) -> float:
    """``seconds`` in PostgreSQL, ``size`` of the answer in bytes, ``explained``: units of explanations."""
    return min(static, REQUEST + explained + max(seconds / UNIT_SECONDS, size / UNIT_BYTES))
