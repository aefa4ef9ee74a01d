"""warnings carry where the person lives and from when the person is shown, so that they can be shown

Revision: 0035, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0032"
branch_labels = None
depends_on = None

CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
TAKEN = {
    "division_code": (sa.Text(collation="C"), "居住区划"),
    "shown_from_on": (sa.Date(), "公开起始日"),
}
FOUND_BY = ("raised_on", "settled_on", "kind", "level")
DIFFERS = " or ".join(f"old.{name} is distinct from new.{name}" for name in TAKEN)
MOVES = f"""
create function move_warnings_with_person() returns trigger {CALLED} as $$
begin
    update warning set {", ".join(f"{name} = new.{name}" for name in TAKEN)}
    where county_code = new.county_code and beneficiary_id = new.id;
    return null;
end $$
"""  # noqa: S608 — of the names above


def upgrade() -> None:
    for name, (kind, label) in TAKEN.items():
        op.add_column("warning", sa.Column(name, kind, nullable=True, comment=label))
    op.execute(
        f"update warning f set {', '.join(f'{name} = b.{name}' for name in TAKEN)} from beneficiary b"  # noqa: S608
        " where b.county_code = f.county_code and b.id = f.beneficiary_id"
    )
    op.execute(
        "create trigger place_of_fact before insert or update of county_code, beneficiary_id on warning"
        " for each row execute function keep_place_of_fact()"
    )
    op.execute(MOVES)
    op.execute(
        f"create trigger warnings_move after update of {', '.join(TAKEN)}, birth_on on beneficiary"
        f" for each row when ({DIFFERS}) execute function move_warnings_with_person()"
    )
    for name in FOUND_BY:
        op.create_index(op.f(f"warning_{name}_county_code_id_idx"), "warning", [name, "county_code", "id"])


def downgrade() -> None:
    for name in FOUND_BY:
        op.drop_index(op.f(f"warning_{name}_county_code_id_idx"), table_name="warning")
    op.execute("drop trigger warnings_move on beneficiary")
    op.execute("drop function move_warnings_with_person()")
    op.execute("drop trigger place_of_fact on warning")
    for name in TAKEN:
        # With the policies that name it, which an older `hub migrate` makes anew.
        op.execute(f"alter table warning drop column {name} cascade")
