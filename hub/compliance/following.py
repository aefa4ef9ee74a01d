"""Follows the one sequence of changes, and has judged what they touch; on a new day, every county once.

A change to a fact about a person has that person judged; any change has the stations, staff and contracts of
its county judged, and the divisions it lies in. Of a fact that is gone nobody may know whose it was: then its
whole county is due.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

import asyncpg
import structlog
from sqlalchemy import Table

from hub.compliance.keeping import edition, fold, keep_county, keep_people, keep_work, read_at_all
from hub.domain.norms import DOCUMENTS
from hub.store.database import Database
from hub.store.listener import CHANGES, Listener
from hub.store.rounds import FAILED, pause
from hub.tables import HISTORIES, OF_PERSON, PERSON, metadata

log = structlog.get_logger("hub.compliance")

SECONDS: Final = 30.0
"""Between two looks where nothing is told."""
BREATH: Final = 1.0
"""From one look to the next: many changes are judged together."""
MANY: Final = 20_000
"""Changes of one kind in a county after which all of it is judged."""

BEGIN: Final = """
    insert into judged (id, snapshot, judged_at) values (1, pg_current_snapshot()::text, now())
    on conflict do nothing"""
PLACE: Final = "select snapshot from judged where id = 1"
MOVED: Final = "update judged set snapshot = $1, judged_at = now() where id = 1"
BEHIND: Final = "(c.xact >= $1 or c.xact = any ($2::bigint[]))"
TOUCHED: Final = f"""
    select n.snapshot, c.entity, c.county_code, c.count
    from (select pg_current_snapshot()::text as snapshot) n left join (
        select c.entity, c.county_code, count(distinct c.entity_id) as count
        from change c where {BEHIND} group by 1, 2) c on true"""
FOUND: Final = f"""
    with c as (
        select distinct c.county_code, c.entity_id from change c
        where {BEHIND} and c.entity = '{{entity}}' and c.county_code is not distinct from $3)"""
ABOUT: Final = ("personnel", "station", "contract")
CAME: Final = (
    (
        "left join training_record r on r.training_event_id = f.id",
        "left join personnel p_ on p_.id = r.personnel_id",
    ),
    "p_.county_code",
)
"""Who came to a training may be of other counties than the office that held it."""
WAITING: Final = """
    select exists (select from change c, (select snapshot from judged where id = 1) j
        where c.xact >= pg_snapshot_xmin(j.snapshot::pg_snapshot)::text::bigint
            and not pg_visible_in_snapshot(c.xact::text::xid8, j.snapshot::pg_snapshot))"""
"""Whether there are changes that nobody has judged."""
IN_SCOPE: Final = """
    select county_code from station union select county_code from contract
    union select county_code from personnel
    union select s.county_code from division d cross join lateral (
        select b.county_code from beneficiary b where b.county_code = left(d.code, 6) limit 1) s
        where d.level = 'COUNTY'
    union select county_code from judged_county"""
"""Also where nothing is left: else its day would stay the one of long ago."""
DUE: Final = f"""
    select s.county_code from ({IN_SCOPE}) s left join judged_county j using (county_code)
    where s.county_code is not null and (j.day, j.edition) is distinct from ($1::date, $2)
    order by j.judged_at nulls first, 1"""
OWN: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
)
"""Of the rows of one county: others are judged all the same, and this one again in the next look."""
AGAIN_WITHIN: Final = "update judged_county set day = null where starts_with(county_code, $1)"
AGAIN: Final = "update judged_county set day = null where county_code = any ($1)"
AGAIN_ALL: Final = "update judged_county set day = null"


@dataclass(slots=True)
class Touched:
    """Of each county the tables in which something changed. ``people``: whom it is about. ``whole``: counties
    in which it may be anybody."""

    tables: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    people: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)


async def keep_until(
    database: Database, clock: Callable[[], dt.datetime], stop: asyncio.Event, seconds: float = SECONDS
) -> None:
    """Until ``stop``, whenever changes are committed."""
    listener = Listener(database)
    listener.start()
    try:
        while not stop.is_set():
            turn = listener.turn(CHANGES)
            try:
                await look(database, clock().date(), stop)
            except FAILED as error:
                log.warning("verdicts_waiting", kind=type(error).__name__)
            await pause(stop, BREATH)
            if not stop.is_set():
                await listener.heard(CHANGES, turn, seconds, stop)
    finally:
        await listener.stop()


async def look(db: Database, day: dt.date, stop: asyncio.Event | None = None) -> None:
    """All that is due: what was changed first, then counties; between two of them changes again."""
    await db.owner.execute(BEGIN)
    await follow(db, day)
    counties = [county for county in await _due(db, day) if _is_ruled(county)]
    for number, county in enumerate(counties):
        if stop is not None and stop.is_set():
            return
        try:
            await keep_county(db, county, day)
        except OWN as error:
            log.warning("county_waiting", county=county, kind=type(error).__name__)
        if len(counties) > 1:
            log.info("county_judged", county=county, count=number + 1, of=len(counties))
        await follow(db, day)


async def follow(db: Database, day: dt.date) -> None:
    """Judges what was changed since; done twice it does no harm."""
    if (place := await db.owner.fetchval(PLACE)) is None:
        return
    snapshot, touched = await _touched(db, place)
    if _upper(snapshot) < _upper(place):  # a dump of another cluster, whose places say nothing here
        await db.owner.execute(AGAIN_ALL)
    for county, tables in sorted(touched.tables.items()):
        if not _is_ruled(county):
            continue
        try:
            await keep_work(db, county, day, tables)
            if ids := sorted(touched.people.get(county, ())):
                await keep_people(db, county, ids, day, tables)
                await fold(db, county)
        except OWN as error:
            log.warning("county_waiting", county=county, kind=type(error).__name__)
            await db.owner.execute(AGAIN_WITHIN, _within(county))
    if touched.whole:
        await db.owner.execute(AGAIN, sorted(touched.whole))
    await db.owner.execute(MOVED, snapshot)


def _within(county: str) -> str:
    """What the codes of counties in it begin with; of a prefecture or a province there are several."""
    return county[:2] if county.endswith("0000") else county[:4] if county.endswith("00") else county


def _upper(snapshot: str) -> int:
    return int(snapshot.split(":")[1])


async def _due(db: Database, day: dt.date) -> list[str]:
    return [row["county_code"] for row in await db.owner.fetch(DUE, day, edition(), timeout=None)]


def _is_ruled(county: str) -> bool:
    """Whether a document asks anything there, or one has: then what is kept of it goes."""
    return any(f"{county}000000".startswith(each.jurisdiction.rstrip("0")) for each in DOCUMENTS.values())


async def _touched(db: Database, place: str) -> tuple[str, Touched]:
    _, upper, among = place.split(":")
    behind = int(upper), [int(each) for each in among.split(",") if each]
    found = Touched()
    rows = await db.owner.fetch(TOUCHED, *behind, timeout=None)
    for row in rows:
        if row["entity"] in followed():
            await _entity(db, found, behind, row)
    return rows[0]["snapshot"], found


async def _entity(db: Database, found: Touched, behind: tuple[int, list[int]], row: Any) -> None:
    entity, county = row["entity"], row["county_code"]
    if county is not None:
        found.tables[county].add(entity)
    way = way_of(entity)
    if county is not None and way.person:
        if row["count"] > MANY:
            found.whole.add(county)
            return
        people = await db.owner.fetch(way.statement, *behind, county, timeout=None)
        found.people[county] |= {each["person"] for each in people if each["person"] is not None}
        if any(each["person"] is None for each in people):
            found.whole.add(county)
    elif county is None:
        for each in await db.owner.fetch(way.statement, *behind, county, timeout=None):
            if each["gone"]:
                await db.owner.execute(AGAIN_ALL)
            elif each["county"] is not None:
                found.tables[each["county"]].add(entity)


@cache
def followed() -> frozenset[str]:
    """Tables a change of which may turn a verdict. What has no number of its own is noted by its whole."""
    return frozenset(name for name in read_at_all() if "id" in metadata.tables[name].c)


class Way(NamedTuple):
    """From entries of a table to people (``person``) or to counties (``county``); null: nobody knows."""

    statement: str
    person: bool


@cache
def way_of(entity: str) -> Way:
    """LookupError for a table whose rows are of no place."""
    table, found = metadata.tables[entity], FOUND.format(entity=entity)
    if entity == PERSON:
        return Way(f"{found} select entity_id as person from c", True)
    if whose := _whose(table):
        joins, person = whose
        own = (
            f"select {person} as person from c left join {entity} f"
            f" on f.county_code = c.county_code and f.id = c.entity_id {joins}"
        )
        if entity in HISTORIES:  # also whom a version that has ended was about
            own = f"""
                select person from ({own} union select h.{OF_PERSON} from c join {HISTORIES[entity].name} h
                    on h.county_code = c.county_code and h.id = c.entity_id) p where person is not null"""
        return Way(f"{found} {own}", True)
    places = [*_where(table, "f"), *([CAME] if entity == "training_event" else ())]
    if not places:
        raise LookupError(f"Rows of {entity} are of no place.")
    joins = " ".join(dict.fromkeys(join for joins, _ in places for join in joins))
    counties = ", ".join(f"({place})" for _, place in dict.fromkeys(places))
    own = f"""
        from c left join {entity} f on f.id = c.entity_id {joins}
            cross join lateral (values {counties}) p (county)"""
    return Way(f"{found} select distinct f.id is null as gone, p.county {own}", False)


def _whose(table: Table[Any]) -> tuple[str, str] | None:
    """Joins, and the person a row is about: its own, or that of what it is a part of."""
    if "county_code" not in table.primary_key.columns:
        return None
    if OF_PERSON in table.c:
        return "", f"f.{OF_PERSON}"
    for key in table.foreign_key_constraints:
        if "county_code" in key.column_keys and OF_PERSON in key.referred_table.c:
            column = next(name for name in key.column_keys if name != "county_code")
            whole = key.referred_table.name
            return (
                f"left join {whole} w on w.county_code = f.county_code and w.id = f.{column}",
                f"w.{OF_PERSON}",
            )
    return None


def _where(table: Table[Any], of: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Joins, and a county a row is of: its own, and those of what it refers to, and of who came."""
    own = "county_code" in table.c or "division_code" in table.c
    if own:
        yield (), f"{of}.county_code" if "county_code" in table.c else f"left({of}.division_code, 6)"
    if table.name == "contractor":
        yield (f"left join contract {of}k on {of}k.contractor_id = {of}.id",), f"{of}k.county_code"
    for column, target in _references(table):
        name = f"{of}_{column}"
        joined = f"left join {target.name} {name} on {name}.id = {of}.{column}"
        if target.name in ABOUT:
            yield (joined,), f"{name}.county_code"
        elif not own:
            for joins, place in _where(target, name):
                yield (joined, *joins), place


def _references(table: Table[Any]) -> Iterator[tuple[str, Table[Any]]]:
    """What a row refers to by a number; sources tell no place."""
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        if key.column.name == "id" and key.column.table.name != "source":
            yield key.parent.name, key.column.table
