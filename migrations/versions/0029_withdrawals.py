"""what a source takes back, how much it may take back at once, what waits, and what opens a source and when

Revision: 0029, after 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


WHEN = (
    ("every_minutes", sa.Integer(), "同步间隔（分钟）"),
    ("window_from", sa.Time(), "可访问时段起"),
    ("window_until", sa.Time(), "可访问时段止"),
    ("retry_at", sa.DateTime(timezone=True), "下次重试时间"),
)
OWN = "code, name, connector, division_code, location, max_age_hours"


def note_source(columns: str, secret: str) -> None:
    op.execute("drop trigger note_row on source")
    op.execute(
        f"create trigger note_row after insert or update of {columns} or delete on source"
        f" for each row execute function note_row('code', '{secret}')"
    )


def upgrade() -> None:
    op.add_column("source", sa.Column("secrets", sa.LargeBinary(), comment="接入密钥"))
    op.add_column(
        "source",
        sa.Column(
            "most_lost_percent",
            sa.SmallInteger(),
            server_default="10",
            nullable=False,
            comment="单次最大减少比例（%）",
        ),
    )
    for name, kind, comment in WHEN:
        op.add_column("source", sa.Column(name, kind, comment=comment))
    op.add_column(
        "source",
        sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False, comment="连续失败次数"),
    )
    told = ", ".join([OWN, "secrets", "most_lost_percent", "every_minutes", "window_from", "window_until"])
    note_source(told, "checkpoint,secrets")
    op.add_column(
        "sync_run",
        sa.Column("withdrawn_count", sa.Integer(), server_default="0", nullable=False, comment="撤回记录数"),
    )
    op.create_table(
        "withdrawn_record",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("record_key", sa.Text(collation="C"), nullable=False, comment="来源记录号"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="来源时间"),
        sa.PrimaryKeyConstraint("source_id", "record_key", name=op.f("withdrawn_record_pkey")),
        comment="已撤回记录",
    )
    op.create_table(
        "waiting_row",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("list_kind", sa.Text(collation="C"), nullable=False, comment="名单类型"),
        sa.Column("file", sa.String(), nullable=False, comment="文件"),
        sa.Column("sheet", sa.String(), nullable=False, comment="工作表"),
        sa.Column("row_number", sa.Integer(), nullable=False, comment="行号"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="来源时间"),
        sa.Column("raw", sa.LargeBinary(), nullable=False, comment="原始内容"),
        sa.PrimaryKeyConstraint("source_id", "row_hash", name=op.f("waiting_row_pkey")),
        comment="待定行",
    )
    op.add_column("quarantined_row", sa.Column("observed_at", sa.DateTime(timezone=True), comment="来源时间"))


def downgrade() -> None:
    op.drop_column("quarantined_row", "observed_at")
    op.drop_table("waiting_row")
    op.drop_table("withdrawn_record")
    op.drop_column("sync_run", "withdrawn_count")
    note_source(OWN, "checkpoint")
    op.drop_column("source", "failure_count")
    for name, *_ in WHEN:
        op.drop_column("source", name)
    op.drop_column("source", "most_lost_percent")
    op.drop_column("source", "secrets")
