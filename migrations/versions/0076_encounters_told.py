"""an encounter that follows its stay to somebody is told

Whoever moves the stay says nothing of the encounter, and nobody else does: copies of people lacked it.

Revision: 0076, after 0075
"""

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

FOLLOW = """
    update street_encounter e set relief_episode_id = new.id, beneficiary_id = new.beneficiary_id
    where e.county_code = new.county_code and e.national_system_number = new.number
        and (e.relief_episode_id, e.beneficiary_id) is distinct from (new.id, new.beneficiary_id)"""
# Links that are taken apart and put together again within one transaction change nothing.
TOLD = f"""
    with followed as ({FOLLOW} returning e.county_code, e.id)
    insert into change (entity, county_code, entity_id, operation)
    select 'street_encounter', county_code, id, 'U' from followed
    where current_setting('hub.moving', true) is distinct from 'again'"""  # noqa: S608 - of the names above


def followed_by(statement: str) -> str:
    return f"""
create or replace function keep_encounters_of_stay() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin {statement};
    return null;
end $$
"""


def upgrade() -> None:
    op.execute(followed_by(TOLD))


def downgrade() -> None:
    op.execute(followed_by(FOLLOW))
