"""Which rows are of one: those that decisions link, directly or by others between them.

A decision is a row of ``identity_review``. Whoever has changed one regroups the two it is about; everything
else follows from the decisions that stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from hub.store.apart import NUMBERED, Apart
from hub.store.database import Connection
from hub.tables import LINKABLE, metadata

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
