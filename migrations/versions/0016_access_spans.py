"""people are found in the access log by spans of batches

An index over the people of every batch cost more than writing and sealing its entries. Spans of many batches
have one insertion for each person in them; batches inside a span are looked through.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
FOUND_BY = ("people", "asked")


def upgrade() -> None:
    op.create_table(
        "access_span",
        sa.Column("last_number", sa.BigInteger(), autoincrement=False, nullable=False, comment="末批次"),
        sa.Column("first_number", sa.BigInteger(), nullable=False, comment="首批次"),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False, comment="首条序号"),
        sa.Column("people", sa.ARRAY(sa.BigInteger()), nullable=False, comment="涉及人员"),
        sa.Column("asked", sa.ARRAY(CODE), nullable=False, comment="所询证件"),
        sa.PrimaryKeyConstraint("last_number", name="access_span_pkey"),
        comment="访问记录检索区段",
    )
    for column in FOUND_BY:
        op.drop_index(f"access_batch_{column}_idx", "access_batch")
        op.create_index(f"access_span_{column}_idx", "access_span", [column], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("access_span")
    for column in FOUND_BY:
        op.create_index(f"access_batch_{column}_idx", "access_batch", [column], postgresql_using="gin")
