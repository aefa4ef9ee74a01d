"""how many persons clients ask about, and who may ask about none for a while

Revision: 0071, after 0070
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
TABLE = "question_day"
BUDGETS = {"questions_per_minute": "每分钟可查询人数", "questions_per_day": "每日可查询人数"}
HELD = ("oauth_client", "client_purpose")
COUNTS = {
    "questions": (sa.BigInteger, "查询人次"),
    "unknown": (sa.BigInteger, "查无此人"),
    "most_alike": (sa.Integer, "相近号码数"),
    "most_repeated": (sa.Integer, "同人重复次数"),
}


def upgrade() -> None:
    for table in HELD:
        for name, comment in BUDGETS.items():
            op.add_column(table, sa.Column(name, sa.BigInteger(), comment=comment))
        op.create_check_constraint(
            op.f(f"{table}_questions_check"), table, "questions_per_minute > 0 and questions_per_day > 0"
        )
    op.add_column(
        "oauth_client", sa.Column("questions_barred_at", sa.DateTime(timezone=True), comment="停止查询时间")
    )
    op.create_table(
        TABLE,
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("purpose", CODE, nullable=False, comment="用途"),
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        *(
            sa.Column(name, kind(), server_default="0", nullable=False, comment=comment)
            for name, (kind, comment) in COUNTS.items()
        ),
        sa.PrimaryKeyConstraint("client_id", "purpose", "day", name=op.f(f"{TABLE}_pkey")),
        comment="每日查询计数",
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("oauth_client", "questions_barred_at")
    for table in HELD:
        op.drop_constraint(op.f(f"{table}_questions_check"), table)
        for name in BUDGETS:
            op.drop_column(table, name)
