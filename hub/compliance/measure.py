"""What a measure is: a statement about many records at once, as of a day.

Its parameters: ``$1`` county (6 digits), ``$2`` ids of the records, ``$3`` the day. It looks at no fact of a
later day. Its rows tell ``id`` and, by its kind:

======= ================================================================================================
State   ``value``, typed as the bound compares; null where nobody knows. May tell also ``applies``, a truth
        value: false where the bound is not about the record; ``target``: where it differs by record;
        ``due_on``: the day until which what is missing is not late; ``inputs``: records it was read from
Events  ``on_day``, ``amount``, ``record``: each thing that counts, up to the day. How many there must be, and
        within which time, the bound tells. ``spans`` tells from when until when there is a duty: ``id``,
        ``from_on`` (null: never), ``until_on`` (null: it lasts). ``stays``: what was missing in its last year
        is missing ever after
======= ================================================================================================

A record is named as ``table:id``, or ``table:county:id`` where its key begins with a county.

A day that has not come is ``infinity``; it is told as no value. ``from_on`` is ``-infinity`` where nobody
knows since when: whoever has not done enough is then not judged.

In a statement and in ``spans`` these become

=========================== ===========================================================================
``{target}``, ``{base}``    what the bound tells
``{effective_from}``        first day of the rule's document, and ``{effective_to}`` its last or null
``{expression|quantity}``   whether the expression meets that bound of the same rule: a session of a group
                            must be longer than two hours to count at all
``{|quantity}``             the value of that bound
=========================== ===========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.domain.vocabulary import NormSubject


@dataclass(frozen=True, slots=True)
class State:
    """``optional``: which of the columns that it may tell it tells."""

    subject: NormSubject
    sql: str
    optional: frozenset[str] = frozenset({"inputs"})


@dataclass(frozen=True, slots=True)
class Events:
    subject: NormSubject
    sql: str
    spans: str
    stays: bool = False


Measure = State | Events
Measures = Mapping[str, Measure]

OPTIONAL: Final[Mapping[str, str]] = {
    "applies": "true",
    "target": "null::text",
    "due_on": "null::date",
    "inputs": "'{}'::text[]",
}

CONTRACT_BINDS: Final = "k.status not in ('DRAFT', 'TERMINATED') and k.ends_on >= {effective_from}"
"""A draft obliges nobody. Nor does a contract that was ended early: nothing tells the day. A document asks
nothing of what was over before it."""
CONTRACT_SPANS: Final = f"""
    select k.id, case when {CONTRACT_BINDS} then k.starts_on end as from_on, k.ends_on as until_on
    from contract k where k.county_code = $1 and k.id = any ($2)"""
"""A contract obliges from its first day to its last."""
AT_POST: Final = "coalesce(p.onboarded_on, '-infinity') <= $3 and coalesce(p.left_on, 'infinity') >= $3"
RESIDENT: Final = "p.kind = 'RESIDENT'"
"""Of a row ``p`` of ``personnel``."""


def inputs(table: str, alias: str, where: str = "true") -> str:
    """The column of that name, of rows that are grouped; for a table whose key is ``id`` alone."""
    return _newest(f"'{table}:' || {alias}.id", alias, where)


def inputs_of_county(table: str, alias: str, where: str = "true") -> str:
    """The same for a table whose key begins with a county."""
    return _newest(named(table, alias), alias, where)


def named(table: str, alias: str) -> str:
    """A record of a table whose key begins with a county."""
    return f"'{table}:' || {alias}.county_code || ':' || {alias}.id"


def _newest(name: str, alias: str, where: str) -> str:
    return (
        f"array_remove(array_agg(case when {where} then {name} end order by {alias}.id desc), null) as inputs"
    )


def counted(sure: str, quantity: str) -> str:
    """How many rows of a group ``sure`` is true of; null where those that nobody knows of would decide.

    ``sure``: false of a row that a left join made of nothing.
    """
    least, most = (f"count(*) filter (where ({sure}) is {known})" for known in ("true", "not false"))
    return f"case when {{{least}|{quantity}}} = {{{most}|{quantity}}} then {least} end"


def share(part: str, whole: str) -> str:
    """Cut off, and never rounded up to what it must be; null of nothing."""
    return f"trim_scale(trunc(({part})::numeric / nullif({whole}, 0), 4))"


def local_day(moment: str) -> str:
    return f"({moment} at time zone 'Asia/Shanghai')::date"


def months(age: str) -> str:
    """An age as a number of months: more than one as soon as a day is past the month."""
    whole = f"extract(year from {age}) * 12 + extract(month from {age})"
    return f"({whole} + extract(day from {age}) / 31)"


def anniversary(first: str, years: str) -> str:
    """First day of a year counted from a day: from 29 February it is 1 March where the year has none, so that
    no day lies between two years, as ``age`` counts them."""
    same = f"({first} + make_interval(years => {years}))"
    return f"({same}::date + coalesce((extract(day from {same}) < extract(day from {first}))::int, 0))"
