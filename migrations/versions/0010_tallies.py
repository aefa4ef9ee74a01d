"""counts answer from tallies

Beside people and visits stands how many there are of each kind, kept by triggers. They append what a statement
adds and takes away, and change no row, so writers do not wait for each other; ``hub.sync.tallies`` folds what has
become several rows of one kind. An update seldom changes a kind: only rows where it does are looked at one by one.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
NUMBER = "count"
TALLIES = {
    "beneficiary": (
        "服务对象（计数）",
        [
            sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
            sa.Column("division_code", CODE, nullable=False, comment="居住地区划"),
            sa.Column("risk_level", sa.String(), nullable=True, comment="风险等级"),
            sa.Column("station_id", sa.BigInteger(), nullable=True, comment="服务站"),
        ],
    ),
    "visit": (
        "探访（计数）",
        [
            sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
            sa.Column("visited_on", sa.Date(), nullable=False, comment="探访日期"),
            sa.Column("station_id", sa.BigInteger(), nullable=True, comment="服务站"),
        ],
    ),
}
"""Table: the label of its tally, and the columns that make a kind."""

OFTEN = {
    f"autovacuum_{name}": value
    for name, value in (
        ("vacuum_scale_factor", 0.02),
        ("vacuum_insert_scale_factor", 0.02),
        ("analyze_scale_factor", 0.05),
    )
}
"""Folding rewrites a county's rows, and only what is vacuumed is read off the index alone."""

CALLED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"


def names(table: str, of: str = "") -> str:
    return ", ".join(f"{of}{column.name}" for column in TALLIES[table][1])


def append(table: str, rows: str, number: str) -> str:
    """What ``rows``, a source of rows of the table, add to its tally."""
    columns = names(table)
    return (
        f"insert into {table}_tally ({columns}, {NUMBER})"  # noqa: S608 — of the names above
        f" select {columns}, {number} from {rows} group by {columns};"
    )


def counted(table: str) -> str:
    """The trigger function: rows that came, that went, that changed from one kind to another, or all gone."""
    moved = f"values ({names(table, 'old.')}, -1), ({names(table, 'new.')}, 1)"
    return f"""
create function count_{table}() returns trigger {CALLED} as $$
begin
    if tg_op = 'INSERT' then
        {append(table, "touched", "count(*)")}
    elsif tg_op = 'DELETE' then
        {append(table, "touched", "-count(*)")}
    elsif tg_op = 'UPDATE' then
        insert into {table}_tally ({names(table)}, {NUMBER}) {moved};
    else
        truncate {table}_tally;
    end if;
    return null;
end $$
"""


ANEW = " ".join(
    f"with gone as (delete from {table}_tally) {append(table, table, 'count(*)')}"  # noqa: S608
    for table in TALLIES
)
"""One statement each, so one snapshot: what it does not see of the table it does not see of the tally either."""

RECOUNT = f"""
create function recount_tallies() returns void {CALLED} as $$
begin
    perform pg_advisory_xact_lock(hashtext('hub tallies'));
    {ANEW}
end $$
"""


def upgrade() -> None:
    for table, (comment, columns) in TALLIES.items():
        tally = f"{table}_tally"
        number = sa.Column(NUMBER, sa.Integer(), nullable=False, comment="增减数")
        op.create_table(tally, *columns, number, comment=comment)
        op.create_index(f"{tally}_idx", tally, [*(column.name for column in columns), NUMBER])
        op.create_index(f"{tally}_station_id_idx", tally, ["station_id"])
        op.execute(f"alter table {tally} set ({', '.join(f'{k} = {v}' for k, v in OFTEN.items())})")
        op.execute(counted(table))
        op.execute(f"revoke all on function count_{table}() from public")
        differs = f"({names(table, 'old.')}) is distinct from ({names(table, 'new.')})"
        for event, how in (
            ("insert", "referencing new table as touched for each statement"),
            ("delete", "referencing old table as touched for each statement"),
            ("update", f"for each row when ({differs})"),
            ("truncate", "for each statement"),
        ):
            op.execute(
                f"create trigger count_on_{event} after {event} on {table} {how}"
                f" execute function count_{table}()"
            )
    op.execute(RECOUNT)
    op.execute("revoke all on function recount_tallies() from public")
    op.execute("select recount_tallies()")
    for table in TALLIES:
        op.execute(f"analyze {table}_tally")


def downgrade() -> None:
    op.execute("drop function recount_tallies()")
    for table in TALLIES:
        for event in ("insert", "delete", "update", "truncate"):
            op.execute(f"drop trigger count_on_{event} on {table}")
        op.execute(f"drop function count_{table}()")
        op.drop_table(f"{table}_tally")
