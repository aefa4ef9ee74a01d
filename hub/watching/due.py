"""Which watches may have another answer: all of a list when what they hang on has changed, such as the day;
else those of people something was written about. What a number was before, nothing tells: so now and then
those with a YES are looked through for numbers that no entitled person has any more.

People are compared by the numbers they have, so that it does not matter which field key hashed a watch's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hub.read.positions import Snapshot
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import LINKABLE

MANY: Final = 20_000
"""People written about, after which all watches are asked again."""

_PEOPLE, _APART, _HASH = LINKABLE.golden.name, LINKABLE.apart.name, LINKABLE.number[1]
_FACT = "category_membership"
NOW: Final = "select pg_current_snapshot()::text"
WRITTEN: Final = f"""
    with c as (
        select entity, county_code, entity_id as id from change
        where (xact >= $1 or xact = any ($2::bigint[])) and entity in ('{_PEOPLE}', '{_FACT}')),
    p as (
        select county_code, id from c where entity = '{_PEOPLE}'
        union select m.county_code, m.beneficiary_id from c join {_FACT} m using (county_code, id)
        where c.entity = '{_FACT}')
    select b.id_number from p left join {_PEOPLE} b using (county_code, id)
    union all
    select a.id_number from p join {_APART} a on a.county_code = p.county_code and a.linked_to = p.id
    limit {MANY + 1}"""  # noqa: S608 — of names of tables
_FILES: Final = (
    f"select b.county_code, b.id from {_PEOPLE} b where b.{_HASH} = w.id_number_hash"  # noqa: S608 — the same
    f" union all select a.county_code, a.linked_to from {_APART} a where a.{_HASH} = w.id_number_hash"
)
_HELD: Final = f"""exists (
    select from ({_FILES}) f join {_PEOPLE} p using (county_code, id)
    join {_FACT} m on m.county_code = f.county_code and m.beneficiary_id = f.id and m.category = $3
    where p.division_code >= $4 and p.division_code < $5 and (p.deceased_on is null or p.deceased_on >= $6)
        and m.starts_on <= $6 and (m.ends_on is null or m.ends_on >= $6))"""
_OF_LIST: Final = """
    select w.id, w.id_number from watch w
    where w.client_id = $1 and w.purpose = $2 and w.programme = $3 and w.ended_at is null and {which}
    order by w.id"""
NEW: Final = _OF_LIST.format(which="w.is_entitled is null and w.id > $4") + " limit $5"
ALL: Final = _OF_LIST.format(which="w.is_entitled is not null")
SOME: Final = _OF_LIST.format(which="w.is_entitled is not null and w.id_number_hash = any ($4::bytea[])")
LOST: Final = _OF_LIST.format(which=f"w.is_entitled and not {_HELD}")


class Listed(NamedTuple):
    """Watches that are asked together."""

    client_id: str
    purpose: str
    programme: str


@dataclass(frozen=True, slots=True)
class Written:
    """Since the round before: ``hashes`` that watches of the people written about may have; None: of too
    many. ``is_of_nobody``: some of them are gone, or have no number. ``snapshot``: where the next round
    begins."""

    snapshot: str
    hashes: list[bytes] | None
    is_of_nobody: bool = False

    async def due(self, database: Database, of: Listed) -> list[Any]:
        if self.hashes is None:
            return await everybody(database, of)
        return list(await database.fetch(SOME, *of, self.hashes)) if self.hashes else []


async def written(database: Database, vault: Vault, place: str) -> Written:
    [(now,)] = await database.fetch(NOW)  # before what it is compared with, so that nothing falls in between
    since = Snapshot.of(place)
    if Snapshot.of(now).upper < since.upper:  # a dump of another cluster, whose places say nothing here
        return Written(now, None)
    rows = await database.fetch(WRITTEN, since.upper, list(since.open))
    if len(rows) > MANY:
        return Written(now, None)
    found = {row["id_number"] for row in rows}
    numbers = {vault.open(each) for each in found - {None}}
    return Written(now, vault.look_ups_of(numbers), None in found)


async def everybody(database: Database, of: Listed) -> list[Any]:
    return list(await database.fetch(ALL, *of))


async def lost(database: Database, of: Listed, viewer: Mapping[str, Any]) -> list[Any]:
    """Those with a YES whose number no entitled person has any more. ``viewer``: values of its slice."""
    return list(await database.fetch(LOST, *of, *(viewer[name] for name in ("lo", "hi", "today"))))


async def new(database: Database, of: Listed, after: int, most: int) -> list[Any]:
    """The next without an answer, behind the one with the id ``after``."""
    return list(await database.fetch(NEW, *of, after, most))
