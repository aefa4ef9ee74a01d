"""Bringing stored values to the form the vault seals in now: its active key and its cipher.

What is sealed, and which hashes rows are found by, is read from the tables' own declarations. A value tells
which key and cipher sealed it, so where to go on is told by the rows themselves and nothing has to be
remembered; a hash is made anew together with the sealed value it is a hash of.

Who compares such values, that is a sync run, compares them in one form: it holds ``HOLD`` so that no key
becomes active meanwhile, and the lock of the county, and brings what is compared there to its own form first.
That it is in this form is marked (``settled_county``), so that the next run need not look: nobody but runs
writes such values. A conversion in the background takes the same locks for each batch, and takes away a mark
of another form. Nothing is told of it to anybody: the change log has no entry, and what sources said keeps
its hashes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from hub.errors import HubError
from hub.store.database import Connection, Database
from hub.store.vault import HEAD_BYTES, NAMED, Form, Vault
from hub.tables import FACTS, RECORDS, metadata

COUNTY: Final = "county_code"
HOLD: Final = 4_714_018
"""Advisory lock: shared by who merges with the keys of now, held alone by who activates or retires one."""
MERGING: Final = 0x68756202
"""Advisory locks of merging: of a county, and of a table that counties share."""
ALONE: Final = f"select pg_advisory_xact_lock({MERGING}, hashtext($1))"
BESIDE: Final = f"select pg_advisory_xact_lock_shared({MERGING}, hashtext($1))"
BATCH: Final = 500
LONG_BATCH: Final = 8

IN_USE: Final = "select identifier from field_key_use order by id desc limit 1"
_ACTIVATIONS: Final = "select coalesce(max(id), 0) from field_key_use"
SETTLED: Final = f"""
    select form = $2 and key_use = ({_ACTIVATIONS}) from settled_county where county_code = $1"""
MARK: Final = f"""
    insert into settled_county (county_code, form, key_use) select $1, $2, ({_ACTIVATIONS})
    on conflict (county_code) do update set form = excluded.form, key_use = excluded.key_use"""
UNMARK: Final = f"""
    delete from settled_county where county_code = $1 and not (form = $2 and key_use = ({_ACTIVATIONS}))
"""


class KeysBehind(HubError):
    """The field keys of this process are not those in use; the same file belongs on every host."""

    code, status, zh = "FIELD_KEYS_BEHIND", 503, "字段密钥与当前启用的不一致，请在各主机更新密钥文件"


class Unreadable(HubError):
    """A stored value cannot be opened: it was damaged, or its key is missing."""

    code, status, zh = "FIELD_UNREADABLE", 500, "存储的密封字段无法解开"


@dataclass(frozen=True)
class Keyed:
    """A table with sealed columns. ``found``: by hash, the sealed column it is of."""

    table: Table[Any]
    sealed: tuple[str, ...]
    found: Mapping[str, str]

    @property
    def most(self) -> int:
        """Rows that are read at once: few where one is long."""
        return LONG_BATCH if any(self.table.c[name].info.get("long") for name in self.sealed) else BATCH

    @property
    def keys(self) -> list[str]:
        return [column.name for column in self.table.primary_key.columns]

    @property
    def by_county(self) -> bool:
        return COUNTY in self.table.c

    @property
    def compared(self) -> bool:
        """By runs, with what sources say; other tables wait for `hub field-key rotate`."""
        return self.table.name in {*FACTS, *RECORDS, *(record.name for record in RECORDS.values())}


@cache
def keyed_tables() -> tuple[Keyed, ...]:
    """All of them, in the order of their names."""
    found = []
    for table in metadata.sorted_tables:
        sealed = tuple(c.name for c in table.c if c.info.get("sealed"))
        hashes = {c.name: c.info["look_up"] for c in table.c if "look_up" in c.info}
        if sealed:
            found.append(Keyed(table, sealed, hashes))
    return tuple(sorted(found, key=lambda each: each.table.name))


def _head(column: str) -> str:
    """The part of a sealed value that tells version, cipher and key."""
    named = ", ".join(f"'\\x{version.hex()}'" for version in NAMED.values())
    return (
        f'substring("{column}" from 1 for case when substring("{column}" from 1 for 1) in ({named})'
        f" then {HEAD_BYTES} else 1 end)"
    )


def _stale(keyed: Keyed) -> str:
    """Whether a row holds a value that is not in one of the two forms ``$1``."""
    return "(" + " or ".join(f"{_head(name)} <> all ($1::bytea[])" for name in keyed.sealed) + ")"


async def in_use(connection: Any, vault: Vault) -> str:
    """The key that was activated last, the first key if none was."""
    found: str | None = await connection.fetchval(IN_USE)
    return found or vault.keys[0].id


async def hold(connection: Connection, vault: Vault) -> None:
    """For who seals what runs compare, to the end of the transaction: no key moves.

    KeysBehind when another key is in use than this one works with.
    """
    await connection.execute(f"select pg_advisory_xact_lock_shared({HOLD})")
    if await in_use(connection, vault) != vault.active.id:
        raise KeysBehind


async def settle(connection: Connection, vault: Vault, county: str) -> None:
    """For a run that holds the keys: the county is its own, and the rows of it are in the run's form."""
    await _lock_county(connection, county)
    form = b"".join(vault.form)
    if await connection.fetchval(SETTLED, county, form):
        return
    for keyed in keyed_tables():
        if keyed.compared:
            step = Step()
            while not step.ended:
                step = await _convert(connection, vault, keyed, county, step.last, BATCH)
    await connection.execute(MARK, county, form)


