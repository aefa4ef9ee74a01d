"""an emergency access ends with the registration of the client that opened it, and does not come back with it

Until now it ended with a suspension only (0024). A registration that ended and is prolonged was not good
meanwhile; the record may say so later, when a worker has looked.

Revision: 0027, after 0026
"""

from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

SUSPENDED = "old.status = 'ACTIVE' and new.status <> 'ACTIVE'"
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


def downgrade() -> None:
    end_with("status", SUSPENDED)
    op.execute(ended("'CLIENT_SUSPENDED'"))
