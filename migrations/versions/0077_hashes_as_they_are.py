"""keyed hashes in the access log lie as they are

Whom a request asks about stands in its entry as keyed hashes, ten thousand of them at most. Chance cannot be
compressed: PostgreSQL would try for longer than all the rest of writing the entry takes.

Revision: 0077, after 0076
"""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table access_entry alter column asked set storage external")


def downgrade() -> None:
    op.execute("alter table access_entry alter column asked set storage extended")