async def convert(
    database: Database, vault: Vault, keyed: Keyed, size: int = BATCH
) -> AsyncGenerator[int, None]:
    """Every row of a table, each batch in a transaction of its own; how many sealed values it had.

    ``size``: rows of a batch at most. What is behind when it is stopped is found again; rows written in the
    old form meanwhile are not. KeysBehind as of ``hold``.
    """
    for county in await _counties(database, vault, keyed) if keyed.by_county else [None]:
        step = Step()
        while not step.ended:
            async with database.transaction() as connection:
                await hold(connection, vault)
                if county is not None:
                    await _lock_county(connection, county)
                    await connection.execute(UNMARK, county, b"".join(vault.form))
                step = await _convert(connection, vault, keyed, county, step.last, min(size, keyed.most))
            yield step.values


class Step(NamedTuple):
    """Values of a batch that were not in form, and the key of its last row, behind which to go on."""

    values: int = 0
    last: tuple[Any, ...] = ()
    ended: bool = False


async def _convert(
    connection: Connection, vault: Vault, keyed: Keyed, county: str | None, after: tuple[Any, ...], size: int
) -> Step:
    keys, table = keyed.keys, keyed.table.name
    given: list[Any] = [[*vault.form], *after]
    tests = [_stale(keyed)]
    if after:
        places = ", ".join(f"${i}" for i in range(2, len(given) + 1))
        tests.append(f"({', '.join(keys)}) > ({places})")
    if county is not None:
        given.append(county)
        tests.append(f"{COUNTY} = ${len(given)}")
    named = ", ".join(f'"{name}"' for name in (*keys, *keyed.sealed))
    rows = await connection.fetch(
        f"select {named} from {table} where {' and '.join(tests)}"
        f" order by {', '.join(keys)} limit {size} for update",
        *given,
    )
    columns = (*keyed.sealed, *keyed.found)
    # A hash without its value stays as it is.
    sets = ", ".join(f'"{name}" = coalesce(${i}, "{name}")' for i, name in enumerate(columns, 1))
    at = " and ".join(f'"{name}" = ${i}' for i, name in enumerate(keys, len(columns) + 1))
    await connection.executemany(
        f"update {table} set {sets} where {at}",
        [(*_anew(vault, keyed, row), *(row[name] for name in keys)) for row in rows],
    )
    last = tuple(rows[-1][name] for name in keys) if rows else after
    values = sum(
        row[name] is not None and not row[name].startswith(vault.form)
        for row in rows
        for name in keyed.sealed
    )
    return Step(values, last, len(rows) < size)


def _anew(vault: Vault, keyed: Keyed, row: Any) -> Iterator[bytes | None]:
    """The sealed values of a row, then its hashes, as the vault makes them now."""
    try:
        for name in keyed.sealed:
            yield None if row[name] is None else vault.reseal(row[name])
        for of in keyed.found.values():
            yield None if row[of] is None else vault.look_up(vault.blind(vault.open(row[of])))
    except ValueError as error:
        raise Unreadable(f"{keyed.table.name}: {error}") from None


async def _counties(database: Database, vault: Vault, keyed: Keyed) -> list[str]:
    rows = await database.owner.fetch(
        f"select distinct {COUNTY} from {keyed.table.name} where {_stale(keyed)} order by 1",
        [*vault.form],
    )
    return [row[COUNTY] for row in rows]


class Count(NamedTuple):
    """Values by the head they begin with (``head``), and hashes without the value they are of."""

    heads: Counter[bytes]
    alone: int

    def of(self, key_id: str, *, first: bool = False) -> int:
        """Values that need the key. Of others than the first, hashes whose value is not known may, too."""
        named = sum(n for head, n in self.heads.items() if head[2:].hex() == key_id)
        return named + (sum(n for head, n in self.heads.items() if len(head) == 1) if first else self.alone)

    def behind(self, form: Form) -> int:
        """Values that are not in this form."""
        return sum(n for head, n in self.heads.items() if head not in form)


async def counted(database: Database) -> Count:
    """Of all tables; reads each of them once."""
    heads: Counter[bytes] = Counter()
    alone = 0
    for keyed in keyed_tables():
        for name in keyed.sealed:
            rows = await database.owner.fetch(
                f"select {_head(name)} as head, count(*) as n from {keyed.table.name}"
                f' where "{name}" is not null group by 1'
            )
            heads.update({row["head"]: row["n"] for row in rows})
        for name, of in keyed.found.items():
            alone += await database.owner.fetchval(
                f'select count(*) from {keyed.table.name} where "{name}" is not null and "{of}" is null'
            )
    return Count(heads, alone)


async def _lock_county(connection: Connection, county: str) -> None:
    await connection.execute(ALONE, county)
