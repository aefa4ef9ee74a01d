"""jobs: documents asked again and again, and files of what came of it

Revision: 0074, after 0073
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
NOW = sa.text("now()")
NONE = sa.text("0")
UNDER_WAY = "state in ('RECEIVING', 'WAITING', 'RUNNING')"


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False, comment="编号"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("key", CODE, nullable=False, comment="幂等键"),
        sa.Column("request", sa.LargeBinary(), nullable=False, comment="请求摘要"),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="查询文档"),
        sa.Column("variables", sa.LargeBinary(), nullable=False, comment="变量"),
        sa.Column("purpose", CODE, comment="使用目的"),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, comment="权限范围"),
        sa.Column("formats", postgresql.ARRAY(sa.Text()), nullable=False, comment="文件格式"),
        sa.Column("state", CODE, nullable=False, comment="状态"),
        sa.Column("reason", CODE, comment="原因"),
        sa.Column("persons", sa.Integer(), comment="人数"),
        sa.Column("done", sa.Integer(), server_default=NONE, nullable=False, comment="已完成数"),
        sa.Column("failed", sa.Integer(), server_default=NONE, nullable=False, comment="未予核验数"),
        sa.Column("step", sa.Integer(), server_default=NONE, nullable=False, comment="步数"),
        sa.Column("cursor", CODE, comment="游标"),
        sa.Column("bytes", sa.BigInteger(), server_default=NONE, nullable=False, comment="字节数"),
        sa.Column("most", sa.Integer(), comment="每步人数"),
        sa.Column("failure_count", sa.Integer(), server_default=NONE, nullable=False, comment="失败次数"),
        sa.Column("started_at", STAMP, server_default=NOW, nullable=False, comment="开始时间"),
        sa.Column("due_at", STAMP, server_default=NOW, nullable=False, comment="待处理时间"),
        sa.Column("finished_at", STAMP, comment="完成时间"),
        sa.Column("expires_at", STAMP, nullable=False, comment="失效时间"),
        sa.Column("lease", CODE, comment="租约"),
        sa.Column("lease_until", STAMP, comment="租约截止时间"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.client_id"], name=op.f("job_client_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("job_pkey")),
        sa.UniqueConstraint("client_id", "key", name=op.f("job_client_id_key_key")),
        comment="批量任务",
    )
    op.create_index("job_due_idx", "job", ["due_at"], postgresql_where=sa.text(UNDER_WAY))
    op.create_index(op.f("job_expires_at_idx"), "job", ["expires_at"])
    of_job = sa.ForeignKeyConstraint(["job"], ["job.id"], name="job_part_job_fkey", ondelete="CASCADE")
    op.create_table(
        "job_part",
        sa.Column("job", sa.Uuid(), nullable=False, comment="批量任务"),
        sa.Column("kind", CODE, nullable=False, comment="种类"),
        sa.Column("number", sa.Integer(), nullable=False, comment="序号"),
        sa.Column("first", sa.BigInteger(), nullable=False, comment="起始位置"),
        sa.Column("size", sa.Integer(), nullable=False, comment="大小"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="内容"),
        of_job,
        sa.PrimaryKeyConstraint("job", "kind", "number", name=op.f("job_part_pkey")),
        comment="批量任务数据块",
    )
    op.create_table(
        "job_file",
        sa.Column("job", sa.Uuid(), nullable=False, comment="批量任务"),
        sa.Column("format", CODE, nullable=False, comment="文件格式"),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="字节数"),
        sa.Column("digest", CODE, nullable=False, comment="摘要"),
        sa.Column("receipt", CODE, nullable=False, comment="回执"),
        sa.Column("made_at", STAMP, server_default=NOW, nullable=False, comment="生成时间"),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("job_file_job_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "format", name=op.f("job_file_pkey")),
        comment="批量任务结果文件",
    )


def downgrade() -> None:
    for name in ("job_file", "job_part", "job"):
        op.drop_table(name)
