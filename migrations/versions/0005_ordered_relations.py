"""ordered relations

An index that a relation is walked along ends with the key of its rows: the first page of a person's visits or
of a station's people is then read off it in order and ends with the page.

Revision: 0005, after 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = ["county_code", "id"]
LONGER = [
    ("beneficiary", ["station_id"], KEY),
    ("beneficiary", ["county_code", "household_id"], ["id"]),
    ("category_membership", ["county_code", "beneficiary_id"], ["id"]),
    ("assignment", ["county_code", "beneficiary_id"], ["id"]),
    ("assignment", ["station_id"], KEY),
    ("assignment", ["worker_id"], KEY),
    ("visit", ["county_code", "beneficiary_id", "visited_on"], ["id"]),
    ("personnel", ["station_id"], ["id"]),
    ("personnel", ["employer_id"], ["id"]),
]


def replace(table: str, old: list[str], new: list[str]) -> None:
    op.create_index(op.f(f"{table}_{'_'.join(new)}_idx"), table, new)
    op.drop_index(op.f(f"{table}_{'_'.join(old)}_idx"), table_name=table)


def upgrade() -> None:
    for table, columns, more in LONGER:
        replace(table, columns, columns + more)


def downgrade() -> None:
    for table, columns, more in LONGER:
        replace(table, columns + more, columns)
