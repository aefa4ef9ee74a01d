"""What a source that is read whole says no longer, although it still speaks of the same.

Absence alone is no statement. But a row that is still there and now says something else takes back
what it said before. Two things tell that it is still there:

- A statement under a new record key that is surely the one under a key nobody states any more takes
  the key over, and with it the entity: ``renumber``.
- A list that told facts of an entity in n rows which are gone, and now has at least n new rows about it,
  has replaced them: ``withdraw``. Fewer new rows may mean that a row is lost, refused or not sent, so
  everything stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.sync.layout import Layout
from hub.sync.references import Scope, said


def silent(row_hash: str) -> str:
    """Whether no row of this run has the hash."""
    return (
        f"not exists (select from restated x where x.row_hash = {row_hash})"
        f" and not exists (select from row_staged y where y.row_hash = {row_hash})"
    )


# --- record keys -------------------------------------------------------------------------------


async def renumber(scope: Scope, layout: Layout) -> None:
    """Gives records nobody states any more the key of the statement that is theirs.

    That is certain where exactly one record that fell silent and exactly one new statement of a list agree
    in ``match`` or in an alternative of ``same``. By a weak key alone only a record without a strong one.
    """
    if not scope.whole or not await scope.connection.fetchval(_held_before(scope, layout)):
        return
    run = scope.connection.execute
    await run(_fresh(scope, layout))
    if not await scope.connection.fetchval(f"select count(*) from {layout.staging}_n"):
        return
    await run(_gone(scope, layout))
    if not await scope.connection.fetchval(f"select count(*) from {layout.staging}_g"):
        return
    for place, alternative in enumerate([*layout.target.match, *layout.target.same]):
        weak = 0 < place < len(layout.target.match)
        await run(_pairs(scope, layout, alternative, weak))


def _held_before(scope: Scope, layout: Layout) -> str:
    assert layout.record is not None
    return f"""
        select exists (select from "{layout.record.name}" e
            where e.source_id = {scope.source_id} and e.run_id < {scope.run_id}
                and e.list_kind = '{layout.list_kind}'{scope.within("e", layout.record)})"""


def _fresh(scope: Scope, layout: Layout) -> str:
    """New record keys and what they are compared by."""
    assert layout.record is not None
    columns = said(layout)
    named = ", ".join(f'{columns[name]} as "{name}"' for name in _compared(layout))
    return f"""
        create temp table {layout.staging}_n on commit drop as
        select m.record_key, {named} from {layout.staging}_m m join {layout.staging} s using (item)
        where not exists (select from "{layout.record.name}" e
            where e.source_id = {scope.source_id} and e.record_key = m.record_key)"""


def _gone(scope: Scope, layout: Layout) -> str:
    """Records of the list that no row states any more."""
    assert layout.record is not None
    named = ", ".join(f'e."{name}"' for name in _compared(layout))
    return f"""
        create temp table {layout.staging}_g on commit drop as
        select e.record_key, {named} from "{layout.record.name}" e
        where e.source_id = {scope.source_id} and e.list_kind = '{layout.list_kind}'
            {scope.within("e", layout.record)} and {silent("e.content_hash")}
            and not exists (select from {layout.staging}_m m where m.record_key = e.record_key)"""


def _compared(layout: Layout) -> Sequence[str]:
    return sorted({name for names in (*layout.target.match, *layout.target.same) for name in names})


def _pairs(scope: Scope, layout: Layout, names: Sequence[str], weak: bool) -> str:
    assert layout.record is not None
    n, g = f"{layout.staging}_n", f"{layout.staging}_g"
    same = " and ".join(f'g."{name}" = n."{name}"' for name in names)
    keys = ", ".join(f'n."{name}"' for name in names)
    strong = " or ".join(f'g."{name}" is null' for name in layout.target.match[0])
    return f"""
        with pairs as (
            select min(n.record_key) as fresh, min(g.record_key) as gone
            from {n} n join {g} g on {same} {f"where {strong}" if weak else ""}
            group by {keys}
            having count(distinct n.record_key) = 1 and count(distinct g.record_key) = 1),
        renamed as (
            update "{layout.record.name}" e set record_key = p.fresh from pairs p
            where e.source_id = {scope.source_id} and e.record_key = p.gone),
        met as (delete from {n} n using pairs p where n.record_key = p.fresh)
        delete from {g} g using pairs p where g.record_key = p.gone"""


def note_moves(layout: Layout) -> str:
    """Remembers the entities that lost a record to another, once every statement has its entity."""
    return f"""
        insert into moved
        select '{layout.table.name}', '{layout.list_kind}', old_entity, entity
        from {layout.staging}_h where old_entity <> entity"""


# --- facts -------------------------------------------------------------------------------------


async def find_withdrawn(scope: Scope, layout: Layout) -> bool:
    """Facts of the list that no row states any more, with the entity they are about now; if there are any.

    Only of entities that the run states something of: of others nothing can have been replaced.
    Before the new ones are merged: those that are updated in place are among them, for their rows count.
    """
    about = layout.target.about
    if about is None or not scope.whole:
        return False
    run, w = scope.connection.execute, f"{layout.staging}_w"
    await run(_stated_of(scope, layout, about))
    await run(_silent_facts(scope, layout, about))
    if not await scope.connection.fetchval(f"select exists (select from {w})"):
        return False
    await run(f"""
        create temp table {layout.staging}_k on commit drop as
        select m."{about}" as about, count(distinct m.row_hash) as rows from {layout.staging}_m m
        where not exists (
            select from "{layout.table.name}" f where {_of_list("f", scope, layout)}
                and f.record_key = m.record_key and f.content_hash = m.row_hash)
        group by 1;
        analyze {w}; analyze {layout.staging}_k""")
    return True


def _moved(layout: Layout, about: str) -> str:
    referred = next(p.table.name for p in layout.pointers if p.column == about)
    return f"moved where entity = '{referred}' and list_kind = '{layout.list_kind}'"


def _stated_of(scope: Scope, layout: Layout, about: str) -> str:
    """Entities that statements of the run are about, or were, and those that lost a record to one of them."""
    a, m = f"{layout.staging}_a", f"{layout.staging}_m"
    return f"""
        create temp table {a} on commit drop as
        select "{about}" as about from {m} union select f."{about}" from {m} m
            join "{layout.table.name}" f on {_of_list("f", scope, layout)} and f.record_key = m.record_key;
        insert into {a} select distinct old_id from {_moved(layout, about)}
            and new_id in (select about from {a}) and old_id not in (select about from {a});
        analyze {a}"""


def _silent_facts(scope: Scope, layout: Layout, about: str) -> str:
    return f"""
        create temp table {layout.staging}_w on commit drop as
        select f.id, f.content_hash, coalesce(v.new_id, f."{about}") as about
        from {layout.staging}_a a join "{layout.table.name}" f on f."{about}" = a.about left join (
                select old_id, min(new_id) as new_id from {_moved(layout, about)}
                group by old_id having count(distinct new_id) = 1) v
            on v.old_id = f."{about}"
        where {_of_list("f", scope, layout)} and {silent("f.content_hash")}"""


def _of_list(alias: str, scope: Scope, layout: Layout) -> str:
    return (
        f"{alias}.source_id = {scope.source_id} and {alias}.list_kind = '{layout.list_kind}'"
        f"{scope.within(alias, layout.table)}"
    )


async def withdraw(scope: Scope, layout: Layout, position: int) -> None:
    """Deletes what was found and the list has replaced; a row that comes back is read again."""
    table, staging = layout.table.name, layout.staging
    reasons = [_told_again(scope, layout)]
    if not layout.target.goes_on:
        reasons.append(f"w.about in ({_replaced(staging)})")
    await scope.connection.execute(f"""
        with gone as (
            delete from "{table}" f using {staging}_w w
            where f.id = w.id{scope.within("f", layout.table)} and f.content_hash = w.content_hash
                and ({" or ".join(reasons)})
            returning f.id, f.content_hash),
        forgotten as (insert into replaced select content_hash from gone)
        insert into changed select {position}, '{table}', '{scope.county}', id, 'D' from gone""")


def _replaced(staging: str) -> str:
    """Entities with at least as many new rows as rows that are gone."""
    return f"""
        select k.about from {staging}_k k join (
            select about, count(distinct content_hash) as rows from {staging}_w group by 1) g using (about)
        where k.rows >= g.rows"""


def _told_again(scope: Scope, layout: Layout) -> str:
    """The same fact of the same entity under another key: its number was corrected."""
    about = layout.target.about
    names = [n for n in layout.target.key if isinstance(n, str) and n != about and n in layout.filled]
    if not names:
        return "false"
    same = " and ".join(f'g."{name}" = f."{name}"' for name in names)
    return f"""exists (
        select from "{layout.table.name}" g join {layout.staging}_m m on m.record_key = g.record_key
        where {_of_list("g", scope, layout)} and g."{about}" = w.about and g.id <> f.id and {same})"""
