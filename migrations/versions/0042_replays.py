"""a run may merge again what has landed

Revision: 0042, after 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sync_run",
        sa.Column(
            "is_replay", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="是否重放"
        ),
    )


def downgrade() -> None:
    op.drop_column("sync_run", "is_replay")
