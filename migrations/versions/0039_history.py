"""what benefits, categories and assignments said before, and since when the hub knows what they say

Triggers keep it, a statement at a time, so that whoever writes leaves the same history: who changes a row gives
it a new moment, and the version before goes to the history. What two transactions began in one order and
ended in the other still follows each other. A version that was made and replaced within one transaction
was never known. What stands in the tables already is known from when it was received.

Revision: 0039, after 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0036"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
MONEY = sa.Numeric(14, 2)
CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
DEFINED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

STATED = (
    ("source_id", sa.SmallInteger(), False, "来源"),
    ("record_key", CODE, False, "来源记录号"),
    ("observed_at", STAMP, False, "来源时间"),
    ("received_at", STAMP, False, "接收时间"),
    ("run_id", sa.BigInteger(), False, "同步运行"),
    ("list_kind", CODE, True, "名单类型"),
)
OF_PERSON = (
    ("county_code", CODE, False, "县级区划代码"),
    ("id", sa.BigInteger(), False, "编号"),
    ("beneficiary_id", sa.BigInteger(), False, "服务对象"),
    ("division_code", CODE, True, "居住区划"),
    ("shown_from_on", sa.Date(), True, "公开起始日"),
)
FACTS = {
    "category_membership": (
        "对象类别",
        (
            ("category", sa.String(), False, "对象类别"),
            ("starts_on", sa.Date(), False, "起始日期"),
            ("ends_on", sa.Date(), True, "终止日期"),
            ("support_mode", sa.String(), True, "供养方式"),
            ("monthly_amount", MONEY, True, "月保障金额（元）"),
            ("certificate_number", CODE, True, "救助证号"),
            ("legal_basis", sa.String(), True, "认定依据"),
        ),
    ),
    "assignment": (
        "服务分派",
        (
            ("station_id", sa.BigInteger(), False, "服务站"),
            ("contract_id", sa.BigInteger(), False, "合同"),
            ("contractor_id", sa.BigInteger(), False, "承接机构"),
            ("worker_id", sa.BigInteger(), True, "责任社工"),
            ("starts_on", sa.Date(), False, "开始日期"),
            ("ends_on", sa.Date(), True, "结束日期"),
        ),
    ),
}
FOLLOWED = {"assignment": ("station_id", "contract_id", "contractor_id", "worker_id")}
PLACE = ("division_code", "shown_from_on")
PERSON = "join beneficiary p on p.county_code = b.county_code and p.id = b.beneficiary_id"
"""As it is now: other triggers of the same statement may have changed it."""

MOMENT = "case when {}.known_from > now() then clock_timestamp() else now() end"
KNOWN = f"""
create function keep_known_from() returns trigger {CALLED} as $$
begin
    new.known_from := {MOMENT.format("old")};
    return new;
end $$
"""
MOVES = " ".join(
    f"update {table}_history set {', '.join(f'{name} = new.{name}' for name in PLACE)}"  # noqa: S608
    " where county_code = new.county_code and beneficiary_id = new.id;"
    for table in FACTS
)
MOVE = f"create function move_history_with_person() returns trigger {DEFINED} as $$ begin {MOVES} return null; end $$"


def kept(table: str, names: list[str]) -> str:
    into = f"insert into {table}_history ({', '.join(names)}, known_from, known_until)"
    was = ", ".join(f"{'p' if name in PLACE else 'b'}.{name}" for name in names)
    return f"""
create function keep_history_{table}() returns trigger {DEFINED} as $$
begin
    if tg_op = 'UPDATE' then
        {into}
        select {was}, b.known_from, a.known_from from became a join was b using (county_code, id) {PERSON}
        where a.known_from >= now() and b.known_from < a.known_from;
    else
        {into}
        select {was}, b.known_from, {MOMENT.format("b")} from was b {PERSON} where b.known_from <> now();
    end if;
    return null;
end $$
"""  # noqa: S608 — of the names above


def upgrade() -> None:
    op.execute(KNOWN)
    op.execute(MOVE)
    for table, (zh, own) in FACTS.items():
        op.execute(f"alter table {table} disable trigger user")
        known = sa.Column(
            "known_from", STAMP, server_default=sa.func.now(), nullable=False, comment="系统知悉起"
        )
        op.add_column(table, known)
        op.execute(f"update {table} set known_from = received_at")  # noqa: S608
        op.execute(f"alter table {table} enable trigger user")
        columns = (*OF_PERSON, *own, *STATED)
        history = f"{table}_history"
        op.create_table(
            history,
            *(sa.Column(name, kind, nullable=null, comment=label) for name, kind, null, label in columns),
            sa.Column("known_from", STAMP, nullable=False, comment="系统知悉起"),
            sa.Column("known_until", STAMP, nullable=False, comment="系统知悉止"),
            sa.PrimaryKeyConstraint("county_code", "id", "known_from", name=op.f(f"{history}_pkey")),
            sa.ForeignKeyConstraint(
                ["county_code", "beneficiary_id"],
                ["beneficiary.county_code", "beneficiary.id"],
                name=op.f(f"{history}_county_code_beneficiary_id_fkey"),
                ondelete="CASCADE",
            ),
            comment=f"{zh}（历史版本）",
        )
        op.create_index(
            op.f(f"{history}_county_code_beneficiary_id_idx"), history, ["county_code", "beneficiary_id"]
        )
        for name in FOLLOWED.get(table, ()):
            op.create_index(op.f(f"{history}_{name}_idx"), history, [name])
        op.execute(kept(table, [name for name, *_ in columns]))
        told = ["beneficiary_id", *(name for name, *_ in own)]
        differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in told)
        op.execute(
            f"create trigger known_from before update on {table} for each row when ({differs})"
            " execute function keep_known_from()"
        )
        op.execute(
            f"create trigger history_of_changed after update on {table} referencing old table as was"
            f" new table as became for each statement execute function keep_history_{table}()"
        )
        op.execute(
            f"create trigger history_of_gone after delete on {table} referencing old table as was"
            f" for each statement execute function keep_history_{table}()"
        )
        op.execute(f"revoke all on function keep_history_{table}() from public")
    # After facts_move: who deletes a fact at the same time is waited for there.
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in PLACE)
    op.execute(
        f"create trigger history_moves after update of {', '.join(PLACE)}, birth_on on beneficiary"
        f" for each row when ({differs}) execute function move_history_with_person()"
    )
    op.execute("revoke all on function move_history_with_person() from public")


def downgrade() -> None:
    op.execute("drop trigger history_moves on beneficiary")
    op.execute("drop function move_history_with_person()")
    for table in FACTS:
        for name in ("known_from", "history_of_changed", "history_of_gone"):
            op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function keep_history_{table}()")
        op.drop_table(f"{table}_history")
        op.drop_column(table, "known_from")
    op.execute("drop function keep_known_from()")
