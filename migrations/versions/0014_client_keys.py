"""how often a client may ask, and which tokens and proofs are good no more

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")


def upgrade() -> None:
    limit = sa.Column("requests_per_minute", sa.BigInteger(), nullable=True, comment="每分钟请求上限")
    op.add_column("oauth_client", limit)
    op.create_check_constraint(op.f("oauth_client_requests_check"), "oauth_client", "requests_per_minute > 0")
    op.create_table(
        "oauth_revoked",
        sa.Column("jti", CODE, nullable=False, comment="令牌标识"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="失效时间"),
        sa.PrimaryKeyConstraint("jti", name=op.f("oauth_revoked_pkey")),
        comment="已撤销令牌",
    )
    op.create_index(op.f("oauth_revoked_expires_at_idx"), "oauth_revoked", ["expires_at"])
    op.create_table(
        "oauth_proof",
        sa.Column("jkt", CODE, nullable=False, comment="密钥指纹"),
        sa.Column("jti", CODE, nullable=False, comment="证明标识"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="失效时间"),
        sa.PrimaryKeyConstraint("jkt", "jti", name=op.f("oauth_proof_pkey")),
        comment="已用证明",
    )
    op.create_index(op.f("oauth_proof_expires_at_idx"), "oauth_proof", ["expires_at"])
    # Who follows changes ends with the token, as with the client (0008).
    op.execute(
        "create function tell_of_oauth_revoked() returns trigger language plpgsql as $$"
        " begin perform pg_notify('hub_access', 'oauth_revoked'); return null; end $$"
    )
    op.execute(
        "create trigger tell after insert on oauth_revoked"
        " for each statement execute function tell_of_oauth_revoked()"
    )


def downgrade() -> None:
    op.drop_table("oauth_proof")
    op.drop_table("oauth_revoked")
    op.execute("drop function tell_of_oauth_revoked()")
    op.drop_column("oauth_client", "requests_per_minute")
