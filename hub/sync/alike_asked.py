"""What a round of comparing asks of PostgreSQL (``hub.sync.alike``). $1 is the county of each."""

from __future__ import annotations

from typing import Final

from hub.domain.likeness import COMPARED
from hub.store.linking import print_of
from hub.store.rotation import MERGING
from hub.tables import LINKABLE

_GOLDEN, _NUMBER = LINKABLE.golden.name, LINKABLE.number[1]
_COLUMNS: Final = ", ".join(f"b.{name}" for name in COMPARED)


def _over(which: str) -> str:
    """Questions ``r`` that wait no more: one that somebody had answered before has that answer again."""
    waiting = f"r.county_code = $1 and r.status = 'PENDING' and {which}"
    return f"""dropped as (delete from identity_review r where {waiting} and r.decided_by is null)
    update identity_review r set status = 'DIFFERENT' where {waiting} and r.decided_by is not null"""


SESSION: Final = "set local work_mem = '64MB'; set local jit = off"
"""Whole counties are hashed, and statements that run once are not worth compiling."""
COUNTIES: Final = (
    "select distinct left(division_code, 6) from source where division_code is not null order by 1"
)
HOLD: Final = f"select pg_try_advisory_xact_lock({MERGING}, hashtext($1))"
FORGET: Final = f"""
    with gone as (
        delete from identity_checked c where county_code = $1 and not exists (
            select from {_GOLDEN} b where b.county_code = $1 and b.id = c.beneficiary_id)
        returning beneficiary_id),
    {_over("exists (select from gone g where g.beneficiary_id in (r.first_id, r.second_id))")}"""
CHANGED: Final = f"""
    select b.id, {_COLUMNS}, b.{_NUMBER} is not null as numbered, {print_of("b")} as compared
    from {_GOLDEN} b where b.county_code = $1 and not exists (
        select from identity_checked c
        where c.county_code = $1 and c.beneficiary_id = b.id and c.compared = {print_of("b")})"""
STAGED: Final = """
    create temp table alike (
        beneficiary_id bigint primary key, compared bytea, found_by text[], numbered boolean
    ) on commit drop"""
KEEP: Final = """
    insert into identity_checked (county_code, beneficiary_id, compared, found_by, numbered)
    select $1, beneficiary_id, compared, found_by, numbered from alike
    on conflict (county_code, beneficiary_id) do update
    set compared = excluded.compared, found_by = excluded.found_by, numbered = excluded.numbered"""
PEOPLE: Final = "select count(*) from identity_checked where county_code = $1"


def _met(driving: str, others: str) -> str:
    """Pairs that share a key: the keys of the few are met by those of the many, each looked at once."""
    return f"""
        select distinct least(d.beneficiary_id, o.beneficiary_id) as first,
            greatest(d.beneficiary_id, o.beneficiary_id) as second
        from (select beneficiary_id, key from alike, unnest(found_by) key where {driving}) d
            join (select beneficiary_id, key from identity_checked, unnest(found_by) key
                where county_code = $1 and {others}) o using (key)
        where d.beneficiary_id <> o.beneficiary_id"""


NEW: Final = _met("not numbered", "true")
ARRIVED: Final = _met("numbered", "not numbered")
# A second number of one person is found by what else two people would hardly share.
TWICE: Final = f"""
    select least(b.id, o.id) as first, greatest(b.id, o.id) as second
    from alike a join {_GOLDEN} b on b.county_code = $1 and b.id = a.beneficiary_id and a.numbered
        join {_GOLDEN} o on o.county_code = $1 and o.name = b.name and o.birth_on = b.birth_on
            and o.id <> b.id and o.{_NUMBER} is not null"""
FILES: Final = f"""
    select b.id, {_COLUMNS}, b.{_NUMBER} is not null as numbered, {print_of("b")} as compared
    from {_GOLDEN} b where b.county_code = $1 and b.id = any ($2::bigint[])"""
ALIKE: Final = """
    select key, count(*) as people from identity_checked, unnest(found_by) key
    where county_code = $1 and key = any ($2::text[]) group by key"""
KNOWN: Final = """
    select first_id, second_id, status, first_print, second_print,
        status = 'DIFFERENT' or decided_by is not null as told_apart
    from identity_review
    where county_code = $1 and (first_id, second_id) in (select * from unnest($2::bigint[], $3::bigint[]))"""
AS_LIKELY: Final = """
    select first_id, second_id from identity_review
    where county_code = $1 and status = 'PENDING' and score >= $3
        and (first_id = any ($2::bigint[]) or second_id = any ($2::bigint[]))"""
ASK: Final = """
    insert into identity_review (county_code, first_id, second_id, status, score, reasons, found_at,
        decided_at, by_rule, first_print, second_print)
    values ($1, $2, $3, $4::text, $5, $6, now(),
        case when $4 = 'LINKED' then now() end, $4 = 'LINKED', $7, $8)
    on conflict (county_code, first_id, second_id) do update set
        status = excluded.status, score = excluded.score, reasons = excluded.reasons,
        found_at = case when identity_review.status = 'PENDING' then identity_review.found_at else now() end,
        decided_at = coalesce(excluded.decided_at, identity_review.decided_at), by_rule = excluded.by_rule,
        decision_reason = null,
        first_print = excluded.first_print, second_print = excluded.second_print"""
# About a file that has changed the questions are those of this round, which looked at all it may be.
DROP: Final = f"""
    with {
    _over(
        "exists (select from alike a where a.beneficiary_id in (r.first_id, r.second_id))"
        " and (r.first_id, r.second_id) not in (select * from unnest($2::bigint[], $3::bigint[]))"
    )
}"""
# What the rule linked it looks at again when a source changes what was compared; what a person linked stays.
DOUBTED: Final = f"""
    select r.first_id, r.second_id from identity_review r
        join {LINKABLE.apart.name} a on a.county_code = $1 and a.id = r.first_id
        join {LINKABLE.apart.name} b on b.county_code = $1 and b.id = r.second_id
    where r.county_code = $1 and r.status = 'LINKED' and r.by_rule
        and (r.first_print, r.second_print) is distinct from ({print_of("a")}, {print_of("b")})"""
PART: Final = """
    update identity_review set status = 'PENDING', decided_at = null, by_rule = false
    where county_code = $1 and (first_id, second_id) in (select * from unnest($2::bigint[], $3::bigint[]))"""
# A file that has got a number since stands before one that has none.
STANDS: Final = f"""
    select a.id from {LINKABLE.apart.name} a
    where a.county_code = $1 and a.id = a.linked_to and a.{_NUMBER} is null and exists (
        select from {LINKABLE.apart.name} o
        where o.county_code = $1 and o.linked_to = a.id and o.{_NUMBER} is not null)"""
