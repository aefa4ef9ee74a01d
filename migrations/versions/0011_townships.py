"""townships

A person carries the township it lives in, equal for all of it: a township's people can then be walked in order
of risk or key, where the range of division codes had all of them read and sorted for every page.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PEOPLE = "beneficiary"
TOWNSHIP = "township_code"
WALKED = ([TOWNSHIP, "county_code", "id"], [TOWNSHIP, "risk_level", "county_code", "id"])


def upgrade() -> None:
    digits = sa.Computed("left(division_code, 9)", persisted=True)
    op.add_column(
        PEOPLE, sa.Column(TOWNSHIP, sa.Text(collation="C"), digits, nullable=True, comment="乡镇级区划代码")
    )
    for columns in WALKED:
        op.create_index(op.f(f"{PEOPLE}_{'_'.join(columns)}_idx"), PEOPLE, columns)
    op.execute(f"analyze {PEOPLE}")


def downgrade() -> None:
    # With the policies that name it, which an older `hub migrate` makes anew.
    op.execute(f"alter table {PEOPLE} drop column {TOWNSHIP} cascade")
