"""Whether a number of rows is told by a tally (``hub.tables.tally``) instead of by counting them."""

from __future__ import annotations

from collections.abc import Iterable

from hub.access.readable import Readable, tallied
from hub.access.viewer import Capability
from hub.read import bind
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.text import Row
from hub.tables.tally import COUNT

Countable = bind.RootAggregate | bind.Counted | bind.RootMany | bind.Many


def tally_of(
    capability: Capability, relation: Countable, where: p.Condition | None, keys: Iterable[str] = ()
) -> Readable | None:
    """The tally that knows every column the question names; None where there is none.

    ``keys``: columns that are grouped by.
    """
    tally = tallied(capability, TYPES[relation.target].table.name)
    if tally is None:
        return None
    kinds = set(tally.table.c.keys())
    known = _within(where, kinds) and kinds.issuperset(keys)
    return tally if known and _reached(relation, tally) else None


def number_of(row: Row) -> str:
    """Of the rows that those of a tally stand for; null for none, and 0 for a kind that is gone."""
    return f"sum({row.column(COUNT)})"


def _within(where: p.Condition | None, kinds: set[str]) -> bool:
    match where:
        case None:
            return True
        case p.Test(column) | p.Null(column) | p.Among(column):
            return column in kinds
        case p.AllOf(parts) | p.AnyOf(parts):
            return all(_within(part, kinds) for part in parts)
        case p.Not(part):
            return _within(part, kinds)
    return False


def _reached(relation: Countable, tally: Readable) -> bool:
    """From the top, or along a key that an index of the tally begins with."""
    if isinstance(relation, bind.Counted):
        return _reached(relation.relation, tally)
    if not isinstance(relation, bind.Many):
        return True
    columns = [there for _, there in relation.pairs]
    starts = ([c.name for c in index.columns][: len(columns)] for index in tally.table.indexes)
    return relation.through is None and columns in starts
