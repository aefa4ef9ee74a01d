"""what is known of many rows of a source stands packed, in a few rows

Processes of the version before know nothing of packs: they read such rows again, which changes nothing.

Revision: 0033, after 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0038"
branch_labels = None
depends_on = None

# As hub.sync.seen packs them: 16 bytes of hash, 8 of microseconds since 2000, in the order of bytes.
UNPACK = """
    insert into seen_row (source_id, row_hash, observed_at)
    select p.source_id, substring(p.rows from at for 16), timestamptz '2000-01-01 00:00+00'
        + ('x' || encode(substring(p.rows from at + 16 for 8), 'hex'))::bit(64)::bigint * interval '1 microsecond'
    from seen_pack p, generate_series(1, length(p.rows), 24) at
    on conflict (source_id, row_hash) do nothing"""


def upgrade() -> None:
    op.create_table(
        "seen_pack",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("part", sa.Integer(), nullable=False, comment="分组"),
        sa.Column("rows", sa.LargeBinary(), nullable=False, comment="已入库行"),
        sa.PrimaryKeyConstraint("source_id", "part", name=op.f("seen_pack_pkey")),
        comment="已入库行包",
    )


def downgrade() -> None:
    op.execute(UNPACK)
    op.execute("delete from seen_row where observed_at = '-infinity'")
    op.drop_table("seen_pack")
