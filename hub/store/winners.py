"""Which source wins for a field: one order, for runs that choose, who chooses anew, and who is told.

Per column the record row wins that comes first among those that say something of it: what a steward has
decided, then the lowest precedence (of a rule for the field and county, else of the list), then the newest
date, then the record key and the source, so that the answer never depends on the order of arrival. An empty
cell never wins over a value; that a field is empty only a steward can decide. Of rows that are linked, what
the number of the one that stands tells is not for the others to say (``of_other``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Column, Table

from hub.store.database import Connection
from hub.tables import LED, LINKABLE, RECORDS

COUNTY: Final = "county_code"
RULED: Final = """
    select distinct column_name from precedence_rule
    where is_in_force and table_name = $1 and starts_with($2, division_prefix)"""


def rule_for(record: str, table: Table[Any], column: str) -> str:
    """A select of the rule in force for ``column``, a text in SQL, of the record row aliased ``record``."""
    county = f"coalesce({record}.{COUNTY}, '')" if COUNTY in table.c else "''"
    return f"""select p.rank, p.reason from precedence_rule p
        where p.is_in_force and p.table_name = '{table.name}' and p.column_name = {column}
            and starts_with({county}, p.division_prefix)
            and (p.source_id is null or p.source_id = {record}.source_id)
            and (p.list_kind is null or p.list_kind = {record}.list_kind)
            and (p.connector is null or p.connector = connector_of({record}.source_id))
        order by length(p.division_prefix) desc, p.source_id is null, p.list_kind is null, p.id desc
        limit 1"""


def rank_of(record: str, table: Table[Any], column: str) -> str:
    """The precedence of a record row for a column: that of a rule, else that of its list."""
    rule = rule_for(record, table, f"'{LED.get(column, column)}'")
    return f"coalesce((select w.rank from ({rule}) w), {record}.precedence)"


def order(record: str, rank: str, undecided: str) -> str:
    """The order of record rows, best first, for ``order by``.

    ``rank``: what their precedence is; ``undecided``: whether it is not a steward that says it.
    """
    return f"{undecided}, {rank}, {record}.observed_at desc, {record}.record_key, {record}.source_id"


TOLD: Final = frozenset({*LINKABLE.number, *LINKABLE.told})
"""Columns that follow from the number of the row that stands for those it is linked with."""


def of_other(record: str) -> str:
    """Whether a record row is of one that is linked to another with a number, which stands for it.

    What such a one says of ``TOLD`` columns is heard and never stands. Runs need not ask: they meet every row
    alone (``hub.store.apart``).
    """
    apart, mine = LINKABLE.apart.name, f"jsonb_build_array({record}.source_id, {record}.record_key)"
    return f"""exists (
        select from {apart} o join {apart} s on s.{COUNTY} = o.{COUNTY} and s.id = o.linked_to
            and s.{LINKABLE.number[1]} is not null
        where o.{COUNTY} = {record}.{COUNTY} and o.linked_to = {record}.entity_id and o.id <> o.linked_to
            and o.held -> '{LINKABLE.record.name}' @> jsonb_build_array({mine}))"""


def says(record: str, column: str) -> str:
    """Whether a record row says something of the column."""
    return f"({record}.\"{column}\" is not null or '{column}' = any({record}.overrides))"


def winner(
    record: str, table: Table[Any], column: str, ruled: Collection[str], *, linked: bool = False
) -> str:
    """The winning value of ``column`` among the record rows of one entity, as an aggregate.

    ``ruled``: columns there are rules for; others need not be looked for. ``linked``: whether rows may be.
    """
    rank = f"{record}.precedence"
    if LED.get(column, column) in ruled:
        rank = rank_of(record, table, column)
    heard = says(record, column)
    if linked and table is LINKABLE.golden and column in TOLD:
        heard += f" and not {of_other(record)}"
    return (
        f'(array_agg({record}."{column}" order by {order(record, rank, f"{record}.overrides is null")})'
        f" filter (where {heard}))[1]"
    )


def order_of(record: str, table: Table[Any], column: str) -> str:
    """The order of what sources say of ``column`` of one row, best first, by the rules there are."""
    undecided = f"{record}.overrides is null"
    if table is LINKABLE.golden and column in TOLD:
        undecided = f"{of_other(record)}, {undecided}"
    return order(record, rank_of(record, table, column), undecided)


def is_needed(column: Column[Any]) -> bool:
    """Whether a row must have it."""
    return not column.nullable and column.server_default is None


async def ruled_columns(connection: Connection, table: Table[Any], county: str | None) -> frozenset[str]:
    """Columns of ``table`` that rules in force speak of in the county."""
    rows = await connection.fetch(RULED, table.name, county or "" if COUNTY in table.c else "")
    return frozenset(row["column_name"] for row in rows)


async def choose_again(
    connection: Connection,
    table: Table[Any],
    columns: Sequence[str],
    county: str | None,
    entities: Sequence[int] | None = None,
) -> list[int]:
    """Puts the winners of ``columns`` into the rows of a county; which of its rows changed.

    ``entities``: of these only; else of all that several records speak of. The caller keeps runs out, and
    tells of the changes. A row that no source speaks of any more stays as it is.
    """
    ruled = await ruled_columns(connection, table, county)
    record = RECORDS[table.name]
    best = {c: f'b."{c}"' if not is_needed(table.c[c]) else f'coalesce(b."{c}", g."{c}")' for c in columns}
    chosen = ", ".join(f'{winner("r", table, c, ruled, linked=True)} as "{c}"' for c in columns)
    within = f"{{}}.{COUNTY} = $1" if COUNTY in table.c else "$1::text is null"
    some = "and count(*) > 1" if entities is None else ""
    rows = await connection.fetch(
        f"""
        with best as (
            select r.entity_id as id, {chosen} from "{record.name}" r
            where {within.format("r")} and ($2::bigint[] is null or r.entity_id = any($2))
            group by r.entity_id having bool_or(r.overrides is null) {some})
        update "{table.name}" g set {", ".join(f'"{c}" = {value}' for c, value in best.items())}
        from best b
        where {within.format("g")} and g.id = b.id
            and ({", ".join(f'g."{c}"' for c in columns)}) is distinct from ({", ".join(best.values())})
        returning g.id""",
        county if COUNTY in table.c else None,
        entities,
    )
    return sorted(row["id"] for row in rows)
