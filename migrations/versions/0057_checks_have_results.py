"""results of drawn checks: by whom, which numbers were wrong, what becomes of it

Revision: 0057, after 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0053"
branch_labels = None
depends_on = None

NUMBERS = sa.ARRAY(sa.Text(collation="C"))


def upgrade() -> None:
    op.add_column("subsidy_check", sa.Column("checked_by", sa.String(), comment="核查单位"))
    op.add_column(
        "subsidy_check",
        sa.Column("deviating_numbers", NUMBERS, server_default="{}", nullable=False, comment="不符编号"),
    )
    op.add_column("subsidy_check", sa.Column("follow_up", sa.String(), comment="整改情况"))


def downgrade() -> None:
    for name in ("follow_up", "deviating_numbers", "checked_by"):
        op.drop_column("subsidy_check", name)
