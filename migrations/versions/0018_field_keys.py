"""which field key is in use is in the database, for all hosts alike

The keys stay where they are, in files. Expands only: processes of the version before seal with the first key,
which every process of this one opens.

Revision: 0018, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_key_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("identifier", sa.Text(collation="C"), nullable=False, comment="密钥标识"),
        sa.Column(
            "activated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="启用时间",
        ),
        sa.PrimaryKeyConstraint("id", name="field_key_use_pkey"),
        comment="字段密钥启用",
    )


def downgrade() -> None:
    op.drop_table("field_key_use")
