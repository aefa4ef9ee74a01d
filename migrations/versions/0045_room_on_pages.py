"""a row that changes finds room on its page, so that no index is told of it

Revision: 0045, after 0044
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

CHANGING = ("household", "household_record", "beneficiary", "beneficiary_record", "category_membership")


def upgrade() -> None:
    for table in CHANGING:
        op.execute(f"alter table {table} set (fillfactor = 90)")


def downgrade() -> None:
    for table in CHANGING:
        op.execute(f"alter table {table} reset (fillfactor)")
