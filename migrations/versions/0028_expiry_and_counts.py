"""an emergency access ends with the registration of its client; numbers of people are counted, not stored

It does not come back with it: until now it ended with a suspension only (0024). A registration that ended and
is prolonged was not good meanwhile; the record may say so later, when a worker has looked.

How many people a duty to delete is about is counted for each viewer among those it sees; nobody was shown what
was stored. No released version knows these tables, so no older process needs the columns.

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SUSPENDED = "old.status = 'ACTIVE' and new.status <> 'ACTIVE'"
COUNTS = {
    ("deletion_duty", "person_count", "涉及人数"): "(select count(*) from deletion_duty_person p"
    " where p.deletion_duty_id = deletion_duty.id)",
    ("deletion_duty", "open_count", "待履行人数"): "(select count(*) from deletion_duty_person p"
    " where p.deletion_duty_id = deletion_duty.id and p.released_on is null"
    " and p.deletion_certificate_id is null)",
    ("deletion_certificate", "person_count", "涉及人数"): "cardinality(line_ids)",
}
"""Table, column and label: how it is counted."""
EXPIRED = "old.expires_at <= now() or new.expires_at <= now()"


def ended(reason: str) -> str:
    return f"""
create or replace function end_emergencies_of_oauth_client() returns trigger language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    with ended as (
        update emergency_access set closed_at = greatest(now(), opened_at), end_reason = {reason}
        where client_id = new.client_id and closed_at is null and ends_at > now() returning id)
    insert into change (entity, entity_id, operation) select 'emergency_access', id, 'U' from ended;
    perform pg_notify('hub_change', 'ended');
    return null;
end $$
"""  # noqa: S608


def end_with(columns: str, when: str) -> None:
    op.execute("drop trigger emergencies_end on oauth_client")
    op.execute(
        f"create trigger emergencies_end after update of {columns} on oauth_client for each row"
        f" when ({when}) execute function end_emergencies_of_oauth_client()"
    )


def upgrade() -> None:
    op.execute(ended(f"case when {SUSPENDED} then 'CLIENT_SUSPENDED' else 'CLIENT_EXPIRED' end"))
    end_with("status, expires_at", f"{SUSPENDED} or {EXPIRED}")
    for table, column, _ in COUNTS:
        op.drop_column(table, column)


# The version before has others, and makes them when it migrates; these would keep its tables from being dropped.
FORGET_POLICIES = """
do $$ declare made record; begin
    for made in select policyname, tablename from pg_policies
            where tablename in ('deletion_duty', 'deletion_certificate') loop
        execute format('drop policy %I on %I', made.policyname, made.tablename);
    end loop;
end $$"""


def downgrade() -> None:
    op.execute(FORGET_POLICIES)
    end_with("status", SUSPENDED)
    op.execute(ended("'CLIENT_SUSPENDED'"))
    op.execute("alter table deletion_certificate disable trigger user")
    for (table, column, label), counted in COUNTS.items():
        op.add_column(table, sa.Column(column, sa.Integer(), comment=label))
        op.execute(f"update {table} set {column} = {counted}")  # noqa: S608
        op.alter_column(table, column, nullable=False)
    op.execute("alter table deletion_certificate enable trigger user")
