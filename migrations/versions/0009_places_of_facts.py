"""places of facts

What is known of a person carries the division the person lives in, so that a township's slice needs no look at
the person for every visit. Triggers keep it: from the person when a fact is written, and from there again when
the person moves. Writing a fact holds the person where it is until both are committed, and as strongly as the
trigger of 0002 does, which writes the person: two writers that each held half of it would wait for each other.
And whether somebody is served is read off an index of the assignments, a township's people off one that knows
the county too.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FACTS = ("category_membership", "assignment", "visit")

LIVES = """
create function keep_place_of_fact() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    select b.division_code into new.division_code from beneficiary b
    where b.county_code = new.county_code and b.id = new.beneficiary_id for no key update;
    return new;
end $$
"""
MOVES = f"""
create function move_facts_with_person() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    {
    " ".join(
        f"update {table} set division_code = new.division_code"
        f" where county_code = new.county_code and beneficiary_id = new.id;"
        for table in FACTS
    )
}
    return null;
end $$
"""  # noqa: S608 — of the names above

SERVED = "assignment_county_code_beneficiary_id_id_idx"
KEY = ["county_code", "beneficiary_id", "id"]
TOLD = ["contract_id", "starts_on", "ends_on"]
LIVING, LIVING_BEFORE = ["division_code", "county_code", "id"], ["division_code", "id"]


def index_people(now: list[str], before: list[str]) -> None:
    op.create_index(op.f(f"beneficiary_{'_'.join(now)}_idx"), "beneficiary", now)
    op.drop_index(op.f(f"beneficiary_{'_'.join(before)}_idx"), table_name="beneficiary")


def upgrade() -> None:
    op.execute(LIVES)
    op.execute(MOVES)
    for table in FACTS:
        column = sa.Column("division_code", sa.Text(collation="C"), nullable=True, comment="居住区划")
        op.add_column(table, column)
        op.execute(
            f"update {table} f set division_code = b.division_code from beneficiary b"  # noqa: S608
            " where b.county_code = f.county_code and b.id = f.beneficiary_id"
        )
        op.execute(
            f"create trigger place_of_fact before insert or update of county_code, beneficiary_id on {table}"
            " for each row execute function keep_place_of_fact()"
        )
    op.execute(
        "create trigger facts_move after update of division_code on beneficiary for each row"
        " when (old.division_code is distinct from new.division_code)"
        " execute function move_facts_with_person()"
    )
    op.drop_index(op.f(SERVED), table_name="assignment")
    op.create_index(op.f(SERVED), "assignment", KEY, postgresql_include=TOLD)
    index_people(LIVING, LIVING_BEFORE)


def downgrade() -> None:
    index_people(LIVING_BEFORE, LIVING)
    op.drop_index(op.f(SERVED), table_name="assignment")
    op.create_index(op.f(SERVED), "assignment", KEY)
    op.execute("drop trigger facts_move on beneficiary")
    for table in FACTS:
        op.execute(f"drop trigger place_of_fact on {table}")
        # With the policies that name it, which an older `hub migrate` makes anew.
        op.execute(f"alter table {table} drop column division_code cascade")
    op.execute("drop function move_facts_with_person()")
    op.execute("drop function keep_place_of_fact()")
