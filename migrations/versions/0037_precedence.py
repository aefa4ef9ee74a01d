"""rules of precedence, and decisions of stewards beside what sources say

Processes of the version before know of neither, and choose as they did.

Revision: 0037, after 0034
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0034"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
RECORDS = tuple(
    f"{golden}_record"
    for golden in ("contractor", "station", "contract", "personnel", "household", "beneficiary")
)

# Whoever asks why a value stands is told by the rule that chose it, also where it is about a source that the
# asker may not see.
CONNECTOR = """
create function connector_of(number smallint) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select connector from source where id = number $$
"""


def upgrade() -> None:
    op.execute(CONNECTOR)
    for table in RECORDS:
        op.add_column(
            table, sa.Column("overrides", postgresql.ARRAY(CODE), nullable=True, comment="核定字段")
        )
    op.create_table(
        "precedence_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("division_prefix", CODE, nullable=False, comment="适用区划前缀"),
        sa.Column("table_name", CODE, nullable=False, comment="表"),
        sa.Column("column_name", CODE, nullable=False, comment="列"),
        sa.Column("source_id", sa.SmallInteger(), nullable=True, comment="来源"),
        sa.Column("connector", CODE, nullable=True, comment="连接器"),
        sa.Column("list_kind", CODE, nullable=True, comment="名单类型"),
        sa.Column("rank", sa.SmallInteger(), nullable=False, comment="优先级"),
        sa.Column("reason", sa.String(), nullable=False, comment="理由"),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="起始日期"),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="终止日期"),
        sa.Column(
            "is_in_force", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="是否已生效"
        ),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="登记时间",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("precedence_rule_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("precedence_rule_pkey")),
        comment="优先规则",
    )
    op.execute(
        "create trigger note_row after insert or update or delete on precedence_rule"
        " for each row execute function note_row('id', '')"
    )


def downgrade() -> None:
    op.drop_table("precedence_rule")
    op.execute("drop function connector_of(smallint)")
    for table in RECORDS:
        op.execute(f"delete from {table} where overrides is not null")  # noqa: S608 - of the names above
        op.drop_column(table, "overrides")
