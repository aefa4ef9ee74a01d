"""keys that have signed receipts stay published

Revision: 0066, after 0064
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0066"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_key",
        sa.Column("kid", sa.Text(collation="C"), nullable=False, comment="密钥标识"),
        sa.Column("jwk", JSONB(), nullable=False, comment="公钥"),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False, comment="首次使用时间"),
        sa.PrimaryKeyConstraint("kid", name=op.f("receipt_key_pkey")),
        comment="回执签名密钥",
    )


def downgrade() -> None:
    op.drop_table("receipt_key")
