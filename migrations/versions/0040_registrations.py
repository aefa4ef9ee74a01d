"""what the register of organisations says of a contractor, and the procurement a contract belongs to

Revision: 0040, after 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

COLUMNS = {
    "contractor": (
        ("legal_representative", sa.String(), "法定代表人"),
        ("certificate_starts_on", sa.Date(), "登记证书有效期起"),
        ("certificate_ends_on", sa.Date(), "登记证书有效期止"),
        ("is_charity", sa.Boolean(), "慈善组织"),
        ("inspected_year", sa.SmallInteger(), "年检年度"),
        ("inspection_result", sa.String(), "年检结论"),
        ("is_listed_abnormal", sa.Boolean(), "列入异常名录"),
    ),
    "contract": (("project_number", sa.Text(collation="C"), "项目编号"),),
}
INDEXES = (
    ("contractor", "certificate_ends_on"),
    ("contractor", "is_listed_abnormal"),
    ("contract", "project_number"),
)


def upgrade() -> None:
    for golden, columns in COLUMNS.items():
        for table in (golden, f"{golden}_record"):
            for name, kind, label in columns:
                op.add_column(table, sa.Column(name, kind, nullable=True, comment=label))
    for table, name in INDEXES:
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def downgrade() -> None:
    for table, name in INDEXES:
        op.drop_index(op.f(f"{table}_{name}_idx"), table_name=table)
    for golden, columns in COLUMNS.items():
        for table in (golden, f"{golden}_record"):
            for name, *_ in columns:
                op.drop_column(table, name)
