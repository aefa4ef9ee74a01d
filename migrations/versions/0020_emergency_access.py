"""access in an emergency

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
INDEXES = (
    ["division_code", "opened_at"], ["opened_at"], ["verdict"], ["client_id", "user_id"], ["organisation_id"],
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("user_id", sa.BigInteger(), nullable=True, comment="用户"),
        sa.Column("opener_role", CODE, nullable=False, comment="启动方角色"),
        sa.Column("opener_name", sa.String(), nullable=False, comment="启动方"),
        sa.Column("opener_division_code", CODE, nullable=True, comment="启动方区划"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True, comment="承接机构"),
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("division_code", CODE, nullable=False, comment="县级区划"),
        sa.Column("person_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False, comment="服务对象"),
        sa.Column("people", postgresql.ARRAY(sa.Text()), nullable=False, comment="涉及人员"),
        sa.Column(
            "person_count",
            sa.Integer(),
            sa.Computed("cardinality(person_ids)", persisted=True),
            nullable=False,
            comment="涉及人数",
        ),
        sa.Column("reason", sa.String(), nullable=False, comment="事由"),
        sa.Column("note", sa.LargeBinary(), nullable=False, comment="情况说明"),
        sa.Column("opened_at", STAMP, nullable=False, comment="启动时间"),
        sa.Column("ends_at", STAMP, nullable=False, comment="截止时间"),
        sa.Column("closed_at", STAMP, nullable=True, comment="提前结束时间"),
        sa.Column("verdict", sa.String(), nullable=True, comment="审查结论"),
        sa.Column("reviewed_at", STAMP, nullable=True, comment="审查时间"),
        sa.Column("reviewer", CODE, nullable=True, comment="审查方"),
        sa.Column("review_note", sa.LargeBinary(), nullable=True, comment="审查说明"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["contractor.id"], name=op.f("emergency_access_organisation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("emergency_access_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("emergency_access_pkey")),
        comment="紧急访问",
    )
    for columns in INDEXES:
        op.create_index(op.f(f"emergency_access_{'_'.join(columns)}_idx"), "emergency_access", columns)


def downgrade() -> None:
    op.drop_table("emergency_access")
