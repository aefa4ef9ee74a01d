"""sources that tell of a programme in a county, and keys of clients for tokens of persons

Revision: 0069, after 0068
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
MEMBERS = "category_membership"
TOLD = "programme_source"
CALLED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"
NOTE = f"""
create function note_{TOLD}() returns trigger {CALLED} as $$
begin
    insert into {TOLD} (category, county_code, source_id)
    select distinct category, county_code, source_id from touched
    on conflict do nothing;
    return null;
end $$
"""  # noqa: S608 — of the names above


def upgrade() -> None:
    op.create_table(
        TOLD,
        sa.Column("category", CODE, nullable=False, comment="对象类别"),
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f(f"{TOLD}_source_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("category", "county_code", "source_id", name=op.f(f"{TOLD}_pkey")),
        comment="项目来源",
    )
    op.create_index(op.f(f"{TOLD}_source_id_idx"), TOLD, ["source_id"])
    op.execute(f"""
        insert into {TOLD} (category, county_code, source_id)
        select distinct category, county_code, source_id from {MEMBERS}""")  # noqa: S608
    op.execute(NOTE)
    for event in ("insert", "update"):
        op.execute(
            f"create trigger note_{TOLD}_on_{event} after {event} on {MEMBERS}"
            f" referencing new table as touched for each statement execute function note_{TOLD}()"
        )
    op.add_column(
        "oauth_client",
        sa.Column("person_key", sa.Integer(), server_default="0", nullable=False, comment="人员令牌密钥序号"),
    )
    op.add_column(
        "oauth_client",
        sa.Column("person_key_before_until", sa.DateTime(timezone=True), comment="旧人员令牌密钥有效期至"),
    )


def downgrade() -> None:
    for name in ("person_key_before_until", "person_key"):
        op.drop_column("oauth_client", name)
    for event in ("insert", "update"):
        op.execute(f"drop trigger note_{TOLD}_on_{event} on {MEMBERS}")
    op.execute(f"drop function note_{TOLD}()")
    op.drop_table(TOLD)
