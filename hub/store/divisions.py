"""Brings the division tree, and everything that names a division, to the edition in ``hub/domain/data``.

Where a code has ended and exactly one division of today lives on from it, what names the old one names
that one from now on: people, stations, contracts, users, clients, and what sources say of them. Slices
follow, since they are ranges of codes. Villages that ended with their township were numbered anew, and
nobody knows how: who lived in one lives in the township. What has no single successor stays where it is,
and is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from typing import Any, Final

import structlog
from sqlalchemy import Column, Table, UniqueConstraint

from hub.domain.division import DivisionRow, load_divisions, township_of
from hub.domain.division_changes import FormerDivision, history, moves
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES
from hub.tables import RECORDS, TALLIES, metadata
from hub.tables import division as division_table

log = structlog.get_logger(__name__)

COLUMNS: Final = [f.name for f in fields(DivisionRow)]
COUNTY: Final = "county_code"
AS_THEY_WERE: Final = frozenset({"change", "deletion_certificate", "former_division", "division"})
"""What was written down, and is not rewritten; and the divisions themselves."""


@dataclass(frozen=True, slots=True)
class Moved:
    """``rows`` by table and column. ``left``: codes that have ended, and what still names them by table."""

    rows: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


async def store_divisions(database: Database) -> Moved:
    """Idempotent; several processes may do it at once."""
    async with database.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(hashtext('hub divisions'))")
        written = await _store(connection)
        await _store_former(connection)
        moved = await _follow(connection)
        if written or moved.rows:
            # Prices count on it from the first request on, and autovacuum comes a minute later.
            await connection.execute("analyze division")
    if moved.rows or moved.left:
        log.info("divisions_changed", moved=dict(moved.rows), left=sorted(moved.left))
    return moved


async def _store(connection: Connection) -> bool:
    """Whether a division is new or another."""
    names = ", ".join(COLUMNS)
    new = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    known, told = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("division", "n"))
    await connection.execute("create temp table new_division (like division) on commit drop")
    await connection.copy_records_to_table(
        "new_division", columns=COLUMNS, records=[astuple(row) for row in load_divisions()]
    )
    done = await connection.execute(
        # Triggers make the names of all these rows searchable: those that stand are not written again.
        f"insert into division ({names}) select {names} from new_division n where not exists ("
        f"select from division where division.code = n.code and ({known}) is not distinct from ({told}))"
        f" order by depth on conflict (code) do update set {new}"
    )
    return done != "INSERT 0 0"


async def _store_former(connection: Connection) -> None:
    rows = history().former()
    names = FormerDivision._fields
    held = await connection.fetch(f"select {', '.join(names)} from former_division order by code, ends_on")
    if [FormerDivision(**{**row, "successor_codes": tuple(row["successor_codes"])}) for row in held] != list(
        rows
    ):
        await connection.execute("delete from former_division")
        await connection.copy_records_to_table("former_division", columns=names, records=rows)


async def _follow(connection: Connection) -> Moved:
    gone = await connection.fetch(
        "select code from division d where not exists (select from new_division n where n.code = d.code)"
    )
    if not gone:
        return Moved()
    codes = [row["code"] for row in gone]
    await connection.execute("create temp table moved_division (old text, new text) on commit drop")
    targets = list(_targets(codes))
    await connection.copy_records_to_table("moved_division", records=targets)
    rows: dict[str, int] = {}
    for column in _naming() if targets else ():
        if count := await _move(connection, column):
            rows[f"{column.table.name}.{column.name}"] = count
    if rows:
        await connection.execute(f"select pg_notify('{CHANGES}', 'divisions')")
    return Moved(rows, await _forget(connection, codes))


def _targets(codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Within the county only: what belongs to another one has other keys, and is another source's to say."""
    known = moves()
    for code in codes:
        below = code[9:] != "000"
        new = known.get(code) or (known.get(township_of(code)) if below else None)
        if new is not None and new[:6] == code[:6]:
            yield code, new


def _naming() -> Iterator[Column[Any]]:
    """Golden rows before what sources say of them, for these follow where the golden row may not move."""
    for table in metadata.sorted_tables:
        if table.name not in AS_THEY_WERE and table not in TALLIES.values() and table not in RECORDS.values():
            yield from _own(table)
    for record in RECORDS.values():
        yield from _own(record)


def _own(table: Table[Any]) -> Iterator[Column[Any]]:
    for column in table.c:
        kept = column.info.get("derived") or column.computed is not None
        if column.name.endswith("division_code") and not kept:
            yield column


def _is_key(table: Table[Any], name: str) -> bool:
    return any(
        isinstance(c, UniqueConstraint) and [k.name for k in c.columns] == [name] for c in table.constraints
    )


async def _move(connection: Connection, column: Column[Any]) -> int:
    """Rows moved. Where only one row may name a division, as of stations, the first moves and others stay."""
    table, name = column.table, column.name
    golden = next((g for g, record in RECORDS.items() if record is table), None)
    tests = [f"t.{name} = m.old"]
    if _is_key(table, name):
        tests.append(f"not exists (select from {table.name} o where o.{name} = m.new)")
        tests.append(
            f"m.old = (select min(x.old) from moved_division x join {table.name} o on o.{name} = x.old"
            " where x.new = m.new)"
        )
    elif golden is not None and _is_key(metadata.tables[golden], name):
        tests.append(f"exists (select from {golden} g where g.id = t.entity_id and g.{name} = m.new)")
    told = table.name in RECORDS
    county = f"t.{COUNTY}" if COUNTY in table.c else "null"
    update = f"update {table.name} t set {name} = m.new from moved_division m where {' and '.join(tests)}"
    if not told:
        return int((await connection.execute(update)).split()[-1])
    noted = await connection.execute(
        f"with moved as ({update} returning {county} as {COUNTY}, t.id) insert into change"
        f" (entity, {COUNTY}, entity_id, operation) select '{table.name}', {COUNTY}, id, 'U' from moved"
    )
    return int(noted.split()[-1])


async def _forget(connection: Connection, codes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Deletes divisions that nothing names any more; the others, with what does."""
    left: dict[str, dict[str, int]] = {}
    for code in sorted(codes, reverse=True):  # villages before their township
        named = {}
        for column in _pointing():
            count = await connection.fetchval(
                f"select count(*) from {column.table.name} where {column.name} = $1", code
            )
            if count:
                named[f"{column.table.name}.{column.name}"] = int(count)
        if named:
            left[code] = named
        else:
            await connection.execute("delete from division where code = $1", code)
    return left


def _pointing() -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        for column in table.c:
            if any(key.column is division_table.c.code for key in column.foreign_keys):
                yield column
