"""verdicts are kept, and those on people are tallied

Revision: 0053, after 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
CALLED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"
PEOPLE = "beneficiary_verdict"
TALLY = "beneficiary_verdict_tally"
COUNTED = "county_code, division_code, document, rule, bound, status"
PLACE = ("division_code", "shown_from_on")
DIFFERS = " or ".join(f"old.{name} is distinct from new.{name}" for name in PLACE)


def told() -> list[sa.Column[object]]:
    return [
        sa.Column("document", CODE, nullable=False, comment="文件代号"),
        sa.Column("rule", CODE, nullable=False, comment="规则编号"),
        sa.Column("bound", sa.SmallInteger(), nullable=False, comment="序号"),
        sa.Column("quantity", CODE, nullable=False, comment="事项"),
        sa.Column("status", sa.String(), nullable=False, comment="判定结果"),
        sa.Column("value", sa.String(), nullable=True, comment="实际值"),
        sa.Column("target", sa.String(), nullable=True, comment="要求值"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="截止日期"),
        sa.Column("since_on", sa.Date(), nullable=False, comment="自何日起"),
    ]


def each(of: str) -> str:
    return ", ".join(f"{of}.{name}" for name in COUNTED.split(", "))


def append(rows: str, number: str) -> str:
    return (
        f"insert into {TALLY} ({COUNTED}, count)"  # noqa: S608 — of the names above
        f" select {COUNTED}, {number} from {rows} group by {COUNTED};"
    )


COUNT = f"""
create function count_{PEOPLE}() returns trigger {CALLED} as $$
begin
    if tg_op = 'INSERT' then
        {append("touched", "count(*)")}
    elsif tg_op = 'DELETE' then
        {append("touched", "-count(*)")}
    elsif tg_op = 'UPDATE' then
        insert into {TALLY} ({COUNTED}, count)
        select {COUNTED}, sum(n) from (
            select {COUNTED}, -1 as n from was union all select {COUNTED}, 1 from touched) moved
        group by {COUNTED} having sum(n) <> 0;
    else
        truncate {TALLY};
    end if;
    return null;
end $$
"""  # noqa: S608 — of the names above
MOVES = f"""
create function move_verdicts_with_person() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    update {PEOPLE} set {", ".join(f"{name} = new.{name}" for name in PLACE)}
    where county_code = new.county_code and beneficiary_id = new.id;
    return null;
end $$
"""  # noqa: S608 — of the names above


def upgrade() -> None:
    op.create_table(
        PEOPLE,
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        sa.Column("division_code", CODE, nullable=True, comment="居住区划"),
        sa.Column("shown_from_on", sa.Date(), nullable=True, comment="公开起始日"),
        *told(),
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f(f"{PEOPLE}_county_code_beneficiary_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f(f"{PEOPLE}_pkey")),
        sa.UniqueConstraint(
            "county_code",
            "beneficiary_id",
            "document",
            "rule",
            "bound",
            name=op.f(f"{PEOPLE}_county_code_beneficiary_id_document_rule_bound_key"),
        ),
        comment="服务对象判定",
    )
    for name in ("quantity", "status", "due_on", "since_on"):
        op.create_index(op.f(f"{PEOPLE}_{name}_county_code_id_idx"), PEOPLE, [name, "county_code", "id"])
    op.create_table(
        TALLY,
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("division_code", CODE, nullable=True, comment="居住区划"),
        *(column for column in told() if column.name in COUNTED.split(", ")),
        sa.Column("count", sa.Integer(), nullable=False, comment="增减数"),
        comment="服务对象判定（计数）",
    )
    op.create_index(f"{TALLY}_idx", TALLY, [*COUNTED.split(", "), "count"])
    op.execute(COUNT)
    op.execute(f"revoke all on function count_{PEOPLE}() from public")
    for event, tables in (
        ("insert", "referencing new table as touched"),
        ("delete", "referencing old table as touched"),
        ("update", "referencing old table as was new table as touched"),
        ("truncate", ""),
    ):
        op.execute(
            f"create trigger count_on_{event} after {event} on {PEOPLE} {tables}"
            f" for each statement execute function count_{PEOPLE}()"
        )
    missing = " or ".join(f"new.{name} is null" for name in PLACE)
    for event, when in (("insert", f"when ({missing})"), ("update of county_code, beneficiary_id", "")):
        op.execute(
            f"create trigger place_of_fact_{event.split()[0]} before {event} on {PEOPLE} for each row {when}"
            " execute function keep_place_of_fact()"
        )
    op.execute(MOVES)
    op.execute(
        f"create trigger verdicts_move after update of {', '.join(PLACE)}, birth_on on beneficiary"
        f" for each row when ({DIFFERS}) execute function move_verdicts_with_person()"
    )
    op.create_table(
        "work_verdict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("division_code", CODE, nullable=False, comment="区划"),
        sa.Column(
            "county_code",
            CODE,
            sa.Computed("left(division_code, 6)", persisted=True),
            nullable=False,
            comment="县级区划代码",
        ),
        sa.Column("subject", sa.String(), nullable=False, comment="规则对象"),
        sa.Column("record_id", sa.BigInteger(), nullable=False, comment="记录"),
        *told(),
        sa.PrimaryKeyConstraint("id", name=op.f("work_verdict_pkey")),
        sa.UniqueConstraint(
            "county_code",
            "subject",
            "record_id",
            "document",
            "rule",
            "bound",
            name=op.f("work_verdict_county_code_subject_record_id_document_rule_bound_key"),
        ),
        comment="工作判定",
    )
    op.create_table(
        "judged_county",
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("day", sa.Date(), nullable=True, comment="判定日期"),
        sa.Column("edition", CODE, nullable=False, comment="规则版本"),
        sa.Column("judged_at", STAMP, server_default=sa.func.now(), nullable=False, comment="判定时间"),
        sa.PrimaryKeyConstraint("county_code", name=op.f("judged_county_pkey")),
        comment="县级判定",
    )
    op.create_table(
        "judged",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False, comment="编号"),
        sa.Column("snapshot", CODE, nullable=False, comment="快照"),
        sa.Column("judged_at", STAMP, nullable=False, comment="判定时间"),
        sa.PrimaryKeyConstraint("id", name=op.f("judged_pkey")),
        comment="判定进度",
    )


def downgrade() -> None:
    for table in ("judged", "judged_county", "work_verdict", TALLY):
        op.drop_table(table)
    op.execute("drop trigger verdicts_move on beneficiary")
    op.execute("drop function move_verdicts_with_person()")
    op.drop_table(PEOPLE)
    op.execute(f"drop function count_{PEOPLE}()")
