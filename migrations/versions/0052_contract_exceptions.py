"""why a contract departs from what a rule asks for in principle

Revision: 0052, after 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("contract", "contract_record"):
        op.add_column(table, sa.Column("exception_reason", sa.String(), nullable=True, comment="例外理由"))


def downgrade() -> None:
    for table in ("contract_record", "contract"):
        op.drop_column(table, "exception_reason")
