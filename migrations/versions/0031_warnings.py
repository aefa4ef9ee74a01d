"""what upstream systems push, and the warnings about people in it

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_delivery",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="序号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("name", sa.Text(collation="C"), nullable=False, comment="消息标识"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False, comment="发送时间"),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="接收时间",
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="消息内容"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("hook_delivery_source_id_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("hook_delivery_pkey")),
        sa.UniqueConstraint("source_id", "name", name=op.f("hook_delivery_source_id_name_key")),
        comment="推送消息",
    )
    op.create_index(op.f("hook_delivery_source_id_number_idx"), "hook_delivery", ["source_id", "number"])
    op.create_table(
        "warning",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("record_key", sa.Text(collation="C"), nullable=False, comment="来源记录号"),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="来源时间"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="接收时间"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("list_kind", sa.Text(collation="C"), nullable=True, comment="名单类型"),
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        sa.Column("kind", sa.String(), nullable=False, comment="预警类型"),
        sa.Column("department", sa.String(), nullable=True, comment="发现部门"),
        sa.Column("level", sa.String(), nullable=True, comment="预警等级"),
        sa.Column("raised_on", sa.Date(), nullable=False, comment="预警日期"),
        sa.Column("settled_on", sa.Date(), nullable=True, comment="处置日期"),
        sa.Column("result", sa.String(), nullable=True, comment="处置结果"),
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f("warning_county_code_beneficiary_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("warning_source_id_fkey")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("warning_pkey")),
        sa.UniqueConstraint(
            "county_code",
            "source_id",
            "record_key",
            name=op.f("warning_county_code_source_id_record_key_key"),
        ),
        comment="预警",
    )
    op.create_index(
        op.f("warning_county_code_beneficiary_id_idx"), "warning", ["county_code", "beneficiary_id"]
    )


def downgrade() -> None:
    op.drop_table("warning")
    op.drop_table("hook_delivery")
