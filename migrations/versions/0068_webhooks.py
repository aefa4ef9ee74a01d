"""where clients are told of changes, how far each has been told, and what could not be told

Revision: 0068, after 0067
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
HOOK, PLACE, LETTER = "webhook", "webhook_place", "webhook_letter"


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号")


def _now(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, STAMP, server_default=sa.func.now(), nullable=False, comment=comment)


def _count(name: str, comment: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), server_default=sa.text("0"), nullable=False, comment=comment)


def _flag(name: str, comment: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False, comment=comment)


def _of_hook(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["webhook_id"], [f"{HOOK}.id"], name=op.f(f"{table}_webhook_id_fkey"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        HOOK,
        _key(),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("name", CODE, nullable=False, comment="名称"),
        sa.Column("url", sa.String(), nullable=False, comment="地址"),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="订阅文档"),
        sa.Column("variables", sa.LargeBinary(), nullable=False, comment="变量"),
        sa.Column("purpose", CODE, comment="使用目的"),
        _flag("is_full", "含内容"),
        _flag("is_skipping", "失败后跳过"),
        sa.Column("max_events", sa.Integer(), nullable=False, comment="每批最多事件数"),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="签名密钥"),
        sa.Column("former_secret", sa.LargeBinary(), comment="原签名密钥"),
        sa.Column("former_until", STAMP, comment="原密钥截止时间"),
        _now("made_at", "登记时间"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["oauth_client.client_id"],
            name=op.f(f"{HOOK}_client_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{HOOK}_pkey")),
        sa.UniqueConstraint("client_id", "name", name=op.f(f"{HOOK}_client_id_name_key")),
        comment="推送端点",
    )
    op.create_table(
        PLACE,
        sa.Column("webhook_id", sa.BigInteger(), nullable=False, comment="推送端点"),
        sa.Column("place", CODE, nullable=False, comment="位置"),
        sa.Column("cluster", CODE, nullable=False, comment="数据库集群"),
        _count("round", "轮次"),
        sa.Column("slice", CODE, comment="可见范围"),
        sa.Column(
            "entities", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment="实体"
        ),
        _now("told_at", "告知截止时间"),
        sa.Column("looked_at", STAMP, comment="查看时间"),
        _now("due_at", "待处理时间"),
        sa.Column("kind", CODE, comment="报文类型"),
        sa.Column("ending", CODE, comment="报文终点"),
        _count("failure_count", "失败次数"),
        sa.Column("reason", CODE, comment="原因"),
        sa.Column("stopped_at", STAMP, comment="停止时间"),
        sa.Column("lease", CODE, comment="租约"),
        sa.Column("lease_until", STAMP, comment="租约截止时间"),
        _count("delivered_count", "送达事件数", sa.BigInteger),
        _of_hook(PLACE),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f(f"{PLACE}_pkey")),
        comment="推送进度",
    )
    op.create_table(
        LETTER,
        _key(),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False, comment="推送端点"),
        sa.Column("message", CODE, nullable=False, comment="报文标识"),
        sa.Column("kind", CODE, nullable=False, comment="报文类型"),
        sa.Column("place", CODE, nullable=False, comment="起点"),
        sa.Column("ending", CODE, nullable=False, comment="终点"),
        sa.Column("event_count", sa.Integer(), nullable=False, comment="事件数"),
        sa.Column("failure_count", sa.Integer(), nullable=False, comment="失败次数"),
        sa.Column("reason", CODE, nullable=False, comment="原因"),
        _now("made_at", "放弃时间"),
        sa.Column("settled_at", STAMP, comment="处理时间"),
        _of_hook(LETTER),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{LETTER}_pkey")),
        comment="未送达报文",
    )
    op.create_index(
        "webhook_place_due_idx", PLACE, ["due_at"], postgresql_where=sa.text("stopped_at is null")
    )
    op.create_index(
        "webhook_letter_open_idx", LETTER, ["webhook_id"], postgresql_where=sa.text("settled_at is null")
    )
    op.execute(
        f"create trigger note_row after insert or update or delete on {HOOK} for each row"
        " execute function note_row('client_id,name', 'secret,former_secret,document,variables')"
    )


def downgrade() -> None:
    for name in (LETTER, PLACE, HOOK):
        op.drop_table(name)
