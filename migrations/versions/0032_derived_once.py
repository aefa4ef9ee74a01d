"""what a person is found by and from when it is shown may come with a new row; triggers make what does not

Processes of the version before give neither, and get both as before.

Revision: 0032, after 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

PEOPLE = ("personnel", "beneficiary")


def upgrade() -> None:
    for table in PEOPLE:
        op.execute(f"drop trigger name_keys_insert on {table}")
        op.execute(
            f"create trigger name_keys_insert before insert on {table} for each row"
            " when (new.name_keys is null) execute function keep_name_keys(true)"
        )
    op.execute("drop trigger day_shown on beneficiary")
    for event, when in (("insert", "when (new.shown_from_on is null) "), ("update of birth_on", "")):
        op.execute(
            f"create trigger day_shown_{event.split()[0]} before {event} on beneficiary for each row"
            f" {when}execute function keep_day_shown()"
        )


def downgrade() -> None:
    for event in ("insert", "update"):
        op.execute(f"drop trigger day_shown_{event} on beneficiary")
    op.execute(
        "create trigger day_shown before insert or update of birth_on on beneficiary"
        " for each row execute function keep_day_shown()"
    )
    for table in PEOPLE:
        op.execute(f"drop trigger name_keys_insert on {table}")
        op.execute(
            f"create trigger name_keys_insert before insert on {table} for each row"
            " execute function keep_name_keys(true)"
        )
