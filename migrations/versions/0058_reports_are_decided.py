"""reports are accepted by whom they are for, or sent back for a reason

Revision: 0058, after 0057
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("decided_at", sa.DateTime(timezone=True), comment="处理时间"))
    op.add_column("report", sa.Column("return_reason", sa.String(), comment="退回理由"))


def downgrade() -> None:
    for name in ("return_reason", "decided_at"):
        op.drop_column("report", name)
