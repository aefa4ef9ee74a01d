"""Verdicts of today are kept: one statement for each bound judges many records and writes what differs.

Nothing of a person is brought into Python. Whoever keeps holds a lock, so that nobody writes what was read
before a newer verdict.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

from hub.compliance.evaluate import Decided, decided
from hub.compliance.judging import verdicts
from hub.domain.norms import RULES, rules_of
from hub.domain.vocabulary import NormSubject
from hub.store.database import Connection, Database
from hub.tables import metadata

CHUNK: Final = 5_000
"""People in a transaction."""
PERSON: Final = NormSubject.BENEFICIARY
RECORDS: Final = {
    NormSubject.STATION: "station",
    NormSubject.PERSONNEL: "personnel",
    NormSubject.CONTRACT: "contract",
}
DIVISIONS: Final = {NormSubject.COUNTY: 6, NormSubject.PREFECTURE: 4, NormSubject.PROVINCE: 2}
"""How many digits of its code tell a division of that kind."""

LOCK: Final = "select pg_advisory_xact_lock(hashtext('hub verdicts'))"
YIELDS: Final = "set local lock_timeout = '500ms'"
"""Less than PostgreSQL waits before it looks for a deadlock: who keeps gives up, never who writes facts."""
NEXT_PEOPLE: Final = """
    select array_agg(id) from (
        select id from beneficiary where county_code = $1 and id > $2 order by id limit $3) b"""
TOLD: Final = ("quantity", "status", "value", "target", "due_on")
PEOPLE: Final = "beneficiary_verdict"
WORK: Final = "work_verdict"
FOLD: Final = """
    with gone as (delete from beneficiary_verdict_tally where county_code = $1 returning *)
    insert into beneficiary_verdict_tally (county_code, division_code, document, rule, bound, status, count)
    select county_code, division_code, document, rule, bound, status, sum(count) from gone
    group by 1, 2, 3, 4, 5, 6 having sum(count) <> 0"""
"""What is appended meanwhile is not seen and stays."""
JUDGING: Final = """
    with made as (
        insert into judged_county (county_code, edition) values ($1, '') on conflict do nothing
        returning xmin::text as version)
    select version from made union all select xmin::text from judged_county where county_code = $1"""
"""Its version: another where somebody has said meanwhile that the county is to be judged again."""
JUDGED: Final = """
    update judged_county set day = $2, edition = $3, judged_at = now()
    where county_code = $1 and xmin::text = $4"""


_NAMED: Final = re.compile(r"\b(?:from|join)\s+(\w+)")


def judged_rules(
    county: str, day: dt.date, subject: NormSubject, touched: Collection[str] | None = None
) -> list[Decided]:
    """What is decided in a county on a day; of a measure that reads one of the tables ``touched`` only."""
    found = decided(rules_of(f"{county}000000", day), {subject})
    return [each for each in found if touched is None or not reads(each).isdisjoint(touched)]


@cache
def reads(each: Decided) -> frozenset[str]:
    """The tables that the measure is made of."""
    text = verdicts(each.rule, each.bound, each.measure)
    return frozenset(name for name in _NAMED.findall(text) if name in metadata.tables)


@cache
def read_at_all() -> frozenset[str]:
    """Tables of which some measure is made: a change of any other turns no verdict."""
    return frozenset().union(*(reads(each) for each in decided(RULES, set(NormSubject))))


@cache
def edition() -> str:
    """Another where a rule, a measure or the judging differs: what was kept then is judged anew."""
    found = hashlib.sha256()
    for each in decided(RULES, set(NormSubject)):
        found.update(verdicts(each.rule, each.bound, each.measure).encode())
        found.update("/".join(map(str, _key(each))).encode())
    return found.hexdigest()[:16]


async def keep_people(
    db: Database, county: str, ids: Sequence[int], day: dt.date, touched: Collection[str] | None = None
) -> None:
    """Judges these people of a county (6 digits) and keeps what was found; ``touched``: by what these tables
    tell only."""
    rules = judged_rules(county, day, PERSON, touched)
    for start in range(0, len(ids) if rules else 0, CHUNK):
        async with _alone(db) as connection:
            for each in rules:
                given = county, ids[start : start + CHUNK], day
                await connection.execute(_people(each), *given, timeout=None)


async def keep_work(db: Database, county: str, day: dt.date, touched: Collection[str] | None = None) -> None:
    """Judges stations, staff and contracts of a county, itself, and what it lies in.

    ``county``: also the six digits of a prefecture or a province.
    """
    async with _alone(db) as connection:
        for subject, table in RECORDS.items():
            rows = await connection.fetch(f"select id from {table} where county_code = $1", county)
            await _keep(connection, county, subject, [row["id"] for row in rows], day, touched)
    for subject, digits in DIVISIONS.items():
        if county[digits - 2 : digits] != "00":
            of = county[:digits].ljust(6, "0")
            async with _alone(db) as connection:
                await _keep(connection, of, subject, [int(of.ljust(12, "0"))], day, touched)


async def keep_county(db: Database, county: str, day: dt.date) -> None:
    """All of it: a new day or another edition of the rules may turn any verdict."""
    version = await db.owner.fetchval(JUDGING, county)
    await keep_work(db, county, day)
    last, rules = 0, judged_rules(county, day, PERSON)
    while rules and (ids := await db.owner.fetchval(NEXT_PEOPLE, county, last, CHUNK)):
        await keep_people(db, county, ids, day)
        last = ids[-1]
    async with _alone(db) as connection:
        await connection.execute(_others(PEOPLE), county, *_keys(rules), timeout=None)
        await connection.execute(JUDGED, county, day, edition(), version)
    await fold(db, county)


async def fold(db: Database, county: str) -> None:
    async with _alone(db) as connection:
        await connection.execute(FOLD, county)


@asynccontextmanager
async def _alone(db: Database) -> AsyncIterator[Connection]:
    """A transaction in which nobody else keeps verdicts."""
    async with db.transaction() as connection:
        await connection.execute(LOCK)
        await connection.execute(YIELDS)
        yield connection


async def _keep(
    connection: Connection,
    county: str,
    subject: NormSubject,
    ids: list[int],
    day: dt.date,
    touched: Collection[str] | None,
) -> None:
    for each in judged_rules(county, day, subject, touched):
        await connection.execute(_work(each, subject), county, ids, day, timeout=None)
    gone = f"{_others(WORK)} and subject = $5 or county_code = $1 and subject = $5 and record_id <> all ($6)"
    await connection.execute(gone, county, *_keys(judged_rules(county, day, subject)), subject.value, ids)


def _key(each: Decided) -> tuple[str, str, int]:
    return each.rule.document.code, each.rule.key, each.rule.bounds.index(each.bound)


def _keys(rules: Sequence[Decided]) -> Iterator[list[str] | list[int]]:
    """Documents, rules and bounds, as three arrays."""
    keys = [_key(each) for each in rules]
    yield [document for document, _, _ in keys]
    yield [rule for _, rule, _ in keys]
    yield [bound for _, _, bound in keys]


def _others(table: str) -> str:
    """Deletes verdicts of a county by rules that are no longer in force there."""
    return f"""
        delete from {table} where county_code = $1 and (document, rule, bound) not in (
            select * from unnest($2::text[], $3::text[], $4::smallint[]))"""


@cache
def _people(each: Decided) -> str:
    return _kept(
        each,
        PEOPLE,
        "beneficiary_id",
        "beneficiary_id, division_code, shown_from_on, county_code",
        "b.id, b.division_code, b.shown_from_on, b.county_code",
        "join beneficiary b on b.county_code = $1 and b.id = v.id",
    )


@cache
def _work(each: Decided, subject: NormSubject) -> str:
    if subject in RECORDS:
        place, of = "r.division_code", f"join {RECORDS[subject]} r on r.id = v.id"
    else:
        place, of = "v.id::text", ""
    return _kept(
        each,
        WORK,
        "record_id",
        "subject, record_id, division_code",
        f"'{subject}', v.id, {place}",
        of,
        f" and k.subject = '{subject}'",
    )


def _kept(
    each: Decided, table: str, record: str, columns: str, values: str, joined: str, which: str = ""
) -> str:
    """Judges ``$2`` of the county ``$1`` on the day ``$3``; what the rule is not about is not kept."""
    document, rule, bound = _key(each)
    key = ("county_code", *(("subject",) if which else ()), record, "document", "rule", "bound")
    sets = ", ".join(f"{name} = excluded.{name}" for name in TOLD)
    of_place = "" if table == PEOPLE else ", division_code = excluded.division_code"
    compared = (*TOLD, *(() if table == PEOPLE else ("division_code",)))
    old, new = (", ".join(f"{of}.{name}" for name in compared) for of in ("k", "excluded"))
    return f"""
        with v as materialized (
            select * from ({verdicts(each.rule, each.bound, each.measure)}) v
            where v.status <> 'NOT_APPLICABLE'),
        gone as (
            delete from {table} k where k.county_code = $1 and k.{record} = any ($2){which}
                and k.document = '{document}' and k.rule = '{rule}' and k.bound = {bound}
                and not exists (select from v where v.id = k.{record}))
        insert into {table} as k ({columns}, document, rule, bound, {", ".join(TOLD)}, since_on)
        select {values}, '{document}', '{rule}', {bound}, '{each.bound.quantity}',
            v.status, v.value, v.target, v.due_on, $3::date
        from v {joined}
        on conflict ({", ".join(key)}) do update set {sets}{of_place},
            since_on = case when k.status = excluded.status then k.since_on else excluded.since_on end
        where ({old}) is distinct from ({new})"""
