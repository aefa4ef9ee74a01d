"""copies of caseloads on devices without a network

Revision: 0070, after 0069
"""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
TABLE = "offline_package"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False, comment="编号"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("user_id", sa.BigInteger(), comment="用户"),
        sa.Column("device", sa.String(), nullable=False, comment="设备"),
        sa.Column("key_thumbprint", CODE, nullable=False, comment="设备公钥指纹"),
        sa.Column("people_count", sa.Integer(), nullable=False, comment="人数"),
        sa.Column("made_at", STAMP, nullable=False, comment="生成时间"),
        sa.Column("expires_at", STAMP, nullable=False, comment="失效时间"),
        sa.Column("recalled_at", STAMP, comment="收回时间"),
        sa.Column("recall_reason", sa.String(), comment="收回原因"),
        sa.Column("deleted_at", STAMP, comment="删除时间"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth_client.client_id"],
            name=op.f(f"{TABLE}_client_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{TABLE}_pkey")),
        comment="离线数据包",
    )
    op.create_index(op.f(f"{TABLE}_client_id_made_at_idx"), TABLE, ["client_id", "made_at"])
    op.create_index(op.f(f"{TABLE}_expires_at_idx"), TABLE, ["expires_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
