"""Issuing duties to delete: for everybody whom a contractor could see under a contract and serves no more.

It goes by the days in the database and not by when it is run: what a hub that was down has missed is issued
when it is up again, and what is issued already is not issued anew.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from hub.access.live import LIVE
from hub.audit.records import IN_COUNTY, people
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES

LOCK: Final = "select pg_advisory_xact_lock(hashtext('hub deletion duties'))"
LATE_SECONDS: Final = 600

SERVES: Final = f"""
    exists (select from assignment a join contract k on k.id = a.contract_id
        where a.county_code = {{p}}.county_code and a.beneficiary_id = {{p}}.beneficiary_id
            and a.contractor_id = {{p}}.contractor_id and a.starts_on <= $1
            and (a.ends_on is null or a.ends_on >= $1)
            and k.{LIVE.format(day="$1").replace("and ", "and k.")})"""
"""Whether the contractor has the person today, under whichever contract: one that renews another, too."""

# An assignment that its source took back is there no more; the sequence of changes still knows it (L).
LOST: Final = f"""
    create temp table lost_now on commit drop as
    with held as (
        select a.contract_id, k.contractor_id, a.county_code, a.beneficiary_id, max(a.starts_on) as began,
            least(max(coalesce(a.ends_on, k.ends_on)), k.ends_on, $1) as lost_on
        from assignment a join contract k on k.id = a.contract_id
        where k.status <> 'DRAFT'
            and greatest(a.starts_on, k.starts_on) <= least(coalesce(a.ends_on, k.ends_on), k.ends_on, $1)
        group by k.id, a.contract_id, a.county_code, a.beneficiary_id
        union all
        select k.id, k.contractor_id, c.county_code, c.entity_id, d.day, d.day
        from change c cross join lateral unnest(c.was_served_ids) s (contract_id)
            join contract k on k.id = s.contract_id
            cross join lateral (select (c.changed_at at time zone 'Asia/Shanghai')::date as day) d
        where c.entity = 'beneficiary' and c.operation = 'L' and c.was_of <> 0
            and k.status <> 'DRAFT' and d.day between k.starts_on and k.ends_on and d.day <= $1)
    select p.contract_id, p.contractor_id, p.county_code, p.beneficiary_id, b.division_code,
        max(p.lost_on) as lost_on
    from held p join beneficiary b on b.county_code = p.county_code and b.id = p.beneficiary_id
    where not {SERVES.format(p="p")}
        and not exists (select from deletion_duty_person d
            where d.contract_id = p.contract_id and d.county_code = p.county_code
                and d.beneficiary_id = p.beneficiary_id and d.released_on is null
                and d.lost_on >= p.began)
    group by p.contract_id, p.contractor_id, p.county_code, p.beneficiary_id, b.division_code"""
ISSUE: Final = f"""
    insert into deletion_duty (contract_id, contractor_id, division_code, reason, status, lost_on, issued_on,
        due_on, person_count, open_count)
    select k.id, k.contractor_id, k.division_code,
        case when {LIVE.format(day="$1")} then 'ASSIGNMENT_ENDED' else 'CONTRACT_ENDED' end, 'OPEN',
        max(l.lost_on), $1, $2, count(*), count(*)
    from lost_now l join contract k on k.id = l.contract_id
    group by k.id order by k.id
    returning id, contract_id, contractor_id"""
LIST: Final = """
    insert into deletion_duty_person (county_code, beneficiary_id, division_code, deletion_duty_id,
        contract_id, contractor_id, lost_on, was_shown)
    select county_code, beneficiary_id, division_code, $1, contract_id, contractor_id, lost_on,
        (county_code::bigint * $4 + beneficiary_id) = any ($3::bigint[])
    from lost_now where contract_id = $2"""
RELEASE: Final = f"""
    update deletion_duty_person p set released_on = $1
    where p.released_on is null and p.deletion_certificate_id is null and {SERVES.format(p="p")}
    returning p.deletion_duty_id"""
SETTLE: Final = """
    update deletion_duty d set open_count = n.open, status = case
        when n.open > 0 then 'OPEN'
        when n.pending > 0 then 'FILED'
        when n.certified > 0 then 'DONE'
        else 'RELEASED' end
    from (select p.deletion_duty_id,
            count(*) filter (where p.released_on is null and p.deletion_certificate_id is null) as open,
            count(*) filter (where c.decision = 'PENDING') as pending,
            count(c.id) as certified
        from deletion_duty_person p
            left join deletion_certificate c on c.id = p.deletion_certificate_id
        where p.deletion_duty_id = any ($1::bigint[]) group by p.deletion_duty_id) n
    where d.id = n.deletion_duty_id"""
"""Status and numbers of duties, from the people they are about."""
CHANGED: Final = """
    insert into change (entity, entity_id, operation) select 'deletion_duty', id, $2
    from unnest($1::bigint[]) n (id)"""
SHOWN: Final = """
    select e.records from access_entry e join oauth_client c on c.client_id = e.client_id
    where c.organisation_id = $1 and e.role in ('contractor', 'emergency') and e.records is not null"""
AT_ONCE: Final = 500


async def issue_duties(database: Database, today: dt.date, days: int) -> int:
    """Issues what is missing and releases what is served again; how many duties are new.

    ``days``: from today until a duty is to be certified.
    """
    async with database.transaction() as connection:
        await connection.execute(f"set local statement_timeout = '{LATE_SECONDS}s'")
        await connection.execute(LOCK)
        released = await connection.fetch(RELEASE, today)
        changed = sorted({row["deletion_duty_id"] for row in released})
        await connection.execute(SETTLE, changed)
        await connection.execute(LOST, today)
        made = await connection.fetch(ISSUE, today, today + dt.timedelta(days=days))
        shown: dict[int, list[int]] = {}
        for duty in made:
            owner = duty["contractor_id"]
            if owner not in shown:
                shown[owner] = await _shown(connection, owner)
            await connection.execute(LIST, duty["id"], duty["contract_id"], shown[owner], IN_COUNTY)
        await connection.execute(CHANGED, [duty["id"] for duty in made], "I")
        await connection.execute(CHANGED, changed, "U")
        if made or changed:
            await connection.execute("select pg_notify($1, 'duties')", CHANGES)
    return len(made)


async def _shown(connection: Connection, contractor: int) -> list[int]:
    """Keys of everybody of whom the access log says that the contractor was shown something."""
    found: set[int] = set()
    async for row in connection.cursor(SHOWN, contractor, prefetch=AT_ONCE):
        found.update(people([row["records"]]))
    return sorted(found)
