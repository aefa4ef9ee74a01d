"""decisions of stewards on fields of people, and requests to sources to put them right

Revision: 0041, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0033"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
INDEXES = {
    "field_override": [
        ["county_code", "beneficiary_id"],
        ["ends_on", "county_code", "id"],
        ["ended_at", "county_code", "id"],
        ["field", "county_code", "id"],
    ],
    "correction_request": [
        ["county_code", "beneficiary_id"],
        ["source_id", "status"],
        ["status", "due_on"],
        ["due_on", "county_code", "id"],
        ["asked_at", "county_code", "id"],
        ["organisation_id"],
    ],
}


def key() -> list[sa.Column]:
    return [
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
    ]


def person(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f(f"{table}_county_code_beneficiary_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f(f"{table}_pkey")),
    ]


def upgrade() -> None:
    op.add_column(
        "source",
        sa.Column("correction_days", sa.SmallInteger(), nullable=True, comment="更正办理期限（天）"),
    )
    op.create_table(
        "field_override",
        *key(),
        sa.Column("field", sa.String(), nullable=False, comment="字段"),
        sa.Column("value", sa.LargeBinary(), nullable=True, comment="核定值"),
        sa.Column("reason", sa.LargeBinary(), nullable=False, comment="核定理由"),
        sa.Column("made_by", sa.String(), nullable=False, comment="核定机关"),
        sa.Column("made_division_code", CODE, nullable=True, comment="核定机关区划"),
        sa.Column("made_at", STAMP, nullable=False, comment="核定时间"),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="截止日期"),
        sa.Column("ended_at", STAMP, nullable=True, comment="终止时间"),
        sa.Column("end_reason", sa.String(), nullable=True, comment="终止原因"),
        *person("field_override"),
        comment="人工核定",
    )
    op.create_table(
        "correction_request",
        *key(),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("source_code", CODE, nullable=False, comment="来源代码"),
        sa.Column("field", sa.String(), nullable=False, comment="字段"),
        sa.Column("value", sa.LargeBinary(), nullable=True, comment="建议值"),
        sa.Column("reason", sa.LargeBinary(), nullable=False, comment="更正理由"),
        sa.Column("status", sa.String(), nullable=False, comment="状态"),
        sa.Column("asked_by", sa.String(), nullable=False, comment="申请方"),
        sa.Column("asked_division_code", CODE, nullable=True, comment="申请方区划"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True, comment="申请机构"),
        sa.Column("asked_at", STAMP, nullable=False, comment="申请时间"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="办理期限"),
        sa.Column("decided_at", STAMP, nullable=True, comment="受理时间"),
        sa.Column("decision_reason", sa.LargeBinary(), nullable=True, comment="不予更正理由"),
        sa.Column("done_at", STAMP, nullable=True, comment="更正时间"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("correction_request_source_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["contractor.id"], name=op.f("correction_request_organisation_id_fkey")
        ),
        *person("correction_request"),
        comment="更正申请",
    )
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.create_index(op.f(f"{table}_{'_'.join(columns)}_idx"), table, columns)


def downgrade() -> None:
    op.drop_table("correction_request")
    op.drop_table("field_override")
    op.drop_column("source", "correction_days")
