"""who asks by messages of SPDCI, what is answered later, and of whom they are told

Revision: 0064, after 0058
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0064"
down_revision = "0058"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
PARTY, TRANSACTION, SUBSCRIPTION = "dci_party", "dci_transaction", "dci_subscription"


def _of_client(table: str, key: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            ["client_id"], [f"{key}.client_id"], name=op.f(f"{table}_client_id_fkey"), ondelete="CASCADE"
        )
    ]


def _asked() -> list[sa.Column[object]]:
    return [
        sa.Column("purpose", CODE, comment="使用目的"),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False, comment="授权范围"),
    ]


def _tried() -> list[sa.Column[object]]:
    return [
        sa.Column("due_at", STAMP, comment="待处理时间"),
        sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False, comment="失败次数"),
    ]


def upgrade() -> None:
    op.create_table(
        PARTY,
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("callback_url", sa.String(), comment="回调地址"),
        sa.Column("callback_token", sa.LargeBinary(), comment="回调令牌"),
        sa.Column("is_signed", sa.Boolean(), server_default=sa.false(), nullable=False, comment="须签名"),
        sa.Column("made_at", STAMP, server_default=sa.func.now(), nullable=False, comment="登记时间"),
        *_of_client(PARTY, "oauth_client"),
        sa.PrimaryKeyConstraint("client_id", name=op.f(f"{PARTY}_pkey")),
        comment="SPDCI 参与方",
    )
    op.create_table(
        TRANSACTION,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("message_number", CODE, nullable=False, comment="报文标识"),
        sa.Column("transaction_number", CODE, nullable=False, comment="事务标识"),
        sa.Column("correlation_number", CODE, nullable=False, comment="关联标识"),
        sa.Column("action", CODE, nullable=False, comment="动作"),
        sa.Column("callback_url", sa.String(), nullable=False, comment="回调地址"),
        *_asked(),
        sa.Column("request", sa.LargeBinary(), nullable=False, comment="请求报文"),
        sa.Column("outcome", sa.LargeBinary(), comment="处理结果"),
        sa.Column("received_at", STAMP, server_default=sa.func.now(), nullable=False, comment="接收时间"),
        sa.Column("answered_at", STAMP, comment="答复时间"),
        *_tried(),
        *_of_client(TRANSACTION, PARTY),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{TRANSACTION}_pkey")),
        sa.UniqueConstraint(
            "client_id", "message_number", name=op.f(f"{TRANSACTION}_client_id_message_number_key")
        ),
        sa.UniqueConstraint("correlation_number", name=op.f(f"{TRANSACTION}_correlation_number_key")),
        comment="SPDCI 事务",
    )
    op.create_table(
        SUBSCRIPTION,
        sa.Column("code", CODE, nullable=False, comment="订阅代码"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("id_number", sa.LargeBinary(), nullable=False, comment="身份证号"),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=False, comment="身份证号摘要"),
        sa.Column("token", sa.LargeBinary(), comment="人员令牌"),
        sa.Column("event", CODE, nullable=False, comment="事件类型"),
        *_asked(),
        sa.Column("told", sa.LargeBinary(), comment="已通知摘要"),
        sa.Column("made_at", STAMP, server_default=sa.func.now(), nullable=False, comment="订阅时间"),
        *_tried(),
        *_of_client(SUBSCRIPTION, PARTY),
        sa.PrimaryKeyConstraint("code", name=op.f(f"{SUBSCRIPTION}_pkey")),
        sa.UniqueConstraint(
            "client_id",
            "id_number_hash",
            "event",
            name=op.f(f"{SUBSCRIPTION}_client_id_id_number_hash_event_key"),
        ),
        comment="SPDCI 订阅",
    )
    for table, *names in (
        (TRANSACTION, "client_id", "transaction_number"),
        (TRANSACTION, "due_at"),
        (TRANSACTION, "received_at"),
        (SUBSCRIPTION, "id_number_hash"),
        (SUBSCRIPTION, "due_at"),
    ):
        op.create_index(op.f(f"{table}_{'_'.join(names)}_idx"), table, names)
    op.execute(
        f"create trigger note_row after insert or update or delete on {PARTY}"
        " for each row execute function note_row('client_id', 'callback_token')"
    )


def downgrade() -> None:
    for name in (SUBSCRIPTION, TRANSACTION, PARTY):
        op.drop_table(name)
