"""refused rows and runs found by what clients ask for

Revision: 0006, after 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "quarantined_row": ("list_kind", "file", "quarantined_at", "resolved_at"),
    "sync_run": ("started_at", "status"),
}


def upgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(op.f(f"{table}_{column}_idx"), table, [column])


def downgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.drop_index(op.f(f"{table}_{column}_idx"), table_name=table)
