"""copies of people are kept in step

Whom an assignment was of is told with its contract and its days, so that somebody who asks days later learns of
what had ended by its day before it was taken back. And where a fact about a person is deleted, or comes to
somebody else, an entry F says whom it was about: nothing else in the database tells it afterwards.

Revision: 0067, after 0066
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

COLUMNS = [
    sa.Column("was_starts_on", sa.Date(), nullable=True, comment="原起始日"),
    sa.Column("was_ends_on", sa.Date(), nullable=True, comment="原截止日"),
]
FACTS = (
    "category_membership", "assignment", "visit", "warning", "relief_episode", "dossier", "risk_assessment",
    "needs_record", "assessment", "guardian", "protection_case", "case_work", "hospital_escort",
    "street_encounter",
)  # fmt: skip

TODAY = "(now() at time zone 'Asia/Shanghai')::date"
UNDER = (
    f"case when old.starts_on <= {TODAY} and (old.ends_on is null or old.ends_on >= {TODAY})"
    " then array[old.contract_id] else '{}' end"
)
LIVES_IN = """(select p.division_code from beneficiary p
            where p.county_code = old.county_code and p.id = old.beneficiary_id)"""
CALLED = "returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp"


def note_left_assignment(names: str, values: str) -> str:
    return f"""
create or replace function note_left_assignment() {CALLED} as $$ begin
        insert into change (entity, county_code, entity_id, operation, was_division_code, was_served_ids,
            was_shown_from_on)
        values ('assignment', old.county_code, old.id, 'L', {LIVES_IN}, {UNDER}, old.shown_from_on)
        on conflict do nothing;
        insert into change (entity, county_code, entity_id, operation, was_of, was_served_ids,
            was_shown_from_on{names})
        values ('beneficiary', old.county_code, old.beneficiary_id, 'L', old.id, {UNDER},
            old.shown_from_on{values})
        on conflict do nothing; perform pg_notify('hub_change', 'left'); return null; end $$"""  # noqa: S608


NOTE = """
        insert into change (entity, county_code, entity_id, operation)
        {rows};
        perform pg_notify('hub_change', 'left');"""
AGAIN = "current_setting('hub.moving', true) is distinct from 'again'"
"""Links that are taken apart and put together again within one transaction change nothing."""


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("change", column)
    op.execute(
        note_left_assignment(
            ", was_contract_id, was_starts_on, was_ends_on",
            ", old.contract_id, old.starts_on, old.ends_on",
        )
    )
    gone = NOTE.format(
        rows="select distinct 'beneficiary', g.county_code, g.beneficiary_id, 'F' from gone g"
        " where g.beneficiary_id is not null"
    )
    moved = NOTE.format(rows="values ('beneficiary', old.county_code, old.beneficiary_id, 'F')")
    for name, note in (("gone", gone), ("moved", moved)):
        op.execute(
            f"create function note_fact_{name}() {CALLED} as $$ begin if {AGAIN} then {note} end if;"
            " return null; end $$"
        )
    for table in FACTS:
        op.execute(
            f"create trigger note_fact_gone after delete on {table} referencing old table as gone"
            " for each statement execute function note_fact_gone()"
        )
        op.execute(
            f"create trigger note_fact_moved after update of beneficiary_id on {table} for each row"
            " when (old.beneficiary_id is distinct from new.beneficiary_id and old.beneficiary_id is not null)"
            " execute function note_fact_moved()"
        )


def downgrade() -> None:
    for table in FACTS:
        for name in ("gone", "moved"):
            op.execute(f"drop trigger note_fact_{name} on {table}")
    for name in ("gone", "moved"):
        op.execute(f"drop function note_fact_{name}()")
    op.execute("delete from change where operation = 'F'")
    op.execute(note_left_assignment("", ""))
    for column in reversed(COLUMNS):
        op.drop_column("change", column.name)
