"""what divisions were before: former codes and names

Revision: 0044, after 0043
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "former_division",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="编号"),
        sa.Column("code", CODE, nullable=False, comment="区划代码"),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="终止日期"),
        sa.Column("authority", sa.String(), nullable=False, comment="代码发布单位"),
        sa.Column("name", sa.String(), nullable=False, comment="名称"),
        sa.Column("starts_on", sa.Date(), nullable=True, comment="起始日期"),
        sa.Column("is_day_known", sa.Boolean(), nullable=False, comment="变更日期是否确知"),
        sa.Column("change", sa.String(), nullable=False, comment="变更类型"),
        sa.Column("successor_codes", postgresql.ARRAY(CODE), nullable=False, comment="后继区划代码"),
        sa.Column("division_code", CODE, nullable=True, comment="现区划"),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("former_division_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("former_division_pkey")),
        sa.UniqueConstraint("code", "ends_on", name=op.f("former_division_code_ends_on_key")),
        comment="历史区划",
    )
    op.create_index(op.f("former_division_division_code_idx"), "former_division", ["division_code"])


def downgrade() -> None:
    op.drop_table("former_division")
