"""Issuing duties to delete: for everybody whom a contractor could see under a contract and serves no more.

It goes by the days in the database and not by when it is run: what a hub that was down has missed is issued
when it is up again, and what is issued already is not issued anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from hub.access.live import LIVE
from hub.audit.records import IN_COUNTY, people
from hub.errors import Forbidden
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES
from hub.write.counties import hold_county
from hub.write.settling import settling

LOCK: Final = "select pg_advisory_xact_lock(hashtext('hub deletion duties'))"
LATE_SECONDS: Final = 600

SERVES: Final = f"""
    exists (select from assignment a join contract k on k.id = a.contract_id
        where a.county_code = {{p}}.county_code and a.beneficiary_id = {{p}}.beneficiary_id
            and k.contractor_id = {{p}}.contractor_id and a.starts_on <= $1
            and (a.ends_on is null or a.ends_on >= $1)
            and k.{LIVE.format(day="$1").replace("and ", "and k.")}{{more}})"""
"""Whether the contractor has the person today, under whichever contract: one that renews another, too."""

# An assignment that its source took back is there no more, and a contract that went to another contractor
# says nothing of the first; the sequence of changes still knows them (L).
LOST: Final = f"""
    create temp table lost_now on commit drop as
    with left_on as (
        select c.*, (c.changed_at at time zone 'Asia/Shanghai')::date as day from change c
        where c.operation = 'L'),
    held as (
        select a.contract_id, k.contractor_id, a.county_code, a.beneficiary_id, max(a.starts_on) as began,
            least(max(coalesce(a.ends_on, k.ends_on)), k.ends_on, $1) as lost_on
        from assignment a join contract k on k.id = a.contract_id
        where k.status <> 'DRAFT'
            and greatest(a.starts_on, k.starts_on) <= least(coalesce(a.ends_on, k.ends_on), k.ends_on, $1)
        group by k.id, a.contract_id, a.county_code, a.beneficiary_id
        union all
        select k.id, k.contractor_id, c.county_code, c.entity_id, c.day, c.day
        from left_on c cross join lateral unnest(c.was_served_ids) s (contract_id)
            join contract k on k.id = s.contract_id
        where c.entity = 'beneficiary' and c.was_of <> 0
            and k.status <> 'DRAFT' and c.day between k.starts_on and k.ends_on and c.day <= $1
        union all
        select k.id, c.was_organisation_id, a.county_code, a.beneficiary_id, a.starts_on,
            least(coalesce(a.ends_on, k.ends_on), k.ends_on, c.day)
        from left_on c join contract k on k.id = c.entity_id join assignment a on a.contract_id = k.id
        where c.entity = 'contract' and c.was_organisation_id <> k.contractor_id
            and k.status <> 'DRAFT' and c.day <= $1
            and greatest(a.starts_on, k.starts_on) <= least(coalesce(a.ends_on, k.ends_on), k.ends_on, c.day))
    select p.contract_id, p.contractor_id, p.county_code, p.beneficiary_id, b.division_code,
        max(p.lost_on) as lost_on
    from held p join beneficiary b on b.county_code = p.county_code and b.id = p.beneficiary_id
    where not {SERVES.format(p="p", more="")}
        and not exists (select from deletion_duty_person d
            where d.contract_id = p.contract_id and d.contractor_id = p.contractor_id
                and d.county_code = p.county_code and d.beneficiary_id = p.beneficiary_id
                and d.released_on is null and d.lost_on >= p.began)
    group by p.contract_id, p.contractor_id, p.county_code, p.beneficiary_id, b.division_code"""
OWNERS: Final = "select distinct contractor_id from lost_now order by 1"
COUNTIES: Final = "select distinct county_code from lost_now order by 1"
HOLD: Final = """
    select from beneficiary b
    where (b.county_code, b.id) in (select county_code, beneficiary_id from lost_now)
    order by b.county_code, b.id for no key update"""
FOUND_AGAIN: Final = f"delete from lost_now p where {SERVES.format(p='p', more='')}"
ISSUE: Final = f"""
    insert into deletion_duty (contract_id, contractor_id, division_code, reason, status, lost_on, issued_on,
        due_on)
    select k.id, l.contractor_id, k.division_code,
        case when k.contractor_id = l.contractor_id and {LIVE.format(day="$1")} then 'ASSIGNMENT_ENDED'
            else 'CONTRACT_ENDED' end, 'OPEN',
        max(l.lost_on), $1, $2
    from lost_now l join contract k on k.id = l.contract_id
    group by k.id, l.contractor_id order by k.id, l.contractor_id
    returning id, contract_id, contractor_id"""
LIST: Final = """
    insert into deletion_duty_person (county_code, beneficiary_id, division_code, deletion_duty_id,
        contract_id, contractor_id, lost_on, was_shown)
    select county_code, beneficiary_id, division_code, $1, contract_id, contractor_id, lost_on,
        (county_code::bigint * $5 + beneficiary_id) = any ($4::bigint[])
    from lost_now where contract_id = $2 and contractor_id = $3 order by county_code, beneficiary_id"""
SAME: Final = " and (p.deletion_certificate_id is null or k.id = p.contract_id)"
SERVED_AGAIN: Final = f"""
    p.released_on is null and p.lost_on < $1 and {SERVES.format(p="p", more=SAME)}"""
"""What is certified, by that contract only: the people of a renewal are owed for the renewal. And not on the
day itself: who looks once more with a clock that is behind would take back what was issued."""
TO_RELEASE: Final = f"select distinct deletion_duty_id from deletion_duty_person p where {SERVED_AGAIN}"
RELEASE: Final = f"""
    update deletion_duty_person p set released_on = $1
    where p.deletion_duty_id = any ($2::bigint[]) and {SERVED_AGAIN}
    returning p.deletion_duty_id"""
CHANGED: Final = """
    insert into change (entity, entity_id, operation) select 'deletion_duty', id, $2
    from unnest($1::bigint[]) n (id)"""
SHOWN: Final = """
    select e.records from access_entry e join oauth_client c on c.client_id = e.client_id
    where c.organisation_id = $1 and e.role in ('contractor', 'emergency') and e.records is not null"""
NO_RESULTS: Final = f"""
    with ended as (
        update job set state = 'FAILED', reason = '{Forbidden.code}', lease = null, lease_until = null,
            finished_at = now()
        where state in ('WAITING', 'RUNNING', 'DONE') and client_id in (
            select client_id from oauth_client where organisation_id = any ($1))
        returning id),
    files as (delete from job_file where job in (select id from ended))
    delete from job_part where job in (select id from ended)"""
"""What jobs found for the contractor, as far as they are: it tells of people who are to be deleted."""
AT_ONCE: Final = 500


async def issue_duties(database: Database, today: dt.date, days: int) -> int:
    """Releases what is served again and issues what is missing; how many duties are new.

    ``days``: from today until a duty is to be certified.
    """
    async with _round(database) as connection:
        await _release(connection, today)
    async with _round(database) as connection:
        return await _issue(connection, today, today + dt.timedelta(days=days))


@asynccontextmanager
async def _round(database: Database) -> AsyncIterator[Connection]:
    """A transaction of the one process that is at it.

    Releasing holds duties and their lines, as who certifies does; issuing holds people, as a run of a source
    does, which writes the lines of people it holds. So the two are not one transaction.
    """
    async with database.transaction() as connection:
        await connection.execute(f"set local statement_timeout = '{LATE_SECONDS}s'")
        await connection.execute(LOCK)
        yield connection


async def _release(connection: Connection, today: dt.date) -> None:
    """Whoever is served again: what is lost after that is owed anew."""
    found = [row["deletion_duty_id"] for row in await connection.fetch(TO_RELEASE, today)]
    async with settling(connection, *found):
        released = await connection.fetch(RELEASE, today, found)
    await _tell(connection, sorted({row["deletion_duty_id"] for row in released}), "U")


async def _issue(connection: Connection, today: dt.date, due: dt.date) -> int:
    """The log is read before anybody is held: that may take long."""
    await connection.execute(LOST, today)
    shown = {row[0]: await _shown(connection, row[0]) for row in await connection.fetch(OWNERS)}
    for row in await connection.fetch(COUNTIES):
        await hold_county(connection, row["county_code"])
    await connection.execute(HOLD)
    await connection.execute(FOUND_AGAIN, today)
    made = await connection.fetch(ISSUE, today, due)
    for duty in made:
        number, contract, owner = duty
        await connection.execute(LIST, number, contract, owner, shown[owner], IN_COUNTY)
    await connection.execute(NO_RESULTS, sorted({duty["contractor_id"] for duty in made}))
    await _tell(connection, [duty["id"] for duty in made], "I")
    return len(made)


async def _tell(connection: Connection, duties: Sequence[int], operation: str) -> None:
    if duties:
        await connection.execute(CHANGED, duties, operation)
        await connection.execute("select pg_notify($1, 'duties')", CHANGES)


async def _shown(connection: Connection, contractor: int) -> list[int]:
    """Keys of everybody of whom the access log says that the contractor was shown something."""
    found: set[int] = set()
    async for row in connection.cursor(SHOWN, contractor, prefetch=AT_ONCE):
        found.update(people([row["records"]]))
    return sorted(found)
