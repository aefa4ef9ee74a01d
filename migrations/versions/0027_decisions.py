"""certificates of deletion are found by what was decided

Revision: 0027, after 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("deletion_certificate_decision_idx"), "deletion_certificate", ["decision"])


def downgrade() -> None:
    op.drop_index(op.f("deletion_certificate_decision_idx"), "deletion_certificate")
