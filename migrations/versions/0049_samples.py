"""how samples were drawn: checks of elderly-care subsidies

Revision: 0049, after 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subsidy_check", sa.Column("drawn_at", sa.DateTime(timezone=True), comment="抽样时间"))
    op.add_column("subsidy_check", sa.Column("sampling_method", sa.Text(collation="C"), comment="抽样方法"))
    op.add_column("subsidy_check", sa.Column("sampling_seed", sa.Text(collation="C"), comment="抽样种子"))
    op.add_column("subsidy_check", sa.Column("population_digest", sa.Text(collation="C"), comment="总体摘要"))
    op.add_column(
        "subsidy_check",
        sa.Column(
            "drawn_numbers",
            sa.ARRAY(sa.Text(collation="C")),
            server_default="{}",
            nullable=False,
            comment="抽中编号",
        ),
    )
    op.alter_column("subsidy_check", "checked_on", nullable=True)


def downgrade() -> None:
    op.execute("delete from subsidy_check where checked_on is null")
    op.alter_column("subsidy_check", "checked_on", nullable=False)
    for name in ("drawn_numbers", "population_digest", "sampling_seed", "sampling_method", "drawn_at"):
        op.drop_column("subsidy_check", name)
