"""what a client may spend, and for which purposes

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind, comment, given in (
        ("cost_per_request", sa.BigInteger(), "单次开销上限", None),
        ("cost_per_minute", sa.BigInteger(), "每分钟开销额度", None),
        ("purposes", postgresql.JSONB(), "用途额度", "{}"),
    ):
        column = sa.Column(name, kind, server_default=given, nullable=given is None, comment=comment)
        op.add_column("oauth_client", column)
    op.create_check_constraint(
        op.f("oauth_client_costs_check"), "oauth_client", "cost_per_request > 0 and cost_per_minute > 0"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("oauth_client_costs_check"), "oauth_client")
    for name in ("purposes", "cost_per_minute", "cost_per_request"):
        op.drop_column("oauth_client", name)
