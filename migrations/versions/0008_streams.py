"""the sequence of changes can be followed

Every entry knows its transaction, so that a reader can tell which ones it has not seen yet, whatever the order of
commits. Triggers write an entry when a row leaves somebody's slice, with what the slice was cut by: afterwards
nobody could tell any more who had seen it. The first of a transaction tells how it was before. And who follows is told when clients or contracts change.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = [
    sa.Column("xact", sa.BigInteger(), nullable=False, server_default="3", comment="事务"),
    sa.Column("was_of", sa.BigInteger(), nullable=False, server_default="0", comment="离开原因"),
    sa.Column("was_division_code", sa.Text(collation="C"), nullable=True, comment="原区划代码"),
    sa.Column("was_organisation_id", sa.BigInteger(), nullable=True, comment="原机构"),
    sa.Column("was_contract_id", sa.BigInteger(), nullable=True, comment="原合同"),
    sa.Column("was_served_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True, comment="原服务合同"),
]
INDEXES = {"change_xact_sequence_idx": ["xact", "sequence"], "change_changed_at_idx": ["changed_at"]}

TODAY = "(now() at time zone 'Asia/Shanghai')::date"
SERVED = f"""coalesce((
            select array_agg(distinct a.contract_id) from assignment a
            where a.county_code = old.county_code and a.beneficiary_id = {{person}}
                and a.starts_on <= {TODAY} and (a.ends_on is null or a.ends_on >= {TODAY})), '{{{{}}}}')"""  # noqa: S608
LIVES_IN = """(
            select p.division_code from beneficiary p
            where p.county_code = old.county_code and p.id = old.beneficiary_id)"""


def left(entity: str, county: str, key: str, **was: str) -> str:
    """One entry of a row that left; ``was``: what slices are cut by."""
    names = "".join(f", was_{name}" for name in was)
    values = "".join(f", {value}" for value in was.values())
    return f"""
        insert into change (entity, county_code, entity_id, operation{names})
        values ('{entity}', {county}, {key}, 'L'{values}) on conflict do nothing;"""  # noqa: S608 — of the names below


OWN = ("old.county_code", "old.id")
EFFECTIVE = f"case when old.starts_on <= {TODAY} and (old.ends_on is null or old.ends_on >= {TODAY})"
SERVED_UNDER = f"{EFFECTIVE} then array[old.contract_id] else '{{}}' end"

LEAVING = {
    "beneficiary": (
        ("division_code",),
        left("beneficiary", *OWN, division_code="old.division_code"),
    ),
    "household": (
        ("division_code",),
        left("household", *OWN, division_code="old.division_code"),
    ),
    "station": (
        ("division_code",),
        left("station", *OWN, division_code="old.division_code"),
    ),
    "personnel": (
        ("division_code", "employer_id"),
        left("personnel", *OWN, division_code="old.division_code", organisation_id="old.employer_id"),
    ),
    "contract": (
        ("division_code", "contractor_id"),
        left("contract", *OWN, division_code="old.division_code", organisation_id="old.contractor_id"),
    ),
    "contractor": ((), left("contractor", "null", "old.id", organisation_id="old.id")),
    # Of a contract as its stations' townships see it, and of a station as the contractor sees it.
    "contract_station": (
        ("contract_id", "station_id"),
        left(
            "contract",
            "(select s.county_code from station s where s.id = old.station_id)",
            "old.contract_id",
            of="old.station_id",
            division_code="(select s.division_code from station s where s.id = old.station_id)",
            contract_id="old.contract_id",
        )
        + left(
            "station",
            "(select s.county_code from station s where s.id = old.station_id)",
            "old.station_id",
            of="old.contract_id",
            served_ids="array[old.contract_id]",
        ),
    ),
    "category_membership": (
        ("beneficiary_id",),
        left(
            "category_membership",
            *OWN,
            division_code=LIVES_IN,
            served_ids=SERVED.format(person="old.beneficiary_id"),
        ),
    ),
    # With it goes the person, for the contractor.
    "assignment": (
        ("beneficiary_id", "contract_id", "starts_on", "ends_on"),
        left("assignment", *OWN, division_code=LIVES_IN, served_ids=SERVED_UNDER)
        + left("beneficiary", "old.county_code", "old.beneficiary_id", of="old.id", served_ids=SERVED_UNDER),
    ),
    "visit": (
        ("beneficiary_id", "contract_id"),
        left(
            "visit",
            *OWN,
            division_code=LIVES_IN,
            contract_id="old.contract_id",
            served_ids=SERVED.format(person="old.beneficiary_id"),
        ),
    ),
}
"""Table: the columns that decide who sees a row, and what is noted when one of them changes or the row goes."""

LINK = "contract_station"
NOT_OF_NOW = "when (old.xmin <> pg_current_xact_id()::xid)"
"""A link is never updated: one of this very transaction has been seen by nobody."""

TELL = "perform pg_notify('hub_change', 'left');"

TOLD = {
    "oauth_client": ("insert or update or delete", "hub_access"),
    "contract": ("insert or update of status, starts_on, ends_on, contractor_id or delete", "hub_change"),
}
"""Who may see what has changed: table, event, and the channel that is told."""


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("change", column)
    op.create_index(
        "change_left_key",
        "change",
        ["xact", "entity", "entity_id", "was_of", "county_code"],
        unique=True,
        postgresql_where=sa.text("operation = 'L'"),
        postgresql_nulls_not_distinct=True,
    )
    op.execute("alter table change alter column xact set default (pg_current_xact_id()::text)::bigint")
    for name, columns in INDEXES.items():
        op.create_index(name, "change", columns)
    for table, (columns, entries) in LEAVING.items():
        op.execute(
            f"create function note_left_{table}() returns trigger language plpgsql"
            f" set search_path = pg_catalog, public, pg_temp as $$ begin {entries} {TELL} return null; end $$"
        )
        op.execute(
            f"create trigger note_left_on_delete after delete on {table}"
            f" for each row {NOT_OF_NOW if table == LINK else ''} execute function note_left_{table}()"
        )
        if columns:
            differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)
            op.execute(
                f"create trigger note_left_on_update after update of {', '.join(columns)} on {table}"
                f" for each row when ({differs}) execute function note_left_{table}()"
            )
    for table, (event, channel) in TOLD.items():
        op.execute(
            f"create function tell_of_{table}() returns trigger language plpgsql as $$"
            f" begin perform pg_notify('{channel}', '{table}'); return null; end $$"
        )
        op.execute(
            f"create trigger tell after {event} on {table}"
            f" for each statement execute function tell_of_{table}()"
        )


def downgrade() -> None:
    for table in TOLD:
        op.execute(f"drop trigger tell on {table}; drop function tell_of_{table}()")
    for table, (columns, _) in LEAVING.items():
        op.execute(f"drop trigger note_left_on_delete on {table}")
        if columns:
            op.execute(f"drop trigger note_left_on_update on {table}")
        op.execute(f"drop function note_left_{table}()")
    for name in ("change_left_key", *INDEXES):
        op.drop_index(name, "change")
    op.execute("delete from change where operation = 'L'")
    for column in COLUMNS:
        op.drop_column("change", column.name)
