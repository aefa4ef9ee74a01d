"""contracts of people

A person's row knows under which contracts the person is served, so that a slice of a contractor needs no
join: a trigger keeps it with every statement on ``assignment``. Its columns depend on no clock. And lists
sorted by a day are read off an index.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def summed_up(assignments: str) -> str:
    """Bring the rows of the people to what ``assignments``, a source with the alias ``a``, say of them."""
    return f"""
    update beneficiary b set open_contract_ids = w.open, open_since_on = w.since, dated_contract_ids = w.dated
    from (
        select county_code, beneficiary_id,
            coalesce(array_agg(distinct a.contract_id) filter (
                where a.id is not null and a.ends_on is null), '{{}}') as open,
            max(a.starts_on) filter (where a.ends_on is null) as since,
            coalesce(array_agg(distinct a.contract_id) filter (where a.ends_on is not null), '{{}}') as dated
        from {assignments}
        group by county_code, beneficiary_id) w
    where b.county_code = w.county_code and b.id = w.beneficiary_id
        and (b.open_contract_ids, b.open_since_on, b.dated_contract_ids)
            is distinct from (w.open, w.since, w.dated)"""  # noqa: S608 — of the two sources below


TOUCHED = """(select distinct county_code, beneficiary_id from touched) t
            left join assignment a using (county_code, beneficiary_id)"""
KEEP = f"""
create function keep_contracts_of_people() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    {summed_up(TOUCHED)};
    return null;
end $$
"""

EVENTS = {
    "added": ("insert", "new"),
    "changed_from": ("update", "old"),
    "changed_to": ("update", "new"),
    "removed": ("delete", "old"),
}

DAYS = {"visit": "visited_on", "assignment": "starts_on"}
"""Days that many rows share: lists sorted by one go on by the key, and the index does too."""


def upgrade() -> None:
    numbers = postgresql.ARRAY(sa.BigInteger())
    for name, kind, comment, given in (
        ("open_contract_ids", numbers, "在服合同", "{}"),
        ("open_since_on", sa.Date(), "在服起始", None),
        ("dated_contract_ids", numbers, "有期合同", "{}"),
    ):
        column = sa.Column(name, kind, server_default=given, nullable=given is None, comment=comment)
        op.add_column("beneficiary", column)
    op.execute(KEEP)
    op.execute("revoke all on function keep_contracts_of_people() from public")
    op.execute(summed_up("assignment a"))
    for name, (event, rows) in EVENTS.items():
        op.execute(
            f"create trigger contracts_of_people_{name} after {event} on assignment"
            f" referencing {rows} table as touched for each statement"
            " execute function keep_contracts_of_people()"
        )
    op.create_index(op.f("visit_county_code_visited_on_idx"), "visit", ["county_code", "visited_on"])
    for table, column in DAYS.items():
        op.drop_index(op.f(f"{table}_{column}_idx"), table_name=table)
        op.create_index(op.f(f"{table}_{column}_county_code_id_idx"), table, [column, "county_code", "id"])


def downgrade() -> None:
    for table, column in DAYS.items():
        op.drop_index(op.f(f"{table}_{column}_county_code_id_idx"), table_name=table)
        op.create_index(op.f(f"{table}_{column}_idx"), table, [column])
    op.drop_index(op.f("visit_county_code_visited_on_idx"), table_name="visit")
    for name in EVENTS:
        op.execute(f"drop trigger contracts_of_people_{name} on assignment")
    op.execute("drop function keep_contracts_of_people()")
    for name in ("open_contract_ids", "open_since_on", "dated_contract_ids"):
        op.drop_column("beneficiary", name)
