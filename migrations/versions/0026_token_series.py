"""which of a client's access tokens are good: those of its series; and an end for grants of locked users

A process of the version before issues tokens that name no series: they count as the first, so that what is
suspended or loses a key meanwhile gets tokens of the new processes only. A lock did not end grants before.

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    series = sa.Column(
        "token_series", sa.BigInteger(), server_default="0", nullable=False, comment="令牌批次"
    )
    op.add_column("oauth_client", series)
    op.execute(
        "update oauth_grant g set revoked_at = now() from hub_user u"
        " where u.id = g.user_id and u.status <> 'ACTIVE' and g.revoked_at is null"
    )


def downgrade() -> None:
    op.drop_column("oauth_client", "token_series")
