"""a former version that comes to another person is seen where that person is

As its fact is: who may not see a child sees none of the versions that hang on the child since a link.

Revision: 0048, after 0047
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

HISTORIES = ("category_membership_history", "assignment_history")
PLACE = ("division_code", "shown_from_on")


def upgrade() -> None:
    mine, theirs = (", ".join(f"{of}.{name}" for name in PLACE) for of in ("h", "p"))
    for history in HISTORIES:
        op.execute(
            f"create trigger place_of_version before update of county_code, beneficiary_id on {history}"
            " for each row execute function keep_place_of_fact()"
        )
        op.execute(
            f"update {history} h set ({', '.join(PLACE)}) = ({theirs}) from beneficiary p"  # noqa: S608
            " where p.county_code = h.county_code and p.id = h.beneficiary_id"
            f" and ({mine}) is distinct from ({theirs})"
        )


def downgrade() -> None:
    for history in HISTORIES:
        op.execute(f"drop trigger place_of_version on {history}")
