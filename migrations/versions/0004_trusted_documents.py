"""documents a client has registered, and whether it may ask others

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "oauth_client",
        sa.Column(
            "documents_only",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="仅限可信文档",
        ),
    )
    op.create_table(
        "trusted_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False, comment="客户端标识"),
        sa.Column("name", sa.Text(collation="C"), nullable=False, comment="名称"),
        sa.Column("sha256", sa.Text(collation="C"), nullable=False, comment="摘要"),
        sa.Column("alias", sa.Text(collation="C"), nullable=True, comment="别名"),
        sa.Column("source", sa.String(), nullable=False, comment="文本"),
        sa.Column("description", sa.String(), nullable=True, comment="说明"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="登记时间",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="失效时间"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.client_id"], name=op.f("trusted_document_client_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("trusted_document_pkey")),
        comment="可信文档",
        info={"zh": "可信文档", "en": "Document a client has registered"},
    )
    op.create_index(
        op.f("trusted_document_client_id_sha256_idx"),
        "trusted_document",
        ["client_id", "sha256"],
        unique=False,
    )
    op.create_index(
        "trusted_document_current_idx",
        "trusted_document",
        ["client_id", "name"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    op.drop_table("trusted_document")
    op.drop_column("oauth_client", "documents_only")
