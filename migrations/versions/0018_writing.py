"""people are handed on, and contractors that lose them delete what they know

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        sa.Column("division_code", sa.Text(collation="C"), nullable=False, comment="居住区划"),
        sa.Column(
            "township_division_code",
            sa.Text(collation="C"),
            sa.Computed("left(division_code, 9) || '000'", persisted=True),
            nullable=False,
            comment="所在乡镇区划",
        ),
        sa.Column("kind", sa.String(), nullable=False, comment="类型"),
        sa.Column("status", sa.String(), nullable=False, comment="状态"),
        sa.Column("category", sa.String(), nullable=False, comment="对象类别"),
        sa.Column("need", sa.String(), nullable=True, comment="服务需求"),
        sa.Column("referrer_role", sa.Text(collation="C"), nullable=False, comment="转介方角色"),
        sa.Column("referrer_name", sa.String(), nullable=False, comment="转介方"),
        sa.Column("referrer_division_code", sa.Text(collation="C"), nullable=True, comment="转介方区划"),
        sa.Column("from_contractor_id", sa.BigInteger(), nullable=True, comment="原承接机构"),
        sa.Column("from_contract_id", sa.BigInteger(), nullable=True, comment="原合同"),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True, comment="原分派"),
        sa.Column("to_contractor_id", sa.BigInteger(), nullable=False, comment="接收机构"),
        sa.Column("to_contract_id", sa.BigInteger(), nullable=True, comment="接收合同"),
        sa.Column("to_station_id", sa.BigInteger(), nullable=True, comment="接收服务站"),
        sa.Column("to_assignment_id", sa.BigInteger(), nullable=True, comment="新分派"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="发起时间"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="办结时间"),
        sa.Column("decline_reason", sa.String(), nullable=True, comment="谢绝理由"),
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f("referral_county_code_beneficiary_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["from_contract_id"], ["contract.id"], name=op.f("referral_from_contract_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["from_contractor_id"], ["contractor.id"], name=op.f("referral_from_contractor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_contract_id"], ["contract.id"], name=op.f("referral_to_contract_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_contractor_id"], ["contractor.id"], name=op.f("referral_to_contractor_id_fkey")
        ),
        sa.ForeignKeyConstraint(["to_station_id"], ["station.id"], name=op.f("referral_to_station_id_fkey")),
        sa.ForeignKeyConstraint(
            ["township_division_code"], ["division.code"], name=op.f("referral_township_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("referral_pkey")),
        comment="转介",
        info={"zh": "转介", "en": "Referral or transfer of a beneficiary to another contractor"},
    )
    op.create_index(
        op.f("referral_county_code_assignment_id_idx"),
        "referral",
        ["county_code", "assignment_id"],
        unique=False,
    )
    op.create_index(
        op.f("referral_county_code_beneficiary_id_idx"),
        "referral",
        ["county_code", "beneficiary_id"],
        unique=False,
    )
    op.create_index(
        op.f("referral_county_code_division_code_id_idx"),
        "referral",
        ["county_code", "division_code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("referral_from_contractor_id_status_idx"),
        "referral",
        ["from_contractor_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("referral_made_at_county_code_id_idx"),
        "referral",
        ["made_at", "county_code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("referral_status_county_code_id_idx"), "referral", ["status", "county_code", "id"], unique=False
    )
    op.create_index(
        op.f("referral_to_contractor_id_status_idx"), "referral", ["to_contractor_id", "status"], unique=False
    )
    op.create_table(
        "write_key",
        sa.Column("client_id", sa.Text(collation="C"), nullable=False, comment="客户端标识"),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="用户"),
        sa.Column("key", sa.Text(collation="C"), nullable=False, comment="幂等键"),
        sa.Column("asked", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("county_code", sa.Text(collation="C"), nullable=True, comment="县级区划代码"),
        sa.Column("entity_id", sa.BigInteger(), nullable=True, comment="编号"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="时间",
        ),
        sa.PrimaryKeyConstraint("client_id", "user_id", "key", name=op.f("write_key_pkey")),
        comment="幂等键",
        info={"zh": "幂等键", "en": "Key under which a mutation was done"},
    )
    op.create_index(op.f("write_key_made_at_idx"), "write_key", ["made_at"], unique=False)


def downgrade() -> None:
    op.drop_table("write_key")
    op.drop_table("referral")
