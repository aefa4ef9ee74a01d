"""two files of one person are shown as one, and each is kept as it would be alone

Triggers that judge what a source states leave alone what only changes hands; and a run, which takes linked rows
apart and puts them together again, tells nobody that they left.

Revision: 0038, after 0040
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0040"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"

MOVED = "coalesce(current_setting('hub.moving', true), '') <> ''"
UNTOLD = f"""
create function tell_nobody() returns trigger {CALLED} as $$ begin return null; end $$
"""
STATED = (
    "create or replace trigger transferred_stays before insert or update of"
    " beneficiary_id, contractor_id, contract_id, station_id, starts_on, ends_on on assignment"
    " for each row when (new.run_id <> 0{}) execute function keep_transferred()"
)
ENDED = (
    "create or replace trigger own_assignments_changed after update on assignment"
    " referencing new table as touched for each statement {}execute function end_own_assignments()"
)

# A version of a fact is another where it says something else, not where its person has another number.
STATES = {
    "category_membership": (
        "beneficiary_id", "category", "starts_on", "ends_on", "support_mode", "monthly_amount",
        "certificate_number", "legal_basis",
    ),
    "assignment": (
        "beneficiary_id", "station_id", "contract_id", "contractor_id", "worker_id", "starts_on", "ends_on",
    ),
}  # fmt: skip


def known(table: str, unless: str = "") -> str:
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in STATES[table])
    return (
        f"create or replace trigger known_from before update on {table} for each row when (({differs}){unless})"
        " execute function keep_known_from()"
    )


def upgrade() -> None:
    op.create_table(
        "beneficiary_apart",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="编号"),
        sa.Column("name", sa.String(), nullable=False, comment="姓名"),
        sa.Column("name_masked", sa.String(), nullable=False, comment="姓名（脱敏）"),
        sa.Column("id_number", sa.LargeBinary(), nullable=True, comment="身份证号"),
        sa.Column("id_number_hash", sa.LargeBinary(), nullable=True, comment="身份证号摘要"),
        sa.Column("id_number_masked", sa.String(), nullable=True, comment="身份证号（脱敏）"),
        sa.Column("file_number", sa.Text(collation="C"), nullable=True, comment="档案编号"),
        sa.Column("sex", sa.String(), nullable=True, comment="性别"),
        sa.Column("birth_on", sa.Date(), nullable=True, comment="出生日期"),
        sa.Column("ethnicity_code", sa.Text(collation="C"), nullable=True, comment="民族"),
        sa.Column("division_code", sa.Text(collation="C"), nullable=False, comment="居住地区划"),
        sa.Column("address", sa.String(), nullable=True, comment="住址"),
        sa.Column("phone", sa.String(), nullable=True, comment="联系电话"),
        sa.Column("household_id", sa.BigInteger(), nullable=True, comment="家庭"),
        sa.Column("household_relation_code", sa.Text(collation="C"), nullable=True, comment="与户主关系"),
        sa.Column("station_id", sa.BigInteger(), nullable=True, comment="服务站"),
        sa.Column("risk_level", sa.String(), nullable=True, comment="风险等级"),
        sa.Column("self_care", sa.String(), nullable=True, comment="生活自理能力"),
        sa.Column("ability_level", sa.String(), nullable=True, comment="老年人能力等级"),
        sa.Column("ability_standard", sa.String(), nullable=True, comment="能力评估标准"),
        sa.Column("disability_category", sa.String(), nullable=True, comment="残疾类别"),
        sa.Column("disability_grade", sa.SmallInteger(), nullable=True, comment="残疾等级"),
        sa.Column("disability_certificate", sa.LargeBinary(), nullable=True, comment="残疾人证号"),
        sa.Column("guardian_name", sa.String(), nullable=True, comment="监护人姓名"),
        sa.Column("guardian_relation", sa.String(), nullable=True, comment="监护人关系"),
        sa.Column("guardian_phone", sa.String(), nullable=True, comment="监护人电话"),
        sa.Column("school", sa.String(), nullable=True, comment="就读学校"),
        sa.Column("deceased_on", sa.Date(), nullable=True, comment="死亡日期"),
        sa.Column("dossier_opened_on", sa.Date(), nullable=True, comment="建档日期"),
        sa.Column("linked_to", sa.BigInteger(), nullable=False, comment="关联至"),
        sa.Column("held", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="所属记录"),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("beneficiary_apart_pkey")),
        comment="服务对象（关联前）",
    )
    op.create_index(
        op.f("beneficiary_apart_county_code_linked_to_idx"),
        "beneficiary_apart",
        ["county_code", "linked_to"],
        unique=False,
    )
    op.create_index(
        op.f("beneficiary_apart_id_number_hash_idx"), "beneficiary_apart", ["id_number_hash"], unique=False
    )
    op.create_table(
        "identity_review",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("first_id", sa.BigInteger(), nullable=False, comment="甲"),
        sa.Column("second_id", sa.BigInteger(), nullable=False, comment="乙"),
        sa.Column("status", sa.String(), nullable=False, comment="核验状态"),
        sa.Column("score", sa.Numeric(precision=4, scale=3), nullable=False, comment="相似度"),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False, comment="依据"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, comment="发现时间"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="核验时间"),
        sa.Column("by_rule", sa.Boolean(), server_default="false", nullable=False, comment="系统自动关联"),
        sa.Column("decided_by", sa.Text(collation="C"), nullable=True, comment="核验方"),
        sa.Column("decision_reason", sa.LargeBinary(), nullable=True, comment="核验理由"),
        sa.Column("first_print", sa.LargeBinary(), nullable=False, comment="甲摘要"),
        sa.Column("second_print", sa.LargeBinary(), nullable=False, comment="乙摘要"),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("identity_review_pkey")),
        sa.UniqueConstraint(
            "county_code",
            "first_id",
            "second_id",
            name=op.f("identity_review_county_code_first_id_second_id_key"),
        ),
        comment="同一人核验",
    )
    op.create_index(
        op.f("identity_review_county_code_second_id_idx"),
        "identity_review",
        ["county_code", "second_id"],
        unique=False,
    )
    op.create_index(
        op.f("identity_review_found_at_county_code_id_idx"),
        "identity_review",
        ["found_at", "county_code", "id"],
        unique=False,
    )
    op.create_index(op.f("identity_review_score_idx"), "identity_review", ["score"], unique=False)
    op.create_index(
        op.f("identity_review_status_county_code_id_idx"),
        "identity_review",
        ["status", "county_code", "id"],
        unique=False,
    )
    op.create_table(
        "identity_checked",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("beneficiary_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="服务对象"),
        sa.Column("compared", sa.LargeBinary(), nullable=False, comment="摘要"),
        sa.Column("found_by", postgresql.ARRAY(sa.Text(collation="C")), nullable=False, comment="检索键"),
        sa.Column("numbered", sa.Boolean(), nullable=False, comment="有身份证号"),
        sa.PrimaryKeyConstraint("county_code", "beneficiary_id", name=op.f("identity_checked_pkey")),
        comment="同一人比对进度",
    )

    op.execute(UNTOLD)
    op.execute(
        "create trigger left_and_came_back before insert on change for each row"
        " when (new.operation = 'L' and current_setting('hub.moving', true) = 'again')"
        " execute function tell_nobody()"
    )
    op.execute(STATED.format(f" and not ({MOVED})"))
    op.execute(ENDED.format(f"when (not ({MOVED})) "))
    for table in STATES:
        op.execute(known(table, f" and not ({MOVED})"))


def downgrade() -> None:
    for table in STATES:
        op.execute(known(table))
    op.execute(STATED.format(""))
    op.execute(ENDED.format(""))
    op.execute("drop trigger left_and_came_back on change")
    op.execute("drop function tell_nobody()")
    for table in ("identity_checked", "identity_review", "beneficiary_apart"):
        op.drop_table(table)
