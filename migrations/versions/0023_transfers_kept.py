"""a transfer outlives whatever way its list writes the old assignment again

Until now an assignment that a transfer had ended stayed ended while the same row was brought up to date. A list that
gives it another key deletes it and adds a new one, and so gave the person back. A referral now knows from when on the
assignment was that it ended; and where there were several of that contractor from that day, which one. What a list
says of such an assignment ends with the transfer, until it names another contract as the new one, or another first
day. And the assignment that the hub began itself ends where a list that has the new contract too says that it ended.

Revision: 0023, after 0022
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
DEFINED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

COLUMNS: list[sa.Column[Any]] = [
    sa.Column("from_starts_on", sa.Date(), nullable=True, comment="原分派开始日期"),
    sa.Column("from_station_id", sa.BigInteger(), nullable=True, comment="原分派服务站"),
]


def of(alias: str) -> str:
    """What a referral keeps of the assignment ``a``, whose other assignments from that day are ``o``."""
    return f"""
        a.starts_on, case when exists (
            select from assignment o where o.county_code = a.county_code and o.id <> a.id
                and o.beneficiary_id = a.beneficiary_id and o.contractor_id = a.contractor_id
                and o.starts_on = a.starts_on) then a.station_id end
        {alias} from assignment a"""  # noqa: S608


# Whoever accepts does not see the assignment that ends.
NOTED = f"""
create function note_transferred() returns trigger {DEFINED} as $$
begin
    select {of("into new.from_starts_on, new.from_station_id")}
    where a.county_code = new.county_code and a.id = new.assignment_id;
    return new;
end $$
"""
FILLED = f"""
    update referral r set from_starts_on = w.starts_on, from_station_id = w.station_id
    from (select a.county_code, a.id, {of("as station_id")}) w
    where r.status = 'ACCEPTED' and w.county_code = r.county_code and w.id = r.assignment_id"""  # noqa: S608
# A row that is known is not read again: now the list is asked once more whether it follows.
HEARD = """
    delete from seen_row s using referral r, assignment a
    where r.status = 'ACCEPTED' and a.county_code = r.county_code and a.id = r.assignment_id
        and s.source_id = a.source_id and s.row_hash = a.content_hash"""
ON = f"""
create function transferred_on(county text, person bigint, contractor bigint, contract bigint, station bigint,
    first date) returns date stable {CALLED} as $$
begin
    return (
        select min((r.decided_at at time zone 'Asia/Shanghai')::date) from referral r
        where r.county_code = county and r.beneficiary_id = person and r.status = 'ACCEPTED'
            and r.from_starts_on = first and r.from_contractor_id = contractor and r.to_contract_id <> contract
            and (r.from_station_id is null or (r.from_station_id, r.from_contract_id) = (station, contract)));
end $$
"""  # noqa: S608 — of no values
KEPT = f"""
create or replace function keep_transferred() returns trigger {CALLED} as $$
begin
    new.ends_on := least(new.ends_on, transferred_on(new.county_code, new.beneficiary_id, new.contractor_id,
        new.contract_id, new.station_id, new.starts_on));
    return new;
end $$
"""
# Of all rows of a statement at once; what it ends is none of a run, so it does not follow itself. An end that
# is the hub's own (KEPT) is none that the list stated.
OWN_ENDS = f"""
create function end_own_assignments() returns trigger {CALLED} as $$
begin
    if not exists (select from touched where run_id <> 0 and ends_on is not null) then
        return null;
    end if;
    with ending as (
        select o.county_code, o.id, min(t.ends_on) as day
        from touched t join referral r on r.county_code = t.county_code and r.beneficiary_id = t.beneficiary_id
            join assignment o on o.county_code = r.county_code and o.id = r.to_assignment_id
        where t.run_id <> 0 and r.status = 'ACCEPTED' and o.contract_id = t.contract_id
            and t.ends_on >= o.starts_on and (o.ends_on is null or o.ends_on > t.ends_on)
            and t.ends_on < coalesce(transferred_on(t.county_code, t.beneficiary_id, t.contractor_id,
                t.contract_id, t.station_id, t.starts_on), 'infinity')
        group by o.county_code, o.id),
    ended as (
        update assignment o set ends_on = e.day from ending e
        where o.county_code = e.county_code and o.id = e.id returning o.county_code, o.id)
    insert into change (entity, county_code, entity_id, operation)
    select 'assignment', county_code, id, 'U' from ended;
    return null;
end $$
"""  # noqa: S608 — of no values
EVENTS = {"added": "insert", "changed": "update"}
KEPT_BEFORE = f"""
create or replace function keep_transferred() returns trigger {CALLED} as $$
begin
    if exists (select from referral r
        where r.county_code = new.county_code and r.assignment_id = new.id and r.status = 'ACCEPTED') then
        new.ends_on := old.ends_on;
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("referral", column)
    for statement in (FILLED, HEARD, NOTED, ON, KEPT, OWN_ENDS):
        op.execute(statement)
    op.execute("revoke all on function note_transferred() from public")
    op.execute(
        "create trigger note_transferred before update of status on referral for each row"
        " when (new.status = 'ACCEPTED' and new.assignment_id is not null)"
        " execute function note_transferred()"
    )
    op.execute("drop trigger keep_transferred on assignment")
    # After the trigger that holds the person, so that a transfer of this moment is known. What the hub states itself
    # no run has brought.
    op.execute(
        "create trigger transferred_stays before insert or update of"
        " beneficiary_id, contractor_id, contract_id, station_id, starts_on, ends_on on assignment"
        " for each row when (new.run_id <> 0) execute function keep_transferred()"
    )
    for name, event in EVENTS.items():
        op.execute(
            f"create trigger own_assignments_{name} after {event} on assignment"
            " referencing new table as touched for each statement execute function end_own_assignments()"
        )


def downgrade() -> None:
    for name in EVENTS:
        op.execute(f"drop trigger own_assignments_{name} on assignment")
    op.execute("drop function end_own_assignments()")
    op.execute("drop trigger transferred_stays on assignment")
    op.execute(KEPT_BEFORE)
    op.execute(
        "create trigger keep_transferred before update of ends_on on assignment for each row"
        " when (old.ends_on is not null and (new.ends_on is null or new.ends_on > old.ends_on))"
        " execute function keep_transferred()"
    )
    op.execute("drop function transferred_on(text, bigint, bigint, bigint, bigint, date)")
    op.execute("drop trigger note_transferred on referral")
    op.execute("drop function note_transferred()")
    for column in COLUMNS:
        op.drop_column("referral", column.name)
