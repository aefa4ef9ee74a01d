"""Rows that are linked: several of one entity become one, and each is kept as it would be alone.

``fold`` sets the linked rows apart: the row that stays takes the best of what all their records say, what
hangs on the others moves to it, and they leave the table. ``unfold`` is its inverse. A run merges between the
two (``hub.sync.linked``), so what sources say meets each row as if nothing were linked; and a link that
ends leaves what there would be without it. Whoever calls holds the county (``hub.store.rotation.MERGING``).

What somebody has added to the row that stays while it was linked stays with it: nobody said of whom it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from hub.store.database import Connection
from hub.store.winners import choose_again
from hub.tables import LINKABLE, Linkable
from hub.tables.ledger import OWN_TRANSACTION

COUNTY: Final = "county_code"

MOVING: Final = "select set_config('hub.moving', $1, true)"
"""Triggers that judge what somebody states leave alone what only changes hands (migration 0038)."""
LINKING: Final = "linking"
AGAIN: Final = "again"
"""Within one transaction and back: facts that move come back, and nobody is told of that."""
CAME_BACK: Final = "select forget_who_came_back()"
LOST: Final = f"""
    update change c set entity_id = m.linked_to from unnest($2::bigint[], $3::bigint[]) m (id, linked_to)
    where c.xact = {OWN_TRANSACTION} and c.operation = 'F' and c.entity = '{LINKABLE.golden.name}'
        and c.county_code = $1 and c.entity_id = m.id"""
"""Who has lost a fact meanwhile is the row that stands."""

Groups = Mapping[int, int]
"""Of each linked row, the one that stays among them too, the one that stands for it."""


class Apart:
    """The linked rows of a county."""

    def __init__(self, connection: Connection, county: str, *, again: bool = False) -> None:
        self._connection, self._county = connection, county
        self._how = AGAIN if again else LINKING

    async def all(self) -> Groups:
        return {row["id"]: row["linked_to"] for row in await self._connection.fetch(ALL, self._county)}

    async def unfold(self, stand: Iterable[int]) -> Groups:
        """Those that ``stand`` for others, and these, are as they would be alone. Who had stood for whom."""
        given = sorted(set(stand))
        found = {row["id"]: row["linked_to"] for row in await self._connection.fetch(OF, self._county, given)}
        if found:
            async with self._moving():
                await self._run(UNFOLD, sorted(set(found.values())))
                # What has been decided of a field meanwhile, or by which rule, counts for each of them.
                await self._choose(VALUES, found)
        return found

    async def fold(self, groups: Groups) -> None:
        """``groups`` of rows that are all there."""
        if not groups:
            return
        stand = sorted(set(groups.values()))
        async with self._moving():
            if self._how == LINKING:
                # Who is adding something to one of them is waited for, or it would hang on nothing.
                await self._connection.execute(HOLD, self._county, list(groups))
            await self._connection.execute(SET_APART, self._county, list(groups), list(groups.values()))
            await self._run(FOLD, stand)
            numbered = {row["id"] for row in await self._connection.fetch(NUMBERED, self._county, stand)}
            shared = [name for name in VALUES if name not in LINKABLE.number]
            await self._choose(shared, set(stand) - numbered)
            # What its number tells is not for others to say.
            await self._choose([name for name in shared if name not in LINKABLE.told], numbered)
        if self._how == AGAIN:
            await self._connection.execute(LOST, self._county, list(groups), list(groups.values()))
            await self._connection.execute(CAME_BACK)

    async def held(self, stand: Iterable[int]) -> list[tuple[str, int]]:
        """What hangs on those for whom others stand now: tables and numbers."""
        rows = await self._connection.fetch(HELD, self._county, sorted(set(stand)))
        return [(row["name"], row["id"]) for row in rows]

    @asynccontextmanager
    async def _moving(self) -> AsyncIterator[None]:
        await self._connection.execute(MOVING, self._how)
        yield
        await self._connection.execute(MOVING, "")

    async def _choose(self, columns: Sequence[str], rows: Iterable[int]) -> None:
        if given := sorted(rows):
            await choose_again(self._connection, LINKABLE.golden, columns, self._county, given)

    async def _run(self, statements: Mapping[str, str], stand: Sequence[int]) -> None:
        """Statements about a table only where something of it is held."""
        tables = {row["name"] for row in await self._connection.fetch(TABLES, self._county, stand)}
        for name, statement in statements.items():
            if name in tables or name not in HOLDING:
                await self._connection.execute(statement, self._county, stand)


def _statements(of: Linkable) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """``UNFOLD`` and ``FOLD`` in their order; by table, or by what is done. $1 county, $2 who stands."""
    golden, apart, record = of.golden.name, of.apart.name, of.record.name
    columns = [c.name for c in of.apart.c if c.name not in {"linked_to", "held"}]
    listed, copied = (", ".join(f'{alias}"{name}"' for name in columns) for alias in ("", "a."))
    old, new = (", ".join(f'{alias}."{name}"' for name in VALUES) for alias in "ga")
    mine = f"a.{COUNTY} = $1 and a.linked_to = any ($2::bigint[])"
    others = f"{mine} and a.id <> a.linked_to"

    def moved(back: bool) -> dict[str, str]:
        to, now = ("a.id", "a.linked_to") if back else ("a.linked_to", "a.id")
        facts = {
            name: f"""
                update {name} f set {column} = {to}
                from {apart} a cross join jsonb_array_elements_text(a.held -> '{name}') h
                where {others} and f.{COUNTY} = $1 and f.id = h::bigint and f.{column} = {now}"""
            for name, column in of.referring.items()
        }
        records = f"""
            update {record} r set entity_id = {to}
            from {apart} a cross join jsonb_array_elements(a.held -> '{record}') h
            where {others} and r.{COUNTY} = $1 and r.source_id = (h ->> 0)::smallint
                and r.record_key = h ->> 1 and r.entity_id = {now}"""
        listings = {
            each.table.name: f"""
                update {each.table.name} f set {each.ids} = array_replace(f.{each.ids}, {now}, {to}),
                    {each.names} = array_replace(f.{each.names}, '{each.prefix}:' || $1 || ':' || {now},
                        '{each.prefix}:' || $1 || ':' || {to})
                from {apart} a cross join jsonb_array_elements_text(a.held -> '{each.table.name}') h
                where {others} and f.id = h::bigint"""
            for each in of.listings
        }
        return {**facts, record: records, **listings}

    unfold = {
        "bring back": f"insert into {golden} ({listed}) select {copied} from {apart} a where {others}",
        **moved(back=True),
        "as before": f"""
            update {golden} g set ({", ".join(f'"{name}"' for name in VALUES)}) = row ({new})
            from {apart} a where {mine} and a.id = a.linked_to and g.{COUNTY} = $1 and g.id = a.id
                and ({old}) is distinct from ({new})""",
        "forget": f"delete from {apart} a where {mine}",
    }
    fold = {
        **moved(back=False),
        "take away": f"""
            delete from {golden} g using {apart} a where {others} and g.{COUNTY} = $1 and g.id = a.id""",
    }
    return unfold, fold


def _set_apart(of: Linkable) -> str:
    """$2 rows, $3 who stands for each."""
    columns = [c.name for c in of.apart.c if c.name not in {"linked_to", "held"}]
    held = {
        name: f"""
            select jsonb_agg(f.id order by f.id) from {name} f where f.{COUNTY} = $1 and f.{column} = g.id"""
        for name, column in of.referring.items()
    }
    held[of.record.name] = f"""
        select jsonb_agg(jsonb_build_array(f.source_id, f.record_key) order by f.source_id, f.record_key)
        from {of.record.name} f where f.{COUNTY} = $1 and f.entity_id = g.id"""
    for each in of.listings:
        # One that names both of them cannot be told apart again, and stays as it is.
        held[each.table.name] = f"""
            select jsonb_agg(f.id order by f.id) from {each.table.name} f
            where f.{COUNTY} = $1 and f.{each.ids} @> array[g.id]
                and not f.{each.ids} @> array[m.linked_to]"""
    listed = ", ".join(f"'{name}', ({query})" for name, query in held.items())
    return f"""
        insert into {of.apart.name} ({", ".join(f'"{name}"' for name in columns)}, linked_to, held)
        select {", ".join(f'g."{name}"' for name in columns)}, m.linked_to,
            case when m.id = m.linked_to then '{{}}' else jsonb_strip_nulls(jsonb_build_object({listed})) end
        from unnest($2::bigint[], $3::bigint[]) m (id, linked_to)
            join {of.golden.name} g on g.{COUNTY} = $1 and g.id = m.id"""


_APART: Final = LINKABLE.apart.name
VALUES: Final = [c.name for c in LINKABLE.apart.c if c.name not in {COUNTY, "id", "linked_to", "held"}]
NUMBERED: Final = f"""
    select id from {LINKABLE.golden.name}
    where {COUNTY} = $1 and id = any ($2::bigint[]) and {LINKABLE.number[1]} is not null"""
HOLD: Final = f"""
    select from {LINKABLE.golden.name} where {COUNTY} = $1 and id = any ($2::bigint[])
    order by id for update"""
ALL: Final = f"select id, linked_to from {_APART} where {COUNTY} = $1"
OF: Final = f"""
    select id, linked_to from {_APART} where {COUNTY} = $1 and linked_to in (
        select linked_to from {_APART} where {COUNTY} = $1 and id = any ($2::bigint[]))"""
TABLES: Final = f"""
    select distinct held.name from {_APART} a cross join jsonb_object_keys(a.held) held (name)
    where a.{COUNTY} = $1 and a.linked_to = any ($2::bigint[])"""
HELD: Final = f"""
    select held.name, h::bigint as id from {_APART} a
        cross join jsonb_each(a.held - '{LINKABLE.record.name}') held (name, ids)
        cross join jsonb_array_elements_text(held.ids) h
    where a.{COUNTY} = $1 and a.linked_to = any ($2::bigint[])"""
HOLDING: Final = {*LINKABLE.referring, LINKABLE.record.name, *(each.table.name for each in LINKABLE.listings)}
UNFOLD, FOLD = _statements(LINKABLE)
SET_APART: Final = _set_apart(LINKABLE)
