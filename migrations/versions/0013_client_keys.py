"""how often a client may ask

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "oauth_client",
        sa.Column("requests_per_minute", sa.BigInteger(), nullable=True, comment="每分钟请求上限"),
    )
    op.create_check_constraint(op.f("oauth_client_requests_check"), "oauth_client", "requests_per_minute > 0")


def downgrade() -> None:
    op.drop_column("oauth_client", "requests_per_minute")
