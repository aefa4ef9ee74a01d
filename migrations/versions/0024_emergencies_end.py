"""whom an emergency access is shown to, and how it ended

It carries the day from which it is shown to who may not see children (0019): the latest of its people, and never
where a child is what it is about. It ends with the client, or the user, that opened it.

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DAY = "shown_from_on"
CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
DEFINED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

# Volatile, so that of two people who change at once the second sees what became of the first.
SHOWN = f"""
create function emergency_shown_from(county text, people bigint[], why text) returns date
language sql set search_path = pg_catalog, public, pg_temp as $$
    select case when why = 'CHILD_IN_DANGER' or count(*) < cardinality(people) then 'infinity'
        else max({DAY}) end::date
    from beneficiary where county_code = county and id = any (people)
$$
"""  # noqa: S608
# Somebody whom a run has in its hands may be becoming a child: nobody waits for the run, which could last, or
# wait in its turn. Such an access is kept from those who may not see children until the hub looks again.
KEPT = f"""
create function keep_day_of_emergency() returns trigger {DEFINED} as $$
begin
    new.{DAY} := 'infinity';
    if cardinality(new.person_ids) = (select count(*) from (
            select from beneficiary where county_code = new.county_code and id = any (new.person_ids)
            order by id for no key update skip locked) free) then
        new.{DAY} := emergency_shown_from(new.county_code, new.person_ids, new.reason);
    end if;
    return new;
end $$
"""  # noqa: S608
MOVED = f"""
create function move_emergencies_with_person() returns trigger {CALLED} as $$
begin
    update emergency_access set {DAY} = emergency_shown_from(county_code, person_ids, reason)
    where county_code = new.county_code and person_ids @> array[new.id];
    return null;
end $$
"""  # noqa: S608
SUSPENDED = {
    "oauth_client": ("client_id = new.client_id", "CLIENT_SUSPENDED"),
    "hub_user": ("user_id = new.id", "USER_SUSPENDED"),
}
"""Table: whose emergency accesses end with its status, and what is said of it."""


def ended(table: str) -> str:
    whose, why = SUSPENDED[table]
    return f"""
create function end_emergencies_of_{table}() returns trigger {DEFINED} as $$
begin
    with ended as (
        update emergency_access set closed_at = greatest(now(), opened_at), end_reason = '{why}'
        where {whose} and closed_at is null and ends_at > now() returning id)
    insert into change (entity, entity_id, operation) select 'emergency_access', id, 'U' from ended;
    perform pg_notify('hub_change', 'ended');
    return null;
end $$
"""  # noqa: S608


def upgrade() -> None:
    op.add_column("emergency_access", sa.Column(DAY, sa.Date(), nullable=True, comment="公开起始日"))
    op.add_column(
        "emergency_access", sa.Column("end_reason", sa.String(), nullable=True, comment="提前结束原因")
    )
    for function in (SHOWN, KEPT, MOVED, *map(ended, SUSPENDED)):
        op.execute(function)
    for name in ("keep_day_of_emergency", *(f"end_emergencies_of_{table}" for table in SUSPENDED)):
        op.execute(f"revoke all on function {name}() from public")
    op.execute(f"update emergency_access set {DAY} = emergency_shown_from(county_code, person_ids, reason)")  # noqa: S608
    op.execute(
        "create trigger day_of_emergency before insert or update of county_code, person_ids, reason"
        " on emergency_access for each row execute function keep_day_of_emergency()"
    )
    # The day follows from the day of birth by a trigger, which no list of columns knows of.
    op.execute(
        f"create trigger emergencies_move after update of {DAY}, birth_on on beneficiary for each row"
        f" when (old.{DAY} is distinct from new.{DAY}) execute function move_emergencies_with_person()"
    )
    for table in SUSPENDED:
        op.execute(
            f"create trigger emergencies_end after update of status on {table} for each row"
            " when (old.status = 'ACTIVE' and new.status <> 'ACTIVE')"
            f" execute function end_emergencies_of_{table}()"
        )
    op.create_index(
        op.f("emergency_access_person_ids_idx"), "emergency_access", ["person_ids"], postgresql_using="gin"
    )
    op.create_index(op.f("emergency_access_user_id_idx"), "emergency_access", ["user_id"])
    op.create_index(op.f("emergency_access_ends_at_idx"), "emergency_access", ["ends_at"])


def downgrade() -> None:
    for table in SUSPENDED:
        op.execute(f"drop trigger emergencies_end on {table}")
        op.execute(f"drop function end_emergencies_of_{table}()")
    op.execute("drop trigger emergencies_move on beneficiary")
    op.execute("drop trigger day_of_emergency on emergency_access")
    op.execute("drop function move_emergencies_with_person()")
    op.execute("drop function keep_day_of_emergency()")
    op.execute("drop function emergency_shown_from(text, bigint[], text)")
    for index in ("person_ids", "user_id", "ends_at"):
        op.drop_index(op.f(f"emergency_access_{index}_idx"), "emergency_access")
    op.drop_column("emergency_access", "end_reason")
    # With the policies that name it, which an older `hub migrate` makes anew.
    op.execute(f"alter table emergency_access drop column {DAY} cascade")
