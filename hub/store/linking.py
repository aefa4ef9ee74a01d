"""Which rows are of one: those that decisions link, directly or by others between them.

A decision is a row of ``identity_review``. Whoever has changed one regroups the two it is about; everything
else follows from the decisions that stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from hub.domain.likeness import COMPARED
from hub.store.apart import NUMBERED, Apart
from hub.store.database import Connection
from hub.tables import LINKABLE, metadata

PRINTS: Final = """
    update identity_review r set first_print = {first}, second_print = {second}
    from {golden} f, {golden} s
    where r.county_code = $1 and r.id = $2
        and f.county_code = $1 and f.id = r.first_id and s.county_code = $1 and s.id = r.second_id"""
LINKED: Final = """
    select first_id, second_id from identity_review where county_code = $1 and status = 'LINKED'"""
CHANGE: Final = """
    insert into change (entity, county_code, entity_id, operation)
    select entity, case when entity <> all ($5::text[]) then $1 end, id, operation
    from unnest($2::text[], $3::bigint[], $4::text[]) c (entity, id, operation)"""
TOLD: Final = {
    LINKABLE.golden.name,
    *(each.table.name for each in LINKABLE.listings),
    *(
        name
        for name in LINKABLE.referring
        if [*metadata.tables[name].primary_key.columns.keys()][1:] == ["id"]
    ),
}
"""Tables whose changes are told: not former versions."""
WITHOUT_COUNTY: Final = [each.table.name for each in LINKABLE.listings]
"""In their keys."""


def print_of(alias: str) -> str:
    """Changes with anything that is compared, and not with the key that numbers are found by."""
    told = [f"{alias}.{name}" for name in (*COMPARED, LINKABLE.masked)]
    told.append(f"{alias}.{LINKABLE.number[1]} is not null")
    return f"sha256(convert_to(jsonb_build_array({', '.join(told)})::text, 'UTF8'))"


async def know(connection: Connection, county: str, review: int) -> None:
    """Notes that a decision was made on what is known now of the two, neither of which is away."""
    given = {"first": print_of("f"), "second": print_of("s"), "golden": LINKABLE.golden.name}
    await connection.execute(PRINTS.format(**given), county, review)


async def regroup(connection: Connection, county: str, rows: Iterable[int]) -> None:
    """Brings ``rows`` and all they are linked with to what the decisions of the county say, and notes what
    changed. The caller holds the county, and tells those who follow changes."""
    given, apart = set(rows), Apart(connection, county)
    pairs = [(row["first_id"], row["second_id"]) for row in await connection.fetch(LINKED, county)]
    standing = await apart.all()
    before = {one: standing[one] for one in standing if standing[one] in {standing.get(g) for g in given}}
    moved = await apart.held(before.values())
    await apart.unfold(before.values())
    affected = given | before.keys()
    groups = [group for group in components(pairs) if group & affected]
    after = await _standing(connection, county, groups)
    await apart.fold(after)
    moved += await apart.held(after.values())
    gone = {one for one, stands in after.items() if one != stands}
    back = {one for one, stands in before.items() if one != stands} - gone
    golden, seen = LINKABLE.golden.name, affected | after.keys()
    changes = {(golden, one): "D" if one in gone else "I" if one in back else "U" for one in sorted(seen)}
    changes |= dict.fromkeys((each for each in moved if each[0] in TOLD), "U")
    entities, ids = [list(part) for part in zip(*changes, strict=True)]
    await connection.execute(CHANGE, county, entities, ids, list(changes.values()), WITHOUT_COUNTY)


def components(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Groups of what pairs connect."""
    group_of: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        merged = group_of[first] | group_of[second] | {first, second}
        for one in merged:
            group_of[one] = merged
    return list({id(group): group for group in group_of.values()}.values())


async def _standing(connection: Connection, county: str, groups: Iterable[set[int]]) -> dict[int, int]:
    """One of each group stands for it: with a number before one without, then the oldest."""
    members = [one for group in groups for one in group]
    rows = await connection.fetch(NUMBERED, county, members)
    numbered = {row["id"] for row in rows}
    return {
        one: min(group, key=lambda each: (each not in numbered, each)) for group in groups for one in group
    }
