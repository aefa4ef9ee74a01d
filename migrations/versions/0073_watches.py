"""agencies are told when somebody is entitled, or is no more

Revision: 0073, after 0071
"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0071"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
TABLE, ROUND, STATE = "watch", "watch_round", "watch_state"
OPEN = sa.text("ended_at is null")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("purpose", CODE, nullable=False, comment="用途"),
        sa.Column("programme", sa.String(), nullable=False, comment="救助项目"),
        sa.Column("id_number", sa.LargeBinary(), comment="身份证号"),
        sa.Column("id_number_hash", sa.LargeBinary(), comment="身份证号散列"),
        sa.Column("reference", sa.LargeBinary(), nullable=False, comment="对方编号"),
        sa.Column("is_entitled", sa.Boolean(), comment="是否享受"),
        sa.Column("answered_at", STAMP, comment="结论变更时间"),
        sa.Column("made_at", STAMP, nullable=False, comment="开始时间"),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="截止日期"),
        sa.Column("ended_at", STAMP, comment="结束时间"),
        sa.Column("end_reason", sa.String(), comment="结束原因"),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name=op.f("watch_ended_check")),
        sa.CheckConstraint("(ended_at is null) = (id_number is not null)", name=op.f("watch_number_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("watch_pkey")),
        comment="关注",
    )
    by_list = ["client_id", "purpose", "programme"]
    op.create_index(op.f("watch_client_id_purpose_programme_idx"), TABLE, by_list, postgresql_where=OPEN)
    for column in ("id_number_hash", "purpose", "made_at", "ends_on", "ended_at"):
        op.create_index(op.f(f"watch_{column}_idx"), TABLE, [column])
    op.create_table(
        ROUND,
        sa.Column("id", sa.BigInteger(), nullable=False, comment="编号"),
        sa.Column("snapshot", CODE, nullable=False, comment="位置"),
        sa.Column("lease_until", STAMP, comment="租约截止时间"),
        sa.PrimaryKeyConstraint("id", name=op.f("watch_round_pkey")),
        comment="关注进度",
    )
    op.create_table(
        STATE,
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("purpose", CODE, nullable=False, comment="用途"),
        sa.Column("programme", CODE, nullable=False, comment="救助项目"),
        sa.Column("state", CODE, nullable=False, comment="状态"),
        sa.PrimaryKeyConstraint("client_id", "purpose", "programme", name=op.f("watch_state_pkey")),
        comment="关注名单状态",
    )


def downgrade() -> None:
    op.execute("delete from change where entity = 'watch'")
    for table in (STATE, ROUND, TABLE):
        op.drop_table(table)
