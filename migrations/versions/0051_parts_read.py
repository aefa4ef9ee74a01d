"""what a connector remembers of the files it has read

Empty: the next run of each source reads all of its files once more.

Revision: 0051, after 0050
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_part",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("name", sa.LargeBinary(), nullable=False, comment="名称摘要"),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="已读内容摘要",
        ),
        sa.PrimaryKeyConstraint("source_id", "name", name=op.f("read_part_pkey")),
        comment="已读文件",
    )
    # Hashes are not to be compressed.
    op.execute("alter table read_part alter column content set storage external")


def downgrade() -> None:
    op.drop_table("read_part")
