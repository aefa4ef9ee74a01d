"""Which source wins for a field.

Per column, the record row that comes first in ``WINNER_ORDER`` among those that have a value:
the lowest precedence number of the list, then the newest date, then the record key and the source,
so that the answer never depends on the order of arrival. An empty cell never wins over a value.
The read engine tells the provenance of a field by the same order.
"""

from __future__ import annotations

from hub.tables.records import WINNER_ORDER


def winner_order(alias: str) -> str:
    """The order of record rows, best first, for ``order by``."""
    return ", ".join(f'{alias}."{column}" {direction}' for column, direction in WINNER_ORDER)


def winner(alias: str, column: str) -> str:
    """The winning value of ``column`` among the record rows of one entity, as an aggregate."""
    value = f'{alias}."{column}"'
    return f"(array_agg({value} order by {winner_order(alias)}) filter (where {value} is not null))[1]"


def supersedes(new: str, held: str, differs: str) -> str:
    """Whether the statement ``new`` takes the place of ``held``, which has the same record key.

    The newer list date wins. Under the same date a correction wins over what the source no longer
    says; if it still says both (``restated`` holds the rows skipped in this run, and rows of this
    run are compared before), the greater row hash: any rule will do that is none of chance.
    ``differs`` is for the same row read again: a reference of it may have been found since.
    """
    return (
        f"({new}.observed_at > {held}.observed_at or {new}.observed_at = {held}.observed_at and ("
        f"{new}.row_hash > {held}.content_hash"
        f" or {new}.row_hash = {held}.content_hash and {differs}"
        f" or {new}.row_hash < {held}.content_hash"
        f" and not exists (select from restated x where x.row_hash = {held}.content_hash)))"
    )
