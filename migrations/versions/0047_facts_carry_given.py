"""what a fact carries of its person may come with it

The trigger makes what does not come. Processes of the version before give nothing, and get it as before.

Revision: 0047, after 0046
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

FACTS = ("category_membership", "assignment", "visit", "relief_episode", "warning")
CARRIED = ("division_code", "shown_from_on")
MOVED = "update of county_code, beneficiary_id"


def carry(table: str, name: str, event: str, when: str = "") -> None:
    op.execute(
        f"create trigger {name} before {event} on {table} for each row {when}"
        " execute function keep_place_of_fact()"
    )


def upgrade() -> None:
    missing = " or ".join(f"new.{name} is null" for name in CARRIED)
    for table in FACTS:
        op.execute(f"drop trigger place_of_fact on {table}")
        carry(table, "place_of_fact_insert", "insert", f"when ({missing})")
        carry(table, "place_of_fact_update", MOVED)


def downgrade() -> None:
    for table in FACTS:
        for event in ("insert", "update"):
            op.execute(f"drop trigger place_of_fact_{event} on {table}")
        carry(table, "place_of_fact", f"insert or {MOVED}")
