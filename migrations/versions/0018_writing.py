"""people are handed on, and contractors that lose them delete what they know

Rows that a mutation of the hub's own makes, and the duties its worker issues. Two promises are kept by triggers,
whoever asks: what is certified stays, and an assignment that a transfer has ended is not begun again by the
list it came from.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("referral", "deletion_duty", "deletion_certificate", "deletion_duty_person", "write_key")

CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
STAYS = f"""
create function keep_certificate() returns trigger {CALLED} as $$
begin
    if tg_op = 'UPDATE' and old.decision = 'PENDING' and (to_jsonb(old) - '{{decision,decided_at,decision_reason}}'::text[])
        = (to_jsonb(new) - '{{decision,decided_at,decision_reason}}'::text[]) then
        return new;
    end if;
    raise exception 'what is certified stays as it is';
end $$
"""
TRANSFERRED = f"""
create function keep_transferred() returns trigger {CALLED} as $$
begin
    if exists (select from referral r
        where r.county_code = new.county_code and r.assignment_id = new.id and r.status = 'ACCEPTED') then
        new.ends_on := old.ends_on;
    end if;
    return new;
end $$
"""


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
        sa.Column("referrer", sa.String(), nullable=False, comment="转介方类型"),
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
    op.create_index(op.f("referral_from_contract_id_idx"), "referral", ["from_contract_id"], unique=False)
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
    op.create_index(op.f("referral_to_contract_id_idx"), "referral", ["to_contract_id"], unique=False)
    op.create_index(
        op.f("referral_to_contractor_id_status_idx"), "referral", ["to_contractor_id", "status"], unique=False
    )
    op.create_index(op.f("referral_to_station_id_idx"), "referral", ["to_station_id"], unique=False)
    op.create_table(
        "deletion_duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("contract_id", sa.BigInteger(), nullable=False, comment="合同"),
        sa.Column("contractor_id", sa.BigInteger(), nullable=False, comment="承接机构"),
        sa.Column("division_code", sa.Text(collation="C"), nullable=False, comment="购买方区划"),
        sa.Column("reason", sa.String(), nullable=False, comment="产生原因"),
        sa.Column("status", sa.String(), nullable=False, comment="状态"),
        sa.Column("lost_on", sa.Date(), nullable=False, comment="访问截止日期"),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="产生日期"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="履行期限"),
        sa.Column("person_count", sa.Integer(), nullable=False, comment="涉及人数"),
        sa.Column("open_count", sa.Integer(), nullable=False, comment="待履行人数"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("deletion_duty_contract_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name=op.f("deletion_duty_contractor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("deletion_duty_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("deletion_duty_pkey")),
        comment="个人信息删除义务",
    )
    op.create_index(op.f("deletion_duty_contract_id_idx"), "deletion_duty", ["contract_id"], unique=False)
    op.create_index(
        op.f("deletion_duty_contractor_id_status_idx"),
        "deletion_duty",
        ["contractor_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_duty_division_code_status_idx"),
        "deletion_duty",
        ["division_code", "status"],
        unique=False,
    )
    op.create_index(op.f("deletion_duty_due_on_idx"), "deletion_duty", ["due_on"], unique=False)
    op.create_index(
        op.f("deletion_duty_status_due_on_idx"), "deletion_duty", ["status", "due_on"], unique=False
    )
    op.create_table(
        "deletion_certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("deletion_duty_id", sa.BigInteger(), nullable=False, comment="删除义务"),
        sa.Column("contract_id", sa.BigInteger(), nullable=False, comment="合同"),
        sa.Column("contractor_id", sa.BigInteger(), nullable=False, comment="承接机构"),
        sa.Column("division_code", sa.Text(collation="C"), nullable=False, comment="购买方区划"),
        sa.Column("method", sa.String(), nullable=False, comment="处理方式"),
        sa.Column("statement", sa.String(), nullable=False, comment="说明"),
        sa.Column("signer_name", sa.String(), nullable=False, comment="签署人"),
        sa.Column("signed_on", sa.Date(), nullable=False, comment="签署日期"),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False, comment="提交时间"),
        sa.Column("person_count", sa.Integer(), nullable=False, comment="涉及人数"),
        sa.Column("line_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False, comment="涉及人员"),
        sa.Column("decision", sa.String(), nullable=False, comment="审核结果"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="审核时间"),
        sa.Column("decision_reason", sa.String(), nullable=True, comment="退回理由"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("deletion_certificate_contract_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name=op.f("deletion_certificate_contractor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["deletion_duty_id"],
            ["deletion_duty.id"],
            name=op.f("deletion_certificate_deletion_duty_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("deletion_certificate_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("deletion_certificate_pkey")),
        comment="返还或删除证明",
    )
    op.create_index(
        op.f("deletion_certificate_contract_id_idx"), "deletion_certificate", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("deletion_certificate_contractor_id_idx"),
        "deletion_certificate",
        ["contractor_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_certificate_deletion_duty_id_idx"),
        "deletion_certificate",
        ["deletion_duty_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_certificate_division_code_decision_idx"),
        "deletion_certificate",
        ["division_code", "decision"],
        unique=False,
    )
    op.create_table(
        "deletion_duty_person",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        sa.Column(
            "person",
            sa.Text(collation="C"),
            sa.Computed("'Beneficiary:' || county_code || ':' || beneficiary_id::text", persisted=True),
            nullable=False,
            comment="服务对象编号",
        ),
        sa.Column("division_code", sa.Text(collation="C"), nullable=False, comment="居住区划"),
        sa.Column("deletion_duty_id", sa.BigInteger(), nullable=False, comment="删除义务"),
        sa.Column("contract_id", sa.BigInteger(), nullable=False, comment="合同"),
        sa.Column("contractor_id", sa.BigInteger(), nullable=False, comment="承接机构"),
        sa.Column("lost_on", sa.Date(), nullable=False, comment="访问截止日期"),
        sa.Column("was_shown", sa.Boolean(), nullable=False, comment="曾被查看"),
        sa.Column("released_on", sa.Date(), nullable=True, comment="解除日期"),
        sa.Column("deletion_certificate_id", sa.BigInteger(), nullable=True, comment="证明"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("deletion_duty_person_contract_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name=op.f("deletion_duty_person_contractor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f("deletion_duty_person_county_code_beneficiary_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["deletion_certificate_id"],
            ["deletion_certificate.id"],
            name=op.f("deletion_duty_person_deletion_certificate_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["deletion_duty_id"],
            ["deletion_duty.id"],
            name=op.f("deletion_duty_person_deletion_duty_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("deletion_duty_person_pkey")),
        comment="删除义务涉及人员",
    )
    op.create_index(
        op.f("deletion_duty_person_contract_id_county_code_beneficiary_id_idx"),
        "deletion_duty_person",
        ["contract_id", "county_code", "beneficiary_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_duty_person_contractor_id_county_code_beneficiary_id_idx"),
        "deletion_duty_person",
        ["contractor_id", "county_code", "beneficiary_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_duty_person_county_code_beneficiary_id_idx"),
        "deletion_duty_person",
        ["county_code", "beneficiary_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_duty_person_deletion_certificate_id_idx"),
        "deletion_duty_person",
        ["deletion_certificate_id"],
        unique=False,
    )
    op.create_index(
        op.f("deletion_duty_person_deletion_duty_id_county_code_id_idx"),
        "deletion_duty_person",
        ["deletion_duty_id", "county_code", "id"],
        unique=False,
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
    )
    op.create_index(op.f("write_key_made_at_idx"), "write_key", ["made_at"], unique=False)
    op.execute(STAYS)
    op.execute(
        "create trigger keep_certificate before update or delete on deletion_certificate"
        " for each row execute function keep_certificate()"
    )
    op.execute(TRANSFERRED)
    # When a transfer is accepted its status is set before its assignment ends: that goes through.
    op.execute(
        "create trigger keep_transferred before update of ends_on on assignment for each row"
        " when (old.ends_on is not null and (new.ends_on is null or new.ends_on > old.ends_on))"
        " execute function keep_transferred()"
    )


def downgrade() -> None:
    op.execute("drop trigger keep_transferred on assignment")
    op.execute("drop function keep_transferred()")
    op.execute("drop trigger keep_certificate on deletion_certificate")
    op.execute("drop function keep_certificate()")
    for name in reversed(TABLES):
        op.drop_table(name)
