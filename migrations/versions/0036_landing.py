"""what sources deliver is kept as it came

The partitions of ``landed_slice`` lie in a schema of their own; runs make them (``hub.sync.months``).

Revision: 0036, after 0037
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "landed_run",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("landed_at", sa.DateTime(timezone=True), nullable=False, comment="接收时间"),
        sa.Column("read_on", sa.Date(), nullable=False, comment="读取日期"),
        sa.Column("whole", sa.Boolean(), nullable=False, comment="是否全量"),
        sa.Column("continued", sa.Boolean(), nullable=False, comment="是否续传"),
        sa.Column("retried", sa.Boolean(), nullable=False, comment="是否重试"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("landed_run_run_id_fkey")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("landed_run_source_id_fkey")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("landed_run_pkey")),
        comment="收存批次",
    )
    op.create_index(op.f("landed_run_source_id_run_id_idx"), "landed_run", ["source_id", "run_id"])
    op.execute("create schema landed")
    op.create_table(
        "landed_slice",
        sa.Column("landed_at", sa.DateTime(timezone=True), nullable=False, comment="接收时间"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("number", sa.Integer(), nullable=False, comment="序号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.Text(collation="C"), nullable=False, comment="名单类型"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="来源时间"),
        sa.Column("dated", sa.Boolean(), nullable=False, comment="是否注明日期"),
        sa.Column("ends", sa.Boolean(), nullable=False, comment="是否完整"),
        sa.Column("absent", postgresql.ARRAY(sa.Text()), nullable=False, comment="缺少的列"),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="行数"),
        sa.Column("kept_count", sa.Integer(), nullable=False, comment="留存行数"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="分片摘要"),
        sa.Column("hashes", sa.LargeBinary(), comment="行摘要"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="内容"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("landed_slice_run_id_fkey")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("landed_slice_source_id_fkey")),
        sa.PrimaryKeyConstraint("landed_at", "run_id", "number", name=op.f("landed_slice_pkey")),
        comment="收存分片",
        postgresql_partition_by="range (landed_at)",
    )
    op.create_index(op.f("landed_slice_source_id_run_id_idx"), "landed_slice", ["source_id", "run_id"])


def downgrade() -> None:
    op.drop_table("landed_slice")
    op.execute("drop schema landed")
    op.drop_table("landed_run")
