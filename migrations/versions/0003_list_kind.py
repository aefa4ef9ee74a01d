"""the kind of list beside each statement, and no longer in the record keys of people

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OF_PEOPLE = [
    "category_membership",
    "assignment",
    "visit",
    "visit_plan",
    "dossier",
    "risk_assessment",
    "needs_record",
    "assessment",
    "case_work",
    "street_encounter",
    "hospital_escort",
    "adoption_assessment",
    "guardian",
    "protection_case",
    "economic_status_check",
    "household_record",
    "beneficiary_record",
]
OTHERS = [
    "bureau",
    "bureau_office",
    "township_office",
    "guidance_centre",
    "purchase_plan",
    "procurement",
    "filing",
    "deliverable",
    "past_project",
    "management_system",
    "disclosure",
    "group_work",
    "community_activity",
    "publicity_event",
    "patrol",
    "subsidy_check",
    "budget_line",
    "fund_source",
    "expenditure",
    "payment",
    "volunteer_team",
    "bulletin",
    "media_article",
    "incident",
    "report",
    "supervision",
    "evaluation",
    "archive_transfer",
    "vacancy",
    "staff_marking",
    "handover",
    "station_role",
    "station_sign",
    "station_institution",
    "station_equipment",
    "credential",
    "exam_entry",
    "child_worker",
    "training_event",
    "training_record",
    "contractor_record",
    "station_record",
    "contract_record",
    "personnel_record",
]


def upgrade() -> None:
    for table in (*OF_PEOPLE, *OTHERS):
        kind = sa.Column("list_kind", sa.Text(collation="C"), nullable=True, comment="名单类型")
        op.add_column(table, kind)
        op.execute(f"update {table} set list_kind = split_part(record_key, ':', 1)")  # noqa: S608
    for table in OF_PEOPLE:
        # As the sync engine makes them: a hash of what the key was.
        key = "left(encode(sha256(convert_to(record_key, 'UTF8')), 'hex'), 32)"
        op.execute(f"update {table} set record_key = '{table.removesuffix('_record')}:' || {key}")  # noqa: S608


def downgrade() -> None:
    """The keys stay as they are: what they were cannot be told from them."""
    for table in (*OF_PEOPLE, *OTHERS):
        op.drop_column(table, "list_kind")
