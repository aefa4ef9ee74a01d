"""a row that changes finds room on its page, so that no index is told of it

Revision: 0044, after 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

CHANGING = ("household", "household_record", "beneficiary", "beneficiary_record", "category_membership")


def upgrade() -> None:
    for table in CHANGING:
        op.execute(f"alter table {table} set (fillfactor = 90)")


def downgrade() -> None:
    for table in CHANGING:
        op.execute(f"alter table {table} reset (fillfactor)")
