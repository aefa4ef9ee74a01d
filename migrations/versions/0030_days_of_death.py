"""whoever has died is found by the day

Revision: 0030, after 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("beneficiary_deceased_on_idx"), "beneficiary", ["deceased_on"])


def downgrade() -> None:
    op.drop_index(op.f("beneficiary_deceased_on_idx"), table_name="beneficiary")
